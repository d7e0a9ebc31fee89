# SPDX-License-Identifier: MIT
"""Several messages over one session, by the API of submit/session."""

import pathlib
import re
import socket
import subprocess

import pytest

from fakeserver import FakeServer, parse_text
from smarthost import Smarthost
from stageserver import StageServer


@pytest.fixture
def several(postrider, tmp_path):
    """A function: the recipients of each message, and the port; a line for each message."""
    path = pathlib.Path(postrider).parent.parent / "tests" / "several"

    def run(port, *messages):
        done = subprocess.run([path, str(port)], input="".join(m + "\n" for m in messages),
                              capture_output=True, text=True, timeout=60, check=True,
                              env={"HOME": str(tmp_path)})
        return done.stdout.splitlines()

    return run


def test_one_connection(several):
    """All over one connection, each to its own recipients, none twice."""
    with Smarthost(tls="off", require_auth=False) as host:
        lists = [f"r{number}@y.example" for number in range(50)]
        assert several(host.port, *lists) == ["accepted 0 a"] * 50
        assert [m.rcpt_tos for m in host.messages] == [[one] for one in lists]
        assert [re.search(rb"message (\d+)", m.content).group(1) for m in host.messages] == \
            [b"%d" % number for number in range(1, 51)]


OK = ["S: 250 2.1.0 ok", "S: 250 2.1.5 ok"]


def script(*lines, keywords=("PIPELINING",)):
    """A session in which the client says EHLO and what follows."""
    offer = ["mx.example", *keywords]
    replies = ["S: 250-" + word for word in offer[:-1]] + ["S: 250 " + offer[-1]]
    return parse_text("\n".join(["S: 220 hi", "C: EHLO localhost", *replies, *lines]) + "\n")


def mail(to, *, data=True):
    """The group of one message."""
    return ["C: MAIL FROM:<a@x.example>", f"C: RCPT TO:<{to}>"] + ["C: DATA"] * data


def body(number):
    """A message's lines, and its dot."""
    return [f"B: Subject: {number}", "B: ", f"B: message {number}", "B: ."]


def play(several, lines, *messages, **more):
    """Send the messages to a server that follows the script."""
    with FakeServer(script(*lines, **more)) as server:
        said = several(server.port, *messages)
        assert server.wait() == []
    return said


def test_after_a_refused_sender(several):
    """The next message begins anew."""
    lines = [*mail("b@y.example"), "S: 550 5.7.1 no", "S: 503 5.5.1 no", "S: 503 5.5.1 no",
             *mail("c@y.example"), *OK, "S: 354 go", *body(2), "S: 250 2.0.0 ok"]
    assert play(several, lines, "b@y.example", "c@y.example") == ["refused 77 p", "accepted 0 a"]


def test_after_a_refused_recipient(several):
    """RSET, and the next."""
    lines = [*mail("b@y.example"), OK[0], "S: 550 5.1.1 no", "S: 554 5.5.1 no", "C: RSET",
             "S: 250 2.0.0 ok", *mail("c@y.example"), *OK, "S: 354 go", *body(2),
             "S: 250 2.0.0 ok"]
    assert play(several, lines, "b@y.example", "c@y.example") == ["refused 67 r", "accepted 0 a"]


def test_after_a_refused_message(several):
    """The final dot ended the transaction whatever the server said."""
    lines = [*mail("b@y.example"), *OK, "S: 354 go", *body(1), "S: 554 5.6.0 no",
             *mail("c@y.example"), *OK, "S: 354 go", *body(2), "S: 250 2.0.0 ok"]
    assert play(several, lines, "b@y.example", "c@y.example") == ["refused 65 m", "accepted 0 a"]


def chunk(lines, last=" LAST"):
    """Lines of a message as a chunk."""
    return [f"C: BDAT {sum(len(line) - 3 + 2 for line in lines)}{last}", *lines]


def whole(number):
    """A message as one chunk."""
    return chunk(body(number)[:-1])


def halves(number, answer):
    """Envelope and first line, then the rest, with its answer."""
    lines = body(number)[:-1]
    return [*mail("b@y.example", data=False), *chunk(lines[:1], ""), *OK, "S: 250 2.0.0 so far",
            *chunk(lines[1:]), "S: " + answer]


CHUNKING = ("PIPELINING", "CHUNKING")


def test_after_a_refused_chunk(several):
    """A refused chunk leaves the transaction open: RSET goes with the next MAIL."""
    lines = [*halves(1, "250 2.0.0 ok"), *mail("b@y.example", data=False), *whole(2), *OK,
             "S: 554 5.6.0 no", "C: RSET", *mail("c@y.example", data=False), *whole(3),
             "S: 250 2.0.0 ok", *OK, "S: 250 2.0.0 ok"]
    said = play(several, lines, "b@y.example", "b@y.example", "c@y.example", keywords=CHUNKING)
    assert said == ["accepted 0 a", "refused 65 m", "accepted 0 a"]


