# SPDX-License-Identifier: MIT
"""A connection that takes nothing more: what counts as sent, and what the server has said by then.

The server is a Unix socket, which has a fixed room for octets under way and tells when they were
taken.
"""

import base64
import contextlib
import fcntl
import socket
import struct
import termios
import threading

import pytest

from scram import ScramServer
from wire import server_context

TURN = 0.02


def under_way(sock, direction):
    """Octets that were not read yet: termios.FIONREAD: by us, TIOCOUTQ: by the client."""
    return struct.unpack("i", fcntl.ioctl(sock, direction, b"\0" * 4))[0]


class UnixServer:
    """Serves one connection: serve(sock, lines) in a thread, whose error is raised at the end."""

    def __init__(self, folder, serve):
        self.path = str(folder / "server")
        self._serve = serve
        self._error = None
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(self.path)
        self._listener.listen()
        self._listener.settimeout(30)
        self._thread = threading.Thread(target=self._run)
        self.over = threading.Event()

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *exception):
        self.over.set()
        self._thread.join()
        self._listener.close()
        if self._error and not exception[0]:
            raise self._error

    def _run(self):
        try:
            sock, _ = self._listener.accept()
            sock.settimeout(30)
            with contextlib.closing(sock):
                self._serve(self, sock)
        except (OSError, AssertionError, ValueError) as error:
            self._error = error

    def until(self, holds):
        """Wait until it holds, looked at now and then."""
        while not holds() and not self.over.wait(TURN):
            pass


def talk(sock, *answers):
    """The greeting, then an answer for each line; the last line."""
    sock.sendall(b"220 hi\r\n")
    lines = sock.makefile("rb", buffering=0)
    line = b""
    for answer in answers:
        line = lines.readline()
        if answer:
            sock.sendall(answer + b"\r\n")
    return line


# --- what TLS holds back -----------------------------------------------------------------------

def room():
    """How many octets a Unix socket takes that nobody reads."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.setblocking(False)
        taken = 0
        with contextlib.suppress(BlockingIOError):
            while True:
                taken += ours.send(b"x" * 65536)
        return taken


def answers_too_early(certs, got):
    """A server with TLS that reads nothing of the message, and answers it all the same."""
    def serve(server, plain):
        context = server_context(certs)
        # What is decrypted is kept apart, so that nothing is read ahead of time.
        with context.wrap_socket(plain, server_side=True) as sock:
            assert talk(sock, b"250 mx", b"250 ok", b"250 ok", b"").startswith(b"DATA")
            sock.sendall(b"354 go\r\n")
            seen = []

            def is_stuck():
                seen.append(under_way(sock, termios.FIONREAD))
                return len(seen) > 5 and seen[-1] and len(set(seen[-5:])) == 1

            server.until(is_stuck)
            sock.sendall(b"250 2.0.0 taken\r\n")
            with contextlib.suppress(OSError):
                while data := sock.recv(65536):
                    got.extend(data)
    return serve


@pytest.mark.parametrize("more", range(8, 64, 16))
def test_what_tls_holds_is_not_sent(program, certs, tmp_path, more):
    """TLS has all of the message, the kernel has not: the answer came too early."""
    got = bytearray()
    line = b"x" * 70 + b"\r\n"
    with UnixServer(tmp_path, answers_too_early(certs, got)) as server:
        program.write_config(
            f"account a\nsocket {server.path}\ntls on\ntls_starttls off\nauth off\n"
            f"tls_host_override localhost\ntls_trust_file {certs['ca']}\nfrom a@x.example\n")
        done = program("b@y.example",
                       message=b"Subject: t\n\n" + line * ((room() + more * 1024) // len(line)))
    assert done.returncode == 76 and "out of step" in done.err, done.err
    assert not got.endswith(b"\r\n.\r\n")


# --- the last words ----------------------------------------------------------------------------

def hangs_up_meanwhile(server, sock):
    """While the client computes its answer to AUTH, the server has to end."""
    line = talk(sock, b"250-mx\r\n250 AUTH SCRAM-SHA-256", b"")
    exchange = ScramServer("sha256", "secret", iterations=500000)
    challenge = exchange.first(base64.b64decode(line.split()[2])).encode()
    sock.sendall(b"334 " + base64.b64encode(challenge) + b"\r\n")
    server.until(lambda: not under_way(sock, termios.TIOCOUTQ))
    sock.sendall(b"421 4.3.2 going down\r\n")


def test_last_words_are_read_after_a_failed_write(program, tmp_path):
    """They say why the connection is gone."""
    with UnixServer(tmp_path, hangs_up_meanwhile) as server:
        program.write_config(f"account a\nsocket {server.path}\ntls off\nauth scram-sha-256\n"
                             "user joe\npassword secret\nfrom a@x.example\n")
        done = program("b@y.example")
    assert done.returncode == 75 and "421 4.3.2 going down" in done.err, done.err
