# SPDX-License-Identifier: MIT
"""OpenSMTPD as a real server (see realservers.py)."""

import pathlib
import subprocess

from realservers import PASSWORD, Server

_CONFIGURATION = """\
smtp max-message-size {size}
pki server cert "/mnt/server.pem"
pki server key "/mnt/server.key"
table users file:/mnt/users

listen on 127.0.0.1 port {starttls} tls-require pki server auth <users> hostname localhost
listen on 127.0.0.1 port {implicit} smtps pki server auth <users> hostname localhost

action "sink" relay host smtp://127.0.0.1:{sink}

match auth from any for rcpt-to "{refused}" reject
match auth from any for any action "sink"
"""

_KEY_SOURCE = pathlib.Path(__file__).with_name("opensmtpd.c")


class OpenSMTPD(Server):
    """OpenSMTPD with a table of users."""

    packages = ("opensmtpd",)

    def prepare(self):
        values = self.relay()
        hashed = subprocess.run(["openssl", "passwd", "-6", PASSWORD], capture_output=True,
                                text=True, timeout=60, check=True).stdout
        (self.folder / "users").write_text("%s %s" % (values["user"], hashed))
        (self.folder / "smtpd.conf").write_text(_CONFIGURATION.format(**values))
        (self.folder / "server.key").chmod(0o600)
        (self.folder / "var" / "lib" / "opensmtpd" / "empty").mkdir(parents=True)
        library = self.folder / "key.so"
        subprocess.run(["gcc", "-D_GNU_SOURCE", "-shared", "-fPIC", "-o", library, _KEY_SOURCE],
                       timeout=60, check=True)
        return ["env", "LD_PRELOAD=/mnt/key.so", "smtpd", "-d", "-f", "/mnt/smtpd.conf"]
