# SPDX-License-Identifier: MIT
"""A connection that takes nothing more: what counts as sent, and what the server has said by then.

The server is a Unix socket, which has a fixed room for octets under way.
"""

import contextlib
import fcntl
import os
import signal
import socket
import ssl
import struct
import subprocess
import termios
import threading

import pytest

from smarthost import Smarthost
from wire import server_context

TURN = 0.02


def unread(sock):
    """How many octets have come that were not read."""
    return struct.unpack("i", fcntl.ioctl(sock, termios.FIONREAD, b"\0" * 4))[0]


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
        with server_context(certs).wrap_socket(plain, server_side=True) as sock:
            line = talk(sock, b"250-mx\r\n250 CHUNKING", b"250 ok", b"250 ok", b"", b"250 ok", b"")
            assert line.endswith(b" LAST\r\n")
            seen = []

            def is_stuck():
                seen.append(unread(sock))
                return len(seen) > 5 and seen[-1] and len(set(seen[-5:])) == 1

            server.until(is_stuck)
            sock.sendall(b"250 2.0.0 taken\r\n")
            with contextlib.suppress(OSError):
                while data := sock.recv(65536):
                    got.extend(data)
    return serve


@pytest.mark.parametrize("more", (9, 18))
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


# --- a handshake whose last flight has to wait ---------------------------------------------------

@pytest.mark.parametrize("version", ["TLSv1_2", "TLSv1_3"])
@pytest.mark.parametrize("block", ["1 30", "2 1", "2 30", "3 30", "4 30"])
def test_c8_handshake_that_blocks(program, preload, certs, version, block):
    """What was not taken is written again; the handshake itself is over."""
    library = preload("blocked_send")
    with Smarthost(certs, tls="on") as host:
        host.context.maximum_version = ssl.TLSVersion[version]
        program.account(host, certs=certs)
        for _ in range(2):  # the second one is resumed
            done = program("b@y.example", env={"LD_PRELOAD": library, "BLOCKED_SEND": block})
            assert (done.returncode, done.err) == (0, "")
        assert len(host.messages) == 2


# --- the last words ----------------------------------------------------------------------------

RCPTS = 1500
AT_ONCE = 1000  # commands that wait for replies
PIECE = 65536   # octets that are read before something is written again


def hangs_up_meanwhile(process):
    """The server ends while the client reads replies: what is left of them comes with the end."""
    def serve(_, sock):
        assert talk(sock, b"250-mx\r\n250 PIPELINING", *[b""] * AT_ONCE).startswith(b"RCPT")
        reply = b"250 " + b"x" * 90 + b"\r\n"
        os.kill(process().pid, signal.SIGSTOP)
        sock.sendall(reply * (PIECE // len(reply) + 1) + b"421 4.3.2 going down\r\n")
        sock.close()
        os.kill(process().pid, signal.SIGCONT)
    return serve


def test_last_words_are_read_after_a_failed_write(program, tmp_path):
    """They say why the connection is gone."""
    started = []
    with UnixServer(tmp_path, hangs_up_meanwhile(lambda: started[0])) as server:
        program.write_config(f"account a\nsocket {server.path}\ntls off\nfrom a@x.example\n")
        with subprocess.Popen([program.path, "-C", program.config, "-t"], stdin=subprocess.PIPE,
                              stderr=subprocess.PIPE, env=program.environment()) as process:
            started.append(process)
            names = ",\n ".join(f"r{number}@y.example" for number in range(RCPTS))
            said = process.communicate(f"To: {names}\n\nhi\n".encode(), 30)[1]
    assert process.returncode == 75 and b"421 4.3.2 going down" in said, said
