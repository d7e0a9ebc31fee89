# SPDX-License-Identifier: MIT
"""The six forms in which each file is submitted.

    header    -t
    argument  recipients as arguments
    7bit      the same to a server without 8BITMIME
    utf8      -t to a server with SMTPUTF8
    bs        -bs, with the recipients in RCPT
    dry       --dry-run -t
"""

import dataclasses
import os
import pathlib
import re
import subprocess
from typing import NamedTuple

from judge import Case, Stored

FORMS = ("header", "argument", "7bit", "utf8", "bs", "dry")
RECIPIENTS = ("r@y.example", "root")  # the second becomes the owner's address
SENT, NOBODY, DATA, LATER, HUNG = 0, 64, 65, 75, -1

_TIME = 60  # seconds that one submission may take
_CONFIG = "account default\nhost localhost\nport %d\ntls off\nfrom joe@sender.example\n"


class Result(NamedTuple):
    """What came of one submission: exit status, what was said, what the server has (or None)."""
    status: int
    said: str
    stored: object


@dataclasses.dataclass
class Submitter:
    """Submits to a Smarthost, from a home of its own."""
    program: str
    host: object
    home: pathlib.Path

    def __post_init__(self):
        self.config = self.home / "config"
        self.config.write_text(_CONFIG % self.host.port, encoding="utf-8")
        self.config.chmod(0o600)
        self._environment = {"HOME": str(self.home), "PATH": os.environ["PATH"], "TZ": "UTC"}

    def submit(self, raw, form):
        """One file in one form."""
        self.host.eightbit = form != "7bit"
        self.host.smtputf8 = form == "utf8"
        self.host.messages.clear()
        try:
            return getattr(self, "_" + {"7bit": "argument", "utf8": "header"}.get(form, form))(raw)
        except subprocess.TimeoutExpired:
            return Result(HUNG, "no end within %d seconds" % _TIME, None)

    def _run(self, *arguments, raw):
        done = subprocess.run([self.program, "-C", self.config, *arguments], input=raw,
                              env=self._environment, capture_output=True, check=False,
                              timeout=_TIME)
        return done.returncode, done.stdout, done.stderr.decode("utf-8", "replace")

    def _kept(self):
        """What the server has; more than one message cannot be right."""
        if not self.host.messages:
            return None
        (message,) = self.host.messages
        return Stored(message.content, message.rcpt_tos, "SMTPUTF8" in message.mail_options,
                      "BODY=8BITMIME" in message.mail_options)

    def _header(self, raw):
        status, _, said = self._run("-t", raw=raw)
        return Result(status, said, self._kept())

    def _argument(self, raw):
        status, _, said = self._run(*RECIPIENTS, raw=raw)
        return Result(status, said, self._kept())

    def _dry(self, raw):
        status, out, said = self._run("--dry-run", "-t", raw=raw)
        return Result(status, said, _read_dry_run(out) if status == SENT else None)

    def _bs(self, raw):
        status, out, said = self._run("-bs", raw=_conversation(raw))
        replies = re.findall(r"^(\d{3} .*)$", out.decode("utf-8", "replace").replace("\r", ""),
                             re.MULTILINE)
        words = [reply for reply in replies if not reply.startswith(("220", "221", "354"))]
        last = words[-1] if words else "none"
        if status == SENT and not last.startswith("250"):
            status, said = (DATA if last.startswith("5") else LATER), last
        return Result(status, said, self._kept())


def _conversation(raw):
    """What a client of -bs says: the message with CRLF and its dots doubled."""
    text = re.sub(rb"\r*\n", b"\r\n", raw)
    text += b"" if text.endswith(b"\r\n") else b"\r\n"
    text = re.sub(rb"^\.", b"..", text, flags=re.MULTILINE)
    head = ["EHLO here.example", "MAIL FROM:<joe@sender.example> BODY=8BITMIME",
            *(f"RCPT TO:<{name}>" for name in RECIPIENTS), "DATA"]
    return "".join(line + "\r\n" for line in head).encode() + text + b".\r\nQUIT\r\n"


def _read_dry_run(out):
    """The envelope stands in front, in lines that begin with a mark."""
    lines, at = out.split(b"\n"), 0
    while lines[at].startswith(b"# "):
        at += 1
    head = b"\n".join(lines[:at]).decode("utf-8", "surrogateescape")
    content = b"\n".join(lines[at:]).replace(b"\n", b"\r\n")
    return Stored(content, re.findall(r"^# RCPT TO:<(.*)>", head, re.MULTILINE),
                  smtputf8="# needs SMTPUTF8" in head, eightbit=True)


def case_of(form):
    """What the judge must know of a form."""
    if form in ("header", "utf8", "dry"):
        return Case(from_header=True)
    return Case(from_header=False, arguments=tuple(name.encode() for name in RECIPIENTS),
                reencoded=form == "7bit")
