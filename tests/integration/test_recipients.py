# SPDX-License-Identifier: MIT
"""Recipients have separate fates: what the status, standard error, JSON and the log tell of them."""

import json
import socket
import threading

import pytest

from fakeserver import FakeServer, parse_text

NAMES = ("b", "c", "d")
EVERYONE = [f"{name}@y.example" for name in NAMES]
MAIL = "C: MAIL FROM:<a@x.example>"
OK = "S: 250 2.1.0 ok"
TAKEN = "S: 250 2.0.0 taken"
HEAD = ["From: a@x.example", "Date: Thu, 01 Jan 2026 00:00:00 +0000", "Message-ID: <1@x.example>",
        "Subject: t", ""]
MESSAGE = "".join(line + "\n" for line in [*HEAD, "hello"]).encode()
DATA = ["C: DATA", "S: 354 go", *("B: " + line for line in [*HEAD, "hello", "."])]


def rcpt(*names):
    """RCPT commands."""
    return [f"C: RCPT TO:<{name}@y.example>" for name in names]


@pytest.fixture
def run(program):
    """A function: the server's script after EHLO, arguments, settings; the finished program."""
    def play(lines, *args, settings=(), rcpts=EVERYONE, hello="EHLO"):
        script = parse_text("\n".join(["S: 220 hi", f"C: {hello} localhost", "S: 250-mx.example",
                                       "S: 250 PIPELINING", *lines]) + "\n")
        with FakeServer(script) as server:
            program.write_config("\n".join([
                "account default", "host localhost", f"port {server.port}", "tls off",
                "from a@x.example", *settings]) + "\n")
            done = program(*args, *rcpts, message=MESSAGE)
            assert server.wait() == [], done.err
        return done
    return play


def fates(done):
    """The fate of each recipient in the JSON object."""
    return {one["address"]: one["fate"] for one in json.loads(done.out)["recipients"]}


ONE_REFUSED = [MAIL, *rcpt(*NAMES), OK, OK, "S: 550 5.1.1 who is that?", OK]
RSET = ["C: RSET", OK]


def test_partial(run):
    """The others get it; the refused one is named, with the server's words."""
    done = run([*ONE_REFUSED, *DATA, TAKEN])
    assert done.returncode == 67
    assert "recipient <c@y.example> was refused" in done.err
    assert "550 5.1.1 who is that?" in done.err
    assert "has the message" not in done.err and "the other 2 recipients" in done.err


@pytest.mark.parametrize("how", [{"settings": ["partial off"]}, {"args": ["--all-or-none"]},
                                 {"args": ["--partial=off"]}])
def test_all_or_none(run, how):
    """Nobody gets it."""
    done = run([*ONE_REFUSED, *RSET], *how.get("args", ()), settings=how.get("settings", ()))
    assert done.returncode == 67 and "<c@y.example>" in done.err


def test_fates_in_json(run):
    """Accepted is who has the message."""
    done = run([*ONE_REFUSED, *DATA, TAKEN], "--json")
    assert fates(done) == {"b@y.example": "accepted", "c@y.example": "refused",
                           "d@y.example": "accepted"}
    assert json.loads(done.out)["outcome"] == "accepted"


def test_nobody_has_it(run):
    """A temporary refusal of one: RSET, 75, and nobody's fate is `accepted`."""
    done = run([MAIL, *rcpt(*NAMES), OK, OK, "S: 450 4.2.1 later", OK, *RSET], "--json")
    assert done.returncode == 75
    assert fates(done) == {"b@y.example": "pending", "c@y.example": "refused",
                           "d@y.example": "pending"}
    assert "has the message" not in done.err


FIRST_PART = [MAIL, *rcpt("b", "c"), OK, OK, OK, *DATA, TAKEN, MAIL, *rcpt("d"), "C: DATA"]
SPLIT = ["max_recipients 2"]


def holders(done):
    """Whom standard error names as having the message."""
    return [line.split("<")[1].split(">")[0] for line in done.err.splitlines()
            if line.endswith("has the message")]


@pytest.mark.parametrize("end", [
    ["X:"], [OK, "S: 450 4.2.1 later", "S: 503 5.5.1 no", *RSET],
    ["S: 421 4.3.2 closing", "X:"], ["S: hello?"],
    [OK, OK, "S: 354 go", *DATA[2:], "S: 451 4.3.0 later"],
    [OK, OK, "S: 354 go", *DATA[2:], "X:"]],
    ids=["lost", "rcpt", "421", "garbage", "message", "unknown"])
def test_mixed(run, end):
    """A part that fails after another was taken: 75, and who has it is named."""
    done = run([*FIRST_PART, *end], settings=SPLIT)
    assert done.returncode == 75, done.err
    assert holders(done) == ["b@y.example", "c@y.example"]
    assert "2 of 3 recipients have the message" in done.err


def test_mixed_for_good(run):
    """A part that is refused for good: its status, and it is told that the others have it."""
    done = run([*FIRST_PART, OK, OK, "S: 354 go", *DATA[2:], "S: 554 5.6.0 no"], settings=SPLIT)
    assert done.returncode == 65
    assert "2 of 3 recipients have the message" in done.err
    assert holders(done) == ["b@y.example", "c@y.example"]
    assert "send it again" not in done.err


