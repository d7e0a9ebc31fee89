# SPDX-License-Identifier: MIT
"""A smarthost without TLS that gives one chosen reply at one stage, and is content otherwise."""

import socket
import threading

STAGES = ("greeting", "ehlo", "starttls", "auth", "mail", "rcpt", "data", "message")

CLOSE = object()  # in place of a reply: the server closes
_VERBS = {"EHLO": "ehlo", "HELO": "ehlo", "STARTTLS": "starttls", "AUTH": "auth", "MAIL": "mail",
          "RCPT": "rcpt", "DATA": "data"}
_GOOD = {"greeting": b"220 stage ESMTP", "auth": b"235 2.7.0 yes", "mail": b"250 2.1.0 ok",
         "rcpt": b"250 2.1.5 ok", "data": b"354 go", "message": b"250 2.0.0 kept",
         "starttls": b"454 4.7.0 not here"}


class StageServer:
    """Serves one connection after the other; `stage` and `reply` say what the next one meets."""

    def __init__(self, host="127.0.0.1"):
        self.host = host
        self.stage, self.reply = None, None
        self.replies = []  # those of the stage before `reply`, should it be reached several times
        self.keywords = ()
        self.messages = []
        self._listener = socket.create_server((host, 0))
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._run)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *exception):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listener.close()

    def _run(self):
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            with sock:
                sock.settimeout(20)
                try:
                    self._serve(sock, sock.makefile("rb"))
                except OSError:
                    pass

    def _say(self, sock, stage, good=None):
        """Whether the session goes on as it would with a content server."""
        chosen = stage == self.stage
        if chosen and self.replies:
            self.reply = self.replies.pop(0)
        reply = self.reply if chosen else good or _GOOD[stage]
        if reply is CLOSE:
            sock.shutdown(socket.SHUT_RDWR)
            return False
        sock.sendall(reply + b"\r\n")
        return not chosen

    def _serve(self, sock, lines):
        self._say(sock, "greeting")
        for line in lines:
            verb = line.split()[0].decode().upper() if line.split() else ""
            stage = _VERBS.get(verb)
            if verb == "QUIT":
                sock.sendall(b"221 bye\r\n")
                return
            if stage is None:
                sock.sendall(b"250 ok\r\n")
                continue
            good = self._offer() if stage == "ehlo" else None
            if self._say(sock, stage, good) and stage == "data":
                self._message(sock, lines)

    def _offer(self):
        words = [b"stage", b"ENHANCEDSTATUSCODES", *self.keywords]
        return b"".join(b"250-" + word + b"\r\n" for word in words[:-1]) + b"250 " + words[-1]

    def _message(self, sock, lines):
        kept = []
        for line in lines:
            if line == b".\r\n":
                break
            kept.append(line)
        self.messages.append(b"".join(kept))
        self._say(sock, "message")
