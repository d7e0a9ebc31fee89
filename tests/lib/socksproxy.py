# SPDX-License-Identifier: MIT
"""A SOCKS5 proxy (RFC 1928, 1929) that serves, or lies."""

import contextlib
import select
import socket
import struct

from wire import Acceptor, Stopped, Wire, wait_for

# What it says in place of the truth, and then closes.
LIES = {
    "http": b"HTTP/1.0 400 Bad Request\r\n\r\n",
    "socks4": b"\x00\x5a\x00\x00\x00\x00\x00\x00",
    "no method": b"\x05\xff",
    "method not offered": b"\x05\x01",
    "10 kB": b"\x05" + b"\x41" * 10000,
    "closes": b"",
    "half a reply": b"\x05\x00\x05\x00",
    "unknown type": b"\x05\x00\x05\x00\x00\x09" + b"\x00" * 300,
    "refused": b"\x05\x00\x05\x05\x00\x01\x00\x00\x00\x00\x00\x00",
    "failed": b"\x05\x00\x05\x01\x00\x01\x00\x00\x00\x00\x00\x00",
}


class SocksProxy(Acceptor):
    """Connect each client to `to`, a port on 127.0.0.1, whatever it asks for.

    user   (name, password) that it wants; None: it lets anyone in
    lie    one of LIES, or "mute": it takes the connection and says nothing
    asked  what clients wanted to reach: (host as text, port)
    """

    def __init__(self, to, user=None, lie=None):
        self.to = to
        self.user = user
        self.lie = lie
        self.asked = []

    def begin(self, sock):
        return lambda: self._serve(Wire(sock, self.stop))

    def _serve(self, wire):
        with contextlib.suppress(Stopped, OSError):
            if self.lie == "mute":
                wait_for(self.stop, None, 0, 3600)
            elif self.lie is not None:
                wire.exactly(3)
                wire.write(LIES[self.lie])
            elif self._shake_hands(wire):
                self._relay(wire)
        wire.close()

    def _shake_hands(self, wire):
        _, count = wire.exactly(2)
        methods = wire.exactly(count)
        if self.user and 2 in methods:
            wire.write(b"\x05\x02")
            wire.exactly(1)
            given = [wire.exactly(wire.exactly(1)[0]).decode() for _ in range(2)]
            good = tuple(given) == self.user
            wire.write(b"\x01\x00" if good else b"\x01\x01")
            if not good:
                return False
        elif self.user:
            wire.write(b"\x05\xff")
            return False
        else:
            wire.write(b"\x05\x00")
        kind = wire.exactly(4)[3]
        if kind == 3:
            host = wire.exactly(wire.exactly(1)[0]).decode()
        else:
            family, size = (socket.AF_INET, 4) if kind == 1 else (socket.AF_INET6, 16)
            host = socket.inet_ntop(family, bytes(wire.exactly(size)))
        self.asked.append((host, struct.unpack("!H", wire.exactly(2))[0]))
        wire.write(b"\x05\x00\x00\x03\x05proxy\x00\x50")
        return True

    def _relay(self, wire):
        """Octets both ways until one side ends."""
        with socket.create_connection(("127.0.0.1", self.to)) as other:
            pairs = {wire.sock.fileno(): (wire.sock, other), other.fileno(): (other, wire.sock)}
            poll = select.poll()
            for fd in (*pairs, self.stop.fileno()):
                poll.register(fd, select.POLLIN)
            while True:
                for fd, _ in poll.poll():
                    if fd not in pairs:
                        return
                    source, sink = pairs[fd]
                    octets = source.recv(65536)
                    if not octets:
                        return
                    sink.setblocking(True)
                    sink.sendall(octets)
                    sink.setblocking(False)
