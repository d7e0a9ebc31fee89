# SPDX-License-Identifier: MIT
"""A server that behaves until one phase of the session and is then silent, or worse.

For tests of deadlines: with a client that has none, such a server would be talked to for ever.
"""

import functools
import ssl
import threading
import time

from wire import Acceptor, Stopped, Wire, listen, server_context

PHASES = ("greeting", "ehlo", "starttls", "handshake", "ehlo2", "auth", "mail", "rcpt", "data",
          "body", "final")
MANNERS = ("silent", "drip", "lines", "closed", "reset")

_NEEDS_TLS = {"starttls": ("starttls",), "handshake": ("starttls", "on"), "ehlo2": ("starttls",)}
_CODES = {"greeting": "220", "starttls": "220", "auth": "235", "data": "354", "body": "451"}
_SMALL_BUFFER = 2048
_BODY_TASTE = 1000

# Inside the handshake: the head of a ServerHello of 16 MiB and its endless octets, or whole
# warning alerts (user_canceled), which are legal and lead nowhere.
_TLS_HEAD = b"\x16\x03\x03\x40\x00\x02\xff\xff\xff"
_TLS_WARNING = b"\x15\x03\x03\x00\x02\x01\x5a"


class _Reached(Exception):
    """The phase of the test has come."""


class SilentServer(Acceptor):
    """Listen on 127.0.0.1 and a free port; each connection has a thread of its own.

    phase     one of PHASES: the step that is not answered any more. `greeting` is the connection
              itself, `body` comes after 354 and `final` after the final dot (or BDAT LAST)
    how       silent  nothing is sent
              drip    one octet of a reply without end every `interval` seconds
              lines   one complete continuation line every `interval` seconds
              closed  the server closes: close_notify and FIN
              reset   the server sends RST
              In phase `body` nothing more is read either, and the receive buffer is tiny
              (closed, reset: after the first octets of the message).
    tls       None, 'on' (implicit) or 'starttls'; starttls, handshake and ehlo2 need it
    keywords  further EHLO keywords, for instance ("PIPELINING", "CHUNKING"); AUTH PLAIN LOGIN is
              always offered. Any credentials are accepted, any sender and recipient too.

    port, reached (an Event: the phase has come), reached_at (when, by time.monotonic()),
    connections (how many came), errors (sentences: a client that did not keep to SMTP; a test may
    look at them).
    The end of the context ends all threads at once, wherever they are.
    """

    def __init__(self, phase, how="silent", tls=None, certs=None, *, keywords=(), interval=0.3,
                 cert="server", address="127.0.0.1"):
        if phase not in PHASES or how not in MANNERS or tls not in (None, "on", "starttls"):
            raise ValueError("SilentServer(%r, %r, %r)" % (phase, how, tls))
        if tls not in _NEEDS_TLS.get(phase, (tls,)):
            raise ValueError("phase %s cannot come with tls=%r" % (phase, tls))
        self.phase = phase
        self.how = how
        self.tls = tls
        self.keywords = tuple(keywords)
        self.interval = interval
        self.context = server_context(certs, cert) if tls else None
        self._address = address
        self.reached = threading.Event()
        self.reached_at = None
        self.connections = 0
        self.errors = []

    def listener(self):
        """With a tiny buffer where nothing is to be read of the message."""
        return listen(self._address, _SMALL_BUFFER if self.phase == "body" else None)

    def begin(self, sock):
        """One more connection."""
        self.connections += 1
        return functools.partial(self._serve, sock)

    def _serve(self, sock):
        """One connection: behave, misbehave, close."""
        wire = Wire(sock, self.stop, timeout=3600)
        try:
            _Session(self, wire).run()
        except _Reached:
            self.reached_at = time.monotonic()
            self.reached.set()
            self._misbehave(wire)
        except Stopped:
            pass
        except (ssl.SSLError, OSError, ValueError) as error:
            self.errors.append(str(error))
        finally:
            wire.close()

    def _misbehave(self, wire):
        """Do `how` until the client leaves or the test ends."""
        try:
            if self.phase == "body" and self.how in ("closed", "reset"):
                wire.exactly(_BODY_TASTE)
            if self.how == "reset":
                wire.reset()
            elif self.how == "closed":
                wire.finish()
            elif self.how != "silent":
                self._babble(wire)
            self._hold(wire)
        except (Stopped, OSError):
            pass

    def _babble(self, wire):
        """Send pieces of an answer that never ends, one each interval; OSError at its end."""
        pieces = self._pieces()
        while True:
            wire.write(next(pieces))
            self.stop.wait(self.interval)

    def _pieces(self):
        """The endless answer: by octets or by lines (records, in the handshake)."""
        in_handshake = self.phase == "handshake"
        line = _TLS_WARNING if in_handshake else self._continuation()
        if self.how == "drip" and in_handshake:
            yield from (bytes([octet]) for octet in _TLS_HEAD)
            line = b"\0"
        while True:
            if self.how == "lines":
                yield line
            else:
                yield from (bytes([octet]) for octet in line)

    def _continuation(self):
        """A reply line that promises another."""
        return ("%s-wait\r\n" % _CODES.get(self.phase, "250")).encode()

    def _hold(self, wire):
        """Keep the connection without reading the body; else read, to notice the client's end."""
        if self.how == "reset":
            return
        if self.phase == "body" and self.how == "silent":
            self.stop.wait(3600)
        while wire.fill():
            wire.buffer.clear()


