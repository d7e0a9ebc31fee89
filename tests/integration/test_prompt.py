# SPDX-License-Identifier: MIT
"""The question at the terminal, with a terminal of the test's own (a pty)."""

import fcntl
import os
import select
import signal
import subprocess
import termios
import time

import pytest

from conftest import MESSAGE
from smarthost import Smarthost

QUESTION = "Password for joe at localhost: "


@pytest.fixture
def host(certs):
    """A smarthost with AUTH."""
    with Smarthost(certs) as running:
        yield running


def command(program, host, certs, *more):
    """An account without a password; the command that uses it."""
    program.account(host, *more, certs=certs)
    program.write_config(program.config.read_text().replace("password secret\n", ""))
    return [program.path, "-C", str(program.config), "b@y.example"]


def test_asked_and_not_shown(program, host, certs, terminal):
    running = terminal.start(command(program, host, certs), program.environment(), MESSAGE)
    terminal.wait_for(QUESTION)
    assert not terminal.echoes()
    terminal.type("secret\n")
    assert running.wait(30) == 0
    assert terminal.echoes()
    assert "secret" not in terminal.drain() and terminal.screen.startswith(QUESTION + "\r\n")
    assert host.wait_message().content.endswith(b"\r\n\r\nhello\r\n")


def test_editing_and_typing_ahead(program, host, certs, terminal):
    """The line can be corrected; what was typed before the question is no answer."""
    terminal.type("ahead\n")
    running = terminal.start(command(program, host, certs), program.environment(), MESSAGE)
    terminal.wait_for(QUESTION)
    terminal.type("wrong\x15secreT\x7ft\n")
    assert running.wait(30) == 0


@pytest.mark.parametrize("typed", ["\n", "\x04"])
def test_no_answer(program, host, certs, terminal, typed):
    running = terminal.start(command(program, host, certs), program.environment(), MESSAGE)
    terminal.wait_for(QUESTION)
    terminal.type(typed)
    assert running.wait(30) == 78
    assert terminal.echoes() and "no password was typed" in terminal.drain()
    assert host.auth_lines == []


def test_too_long_an_answer_is_cut_by_no_one(program, host, certs, terminal):
    """A terminal's line has 4,095 octets; more is never sent as a password."""
    running = terminal.start(command(program, host, certs), program.environment(), MESSAGE)
    terminal.wait_for(QUESTION)
    terminal.type("x" * 3000 + "\n")
    assert running.wait(30) == 77
    assert terminal.echoes()


@pytest.mark.parametrize("number, key", [
    (signal.SIGINT, "\x03"), (signal.SIGQUIT, "\x1c"), (signal.SIGINT, None),
    (signal.SIGTERM, None), (signal.SIGHUP, None)])
def test_signals_end_it_and_echo_is_back(program, host, certs, terminal, number, key):
    running = terminal.start(command(program, host, certs), program.environment(), MESSAGE)
    terminal.wait_for(QUESTION)
    if key:
        terminal.type(key)
    else:
        running.send_signal(number)
    assert running.wait(30) == -number
    assert terminal.echoes()
    assert host.auth_lines == []


def test_stopped_and_continued(program, host, certs, terminal):
    """Under a shell with job control: echo while it is stopped, the question anew after that."""
    line = " ".join(command(program, host, certs))
    shell = ["bash", "--norc", "-mc", f"cat > message; {line} < message; echo stopped $?; "
             "stty -a < /dev/tty | grep -o ' -*echo '; echo then; fg; echo ended $?"]
    running = terminal.start(shell, program.environment(), MESSAGE, cwd=program.home)
    terminal.wait_for(QUESTION)
    terminal.type("\x1a")
    terminal.wait_for(f"stopped {128 + signal.SIGTSTP}")
    terminal.wait_for("then")
    assert "\n echo " in terminal.screen and "-echo" not in terminal.screen
    terminal.wait_for(QUESTION, 2)
    assert not terminal.echoes()
    terminal.type("secret\n")
    terminal.wait_for("ended 0")
    assert running.wait(30) == 0
    assert terminal.echoes()


