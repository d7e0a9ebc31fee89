# SPDX-License-Identifier: MIT
"""How much goes in one flight: what a first contact teaches, and what is remembered of it."""

import os
import re
import time

import pytest

from fakeserver import FakeServer, parse_text
from replyserver import ReplyServer
from smarthost import Smarthost
from socksproxy import SocksProxy

HEAD = ["From: a@x.example", "To: b@y.example", "Date: Thu, 01 Jan 2026 00:00:00 +0000",
        "Message-ID: <1@x.example>", "Subject: t", ""]
MESSAGE = "".join(line + "\n" for line in [*HEAD, "hello"]).encode()
SIZE = len(MESSAGE.replace(b"\n", b"\r\n"))
DAY = 24 * 3600

KEYWORDS = ("PIPELINING", "CHUNKING", "AUTH PLAIN")
AUTH = "C: AUTH PLAIN AGpvZQBzZWNyZXQ="
ENVELOPE = ["C: MAIL FROM:<a@x.example>", "C: RCPT TO:<b@y.example>"]
FIRST_LINE = len(HEAD[0]) + 2
BODY = [f"C: BDAT {SIZE} LAST", *("B: " + line for line in [*HEAD, "hello"])]
PROBE = [f"C: BDAT {FIRST_LINE}", "B: " + HEAD[0]]
REST = [f"C: BDAT {SIZE - FIRST_LINE} LAST", *("B: " + line for line in [*HEAD[1:], "hello"])]
YES = "S: 235 2.7.0 yes"
ENVELOPE_OK = ["S: 250 2.1.0 ok", "S: 250 2.1.5 ok"]
PROBE_OK = "S: 250 2.0.0 so far"
TAKEN = "S: 250 2.0.0 taken"


def session(*lines, keywords=KEYWORDS):
    """A session over implicit TLS with these lines after EHLO."""
    offer = ["mx.example", *keywords]
    replies = ["S: 250-" + word for word in offer[:-1]] + ["S: 250 " + offer[-1]]
    return parse_text("\n".join(["! tls on", "T:", "S: 220 hi", "C: EHLO localhost", *replies,
                                 *lines]) + "\n")


def first(*lines, **more):
    """AUTH, the envelope and the message's first line in one flight."""
    return session(AUTH, *ENVELOPE, *PROBE, *lines, **more)


def known(*lines, **more):
    """AUTH and the envelope in one flight: the server is known to take BDAT."""
    return session(AUTH, *ENVELOPE, *lines, **more)


FIRST = first(YES, *ENVELOPE_OK, PROBE_OK, *REST, TAKEN)
KNOWN = known(YES, *ENVELOPE_OK, *BODY, TAKEN)
FULL = known(*BODY, YES, *ENVELOPE_OK, TAKEN)
BASIC = session(AUTH, YES, *ENVELOPE, *PROBE, *ENVELOPE_OK, PROBE_OK, *REST, TAKEN)
ONE_BY_ONE = (AUTH, YES, ENVELOPE[0], ENVELOPE_OK[0], ENVELOPE[1], ENVELOPE_OK[1])
OFF = session(*ONE_BY_ONE, *PROBE, PROBE_OK, *REST, TAKEN)
KNOWN_OFF = session(*ONE_BY_ONE, *BODY, TAKEN)
KNOWN_BASIC = session(AUTH, YES, *ENVELOPE, *BODY, *ENVELOPE_OK, TAKEN)


class Contacts:
    """Runs of the program, one after the other, against one server that follows scripts."""

    def __init__(self, program, certs):
        self.program = program
        self.certs = certs

    def __call__(self, *scripts, runs=None, status=0, more=(), between=None, env=None):
        """The runs; the server must have seen what the scripts say."""
        done = []
        with FakeServer(list(scripts), self.certs) as server:
            self.program.write_config("\n".join([
                "account default", "host localhost", f"port {server.port}", "tls on",
                "tls_starttls off", f"tls_trust_file {self.certs['ca']}", "user joe",
                "password secret", "from a@x.example", "tls_session_cache off", *more]) + "\n")
            for number in range(len(scripts) if runs is None else runs):
                if number and between:
                    between()
                done.append(self.program("b@y.example", message=MESSAGE, env=env))
            assert server.wait() == [], done[-1].err
        assert [run.returncode for run in done[:-1]] == [0] * (len(done) - 1), done[0].err
        assert done[-1].returncode == status, done[-1].err
        return done[-1]

    def folder(self):
        """Where the program remembers."""
        return self.program.home / ".cache" / "postrider"

    def file(self):
        """The one file about flights there."""
        (found,) = self.files()
        return found

    def files(self):
        """All of them."""
        return list(self.folder().glob("*.flights"))