class _Session:
    """The part of a connection in which the server behaves."""

    def __init__(self, server, wire):
        self._server = server
        self._wire = wire
        self._secure = False

    def run(self):
        """Serve; _Reached when the phase comes, return when the client has left."""
        if self._server.tls == "on":
            self._handshake()
        self._at("greeting")
        self._reply("220 localhost ESMTP")
        while True:
            line = self._wire.line().decode("utf-8", "replace").rstrip("\r\n")
            verb, _, argument = line.partition(" ")
            if not line:
                return
            self._command(verb.upper(), argument)

    def _at(self, phase):
        if phase == self._server.phase:
            raise _Reached

    def _reply(self, *lines):
        text = "".join(line + "\r\n" for line in lines)
        self._wire.write(text.encode())

    def _handshake(self):
        if self._server.phase == "handshake":
            self._wire.fill()  # the ClientHello comes first: before it, octets are an attack
        self._at("handshake")
        if not self._wire.start_tls(self._server.context):
            raise ValueError("TLS handshake: %s" % self._wire.problem)
        self._secure = True

    def _command(self, verb, argument):
        """Answer one command."""
        answer = {"EHLO": self._ehlo, "STARTTLS": self._starttls, "AUTH": self._auth,
                  "DATA": self._data, "BDAT": self._bdat, "QUIT": self._quit}.get(verb)
        if answer:
            answer(argument)
            return
        self._at({"MAIL": "mail", "RCPT": "rcpt"}.get(verb))
        self._reply("250 2.0.0 ok")

    def _ehlo(self, _):
        after_starttls = self._secure and self._server.tls == "starttls"
        self._at("ehlo2" if after_starttls else "ehlo")
        offers = ["localhost", *self._server.keywords, "AUTH PLAIN LOGIN"]
        if self._server.tls == "starttls" and not self._secure:
            offers.insert(1, "STARTTLS")
        self._reply(*["250-" + offer for offer in offers[:-1]], "250 " + offers[-1])

    def _starttls(self, _):
        self._at("starttls")
        self._reply("220 2.0.0 go ahead")
        self._handshake()

    def _auth(self, argument):
        mechanism, _, initial = argument.partition(" ")
        steps = {"PLAIN": 1, "LOGIN": 2}.get(mechanism.upper(), 1)
        self._at("auth")
        for prompt in ("334 ", "334 UGFzc3dvcmQ6")[bool(initial):steps]:
            self._reply(prompt)
            self._wire.line()
        self._reply("235 2.7.0 ok")

    def _data(self, _):
        self._at("data")
        self._reply("354 go ahead")
        self._at("body")
        while self._wire.line() not in (b".\r\n", b""):
            pass
        self._at("final")
        self._reply("250 2.0.0 stored")

    def _bdat(self, argument):
        self._at("data")
        self._at("body")
        size, _, last = argument.partition(" ")
        self._wire.exactly(int(size))
        self._at("final" if last else None)
        self._reply("250 2.0.0 stored")

    def _quit(self, _):
        self._reply("221 2.0.0 bye")
        self._wire.finish()
