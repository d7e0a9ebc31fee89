# SPDX-License-Identifier: MIT
"""What the tests of this folder share: the servers, submitting to them, what has arrived."""

import re
import subprocess

import pytest

from dovecot import DovecotSubmission
from exim import Exim
from opensmtpd import OpenSMTPD
from postfix import Postfix
from realservers import PASSWORD, USER

SERVERS = {"postfix": Postfix, "dovecot": DovecotSubmission, "exim": Exim, "opensmtpd": OpenSMTPD}
TLS = ("starttls", "implicit")
SENDER, RCPT = "a@x.example", "b@y.example"

HEADER = (b"From: a@x.example\n"
          b"To: b@y.example\n"
          b"Date: Thu, 01 Jan 2026 00:00:00 +0000\n"
          b"Message-ID: <1@x.example>\n"
          b"Subject: t\n")
MIME = (b"MIME-Version: 1.0\n"
        b"Content-Type: text/plain; charset=utf-8\n"
        b"Content-Transfer-Encoding: 8bit\n")
SMALL = HEADER + b"\nhello\n"

_ADDED = re.compile(rb"\A(?:(?:Received|Return-Path|Delivered-To):[^\n]*\n(?:[ \t][^\n]*\n)*)+",
                    re.IGNORECASE)

_SETTINGS = {"host": "localhost", "tls": "on", "auth": "on", "user": USER, "password": PASSWORD,
             "from": SENDER}


class Submitter:
    """The program in a folder of its own, which is its home."""

    def __init__(self, program, ca, folder):
        self.program = program
        self.folder = folder
        self.settings = {**_SETTINGS, "tls_trust_file": ca}

    def to(self, port, tls):
        """Further settings for a port where TLS begins so."""
        return {"port": port, "tls_starttls": "on" if tls == "starttls" else "off"}

    def __call__(self, message, *arguments, environment=None, timeout=120, **settings):
        """Run it with these arguments and settings (None: not set); the completed process."""
        configuration = self.folder / "config"
        configuration.touch(mode=0o600)
        lines = ["%s %s" % pair for pair in {**self.settings, **settings}.items()
                 if pair[1] is not None]
        configuration.write_text("\n".join(["account default", *lines, ""]))
        return subprocess.run([self.program, "-C", configuration, *arguments], input=message,
                              capture_output=True, timeout=timeout, check=False,
                              env={"PATH": "/usr/bin:/bin", "HOME": str(self.folder),
                                   **(environment or {})})


def canonical(message):
    """The message as it has to be on the wire, dots undone."""
    header, empty, body = re.sub(rb"\r*\n", b"\n", message).partition(b"\n\n")
    lines = header.replace(b"\r", b" ") + empty + body.replace(b"\r", b"\n")
    if not lines.endswith(b"\n"):
        lines += b"\n"
    if b"\n\n" not in lines:
        lines += b"\n"  # the empty line that ends every header
    return lines.replace(b"\n", b"\r\n")


def original(content):
    """A message without what a server put before it."""
    return _ADDED.sub(b"", content)


def arrived(server, mark, *rcpts):
    """What came to the sink since it held `mark` messages: the content for those recipients.

    Every one of them has to get it once, and nobody else; a server may split a message.
    """
    left, contents = list(rcpts), []
    while left:
        mark += 1
        message = server.sink.wait_message(mark)
        assert message.mail_from == SENDER
        for rcpt in message.rcpt_tos:
            assert rcpt in left
            left.remove(rcpt)
        contents.append(original(message.content))
    for other in contents[1:]:
        assert_same(other, contents[0])
    return contents[0]


def assert_same(got, wanted):
    """Compare; say where they part instead of printing megabytes."""
    if got == wanted:
        return
    place = next((i for i, (a, b) in enumerate(zip(got, wanted)) if a != b),
                 min(len(got), len(wanted)))
    near = slice(max(0, place - 40), place + 40)
    pytest.fail("%d octets stored, %d wanted; they part at %d: %r, wanted %r"
                % (len(got), len(wanted), place, got[near], wanted[near]), pytrace=False)
