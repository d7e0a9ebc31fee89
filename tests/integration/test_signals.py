# SPDX-License-Identifier: MIT
"""SIGTERM, SIGINT and SIGHUP: what became of the message is said and logged, then they end the run."""

import json
import signal
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
def test_before_the_message_left(program, waiting, stage, number):
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


def test_a_final_reply_that_comes_is_the_verdict(program, waiting):
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


def test_a_final_reply_that_does_not_come(program, waiting):
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
