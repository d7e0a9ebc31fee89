# SPDX-License-Identifier: MIT
"""What arrives is what was meant: line ends, dots, header, Bcc, large messages."""

import email
import email.header
import email.utils
import os
import re
import subprocess
import time

import pytest

HEADER = b"From: a@x.example\r\nDate: Thu, 01 Jan 2026 00:00:00 +0000\r\nMessage-ID: <1@x>\r\n"


def send(program, host, message, *args):
    """Submit; the message as the smarthost has it."""
    done = program(*args, "b@y.example", message=message)
    assert (done.returncode, done.out, done.err) == (0, "", "")
    return host.wait_message(len(host.messages) or 1)


def body_of(content):
    """What stands behind the header."""
    return content.split(b"\r\n\r\n", 1)[1]


BODIES = {
    "lf": (b"one\ntwo\n", b"one\r\ntwo\r\n"),
    "crlf": (b"one\r\ntwo\r\n", b"one\r\ntwo\r\n"),
    "cr-cr-lf": (b"one\r\r\ntwo\n", b"one\r\ntwo\r\n"),
    "lone-cr": (b"one\rtwo\n", b"one\r\ntwo\r\n"),
    "no-end": (b"one", b"one\r\n"),
    "final-cr": (b"one\r", b"one\r\n"),
    "dots": (b".\n..\n.x\nx.\n", b".\r\n..\r\n.x\r\nx.\r\n"),
    "smuggle-lf": (b"a\n.\nMAIL FROM:<z@z>\n", b"a\r\n.\r\nMAIL FROM:<z@z>\r\n"),
    "smuggle-cr": (b"a\r.\rMAIL FROM:<z@z>\n", b"a\r\n.\r\nMAIL FROM:<z@z>\r\n"),
    "smuggle-mixed": (b"a\n.\r\nb\r\n.\nc\n", b"a\r\n.\r\nb\r\n.\r\nc\r\n"),
    "nul": (b"a\0b\n", b"a?b\r\n"),
    "empty": (b"", b""),
    "8-bit": ("grün\n".encode(), "grün\r\n".encode()),
    "long-line": (b"x" * 990 + b"\n", b"x" * 990 + b"\r\n"),
}


@pytest.mark.parametrize("name", BODIES)
def test_body(program, clear_host, name):
    given, wanted = BODIES[name]
    program.account(clear_host)
    message = send(program, clear_host, HEADER + b"\r\n" + given)
    assert message.content == HEADER + b"\r\n" + wanted
    assert ("BODY=8BITMIME" in message.mail_options) == (name == "8-bit")


def test_header_fields_are_added_in_front(program, clear_host):
    program.account(clear_host)
    message = send(program, clear_host, b"Subject: t\nX-Odd:  kept \n\nhello\n")
    head = message.content.split(b"\r\n\r\n")[0].decode().split("\r\n")
    assert [line.split(":")[0] for line in head] == ["From", "Date", "Message-ID", "Subject",
                                                     "X-Odd"]
    assert head[0] == "From: a@x.example"
    then = email.utils.parsedate_to_datetime(head[1][6:])
    assert abs(time.time() - then.timestamp()) < 300
    assert re.fullmatch(r"Message-ID: <[a-z2-7]{26}@x\.example>", head[2])
    assert head[4] == "X-Odd:  kept "


def test_verbose_tells_what_was_changed(program, clear_host):
    program.account(clear_host)
    done = program("-v", "b@y.example", message=b"From joe Mon\nX: a\rb\n\nc\rd\0\n")
    assert done.returncode == 0
    for told in ("of a mailbox in the header", "became spaces", "became line ends", "NUL octets"):
        assert told in done.err


def test_message_ids_differ(program, clear_host):
    program.account(clear_host)
    ids = set()
    for _ in range(2):
        content = send(program, clear_host, b"Subject: t\n\nhello\n").content
        ids.add(email.message_from_bytes(content)["Message-ID"])
    assert len(ids) == 2


@pytest.mark.parametrize("field", ["Bcc: s@z.example", "BCC: s@z.example", "bcc : s@z.example",
                                   "Bcc\t: s@z.example", "Bcc:\n s@z.example,\n\tt@z.example",
                                   "Resent-Bcc: s@z.example", "resent-BCC  : s@z.example"])
def test_bcc_never_leaves(program, clear_host, field):
    program.account(clear_host)
    text = f"To: b@y.example\n{field}\nSubject: t\n\nBcc: in the body stays\n"
    message = send(program, clear_host, text.encode())
    assert b"z.example" not in message.content
    assert b"Subject: t" in message.content
    assert body_of(message.content) == b"Bcc: in the body stays\r\n"


