# SPDX-License-Identifier: MIT
"""Several hosts: which reasons lead to the next one, and which end it."""

import contextlib
import json

import pytest

from replyserver import CLOSE, SILENT, ReplyServer
from wire import listen

FIRST, SECOND, THIRD = "127.0.0.1", "127.0.0.2", "127.0.0.3"
BAD_MAIL = "451 4.3.0 later"


class Hosts:
    """Servers on addresses of this machine, with one port."""

    def __init__(self, program, stack, certs):
        self.program, self._stack, self._certs = program, stack, certs
        self.port = 0
        self.servers = []

    def add(self, address, replies=None, **more):
        """The next one."""
        server = self._stack.enter_context(
            ReplyServer(address, self.port, replies=replies, certs=self._certs, **more))
        self.port = server.port
        self.servers.append(server)
        return server

    def none(self):
        """A port where nobody listens, but on addresses that are added later."""
        with listen() as sock:
            self.port = sock.getsockname()[1]

    def send(self, *args, hosts=(FIRST, SECOND), lines=(), **more):
        """Send a message with these hosts."""
        self.program.write_config("\n".join(
            ["account default", *(f"host {host}" for host in hosts), f"port {self.port}",
             "from a@x.example", *(lines or ["tls off"])]) + "\n")
        return self.program(*args, *([] if args else ["b@y.example"]), **more)

    def counts(self):
        """How many messages each has."""
        return [len(server.messages) for server in self.servers]


@pytest.fixture
def hosts(program, certs):
    """No servers yet."""
    with contextlib.ExitStack() as stack:
        yield Hosts(program, stack, certs)


def test_the_first_is_used_if_it_will(hosts):
    hosts.add(FIRST)
    hosts.add(SECOND)
    done = hosts.send()
    assert done.returncode == 0 and hosts.counts() == [1, 0] and not hosts.servers[1].verbs
    assert done.err == ""


def test_one_that_cannot_be_reached(hosts):
    hosts.none()
    hosts.add(SECOND)
    done = hosts.send("-v", "b@y.example")
    assert done.returncode == 0 and hosts.counts() == [1]
    assert "127.0.0.1: host 127.0.0.1, port" in done.err and "trying 127.0.0.2" in done.err
    assert hosts.send().err == ""


NEXT = [
    {"greeting": CLOSE}, {"greeting": "421 4.3.2 busy"}, {"greeting": "450 not now"},
    {"EHLO": "421 4.3.2 busy"}, {"EHLO": "451 4.3.0 later"}, {"MAIL": BAD_MAIL},
    {"MAIL": "421 4.3.2 closing"}, {"MAIL": "452 4.3.1 full"}]


@pytest.mark.parametrize("keywords", [("PIPELINING",), (), ("PIPELINING", "CHUNKING")])
@pytest.mark.parametrize("replies", NEXT, ids=str)
def test_the_next_has_its_turn(hosts, replies, keywords):
    hosts.add(FIRST, replies, keywords=keywords)
    hosts.add(SECOND)
    done = hosts.send()
    assert done.returncode == 0 and done.err == ""
    assert hosts.counts() == [0, 1] and hosts.servers[1].messages[0][1] == ["b@y.example"]


def test_the_next_has_its_own_time(hosts):
    """What one server let pass is not taken from the other."""
    hosts.add(FIRST, {"greeting": SILENT})
    hosts.add(SECOND)
    done = hosts.send(lines=["timeout 1"])
    assert done.returncode == 0, done.err
    assert hosts.counts() == [0, 1]


LAST = [
    ({"greeting": "554 5.3.2 no"}, 69), ({"greeting": "hello"}, 76), ({"EHLO": "550 5.7.1 no", "HELO": "550 5.7.1 no"}, 77),
    ({"MAIL": "550 5.7.1 no"}, 77), ({"RCPT": "451 4.2.0 greylisted"}, 75),
    ({"RCPT": "550 5.1.1 who"}, 67), ({"RCPT": "421 4.3.2 closing"}, 75),
    ({"DATA": "451 4.3.0 later"}, 75), ({"message": "451 4.3.0 later"}, 75),
    ({"message": CLOSE}, 75), ({"MAIL": CLOSE}, 75), ({"RCPT": CLOSE}, 75)]


@pytest.mark.parametrize("replies, status", LAST, ids=str)
def test_what_ends_it(hosts, replies, status):
    hosts.add(FIRST, replies)
    hosts.add(SECOND)
    done = hosts.send()
    assert done.returncode == status, done.err
    assert not hosts.servers[1].verbs and hosts.counts() == [0, 0]


AUTH = ["tls on", "auth plain", "user joe", "password secret"]


def with_auth(certs, starttls):
    """Lines for AUTH over TLS."""
    return [*AUTH, f"tls_trust_file {certs['ca']}", f"tls_starttls {starttls}"]


