# SPDX-License-Identifier: MIT
"""SIGTERM, SIGINT and SIGHUP: what became of the message is said and logged, then they end the run."""

import json
import os
import select
import signal
import socket
import subprocess
import threading

import pytest

from dialogue import Dialogue
from stageserver import STAGES, StageServer

MESSAGE = b"Subject: t\n\nhi\n"


class WaitingServer(StageServer):
    """Waits at one stage before it answers: `reached` tells that, `go` lets it go on."""

    def __init__(self, stage):
        super().__init__()
        self.wait_at = stage
        self.reached, self.go = threading.Event(), threading.Event()

    def __exit__(self, *exception):
        self.go.set()
        super().__exit__(*exception)

    def _say(self, sock, stage, good=None):
        if stage == self.wait_at:
            self.reached.set()
            self.go.wait(30)
        return super()._say(sock, stage, good)


@pytest.fixture
def waiting():
    """A function: a server that waits at a stage, and the account for it."""
    servers = []

    def make(program, stage, *more):
        server = WaitingServer(stage)
        servers.append(server.__enter__())
        program.write_config("\n".join([
            "account a", "host 127.0.0.1", f"port {server.port}", "from a@x.example",
            f"logfile {program.home}/log", "log_format json", *more]) + "\n")
        return server

    yield make
    for server in servers:
        server.__exit__()


def start(program, *args, **more):
    """A run whose message is known."""
    running = subprocess.Popen(
        [program.path, "-C", program.config, *args, "b@y.example"], stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=program.environment(), **more)
    running.stdin.write(MESSAGE)
    running.stdin.close()
    running.stdin = None
    return running


def end(running):
    """Status, standard output and error of a run that is over."""
    out, err = running.communicate(timeout=30)
    return running.returncode, out.decode(), err.decode()


def log(program):
    """The one entry of the log."""
    [line] = (program.home / "log").read_text().splitlines()
    return json.loads(line)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
@pytest.mark.parametrize("stage", [s for s in STAGES if s not in ("starttls", "auth", "message")])
def test_e12_before_the_message_left(program, waiting, stage, number):
    """One line, the log, JSON, then death by the signal."""
    server = waiting(program, stage, "chunking off")
    running = start(program, "--json")
    assert server.reached.wait(30)
    running.send_signal(number)
    status, out, err = end(running)
    name = signal.Signals(number).name
    assert (status, err) == (-number, f"postrider: ended by {name}; nothing was sent\n")
    for entry in (json.loads(out), log(program)):
        assert (entry["outcome"], entry["status"]) == ("not-sent", 75)
        assert entry["error"]["text"] == f"ended by {name}; nothing was sent"
    server.go.set()
    assert server.messages == []


def test_e12_a_final_reply_that_comes_is_the_verdict(program, waiting):
    """The message has left: its reply is waited for a little longer, and then nothing was ended."""
    server = waiting(program, "message")
    running = start(program)
    assert server.reached.wait(30)
    running.terminate()
    server.go.set()
    assert end(running) == (0, "", "")
    assert log(program)["outcome"] == "accepted"
    assert len(server.messages) == 1


def test_a_refusal_that_comes_is_the_verdict(program, waiting):
    """The same for a refusal."""
    server = waiting(program, "message")
    server.stage, server.reply = "message", b"554 5.6.0 no"
    running = start(program)
    assert server.reached.wait(30)
    running.terminate()
    server.go.set()
    status, _, err = end(running)
    assert status == 65 and "554" in err
    assert log(program)["outcome"] == "refused"


def test_e12_a_final_reply_that_does_not_come(program, waiting):
    """After five seconds nobody knows."""
    server = waiting(program, "message")
    running = start(program)
    assert server.reached.wait(30)
    running.terminate()
    status, _, err = end(running)
    assert (status, err) == (-signal.SIGTERM, "postrider: ended by SIGTERM; the message may have "
                             "been delivered\n")
    assert log(program)["outcome"] == "unknown"


@pytest.mark.parametrize("stage", ["rcpt", "message"])
def test_a_second_signal_ends_it_at_once(program, waiting, stage):
    """Whatever is waited for."""
    server = waiting(program, stage)
    running = start(program)
    assert server.reached.wait(30)
    running.terminate()
    running.send_signal(signal.SIGINT)
    assert end(running)[0] in (-signal.SIGTERM, -signal.SIGINT)


