# SPDX-License-Identifier: MIT
"""Access tokens: OAUTHBEARER (RFC 7628) and XOAUTH2, and what becomes of a token that is refused."""

import base64

import pytest

from fakeserver import FakeServer, Transcript, message_bytes, parse_text

TOKEN = "ya29.t0ken-_~+/Ab=="
DONE = ("C: MAIL FROM:<a@x.example>\nS: 250 ok\nC: RCPT TO:<b@y.example>\nS: 250 ok\nC: DATA\n"
        "S: 354 go\nB: *\nS: 250 2.0.0 taken\n")


def coded(text):
    return base64.b64encode(text.encode()).decode()


def bearer(port):
    return coded(f"n,a=joe,\1host=localhost\1port={port}\1auth=Bearer {TOKEN}\1\1")


def xoauth2(_port):
    return coded(f"user=joe\1auth=Bearer {TOKEN}\1\1")


FORMS = {"oauthbearer": (bearer, "AQ=="), "xoauth2": (xoauth2, "")}


class Port:
    """A server that is told its script once its port is known."""

    def __init__(self, program):
        self.program = program

    def converse(self, mech, script, *lines, token=TOKEN, verbose=False):
        """Play `script` behind EHLO for an account with that token; the run."""
        head = ("S: 220 hi\nC: EHLO client.example\nS: 250-hi\n"
                "S: 250 AUTH PLAIN OAUTHBEARER XOAUTH2\n")

        def written(port):
            initial = FORMS[mech][0](port)
            return parse_text(head + script.format(mech=mech.upper(), initial=initial))

        with FakeServer(written) as server:
            self.program.write_config("\n".join([
                "account default", "host localhost", f"port {server.port}", "from a@x.example",
                "domain client.example", "user joe", f"auth {mech}", f"passwordeval echo {token}",
                *lines]) + "\n")
            done = self.program(*(["-v"] if verbose else []), "b@y.example",
                                message=message_bytes(Transcript()))
            assert server.wait() == []
        for form in (token, coded(token)[:-4]):
            assert form not in done.err + done.out
        return done


@pytest.fixture
def port(program):
    return Port(program)


@pytest.mark.parametrize("mech", FORMS)
@pytest.mark.parametrize("verbose", [False, True])
def test_accepted(port, mech, verbose):
    done = port.converse(mech, "C: AUTH {mech} {initial}\nS: 235 2.7.0 ok\n" + DONE,
                         verbose=verbose)
    assert done.returncode == 0, done.err
    assert not verbose or f"-> AUTH {mech.upper()} (hidden)" in done.err


REASONS = {
    "status": ('{{"status":"invalid_token\x1b[31m","schemes":"bearer"}}',
               'the server says "invalid_token\\x1B[31m"; the token may have expired'),
    "number": ('{{"status" : "401","scope":"x"}}', 'says "401"; '),
    "no-status": ('{{"error":"x"}}', "the token may have expired, or be for something else"),
    "no-json": ("go away", "the token may have expired"),
    "nothing": ("", "the token may have expired"),
    "large": ('{{"status":"' + "x" * 5000 + '"}}', "the token may have expired"),
}


@pytest.mark.parametrize("mech", FORMS)
@pytest.mark.parametrize("name", REASONS)
def test_auth_16_why_it_is_refused(port, mech, name):
    """The reason comes before the refusal, and is answered; the refusal decides."""
    why, shown = REASONS[name]
    done = port.converse(mech, "C: AUTH {mech} {initial}\nS: 334 " + coded(why.format())
                         + f"\nC: {FORMS[mech][1]}\nS: 535 5.7.8 bad token\n")
    assert done.returncode == 77
    assert "535 5.7.8 bad token" in done.err and shown in done.err
    assert "\x1b" not in done.err and len(done.err.splitlines()) <= 3


