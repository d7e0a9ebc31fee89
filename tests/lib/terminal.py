# SPDX-License-Identifier: MIT
"""A terminal of a test's own (a pty), and what a person would see on it."""

import fcntl
import os
import re
import select
import signal
import struct
import subprocess
import termios
import time


class Terminal:
    """A terminal that programs started here have as theirs; `screen` is what it was sent."""

    def __init__(self):
        self._leader, self.fd = os.openpty()
        self.screen = ""
        self._started = []

    def close(self):
        """No one is there any more."""
        for started in self._started:
            started.kill()
            started.wait()
        os.close(self.fd)
        os.close(self._leader)

    def start(self, command, environment, message=b"", **more):
        """Start in a session of its own; standard input is a pipe with the message, if not in more."""
        def take():
            for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP, signal.SIGTERM,
                           signal.SIGTSTP):  # whoever runs the tests may have ignored some
                signal.signal(number, signal.SIG_DFL)
            os.setsid()
            fcntl.ioctl(2, termios.TIOCSCTTY, 0)

        more = {"stdin": subprocess.PIPE, "stdout": self.fd, **more}
        started = subprocess.Popen(command, stderr=self.fd, env=environment, preexec_fn=take, **more)
        self._started.append(started)
        if started.stdin:
            started.stdin.write(message)
            started.stdin.close()
        return started

    def wait_for(self, text, times=1, seconds=30):
        """Wait until the screen shows that text so many times."""
        end = time.monotonic() + seconds
        while self.screen.count(text) < times:
            if not select.select([self._leader], [], [], max(0, end - time.monotonic()))[0]:
                raise AssertionError(f"no {text!r} on the screen: {self.screen!r}")
            self.screen += os.read(self._leader, 4096).decode()

    def resize(self, columns):
        """Make it so wide; 0: nobody knows."""
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))

    def type(self, text):
        """Type that, as it is."""
        os.write(self._leader, text.encode())

    def wait_read(self, seconds=30):
        """Wait until the program has read what was typed."""
        end = time.monotonic() + seconds
        while fcntl.ioctl(self.fd, termios.FIONREAD, b"\0" * 4) != b"\0" * 4:
            assert time.monotonic() < end, "it does not read"
            select.select([], [], [], 0.01)

    def echoes(self):
        """Does it show what is typed?"""
        return bool(termios.tcgetattr(self.fd)[3] & termios.ECHO)

    def drain(self):
        """Take what is still to be shown."""
        while select.select([self._leader], [], [], 0.1)[0]:
            self.screen += os.read(self._leader, 4096).decode()
        return self.screen


def seen(text):
    """The lines that stand on a wide terminal when it was sent that text, without colours."""
    lines, column = [""], 0
    for part in re.findall(r"\x1b\[[0-9;]*m|\r|\n|[^\r\n\x1b]+", text):
        if part == "\n":
            lines.append("")
        elif part == "\r":
            column = 0
        elif part[0] != "\x1b":
            line = lines[-1]
            lines[-1] = line[:column].ljust(column) + part + line[column + len(part):]
            column += len(part)
    return [line.rstrip() for line in lines]
