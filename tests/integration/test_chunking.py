# SPDX-License-Identifier: MIT
"""C1: BDAT is earned. Nothing that stands in a message is ever read as a command."""

import os
import tempfile
import time

import pytest

from fakeserver import FakeServer, SilentServer, parse_text
from replyserver import SILENT, ReplyServer
from smarthost import Smarthost

HEADER = ("From: a@x.example\nTo: b@y.example\nDate: Thu, 01 Jan 2026 00:00:00 +0000\n"
          "Message-ID: <1@x.example>\nSubject: t\n\n")
PLAIN = (HEADER + "hello\n").encode()
SMUGGLER = (HEADER + "RSET\nMAIL FROM:<evil@x.example>\nRCPT TO:<victim@y.example>\nDATA\n"
            "Subject: smuggled\n\nsmuggled\n.\n").encode()
SIZE = len(PLAIN.replace(b"\n", b"\r\n"))
FIRST = len("From: a@x.example\r\n")
DAY = 24 * 3600

# How a server may answer that does not know BDAT; the lines behind it get 500 of their own
UNKNOWN = ["500 5.5.1 what?", "500 5.5.2 what?", "502 5.5.1 not here", "503 5.5.1 no", "504 no",
           "555 no", "501 5.5.2 no", "554 5.5.1 no"]


@pytest.fixture
def host():
    """A smarthost without TLS and AUTH that takes BDAT."""
    with Smarthost(tls="off", require_auth=False, chunking=True) as one:
        yield one


def send(program, message=PLAIN, *args, **more):
    """A message that is accepted, in silence."""
    done = program(*args, "b@y.example", message=message, **more)
    assert (done.returncode, done.err) == (0, "")


def words(program):
    """What is remembered of servers."""
    files = (program.home / ".cache" / "postrider").glob("*.chunking")
    return sorted(file.read_text().splitlines()[-1] for file in files)


def file(program):
    """The one file about BDAT."""
    (found,) = (program.home / ".cache" / "postrider").glob("*.chunking")
    return found


def test_earned(program, host):
    """The first line goes ahead once; then messages go whole. The file is for us alone."""
    program.account(host)
    for _ in range(3):
        send(program)
    assert host.bdats == [f"{FIRST}", f"{SIZE - FIRST} LAST", f"{SIZE} LAST", f"{SIZE} LAST"]
    assert [m.content for m in host.messages] == [PLAIN.replace(b"\n", b"\r\n")] * 3
    assert words(program) == ["earned"]
    assert file(program).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("reply", UNKNOWN)
@pytest.mark.parametrize("message", [PLAIN, SMUGGLER], ids=["plain", "smuggler"])
def test_front_end_that_lies(program, host, reply, message):
    """The message arrives once, by DATA, and nothing else; the next run knows."""
    host.bdat_reply = reply
    program.account(host)
    send(program, message)
    send(program, message)
    host.wait_idle()
    assert host.bdats == [f"{FIRST}"]
    assert [(m.mail_from, m.rcpt_tos, m.chunked) for m in host.messages] == \
        [("a@x.example", ["b@y.example"], False)] * 2
    assert words(program) == ["refused"]


@pytest.mark.parametrize("message", [PLAIN, SMUGGLER], ids=["plain", "smuggler"])
def test_knows_it_no_more(program, host, message):
    """What was learnt is out of date: still nothing is obeyed, and it is unlearnt."""
    program.account(host)
    send(program)
    host.bdat_reply = "500 5.5.1 what?"
    for _ in range(2):
        send(program, message)
    host.wait_idle()
    assert len(host.bdats) == 3
    assert [(m.mail_from, m.rcpt_tos, m.chunked) for m in host.messages] == \
        [("a@x.example", ["b@y.example"], chunked) for chunked in (True, False, False)]
    assert words(program) == ["refused"]


@pytest.mark.parametrize("tls", ["on", "starttls"])
def test_with_auth(program, certs, tls):
    """The same inside TLS, with AUTH in the flight: two reconnections would be one too many."""
    with Smarthost(certs, tls=tls, chunking=True) as host:
        host.bdat_reply = "502 5.5.1 not here"
        program.account(host, certs=certs)
        for _ in range(3):
            send(program, SMUGGLER)
        host.wait_idle()
        assert host.bdats == [f"{FIRST}"] and len(host.messages) == 3
        assert len(host.auth_lines) == 4


