# SPDX-License-Identifier: MIT
"""C3, C4: servers that are slow, and servers that are deaf to what comes behind AUTH.

The program's clock runs FASTER times as fast, so that half a minute is no half minute here.
"""

import contextlib

import pytest

from wire import Acceptor, Stopped, Wire, server_context

FASTER = 50
OFFER = b"250-slow\r\n250-PIPELINING\r\n250-CHUNKING\r\n250 AUTH PLAIN\r\n"
REPLIES = {b"AUTH": b"235 2.7.0 yes", b"MAIL": b"250 2.1.0 ok", b"RCPT": b"250 2.1.5 ok",
           b"DATA": b"354 go", b"RSET": b"250 2.0.0 ok", b"QUIT": b"221 2.0.0 bye"}


class SlowServer(Acceptor):
    """Implicit TLS. wait: seconds of the program's clock before MAIL is answered; deaf: whatever
    came together with AUTH is thrown away. connections and kept count."""

    def __init__(self, certs, wait=0, deaf=False):
        self._context = server_context(certs)
        self._wait = wait / FASTER
        self._deaf = deaf
        self.connections = self.kept = 0

    def begin(self, sock):
        self.connections += 1
        return lambda: self._serve(Wire(sock, self.stop, 30))

    def _serve(self, wire):
        with contextlib.suppress(Stopped, OSError):
            if wire.start_tls(self._context):
                wire.write(b"220 slow ESMTP\r\n")
                while line := wire.line():
                    self._obey(wire, line)
        wire.close()

    def _obey(self, wire, line):
        verb = line[:4].upper()
        if verb == b"EHLO":
            wire.write(OFFER)
            return
        if verb == b"AUTH" and self._deaf:
            wire.buffer.clear()
        if verb == b"MAIL" and self._wait:
            self.stop.wait(self._wait)
        if verb == b"BDAT":
            wire.exactly(int(line.split()[1]))
            self.kept += line.endswith(b"LAST\r\n")
            wire.write(b"250 2.0.0 ok\r\n")
            return
        wire.write(REPLIES[verb] + b"\r\n")


@pytest.fixture(name="submit")
def fixture_submit(program, preload, certs):
    """A function: submits to the server with the fast clock; what was said."""
    library = preload("fast_clock")

    def run(server, *args):
        program.write_config(
            f"account default\nhost localhost\nport {server.port}\ntls on\ntls_starttls off\n"
            f"tls_trust_file {certs['ca']}\nuser joe\npassword secret\nfrom a@x.example\n")
        done = program("-v", *args, "b@y.example",
                       env={"LD_PRELOAD": library, "FAST_CLOCK": str(FASTER)})
        assert done.returncode == 0, done.err
        return done.err
    return run


def learnt(program):
    """What is remembered of how much the server takes at once."""
    files = (program.home / ".cache" / "postrider").glob("*.flights")
    return [file.read_text().splitlines()[-1] for file in files]


def test_c4_twelve_seconds_are_no_silence(program, submit, certs):
    with SlowServer(certs, wait=12) as server:
        submit(server)
        assert (server.connections, server.kept) == (1, 1)
    assert learnt(program) == ["full"]


def test_c4_as_slow_one_by_one(program, submit, certs):
    """The silence was no sign: nothing is remembered, and that is what is said."""
    with SlowServer(certs, wait=40) as server:
        said = submit(server)
        assert (server.connections, server.kept) == (2, 1)
    assert learnt(program) == []
    assert "no reply to MAIL FROM within 30 s" in said and "as slow one command at a time" in said


def test_c3_deaf_behind_auth(program, submit, certs):
    """One connection more; the next run begins with one command at a time."""
    with SlowServer(certs, deaf=True) as server:
        said = submit(server)
        assert (server.connections, server.kept) == (2, 1)
        assert "connecting again, one command at a time" in said
        submit(server)
        assert (server.connections, server.kept) == (3, 2)
    assert learnt(program) == ["off"]
