# SPDX-License-Identifier: MIT
"""What is advised where the server refuses: tests are named after the rows of the findings.

All rows of the table are in tests/unit/test_hint.c; here the program gathers the facts.
"""

import pytest

from fakeserver import FakeServer, parse_text
from smarthost import Smarthost
from stageserver import CLOSE, StageServer

LOGIN = ("user joe", "password secret", "auth plain")


@pytest.fixture(name="server")
def fixture_server():
    """A server in clear that refuses where it is told to."""
    with StageServer() as one:
        yield one


def refused(program, server, stage, reply, *lines):
    """One run that meets the reply; what was said."""
    server.stage, server.reply = stage, reply
    program.write_config("\n".join([
        "account default", "host localhost", f"port {server.port}", "from a@x.example", "tls off",
        *lines]) + "\n")
    done = program("b@y.example")
    assert done.returncode != 0 and len(done.err.splitlines()) == 3, done.err
    return done.err


def test_d1_starttls_is_offered(program, server):
    server.keywords = (b"STARTTLS",)
    said = refused(program, server, "mail", b"530 5.7.0 Must issue a STARTTLS command first")
    assert "add the lines tls on and tls_starttls on" in said


def test_d1_it_is_not(program, server):
    said = refused(program, server, "mail", b"530 5.7.0 Authentication required")
    assert "requires a login" in said


@pytest.mark.parametrize("stage", ["mail", "rcpt", "message"])
@pytest.mark.parametrize("reply", [b"550 5.7.1 not you", b"530 5.7.1 no", b"554 5.7.1 no"])
def test_d2_it_is_the_sender(program, server, stage, reply):
    server.keywords = (b"AUTH PLAIN",)
    said = refused(program, server, stage, reply, *LOGIN)
    assert "may not use that sender" in said and "set_from_header on" in said


def test_d3_no_auth_before_tls(program, server):
    server.keywords = (b"STARTTLS",)
    server.stage = None
    program.write_config(f"account default\nhost localhost\nport {server.port}\nfrom a@x.example\n"
                         "tls off\n" + "\n".join(LOGIN) + "\n")
    done = program("b@y.example")
    assert done.returncode == 69
    assert "does not offer AUTH without TLS" in done.err
    assert "add the lines tls on and tls_starttls on" in done.err


@pytest.mark.parametrize("mechanisms", [("XOAUTH2",), ("OAUTHBEARER",), ("XOAUTH2", "OAUTHBEARER")])
def test_d6_tokens_alone(program, certs, mechanisms):
    with Smarthost(certs, tls="on", mechanisms=mechanisms) as host:
        program.account(host, certs=certs)
        done = program("b@y.example")
    assert done.returncode == 77
    assert "access tokens" in done.err and "auth xoauth2" in done.err


def test_d18_nobody_got_it(program, clear_host):
    """One of two is asked to wait: the other one has nothing either."""
    clear_host.replies["b@y.example"] = "450 4.2.1 later"
    program.account(clear_host)
    done = program("b@y.example", "c@y.example")
    assert done.returncode == 75 and "nobody got the message" in done.err
    assert not clear_host.messages


def test_d18_nobody_got_it_when_the_session_was_closed(program):
    script = parse_text("S: 220 hi\nC: EHLO localhost\nS: 250 mx\nC: MAIL FROM:<a@x.example>\nS: 250 ok\n"
                        "C: RCPT TO:<b@y.example>\nS: 250 ok\nC: RCPT TO:<c@y.example>\n"
                        "S: 421 4.3.2 closing\nX:\n")
    with FakeServer(script) as server:
        program.write_config(f"account default\nhost localhost\nport {server.port}\nfrom a@x.example\n")
        done = program("b@y.example", "c@y.example")
        assert server.wait() == []
    assert done.returncode == 75 and "nobody got the message: the server closed" in done.err


def test_d18_only_where_somebody_would_have(program, clear_host):
    clear_host.replies["b@y.example"] = "450 4.2.1 later"
    program.account(clear_host)
    assert "nobody" not in program("b@y.example").err


@pytest.mark.parametrize("stage, reply, status, said", [
    *((stage, CLOSE, 75, "run the same command again later")
      for stage in ("greeting", "ehlo", "auth", "mail", "rcpt", "data")),
    *((stage, reply, 76, "host NAME and port NUMBER" if stage == "greeting" else "with -v")
      for stage in ("greeting", "ehlo", "auth", "mail", "rcpt", "data")
      for reply in (b"350 what", b"666 what", b"HTTP/1.1 400 Bad Request")),
    *(("message", reply, 75, "it may have been delivered") for reply in (CLOSE, b"350 what", b"666 what")),
])
def test_a_session_that_breaks_down(program, server, stage, reply, status, said):
    """Where a session ends without an answer that says more, there is something to do nevertheless."""
    server.keywords = (b"AUTH PLAIN",)
    server.stage, server.reply = stage, reply
    program.write_config("\n".join([
        "account default", "host localhost", f"port {server.port}", "from a@x.example", "tls off",
        "pipelining off", *LOGIN]) + "\n")
    done = program("b@y.example")
    assert done.returncode == status
    (hint,) = [line for line in done.err.splitlines() if line.startswith("  hint: ")]
    assert said in hint
