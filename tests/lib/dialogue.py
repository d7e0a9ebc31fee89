# SPDX-License-Identifier: MIT
"""The client's side of -bs: a process that speaks SMTP on its standard input and output.

    with Dialogue([program, "-bs"], env=env) as talk:
        talk.greeting()
        talk.ask("EHLO x")          # the last line of the reply
        talk.say("QUIT")            # without waiting
    assert talk.status == 0
"""

import os
import select
import subprocess
import time

SECONDS = 30


class Dialogue:
    """A process; `status`, `err` are known when it has ended, `heard` is every line it said."""

    def __init__(self, command, end=b"\r\n", **more):
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                         stderr=subprocess.PIPE, **more)
        self._end = end
        self._input = b""
        self.heard = []
        self.status, self.err = None, None

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        if exception[0]:
            self._process.kill()
        self.close()

    def say(self, *lines):
        """Write lines; octets are written as they are."""
        for line in lines:
            data = line if isinstance(line, bytes) else line.encode() + self._end
            self._process.stdin.write(data)
        self._process.stdin.flush()

    def is_silent(self):
        """Whether nothing that was said is left to read, at this moment."""
        fd = self._process.stdout.fileno()
        return not self._input and not select.select([fd], [], [], 0)[0]

    def _line(self):
        until = time.monotonic() + SECONDS
        fd = self._process.stdout.fileno()
        while b"\n" not in self._input:
            if not select.select([fd], [], [], until - time.monotonic())[0]:
                raise TimeoutError(f"no reply within {SECONDS} s; before: {self.heard[-3:]}")
            data = os.read(fd, 65536)
            if not data:
                raise EOFError(f"no reply; before: {self.heard[-3:]}")
            self._input += data
        line, _, self._input = self._input.partition(b"\n")
        assert line.endswith(b"\r"), line
        self.heard.append(line[:-1].decode("ascii"))
        return self.heard[-1]

    def reply(self):
        """The last line of the next reply."""
        line = self._line()
        while line[3:4] == "-":
            line = self._line()
        return line

    greeting = reply

    def ask(self, *lines):
        """Say them; the last line of the reply."""
        self.say(*lines)
        return self.reply()

    def rest(self):
        """Every line up to the end of what it says."""
        lines = []
        try:
            while True:
                lines.append(self._line())
        except EOFError:
            return lines

    def signal(self, number):
        """Send the process a signal."""
        self._process.send_signal(number)

    def mail(self, sender, *recipients):
        """MAIL and RCPT, which must be accepted."""
        assert self.ask(f"MAIL FROM:<{sender}>")[:4] == "250 "
        for one in recipients:
            assert self.ask(f"RCPT TO:<{one}>")[:4] == "250 "

    def send(self, text=b"Subject: s\r\n\r\nhello\r\n"):
        """DATA and a message; the reply to it."""
        assert self.ask("DATA")[:4] == "354 "
        return self.ask(text + b"." + self._end)

    def close(self):
        """The end of the input; the exit status."""
        if self.status is None:
            try:
                _, err = self._process.communicate(timeout=SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                _, err = self._process.communicate()
            self.err = err.decode()
            self.status = self._process.returncode
        return self.status