def test_an_ignored_signal_stays_ignored(program, waiting):
    """As under nohup."""
    server = waiting(program, "rcpt")
    running = start(program, preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
    assert server.reached.wait(30)
    running.send_signal(signal.SIGHUP)
    server.go.set()
    assert end(running) == (0, "", "")


def test_while_the_message_is_read(program, clear_host):
    """A job that writes for days can be ended."""
    program.account(clear_host, f"logfile {program.home}/log")
    running = subprocess.Popen([program.path, "-C", program.config, "b@y.example"],
                               stdin=subprocess.PIPE, stderr=subprocess.PIPE,
                               env=program.environment())
    running.stdin.write(MESSAGE + 100_000 * b"x\n")  # more than a pipe holds: it reads
    running.stdin.flush()
    running.terminate()
    _, err = running.communicate(timeout=30)
    assert running.returncode == -signal.SIGTERM
    assert err.decode() == "postrider: ended by SIGTERM; nothing was sent\n"
    assert "EX_TEMPFAIL" in (program.home / "log").read_text()
    assert clear_host.messages == []


def test_while_a_helper_runs(program, clear_host):
    """It is ended too."""
    fifo = program.home / "begun"
    subprocess.run(["mkfifo", fifo], check=True)
    program.account(clear_host, "auth plain", "user u", "auth_insecure on",
                    f"passwordeval echo >{fifo}; sleep 60")
    running = start(program)
    fifo.read_text()
    running.terminate()
    assert end(running) == (-signal.SIGTERM, "",
                            "postrider: ended by SIGTERM; nothing was sent\n")


def test_between_messages_of_bs(program, clear_host):
    """The last word is 421."""
    program.account(clear_host)
    one = Dialogue([program.path, "-bs", "-C", program.config], env=program.environment())
    one.greeting()
    assert one.ask("EHLO x")[:3] == "250"
    one.signal(signal.SIGTERM)
    assert one.rest() == ["421 4.3.2 the service is ending; closing"]
    assert one.close() == -signal.SIGTERM


@pytest.mark.parametrize("stage, expected", [
    ("rcpt", "451 4.3.2 the service is ending; nothing was sent"),
    ("message", "250 2.0.0 kept")])
def test_during_a_message_of_bs(program, waiting, stage, expected):
    """The message has its reply, then comes 421."""
    server = waiting(program, stage)
    one = Dialogue([program.path, "-bs", "-C", program.config], env=program.environment())
    one.greeting()
    one.say("EHLO x", "MAIL FROM:<a@x.example>", "RCPT TO:<b@y.example>", "DATA", "", "hi", ".")
    assert server.reached.wait(30)
    one.signal(signal.SIGTERM)
    if stage == "message":
        server.go.set()
    assert one.rest()[-2:] == [expected, "421 4.3.2 the service is ending; closing"]
    assert one.close() == -signal.SIGTERM
    assert log(program)["outcome"] == ("accepted" if stage == "message" else "not-sent")


def test_between_reading_and_opening_a_pipe_without_a_writer(program, clear_host, tmp_path):
    """Waiting for somebody who writes can be ended, too."""
    program.account(clear_host)
    fifo = tmp_path / "fifo"
    subprocess.run(["mkfifo", fifo], check=True)
    running = subprocess.Popen([program.path, "-C", program.config, "--message", fifo,
                                "b@y.example"], stderr=subprocess.PIPE, env=program.environment())
    with pytest.raises(subprocess.TimeoutExpired):
        running.wait(0.3)
    running.terminate()
    _, err = running.communicate(timeout=30)
    assert running.returncode == -signal.SIGTERM
    assert err.decode() == "postrider: ended by SIGTERM; nothing was sent\n"


def test_a_pipe_whose_writer_comes_later(program, clear_host, tmp_path):
    """It is waited for, and read to its end."""
    program.account(clear_host)
    fifo = tmp_path / "fifo"
    subprocess.run(["mkfifo", fifo], check=True)
    running = subprocess.Popen([program.path, "-C", program.config, "--message", fifo,
                                "b@y.example"], stderr=subprocess.PIPE, env=program.environment())
    fifo.write_bytes(MESSAGE)
    assert end_of(running) == (0, "")
    assert clear_host.wait_message().content.endswith(b"\r\n\r\nhi\r\n")


def end_of(running):
    """Status and standard error of a run that is over."""
    _, err = running.communicate(timeout=30)
    return running.returncode, err.decode()


def test_no_other_server_is_tried(program, clear_host):
    """While the first one of several is connected to: the run is over then."""
    with socket.socket() as full:
        full.bind(("127.0.0.2", 0))
        full.listen(0)
        port = full.getsockname()[1]
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.2", port))
        program.write_config(f"account a\nhost 127.0.0.2\nhost 127.0.0.3\nport {port}\n"
                             "from a@x.example\n")
        running = start(program, "-vv")
        first = b""
        while b"127.0.0.2" not in first and select.select([running.stderr], [], [], 1)[0]:
            first += os.read(running.stderr.fileno(), 4096)
        running.terminate()
        status, _, err = end(running)
        for filler in fillers:
            filler.close()
    assert status == -signal.SIGTERM
    assert "trying" not in err and "127.0.0.3" not in err
    assert err.endswith("postrider: ended by SIGTERM; nothing was sent\n")


def test_a_final_reply_that_does_not_come_to_bs(program, waiting):
    """Whoever sends it again must know that it may be there."""
    server = waiting(program, "message")
    one = Dialogue([program.path, "-bs", "-C", program.config], env=program.environment())
    one.greeting()
    one.say("EHLO x", "MAIL FROM:<a@x.example>", "RCPT TO:<b@y.example>", "DATA", "", "hi", ".")
    assert server.reached.wait(30)
    one.signal(signal.SIGTERM)
    assert one.rest()[-2:] == ["451 4.3.2 the service is ending; the smarthost may have the message",
                               "421 4.3.2 the service is ending; closing"]
    assert one.close() == -signal.SIGTERM
    assert log(program)["outcome"] == "unknown"


@pytest.mark.parametrize("logged", [True, False])
def test_inside_a_message_of_bs(program, clear_host, logged):
    """What was read of it is lost, and the log says so; standard error once."""
    program.account(clear_host, *([f"logfile {program.home}/log", "log_format json"] if logged else []))
    one = Dialogue([program.path, "-bs", "-C", program.config], env=program.environment())
    one.greeting()
    assert one.ask("EHLO x")[:3] == "250"
    one.mail("a@x.example", "b@y.example")
    assert one.ask("DATA")[:3] == "354"
    one.say(b"Subject: t\r\n\r\n" + 100_000 * b"x\r\n")
    one.signal(signal.SIGTERM)
    assert one.rest() == ["421 4.3.2 the service is ending; closing"]
    assert one.close() == -signal.SIGTERM
    assert one.err.count("ended by SIGTERM; nothing was sent") == 1
    entry = log(program) if logged else {"outcome": "not-sent", "from": "a@x.example"}
    assert entry["outcome"] == "not-sent" and entry["from"] == "a@x.example"


class PartServer(WaitingServer):
    """Waits only when a stage comes for the second time."""

    def __init__(self, stage):
        super().__init__(stage)
        self.times = 0

    def _say(self, sock, stage, good=None):
        if stage == self.wait_at:
            self.times += 1
            if self.times != 2:
                return StageServer._say(self, sock, stage, good)
        return super()._say(sock, stage, good)


@pytest.mark.parametrize("stage, answered, said, held", [
    ("rcpt", False, "only some recipients have the message", 1),
    ("message", False, "the message may have been delivered", 2),
    ("message", True, "only some recipients have the message", 2)])
def test_between_the_parts_of_a_list(program, stage, answered, said, held):
    """No further part is begun, who has the message is named, and the signal ends the run."""
    with PartServer(stage) as server:
        program.write_config(f"account a\nhost 127.0.0.1\nport {server.port}\nfrom a@x.example\n"
                             f"max_recipients 1\nlogfile {program.home}/log\nlog_format json\n")
        running = start(program, "r@y.example", "s@y.example")
        assert server.reached.wait(30)
        running.terminate()
        if answered:
            server.go.set()
        status, _, err = end(running)
        server.go.set()
        assert status == -signal.SIGTERM
        assert err.startswith(f"postrider: ended by SIGTERM; {said}\n")
        assert "recipient <r@y.example> has the message" in err or stage == "message"
        assert log(program)["error"]["text"].endswith(said)
    assert len(server.messages) == held
