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


@pytest.mark.parametrize("name", ["dry-run", "pretend", "version", "help", "read-envelope-from", "header",
                                  "password", "host", "tls", "json", "list", "bcc", "cc", "sender",
                                  "reply-to", "serverinfo", "verify", "read-recipients"])
def test_b3_any_name_with_one_dash(program, clear_host, name):
    """Its letters would be options, and its argument, a password perhaps, a recipient."""
    program.account(clear_host)
    for args in ([f"-{name}", "p@ss", "x@y.example"], [f"-{name}=p@ss", "x@y.example"]):
        check_refused(program, clear_host, args, 64, f"unknown option: -{name}")


@pytest.mark.parametrize("args", [["-q"], ["-q", "report.txt"], ["-qf"], ["-bi"], ["-I"], ["-bp"], ["-bC"]])
@pytest.mark.parametrize("name", ["postrider", "sendmail"])
def test_b5_a_mode_that_sends_nothing_takes_no_recipients(program, clear_host, args, name):
    program.account(clear_host)
    done = program(*args, "x@y.example", argv0=name, config=name == "postrider")
    assert done.returncode == 64 and clear_host.messages == []
    assert "nothing is sent in this mode" in done.err


@pytest.mark.parametrize("name", ["mailq", "newaliases"])
def test_b5_other_names_take_no_recipients(program, clear_host, name):
    done = program("x@y.example", argv0=name, config=False)
    assert done.returncode == 64 and "nothing is sent in this mode" in done.err


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


# --- letters of mailx -------------------------------------------------------------------------

@pytest.mark.parametrize("args, hint", [
    (["-A", "report.pdf"], "--attach FILE"), (["-Areport.pdf"], "--attach FILE"),
    (["-a", "report.pdf"], "--attach FILE"), (["-a", "./report"], "--attach FILE"),
    (["-c", "cc@x.example"], "--cc ADDRESS"), (["-ccc@x.example"], "--cc ADDRESS"),
    (["-b", "bcc@x.example"], "--bcc ADDRESS"), (["-bbcc@x.example"], "--bcc ADDRESS")])
def test_b4_mailx_letters(program, clear_host, args, hint):
    """Nothing is sent without the file, or to those who were to get a copy."""
    program.account(clear_host)
    done = program("-s", "t", *args, "b@y.example")
    assert done.returncode == 64 and hint in done.err, done.err
    assert not clear_host.messages


def test_b4_a_misspelt_account_is_no_file(program, clear_host):
    program.account(clear_host)
    done = program("-a", "wrok", "b@y.example")
    assert done.returncode == 78 and "--attach" not in done.err


@pytest.mark.parametrize("name, config", [("sendmail", False), ("postrider", True)])
@pytest.mark.parametrize("args", [["-Ac"], ["-Am"], ["-A", "m"]])
def test_b4_sendmail_modes_are_known(program, clear_host, name, config, args):
    program.account(clear_host)
    if not config:
        program.write_config(program.config.read_text(), path=program.home / ".msmtprc")
    done = program(*args, "b@y.example", argv0=name, config=config)
    assert (done.returncode, done.err) == (0, "")
    assert len(clear_host.messages) == 1


def test_b4_other_modes_as_sendmail(program, clear_host):
    program.account(clear_host)
    program.write_config(program.config.read_text(), path=program.home / ".msmtprc")
    assert program("-A", "report.pdf", "b@y.example", argv0="sendmail", config=False).returncode == 64
    assert not clear_host.messages


# --- -d0.1 -------------------------------------------------------------------------------------

@pytest.mark.parametrize("name", ["sendmail", "postrider"])
@pytest.mark.parametrize("args", [["-d0.1", "b@y.example"], ["-d0.1", "-t"], ["-t", "-d0.1"]])
def test_b5_a_message_is_not_lost(program, clear_host, name, args):
    """sendmail -d0.1 prints its version and sends all the same; here the message goes first."""
    program.account(clear_host)
    program.write_config(program.config.read_text(), path=program.home / ".msmtprc")
    done = program(*args, argv0=name, config=False)
    assert (done.returncode, done.out) == (0, "")
    assert clear_host.wait_message().rcpt_tos == ["b@y.example"]


@pytest.mark.parametrize("args", [["-d0.1"], ["-d0.1", "-bv"], ["-bp", "-d0.1"]])
def test_b5_versions_where_nothing_is_sent(program, args):
    done = program(*args, argv0="sendmail", config=False, message=b"")
    assert done.returncode == 0 and done.out.startswith("postrider ")


