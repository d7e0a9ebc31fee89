# SPDX-License-Identifier: MIT
"""What a real server stores is what was given to the program, octet for octet.

The servers pass each message on to a sink, so what is compared has been through their parsers
and queues. Fields that they add at the top are removed before.
"""

import email
import smtplib
import ssl

import pytest

from realservers import PASSWORD, REFUSED, USER
from submission import (HEADER, MIME, RCPT, SENDER, SERVERS, SMALL, arrived, assert_same,
                        canonical)

pytestmark = pytest.mark.interop

DOTS = b".\n..\n.leading\n...\n \nmiddle.\n.\n.\n\n.\n"
EIGHT_BIT = HEADER + MIME + "\nGrüße, žluťoučký kůň, 日本語\n.ä\n".encode()
LINE = b"." + b"0123456789abcdef" * 50 + b"\n"

MESSAGES = {
    "small": SMALL,
    "no-body": HEADER,
    "empty-body": HEADER + b"\n",
    "dots": HEADER + b"\n" + DOTS,
    "8-bit": EIGHT_BIT,
    "crlf": (HEADER + b"\nhello\n" + DOTS).replace(b"\n", b"\r\n"),
    "mixed": HEADER.replace(b"\n", b"\r\n") + b"\r\none\ntwo\r\nthree\r\r\n.\n.\r\nfour\n\n\r\n",
    "bare-cr": HEADER + b"X-Long: one\rtwo\n\none\rtwo\r.\r..\r\rfour\r.\r\n.\rlast\r",
    "smuggling": HEADER + b"\none\n.\r\nMAIL FROM:<a@x.example>\n\r.\rRCPT\r\n.\n\r.\n\rend\n",
    "no-final-newline": HEADER + b"\nhello\nlast",
    "final-dot": HEADER + b"\nhello\n.",
    "long-line": HEADER + b"\n" + b"." * 990 + b"\n",
    "20-megabytes": HEADER + b"\n" + (LINE * 20 + DOTS) * 1250,
}

LONG_TEXT = "x" * 5000 + "\n" + "žluťoučký kůň. " * 300 + "\n.\n" + "=" * 5000 + "\n"


def with_smtplib(server, tls, certs, message):
    """Submit with Python's own client."""
    context = ssl.create_default_context(cafile=certs["ca"])
    if tls == "implicit":
        client = smtplib.SMTP_SSL("127.0.0.1", server.ports[tls], timeout=30, context=context)
    else:
        client = smtplib.SMTP("127.0.0.1", server.ports[tls], timeout=30)
    with client:
        if tls == "starttls":
            client.starttls(context=context)
        client.login(USER, PASSWORD)
        client.sendmail(SENDER, RCPT, canonical(message), ["BODY=8BITMIME"])


def test_server_alone(server, tls, certs):
    """The comparison holds for another client: what fails below is the program's doing."""
    message = EIGHT_BIT + DOTS
    mark = len(server.sink.messages)
    with_smtplib(server, tls, certs, message)
    assert_same(arrived(server, mark, RCPT), canonical(message))


@pytest.mark.parametrize("name", MESSAGES)
def test_message(server, tls, name, submit):
    """The program submits each message, and it arrives as it was."""
    mark = len(server.sink.messages)
    done = submit(MESSAGES[name], RCPT, **submit.to(server.ports[tls], tls))
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert_same(arrived(server, mark, RCPT), canonical(MESSAGES[name]))


def test_chunks(server, tls, submit):
    """BDAT is earned with a first line of its own, whatever the message holds; then it goes whole.

    A server that does not offer it gets the same messages by DATA.
    """
    commands = HEADER + b"\nRSET\nMAIL FROM:<evil@x.example>\nRCPT TO:<c@y.example>\nDATA\nx\n.\nQUIT\n"
    for message, chunks in ((commands, 2), (SMALL, 1), (commands, 2)):
        mark = len(server.sink.messages)
        done = submit(message, "-v", RCPT, **submit.to(server.ports[tls], tls))
        assert done.returncode == 0, done.stderr
        assert done.stderr.count(b"-> BDAT ") == (chunks if server.chunking else 0)
        assert_same(arrived(server, mark, RCPT), canonical(message))


