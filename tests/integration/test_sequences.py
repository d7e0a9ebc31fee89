# SPDX-License-Identifier: MIT
"""Series of messages through -bs, beside a model of what each of them must lead to.

A seed makes a series: accounts that are good, wrong or not to be reached, messages by their
senders, what the servers do at each stage of each message, and what becomes of the configuration
in between.  After each message the model compares the reply, the entry of the log and the server's
own ledger: what was answered with 250 is there once, what was not is not there.
"""

import dataclasses
import json
import random
import socket
import threading

import pytest

from dialogue import Dialogue
from stageserver import CLOSE, StageServer

STAGES = ("mail", "rcpt", "data", "message")
REPLIES = {"mail": (b"450 4.1.8 later", b"553 5.1.7 no"), "rcpt": (b"451 4.3.0 later", b"550 5.1.1 who"),
           "data": (b"451 4.3.0 later", b"554 5.0.0 no"),
           "message": (b"452 4.3.1 full", b"554 5.6.0 no")}
GOOD = {"mail": b"250 2.1.0 ok", "rcpt": b"250 2.1.5 ok", "data": b"354 go", "message": b"250 2.0.0 kept"}


class PlannedServer(StageServer):
    """For each MAIL the next of `plans` says what is done: a stage, and a reply or CLOSE."""

    def __init__(self, host="127.0.0.1"):
        super().__init__(host)
        self.plans = []
        self.ledger = []  # subjects of what was accepted
        self.hang_up = False  # after the final reply, while nobody asks for anything
        self.closed = threading.Event()

    def _serve(self, sock, lines):
        try:
            self._talk(sock, lines)
        finally:
            self.closed.set()

    def _talk(self, sock, lines):
        plan = (None, None)
        sock.sendall(b"220 plan ESMTP\r\n")
        while True:
            verb = lines.readline().split()[:1]
            if not verb or verb == [b"QUIT"]:
                return
            if verb == [b"EHLO"]:
                sock.sendall(b"250-plan\r\n250-PIPELINING\r\n250 ENHANCEDSTATUSCODES\r\n")
                continue
            if verb == [b"RSET"]:
                sock.sendall(b"250 2.0.0 ok\r\n")
                continue
            if verb == [b"MAIL"]:
                plan = self.plans.pop(0) if self.plans else (None, None)
            stage = verb[0].decode().lower()
            if not self._answer(sock, stage, plan):
                return
            if stage == "data" and plan[0] not in ("mail", "rcpt", "data"):
                if not self._take(sock, lines, plan):
                    return

    def _take(self, sock, lines, plan):
        """A message up to its dot; whether the session goes on."""
        text = []
        while (line := lines.readline()) != b".\r\n":
            if not line:
                return False
            text.append(line)
        [subject] = [line.split()[1].decode() for line in text if line.startswith(b"Subject: ")]
        if plan[0] != "message":
            self.ledger.append(subject)
        if not self._answer(sock, "message", plan):
            return False
        if self.hang_up:
            self.hang_up = False
            sock.shutdown(socket.SHUT_RDWR)
            return False
        return True

    @staticmethod
    def _answer(sock, stage, plan):
        if plan[0] == stage and plan[1] is CLOSE:
            sock.shutdown(socket.SHUT_RDWR)
            return False
        after = plan[0] in STAGES and stage in STAGES and STAGES.index(stage) > STAGES.index(plan[0])
        reply = plan[1] if plan[0] == stage else b"503 5.5.1 no" if after else GOOD[stage]
        sock.sendall(reply + b"\r\n")
        return True


@dataclasses.dataclass
class Account:
    """One of the configuration, with what is known of its session."""

    name: str
    kind: str  # good, wrong (a configuration error) or away (nobody listens)
    server: object = None
    carried: int = 0  # messages of the session that is open; 0: none is

    def lines(self):
        """As it stands in the file."""
        host, port = (self.server.host, self.server.port) if self.server else ("127.0.0.1", 1)
        wrong = ["auth external"] if self.kind == "wrong" else []
        return [f"account {self.name}", f"host {host}", f"port {port}",
                f"from {self.name}@x.example", *wrong]