# --- --json --------------------------------------------------------------------------------------

@pytest.mark.parametrize("args, name", [
    (["-P"], "-P"), (["--list=accounts"], "--list"), (["--list=senders"], "--list"),
    (["--import=/etc/ssmtp/ssmtp.conf"], "--import"), (["-bC"], "-bC"), (["-bi"], "-bi"),
    (["-q"], "-q"), (["--dry-run", "b@y.example"], "--dry-run")])
def test_e2_text_alone(program, clear_host, args, name):
    """What prints text alone says so; it is not ignored."""
    program.account(clear_host)
    done = program("--json", *args)
    assert (done.returncode, done.out) == (64, "")
    assert name in done.err and "--json" in done.err


# --- the name in -f ------------------------------------------------------------------------------

@pytest.mark.parametrize("sender, wanted", [
    ("Joe <x@y.example>", b"From: Joe <x@y.example>"),
    ('"Doe, Joe" <x@y.example>', b'From: "Doe, Joe" <x@y.example>'),
    ("J\u00f6rg <x@y.example>", b"From: =?UTF-8?B?SsO2cmc=?= <x@y.example>"),
    ("x@y.example", b"From: x@y.example"), ("<x@y.example>", b"From: x@y.example")])
def test_b6_the_name_of_the_sender(program, clear_host, sender, wanted):
    """It stands in a From field that is added."""
    program.account(clear_host)
    done = program("-f", sender, "b@y.example", message=b"Subject: t\n\nhi\n")
    assert (done.returncode, done.err) == (0, "")
    message = clear_host.wait_message()
    assert message.mail_from == "x@y.example"
    assert wanted.lower() in message.content.lower(), message.content


def test_b6_other_names_come_first(program, clear_host):
    """-F, and a From field that is there."""
    program.account(clear_host)
    assert program("-f", "Joe <x@y.example>", "-F", "Ann", "b@y.example",
                   message=b"Subject: t\n\nhi\n").returncode == 0
    assert b"From: Ann <x@y.example>" in clear_host.wait_message().content
    assert program("-f", "Joe <x@y.example>", "b@y.example",
                   message=b"From: Eve <e@y.example>\n\nhi\n").returncode == 0
    assert b"From: Eve <e@y.example>" in clear_host.wait_message(2).content


# --- options that are not there ------------------------------------------------------------------

@pytest.mark.parametrize("option, hint", [
    ("--sbject=t", "did you mean --subject?"), ("--recipent=x", None), ("--atach=f", "did you mean --attach?"),
    ("--passwordfile=f", "did you mean --password-file?"), ("--pasword-file=f", "did you mean --password-file?"),
    ("--tls-cert", "one of --tls-cert-file, --tls-certcheck"), ("--zzzzzzzz", "postrider --help"),
    ("--x", "postrider --help")])
def test_d15_unknown_option(program, option, hint):
    done = program(option, "b@y.example")
    assert done.returncode == 64
    if hint:
        assert hint in done.err, done.err
    assert len(done.err.splitlines()) == 2


@pytest.mark.parametrize("word", ["-h", "-?", "help", "--help"])
def test_d15_help(program, word):
    done = program(word, config=False)
    assert done.returncode == 0 and done.out.startswith("usage: postrider")


@pytest.mark.parametrize("args", [["help", "b@y.example"], ["b@y.example", "-h", "3"]])
def test_d15_only_alone(program, clear_host, args):
    program.account(clear_host)
    assert "usage:" not in program(*args).out


def test_d15_not_as_sendmail(program, clear_host):
    """There it is a recipient, or a count of hops without its number."""
    program.account(clear_host)
    program.write_config(program.config.read_text(), path=program.home / ".msmtprc")
    assert program("help", argv0="sendmail", config=False).returncode == 0
    assert "usage:" not in program("-h", argv0="sendmail", config=False).out


def test_b3_a_name_that_its_own_alias_lists(program, clear_host):
    """To keep a copy and to forward: the alias stands for the name, which is no slip."""
    aliases = program.write_config("joe: joe, joe@y.example\nann: bob\nbob: bob\n", 0o644,
                                   program.home / "aliases")
    program.account(clear_host, f"aliases {aliases}")
    for name, rcpts in (("joe", ["a@x.example", "joe@y.example"]), ("ann", ["a@x.example"]), ("bob", ["a@x.example"])):
        assert program(name).returncode == 0
        assert clear_host.wait_message().rcpt_tos == rcpts
        clear_host.messages.clear()
    assert program("max").returncode == 67