@pytest.fixture
def contacts(program, certs):
    """See Contacts."""
    return Contacts(program, certs)


def test_first_contact_teaches(contacts):
    """Five round trips, then four; what is remembered is for us alone."""
    assert contacts(FIRST, FULL, FULL).err == ""
    assert contacts.folder().stat().st_mode & 0o777 == 0o700
    assert contacts.file().stat().st_mode & 0o777 == 0o600
    assert b"secret" not in contacts.file().read_bytes()


def test_port_25_teaches_nothing(contacts, program, certs):
    """Such a server takes mail from anyone: the message waits until AUTH was answered."""
    with FakeServer([BASIC, KNOWN_BASIC], certs) as server, SocksProxy(server.port) as proxy:
        program.write_config("\n".join([
            "account default", "host localhost", "port 25", "proxy_host 127.0.0.1",
            f"proxy_port {proxy.port}", "tls on", "tls_starttls off",
            f"tls_trust_file {certs['ca']}", "user joe", "password secret", "from a@x.example",
            "tls_session_cache off"]) + "\n")
        for _ in range(2):
            done = program("b@y.example", message=MESSAGE)
            assert done.returncode == 0, done.err
        assert server.wait() == [] and not contacts.files()


def test_xdg_cache_home(contacts, tmp_path):
    """$XDG_CACHE_HOME is where it is looked for."""
    contacts(FIRST, FULL, env={"XDG_CACHE_HOME": str(tmp_path / "elsewhere")})
    assert list((tmp_path / "elsewhere" / "postrider").iterdir())
    assert not contacts.files()


def test_aged(contacts):
    """After 30 days it is learnt again."""
    def age(days):
        then = time.time() - days * DAY
        os.utime(contacts.file(), (then, then))

    contacts(FIRST, FULL, between=lambda: age(29))
    contacts.file().unlink()
    contacts(FIRST, KNOWN, between=lambda: age(31))


def test_from_the_future(contacts):
    """What a clock that was wrong has written is no knowledge."""
    def advance():
        then = time.time() + DAY
        os.utime(contacts.file(), (then, then))

    contacts(FIRST, KNOWN, between=advance)


def test_keywords_changed(contacts):
    """A server that offers something else may be another one."""
    other = ("PIPELINING", "CHUNKING", "AUTH PLAIN", "XYZ")
    contacts(FIRST, first(YES, *ENVELOPE_OK, PROBE_OK, *REST, TAKEN, keywords=other))


def test_order_of_keywords(contacts):
    """The same keywords in another order are the same server."""
    other = ("AUTH PLAIN", "chunking", "PIPELINING")
    contacts(FIRST, session(AUTH, *ENVELOPE, *BODY, YES, *ENVELOPE_OK, TAKEN, keywords=other))


def test_other_account(contacts, program):
    """What holds for one account is not taken to hold for another."""
    def rename():
        text = program.config.read_text()
        program.write_config(text.replace("account default", "account other"))

    contacts(FIRST, KNOWN, between=rename)
    assert len(contacts.files()) == 2


@pytest.mark.parametrize("spoil", ["empty", "garbage", "directory", "link", "long"])
def test_spoilt_file(contacts, spoil):
    """Whatever stands there is no more than not knowing."""
    def act():
        file = contacts.file()
        text = file.read_bytes()
        file.unlink()
        if spoil == "directory":
            file.mkdir()
        elif spoil == "link":
            (file.parent.parent / "target").write_bytes(text)
            file.symlink_to(file.parent.parent / "target")
        else:
            file.write_bytes({"empty": b"", "garbage": b"\0\xff\n" * 99,
                              "long": b"x" * 100000}[spoil])

    assert contacts(FIRST, KNOWN, between=act).err == ""