def test_what_is_refused_earns_nothing(several):
    """Only a message that was taken shows that a server knows BDAT."""
    second = halves(2, "250 2.0.0 ok")
    lines = [*halves(1, "554 5.6.0 no"), "C: RSET", *second[:4], "S: 250 2.0.0 ok", *second[4:]]
    said = play(several, lines, "b@y.example", "b@y.example", keywords=CHUNKING)
    assert said == ["refused 65 m", "accepted 0 a"]


def test_earned_without_a_folder(several, tmp_path):
    """The session knows by itself, where nothing can be written."""
    (tmp_path / ".cache").mkdir(0o777)
    (tmp_path / ".cache").chmod(0o777)
    (tmp_path / ".cache" / "postrider").symlink_to("/nonexistent")
    lines = [*halves(1, "250 2.0.0 ok"), *mail("b@y.example", data=False), *whole(2), *OK,
             "S: 250 2.0.0 ok"]
    assert play(several, lines, "b@y.example", "b@y.example", keywords=CHUNKING) == \
        ["accepted 0 a"] * 2


def test_not_known_after_all(several):
    """A server that knew BDAT and does not any more: the message goes by DATA, and so do others."""
    hello = ["S: 220 hi", "C: EHLO localhost", "S: 250-mx.example", "S: 250-PIPELINING",
             "S: 250 CHUNKING"]
    first = [*hello, *halves(1, "250 2.0.0 ok"), *mail("b@y.example", data=False), *whole(2), *OK,
             "S: 502 5.5.1 what", "S: 500 5.5.2 what"]
    second = [*hello, *mail("b@y.example"), *OK, "S: 354 go", *body(2), "S: 250 2.0.0 ok",
              *mail("b@y.example"), *OK, "S: 354 go", *body(3), "S: 250 2.0.0 ok"]
    scripts = [parse_text("\n".join(lines) + "\n") for lines in (first, second)]
    with FakeServer(scripts) as server:
        assert several(server.port, *["b@y.example"] * 3) == ["accepted 0 a"] * 3
        assert server.wait() == []


def test_limit_is_remembered(several):
    """What the server took at once for one message is the limit for the next."""
    rcpts = [f"C: RCPT TO:<{name}@y.example>" for name in "bcd"]
    again = [*mail("d@y.example"), *OK, "S: 354 go"]
    lines = ["C: MAIL FROM:<a@x.example>", *rcpts, OK[0], OK[1], OK[1], "S: 452 4.5.3 too many",
             "C: DATA", "S: 354 go", *body(1), "S: 250 2.0.0 ok",
             *again, *body(1), "S: 250 2.0.0 ok",
             "C: MAIL FROM:<a@x.example>", *rcpts[:2], OK[0], OK[1], OK[1], "C: DATA",
             "S: 354 go", *body(2), "S: 250 2.0.0 ok", *again, *body(2), "S: 250 2.0.0 ok"]
    everyone = "b@y.example c@y.example d@y.example"
    assert play(several, lines, everyone, everyone) == ["accepted 0 aaa"] * 2


@pytest.mark.parametrize("stage", ["mail", "rcpt", "data", "message"])
def test_after_421(several, stage):
    """The session is over: the messages behind it are not sent, and may be tried again."""
    with StageServer() as server:
        server.stage, server.reply = stage, b"421 4.3.2 closing"
        said = several(server.port, "b@y.example", "c@y.example", "d@y.example")
    assert [line.split()[1] for line in said] == ["75"] * 3
    assert [line.split()[0] for line in said[1:]] == ["not-sent"] * 2


def greet(listener):
    """One client, up to EHLO: its socket and its lines."""
    sock, _ = listener.accept()
    sock.settimeout(20)
    lines = sock.makefile("rb")
    sock.sendall(b"220 hi\r\n")
    lines.readline()
    sock.sendall(b"250-mx\r\n250 PIPELINING\r\n")
    return sock, lines


def take_message(sock, lines):
    """One message in its two flights."""
    for _ in range(3):
        lines.readline()
    sock.sendall(b"250 2.1.0 ok\r\n250 2.1.5 ok\r\n354 go\r\n")
    while lines.readline() != b".\r\n":
        pass
    sock.sendall(b"250 2.0.0 kept\r\n")


@pytest.mark.parametrize("stray, outcome", [
    (b"250 2.0.0 kept, as I said\r\n", "not-sent 76 p"), (b"25", "not-sent 75 p"),
    (b"421 4.3.2 idle\r\n", "not-sent 75 p"), (b"", "not-sent 75 p")])
def test_something_between_messages(postrider, stray, outcome):
    """What the server says unasked is never taken for the answer to the next message."""
    path = pathlib.Path(postrider).parent.parent / "tests" / "several"
    with socket.create_server(("127.0.0.1", 0)) as listener, \
            subprocess.Popen([path, str(listener.getsockname()[1])], stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE, text=True, bufsize=1) as driver:
        sock, lines = greet(listener)
        with sock, lines:
            driver.stdin.write("b@y.example\n")
            take_message(sock, lines)
            assert driver.stdout.readline() == "accepted 0 a\n"
            sock.sendall(stray)
            sock.shutdown(socket.SHUT_WR)
            driver.stdin.write("c@y.example\n")
            driver.stdin.close()
            assert driver.stdout.readline() == outcome + "\n"
            assert lines.read() in (b"", b"QUIT\r\n")
