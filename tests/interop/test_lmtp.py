# SPDX-License-Identifier: MIT
"""LMTP (RFC 2033) to a real server, by TCP and by a Unix socket: what is in the mailboxes."""

import pytest

from dovecot import DovecotLmtp
from submission import HEADER, MIME, SMALL, assert_same, canonical, original

pytestmark = pytest.mark.interop

JOE, JANE = DovecotLmtp.users
UNKNOWN = "nobody@y.example"
WAYS = ("tcp", "socket")

MESSAGES = {
    "small": SMALL,
    "dots": HEADER + b"\n.\n..\n.leading\n.\n\n.\n",
    "8-bit": HEADER + MIME + "\nGrüße, 日本語\n".encode(),
    "bare-cr": HEADER + b"\none\rtwo\r\nthree\r\r\n.\r",
    "large": HEADER + b"\n" + (b"." + b"0123456789abcdef" * 50 + b"\n") * 1250,
}


@pytest.fixture
def server(running):
    """The server with its mailboxes empty."""
    lmtp = running(DovecotLmtp)
    for user in lmtp.users:
        lmtp.mailbox(user)
    return lmtp


@pytest.fixture(params=WAYS)
def way(request, server):
    """The settings that lead to the server."""
    where = ({"host": None, "socket": server.path} if request.param == "socket"
             else {"port": server.ports["lmtp"]})
    return {"protocol": "lmtp", "tls": "off", "auth": "off", "tls_trust_file": None,
            "user": None, "password": None, **where}


def assert_delivered(server, user, message):
    """The mailbox has this message and no other; a mailbox keeps lines as the system does."""
    contents = server.mailbox(user)
    assert len(contents) == 1
    assert_same(original(contents[0]), canonical(message).replace(b"\r\n", b"\n"))


@pytest.mark.parametrize("name", MESSAGES)
def test_message(server, way, name, submit):
    """It is delivered as it was when the program ends."""
    done = submit(MESSAGES[name], JOE, JANE, **way)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    for user in (JOE, JANE):
        assert_delivered(server, user, MESSAGES[name])


def test_one_recipient_of_three_is_unknown(server, way, submit):
    """The others have the message; the unknown one is named."""
    done = submit(SMALL, JOE, UNKNOWN, JANE, **way)
    assert done.returncode == 67, done.stderr.decode()
    assert UNKNOWN.encode() in done.stderr
    for user in (JOE, JANE):
        assert_delivered(server, user, SMALL)


def test_nobody_is_known(server, way, submit):
    """The only recipient is unknown."""
    done = submit(SMALL, UNKNOWN, **way)
    assert done.returncode == 67 and UNKNOWN.encode() in done.stderr
    assert [server.mailbox(user) for user in server.users] == [[], []]


def test_all_or_none(server, way, submit):
    """With --all-or-none one unknown recipient keeps the message from all."""
    done = submit(SMALL, "--all-or-none", JOE, UNKNOWN, JANE, **way)
    assert done.returncode == 67 and UNKNOWN.encode() in done.stderr
    assert [server.mailbox(user) for user in server.users] == [[], []]