def test_lines_like_commands(program, host):
    """Such a message shows each time that BDAT is known before it leaves."""
    program.account(host)
    for _ in range(3):
        send(program, SMUGGLER)
    assert [arg.endswith("LAST") for arg in host.bdats] == [False, True] * 3
    assert all(m.content == SMUGGLER.replace(b"\n", b"\r\n") for m in host.messages)


def test_line_made_by_encoding(program, host):
    """The octets that are sent count: quoted-printable breaks a line where a verb begins."""
    program.account(host)
    send(program)
    host.eightbit = False
    for _ in range(2):  # other keywords: earned anew
        send(program)
    del host.bdats[:]
    text = HEADER + "x" * 75 + "MAIL FROM:<evil@x.example> \u00e9\n"
    send(program, text.encode())
    assert b"\r\nMAIL FROM:<evil" in host.messages[-1].content
    assert [arg.endswith("LAST") for arg in host.bdats] == [False, True]


@pytest.mark.parametrize("line", ["Help: me", "MAIL: x", "X: " + "x" * 508])
def test_first_line_like_a_command(program, host, line):
    """It cannot show anything, and so the message goes by DATA."""
    program.account(host)
    send(program, (line + "\n" + HEADER + "hello\n").encode())
    assert host.bdats == [] and not words(program)


def test_large(program, host):
    """More than 256 KiB go by DATA, and teach nothing."""
    program.account(host)
    send(program, PLAIN + b"a line\n" * 40000)
    assert host.bdats == [] and not words(program)


def test_off(program, host):
    """`chunking off`: nothing is tried and nothing is kept."""
    program.account(host, "chunking off")
    send(program)
    assert host.bdats == [] and not (program.home / ".cache").exists()


def test_keywords(program, host):
    """A server that offers something else may be another one."""
    program.account(host)
    send(program)
    host.eightbit = False
    send(program)
    assert [arg.endswith("LAST") for arg in host.bdats] == [False, True] * 2


def test_any_account(program, host):
    """It is the server that knows BDAT, whoever sends."""
    program.account(host)
    send(program)
    program.write_config(program.config.read_text().replace("account default", "account other"))
    send(program)
    assert host.bdats[-1] == f"{SIZE} LAST"


@pytest.mark.parametrize("days, whole", [(29, True), (31, False), (-1, False)])
def test_age(program, host, days, whole):
    """It holds for 30 days, and not before it was written."""
    program.account(host)
    send(program)
    then = time.time() - days * DAY
    os.utime(file(program), (then, then))
    send(program)
    assert (host.bdats[-1] == f"{SIZE} LAST") == whole


@pytest.mark.parametrize("spoil", ["nonsense", "", "earned\n"])
def test_spoilt(program, host, spoil):
    """What nobody understands is not knowing."""
    program.account(host)
    send(program)
    file(program).write_text(spoil)
    send(program)
    assert [arg.endswith("LAST") for arg in host.bdats] == [False, True] * 2


def test_several_recipients(program, host):
    """The first line does not wait for them; one that is refused does not stop it."""
    host.replies["c@y.example"] = "550 5.1.1 no such user"
    program.account(host)
    done = program("b@y.example", "c@y.example", message=PLAIN)
    assert done.returncode == 67
    assert host.messages[0].rcpt_tos == ["b@y.example"]
    assert words(program) == ["earned"]


def test_refused_recipient_teaches_nothing(program, host):
    """What BDAT is answered with then says nothing of it."""
    host.replies["b@y.example"] = "550 5.1.1 no such user"
    program.account(host)
    assert program("b@y.example", message=PLAIN).returncode == 67
    assert not words(program)


def test_refused_message_teaches_nothing(program, host):
    """Only a message that was taken shows that BDAT is known."""
    host.data_reply = "554 5.6.0 no"
    program.account(host)
    assert program("b@y.example", message=PLAIN).returncode == 65
    assert len(host.bdats) == 2 and not words(program)


