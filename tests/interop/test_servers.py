# SPDX-License-Identifier: MIT
"""What a real server stores is what was given to the program, octet for octet.

The servers pass each message on to a sink, so what is compared has been through their parsers
and queues. Fields that they add at the top are removed before.
"""

import re
import smtplib
import ssl
import subprocess

import pytest

from realservers import PASSWORD, USER

pytestmark = pytest.mark.interop

HEADER = (b"From: a@x.example\n"
          b"To: b@y.example\n"
          b"Date: Thu, 01 Jan 2026 00:00:00 +0000\n"
          b"Message-ID: <1@x.example>\n"
          b"Subject: t\n")
MIME = (b"MIME-Version: 1.0\n"
        b"Content-Type: text/plain; charset=utf-8\n"
        b"Content-Transfer-Encoding: 8bit\n")
DOTS = b".\n..\n.leading\n...\n \nmiddle.\n.\n.\n\n.\n"

MESSAGES = {
    "small": HEADER + b"\nhello\n",
    "no-body": HEADER,
    "empty-body": HEADER + b"\n",
    "dots": HEADER + b"\n" + DOTS,
    "8-bit": HEADER + MIME + "\nGrüße, žluťoučký kůň, 日本語\n.ä\n".encode(),
    "crlf": (HEADER + b"\nhello\n" + DOTS).replace(b"\n", b"\r\n"),
    "mixed": HEADER.replace(b"\n", b"\r\n") + b"\r\none\ntwo\r\nthree\r\r\n.\n.\r\nfour\n\n\r\n",
    "no-final-newline": HEADER + b"\nhello\nlast",
    "final-dot": HEADER + b"\nhello\n.",
    "long-line": HEADER + b"\n" + b"." * 998 + b"\n",
    "5-megabytes": HEADER + b"\n" + (b"." + b"0123456789abcdef" * 4 + b"\n" + DOTS) * 60000,
}

_ADDED = re.compile(rb"\A(?:(?:Received|Return-Path|Delivered-To):[^\n]*\n(?:[ \t][^\n]*\n)*)+",
                    re.IGNORECASE)

CONFIGURATION = """\
account default
host localhost
port {port}
tls on
tls_starttls {starttls}
tls_trust_file {ca}
auth {auth}
user {user}
password {password}
from a@x.example
"""


def canonical(message):
    """The message as it has to be on the wire, dots undone."""
    lines = re.sub(rb"\r*\n", b"\n", message)
    if not lines.endswith(b"\n"):
        lines += b"\n"
    if b"\n\n" not in lines:
        lines += b"\n"  # the empty line that ends every header
    return lines.replace(b"\n", b"\r\n")


def stored(server, number):
    """Message `number` of the sink, without what the server put before it."""
    message = server.sink.wait_message(number)
    assert (message.mail_from, message.rcpt_tos) == ("a@x.example", ["b@y.example"])
    return _ADDED.sub(b"", message.content)


def assert_same(got, wanted):
    """Compare; say where they part instead of printing megabytes."""
    if got == wanted:
        return
    place = next((i for i, (a, b) in enumerate(zip(got, wanted)) if a != b),
                 min(len(got), len(wanted)))
    near = slice(max(0, place - 40), place + 40)
    pytest.fail("%d octets stored, %d wanted; they part at %d: %r, wanted %r"
                % (len(got), len(wanted), place, got[near], wanted[near]), pytrace=False)


def with_smtplib(server, tls, certs, message):
    """Submit with Python's own client."""
    context = ssl.create_default_context(cafile=certs["ca"])
    if tls == "implicit":
        client = smtplib.SMTP_SSL("localhost", server.ports[tls], timeout=30, context=context)
    else:
        client = smtplib.SMTP("localhost", server.ports[tls], timeout=30)
    with client:
        if tls == "starttls":
            client.starttls(context=context)
        client.login(USER, PASSWORD)
        client.sendmail("a@x.example", "b@y.example", canonical(message), ["BODY=8BITMIME"])


def test_server_alone(server, tls, certs):
    """The comparison holds for another client: what fails below is the program's doing."""
    message = MESSAGES["8-bit"] + DOTS
    number = len(server.sink.messages) + 1
    with_smtplib(server, tls, certs, message)
    assert_same(stored(server, number), canonical(message))


@pytest.mark.parametrize("name", MESSAGES)
def test_message(server, tls, name, postrider, certs, tmp_path):
    """The program submits each message, and it arrives as it was."""
    configuration = tmp_path / "config"
    configuration.touch(mode=0o600)
    configuration.write_text(CONFIGURATION.format(
        port=server.ports[tls], starttls="on" if tls == "starttls" else "off", ca=certs["ca"],
        auth="on", user=USER, password=PASSWORD))
    number = len(server.sink.messages) + 1
    done = subprocess.run([postrider, "-C", configuration, "b@y.example"], input=MESSAGES[name],
                          capture_output=True, timeout=60, check=False,
                          env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)})
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert_same(stored(server, number), canonical(MESSAGES[name]))


def log_in(server, certs, folder, program, auth, password=PASSWORD):
    """Submit a small message inside TLS with that value of `auth`; the run."""
    configuration = folder / "config"
    configuration.touch(mode=0o600)
    configuration.write_text(CONFIGURATION.format(
        port=server.ports["implicit"], starttls="off", ca=certs["ca"], auth=auth, user=USER,
        password=password))
    return subprocess.run([program, "-v", "-C", configuration, "b@y.example"],
                          input=MESSAGES["small"], capture_output=True, timeout=60, check=False,
                          text=False, env={"PATH": "/usr/bin:/bin", "HOME": str(folder)})


@pytest.mark.parametrize("auth, mechanism", [
    ("on", "PLAIN"), ("plain", "PLAIN"), ("login", "LOGIN"), ("scram", "SCRAM-SHA-256"),
    ("scram-sha-256", "SCRAM-SHA-256"), ("scram-sha-1", "SCRAM-SHA-1"), ("cram-md5", "CRAM-MD5")])
def test_mechanism(server, auth, mechanism, postrider, certs, tmp_path):
    """Every mechanism, with the right password and with a wrong one."""
    number = len(server.sink.messages) + 1
    done = log_in(server, certs, tmp_path, postrider, auth)
    assert done.returncode == 0, done.stderr.decode()
    assert f"** authenticated with {mechanism}\n" in done.stderr.decode()
    assert_same(stored(server, number), canonical(MESSAGES["small"]))
    done = log_in(server, certs, tmp_path, postrider, auth, "wrong")
    assert done.returncode == 77 and b"535 " in done.stderr