@pytest.mark.parametrize("mech", FORMS)
@pytest.mark.parametrize("quoted", [TOKEN, TOKEN[:12], TOKEN[7:]])
@pytest.mark.parametrize("before", ["", "x", "xx"])
def test_auth_16_the_reason_quotes_the_token(port, mech, quoted, before):
    """Neither the reason nor the trace of what the server sent shows it."""
    why = '{"a":"' + before + quoted + '","status":"bad ' + quoted + '"}'
    script = ("C: AUTH {mech} {initial}\nS: 334 " + coded(why)
              + f"\nC: {FORMS[mech][1]}\nS: 535 5.7.8 {coded(before + quoted)}\n")
    done = port.converse(mech, script, verbose=True)
    assert done.returncode == 77 and "the token may have expired" in done.err
    assert quoted not in done.err and "535 5.7.8 (hidden)" in done.err
    assert coded(why)[12:30] not in done.err


@pytest.mark.parametrize("mech", FORMS)
@pytest.mark.parametrize("reply, status", [
    ("535 5.7.8 no", 77), ("454 4.7.0 later", 75), ("235 2.7.0 come in all the same", 77)])
def test_auth_16_what_follows_the_reason(port, mech, reply, status):
    done = port.converse(mech, "C: AUTH {mech} {initial}\nS: 334 " + coded("{}")
                         + f"\nC: {FORMS[mech][1]}\nS: {reply}\n")
    assert done.returncode == status, done.err


@pytest.mark.parametrize("mech", FORMS)
def test_refused_at_once(port, mech):
    done = port.converse(mech, "C: AUTH {mech} {initial}\nS: 535 5.7.8 no\n")
    assert done.returncode == 77 and "get a new one" in done.err


@pytest.mark.parametrize("mech", FORMS)
def test_auth_09_asked_for_ever(port, mech):
    done = port.converse(mech, "C: AUTH {mech} {initial}\nS: 334 e30=\n"
                         + f"C: {FORMS[mech][1]}\nS: 334 e30=\nC: *\nS: 501 5.7.0 ok\n")
    assert done.returncode == 77 and "goes on asking" in done.err


def test_auth_13_no_room_in_the_line(port):
    """A long token waits until the server asks for it (RFC 4954 section 4)."""
    token = "x" * 8900
    initial = coded(f"user=joe\1auth=Bearer {token}\1\1")
    done = port.converse("xoauth2", "C: AUTH {mech}\nS: 334 \nC: " + initial
                         + "\nS: 235 ok\n" + DONE, token=token)
    assert done.returncode == 0, done.err


@pytest.mark.parametrize("mech", FORMS)
@pytest.mark.parametrize("token", ["'a b'", "'Bearer x'", "'x\"'", "é", "=", "a=b"])
def test_what_is_no_token(program, mech, token):
    program.write_config("account default\nhost localhost\nport 1\nfrom a@x.example\nuser joe\n"
                         f"auth {mech}\npasswordeval echo {token}\n")
    done = program("b@y.example")
    assert done.returncode == 78 and "token" in done.err, done.err


@pytest.mark.parametrize("mech", FORMS)
@pytest.mark.parametrize("line", ["tls off", "tls_certcheck off", "tls off\nauth_insecure on",
                                  "tls_certcheck off\nauth_insecure on"])
def test_auth_17_never_to_strangers(program, mech, line):
    program.write_config("account default\nhost 0.0.0.0\nport 1\nfrom a@x.example\nuser joe\n"
                         f"auth {mech}\npasswordeval echo x\n{line}\n")
    done = program("b@y.example")
    assert done.returncode == 78 and "the token would go" in done.err, done.err


def test_it_is_never_chosen_for_a_password(port):
    """A password is no token: `auth on` means a password."""
    done = port.converse("xoauth2", "C: AUTH PLAIN AGpvZQBsZXRtZTFu\nS: 535 5.7.8 no\n", "auth on",
                         token="letme1n")
    assert done.returncode == 77 and "check user and password" in done.err