class Series:
    """One conversation with -bs."""

    def __init__(self, program, chance):
        self.program, self.chance = program, chance
        self.accounts, self.number, self.told = [], 0, 0
        self.talk = None

    def write(self, accounts):
        """The configuration that is read before the first message."""
        self.accounts = accounts
        text = ["defaults", f"logfile {self.program.home}/log", "log_format json", "tls off"]
        for account in accounts:
            text += account.lines()
        self.program.write_config("\n".join(text) + "\n")

    def begin(self):
        """The program, greeted."""
        self.talk = Dialogue([self.program.path, "-bs", "-C", self.program.config],
                             env=self.program.environment())
        self.talk.greeting()
        assert self.talk.ask("EHLO x")[:3] == "250"

    def send(self, account):
        """A message from the account's address; the reply to it and its number."""
        self.number += 1
        subject = f"number-{self.number}"
        for line in (f"MAIL FROM:<{account.name}@x.example>", "RCPT TO:<b@y.example>"):
            assert self.talk.ask(line)[:3] == "250"
        assert self.talk.ask("DATA")[:3] == "354"
        return self.talk.ask(f"Subject: {subject}\r\n\r\nhi\r\n.".encode() + b"\r\n"), subject

    def entry(self):
        """The next entry of the log: there is one for each message."""
        lines = (self.program.home / "log").read_text().splitlines()
        self.told += 1
        assert len(lines) == self.told
        return json.loads(lines[-1])

    def step(self):
        """One message, and all that the model knows of it."""
        account = self.chance.choice(self.accounts)
        if account.kind == "good":
            self.step_good(account)
            return
        reply, _ = self.send(account)
        entry = self.entry()
        status, code = (78, "451 4.3.5") if account.kind == "wrong" else (75, "451 4.4.1")
        assert reply.startswith(code)
        assert (entry["outcome"], entry["status"]) == ("not-sent", status)
        assert entry.get("account") == (None if account.kind == "wrong" else account.name)
        assert "address" not in entry and "connect" not in entry["durations_ms"]

    def step_good(self, account):
        """The server does something at some stage; or everything is well."""
        server, chance = account.server, self.chance
        stage = chance.choice([None, None, *STAGES])
        what = chance.choice([CLOSE, *REPLIES[stage]]) if stage else None
        server.plans = [(stage, what)]
        server.hang_up = stage is None and chance.random() < 0.3
        hangs_up = server.hang_up
        server.closed.clear()
        kept = account.carried
        reply, subject = self.send(account)
        entry = self.entry()
        retried = stage == "mail" and what is CLOSE and kept
        if stage is None or retried:
            assert reply == "250 2.0.0 kept"
            self.check(entry, account, "accepted", 0)
            account.carried = 1 if retried else kept + 1
        elif what is CLOSE:
            assert reply.startswith("451 4.4.2")
            self.check(entry, account, "unknown" if stage == "message" else "not-sent", 75)
            account.carried = 0
        else:
            assert reply[:9] == what.decode()[:9]
            self.check(entry, account, "refused", 75 if what[:1] == b"4" else entry["status"])
            assert entry["reply"]["code"] == int(what[:3])
            account.carried = kept + 1
        assert (subject in server.ledger) == (stage is None or bool(retried))
        assert len(set(server.ledger)) == len(server.ledger)
        if hangs_up:
            assert server.closed.wait(20)
            account.carried = 0

    def check(self, entry, account, outcome, status):
        """What the log says of a message that came to a server: all of it is of this account."""
        assert (entry["outcome"], entry["status"]) == (outcome, status)
        assert entry["account"] == account.name
        assert entry["port"] == account.server.port
        assert entry["address"] == account.server.host
        assert {"connect", "hello"} <= set(entry["durations_ms"])
        assert [r["address"] for r in entry["recipients"]] == ["b@y.example"]

    def change_configuration(self):
        """Nothing of what comes now counts: the configuration was read."""
        how = self.chance.choice(["other", "gone", "open", "back"])
        if how == "gone":
            self.program.config.unlink(missing_ok=True)
        else:
            self.write(self.accounts)
        if how == "other":
            self.program.config.write_text("account a\nhost no.such.host.example\n")
        if how == "open":
            self.program.config.chmod(0o666)


@pytest.mark.parametrize("seed", range(16))
def test_f3_series(program, seed):
    """Whatever came before, each message has its own answer, its own entry and one delivery."""
    chance = random.Random(seed)
    series = Series(program, chance)
    with PlannedServer() as one, PlannedServer("127.0.0.2") as two:
        series.write([Account("a", "good", one), Account("b", "good", two), Account("c", "wrong"),
                      Account("d", "away")])
        series.begin()
        for _ in range(10):
            series.step()
            if chance.random() < 0.3:
                series.change_configuration()
        assert series.talk.ask("QUIT")[:3] == "221"
        assert series.talk.close() == 0


@pytest.mark.parametrize("seed", range(4))
def test_f1_series_with_a_configuration_that_is_refused(program, seed):
    """It answers every message, however often it is asked for and whatever becomes of the file."""
    chance = random.Random(seed)
    series = Series(program, chance)
    ran = program.home / "ran"
    with PlannedServer() as one:
        account = Account("a", "good", one)
        series.write([account])
        with program.config.open("a", encoding="ascii") as file:
            file.write(f"auth plain\nauth_insecure on\nuser u\npasswordeval touch {ran}; echo x\n")
        program.config.chmod(0o666)
        series.begin()
        for _ in range(4):
            reply, _ = series.send(account)
            assert reply.startswith("451 4.3.5")
            if chance.random() < 0.5:
                series.change_configuration()
        series.talk.say("QUIT")
        assert series.talk.close() == 0
        assert one.ledger == [] and not ran.exists()