def test_folder_of_others(contacts):
    """A folder that others can look into is not used, and nothing is said about it."""
    contacts.folder().mkdir(parents=True)
    contacts.folder().chmod(0o755)
    assert contacts(FIRST, FIRST).err == ""
    assert not contacts.files()


def test_no_folder(contacts):
    """Without a place to write the first form is used each time."""
    assert contacts(FIRST, FIRST, env={"HOME": "/nonexistent"}).err == ""


def test_leftovers(contacts):
    """Nothing but the file itself is left behind."""
    contacts(FIRST, FULL)
    assert contacts.file().name.endswith(".flights")


# What goes wrong when AUTH, MAIL and RCPT leave together; nothing of the message has left

WRONG = {
    "a question": ["S: 334 dGVsbA=="],
    "judged before AUTH had ended": [YES, "S: 530 5.7.0 authenticate first",
                                     *["S: 503 5.5.1 no"] * 2],
    "out of sequence": [YES, *["S: 503 5.5.1 no"] * 3],
    "garbage": [YES, "S: what?"],
    "the connection ends": ["X:"],
    "the connection ends after AUTH": [YES, "X:"],
    "an odd success": ["S: 250 2.0.0 ok"],
    "MAIL is unknown there": [YES, "S: 500 5.5.1 what?", *["S: 503 5.5.1 no"] * 2],
    "RCPT comes out of sequence": [YES, "S: 250 2.1.0 ok", *["S: 503 5.5.1 no"] * 2],
    "AUTH is unknown there": ["S: 500 5.5.1 what?", *["S: 503 5.5.1 no"] * 3],
    "AUTH is not implemented": ["S: 502 5.5.1 no", *["S: 530 5.7.0 no"] * 3],
    "AUTH comes out of sequence": ["S: 503 5.5.1 no", *["S: 530 5.7.0 no"] * 3],
}


@pytest.mark.parametrize("wrong", WRONG)
def test_falls_back(contacts, wrong):
    """One connection more, one command at a time; the next run begins with that."""
    assert contacts(first(*WRONG[wrong]), OFF, runs=1).err == ""
    if "the connection ends" in wrong:  # which may have had any reason
        assert not contacts.files()
    else:
        assert contacts.file().read_text().endswith("off\n")


@pytest.mark.parametrize("reply", ["530 5.7.1 may not send", "503 5.5.1 too many this hour", "500 5.5.0 policy"])
def test_c4_a_refusal_that_comes_one_by_one_too_teaches_nothing(contacts, reply):
    wrong = "S: " + reply
    contacts(first(YES, wrong, *["S: 503 5.5.1 no"] * 2), session(*ONE_BY_ONE[:3], wrong), runs=1,
             status=77 if "5.7.1" in reply else 76)
    assert not contacts.files()


def test_off_holds_for_all_messages_of_a_session(contacts):
    """-bs: the second message goes one command at a time, too."""
    again = (ENVELOPE[0], ENVELOPE_OK[0], ENVELOPE[1], ENVELOPE_OK[1], *BODY, TAKEN)
    scripts = [first(*WRONG["garbage"]), OFF, session(*ONE_BY_ONE, *BODY, TAKEN, *again)]
    mail = (b"MAIL FROM:<a@x.example>\r\nRCPT TO:<b@y.example>\r\nDATA\r\n"
            + MESSAGE.replace(b"\n", b"\r\n") + b".\r\n")
    with FakeServer(scripts, contacts.certs) as server:
        contacts.program.write_config(
            f"account default\nhost localhost\nport {server.port}\ntls on\ntls_starttls off\n"
            f"tls_trust_file {contacts.certs['ca']}\nuser joe\npassword secret\n"
            "from a@x.example\n")
        assert contacts.program("b@y.example", message=MESSAGE).returncode == 0
        done = contacts.program("-bs", message=b"EHLO x\r\n" + mail * 2 + b"QUIT\r\n")
        assert done.stdout.count(b"250 2.0.0 taken") == 2, done.stdout
        assert server.wait() == []


