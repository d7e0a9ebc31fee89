# SPDX-License-Identifier: MIT
"""8-bit content for servers without 8BITMIME, and lines that are too long.

What was stored is read with Python's parser: the decoded parts are those of the original.
"""

import email
import email.charset
import email.header
import random
from email.message import Message
from email.utils import collapse_rfc2231_value

import pytest

from sampling import sampled

HEADER = (b"From: a@x.example\r\nDate: Thu, 01 Jan 2026 00:00:00 +0000\r\n"
          b"Message-ID: <1@x.example>\r\n")
TEXTS = ["plain\n", "grüße, žluťoučký kůň, 日本語\n", "-- \n--\n--b\n.\n..ä\nFrom ö\n=20 = ü\t\n",
         "ü" * 700 + "\n", "", "no line end: é", " \n\n\tä \n"]
NAME = "Größe, \"x\" und ein langer Name für 日本語.txt"


def submit(program, host, message, *args, status=0):
    """Submit; the message as the smarthost has it, or nothing, as the status says."""
    before = len(host.messages)
    done = program(*args, "b@y.example", message=message)
    assert done.returncode == status, done.err
    assert len(host.messages) == before + (status == 0)
    return host.messages[-1] if status == 0 else done


def canonical(message):
    """With CRLF, at the end too, as it is sent."""
    lines = message.replace(b"\r\n", b"\n").removesuffix(b"\n")
    return lines.replace(b"\n", b"\r\n") + b"\r\n"


def octets(part):
    """The decoded content of a leaf; line ends as LF, without those at the end."""
    return (part.get_payload(decode=True) or b"").replace(b"\r\n", b"\n").rstrip(b"\n")


def raw(text):
    """Octets as the email package keeps them in text."""
    return text.decode("ascii", "surrogateescape")


# --- messages of many shapes ---

def make_leaf(dice):
    """A leaf: text of some charset, or an attachment; with or without an encoding."""
    part = Message()
    content = "".join(dice.choices(TEXTS, k=dice.randint(0, 4)))
    kind = dice.choice(["utf-8", "latin", "none", "binary", "quoted-printable", "base64"])
    if kind == "utf-8":
        part["Content-Type"] = dice.choice(["text/plain", "TEXT/html"]) + '; charset="utf-8"'
        part["Content-Transfer-Encoding"] = dice.choice(["8bit", "8BIT (so it is)", "binary"])
    elif kind == "latin":
        part["Content-Type"] = "text/plain; charset=iso-8859-1"
    elif kind == "binary":
        part["Content-Type"] = "application/octet-stream"
    elif kind != "none":
        part["Content-Type"] = "text/plain; charset=utf-8"
        charset = email.charset.Charset("utf-8")
        charset.body_encoding = {"base64": email.charset.BASE64,
                                 "quoted-printable": email.charset.QP}[kind]
        part.set_payload(content, charset)
        del part["MIME-Version"]
    if part.get_payload() is None:
        charset = {"latin": "latin-1", "binary": "utf-16-be"}.get(kind, "utf-8")
        data = content.encode(charset, "replace")
        part.set_payload(raw(data.replace(b"\0", b"\1").replace(b"\r", b"\2")))
    if kind == "binary" and dice.random() < 0.7:
        part["Content-Disposition"] = raw(b'attachment; filename="%s"'
                                          % NAME.replace('"', '\\"').encode())
        part.given_name = NAME
    if dice.random() < 0.2:
        part["Content-Description"] = raw("größer als groß".encode())
    return part


def make_multipart(dice, depth):
    """A multipart of up to four parts."""
    part = Message()
    kind = dice.choice(["mixed", "alternative", "related", "x-unknown"])
    part["Content-Type"] = "multipart/" + kind
    if dice.random() < 0.5:
        part["Content-Transfer-Encoding"] = "8bit"
    part.set_boundary(dice.choice(["b", "bb", "=_b=C3", "a b", "--"]) + str(depth))
    part.preamble = dice.choice([None, "This is MIME.\n", "--\n"])
    part.epilogue = dice.choice([None, "", "The end.\n"])
    for _ in range(dice.randint(1, 4)):
        part.attach(make_part(dice, depth + 1))
    return part


def make_message(dice, depth):
    """A message in a message."""
    part = Message()
    part["Content-Type"] = "message/rfc822"
    inner = make_part(dice, depth + 1)
    inner["From"] = raw("Jörg <a@x.example>".encode())
    inner["Subject"] = raw("Über größere Dinge".encode())
    part.attach(inner)
    return part


