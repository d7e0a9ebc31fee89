# SPDX-License-Identifier: MIT
"""C7: a server that accepts a message that has not even reached its machine."""

import contextlib
import pathlib

import pytest

from wire import Acceptor, Stopped, Wire, listen, server_context

TURN = 0.01
LINE = b"x" * 70 + b"\n"
MESSAGE = b"Subject: t\n\n" + LINE * 1200  # more than the server has room for, less than we have


def waiting(port):
    """How many octets the kernel has to send from that port of 127.0.0.1, or to send again."""
    for line in pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        if fields[1] == f"0100007F:{port:04X}" and fields[3] == "01":
            return int(fields[4].split(":")[0], 16)
    return 0


class HastyServer(Acceptor):
    """Answers a message well while most of it is still on its way.

    honest: it reads the message first
    """

    def __init__(self, certs=None, honest=False):
        self._context = server_context(certs) if certs else None
        self._honest = honest

    def listener(self):
        return listen(receive_buffer=4096)

    def begin(self, sock):
        return lambda: self._serve(sock, Wire(sock, self.stop, 30))

    def _serve(self, sock, wire):
        port = sock.getpeername()[1]
        if self._context and not wire.start_tls(self._context):
            return
        wire.write(b"220 hasty\r\n")
        for answer in (b"250 hasty", b"250 ok", b"250 ok", b"354 go"):
            wire.line()
            wire.write(answer + b"\r\n")
        if self._honest:
            while wire.line() not in (b".\r\n", b""):
                pass
        else:
            self._wait_until_stuck(port)
        wire.write(b"250 2.0.0 taken\r\n")
        with contextlib.suppress(Stopped):
            self.stop.wait(60)  # and read nothing before the client has ended
        wire.close()

    def _wait_until_stuck(self, port):
        """The client has written all, and its kernel gets rid of nothing more."""
        seen = []
        while len(seen) < 5 or not seen[-1] or len(set(seen[-5:])) > 1:
            self.stop.wait(TURN)
            seen.append(waiting(port))


def submit(program, certs, server, tls):
    """One message."""
    lines = ["tls on", "tls_starttls off", f"tls_trust_file {certs['ca']}"] if tls else ["tls off"]
    program.write_config("\n".join(["account default", "host localhost", f"port {server.port}",
                                    "from a@x.example", *lines]) + "\n")
    return program("b@y.example", message=MESSAGE)


@pytest.mark.parametrize("tls", [False, True])
def test_c7_accepted_before_it_had_come(program, certs, tls):
    """It is no success; whether it will be delivered nobody knows."""
    with HastyServer(certs if tls else None) as server:
        done = submit(program, certs, server, tls)
    assert done.returncode == 75
    assert "sent but not answered" in done.err and "before it had received all of it" in done.err


@pytest.mark.parametrize("tls", [False, True])
def test_c7_accepted_when_it_had_come(program, certs, tls):
    with HastyServer(certs if tls else None, honest=True) as server:
        done = submit(program, certs, server, tls)
    assert (done.returncode, done.err) == (0, "")
