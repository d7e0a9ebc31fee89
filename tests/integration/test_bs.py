# SPDX-License-Identifier: MIT
"""SMTP on standard input and output (-bs); rows BS-* of the table of attacks and faults."""

import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import tempfile

import pytest

from dialogue import Dialogue
from fakeserver import FakeServer, parse_text
from privileged import NOT_MOUNTED, skip_where_forbidden
from smarthost import Smarthost
from stageserver import CLOSE, StageServer

KEYWORDS = ["PIPELINING", "SIZE", "8BITMIME", "SMTPUTF8", "DSN", "CHUNKING",
            "ENHANCEDSTATUSCODES"]


@pytest.fixture
def talk(program):
    """A function: begins a conversation in which EHLO was said."""
    open_ones = []

    def begin(*args, hello=True, config=True, env=None, **more):
        first = ["-C", str(program.config)] if config else []
        one = Dialogue([program.path, "-bs", *first, *map(str, args)],
                       env=program.environment(**(env or {})), **more)
        open_ones.append(one)
        assert one.greeting().startswith("220 ")
        if hello:
            assert one.ask("EHLO client.example") == "250 ENHANCEDSTATUSCODES"
        return one

    yield begin
    for one in open_ones:
        one.close()


def bs(program, text, *args, **more):
    """A conversation whose whole input is known before; codes of the replies, and the process."""
    done = program("-bs", *args, message=text, **more)
    lines = done.stdout.split(b"\r\n")
    assert lines.pop() == b""
    return [int(line[:3]) for line in lines if line[3:4] == b" "], done


# --- whole conversations ---

LIBRARY = (b"EHLO [127.0.0.1]\r\nMAIL FROM:<me@a.example>\r\nRCPT TO:<you@b.example>\r\nDATA\r\n"
           b"Message-ID: <1@a.example>\r\nDate: Sun, 22 Nov 2026 10:00:00 +0000\r\n"
           b"Subject: =?utf-8?Q?=C3=A4?=\r\nFrom: Me <me@a.example>\r\nTo: you@b.example\r\n"
           b"\r\n..two dots\r\nend\r\n.\r\nQUIT\r\n")
MUA = (b"EHLO localhost\r\nRSET\r\nMAIL FROM:<me@a.example> BODY=8BITMIME\r\n"
       b"RCPT TO:<you@b.example>\r\nDATA\r\nDate: Sun, 22 Nov 2026 10:00:00 +0000\r\n"
       b"From: me@a.example\r\nTo: you@b.example\r\nMessage-ID: <2@a.example>\r\n\r\n"
       b"\xc3\xa4\r\n.\r\nQUIT\r\n")


@pytest.mark.parametrize("end", [b"\r\n", b"\n"], ids=["crlf", "lf"])
def test_dialogue_of_a_library(program, clear_host, end):
    """BS-01, BS-02: what client libraries say, whatever ends their lines."""
    program.account(clear_host)
    codes, done = bs(program, LIBRARY.replace(b"\r\n", end), "-i")
    assert (codes, done.err, done.returncode) == ([220, 250, 250, 250, 354, 250, 221], "", 0)
    [message] = clear_host.messages
    assert message.mail_from == "me@a.example"
    assert message.rcpt_tos == ["you@b.example"]
    head, _, text = LIBRARY.partition(b"DATA\r\n")[2].partition(b"\r\n\r\n")
    assert message.content.partition(b"\r\n\r\n")[0] == head
    assert message.content.endswith(b"\r\n\r\n" + text[1:].partition(b".\r\nQUIT")[0])


def test_dialogue_of_a_mail_reader(program, clear_host):
    """With the options that mail readers add, and 8-bit text."""
    program.account(clear_host)
    codes, done = bs(program, MUA, "-odb", "-oem")
    assert (codes, done.returncode) == ([220, 250, 250, 250, 250, 354, 250, 221], 0)
    assert "BODY=8BITMIME" in clear_host.messages[0].mail_options
    assert clear_host.messages[0].content.endswith(b"\r\n\r\n\xc3\xa4\r\n")


def test_keywords(talk, program, clear_host):
    """What EHLO offers; AUTH and STARTTLS are not for a pipe (BS-09)."""
    program.account(clear_host)
    one = talk()
    assert [line[4:] for line in one.heard[2:]] == KEYWORDS
    assert one.ask("AUTH PLAIN AGEAYg==")[:3] == "502"
    assert one.ask("STARTTLS")[:3] == "502"
    assert one.ask("QUIT")[:3] == "221"
    assert one.close() == 0


def test_under_the_name_sendmail(program, clear_host):
    """As web programs call it."""
    program.write_config(f"account a\nhost 127.0.0.1\nport {clear_host.port}\n"
                         "from me@a.example\n", path=program.home / ".msmtprc")
    codes, done = bs(program, LIBRARY, config=False, argv0="/usr/sbin/sendmail")
    assert (codes[-2:], done.err, done.returncode) == ([250, 221], "", 0)


