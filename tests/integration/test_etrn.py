# SPDX-License-Identifier: MIT
"""--rmqs: ETRN in place of a message. What servers answer to it is in the transcripts."""

import json
import os

import pytest

from fakeserver import FakeServer, parse_text

SCRIPT = parse_text("S: 220 hi\nC: EHLO localhost\nS: 250-mx.example\nS: 250 ETRN\n"
                    "C: ETRN #mail\nS: 252 2.0.0 three messages wait\n")


@pytest.fixture
def server(program):
    """A server that is asked once."""
    with FakeServer(SCRIPT) as fake:
        program.write_config(f"account default\nhost localhost\nport {fake.port}\ntls off\n"
                             f"from a@x.example\nlogfile {program.home / 'log'}\n")
        yield fake


def test_asked(program, server):
    """Silent, and in the log; standard input is not read."""
    reading, writing = os.pipe()
    done = program("--rmqs=#mail", stdin=reading)
    os.close(reading)
    os.close(writing)
    assert (done.returncode, done.out, done.err) == (0, "", "")
    assert server.wait() == []
    (line,) = (program.home / "log").read_text().splitlines()
    assert "host=localhost" in line and "recipients=" not in line and "exitcode=EX_OK" in line


def test_verbose(program, server):
    """The conversation is shown."""
    done = program("-v", "--rmqs=#mail")
    assert done.returncode == 0 and server.wait() == []
    assert "-> ETRN #mail" in done.err and "accepted: 252 2.0.0" in done.err


def test_json(program, server):
    """One object, without a message."""
    done = program("--json", "--rmqs=#mail")
    told = json.loads(done.out)
    assert server.wait() == []
    assert (told["outcome"], told["reply"]["code"]) == ("accepted", 252)


@pytest.mark.parametrize("args, words", [
    (["b@y.example"], "takes no recipients"), (["-t"], "takes no recipients"),
    (["--dry-run"], "exclude each other"), (["-O", "REQUIRETLS=yes"], "sends no message")])
def test_usage(program, args, words):
    """What makes no sense with it."""
    program.write_config("account default\nhost localhost\nfrom a@x.example\n")
    done = program("--rmqs=example.org", *args)
    assert done.returncode == 64 and words in done.err


def test_no_account(program):
    """The account is found as for a message."""
    program.write_config("account work\nhost localhost\naccount home\nhost localhost\n")
    assert program("--rmqs=example.org").returncode == 78
