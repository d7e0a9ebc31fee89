# SPDX-License-Identifier: MIT
"""The programs that are measured: how each submits, without this machine's configuration."""

import os
import pathlib
import re
import shutil
import subprocess
from typing import NamedTuple

from limits import CLIENTS, OURS

RCPT = "b@y.example"
_VERSION = re.compile(r"\d+(?:\.\d+)+")


class Server(NamedTuple):
    """Where to submit to; with TLS from the first octet, or by STARTTLS, or in clear without AUTH.

    more    lines of the configuration that postrider alone reads
    """

    port: int
    starttls: bool = False
    clear: bool = False
    protocol: str = "smtp"
    more: str = ""


class Clients:
    """Commands for one authenticated message, which is read from standard input.

    folder       a folder of the run's own: home, configuration and cache are there
    environment  what the programs see of it
    """

    def __init__(self, folder, certs, program):
        self.folder = self._folder = folder
        self._authority = certs["ca"]
        self._program = program
        self._cache = os.path.join(folder, "cache")
        self.environment = {"HOME": folder, "XDG_CACHE_HOME": self._cache, "LC_ALL": "C.UTF-8",
                            "PATH": os.environ["PATH"]}

    def postrider(self, server, rcpts=(RCPT,), trust=None):
        """Ours."""
        return [self._program, "-C", self._configuration(server, trust, server.more), *rcpts]

    def msmtp(self, server, rcpts=(RCPT,)):
        """With the same configuration file."""
        return ["msmtp", "-C", self._configuration(server), *rcpts]

    def curl(self, server, file="-"):
        """One recipient; the initial response of AUTH is sent at once, as the others do."""
        where = (["--ssl-reqd", f"smtp://localhost:{server.port}"] if server.starttls else
                 [f"smtps://localhost:{server.port}"])
        return ["curl", "-q", "-sS", "--cacert", self._authority, "--sasl-ir", "--user",
                "joe:secret", "--mail-from", "a@x.example", "--mail-rcpt", RCPT, "-T", file,
                *where]

    def forget(self, pattern=None):
        """What postrider learnt of any server; or the files alone that have such a name."""
        if not pattern:
            shutil.rmtree(self._cache, ignore_errors=True)
            return
        for path in pathlib.Path(self._cache).rglob(pattern):
            path.unlink()

    def versions(self):
        """{client: version}; RuntimeError with what to install."""
        found = {}
        for name in CLIENTS:
            path = self._program if name == OURS else shutil.which(name)
            if not path or not os.access(path, os.X_OK):
                raise RuntimeError(f"{path or name} is not there; " + (
                    "build it, or set POSTRIDER" if name == OURS else "install it"))
            done = subprocess.run([path, "--version"], stdout=subprocess.PIPE, text=True,
                                  check=True, timeout=60)
            found[name] = _VERSION.search(done.stdout).group()
        return found

    def _configuration(self, server, trust=None, more=""):
        """A file that postrider and msmtp read alike, but for `more`; its path."""
        path = os.path.join(self._folder, f"config-{server.port}{'-' if more else ''}")
        if not os.path.exists(path):
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
            with open(descriptor, "w", encoding="ascii") as file:
                file.write(f"account default\nhost localhost\nport {server.port}\n"
                           f"protocol {server.protocol}\nfrom a@x.example\n{more}")
                file.write("tls off\nauth off\n" if server.clear else
                           f"tls on\ntls_starttls {'on' if server.starttls else 'off'}\n"
                           f"tls_trust_file {trust or self._authority}\nauth plain\nuser joe\n"
                           "password secret\n")
        return path