def test_falls_back_once(contacts):
    """The next run knows; a mail is sent once a run."""
    wrong = first(*WRONG["garbage"])
    with FakeServer([wrong, OFF, KNOWN_OFF], contacts.certs) as server:
        contacts.program.write_config(
            f"account default\nhost localhost\nport {server.port}\ntls on\ntls_starttls off\n"
            f"tls_trust_file {contacts.certs['ca']}\nuser joe\npassword secret\n"
            "from a@x.example\n")
        for _ in range(2):
            done = contacts.program("b@y.example", message=MESSAGE)
            assert (done.returncode, done.err) == (0, "")
        assert server.wait() == []


def test_silence_after_auth(contacts):
    """A server that discards what follows AUTH: a wait, then once more, and never again."""
    deaf = first(YES)
    began = time.monotonic()
    done = contacts(deaf, OFF, runs=1, more=["timeout 1"])
    assert done.err == "" and time.monotonic() - began < 8
    assert contacts.file().read_text().endswith("off\n")


def test_second_connection_fails(contacts):
    """Then its own trouble is what is told, and nothing is remembered."""
    done = contacts(first("X:"), session("X:"), runs=1, status=75)
    assert "closed the connection" in done.err
    assert not contacts.files()


def test_unsupported_mechanism(contacts):
    """504 lets the next mechanism have its turn, on a connection of its own."""
    keywords = ("PIPELINING", "CHUNKING", "AUTH PLAIN LOGIN")
    refused = first("S: 504 5.5.4 not here", keywords=keywords)
    login = session("C: AUTH LOGIN", "S: 334 VXNlcm5hbWU6", "C: am9l", "S: 334 UGFzc3dvcmQ6",
                    "C: c2VjcmV0", YES, *ENVELOPE, *PROBE, *ENVELOPE_OK, PROBE_OK, *REST, TAKEN,
                    keywords=keywords)
    assert contacts(refused, login, runs=1).err == ""


@pytest.mark.parametrize("reply", ["535 5.7.8 wrong", "454 4.7.0 later", "421 4.3.2 bye"])
def test_refusal_is_no_fall_back(contacts, reply):
    """A refusal is a refusal: no second connection."""
    status = 77 if reply.startswith("5") else 75
    done = contacts(first("S: " + reply), status=status)
    assert reply in done.err and not contacts.files()


# The whole message behind AUTH

def test_refused_and_accepted(contacts):
    """AUTH was refused and the message accepted: 0, a line in the log, and basic from then on."""
    odd = session(AUTH, *ENVELOPE, *BODY, "S: 535 5.7.8 no", *ENVELOPE_OK, TAKEN)
    log = contacts.program.home / "log"
    done = contacts(FIRST, odd, KNOWN_BASIC, more=[f"logfile {log}"])
    assert done.err == ""
    assert "refused the authentication and took the message" in log.read_text().splitlines()[1]


def test_refused_and_refused(contacts):
    """AUTH's refusal decides; what is known of the server stays."""
    refused = session(AUTH, *ENVELOPE, *BODY, "S: 535 5.7.8 no", "S: 530 5.7.0 auth first",
                      "S: 503 5.5.1 no", "S: 503 5.5.1 no")
    done = contacts(FIRST, refused, status=77)
    assert "535 5.7.8 no" in done.err
    assert contacts.file().read_text().endswith("full\n")


@pytest.mark.parametrize("rest", [["X:"], [YES, "X:"], [YES, *ENVELOPE_OK, "X:"],
                                  [YES, *ENVELOPE_OK, "S: what?"]])
def test_unknown_is_not_tried_again(contacts, rest):
    """No fall-back once the message has left; and the next run begins anew."""
    done = contacts(FIRST, session(AUTH, *ENVELOPE, *BODY, *rest), status=75)
    assert "not answered" in done.err
    assert not contacts.files()


# Where nothing is learnt

def test_without_verified_tls(program, certs):
    """AUTH alone, whatever was learnt."""
    with FakeServer([BASIC, KNOWN_BASIC], certs) as server:
        program.write_config(
            f"account default\nhost localhost\nport {server.port}\ntls on\ntls_starttls off\n"
            "tls_certcheck off\nauth plain\nauth_insecure on\nuser joe\npassword secret\n"
            "from a@x.example\n")
        for _ in range(2):
            assert program("b@y.example", message=MESSAGE).returncode == 0
        assert server.wait() == []
    assert not list((program.home / ".cache").glob("postrider/*.flights"))


