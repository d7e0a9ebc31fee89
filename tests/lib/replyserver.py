# SPDX-License-Identifier: MIT
"""A server on an address of the test's choice that answers each verb as it is told."""

import contextlib
import socket

from wire import Acceptor, Stopped, Wire, server_context

CLOSE = "close"
SILENT = "silent"
_GOOD = {"greeting": "220 reply ESMTP", "AUTH": "235 2.7.0 yes", "MAIL": "250 2.1.0 ok",
         "RCPT": "250 2.1.5 ok", "DATA": "354 go", "BDAT": "250 2.0.0 so far", "message": "250 2.0.0 kept",
         "STARTTLS": "220 2.0.0 go", "HELO": "250 reply", "RSET": "250 2.0.0 ok", "QUIT": "221 2.0.0 bye"}


class ReplyServer(Acceptor):
    """Serve SMTP on `address` and `port` (0: a free one).

    replies   verb, "greeting", "handshake" or "message": what is said in place of the usual; CLOSE
              closes, SILENT says nothing and reads on
    tls       None, "on" or "starttls"; cert is one of `certs`
    keywords  offered by EHLO besides STARTTLS

    messages  what was accepted, each as (sender, [recipient...], octets)
    verbs     all commands, in their order
    """

    def __init__(self, address="127.0.0.1", port=0, *, replies=None, tls=None, certs=None,
                 cert="server", keywords=("PIPELINING", "AUTH PLAIN")):
        self._at = (address, port)
        self.replies = {**_GOOD, **(replies or {})}
        self._tls = tls
        self._context = server_context(certs, cert) if certs else None
        self._keywords = keywords
        self.messages = []
        self.verbs = []

    def listener(self):
        family = socket.AF_INET6 if ":" in self._at[0] else socket.AF_INET
        sock = socket.create_server(self._at, family=family, backlog=64)
        sock.setblocking(False)
        return sock

    def begin(self, sock):
        return lambda: self._serve(Wire(sock, self.stop))

    def _serve(self, wire):
        with contextlib.suppress(Stopped, OSError):
            secure = self._tls == "on"
            if not secure or self._handshake(wire):
                self._talk(wire, secure)
        wire.close()

    def _handshake(self, wire):
        how = self.replies.get("handshake")
        if how == SILENT:
            while wire.line():
                pass
        return how not in (CLOSE, SILENT) and wire.start_tls(self._context)

    def _say(self, wire, what):
        """Whether the session goes on."""
        reply = self.replies[what]
        if reply == CLOSE:
            return False
        if reply == SILENT:
            return True
        wire.write(reply.encode() + b"\r\n")
        return not reply.startswith("421")

    def _offer(self, secure):
        if "EHLO" in self.replies:
            return self.replies["EHLO"].encode() + b"\r\n"
        words = ["reply", *self._keywords]
        if self._tls == "starttls" and not secure:
            words.append("STARTTLS")
        return "".join("250%s%s\r\n" % (" " if i == len(words) - 1 else "-", word)
                       for i, word in enumerate(words)).encode()

    def _talk(self, wire, secure):
        mail = []
        if not self._say(wire, "greeting"):
            return
        while line := wire.line().decode():
            verb = line.split()[0].upper()
            self.verbs.append(verb)
            if verb == "EHLO":
                wire.write(self._offer(secure))
                continue
            if verb == "BDAT":
                if not self._take_chunk(wire, line, mail):
                    return
                continue
            if not self._say(wire, verb) or verb == "QUIT":
                return
            if verb == "STARTTLS" and self.replies[verb].startswith("2"):
                secure = self._handshake(wire)
                if not secure:
                    return
            elif verb == "MAIL":
                mail = [line[10:].split(">")[0][1:], []]
            elif verb == "RCPT":
                mail[1].append(line[8:].split(">")[0][1:])
            elif verb == "DATA" and self.replies[verb].startswith("3"):
                if not self._take(wire, mail):
                    return

    def _take_chunk(self, wire, line, mail):
        """The octets of a chunk are read whatever becomes of them."""
        octets = wire.exactly(int(line.split()[1]))
        if wire.eof:
            return False
        if not self.replies["MAIL"].startswith("2") or not self.replies["RCPT"].startswith("2"):
            wire.write(b"503 5.5.1 no\r\n")
            return True
        mail[2:] = [b"".join(mail[2:]) + octets]
        if not line.upper().rstrip().endswith("LAST"):
            return self._say(wire, "BDAT")
        if self.replies["message"].startswith("2"):
            self.messages.append(tuple(mail))
        return self._say(wire, "message")

    def _take(self, wire, mail):
        octets = bytearray()
        while (line := wire.line()) not in (b".\r\n", b""):
            octets += line
        if wire.eof:
            return False
        if self.replies["message"].startswith("2"):
            self.messages.append((*mail, bytes(octets)))
        return self._say(wire, "message")