def test_chunks(program, clear_host):
    """BDAT: octets are octets, and line ends become CRLF as everywhere."""
    program.account(clear_host)
    codes, done = bs(program, b"EHLO x\r\nMAIL FROM:<a@x.example>\r\nRCPT TO:<b@y.example>\r\n"
                     b"BDAT 12\r\nSubject: x\n\nBDAT 9 LAST\r\n.\nQUIT\n.\nQUIT\r\n")
    assert (codes, done.returncode) == ([220, 250, 250, 250, 250, 250, 221], 0)
    assert clear_host.messages[0].content.endswith(b"Subject: x\r\n\r\n.\r\nQUIT\r\n.\r\n")


@pytest.mark.parametrize("how", ["data", "bdat"])
def test_large_message(program, clear_host, how):
    """BS-05: 20 MB, more than memory holds of it."""
    program.account(clear_host)
    line = b"x" * 70 + b"\r\n"
    text = b"Subject: large\r\n\r\n" + line * (20_000_000 // len(line))
    if how == "data":
        given = b"DATA\r\n" + text + b".\r\n"
    else:
        half = len(text) // 2
        given = b"BDAT %d\r\n%sBDAT %d LAST\r\n%s" % (half, text[:half], len(text) - half,
                                                      text[half:])
    codes, done = bs(program, b"EHLO x\r\nMAIL FROM:<a@x.example>\r\nRCPT TO:<b@y.example>\r\n"
                     + given + b"QUIT\r\n")
    assert (codes[-2:], done.returncode) == ([250, 221], 0)
    assert clear_host.messages[0].content.endswith(text)


# --- the end ---

ENDS = {
    "quit": (b"EHLO x\r\nQUIT\r\n", 0),
    "nothing": (b"", 0),
    "between": (b"EHLO x\r\nMAIL FROM:<a@x.example>\r\nRCPT TO:<b@y.example>\r\n", 0),
    "half a command": (b"EHLO x\r\nQUI", 0),
    "in the message": (b"EHLO x\r\nMAIL FROM:<a@x.example>\r\nRCPT TO:<b@y.example>\r\nDATA\r\n"
                       b"Subject: s\r\n\r\ntext\r\n", 74),
    "before the dot's end": (b"EHLO x\r\nMAIL FROM:<a@x.example>\r\nRCPT TO:<b@y.example>\r\n"
                             b"DATA\r\ntext\r\n.", 74),
    "in a chunk": (b"EHLO x\r\nMAIL FROM:<a@x.example>\r\nRCPT TO:<b@y.example>\r\n"
                   b"BDAT 100 LAST\r\nSubject: s\r\n", 74),
    "between chunks": (b"EHLO x\r\nMAIL FROM:<a@x.example>\r\nRCPT TO:<b@y.example>\r\n"
                       b"BDAT 4\r\nabcd", 74),
}


@pytest.mark.parametrize("name", ENDS)
def test_end_of_input(program, clear_host, name):
    """BS-06: a message that was cut off is not sent, and the status tells."""
    text, status = ENDS[name]
    program.account(clear_host)
    _, done = bs(program, text)
    assert done.returncode == status
    assert clear_host.messages == []
    assert bool(done.err) == (status != 0)


def test_what_follows_quit(program, clear_host):
    """BS-04: nothing does."""
    program.account(clear_host)
    codes, done = bs(program, b"QUIT\r\n" + LIBRARY)
    assert (codes, done.returncode, clear_host.messages) == ([220, 221], 0, [])


def test_nobody_reads(program, clear_host):
    """The replies cannot be written: 74, and no signal."""
    program.account(clear_host)
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run([program.path, "-bs", "-C", program.config], input=LIBRARY,
                          stdout=write, stderr=subprocess.PIPE, env=program.environment(),
                          timeout=30, check=False)
    os.close(write)
    assert done.returncode == 74
    assert b"replies cannot be written" in done.stderr
    assert clear_host.messages == []


# --- what the smarthost says ---

RELAYED = {
    "mail-451": ("mail", "451 4.7.1 greylisted", "451 4.7.1 greylisted"),
    "mail-550": ("mail", "550 5.7.1 not you", "550 5.7.1 not you"),
    "rcpt-450": ("rcpt", "450 4.2.1 later", "450 4.2.1 <b@y.example>: later"),
    "rcpt-550": ("rcpt", "550 5.1.1 who?", "550 5.1.1 <b@y.example>: who?"),
    "rcpt-550-bare": ("rcpt", "550 no", "550 5.1.1 <b@y.example>: no"),
    "data-451": ("data", "451 4.3.0 busy", "451 4.3.0 busy"),
    "message-452": ("message", "452 4.3.1 full", "452 4.3.1 full"),
    "message-552": ("message", "552 5.2.3 large", "552 5.2.3 large"),
    "message-554": ("message", "554 5.6.0 bad", "554 5.6.0 bad"),
    "message-lines": ("message", "554-5.7.1 one\r\n554 5.7.1 two", "554 5.7.1 one two"),
    "message-escape": ("message", "554 5.6.0 \x1b[31mred", "554 5.6.0 \\x1B[31mred"),
    "mail-421": ("mail", "421 4.3.2 down", "451 4.4.2 "),
    "message-421": ("message", "421 4.3.2 down", "451 4.4.2 "),
    "message-close": ("message", CLOSE, "451 4.4.2 "),
    "mail-close": ("mail", CLOSE, "451 4.4.2 "),
    "greeting-554": ("greeting", "554 5.3.2 go away", "451 4.3.5 "),
    "greeting-450": ("greeting", "450 4.3.2 later", "451 4.3.0 "),
    "greeting-nonsense": ("greeting", "hello", "451 4.5.0 "),
    "mail-530": ("mail", "530 5.7.0 authenticate", "451 4.3.5 "),
    "data-250": ("data", "250 2.0.0 what?", "451 4.5.0 "),
}


@pytest.mark.parametrize("name", RELAYED)
def test_answers(talk, program, name):
    """BS-08: the smarthost's reply, or what it means; the conversation goes on."""
    stage, reply, wanted = RELAYED[name]
    with StageServer() as server:
        server.stage = stage
        server.reply = reply if reply is CLOSE else reply.encode()
        program.write_config(f"account a\nhost 127.0.0.1\nport {server.port}\nfrom a@x.example\n"
                             f"logfile {program.home}/log\n")
        one = talk()
        one.mail("a@x.example", "b@y.example")
        got = one.send()
        assert got.startswith(wanted) and (got == wanted or wanted.endswith(" "))
        server.stage = None
        one.mail("a@x.example", "b@y.example")
        assert one.send() == "250 2.0.0 kept"
        one.say("QUIT")
        assert one.close() == 0
        assert one.err == ""
    log = (program.home / "log").read_text().splitlines()
    assert len(log) == 2
    assert "exitcode=EX_OK" in log[1] and "exitcode=EX_OK" not in log[0]


def test_all_or_none(talk, program, clear_host):
    """One recipient is refused: nobody gets it, and the reply names who it was."""
    clear_host.replies["bad@y.example"] = "550 5.1.1 unknown"
    program.account(clear_host, "partial on")
    one = talk()
    one.mail("a@x.example", "b@y.example", "bad@y.example", "c@y.example")
    assert one.send() == "550 5.1.1 <bad@y.example>: unknown"
    assert clear_host.messages == []
    one.mail("a@x.example", "b@y.example", "c@y.example")
    assert one.send()[:3] == "250"


def test_who_has_it_already(talk, program, clear_host):
    """A list that goes in parts: the client that tries again must know."""
    clear_host.replies["later@y.example"] = "450 4.2.1 later"
    program.account(clear_host, "max_recipients 1")
    one = talk()
    one.mail("a@x.example", "b@y.example", "later@y.example", "c@y.example")
    assert one.send() == "450 4.2.1 <later@y.example>: later; accepted for <b@y.example>"
    assert [m.rcpt_tos for m in clear_host.messages] == [["b@y.example"]]


def test_allow_from_override(talk, program, clear_host):
    """Where the account forbids it, MAIL does not name the sender."""
    program.account(clear_host, "allow_from_override off")
    one = talk()
    one.mail("z@z.example", "b@y.example")
    assert one.send()[:3] == "250"
    assert clear_host.messages[0].mail_from == "a@x.example"


def test_long_address_is_refused(talk, program, clear_host):
    """The server's words are not lost behind it."""
    address = "x" * 480 + "@y.example"
    clear_host.replies[address] = "550 5.1.1 the reason"
    program.account(clear_host)
    one = talk()
    one.mail("a@x.example", address)
    assert one.send().endswith(">: the reason")


def test_what_cannot_be_dropped(talk, program, clear_host):
    """-O REQUIRETLS=yes holds for each message."""
    program.account(clear_host)
    one = talk("-O", "REQUIRETLS=yes")
    one.mail("a@x.example", "b@y.example")
    assert one.send().startswith("451 4.3.5 ")
    assert clear_host.messages == []


def test_nobody_listens(talk, program):
    """No smarthost: temporary."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    program.write_config(f"account a\nhost 127.0.0.1\nport {port}\nfrom a@x.example\n")
    one = talk()
    one.mail("a@x.example", "b@y.example")
    assert one.send().startswith("451 4.4.1 ")
    one.say("QUIT")
    assert one.close() == 0
    assert "Connection refused" in one.err  # there is no log that could tell why


def test_bad_certificate(talk, program, certs):
    """CERT-03 by -bs: no secret leaves, and the client hears nothing of it but 4.7.5."""
    with Smarthost(certs, tls="on") as host:
        program.account(host)  # no tls_trust_file
        one = talk()
        one.mail("a@x.example", "b@y.example")
        assert one.send().startswith("451 4.7.5 ")
        assert host.auth_lines == []


@pytest.mark.parametrize("password", ["secret", "wrong"])
def test_auth(talk, program, certs, password):
    """A refused password is not the client's affair."""
    with Smarthost(certs, tls="on") as host:
        program.account(host, f"password {password}", certs=certs)
        one = talk()
        one.mail("a@x.example", "b@y.example")
        answer = one.send()
        if password == "secret":
            assert answer.startswith("250 2.0.0 ")
        else:
            assert answer.startswith("451 4.3.5 ")
            assert "535" not in answer
        assert host.auth_lines


def test_no_configuration(talk, program):
    """MAIL and RCPT need no account; the message does, and what is wrong is in the log only."""
    program.write_config("account a\nhost 127.0.0.1\nport x\nfrom a@x.example\n")
    one = talk()
    one.mail("a@x.example", "b@y.example")
    assert one.send().startswith("451 4.3.5 ")
    one.mail("a@x.example", "b@y.example")
    assert one.ask("BDAT 4 LAST", b"abcd").startswith("451 4.3.5 ")
    one.say("QUIT")
    assert one.close() == 0


def test_message_that_cannot_be_sent(talk, program):
    """What is wrong with the message is 5yz, with the reason."""
    with Smarthost(tls="off", require_auth=False, smtputf8=False, size=1000) as host:
        program.account(host)
        one = talk()
        assert one.ask("MAIL FROM:<a@x.example> SMTPUTF8")[:3] == "250"
        assert one.ask("RCPT TO:<ä@y.example>")[:3] == "250"
        assert re.match("554 5.6.7 .*SMTPUTF8", one.send())
        one.mail("a@x.example", "b@y.example")
        assert re.match("552 5.3.4 .*1000", one.send(b"\r\n" + b"x" * 900 + b"\r\n"))
        one.mail("a@x.example", "b@y.example")
        assert re.match("554 5.6.0 .*Bcc", one.send(b"Subject: x\r\nno field\r\nBcc: c@z\r\n"))
        one.mail("a@x.example", "b@y.example")
        assert one.send()[:3] == "250"
        assert len(host.messages) == 1


def test_bare_names(talk, program, clear_host):
    """They are completed as arguments are; one that cannot be is named."""
    program.account(clear_host, "maildomain d.example")
    one = talk()
    one.mail("root", "root", "b@y.example")
    assert one.send()[:3] == "250"
    assert clear_host.messages[0].mail_from == "root@d.example"
    assert clear_host.messages[0].rcpt_tos == ["root@d.example", "b@y.example"]
    one.say("QUIT")
    program.write_config(f"account a\nhost 127.0.0.1\nport {clear_host.port}\nfrom *@x.example\n")
    one = talk()
    one.mail("a@x.example", "root")
    assert re.match("550 5.1.1 .*root", one.send())


def test_bcc_is_removed(talk, program, clear_host):
    """Recipients are those of RCPT alone; the fields that name others say so to nobody."""
    program.account(clear_host, "set_to_header on")
    one = talk()
    one.mail("a@x.example", "b@y.example", "hidden@y.example")
    assert one.send(b"To: b@y.example\r\nBcc: hidden@y.example\r\n\r\nx\r\n")[:3] == "250"
    message = clear_host.messages[0]
    assert message.rcpt_tos == ["b@y.example", "hidden@y.example"]
    assert b"hidden" not in message.content


def test_null_sender(talk, program, clear_host):
    """<> stays what it is."""
    program.account(clear_host)
    one = talk()
    one.mail("", "b@y.example")
    assert one.send()[:3] == "250"
    assert clear_host.messages[0].mail_from == ""


SERVER = """
S: 220 hi
C: EHLO localhost
S: 250-mx
S: 250-8BITMIME
S: 250 DSN
C: MAIL FROM:<a@x.example> BODY=8BITMIME RET=HDRS ENVID=e+2B1
S: 250 ok
C: RCPT TO:<b@y.example> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;B@y.example
S: 250 ok
C: RCPT TO:<c@y.example> NOTIFY=NEVER
S: 250 ok
C: RCPT TO:<d@y.example> NOTIFY=FAILURE ORCPT=rfc822;d@y.example
S: 250 ok
C: DATA
S: 354 go
B: From: a@x.example
B: Date: x
B: Message-ID: x
B:
B: hi
B: .
S: 250 kept
C: QUIT
"""


def test_delivery_reports(talk, program):
    """DSN belongs to the recipient it was said for; the account's setting to the others."""
    with FakeServer(parse_text(SERVER.strip().replace("B:\n", "B: \n") + "\n")) as server:
        program.write_config(f"account a\nhost 127.0.0.1\nport {server.port}\nfrom a@x.example\n"
                             "dsn_notify failure\ndsn_return full\n")
        one = talk()
        assert one.ask("MAIL FROM:<a@x.example> RET=HDRS ENVID=e+2B1 BODY=8BITMIME")[:3] == "250"
        for rest in ("<b@y.example> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;B@y.example",
                     "<c@y.example> NOTIFY=NEVER", "<d@y.example>"):
            assert one.ask("RCPT TO:" + rest)[:3] == "250"
        head = b"From: a@x.example\r\nDate: x\r\nMessage-ID: x\r\n\r\nhi\r\n"
        assert one.send(head) == "250 2.0.0 kept"
        one.say("QUIT")
        assert one.close() == 0
        assert server.wait() == []


# --- sessions ---

def test_one_session_for_all(talk, program, clear_host):
    """Ten messages, one connection."""
    program.account(clear_host)
    one = talk("-v")
    for number in range(10):
        one.mail("a@x.example", f"r{number}@y.example")
        assert one.send()[:3] == "250"
    one.say("QUIT")
    assert one.close() == 0
    assert one.err.count("** connected") == 1
    assert one.err.count("-> QUIT") == 1
    assert [m.rcpt_tos for m in clear_host.messages] == [[f"r{n}@y.example"] for n in range(10)]


def test_an_account_for_each_sender(talk, program):
    """Two senders, two accounts, two smarthosts, one session each."""
    with Smarthost(tls="off", require_auth=False) as first, \
            Smarthost(tls="off", require_auth=False) as second:
        program.write_config(
            f"account a\nhost 127.0.0.1\nport {first.port}\nfrom a@x.example\n"
            f"account b\nhost 127.0.0.1\nport {second.port}\nfrom b@x.example\n")
        one = talk("-v")
        for sender in ("a@x.example", "b@x.example") * 3:
            one.mail(sender, "to@y.example")
            assert one.send()[:3] == "250"
        one.say("QUIT")
        assert one.close() == 0
        assert one.err.count("** connected") == 2
        assert [m.mail_from for m in first.messages] == ["a@x.example"] * 3
        assert [m.mail_from for m in second.messages] == ["b@x.example"] * 3


def session(*more, quit_expected=True):
    """A server's session with one message, then what is given."""
    lines = ["S: 220 hi", "C: EHLO localhost", "S: 250 mx", "C: MAIL FROM:<a@x.example>",
             "S: 250 ok", "C: RCPT TO:<b@y.example>", "S: 250 ok", "C: DATA", "S: 354 go",
             "B: From: a@x.example", "B: Date: x", "B: Message-ID: x", "B: ", "B: hi", "B: .",
             "S: 250 kept", *more]
    return parse_text("\n".join(lines + ["C: QUIT"] * quit_expected) + "\n")


HEAD = b"From: a@x.example\r\nDate: x\r\nMessage-ID: x\r\n\r\nhi\r\n"


@pytest.mark.parametrize("end", [["X:"], ["S: 421 4.4.2 idle", "X:"]],
                         ids=["closed", "421"])
def test_session_that_died_idle(talk, program, end):
    """It is replaced, and each message was taken once."""
    with FakeServer([session(*end, quit_expected=False), session()]) as server:
        program.write_config(f"account a\nhost 127.0.0.1\nport {server.port}\nfrom a@x.example\n")
        one = talk()
        for _ in range(2):
            one.mail("a@x.example", "b@y.example")
            assert one.send(HEAD) == "250 2.0.0 kept"
        one.say("QUIT")
        assert one.close() == 0
        assert server.wait() == []


def test_session_that_dies_with_the_message(talk, program):
    """The server has answered MAIL: no second try, and the client may."""
    more = ["C: MAIL FROM:<a@x.example>", "S: 250 ok", "C: RCPT TO:<b@y.example>", "X:"]
    with FakeServer([session(*more, quit_expected=False)]) as server:
        program.write_config(f"account a\nhost 127.0.0.1\nport {server.port}\nfrom a@x.example\n")
        one = talk()
        one.mail("a@x.example", "b@y.example")
        assert one.send(HEAD) == "250 2.0.0 kept"
        one.mail("a@x.example", "b@y.example")
        assert one.send(HEAD).startswith("451 4.4.2 ")
        one.say("QUIT")
        assert one.close() == 0
        assert server.wait() == []


def test_session_that_dies_within_a_list(talk, program):
    """A part of the list has the message: it is not sent again from the start."""
    again = [line for line in ("C: MAIL FROM:<a@x.example>", "S: 250 ok", "C: RCPT TO:<b@y.example>",
                               "S: 250 ok", "C: DATA", "S: 354 go", "B: From: a@x.example",
                               "B: Date: x", "B: Message-ID: x", "B: ", "B: hi", "B: .",
                               "S: 250 kept", "C: MAIL FROM:<a@x.example>", "X:")]
    with FakeServer([session(*again, quit_expected=False)]) as server:
        program.write_config(f"account a\nhost 127.0.0.1\nport {server.port}\nfrom a@x.example\n"
                             "max_recipients 1\n")
        one = talk()
        one.mail("a@x.example", "b@y.example")
        assert one.send(HEAD) == "250 2.0.0 kept"
        one.mail("a@x.example", "b@y.example", "c@y.example")
        assert one.send(HEAD)[0] == "4"
        one.say("QUIT")
        assert one.close() == 0
        assert server.wait() == []


@pytest.mark.parametrize("end, code", [
    (["S: 250 ok", "X:"], "451 4.4.2"), (["S: 250 ok", "C: RCPT TO:<c@y.example>", "X:"], "451 4.4.2"),
    (["S: 250 ok", "C: RCPT TO:<c@y.example>", "S: 250 ok", "C: DATA", "X:"], "451 4.4.2"),
    (["S: 421 4.3.2 closing", "X:"], "451 4.4.2"), (["S: 354 what", "X:"], "451 4."), (["X:"], "451 4.4.2")])
def test_the_answer_says_who_has_a_part_of_a_list(talk, program, end, code):
    """Whatever ends the session: a client that sends to all again would send twice."""
    script = ["C: MAIL FROM:<a@x.example>", "S: 250 ok", "C: RCPT TO:<b@y.example>", "S: 250 ok", "C: DATA",
              "S: 354 go", "B: From: a@x.example", "B: Date: x", "B: Message-ID: x", "B: ", "B: hi", "B: .",
              "S: 250 kept", "C: MAIL FROM:<a@x.example>", *end]
    with FakeServer([session(*script, quit_expected=False)]) as server:
        program.write_config(f"account a\nhost 127.0.0.1\nport {server.port}\nfrom a@x.example\n"
                             "max_recipients 1\n")
        one = talk()
        one.mail("a@x.example", "b@y.example", "c@y.example")
        said = one.send(HEAD)
        assert said.startswith(code) and "accepted for <b@y.example>" in said, said
        one.say("QUIT")
        assert one.close() == 0


def hand_over(one):
    """Give a message to the program up to its last octet, and leave the reply unread."""
    one.mail("a@x.example", "b@y.example")
    assert one.ask("DATA")[:3] == "354"
    one.say(b"x\r\n.\r\n")


def take_message(listener, before_reply=None):
    """Serve a connection's first message; the socket and its lines, for what follows."""
    sock, _ = listener.accept()
    sock.settimeout(30)
    lines = sock.makefile("rb")
    sock.sendall(b"220 hi\r\n")
    for answer in (b"250 mx", b"250 ok", b"250 ok", b"354 go"):
        assert lines.readline()
        sock.sendall(answer + b"\r\n")
    while lines.readline() != b".\r\n":
        pass
    if before_reply:
        before_reply()
    sock.sendall(b"250 2.0.0 mine\r\n")
    return sock, lines


@pytest.fixture
def listener(program):
    """A listening socket, and the account for it."""
    with socket.create_server(("127.0.0.1", 0)) as sock:
        sock.settimeout(30)
        program.write_config(f"account a\nhost 127.0.0.1\nport {sock.getsockname()[1]}\n"
                             "from a@x.example\n")
        yield sock


@pytest.mark.parametrize("stray, closes", [
    *((stray, closes) for closes in (True, False)
      for stray in (b"451 4.4.2 idle too long", b"554 5.7.0 go away", b"250 2.0.0 what", b"354 go",
                    b"rubbish")),
    (b"421-4.4.2 half", True)])
def test_c6_what_an_idle_server_says_is_not_about_the_next_message(talk, listener, stray, closes):
    """It is of no message: the next one gets a new connection."""
    one = talk()
    for _ in range(2):
        hand_over(one)
        sock, lines = take_message(listener)
        assert one.reply() == "250 2.0.0 mine"
        with lines:
            sock.sendall(stray + b"\r\n")
            if closes:
                sock.close()


def test_c6_421_to_mail(talk, listener):
    """The session ends before anything was said of the message: one new connection, not two."""
    one = talk()
    hand_over(one)
    sock, lines = take_message(listener)
    assert one.reply() == "250 2.0.0 mine"
    hand_over(one)
    with sock, lines:
        assert lines.readline().startswith(b"MAIL")
        sock.sendall(b"421 4.4.2 idle too long\r\n")
        again, _ = listener.accept()
    with again as sock, sock.makefile("rb") as other:
        sock.sendall(b"220 hi\r\n")
        assert other.readline().startswith(b"EHLO")
        sock.sendall(b"250 mx\r\n")
        assert other.readline().startswith(b"MAIL")
        sock.sendall(b"421 4.4.2 again\r\n")
    assert one.reply().startswith("451 4.4.2 ")


def test_idle_session_is_closed(talk, listener):
    """After five seconds the smarthost hears QUIT while the client may still go on."""
    one = talk()
    for _ in range(2):
        hand_over(one)
        sock, lines = take_message(listener)
        with sock, lines:
            assert one.reply() == "250 2.0.0 mine"
            assert lines.readline() == b"QUIT\r\n"
            assert lines.readline() == b""


def test_reply_comes_after_the_smarthosts(talk, listener):
    """BS-07: no 250 before there was one."""
    one = talk()
    hand_over(one)
    silent = []
    sock, lines = take_message(listener, lambda: silent.append(one.is_silent()))
    with sock, lines:
        assert one.reply() == "250 2.0.0 mine"
    assert silent == [True]


# --- limits, logs, options ---

def test_hostile_commands(program, clear_host):
    """BS-03: a command of 10 MB, NUL, 8-bit octets: refused, and nothing else happens."""
    program.account(clear_host)
    codes, done = bs(program, b"EHLO x\r\n" + b"A" * 10_000_000 + b"\r\nNO\0OP\r\n\xff\xfe\r\n"
                     b"MAIL FROM:<\x1b[31m@x>\r\nMAIL FROM:<a\rRSET\r\n@x>\r\nNOOP\r\nQUIT\r\n")
    assert codes == [220, 250, 500, 500, 500, 500, 500, 500, 250, 221]
    assert (done.returncode, clear_host.messages) == (0, [])


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a file system needs root")
def test_no_room_for_the_message(program, clear_host, tmp_path):
    """MSG-19 by -bs: 452, nothing is sent, and a smaller one goes through."""
    program.account(clear_host)
    (tmp_path / "room").mkdir()
    (tmp_path / "talk").write_bytes(
        b"EHLO x\r\nMAIL FROM:<a@x.example>\r\nRCPT TO:<b@y.example>\r\nDATA\r\n"
        + (b"x" * 70 + b"\r\n") * 60_000 + b".\r\nMAIL FROM:<a@x.example>\r\n"
        b"RCPT TO:<b@y.example>\r\nDATA\r\nsmall\r\n.\r\nQUIT\r\n")
    mounts = "".join(f"mount -t tmpfs -o size=1m none {folder}\n"
                     for folder in (tmp_path / "room", "/var/tmp"))
    script = (f"exec <{tmp_path}/talk\n{mounts}mount -t tmpfs -o size=1m none /tmp 2>&1 || exit {NOT_MOUNTED}\n"
              f'exec "$@"')
    stays = pathlib.Path(tempfile.mkdtemp(dir="/run"))  # the test's own folder is below /tmp
    copy = shutil.copy(program.path, stays / "postrider")
    config = shutil.copy(program.config, stays / "config")
    try:
        done = subprocess.run(["unshare", "-m", "sh", "-c", script, "sh", copy, "-bs", "-C", config],
                              capture_output=True, timeout=60, check=False,
                              env=program.environment(TMPDIR=str(tmp_path / "room")))
    finally:
        shutil.rmtree(stays)
    skip_where_forbidden(done)
    codes = [line[:9] for line in done.stdout.decode().splitlines() if line[3] == " "]
    assert codes[4:] == ["354 the m", "452 4.3.1", "250 2.1.0", "250 2.1.5", "354 the m",
                         "250 2.0.0", "221 2.0.0"][0:7]
    assert len(clear_host.messages) == 1


def test_log_lines(talk, program, clear_host):
    """One line for each message, with its own parties and its own warning."""
    program.account(clear_host, f"logfile {program.home}/log", "log_format json")
    one = talk()
    one.mail("a@x.example", "b@y.example")
    assert one.send(b"Subject: x\r\n\r\na\0b\r\n")[:3] == "250"
    one.mail("a@x.example", "c@y.example", "d@y.example")
    assert one.send()[:3] == "250"
    one.say("QUIT")
    assert one.close() == 0
    first, second = map(json.loads, (program.home / "log").read_text().splitlines())
    assert "NUL" in first["warning"] and "warning" not in second


def test_warnings_of_a_message_that_was_dropped(talk, program, clear_host):
    """They are not the next one's."""
    program.account(clear_host, f"logfile {program.home}/log", "log_format json")
    one = talk()
    one.mail("a@x.example", "b@y.example")
    assert one.ask("BDAT 20", b"Subject: a\0b\r\n\r\nhell")[:3] == "250"
    assert one.ask("RSET")[:3] == "250"
    one.mail("a@x.example", "b@y.example")
    assert one.send()[:3] == "250"
    one.say("QUIT")
    assert one.close() == 0
    assert "warning" not in json.loads((program.home / "log").read_text())


def test_log_of_each_recipient(talk, program, clear_host):
    """Parties are each message's own."""
    program.account(clear_host, f"logfile {program.home}/log", "log_format json")
    one = talk()
    one.mail("a@x.example", "b@y.example")
    assert one.send()[:3] == "250"
    one.mail("a@x.example", "c@y.example", "d@y.example")
    assert one.send()[:3] == "250"
    one.say("QUIT")
    assert one.close() == 0
    first, second = map(json.loads, (program.home / "log").read_text().splitlines())
    assert [r["address"] for r in second["recipients"]] == ["c@y.example", "d@y.example"]
    assert first["outcome"] == second["outcome"] == "accepted"


def test_log_on_standard_output(talk, program, clear_host):
    """Standard output is the conversation's: the line goes to standard error."""
    program.account(clear_host, "logfile -")
    one = talk()
    one.mail("a@x.example", "b@y.example")
    assert one.send()[:3] == "250"
    one.say("QUIT")
    assert one.close() == 0
    assert one.err.count("exitcode=EX_OK") == 1


@pytest.mark.parametrize("option", ["--json", "--dry-run"])
def test_options_that_have_no_place(program, option):
    """64, and not a word of SMTP."""
    done = program("-bs", option, message=LIBRARY, config=False)
    assert (done.returncode, done.out) == (64, "")
    assert "-bs" in done.err


def test_verbose(talk, program, clear_host):
    """The conversation with the smarthost is shown on standard error."""
    program.account(clear_host)
    one = talk("-v")
    one.mail("a@x.example", "b@y.example")
    assert one.send()[:3] == "250"
    one.say("QUIT")
    one.close()
    assert "-> MAIL FROM:<a@x.example>" in one.err
    assert "accepted: 250 2.0.0" in one.err


def test_socket_as_standard_input(program, clear_host):
    """As supervisors give it: one socket for both."""
    program.account(clear_host)
    ours, theirs = socket.socketpair()
    with ours, theirs:
        process = subprocess.Popen([program.path, "-bs", "-C", program.config], stdin=theirs,
                                   stdout=theirs, env=program.environment())
        theirs.close()
        ours.settimeout(30)
        ours.sendall(LIBRARY)
        with ours.makefile("rb") as lines:
            codes = [line[:3] for line in lines if line[3:4] == b" "]
        assert process.wait(timeout=30) == 0
    assert codes == [b"220", b"250", b"250", b"250", b"354", b"250", b"221"]

def test_f1_refused_configuration_stays_refused(program, clear_host):
    """What is wrong with the configuration answers every message: no second look uses it."""
    ran = program.home / "ran"
    program.write_config(f"account a\nhost 127.0.0.1\nport {clear_host.port}\nfrom me@a.example\n"
                         f"auth on\nuser u\npasswordeval touch {ran}; echo secret\n", mode=0o666)
    message = b"MAIL FROM:<me@a.example>\r\nRCPT TO:<you@b.example>\r\nDATA\r\n\r\nhi\r\n.\r\n"
    codes, done = bs(program, b"EHLO x\r\n" + 3 * message + b"QUIT\r\n")
    assert codes == [220, 250] + 3 * [250, 250, 354, 451] + [221]
    assert done.stdout.count(b"451 4.3.5 ") == 3
    assert done.err.count("chmod") == 3
    assert not ran.exists()
    assert clear_host.messages == []


def test_f2_configuration_is_read_once(talk, program, clear_host):
    """A file that changes between two messages changes nothing: the first look counts."""
    program.account(clear_host)
    one = talk()
    for number in range(2):
        assert one.ask("MAIL FROM:<me@a.example>")[:3] == "250"
        assert one.ask("RCPT TO:<you@b.example>")[:3] == "250"
        assert one.ask("DATA")[:3] == "354"
        assert one.ask("\r\nhi\r\n.")[:3] == "250"
        program.config.write_text("account a\nhost no.such.example\n")
    assert len(clear_host.messages) == 2


def test_every_message_tells_of_the_connection(program, safe_host, certs):
    """Address, TLS, mechanism and times are the session's: its second message has them too."""
    program.account(safe_host, f"logfile {program.home}/log", "log_format json", certs=certs)
    message = b"MAIL FROM:<a@x.example>\r\nRCPT TO:<b@y.example>\r\nDATA\r\n\r\nhi\r\n.\r\n"
    codes, _ = bs(program, b"EHLO x\r\n" + 3 * message + b"QUIT\r\n")
    assert codes == [220, 250] + 3 * [250, 250, 354, 250] + [221]
    first, *others = map(json.loads, (program.home / "log").read_text().splitlines())
    assert first["tls"].startswith("(TLS1.3)") and first["mechanism"] == "PLAIN"
    assert set(first["durations_ms"]) == {"connect", "tls", "hello", "auth", "message", "all"}
    assert len(others) == 2
    for other in others:
        for key in ("address", "tls", "mechanism"):
            assert other[key] == first[key]
        for step in ("connect", "tls", "hello", "auth"):
            assert other["durations_ms"][step] == first["durations_ms"][step]


def test_a_message_that_was_not_sent_tells_of_no_connection(program, clear_host):
    """What is known of a session does not become another account's."""
    program.write_config(f"defaults\nlogfile {program.home}/log\nlog_format json\n"
                         f"account a\nhost 127.0.0.1\nport {clear_host.port}\nfrom a@x.example\n"
                         "account b\nhost 127.0.0.1\nport 1\nfrom b@x.example\n")
    message = b"MAIL FROM:<%s@x.example>\r\nRCPT TO:<b@y.example>\r\nDATA\r\n\r\nhi\r\n.\r\n"
    codes, _ = bs(program, b"EHLO x\r\n" + b"".join(message % c for c in (b"a", b"b", b"a"))
                  + b"QUIT\r\n")
    assert [code for code in codes if code in (250, 451)].count(451) == 1
    first, second, third = map(json.loads, (program.home / "log").read_text().splitlines())
    assert "address" in first and third["address"] == first["address"]
    assert "address" not in second and "connect" not in second["durations_ms"]
