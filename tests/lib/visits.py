# SPDX-License-Identifier: MIT
"""Runs of the program against a server with a certificate, and what it sees as the system's.

    visit = Visits(program, pki)
    visit.accepts("good")
    visit.refuses("shown", "it expired on", "tls_host_override mail.example.org")
"""

import shutil
import subprocess

import pytest

from fakeserver import FakeServer, parse_text

SCRIPT = """\
! tls on
T:
S: 220 hi
C: EHLO localhost
S: 250-hi
S: 250 AUTH PLAIN
C: AUTH PLAIN AGpvZQBzZWNyZXQ=
S: 235 yes
C: MAIL FROM:<a@x.example>
S: 250 ok
C: RCPT TO:<b@y.example>
S: 250 ok
C: DATA
S: 354 go
B: From: a@x.example
B: To: b@y.example
B: Subject: t
B: Date: Thu, 01 Jan 2026 00:00:00 +0000
B: Message-ID: <1@x.example>
B:
B: hello
B: .
S: 250 taken
"""
MESSAGE = (b"From: a@x.example\nTo: b@y.example\nSubject: t\n"
           b"Date: Thu, 01 Jan 2026 00:00:00 +0000\nMessage-ID: <1@x.example>\n\nhello\n")


class Visits:
    """Runs of the program against a server that takes everything after a good handshake."""

    def __init__(self, program, pki):
        self.program = program
        self.pki = pki

    def __call__(self, name, *lines, host="localhost", trust=True, args=()):
        """Show a stored chain; the run, with what the server saw."""
        script = parse_text(SCRIPT)
        with FakeServer(script, self.pki.paths, cert=name, tls_may_fail=True) as server:
            given = [f"tls_trust_file {self.pki.trust}"] if trust is True else (
                [f"tls_trust_file {trust}"] if trust else [])
            self.program.write_config("\n".join([
                "account default", f"host {host}", f"port {server.port}", "from a@x.example",
                "tls on", "tls_starttls off", "user joe", "password secret",
                "tls_session_cache off", "pipelining off", "domain localhost",
                *given, *lines]) + "\n")
            done = self.program(*args, "b@y.example", message=MESSAGE)
            done.errors = server.wait() if done.returncode != 78 else None
            done.received = bytes(server.received)
            done.versions = list(server.tls_versions)
        return done

    def accepts(self, name, *lines, **more):
        """It is believed: AUTH is sent. The run."""
        done = self(name, *lines, **more)
        assert b"AUTH PLAIN" in done.received and done.errors == [], (done.err, done.errors)
        return done

    def refuses(self, name, reason, *lines, status=69, **more):
        """It is not believed, for that reason. The run."""
        done = self(name, *lines, **more)
        assert reason in done.err and done.returncode == status, (done.returncode, done.err)
        assert b"AUTH" not in done.received and b"MAIL" not in done.received
        assert len(done.err.splitlines()) <= 3
        return done


class Store:
    """A program that sees other authorities as the system's: its folder has them alone."""

    ENTER = """\
#!/bin/sh
exec unshare -m sh -c 'mount --bind "%s" /etc/ssl/certs && exec "$0" "$@"' "%s" "$@"
"""

    def __init__(self, visit, folder):
        if subprocess.run(["unshare", "-m", "true"], capture_output=True, check=False).returncode:
            pytest.skip("private mounts are not allowed here")
        self._program = visit.program.path
        self.folder = folder / "certs"
        self.fill([])
        wrapper = folder / "postrider"
        wrapper.write_text(self.ENTER % (self.folder, self._program))
        wrapper.chmod(0o755)
        visit.program.path = str(wrapper)

    def fill(self, bundled, hashed=()):
        """Authorities of the bundle, and those that can be found by their hashes."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()
        for number, one in enumerate(hashed):
            (self.folder / f"{number}.pem").write_bytes(one.pem())
        if hashed:
            subprocess.run(["openssl", "rehash", str(self.folder)], check=True, timeout=60,
                           capture_output=True)
        (self.folder / "ca-certificates.crt").write_bytes(b"".join(one.pem() for one in bundled))