def scripts(*sessions):
    """Sessions in clear that begin with EHLO."""
    hello = ["S: 220 hi", "C: EHLO localhost", "S: 250-mx", "S: 250-PIPELINING", "S: 250 CHUNKING",
             "C: MAIL FROM:<a@x.example>", "C: RCPT TO:<b@y.example>"]
    return [parse_text("\n".join([*hello, *lines]) + "\n") for lines in sessions]


OK = ["S: 250 2.1.0 ok", "S: 250 2.1.5 ok"]
MESSAGE = ["B: " + line for line in PLAIN.decode().splitlines()]
PROBE = [f"C: BDAT {FIRST}", MESSAGE[0], *OK]
REST = [f"C: BDAT {SIZE - FIRST} LAST", *MESSAGE[1:]]
BY_DATA = ["C: DATA", *OK, "S: 354 go", *MESSAGE, "B: .", "S: 250 2.0.0 taken"]


def play(program, *sessions, runs=1):
    """Runs of the program against sessions; the last one."""
    with FakeServer(scripts(*sessions)) as server:
        program.write_config(f"account default\nhost localhost\nport {server.port}\n"
                             "from a@x.example\n")
        for _ in range(runs):
            done = program("b@y.example", message=PLAIN)
        assert server.wait() == [], done.err
    return done


def test_unknown_after_the_whole(program):
    """The last chunk was answered with 500: nothing was taken, and DATA is tried."""
    done = play(program, [*PROBE, "S: 250 2.0.0 ok", *REST, "S: 500 5.5.1 what?"], BY_DATA)
    assert (done.returncode, done.err) == (0, "")


@pytest.mark.parametrize("extra", ["500 5.5.2 what?", "250 2.0.0 ok", "502 5.5.1 no", "354 go"])
def test_front_end_that_answers_itself(program, extra):
    """BDAT is answered well, and the line behind it as a command: one reply too many."""
    done = play(program, [*PROBE, "S: 250 2.0.0 ok", "S: " + extra], BY_DATA, BY_DATA, runs=2)
    assert (done.returncode, done.err) == (0, "")
    assert words(program) == ["refused"]


def test_once_a_run(program):
    """One connection more; what happens there is the result."""
    done = play(program, [*PROBE, "S: 500 5.5.1 what?"], ["C: DATA", "S: 421 4.3.2 bye", "X:"])
    assert done.returncode == 75 and "421 4.3.2 bye" in done.err
    assert words(program) == ["refused"]


@pytest.mark.parametrize("reply", ["552 5.3.4 too big", "554 5.7.1 no", "452 4.3.1 full"])
def test_other_refusals(program, reply):
    """They are of the message: no other connection, nothing learnt."""
    done = play(program, [*PROBE, "S: " + reply])
    assert done.returncode == {"552": 65, "554": 77, "452": 75}[reply[:3]]
    assert reply in done.err and not words(program)


def test_left_alone(program):
    """The server leaves at BDAT. Nobody knows why: nothing was accepted, and DATA is tried, each time."""
    done = play(program, [*PROBE, "X:"], BY_DATA, [*PROBE, "X:"], BY_DATA, runs=2)
    assert (done.returncode, done.err) == (0, "")
    assert not words(program)


@pytest.mark.parametrize("how", ["X:", "silence"])
def test_left_alone_with_the_second_part_of_a_list(program, how):
    """Those who have the message do not get it once more."""
    first = ["C: MAIL FROM:<a@x.example>", "C: RCPT TO:<b@y.example>"]
    probe = [f"C: BDAT {FIRST}", MESSAGE[0]]
    whole = [*first, *probe, *OK, "S: 250 2.0.0 ok", *REST, "S: 250 2.0.0 taken"]
    second = ["C: MAIL FROM:<a@x.example>", "C: RCPT TO:<c@y.example>", *probe, *OK]
    hello = "S: 220 hi\nC: EHLO localhost\nS: 250-mx.example\nS: 250-CHUNKING\nS: 250-LIMITS RCPTMAX=1\nS: 250 PIPELINING\n"
    script = parse_text(hello + "\n".join([*whole, *second, *(["X:"] if how == "X:" else [])]) + "\n")
    again = parse_text(hello + "\n".join([*first, "C: DATA", *OK, "S: 354 go", *MESSAGE, "B: .",
                                          "S: 250 2.0.0 taken"]) + "\n")
    with FakeServer([script, again]) as server:
        program.write_config(f"account default\nhost localhost\nport {server.port}\ntimeout 1\n"
                             "from a@x.example\n")
        done = program("b@y.example", "c@y.example", message=PLAIN)
        assert server.received.count(b"EHLO") == 1
    assert done.returncode == 75 and "recipient <b@y.example> has the message" in done.err, done.err


