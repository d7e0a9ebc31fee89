# SPDX-License-Identifier: MIT
"""Transcripts: what server and client say in one session, one item a line.

    # text       a comment; empty lines are skipped
    ! key value  a setting of the run, or how it must end: transcripts/keys.def lists the keys
    S: text      the server sends text and CRLF
    S- text      the server sends text alone; \\r \\n \\0 \\xHH stand for octets
    S* N text    the server sends text and CRLF N times
    C: text      the client must send exactly this line
    B: text      the client must send exactly this line of the message, dots still doubled
    B: *         the whole message: every line, dots doubled, and the final dot; after a BDAT
                 command the lines as they are, and no dot: after one without LAST the first line,
                 after the one with LAST that follows it the rest
    T:           the TLS handshake (implicit TLS has one, too: as its first item)
    X:           the server closes

Where servers may say many codes for the same thing, one transcript plays them all:

    ! codes 75: 450, 451 4.7.1
    ! codes 69: 554
    S: {code} not from you

This is three cases: the program must end with 75, 75 and 69. A case is called by the name of its
file and its code: mail-refused-451-4.7.1.

The message of every run is the same but for its body: see message_bytes().
"""

import contextlib
import dataclasses
import pathlib
import re

HEADER = ("From: a@x.example", "Date: Thu, 01 Jan 2026 00:00:00 +0000",
          "Message-ID: <1@x.example>", "Subject: t")

_KEY = re.compile(r'^KEY\("([^"]+)", ([A-Z]+), "([^"]*)"', re.MULTILINE)
_KEYS = {name: (kind, words.split("|")) for name, kind, words in _KEY.findall(
    (pathlib.Path(__file__).parents[1] / "transcripts" / "keys.def").read_text("ascii"))}
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
    codes: dict = dataclasses.field(default_factory=dict)
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


def _check(key, word):
    """Whether the value is one that keys.def allows; ValueError says what is wrong."""
    if key not in _KEYS:
        raise ValueError("unknown setting %s" % key)
    kind, words = _KEYS[key]
    if kind == "NUMBER":
        int(word)
    elif kind == "CHOICE" and word not in words:
        raise ValueError("%s: one of %s, not %r" % (key, "|".join(words), word))
    elif kind == "FLAG" and word:
        raise ValueError("%s takes no value" % key)


def _codes(word):
    """What `STATUS: CODE, CODE` says: pairs of code and status."""
    status, _, codes = word.partition(":")
    codes = [code.strip() for code in codes.split(",")]
    if not all(codes):
        raise ValueError("codes: `STATUS: CODE, CODE` is wanted, not %r" % word)
    return [(code, int(status)) for code in codes]


def _set(transcript, text, seen):
    """Apply the setting `text` ("key value"); `seen` holds the keys met so far."""
    key, _, value = text.partition(b" ")
    key, word = key.decode(), value.decode(errors="surrogateescape").strip()
    _check(key, word)
    if key in seen and _KEYS[key][0] != "LINES":
        raise ValueError("%s: given twice" % key)
    if key == "body":
        transcript.body = (transcript.body if key in seen else []) + [value]
    elif key == "codes":
        for code, status in _codes(word):
            if code in transcript.codes:
                raise ValueError("codes: %s is given twice" % code)
            transcript.codes[code] = status
    elif key == "to":
        transcript.recipients = word.split()
    elif key == "status":
        transcript.status = int(word)
    elif key == "from":
        transcript.sender = word
    elif key in ("tls", "auth", "user", "password"):
        setattr(transcript, key, word)
    else:
        transcript.other[key] = word
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


def _is_first_chunk(command):
    """Whether it is a BDAT that others follow."""
    return re.fullmatch(rb"BDAT [0-9]+\r\n", command) is not None


def _wire_lines(transcript):
    """What `B: *` stands for here: see the head of this file."""
    lines = message_bytes(transcript).replace(b"\n", b"\r\n").splitlines(keepends=True)
    last, before = ([b"", b""] + [item.data for item in transcript.items if item.mark == "C"])[:-3:-1]
    if _is_first_chunk(last):
        return lines[:1]
    if last.upper().startswith(b"BDAT "):
        return lines[1:] if _is_first_chunk(before) else lines
    return [b"." + line if line.startswith(b".") else line for line in lines] + [b".\r\n"]


def _step(transcript, raw, number):
    """Take one line of the session."""
    if b"{code}" in raw:
        raise ValueError("{code} needs a line of codes")
    mark, text = raw[:2].decode(errors="replace"), _value(raw[2:])
    if mark not in _MARKS:
        raise ValueError("a line begins with # ! %s, not %r" % (" ".join(_MARKS), mark))
    if mark == "B:" and text == b"*":
        transcript.items += [Item("B", line, number) for line in _wire_lines(transcript)]
    else:
        transcript.items.append(_item(mark, text, number))


@contextlib.contextmanager
def _place(path, number):
    """A ValueError inside says where it was."""
    try:
        yield
    except ValueError as error:
        raise ValueError("%s:%d: %s" % (path, number, error)) from None


def _settings(text, path):
    """A Transcript without its steps, and the numbered lines of the session."""
    transcript, seen, session = Transcript(path=path), set(), []
    data = text.encode() if isinstance(text, str) else text
    for number, raw in enumerate(data.split(b"\n"), 1):
        if raw.startswith(b"!"):
            with _place(path, number):
                _set(transcript, _value(raw[1:]), seen)
        elif raw.strip() and not raw.startswith(b"#"):
            session.append((number, raw))
    if {"status", "codes"} <= seen:
        raise ValueError("%s: codes and a status" % path)
    return transcript, session


def read_cases(path):
    """The cases of a file: {name: code}; the code of the only one is empty."""
    path = pathlib.Path(path)
    codes = _settings(path.read_bytes(), str(path))[0].codes
    return {"-".join([path.stem, *code.split()]): code for code in codes or [""]}


def parse_transcript(path, code=""):
    """Read a case of the file `path`; ValueError names file and line of what is not understood."""
    return parse_text(pathlib.Path(path).read_bytes(), str(path), code)


def parse_text(text, path="<text>", code=""):
    """The same for the text itself, bytes or str. Settings hold wherever they stand."""
    transcript, session = _settings(text, path)
    if code or transcript.codes:
        if not any(b"{code}" in raw for _, raw in session):
            raise ValueError("%s: there are codes, but no {code}" % path)
        if code not in transcript.codes:
            raise ValueError("%s: no case has the code %r" % (path, code))
        transcript.status = transcript.codes[code]
        session = [(number, raw.replace(b"{code}", code.encode())) for number, raw in session]
    for number, raw in session:
        with _place(path, number):
            _step(transcript, raw, number)
    return transcript


def message_bytes(transcript):
    """The message as it is given on standard input, with LF line ends."""
    header = [line.encode() for line in HEADER]
    body = [] if "empty" in transcript.other else transcript.body
    return b"".join(line + b"\n" for line in [*header, b"", *body])
