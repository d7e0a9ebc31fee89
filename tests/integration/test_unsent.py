# SPDX-License-Identifier: MIT
"""What a person typed and nobody took is not lost (E17)."""

import os
import re
import signal

import pytest

KEPT = re.compile(r"postrider: what was typed is kept in (\S+)")
MESSAGE = "To: b@y.example\nSubject: s\n\nhello\n.\n"


@pytest.fixture
def typed(program, terminal):
    """A function: the screen and status when that was typed at the prompt of a run."""
    def run(args, text, key=None, **environment):
        command = [program.path, "-C", str(program.config), *args]
        running = terminal.start(command, program.environment(**environment), stdin=terminal.fd)
        terminal.type(text)
        if key:
            terminal.wait_for("hello")
            terminal.type(key)
        status = running.wait(30)
        return status, re.sub(r"\r\n {4}", "", terminal.drain())
    return run


def kept(screen, program):
    """The text that is kept, in a file of which only its owner knows."""
    path = KEPT.search(screen)[1]
    assert path.startswith(f"{program.home}/.local/state/postrider/unsent-20")
    assert os.stat(path).st_mode & 0o777 == 0o600
    assert os.stat(os.path.dirname(path)).st_mode & 0o777 == 0o700
    with open(path, encoding="utf-8") as file:
        return file.read()


@pytest.mark.parametrize("case", ["recipient", "message", "none", "slip", "address", "connection"])
@pytest.mark.parametrize("tls", [False, True])
def test_e17_a_message_that_is_refused(program, clear_host, typed, case, tls, certs):
    program.account(clear_host, *(["tls on"] if tls else []))
    args = ["-t"]
    text = MESSAGE
    if case == "recipient":
        clear_host.replies["b@y.example"] = "550 5.1.1 no such user"
    elif case == "message":
        clear_host.data_reply = "554 5.6.0 no"
    elif case == "none":
        text = MESSAGE.replace("b@y.example", "")
    elif case == "slip":
        args = ["full", "b@y.example"]
    elif case == "address":
        text = MESSAGE.replace("b@y", "b@@y")
    else:
        args += ["--port=1"]
    status, screen = typed(args, text)
    assert status != 0
    assert kept(screen, program) == text.removesuffix(".\n")


def test_e17_the_rest_of_a_paste_is_no_command(program, clear_host, terminal):
    """A message that is refused at the end of its header, pasted at a shell."""
    program.account(clear_host)
    environment = {**program.environment(), "PS1": "ready> "}
    running = terminal.start(["sh"], environment, stdin=terminal.fd)
    terminal.wait_for("ready> ")
    terminal.type(f"{program.path} -C {program.config} -t; echo status $?\n")
    terminal.wait_for("ends it")
    text = "Subject: no recipient\n\n" + "touch was-run\n" * 2000
    terminal.type(text + ".\n")
    terminal.wait_for("status 64")
    terminal.type("exit\n")
    assert running.wait(30) == 0
    screen = re.sub(r"\r\n {4}", "", terminal.drain())
    assert not list(program.home.rglob("was-run")) and not os.path.exists("was-run")
    [path] = (program.home / ".local/state/postrider").iterdir()
    assert path.read_text() == text, screen


def test_e17_the_text_of_a_composed_message(program, clear_host, typed):
    program.account(clear_host)
    clear_host.data_reply = "554 5.6.0 no"
    status, screen = typed(["-s", "disk", "b@y.example"], "hello\nworld\n.\n")
    assert status == 65 and kept(screen, program) == "hello\nworld\n"


def test_e17_two_in_a_second(program, clear_host, typed, terminal):
    program.account(clear_host)
    clear_host.data_reply = "554 5.6.0 no"
    typed(["b@y.example"], "one\n.\n")
    _, screen = typed(["b@y.example"], "two\n.\n")
    assert len(set(KEPT.findall(screen))) == 2


def test_e17_what_was_taken_is_not_kept(program, clear_host, typed):
    program.account(clear_host)
    status, screen = typed(["b@y.example"], "hello\n.\n")
    assert status == 0 and "kept" not in screen
    assert not list((program.home / ".local").rglob("unsent*"))


def test_e17_ctrl_c_means_that_it_is_not_wanted(program, clear_host, typed):
    program.account(clear_host)
    status, screen = typed(["b@y.example"], "hello\n", key="\x03")
    assert status == -signal.SIGINT and "kept" not in screen


def test_e17_the_terminal_goes_away(program, clear_host, terminal):
    program.account(clear_host)
    running = terminal.start([program.path, "-C", str(program.config), "b@y.example"],
                             program.environment(), stdin=terminal.fd)
    terminal.type("hello\nworld\n")
    terminal.wait_for("world")
    terminal.wait_read()
    running.send_signal(signal.SIGHUP)
    assert running.wait(30) == -signal.SIGHUP
    (file,) = (program.home / ".local/state/postrider").iterdir()
    assert file.read_text() == "hello\nworld\n"


def test_e17_a_pipe_is_its_writers_to_keep(program, clear_host):
    program.account(clear_host)
    clear_host.data_reply = "554 5.6.0 no"
    assert program("b@y.example").returncode == 65
    assert not (program.home / ".local").exists()