def test_mixed_in_json(run):
    """Some have it: the outcome is not that it was not sent."""
    done = run([*FIRST_PART, "X:"], "--json", settings=SPLIT)
    assert (done.returncode, json.loads(done.out)["outcome"]) == (75, "accepted")
    assert fates(done) == {"b@y.example": "accepted", "c@y.example": "accepted",
                           "d@y.example": "pending"}


def test_many_have_it(run):
    """Of a long list the part that has the message is told by its ends."""
    many = [f"r{number}@y.example" for number in range(30)]
    names = [f"C: RCPT TO:<{one}>" for one in many[:25]]
    done = run([MAIL, *names, *[OK] * 26, *DATA, TAKEN, MAIL, "C: RCPT TO:<r25@y.example>", "X:"],
               settings=["max_recipients 25"], rcpts=many[:26], hello="EHLO")
    assert done.returncode == 75
    assert "all recipients from <r0@y.example> to <r24@y.example>, in their order" in done.err


def test_split_in_the_log(run, program):
    """All parts are one message there."""
    log = program.home / "log"
    done = run([*FIRST_PART, OK, OK, "S: 354 go", *DATA[2:], TAKEN],
               settings=[*SPLIT, f"logfile {log}"])
    assert (done.returncode, done.err) == (0, "")
    (line,) = log.read_text().splitlines()
    assert "recipients=b@y.example,c@y.example,d@y.example" in line and "exitcode=EX_OK" in line


LMTP = ["protocol lmtp"]


def test_lmtp_mixed(run):
    """Some have it, one is over quota: 75, and who has it is named."""
    done = run([MAIL, *rcpt(*NAMES), OK, OK, OK, OK, *DATA, "S: 250 2.1.5 b",
                "S: 452 4.2.2 c is over quota", "S: 250 2.1.5 d"], settings=LMTP, hello="LHLO")
    assert done.returncode == 75
    assert holders(done) == ["b@y.example", "d@y.example"]
    assert "452 4.2.2 c is over quota" in done.err


def test_lmtp_several_refused(run):
    """Each one's own words are told."""
    done = run([MAIL, *rcpt(*NAMES), OK, OK, OK, OK, *DATA, "S: 550 5.2.1 b is closed",
                "S: 552 5.2.2 c is full", "S: 250 2.1.5 d"], settings=LMTP, hello="LHLO")
    assert done.returncode == 69
    assert "550 5.2.1 b is closed" in done.err and "552 5.2.2 c is full" in done.err


def test_lmtp_unknown(run):
    """A reply that never came: nobody knows, and who was answered for is named."""
    done = run([MAIL, *rcpt(*NAMES), OK, OK, OK, OK, *DATA, "S: 250 2.1.5 b", "X:"],
               "--json", settings=LMTP, hello="LHLO")
    assert done.returncode == 75
    assert json.loads(done.out)["outcome"] == "unknown"
    assert fates(done) == {"b@y.example": "accepted", "c@y.example": "pending",
                           "d@y.example": "pending"}
    assert holders(done) == ["b@y.example"]


class Talkative:
    """A server that writes long replies and reads nothing while it cannot write."""

    def __init__(self, replies):
        self.accepted = 0
        self._text = b"x" * replies
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self._listener.settimeout(20)
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *exception):
        self._thread.join()
        self._listener.close()

    def _serve(self):
        try:
            sock, _ = self._listener.accept()
        except TimeoutError:
            return
        sock.settimeout(20)
        with sock, sock.makefile("rb") as lines:
            sock.sendall(b"220 hi\r\n")
            for line in lines:
                verb = line[:4].upper()
                if verb == b"DATA":
                    sock.sendall(b"354 go\r\n")
                    while lines.readline() not in (b".\r\n", b""):
                        pass
                if verb == b"QUIT":
                    return
                self.accepted += verb == b"RCPT"
                more = b"250-x\r\n250-PIPELINING\r\n" if verb == b"EHLO" else b""
                sock.sendall(more + b"250 " + self._text + b"\r\n")


def test_no_deadlock(program):
    """Whoever only writes while such a server does would wait for ever."""
    with Talkative(2000) as server:
        program.write_config(f"account default\nhost localhost\nport {server.port}\ntls off\n"
                             "from a@x.example\ntimeout 10\n")
        done = program(*(f"r{number}@y.example" for number in range(3000)), message=MESSAGE)
    assert (done.returncode, done.err, server.accepted) == (0, "", 3000)


@pytest.mark.parametrize("field, expected", [
    ("From: backup", "From: backup@corp.example"),
    ("From: root (Cron Daemon)", 'From: "root (Cron Daemon)" <root@corp.example>'),
    ("From: Night <backup>", "From: Night <backup@corp.example>"),
    ("Sender: backup", "Sender: backup@corp.example"),
    ("Reply-To: backup", "Reply-To: backup@corp.example"),
    ("To: backup", "To: backup@corp.example"),
    ("Resent-From: backup", "Resent-From: backup@corp.example"),
])
def test_a10b_maildomain_completes_every_field(program, clear_host, field, expected):
    """One rule completes bare names, in the envelope and in each field of the header."""
    program.account(clear_host, "maildomain corp.example")
    done = program("--dry-run", "backup", message=f"{field}\n\nhi\n".encode())
    assert done.returncode == 0
    lines = done.out.splitlines()
    assert "# RCPT TO:<backup@corp.example>" in lines
    assert expected in lines
