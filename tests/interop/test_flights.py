# SPDX-License-Identifier: MIT
"""How many round trips a submission costs with real servers, and how long they take.

The way to the server is made long by a proxy that counts. What is limited are round trips after
the TCP connection (and the greeting of STARTTLS, which comes with it):

    implicit TLS    hello; Finished, for the greeting; EHLO; AUTH, MAIL and RCPT; the message
    STARTTLS        EHLO; STARTTLS; hello; Finished and EHLO; AUTH, MAIL and RCPT; the message

Once it is known that a server takes AUTH and what follows in one flight, the last two are one.
Where PIPELINING is not offered, AUTH, MAIL, RCPT, DATA and the message are one each.
"""

import time

import pytest

from delayproxy import DelayProxy
from submission import RCPT, SMALL, arrived, assert_same, canonical

pytestmark = pytest.mark.interop

DELAY = 0.05
ROUND_TRIP = 2 * DELAY
SLACK = 0.1
ATTEMPTS = 3  # at the time; another process may need this machine for a moment

LIMITS = {("implicit", True): (5, 4), ("starttls", True): (6, 5),
          ("implicit", False): (8, 8), ("starttls", False): (9, 9)}


def first_and_later(server, tls, submit, cache, delay):
    """Submit twice, the first time as to a stranger: seconds and round trips, a pair each."""
    seconds = []
    with DelayProxy(server.ports[tls], delay) as proxy:
        for _ in range(2):
            mark = len(server.sink.messages)
            begin = time.monotonic()
            done = submit(SMALL, RCPT, environment={"XDG_CACHE_HOME": str(cache)},
                          **submit.to(proxy.port, tls))
            seconds.append(time.monotonic() - begin)
            assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
            assert_same(arrived(server, mark, RCPT), canonical(SMALL))
    assert proxy.connections == 2
    return seconds, proxy.round_trips


def test_round_trips(server, tls, submit, tmp_path):
    """No more than the protocol needs, at the first contact and later."""
    limits = LIMITS[tls, server.pipelining]
    for attempt in range(ATTEMPTS):
        near, _ = first_and_later(server, tls, submit, tmp_path / f"near{attempt}", 0)
        far, trips = first_and_later(server, tls, submit, tmp_path / f"far{attempt}", DELAY)
        assert all(count <= limit for count, limit in zip(trips, limits)), (trips, limits)
        allowed = [(limit + 1) * ROUND_TRIP + base + SLACK for limit, base in zip(limits, near)]
        if all(took <= most for took, most in zip(far, allowed)):
            return
    pytest.fail(f"{far} s, {allowed} allowed; without the delay {near} s", pytrace=False)