def test_bcc_behind_nul_and_lone_cr(program, clear_host):
    program.account(clear_host)
    message = send(program, clear_host, b"X: a\0b\nY: c\rZ: not-a-field\nBcc: s@z.example\n\nhi\n")
    assert b"X: a?b\r\nY: c Z: not-a-field\r\n" in message.content
    assert b"s@z.example" not in message.content


SHAPES = {
    "mbox-line-between-fields": (b"Replied: Mon, 1 Jan 2026 10:00:00 +0000\n"
                                 b"From joe@x.example  Mon Jan  1 00:00:00 2026\nSubject: t\n\nhello\n",
                                 b"hello\r\n"),
    "mbox-line": (b"From joe Mon Jan  1 00:00:00 2026\nSubject: t\n\nhello\n", b"hello\r\n"),
    "no-header": (b"just some text\nTo: not a field\n", b"just some text\r\nTo: not a field\r\n"),
    "no-header-indented": (b"  indented\n", b"  indented\r\n"),
    "header-then-text": (b"Subject: t\nnot a field\n", b"not a field\r\n"),
    "blank-first": (b"\nSubject: body\n", b"Subject: body\r\n"),
    "nothing": (b"", b""),
    "header-only": (b"Subject: t", b""),
}


@pytest.mark.parametrize("name", SHAPES)
def test_shape(program, clear_host, name):
    given, wanted = SHAPES[name]
    program.account(clear_host)
    content = send(program, clear_host, given).content
    assert body_of(content) == wanted
    assert content.startswith(b"From: a@x.example\r\n")
    assert b"Mon Jan" not in content


NAMES = {
    "CronDaemon": "CronDaemon <a@x.example>",
    "Doe, John (x)": '"Doe, John (x)" <a@x.example>',
    'say "hi" \\ now': '"say \\"hi\\" \\\\ now" <a@x.example>',
    "Jörg Müller": "=?UTF-8?B?SsO2cmcgTcO8bGxlcg==?= <a@x.example>",
}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("locale", ["C", "C.UTF-8"])
def test_full_name(program, clear_host, name, locale):
    program.account(clear_host)
    done = program("-F", name, "b@y.example", message=b"\nhi\n", env={"LC_ALL": locale})
    assert done.returncode == 0
    assert f"From: {NAMES[name]}\r\n".encode() in clear_host.wait_message().content


def test_long_name_is_folded_and_decodes(program, clear_host):
    name = "ÄÖÜ " * 60 + "end"
    program.account(clear_host)
    assert program("-F", name, "b@y.example", message=b"\nhi\n").returncode == 0
    content = clear_host.wait_message().content
    assert max(map(len, content.split(b"\r\n"))) <= 78
    field = email.message_from_bytes(content)["From"]
    phrase, _, address = field.rpartition("<")
    assert str(email.header.make_header(email.header.decode_header(phrase.strip()))) == name
    assert address == "a@x.example>"


def test_large_message_by_the_spool(program, clear_host):
    program.account(clear_host)
    message = b"Subject: t\n\n" + b".0123456789\n" * 300000
    content = send(program, clear_host, message).content
    assert body_of(content) == b".0123456789\r\n" * 300000


def test_spool_leaves_nothing_and_needs_a_folder(program, clear_host, tmp_path):
    program.account(clear_host)
    folder = tmp_path / "spool"
    folder.mkdir()
    message = b"Subject: t\n\n" + b"0123456789\n" * 300000
    done = program("b@y.example", message=message, env={"TMPDIR": str(folder)})
    assert done.returncode == 0
    assert not list(folder.iterdir())


def test_slow_producer_does_not_hold_the_server(program, clear_host):
    """The message is read whole before anything is connected."""
    program.account(clear_host)
    read, write = os.pipe()
    running = subprocess.Popen([program.path, "-C", str(program.config), "b@y.example"],
                               stdin=read, env=program.environment(), stderr=subprocess.PIPE)
    os.close(read)
    os.write(write, b"Subject: t\n\nfirst\n")
    assert not clear_host.messages and running.poll() is None
    os.write(write, b"second\n")
    os.close(write)
    assert running.wait(30) == 0
    running.stderr.close()
    assert body_of(clear_host.wait_message().content) == b"first\r\nsecond\r\n"


def test_header_too_large(program, clear_host):
    program.account(clear_host)
    done = program("b@y.example", message=b"X: " + b"y" * (8 << 20) + b"\n\nhi\n")
    assert (done.returncode, clear_host.messages) == (65, [])
    assert done.err == "postrider: the header is larger than 8 MiB\n"


def test_unreadable_input(program, clear_host):
    program.account(clear_host)
    with open("/proc/self/mem", "rb", buffering=0) as broken:  # reading it is EIO
        done = program("b@y.example", stdin=broken)
    assert (done.returncode, clear_host.messages) == (74, [])
    assert "nothing was sent" in done.err