@pytest.mark.parametrize("word, unknown, script", [
    ("full", FIRST, FULL), ("basic", BASIC, KNOWN_BASIC),
    ("off", OFF, KNOWN_OFF)])
def test_as_set(contacts, word, unknown, script):
    """`pipelining` says it, and nothing is remembered but whether BDAT is known."""
    contacts(unknown, script, more=["pipelining " + word])
    assert not contacts.files()


def test_without_auth(program, certs):
    """Without AUTH the envelope and the message are one flight at once."""
    with Smarthost(certs, tls="on", require_auth=False) as host:
        program.account(host, "tls_session_cache off", certs=certs)
        assert program("b@y.example").returncode == 0
    assert not list((program.home / ".cache").glob("postrider/*.flights"))


def test_secret_in_a_later_reply(contacts):
    """What is quoted of AUTH is hidden, whichever reply quotes it."""
    secret = "AGpvZQBzZWNyZXQ="
    done = contacts(first(YES, f"S: 550 5.7.1 no, after {secret}?", *["S: 503 5.5.1 no"] * 2),
                    status=77)
    assert "(hidden)" in done.err and secret[:8] not in done.err
    done = contacts(first(YES, *ENVELOPE_OK, PROBE_OK, *REST, f"S: 250 {secret}"),
                    more=["logfile -"])
    assert secret[:8] not in done.out


@pytest.mark.parametrize("quote", ["AGpvZQBzZWNyZXQ=", "c2VjcmV0", "a secret"])
@pytest.mark.parametrize("how", ["basic", "full"])
def test_secret_in_any_reply(contacts, quote, how):
    """The same with AUTH in a flight of its own, and in a reply too many."""
    text = f"550 5.7.1 no, not after {quote}"
    if how == "basic":
        script = session(AUTH, YES, *ENVELOPE, *PROBE, "S: " + text, "S: 503 5.5.1 no",
                         "S: 503 5.5.1 no")
    else:
        script = first(YES, *ENVELOPE_OK, PROBE_OK, *REST, TAKEN, "S: " + text)
    done = contacts(script, status=77 if how == "basic" else 75, more=["pipelining " + how])
    said = re.sub(r"-C \S+", "", done.err)  # the folder has the name of this test
    assert "(hidden)" in said and quote.split()[-1] not in said


def test_answered_twice(contacts):
    """Which of two answers counts nobody knows, and nobody is said to have the message."""
    script = session(AUTH, *ENVELOPE, *BODY, YES, *ENVELOPE_OK, TAKEN, "S: 554 5.6.0 no")
    done = contacts(FIRST, script, status=75)
    assert "answered the message twice" in done.err and "has the message" not in done.err
    assert not contacts.files()


def test_c7_a_reply_behind_the_message_that_comes_in_two_pieces(program, certs):
    """The second look goes on where the first one ended."""
    with ReplyServer(tls="on", certs=certs, keywords=("PIPELINING", "CHUNKING", "AUTH PLAIN")) as server:
        program.write_config("\n".join([
            "account default", "host localhost", f"port {server.port}", "tls on", "tls_starttls off",
            f"tls_trust_file {certs['ca']}", "user joe", "password secret", "from a@x.example"]) + "\n")
        assert program("b@y.example", message=MESSAGE).returncode == 0
        server.replies["RCPT"] += "\r\n250 2.1.5 ok\r\n550 5.7"
        server.replies["message"] = ".1 refused"
        done = program("b@y.example", message=MESSAGE)
    assert done.returncode == 75 and "answered the message twice" in done.err