def test_background_job_waits_for_the_foreground(program, host, certs, terminal):
    line = " ".join(command(program, host, certs))
    shell = ["bash", "--norc", "-mc", f"cat > message; {line} < message & "
             "until jobs -s | grep -q .; do read -t 0.05 < /dev/tty; done; echo it waits; "
             "read < /dev/tty; fg; echo ended $?"]
    running = terminal.start(shell, program.environment(), MESSAGE, cwd=program.home)
    terminal.wait_for("it waits")
    assert QUESTION not in terminal.screen and terminal.echoes()
    terminal.type("\n")
    terminal.wait_for(QUESTION)
    terminal.type("secret\n")
    terminal.wait_for("ended 0")
    assert running.wait(30) == 0


def test_ignored_signal_stays_ignored(program, host, certs, terminal):
    shell = ["sh", "-c", "trap '' INT; exec \"$@\"", "sh", *command(program, host, certs)]
    running = terminal.start(shell, program.environment(), MESSAGE)
    terminal.wait_for(QUESTION)
    terminal.type("\x03")
    terminal.type("secret\n")
    assert running.wait(30) == 0


def test_question_is_printable(program, host, certs, terminal):
    started = command(program, host, certs)
    text = program.config.read_text().replace("user joe", "user j\u202eo\u00f6")
    program.write_config(text)
    running = terminal.start(started, program.environment(), MESSAGE)
    terminal.wait_for("Password for j\\u{202E}o\u00f6 at localhost: ")
    terminal.type("\n")
    assert running.wait(30) == 78


@pytest.mark.parametrize("source, status", [("passwordeval echo secret", 0),
                                            ("passwordeval exit 1", 78),
                                            ('password "secret"', 0),
                                            ("password_file /nonexistent", 78)])
def test_not_asked_where_there_is_a_source(program, host, certs, terminal, source, status):
    running = terminal.start(command(program, host, certs, source), program.environment(), MESSAGE)
    assert running.wait(30) == status
    assert "Password for" not in terminal.drain()


def test_not_asked_where_standard_error_is_no_terminal(program, host, certs, terminal):
    """There is a /dev/tty, but whoever started us reads elsewhere."""
    started = command(program, host, certs)
    shell = ["sh", "-c", '"$@" 2> errors', "sh", *started]
    running = terminal.start(shell, program.environment(), MESSAGE, cwd=program.home)
    assert running.wait(30) == 78
    assert terminal.drain() == ""
    assert "no password was found" in (program.home / "errors").read_text()


def test_not_asked_without_a_controlling_terminal(program, host, certs, terminal):
    """As from a daemon that left its standard error where it was."""
    running = subprocess.Popen(command(program, host, certs), stdin=subprocess.DEVNULL,
                               stderr=terminal.fd, env=program.environment(),
                               start_new_session=True)
    assert running.wait(30) == 78
    assert "no password was found" in terminal.drain()


def test_helper_may_ask_at_the_terminal(program, host, certs, terminal):
    """It is in the foreground: reading and changing the settings do not stop it."""
    ask = ("passwordeval stty -echo < /dev/tty; printf 'helper asks: ' > /dev/tty; "
           "read x < /dev/tty; stty echo < /dev/tty; echo $x")
    running = terminal.start(command(program, host, certs, ask), program.environment(), MESSAGE)
    terminal.wait_for("helper asks: ")
    terminal.type("secret\n")
    assert running.wait(30) == 0
    assert terminal.echoes()


def test_killed_helper_leaves_the_terminal_as_it_was(program, host, certs, terminal):
    ask = "passwordeval stty -echo -icanon < /dev/tty; head -c 200000 /dev/zero"
    running = terminal.start(command(program, host, certs, ask), program.environment(), MESSAGE)
    assert running.wait(30) == 78
    assert terminal.echoes()
    assert termios.tcgetattr(terminal.fd)[3] & termios.ICANON
