# SPDX-License-Identifier: MIT
"""The connection ends behind any octet, either way: what is told, and what the server has.

A proxy cuts the connection when so many octets of one side have been passed on. Status 0 means
that the server has the message, once; 75 that it does not, or that no one knows, and then standard
error says so. Cuts are made at the ends of lines, behind each of the last octets and here and there
before; in a nightly run (POSTRIDER_NIGHTLY in the environment) behind each octet.
"""

import concurrent.futures

import pytest

from delayproxy import DelayProxy
from sampling import NIGHTLY
from smarthost import Smarthost

MESSAGE = (b"From: a@x.example\nTo: b@y.example\nDate: Thu, 01 Jan 2026 00:00:00 +0000\n"
           b"Message-ID: <1@x.example>\nSubject: t\n\n.dot\nhello\n")
BODY_END = b"hello\r\n"
ANSWER = b"250 2.0.0 stored"
STRIDE = 47
LAST = 16
AT_ONCE = 4
UNKNOWN = "the message was sent but not answered"
HINT = "sending it again may deliver it twice"

SETTINGS = [(flights, chunking) for flights in ("off", "basic", "full")
            for chunking in (False, True)]


class Cuts:
    """Runs of the program against one server, each over a connection that is cut elsewhere.

    client, server   what the two say while nothing is cut, QUIT and its reply left out
    message_end      how many octets of the client there are when the message is whole
    decided          how many of the server when the reply to the message has come to its "250 "
    """

    def __init__(self, program, host, flights, chunking):
        self.program = program
        self.host = host
        program.account(host, "pipelining " + flights, "chunking " + ("auto" if chunking else "off"))
        self.number = 0
        self.chunking = chunking
        with DelayProxy(host.port, keep=True) as proxy:
            run = self._submit(proxy, self._recipient())
        assert (run.returncode, run.err) == (0, "")
        (passed,) = proxy.passed
        self.client = bytes(passed["client"]).removesuffix(b"QUIT\r\n")
        self.message_end = len(self.client)
        assert self.client.endswith(BODY_END + (b"" if chunking else b".\r\n"))
        self.server = bytes(passed["server"])
        self.decided = self.server.index(ANSWER) + len(b"250 ")

    def _recipient(self):
        """Another one for each run, of the same length."""
        self.number += 1
        return f"r{self.number:05}@y.example"

    def _submit(self, proxy, recipient):
        """Nothing is remembered of another run, whose proxy may have had the same port."""
        cache = self.program.home / f"cache-{recipient}"
        return self.program(f"--port={proxy.port}", recipient, message=MESSAGE,
                            env={"XDG_CACHE_HOME": str(cache)})

    def _cut(self, side, octets, recipient):
        with DelayProxy(self.host.port, cut_after=(side, octets)) as proxy:
            run = self._submit(proxy, recipient)
            # Behind a first line as a chunk another may be tried, for DATA.
            assert proxy.connections <= 1 + self.chunking, "another connection was tried"
        return run

    def __call__(self, side, positions):
        """Cut behind each of these octets; (octets, run, how often the server has the message)."""
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            cuts = [(octets, recipient, pool.submit(self._cut, side, octets, recipient))
                    for octets, recipient in ((at, self._recipient()) for at in positions)]
        self.host.wait_idle()
        taken = [message.rcpt_tos for message in self.host.messages]
        return [(octets, future.result(), taken.count([recipient]))
                for octets, recipient, future in cuts]


def positions(said, total):
    """Where to cut what one side said, of which so many octets count."""
    if NIGHTLY:
        return range(total + 1)
    ends = [at for at, octet in enumerate(said) if octet == ord("\n")]
    near = {end + behind for end in ends for behind in (0, 1)}
    return [at for at in range(total + 1) if at in near or at % STRIDE == 0 or total - at < LAST]


def check_told(octets, run, taken):
    """What holds for every cut: the status, the words and the server's store agree."""
    assert taken <= 1, octets
    assert run.returncode in (0, 75), (octets, run.err)
    if run.returncode == 0:
        assert taken == 1 and run.err == "", octets
    else:
        assert (UNKNOWN in run.err) == (HINT in run.err), (octets, run.err)
        assert UNKNOWN in run.err or taken == 0, (octets, run.err)


@pytest.fixture(params=SETTINGS, ids=lambda setting: "%s-%s" % (
    setting[0], "bdat" if setting[1] else "data"))
def setting(request):
    """How much goes in one flight, and whether the message goes by BDAT."""
    return request.param


@pytest.fixture
def cuts(program, setting):
    """See Cuts."""
    flights, chunking = setting
    with Smarthost(tls="off", auth_in_clear=True, chunking=chunking,
                   data_reply=ANSWER.decode()) as host:
        yield Cuts(program, host, flights, chunking)


def test_client_cut(cuts):
    """Octets of ours do not arrive: a message that is not whole is never taken."""
    for octets, run, taken in cuts("client", positions(cuts.client, cuts.message_end)):
        check_told(octets, run, taken)
        assert run.returncode == 75, octets
        assert octets == cuts.message_end or taken == 0, octets
        assert octets < cuts.message_end or UNKNOWN in run.err, run.err


def test_server_cut(cuts):
    """Octets of the server's do not arrive: success begins with the "250 " of the last reply."""
    total = cuts.decided + len(ANSWER) - 3
    for octets, run, taken in cuts("server", positions(cuts.server, total)):
        check_told(octets, run, taken)
        assert (run.returncode == 0) == (octets >= cuts.decided), (octets, run.err)
        if cuts.decided - len("250 ") < octets < cuts.decided:
            assert taken == 1 and UNKNOWN in run.err, (octets, run.err)