@pytest.mark.parametrize("verb", ["AUTH", "MAIL", "RCPT"])
def test_c7_one_reply_too_many_in_the_flight_of_the_message(program, certs, verb):
    """The reply to RCPT is read where the message's is due: what comes behind it is looked at."""
    with ReplyServer(tls="on", certs=certs, keywords=("PIPELINING", "CHUNKING", "AUTH PLAIN")) as server:
        program.write_config("\n".join([
            "account default", "host localhost", f"port {server.port}", "tls on", "tls_starttls off",
            f"tls_trust_file {certs['ca']}", "user joe", "password secret", "from a@x.example"]) + "\n")
        assert program("b@y.example", message=MESSAGE).returncode == 0
        server.replies[verb] += "\r\n250 2.1.5 ok"
        server.replies["message"] = "550 5.7.1 refused"
        done = program("b@y.example", message=MESSAGE)
    assert done.returncode == 75 and "answered the message twice" in done.err
    assert "550 5.7.1 refused" in done.err and "has the message" not in done.err


def test_full_and_unsupported(contacts):
    """A mechanism that is not supported any more gives way to the next in the same run."""
    keywords = ("PIPELINING", "CHUNKING", "AUTH PLAIN LOGIN")
    learnt = first(YES, *ENVELOPE_OK, PROBE_OK, *REST, TAKEN, keywords=keywords)
    refused = session(AUTH, *ENVELOPE, *BODY, "S: 504 5.5.4 not here", "S: 530 5.7.0 no",
                      "S: 503 5.5.1 no", "S: 503 5.5.1 no", keywords=keywords)
    login = session("C: AUTH LOGIN", "S: 334 VXNlcm5hbWU6", "C: am9l", "S: 334 UGFzc3dvcmQ6",
                    "C: c2VjcmV0", YES, *ENVELOPE, *BODY, *ENVELOPE_OK, TAKEN, keywords=keywords)
    assert contacts(learnt, refused, login, runs=2).err == ""


def test_full_out_of_step(contacts):
    """A server that cannot bear it any more is met anew by the next run."""
    broken = session(AUTH, *ENVELOPE, *BODY, "S: 334 dGVsbA==")
    contacts(FIRST, broken, status=75)
    assert not contacts.files()


def test_fall_back_to_another_machine(program, certs):
    """The second connection is looked at anew: without 8BITMIME the message is re-encoded."""
    text = MESSAGE.replace(b"hello", "grüße".encode())
    one = first("X:", keywords=(*KEYWORDS, "8BITMIME"))
    one.items[-5].data = b"MAIL FROM:<a@x.example> BODY=8BITMIME\r\n"
    other = session(*ONE_BY_ONE, "C: DATA", "S: 354 go",
                    *("B: " + line for line in HEAD[:-1]), "B: MIME-Version: 1.0",
                    "B: Content-Type: text/plain; charset=UTF-8",
                    "B: Content-Transfer-Encoding: quoted-printable", "B: ",
                    "B: gr=C3=BC=C3=9Fe", "B: .", TAKEN, keywords=("PIPELINING", "AUTH PLAIN"))
    with FakeServer([one, other], certs) as server:
        program.write_config(
            f"account default\nhost localhost\nport {server.port}\ntls on\ntls_starttls off\n"
            f"tls_trust_file {certs['ca']}\nuser joe\npassword secret\nfrom a@x.example\n")
        done = program("b@y.example", message=text)
        assert server.wait() == []
    assert (done.returncode, done.err) == (0, "")


def test_time_is_over(contacts):
    """The end of the run's time is that, and no reason to connect again."""
    done = contacts(first(YES), status=75, more=["run_timeout 1"])
    assert "run_timeout" in done.err and not contacts.files()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give folders away")
@pytest.mark.parametrize("whose", ["home", "cache", "link"])
def test_homes_of_others(contacts, tmp_path, whose):
    """Nothing is made where somebody else says what a folder is."""
    home = tmp_path / "theirs"
    (home / "target").mkdir(parents=True)
    if whose == "cache":
        (home / ".cache").mkdir()
        os.chown(home / ".cache", 65534, 65534)
    elif whose == "link":
        (home / ".cache").symlink_to(home / "target")
        os.lchown(home / ".cache", 65534, 65534)
    else:
        os.chown(home, 65534, 65534)
    before = sorted(home.rglob("*"))
    assert contacts(FIRST, FIRST, env={"HOME": str(home)}).err == ""
    assert sorted(home.rglob("*")) == before
