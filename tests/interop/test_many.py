# SPDX-License-Identifier: MIT
"""A long list of recipients reaches everyone through a server that takes a thousand at once."""

import collections

import pytest

from submission import SENDER, SMALL, canonical, original

pytestmark = pytest.mark.interop

COUNT = 10000


@pytest.mark.parametrize("server", ["postfix"], indirect=True)
def test_ten_thousand(server, submit):
    """Postfix says 452 4.5.3 after 1,000 of them; each gets the message, once."""
    rcpts = [f"r{number}@many.example" for number in range(COUNT)]
    message = (b"From: a@x.example\nBcc: " + ",\n ".join(rcpts).encode() + b"\n" +
               SMALL[SMALL.index(b"Date:"):])
    mark = len(server.sink.messages)
    done = submit(message, "-t", "-v", **submit.to(server.ports["implicit"], "implicit"))
    talk = done.stderr.decode()
    assert done.returncode == 0, talk[-2000:]
    assert "452 4.5.3" in talk and talk.count("-> MAIL FROM:") == COUNT // 1000
    got, number = collections.Counter(), mark
    while sum(got.values()) < COUNT:
        number += 1
        stored = server.sink.wait_message(number)
        assert stored.mail_from == SENDER
        assert original(stored.content).endswith(canonical(SMALL).split(b"\r\n", 2)[2])
        got.update(stored.rcpt_tos)
    assert got == collections.Counter(rcpts)