@pytest.mark.parametrize("tls", ["starttls", "on"])
@pytest.mark.parametrize("run", [1, 2], ids=["first contact", "known"])
def test_auth_for_now_and_for_good(hosts, certs, tls, run):
    lines = with_auth(certs, "on" if tls == "starttls" else "off")
    first = hosts.add(FIRST, tls=tls)
    second = hosts.add(SECOND, tls=tls, cert="wide")
    hosts_ = ("localhost", SECOND)
    if run == 2:
        assert hosts.send(hosts=hosts_[:1], lines=lines).returncode == 0
        assert hosts.send(hosts=hosts_[:1], lines=lines).returncode == 0
    before = len(first.messages)
    first.replies["AUTH"] = "454 4.7.0 later"
    done = hosts.send("-v", "b@y.example", hosts=hosts_, lines=lines)
    assert done.returncode == 0, done.err
    assert (len(first.messages), len(second.messages)) == (before, 1)
    first.replies["AUTH"] = "535 5.7.8 no"
    done = hosts.send(hosts=hosts_, lines=lines)
    assert done.returncode == 77 and len(second.messages) == 1


def test_each_is_verified_by_its_own_name(hosts, certs):
    """The second has a certificate for others, and gets nothing."""
    lines = with_auth(certs, "off")
    hosts.add(FIRST, {"handshake": CLOSE}, tls="on")
    second = hosts.add(SECOND, tls="on")
    done = hosts.send(hosts=("localhost", SECOND), lines=lines)
    assert done.returncode == 69 and "not 127.0.0.2" in done.err
    assert "localhost: " in done.err and "; then 127.0.0.2: " in done.err
    assert not second.verbs


def test_a_certificate_ends_it(hosts, certs):
    hosts.add(FIRST, tls="on", cert="expired")
    hosts.add(SECOND, tls="on", cert="wide")
    done = hosts.send(hosts=("localhost", SECOND), lines=with_auth(certs, "off"))
    assert done.returncode == 69 and "expired" in done.err and not hosts.servers[1].verbs


def test_starttls(hosts, certs):
    lines = with_auth(certs, "on")
    hosts.add(FIRST, {"STARTTLS": "454 4.7.0 later"}, tls="starttls")
    hosts.add(SECOND, tls="starttls", cert="wide")
    assert hosts.send(hosts=("localhost", SECOND), lines=lines).returncode == 0
    hosts.servers[0].replies["STARTTLS"] = "501 5.5.4 no"
    assert hosts.send(hosts=("localhost", SECOND), lines=lines).returncode != 0
    assert hosts.counts() == [0, 1]


def test_all_that_failed_is_told(hosts):
    hosts.add(FIRST, {"greeting": "421 4.3.2 busy"})
    hosts.add(SECOND, {"MAIL": "451 4.3.0 later"})
    hosts.add(THIRD, {"EHLO": "421 4.9.9 the very last"})
    done = hosts.send(hosts=(FIRST, SECOND, THIRD))
    assert done.returncode == 75 and hosts.counts() == [0, 0, 0]
    assert "127.0.0.1: " in done.err and "; then 127.0.0.2: " in done.err
    assert "; then 127.0.0.3: " in done.err and "the very last" in done.err
    assert done.err.count("\n") <= 3


def test_what_a_server_says_of_a_recipient_is_about_it_alone(hosts):
    hosts.none()
    hosts.add(SECOND, {"RCPT": "550 5.1.1 who"})
    done = hosts.send()
    assert done.returncode == 67 and "127.0.0.1" not in done.err


def test_which_host_it_was_is_told(hosts, program):
    hosts.none()
    hosts.add(SECOND)
    done = hosts.send("--json", "b@y.example", lines=["tls off", f"logfile {program.home}/log"])
    told = json.loads(done.out)
    assert (told["host"], told["port"], told["address"]) == (SECOND, hosts.port, SECOND)
    assert f"host={SECOND} " in (program.home / "log").read_text()


def test_a_host_that_refused_mail_has_the_message_from_nobody(hosts):
    """While there is a next one, the message does not leave with MAIL."""
    first = hosts.add(FIRST, {"MAIL": BAD_MAIL}, keywords=("PIPELINING",))
    hosts.add(SECOND, keywords=("PIPELINING",))
    assert hosts.send("b@y.example", "c@y.example").returncode == 0
    assert "DATA" not in first.verbs
    assert hosts.servers[1].messages[0][1] == ["b@y.example", "c@y.example"]


def test_the_time_of_the_run_is_one(hosts):
    hosts.add(FIRST, {"greeting": "421 4.3.2 busy"})
    done = hosts.send(hosts=[FIRST] * 80, lines=["tls off", "run_timeout 20"])
    assert done.returncode == 75 and "; then 127.0.0.1" in done.err


def test_a_conversation_has_one_server(hosts, program):
    """Two messages over -bs: the log knows the server of both."""
    hosts.add(FIRST, {"greeting": "421 4.3.2 busy"})
    hosts.add(SECOND)
    mail = b"MAIL FROM:<a@x.example>\r\nRCPT TO:<b@y.example>\r\nDATA\r\nx\r\n.\r\n"
    done = hosts.send("-bs", lines=["tls off", f"logfile {program.home}/log"],
                      message=b"EHLO me\r\n" + mail + mail + b"QUIT\r\n")
    assert done.returncode == 0 and hosts.counts() == [0, 2], done.out
    assert (program.home / "log").read_text().count(f"host={SECOND} ") == 2


def test_etrn_goes_to_the_next(hosts):
    hosts.add(FIRST, {"greeting": "421 4.3.2 busy"})
    second = hosts.add(SECOND, {"ETRN": "250 2.0.0 ok"}, keywords=("ETRN",))
    assert hosts.send("--rmqs=x.example").returncode == 0 and "ETRN" in second.verbs