def make_part(dice, depth=0):
    """Any part; leaves become likelier with the depth."""
    if dice.random() < 0.25 + depth / 6:
        return make_leaf(dice)
    return dice.choice([make_multipart, make_multipart, make_message])(dice, depth)


def make(seed):
    """A whole message. Its own header is ASCII."""
    message = make_part(random.Random(seed))
    message.given_name = None
    del message["Content-Disposition"]
    del message["Content-Description"]
    message["From"] = "a@x.example"
    message["Date"] = "Thu, 01 Jan 2026 00:00:00 +0000"
    message["Message-ID"] = "<1@x.example>"
    message["Subject"] = "t"
    return message


def compare(built, content):
    """What was stored has the same parts with the same content."""
    stored = email.message_from_bytes(content)
    parts, given = list(stored.walk()), list(built.walk())
    assert [p.get_content_type() for p in parts] == [p.get_content_type() for p in given]
    for part, original in zip(parts, given):
        if not original.is_multipart():
            assert octets(part) == octets(original)
            text = original.get_payload()
            name = getattr(original, "given_name", None)
            if name:
                stored_name = part.get_param("filename", header="Content-Disposition")
                assert collapse_rfc2231_value(stored_name) == name
            if "Content-Type" not in original and not text.isascii():
                assert part.get_content_charset() == "utf-8"
        if original["Content-Description"]:
            words = email.header.decode_header(part["Content-Description"])
            assert str(email.header.make_header(words)) == "größer als groß"


@pytest.mark.parametrize("seed", sampled(range(25), 3))
def test_without_8bitmime(program, clear_host, seed):
    """Each stored message is 7-bit and MIME, its lines are short, and it says what it said."""
    clear_host.eightbit = False
    program.account(clear_host)
    for number in range(seed * 12, seed * 12 + 12):
        message = make(number)
        given = message.as_bytes()
        stored = submit(program, clear_host, given)
        assert stored.content.isascii()
        assert "BODY=8BITMIME" not in stored.mail_options
        compare(message, stored.content)
        if given.isascii():
            assert stored.content == canonical(given)
        again = submit(program, clear_host, stored.content)
        assert again.content == stored.content


@pytest.mark.parametrize("seed", range(5))
def test_with_8bitmime(program, clear_host, seed):
    """Nothing is changed but text with lines that are too long."""
    program.account(clear_host)
    clear_host.long_lines = True
    for number in range(seed * 12, seed * 12 + 12):
        message = make(number)
        given = canonical(message.as_bytes())
        stored = submit(program, clear_host, given)
        compare_long = max(map(len, given.split(b"\r\n"))) > 990
        if compare_long:
            assert octets_of_leaves(stored.content) == octets_of_leaves(given)
        else:
            assert stored.content == given
        assert ("BODY=8BITMIME" in stored.mail_options) == (not stored.content.isascii())


def octets_of_leaves(content):
    """The decoded contents of all leaves, in order."""
    return [octets(part) for part in email.message_from_bytes(content).walk()
            if not part.is_multipart()]


# --- single shapes ---

def test_unlabelled_text(program, clear_host):
    clear_host.eightbit = False
    program.account(clear_host)
    done = program("b@y.example", message=canonical(HEADER) + "\r\ngrüße \n".encode())
    assert (done.returncode, done.out, done.err) == (0, "", "")
    assert clear_host.wait_message().content == HEADER + (
        b"MIME-Version: 1.0\r\n"
        b"Content-Type: text/plain; charset=UTF-8\r\n"
        b"Content-Transfer-Encoding: quoted-printable\r\n"
        b"\r\ngr=C3=BC=C3=9Fe=20\r\n")


def test_what_is_told(program, clear_host):
    clear_host.eightbit = False
    program.account(clear_host)
    done = program("-v", "b@y.example", message="\ngrüße\n".encode())
    assert done.returncode == 0
    assert "parts that became quoted-printable: 1\n" in done.err


def test_size_is_that_of_what_is_sent(program, clear_host):
    clear_host.eightbit, clear_host.size = False, 10000
    program.account(clear_host)
    stored = submit(program, clear_host, HEADER + b"\r\n" + "ü\n".encode() * 1000)
    assert f"SIZE={len(stored.content)}" in stored.mail_options
    done = submit(program, clear_host, HEADER + b"\r\n" + "ü\n".encode() * 2000, status=65)
    assert "at most 10000" in done.err


