# SPDX-License-Identifier: MIT
"""Transcripts: what server and client say in one session, one item a line.

    # text       a comment; empty lines are skipped
    ! key value  a setting of the run: from, to (several, separated by spaces), tls
                 (off|starttls|on), auth (off|on|plain|login), user, password, status (of exit),
                 body (one line of it; repeatable; instead of `hello`), empty (no body at all);
                 whole (what the server says in one piece cannot be cut elsewhere), engine (only:
                 the program cannot be driven so), binary (only: the engine cannot), outcome
                 (accepted|refused|unknown|not-sent), said (part of the server's words in the
                 error), partial (off: all or none), pipelining (off|basic|auto|full; basic where
                 it is not said, auto needs TLS and AUTH), chunking (off), protocol (lmtp), notify,
                 return, envid (of DSN), requiretls, max-recipients, etrn (a node: no message)
    S: text      the server sends text and CRLF
    S- text      the server sends text alone; \\r \\n \\0 \\xHH stand for octets
    S* N text    the server sends text and CRLF N times
    C: text      the client must send exactly this line
    B: text      the client must send exactly this line of the message, dots still doubled
    B: *         the whole message: every line, dots doubled, and the final dot; after a BDAT
                 command the lines as they are, and no dot
    T:           the TLS handshake (implicit TLS has one, too: as its first item)
    X:           the server closes

The message of every run is the same but for its body: see message_bytes().
"""

import dataclasses
import pathlib
import re

HEADER = ("From: a@x.example", "Date: Thu, 01 Jan 2026 00:00:00 +0000",
          "Message-ID: <1@x.example>", "Subject: t")

_CHOICES = {"tls": ("off", "starttls", "on"), "auth": ("off", "on", "plain", "login"),
            "outcome": ("accepted", "refused", "unknown", "not-sent"), "partial": ("on", "off"),
            "pipelining": ("off", "basic", "auto", "full"), "chunking": ("auto", "off"),
            "protocol": ("smtp", "lmtp")}
_KEPT = ("empty", "whole", "engine", "binary", "outcome", "said", "partial", "pipelining",
         "chunking", "protocol", "notify", "return", "envid", "requiretls", "max-recipients",
         "etrn")
_MARKS = ("S:", "S-", "S*", "C:", "B:", "T:", "X:")
_ESCAPE = re.compile(rb"\\(r|n|0|x[0-9A-Fa-f]{2}|.|$)", re.DOTALL)
_OCTETS = {b"r": b"\r", b"n": b"\n", b"0": b"\0"}


@dataclasses.dataclass
class Item:
    """One step: `mark` is S, C, B, T or X; `data` the octets on the wire, line end included."""
    mark: str
    data: bytes
    line: int


@dataclasses.dataclass
class Transcript:
    """A parsed file: the settings of the run and the steps of the session."""
    path: str = ""
    sender: str = "a@x.example"
    recipients: list = dataclasses.field(default_factory=lambda: ["b@y.example"])
    tls: str = "off"
    auth: str = "off"
    user: str = "joe"
    password: str = "secret"
    status: int = 0
    body: list = dataclasses.field(default_factory=lambda: [b"hello"])
    other: dict = dataclasses.field(default_factory=dict)
    items: list = dataclasses.field(default_factory=list)


def _unescape(text):
    """Decode the escapes of an `S-` line; ValueError at an unknown one."""
    def octet(match):
        code = match.group(1)
        if code in _OCTETS:
            return _OCTETS[code]
        if len(code) == 3:
            return bytes([int(code[1:], 16)])
        raise ValueError("unknown escape \\%s" % code.decode(errors="replace"))
    return _ESCAPE.sub(octet, text)


def _value(text):
    """What follows a mark: one separating space is not part of it."""
    return text[1:] if text.startswith(b" ") else text


def _set(transcript, text, seen):
    """Apply the setting `text` ("key value"); `seen` holds the keys met so far."""
    key, _, value = text.partition(b" ")
    key, word = key.decode(), value.decode(errors="surrogateescape").strip()
    if key == "body":
        transcript.body = (transcript.body if key in seen else []) + [value]
    elif key in _CHOICES and word not in _CHOICES[key]:
        raise ValueError("%s: one of %s, not %r" % (key, "|".join(_CHOICES[key]), word))
    elif key == "to":
        transcript.recipients = word.split()
    elif key == "status":
        transcript.status = int(word)
    elif key == "from":
        transcript.sender = word
    elif key in ("tls", "auth", "user", "password"):
        setattr(transcript, key, word)
    elif key in _KEPT:
        transcript.other[key] = word
    else:
        raise ValueError("unknown setting %s" % key)
    if key in seen and key != "body":
        raise ValueError("%s: given twice" % key)
    seen.add(key)


def _item(mark, text, number):
    """The step that one line stands for."""
    if mark == "S-":
        return Item("S", _unescape(text), number)
    if mark == "S*":
        count, _, line = text.partition(b" ")
        return Item("S", (line + b"\r\n") * int(count), number)
    if mark in ("T:", "X:"):
        if text.strip():
            raise ValueError("%s takes no text" % mark)
        return Item(mark[0], b"", number)
    return Item(mark[0], text + b"\r\n", number)


def _wire_lines(transcript):
    """What `B: *` stands for here: see the head of this file."""
    lines = message_bytes(transcript).replace(b"\n", b"\r\n").splitlines(keepends=True)
    commands = [item.data for item in transcript.items if item.mark == "C"]
    if commands and commands[-1].upper().startswith(b"BDAT "):
        return lines
    return [b"." + line if line.startswith(b".") else line for line in lines] + [b".\r\n"]


def _step(transcript, raw, number):
    """Take one line of the session."""
    mark, text = raw[:2].decode(errors="replace"), _value(raw[2:])
    if mark not in _MARKS:
        raise ValueError("a line begins with # ! %s, not %r" % (" ".join(_MARKS), mark))
    if mark == "B:" and text == b"*":
        transcript.items += [Item("B", line, number) for line in _wire_lines(transcript)]
    else:
        transcript.items.append(_item(mark, text, number))


def parse_transcript(path):
    """Read the file `path`; ValueError names file and line of what cannot be understood."""
    return parse_text(pathlib.Path(path).read_bytes(), str(path))


def parse_text(text, path="<text>"):
    """The same for the text itself, bytes or str. Settings hold wherever they stand."""
    transcript, seen = Transcript(path=path), set()
    data = text.encode() if isinstance(text, str) else text
    lines = [(number, raw) for number, raw in enumerate(data.split(b"\n"), 1)
             if raw.strip() and not raw.startswith(b"#")]
    for number, raw in sorted(lines, key=lambda line: not line[1].startswith(b"!")):
        try:
            if raw.startswith(b"!"):
                _set(transcript, _value(raw[1:]), seen)
            else:
                _step(transcript, raw, number)
        except ValueError as error:
            raise ValueError("%s:%d: %s" % (path, number, error)) from None
    return transcript


def message_bytes(transcript):
    """The message as it is given on standard input, with LF line ends."""
    header = [line.encode() for line in HEADER]
    body = [] if "empty" in transcript.other else transcript.body
    return b"".join(line + b"\n" for line in [*header, b"", *body])
