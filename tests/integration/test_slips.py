# SPDX-License-Identifier: MIT
"""Slips at the prompt never become recipients.

Tests are named after the row of the finding that they are about.
"""

import os
import pwd

import pytest


def check_refused(program, host, args, status, said):
    """Nothing is sent, and the hint says what to do."""
    done = program(*args, message=b"Subject: t\n\nhi\n")
    assert done.returncode == status and said in done.err and "hint: " in done.err, done.err
    assert not host.messages


@pytest.mark.parametrize("args, word", [
    (["-s", "disk", "full", "x@y.example"], "full"), (["x@y.example", "full"], "full"),
    (["full"], "full"), (["--tls", "on", "x@y.example"], "on"), (["help"], "help"),
    (["-i", "--", "x@y.example", "report.pdf"], "report.pdf"), (["x@y.example,full"], "full"),
    (["--to", "x@y.example", "--body", "b", "full"], "full"), (["-t", "full"], "full"),
    (["Root"[::-1]], "tooR")])
def test_b3_a_word_is_no_recipient(program, clear_host, args, word):
    program.account(clear_host)
    check_refused(program, clear_host, args, 67, f"recipient {word} has no domain")
    check_refused(program, clear_host, ["-v", *args], 67, "are quotes missing")


@pytest.mark.parametrize("args", [["-subject", "foo", "x@y.example"], ["-from", "me@x.example", "x@y.example"],
                                  ["-to", "x@y.example"], ["-attach", "f", "x@y.example"],
                                  ["-body", "text", "x@y.example"], ["-subject=foo", "x@y.example"],
                                  ["x@y.example", "-to=x@y.example"]])
def test_b3_a_name_with_one_dash(program, clear_host, args):
    program.account(clear_host)
    name = next(arg for arg in args if arg.startswith("-")).partition("=")[0]
    check_refused(program, clear_host, args, 64, f"did you mean -{name}?")


@pytest.mark.parametrize("name", ["root", "postmaster", "ROOT", pwd.getpwuid(os.getuid()).pw_name])
def test_b3_names_that_are_meant(program, clear_host, name):
    program.account(clear_host)
    for args in ([name], ["x@y.example", name], ["-s", "t", "--body", "b", name]):
        assert program(*args).returncode == 0
        assert "a@x.example" in clear_host.wait_message().rcpt_tos
        clear_host.messages.clear()


@pytest.mark.parametrize("args", [["--to", "bob", "--body", "b"], ["-t"], ["--cc", "bob", "--body", "b"]])
def test_b3_names_in_fields_are_meant(program, clear_host, args):
    program.account(clear_host)
    assert program(*args, message=b"To: bob\n\nhi\n").returncode == 0
    assert clear_host.wait_message().rcpt_tos == ["a@x.example"]


@pytest.mark.parametrize("name", ["sendmail", "msmtp"])
def test_b3_other_names_of_the_program(program, clear_host, name):
    program.account(clear_host)
    done = program("bob", argv0=name, config=False, env={"HOME": str(program.home)})
    if name == "sendmail":
        assert "are quotes missing" not in done.err
    else:
        assert program("bob", argv0=name).returncode == 0
        assert clear_host.wait_message().rcpt_tos == ["a@x.example"]


def test_b3_what_resolves_a_word(program, clear_host, tmp_path):
    (tmp_path / "aliases").write_text("bob: carol@y.example\ndefault: d@y.example\nann: ann\n")
    program.account(clear_host, f"aliases {tmp_path}/aliases")
    assert program("bob", "eve").returncode == 0
    assert clear_host.wait_message().rcpt_tos == ["carol@y.example", "d@y.example"]
    clear_host.messages.clear()
    program.account(clear_host, "maildomain m.example")
    assert program("bob").returncode == 0
    assert clear_host.wait_message().rcpt_tos == ["bob@m.example"]


def test_b3_verify_shows_what_would_be(program, clear_host):
    program.account(clear_host)
    done = program("-bv", "bob")
    assert done.returncode == 0 and "a@x.example" in done.out