def test_large_message(program, clear_host, tmp_path):
    """Both spools are files; nothing is left behind."""
    clear_host.eightbit = False
    program.account(clear_host)
    folder = tmp_path / "spool"
    folder.mkdir()
    text = "0123456789ä\n".encode() * 200000
    done = program("b@y.example", message=HEADER + b"\r\n" + text, env={"TMPDIR": str(folder)})
    assert done.returncode == 0
    stored = email.message_from_bytes(clear_host.wait_message().content)
    assert stored.get_payload(decode=True) == text.replace(b"\n", b"\r\n")
    assert not list(folder.iterdir())


def mixed(*parts, kind="mixed"):
    """A message of these parts, each with its header."""
    body = b"".join(b"--b\r\n" + part + b"\r\n" for part in parts)
    return (HEADER + b"MIME-Version: 1.0\r\nContent-Type: multipart/" + kind.encode()
            + b"; boundary=b\r\n\r\n" + body + b"--b--\r\n")


EIGHT = "grüße".encode()
REFUSED = {
    "dkim": (b"DKIM-Signature: v=1\r\n" + HEADER + b"\r\n" + EIGHT + b"\r\n", "DKIM-Signature"),
    "signed": (mixed(b"\r\n" + EIGHT, b"\r\nsignature", kind="signed"),
               "part 1 (text/plain) has 8-bit octets that cannot be encoded: it is inside a signed"),
    "encrypted": (mixed(b"\r\nVersion: 1", b"Content-Type: application/octet-stream\r\n\r\n\xff",
                        kind="encrypted"), "part 2 (application/octet-stream)"),
    "signed-inside": (mixed(b"\r\nx", b"Content-Type: multipart/signed; boundary=c\r\n\r\n--c\r\n"
                            b"\r\n" + EIGHT + b"\r\n--c--"), "part 2.1 (text/plain)"),
    "base64": (mixed(b"Content-Transfer-Encoding: base64\r\n\r\n" + EIGHT), "labelled as base64"),
    "unknown-encoding": (mixed(b"Content-Transfer-Encoding: x\r\n\r\n" + EIGHT), "is not known"),
    "no-boundary": (HEADER + b"Content-Type: multipart/mixed\r\n\r\n" + EIGHT + b"\r\n",
                    "without a usable boundary"),
    "partial": (mixed(b"Content-Type: message/partial\r\n\r\n" + EIGHT), "(message/partial)"),
    "part-header": (mixed(b"Content-Type: text/x; boundary=" + EIGHT + b"\r\n\r\nx"), "no encoding for them"),
    "deep": (HEADER + b"Content-Type: message/rfc822\r\n\r\n" * 101 + EIGHT + b"\r\n",
             "more than 100"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(program, clear_host, name):
    """65 with the part, the reason and a hint, and nothing sent; with 8BITMIME it goes as it is."""
    message, reason = REFUSED[name]
    clear_host.eightbit = False
    program.account(clear_host)
    done = submit(program, clear_host, message, status=65)
    assert reason in done.err
    assert "account default: the server offers no 8BITMIME: " in done.err
    assert "hint: " in done.err and len(done.err.splitlines()) == 2
    clear_host.eightbit = True
    stored = submit(program, clear_host, message)
    assert stored.content == message
    assert "BODY=8BITMIME" in stored.mail_options


@pytest.mark.parametrize("header", [b"", b"Content-Type: text/html\r\n",
                                    b"Content-Type: text/plain\r\n"
                                    b"Content-Transfer-Encoding: 8bit\r\n"])
@pytest.mark.parametrize("text", [b"x" * 999, b"x" * 5000, "ü".encode() * 3000,
                                  b"x " * 500 + b"\r\n" + b"--b" * 400])
def test_long_lines(program, clear_host, header, text):
    program.account(clear_host)
    stored = submit(program, clear_host, HEADER + header + b"\r\n" + text + b"\r\nend\r\n")
    assert max(map(len, stored.content.split(b"\r\n"))) <= 78
    assert stored.content.isascii() and "BODY=8BITMIME" not in stored.mail_options
    message = email.message_from_bytes(stored.content)
    assert message.get_payload(decode=True) == text + b"\r\nend\r\n"
    assert message["MIME-Version"] == "1.0"


def test_a16_line_of_990_is_left(program, clear_host):
    program.account(clear_host)
    message = HEADER + b"\r\n" + b"x" * 990 + b"\r\n"
    assert submit(program, clear_host, message).content == message


LONG = b"x" * 999
PASSED = {
    "signed": mixed(b"\r\n" + LONG, kind="signed"),
    "dkim": b"DKIM-Signature: v=1\r\n" + HEADER + b"\r\n" + LONG + b"\r\n",
    "base64": mixed(b"Content-Transfer-Encoding: base64\r\n\r\n" + LONG),
    "no-text": mixed(b"Content-Type: application/json\r\n\r\n" + LONG),
    "preamble": mixed(b"\r\nx").replace(b"\r\n\r\n", b"\r\n\r\n" + LONG + b"\r\n", 1),
    "part-header": mixed(b"A: " + LONG + b"\r\n\r\nx"),
}


@pytest.mark.parametrize("name", PASSED)
def test_long_lines_that_pass(program, clear_host, name):
    """As they are, and -v tells of it."""
    clear_host.long_lines = True
    program.account(clear_host)
    assert submit(program, clear_host, PASSED[name]).content == PASSED[name]
    done = program("-v", "b@y.example", message=PASSED[name])
    assert "1 part with lines over 990 octets cannot be changed" in done.err


def test_long_lines_among_others(program, clear_host):
    """Only the text changes."""
    clear_host.long_lines = True
    program.account(clear_host)
    other = b"Content-Type: application/json\r\n\r\n" + LONG
    done = program("-v", "b@y.example", message=mixed(b"\r\n" + LONG, other, b"\r\nshort"))
    assert done.returncode == 0
    assert "1 part with lines over 990 octets became quoted-printable" in done.err
    content = clear_host.wait_message().content
    assert b"--b\r\n" + other + b"\r\n--b\r\n\r\nshort\r\n--b--\r\n" in content
    assert octets_of_leaves(content) == [LONG, LONG, b"short"]


@pytest.mark.parametrize("line", ["-- foo", "--foo bar", "--fo", "- -foo", " --foo"])
def test_lines_that_only_look_like_a_delimiter(program, clear_host, line):
    clear_host.eightbit = False
    program.account(clear_host)
    text = f"ä\n{line}\nö\n"
    message = (HEADER.decode() + "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=foo\n\n"
               f"--foo\nContent-Type: text/plain; charset=utf-8\n\n{text}\n--foo--\n")
    got = email.message_from_bytes(submit(program, clear_host, message.encode()).content)
    assert len(got.get_payload()) == 1
    assert octets(got.get_payload()[0]).decode() == text.rstrip("\n")


def test_what_is_signed_ends_at_its_own_delimiter(program, clear_host):
    clear_host.eightbit = False
    program.account(clear_host)
    signed = "--in\nContent-Type: text/plain\n\nabc\n-- out\nä\n--in\n\nsig\n--in--\n"
    message = (HEADER.decode() + "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=out\n\n"
               f"--out\nContent-Type: multipart/signed; boundary=in\n\n{signed}\n--out--\n")
    submit(program, clear_host, message.encode(), status=65)


@pytest.mark.parametrize("encoding", ["7bit;", "8-bit", "7-bit", "", "8BIT ; x", "8bit (c)"])
def test_encodings_that_are_nearly_right(program, clear_host, encoding):
    clear_host.eightbit = False
    program.account(clear_host)
    message = (HEADER.decode() + "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n"
               f"Content-Transfer-Encoding: {encoding}\n\nä\n")
    status = 65 if encoding == "8BIT ; x" else 0
    got = submit(program, clear_host, message.encode(), status=status)
    if not status:
        assert octets(email.message_from_bytes(got.content)).decode() == "ä"


@pytest.mark.parametrize("size", [30_000, 69_000, 140_000, 540_000, 1_000_000, 1_100_000, 3_000_000])
@pytest.mark.parametrize("text", ["ü", "täglich grüßt "], ids=["dense", "text"])
def test_sizes_that_grow(program, clear_host, size, text):
    """What is rewritten behind itself, in memory or in a file, is read to its end as it was."""
    program.account(clear_host)
    clear_host.eightbit = False
    numbered = (f"{n} {text * (60 // len(text))}\n" for n in range(size // 60))
    body = "".join(numbered).encode()[:size].decode(errors="ignore")
    stored = submit(program, clear_host, HEADER.replace(b"\r\n", b"\n") + b"Subject: s\n\n" + body.encode())
    assert stored.content.isascii()
    message = email.message_from_bytes(stored.content)
    assert message["Content-Transfer-Encoding"] == "quoted-printable"
    assert octets(message).decode() == body.rstrip("\n")


def test_long_lines_that_grow(program, clear_host):
    """The same for text that is re-encoded before anything is connected."""
    program.account(clear_host)
    body = "".join(f"{n} " + "=ü " * 500 + "\n" for n in range(400))
    stored = submit(program, clear_host, HEADER.replace(b"\r\n", b"\n") + b"Subject: s\n\n" + body.encode())
    message = email.message_from_bytes(stored.content)
    assert octets(message).decode() == body.rstrip("\n")
