# SPDX-License-Identifier: MIT
"""The keyring of a desktop, with a session bus of its own."""

import shlex
import subprocess

import pytest

from smarthost import Smarthost

pytestmark = pytest.mark.interop

# The keyring's own password is empty; it lives as long as the bus.
_SESSION = """\
printf '\\n' | gnome-keyring-daemon --unlock --components=secrets >/dev/null
printf secret | secret-tool store --label=mail host localhost service smtp user {user}
exec {program} -C {config} -v b@y.example
"""


@pytest.mark.parametrize("user, status", [("joe", 0), ("ann", 78)])
def test_gnome_keyring(postrider, certs, tmp_path, user, status):
    """It has joe's password; for another entry there is nothing, and nobody to ask."""
    config = tmp_path / "config"
    with Smarthost(certs) as host:
        config.write_text(
            f"account default\nhost localhost\nport {host.port}\ntls on\ntls_starttls off\n"
            f"tls_trust_file {certs['ca']}\nfrom a@x.example\nuser joe\n")
        config.chmod(0o600)
        script = _SESSION.format(user=user, program=shlex.quote(str(postrider)),
                                 config=shlex.quote(str(config)))
        done = subprocess.run(
            ["dbus-run-session", "--", "sh", "-c", script], input=b"Subject: t\n\nhello\n",
            capture_output=True, timeout=60, check=False, start_new_session=True,
            env={"HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path),
                 "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"})
    assert done.returncode == status, done.stderr.decode()
    if status:
        assert b"no password was found" in done.stderr and not host.messages
    else:
        assert b"the password is from the keyring" in done.stderr and len(host.messages) == 1