def test_lines_of_5000_octets(server, tls, submit):
    """They are encoded on the way: the text that arrives is the same."""
    mark = len(server.sink.messages)
    done = submit(HEADER + MIME + b"\n" + LONG_TEXT.encode(), RCPT,
                  **submit.to(server.ports[tls], tls))
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    content = arrived(server, mark, RCPT)
    assert max(map(len, content.splitlines())) <= 990
    text = email.message_from_bytes(content).get_payload(decode=True)
    assert_same(text.replace(b"\r\n", b"\n"), LONG_TEXT.encode())


def test_smtputf8(server, tls, submit):
    """An address that needs the extension is not sent to a server without it."""
    rcpt = "dörte@y.example"
    message = HEADER.replace(RCPT.encode(), rcpt.encode()) + b"\nhello\n"
    mark = len(server.sink.messages)
    done = submit(message, rcpt, **submit.to(server.ports[tls], tls))
    if server.smtputf8:
        assert (done.returncode, done.stderr) == (0, b"")
        assert_same(arrived(server, mark, rcpt), canonical(message))
        assert "SMTPUTF8" in server.sink.messages[mark].mail_options
    else:
        assert done.returncode == 65
        assert b"SMTPUTF8" in done.stderr
        done = submit(SMALL, RCPT, **submit.to(server.ports[tls], tls))
        assert done.returncode == 0
        assert_same(arrived(server, mark, RCPT), canonical(SMALL))  # and nothing before it


def test_one_recipient_of_three_is_refused(server, tls, submit):
    """The others get the message; the refused one is named."""
    others = [RCPT, "c@y.example"]
    mark = len(server.sink.messages)
    done = submit(SMALL, others[0], REFUSED, others[1], **submit.to(server.ports[tls], tls))
    assert done.returncode == 67, done.stderr.decode()
    assert REFUSED.encode() in done.stderr
    assert not any(other.encode() in done.stderr for other in others)
    assert_same(arrived(server, mark, *others), canonical(SMALL))


MECHANISMS = [(name, mechanism) for name, kind in SERVERS.items() for mechanism in kind.mechanisms]


@pytest.mark.parametrize("server, mechanism", MECHANISMS, indirect=["server"])
def test_mechanism(server, tls, mechanism, submit):
    """Every mechanism of both sides, with the right password and with a wrong one."""
    where = {**submit.to(server.ports[tls], tls), "auth": mechanism.lower()}
    mark = len(server.sink.messages)
    done = submit(SMALL, RCPT, **where)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert_same(arrived(server, mark, RCPT), canonical(SMALL))
    done = submit(SMALL, RCPT, **where, password="wrong")
    assert done.returncode == 77 and b"535 " in done.stderr


CHOICES = [(name, auth) for name, kind in SERVERS.items() for auth in ("on", "scram")
           if auth == "on" or "SCRAM-SHA-256" in kind.mechanisms]


@pytest.mark.parametrize("server, auth", CHOICES, indirect=["server"])
def test_choice_of_mechanism(server, auth, submit):
    """What is chosen where the server offers several."""
    mechanism = {"on": "PLAIN", "scram": "SCRAM-SHA-256"}[auth]
    where = {**submit.to(server.ports["implicit"], "implicit"), "auth": auth}
    mark = len(server.sink.messages)
    done = submit(SMALL, "-v", RCPT, **where)
    assert done.returncode == 0, done.stderr.decode()
    assert f"** authenticated with {mechanism}\n" in done.stderr.decode()
    assert_same(arrived(server, mark, RCPT), canonical(SMALL))
