# SPDX-License-Identifier: MIT
"""The exit status when there is no memory left behind the server's reply to the message.

Tests are named after the row of the finding that they are about.
"""

import errno

import pytest

from smarthost import Smarthost
from stageserver import StageServer


@pytest.fixture(name="exhausted")
def fixture_exhausted(program, preload):
    """A function: a run that has no memory once the server has said the text."""
    library = preload("no_memory")

    def run(text, *args):
        return program(*args, env={"LD_PRELOAD": library, "NO_MEMORY": text})
    return run


@pytest.mark.parametrize("lines", [[], ["user joe", "password secret", "auth plain", "auth_insecure on"],
                                   ["pipelining off"]])
@pytest.mark.parametrize("reply, status", [
    (b"250 2.0.0 SECRETLY taken", 0), (b"250 SECRETLY taken secret joe", 0),
    (b"250-one\r\n250 SECRETLY two", 0), (b"550 5.7.1 SECRETLY", 77), (b"554 SECRETLY", 69),
    (b"552 5.3.4 SECRETLY", 65), (b"451 4.3.0 SECRETLY", 75)])
def test_e13_the_code_decides(exhausted, program, lines, reply, status):
    with StageServer() as server:
        server.stage, server.reply = "message", reply
        server.keywords = (b"AUTH PLAIN",) if lines[:1] == ["user joe"] else ()
        program.write_config("\n".join(["account default", "host localhost", f"port {server.port}",
                                        "from a@x.example", "tls off", *lines]) + "\n")
        done = exhausted("SECRETLY", "b@y.example")
    assert done.returncode == status, done.err


def test_e13_without_a_reply_it_is_not_known(exhausted, program):
    """The last thing that is heard is the go-ahead."""
    with StageServer() as server:
        program.write_config("\n".join(["account default", "host localhost", f"port {server.port}",
                                        "from a@x.example", "tls off"]) + "\n")
        assert exhausted("220", "b@y.example").returncode == 75


@pytest.fixture(name="crashing")
def fixture_crashing(program, preload, certs):
    """A function: a run in which a function of a library crashes."""
    library = preload("odd_calls")

    def run(how, function, number):
        with Smarthost(certs) as host:
            program.account(host, certs=certs)
            done = program("b@y.example", env={"LD_PRELOAD": library,
                                               "ODD_CALLS": f"{how} {function} {number}"})
            return done, len(host.messages)
    return run


BEFORE = ["gnutls_global_init", "gnutls_init", "gnutls_handshake", "gnutls_record_send"]


@pytest.mark.parametrize("how", ["crash", "abort"])
@pytest.mark.parametrize("function", BEFORE)
def test_e14_a_library_out_of_memory(crashing, how, function):
    done, sent = crashing(how, function, errno.ENOMEM)
    assert (done.returncode, done.err) == (75, "postrider: out of memory in a library\n") and not sent


@pytest.mark.parametrize("how", ["crash", "abort"])
@pytest.mark.parametrize("function", BEFORE)
def test_e14_a_library_that_crashes(crashing, how, function):
    done, sent = crashing(how, function, errno.EPIPE)
    assert done.returncode == 70 and not sent
    assert done.err == "postrider: a library, or this program, crashed; please report it with the " \
        "command you used\n"


@pytest.mark.parametrize("how", ["crash", "abort"])
@pytest.mark.parametrize("number", [errno.ENOMEM, errno.EPIPE])
def test_e14_the_verdict_stands(crashing, how, number):
    done, sent = crashing(how, "gnutls_deinit", number)
    assert (done.returncode, done.err, sent) == (0, "", 1)