def test_silence_that_the_run_ended_is_not_remembered(program):
    with SilentServer("body", keywords=("PIPELINING", "CHUNKING")) as server:
        program.write_config(f"account default\nhost localhost\nport {server.port}\n"
                             "from a@x.example\n")
        done = program("--run-timeout=1", "b@y.example", message=PLAIN)
    assert done.returncode == 75 and not words(program), done.err


def test_left_alone_by_data_too(program):
    done = play(program, [*PROBE, "X:"], [*BY_DATA[:-1], "X:"])
    assert done.returncode == 75 and "sent but not answered" in done.err


@pytest.mark.parametrize("phase, hint", [("mail", True), ("ehlo", False), ("final", False)])
def test_c3_silence_in_a_group(program, phase, hint):
    """Where nothing is learnt of PIPELINING the hint names its line."""
    with SilentServer(phase, keywords=("PIPELINING",)) as server:
        program.write_config(f"account default\nhost localhost\nport {server.port}\ntimeout 1\n"
                             "timeout_final 1\nfrom a@x.example\n")
        done = program("b@y.example", message=PLAIN)
    assert done.returncode == 75 and ("pipelining off" in done.err) == hint, done.err


def test_silent_at_bdat(program):
    """Silence is remembered: it costs more than a connection."""
    with ReplyServer(keywords=("PIPELINING", "CHUNKING"), replies={"BDAT": SILENT}) as server:
        program.write_config(f"account default\nhost localhost\nport {server.port}\ntimeout 1\n"
                             "from a@x.example\n")
        for _ in range(2):
            done = program("b@y.example", message=PLAIN)
            assert (done.returncode, done.err) == (0, "")
    assert words(program) == ["refused"] and server.verbs.count("BDAT") == 1


def test_lost_with_the_last_chunk(program):
    """Nobody knows, and it is not sent again."""
    done = play(program, [*PROBE, "S: 250 2.0.0 ok", *REST, "X:"])
    assert done.returncode == 75 and "sent but not answered" in done.err
    assert not words(program)


def test_extra_reply_after_the_last_chunk(program):
    """Out of step behind LAST: nobody knows."""
    done = play(program, [*PROBE, "S: 250 2.0.0 ok", *REST, "S: 250 2.0.0 ok", "S: 500 what?"])
    assert done.returncode == 75 and "answered the message twice" in done.err
    assert not words(program)


def test_lmtp_socket(program, host):
    """LMTP by way of a socket: its path is what is remembered."""
    with tempfile.TemporaryDirectory() as folder:
        path = folder + "/lmtp"
        with FakeServer(lmtp_script(), address=path) as server:
            program.write_config(f"account default\nprotocol lmtp\nsocket {path}\n"
                                 "from a@x.example\ndomain localhost\n")
            for _ in range(2):
                send(program)
            assert server.wait() == []
    assert words(program) == ["earned"] and path in file(program).read_text()


def lmtp_script():
    """First contact, and a run that knows."""
    hello = ["S: 220 hi", "C: LHLO localhost", "S: 250-mx", "S: 250-PIPELINING", "S: 250 CHUNKING",
             "C: MAIL FROM:<a@x.example>", "C: RCPT TO:<b@y.example>"]
    first = [*hello, *PROBE, "S: 250 2.0.0 ok", *REST, "S: 250 2.0.0 taken"]
    then = [*hello, *OK, f"C: BDAT {SIZE} LAST", *MESSAGE, "S: 250 2.0.0 taken"]
    return [parse_text("\n".join(lines) + "\n") for lines in (first, then)]
