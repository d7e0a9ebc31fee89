# SPDX-License-Identifier: MIT
"""The line that says how far a message has got, and what else is for people at a terminal."""

import os
import re
import signal

import pytest

from conftest import MESSAGE
from silentserver import SilentServer
from terminal import seen

TO = "b@y.example"
LARGE = MESSAGE + b"0123456789abcde\n" * (1 << 18)  # 4 MiB
SENDING = "sending: "


def account(program, port, *more):
    """An account at a server in clear."""
    program.write_config("\n".join(["account default", "host localhost", f"port {port}",
                                    "tls off", "from a@x.example", *more]) + "\n")


def start(program, terminal, *args, message=LARGE, env=None):
    """Start it with standard error at the terminal, and a file for standard input."""
    file = program.home / "message"
    file.write_bytes(message)
    return terminal.start([program.path, "-C", str(program.config), f"--message={file}", *args,
                           TO], program.environment(**{"TERM": "xterm", **(env or {})}))


def drawn(text):
    """What was drawn in one place, one after the other."""
    return [part.strip() for part in re.split(r"[\r\n]", text) if part.strip()]


@pytest.mark.parametrize("columns, pattern", [
    (80, r"sending: [\d.]+ [KM]iB of 4\.\d MiB \(\d+%\), [\d.]+ [KM]iB/s(, \d+ \w+ left)?"),
    (40, r"(sending: )?\d+%, [\d.]+ [KM]iB/s(, \d+ \w+ left)?|sending: \d+%(, \d+ \w+ left)?"),
    (14, r"sending: \d+%"),
    (8, r"\d+%"),
    (0, r"(sending: )?\d+%, [\d.]+ [KM]iB/s(, \d+ \w+ left)?|sending: \d+%(, \d+ \w+ left)?"),
])
def test_widths(program, terminal, columns, pattern):
    """A server that stops reading: the line fits the terminal."""
    terminal.resize(columns)
    with SilentServer("body") as server:
        account(program, server.port)
        running = start(program, terminal)
        terminal.wait_for("%", times=3)
        running.kill()
        running.wait(30)
    lines = [part for part in drawn(terminal.drain()) if "%" in part]
    assert lines and all(re.fullmatch(pattern, line) for line in lines), lines
    assert all(len(line) < (columns or 41) for line in lines)


def test_gone_before_an_error(program, terminal):
    """A server that stops reading: the error stands alone."""
    terminal.resize(80)
    with SilentServer("body") as server:
        account(program, server.port, "timeout 2")
        assert start(program, terminal).wait(30) == 75
    text = terminal.drain()
    assert SENDING in text and "%" not in "".join(seen(text))
    assert [line for line in seen(text) if line][0].startswith("postrider: account default:")


def test_columns_by_environment(program, terminal):
    """Where the terminal does not know its width, COLUMNS may."""
    terminal.resize(0)
    with SilentServer("body") as server:
        account(program, server.port, "timeout 3")
        running = start(program, terminal, env={"COLUMNS": "100"})
        terminal.wait_for("MiB (")
        running.kill()
        running.wait(30)


@pytest.mark.parametrize("phase, text", [
    ("greeting", "waiting for the server's greeting, 2 s"),
    ("mail", "waiting for the server to take the message, 2 s"),
    ("final", "waiting for the server's reply to the message, 2 s"),
])
def test_slow_server(program, terminal, phase, text):
    """What is waited for is told after two seconds, of a small message too."""
    terminal.resize(80)
    with SilentServer(phase) as server:
        account(program, server.port, "timeout 3", "timeout_final 3")
        running = start(program, terminal, message=MESSAGE)
        terminal.wait_for(text)
        assert running.wait(30) == 75
    assert "waiting" not in "".join(seen(terminal.drain()))


def test_gone_when_done(program, terminal, clear_host):
    """With --progress=on it is there at once, and nothing is left of it."""
    terminal.resize(80)
    program.account(clear_host)
    assert start(program, terminal, "--progress=on").wait(30) == 0
    text = terminal.drain()
    assert SENDING in text and "".join(seen(text)) == ""


def test_with_the_conversation(program, terminal, clear_host):
    """With -v each line of the conversation stands on a line of its own."""
    terminal.resize(80)
    program.account(clear_host)
    assert start(program, terminal, "--progress=on", "-v").wait(30) == 0
    lines = seen(terminal.drain())
    assert SENDING not in "".join(lines)
    for line in filter(None, lines):
        assert re.match(r" +\d\.\d{3} (->|<-|\*\*) |postrider: accepted: 250", line), line


def test_reading(program, terminal, clear_host):
    """Making a large message of a file takes a while too."""
    terminal.resize(80)
    program.account(clear_host)
    file = program.home / "large.bin"
    file.write_bytes(os.urandom(4 << 20))
    running = terminal.start([program.path, "-C", str(program.config), "--progress=on", "--body",
                              "x", "--attach", str(file), TO],
                             program.environment(TERM="xterm"))
    assert running.wait(30) == 0
    text = terminal.drain()
    assert re.search(r"reading: [\d.]+ MiB", text) and "".join(seen(text)) == ""


@pytest.mark.parametrize("how", ["quick", "off", "sendmail", "not-a-terminal", "background"])
def test_nothing_drawn(program, terminal, clear_host, how):
    """Where it would be in the way there is no line at all."""
    terminal.resize(80)
    program.account(clear_host)
    if how in ("quick", "off"):
        more = ["--progress=off"] if how == "off" else []
        assert start(program, terminal, *more).wait(30) == 0
    elif how == "not-a-terminal":
        done = program(TO, message=LARGE)
        assert (done.returncode, done.err) == (0, "")
    else:
        name = "sendmail" if how == "sendmail" else program.path
        with SilentServer("body") as server:
            account(program, server.port, "timeout 2")
            with open(program.home / "large", "wb") as file:
                file.write(LARGE)
            command = f"{program.path} -C {program.config} {TO} < {program.home}/large"
            if how == "background":
                shell = f"set -m; {command} & wait $!"
            else:
                program.write_config(program.config.read_text(),
                                     path=program.home / ".config/postrider/config")
                shell = f"exec -a {name} {program.path} {TO} < {program.home}/large"
            running = terminal.start(["bash", "-c", shell],
                                     program.environment(TERM="xterm"))
            assert running.wait(30) == 75
    assert "%" not in terminal.drain()


def test_progress_of_something_else(program):
    """A word that is none."""
    done = program("--progress=often", TO)
    assert done.returncode == 64 and "auto, on or off" in done.err


def test_interrupted(program, terminal):
    """Ctrl-C ends it there and then."""
    terminal.resize(80)
    with SilentServer("body") as server:
        account(program, server.port)
        running = start(program, terminal)
        terminal.wait_for(SENDING)
        terminal.type("\x03")
        assert running.wait(30) == -signal.SIGINT


COLOUR = re.compile(r"\x1b\[")


@pytest.mark.parametrize("env, wanted", [
    ({}, True), ({"NO_COLOR": ""}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False),
    ({"TERM": None}, False), ({"TERM": ""}, False)])
def test_colours(program, terminal, clear_host, env, wanted):
    """Colours are for a terminal that has them, unless they are not wanted."""
    program.account(clear_host)
    assert start(program, terminal, "-v", message=MESSAGE,
                 env=env).wait(30) == 0
    text = terminal.drain()
    assert bool(COLOUR.search(text)) == wanted
    assert re.search(r" \d\.\d{3} -> EHLO", "\n".join(seen(text)))


def test_no_colours_in_files(program, clear_host):
    """What is written elsewhere is plain."""
    program.account(clear_host)
    done = program("-v", TO, env={"TERM": "xterm"})
    assert done.returncode == 0 and "\x1b" not in done.err


def test_colours_of_errors(program, terminal):
    """The hint is easy to find."""
    running = terminal.start([program.path, "-C", str(program.home / "none"), TO],
                             program.environment(TERM="xterm"))
    assert running.wait(30) == 78
    text = terminal.drain()
    assert text.startswith("\x1b[31mpostrider:\x1b[0m ") and text.count("\x1b[") % 2 == 0


def test_times_grow(program, clear_host):
    """Seconds since the start stand before each line of the conversation."""
    program.account(clear_host)
    done = program("-v", TO)
    times = [float(n) for n in re.findall(r"^ *(\d+\.\d{3}) (?:->|<-|\*\*)", done.err, re.M)]
    assert len(times) > 8 and times == sorted(times) and times[-1] < 30


@pytest.mark.parametrize("columns, folded", [(40, True), (79, True), (500, False), (0, False)])
def test_folded(program, terminal, columns, folded):
    """No word of an error is cut by the terminal; it is one line where nobody knows the width."""
    terminal.resize(columns)
    running = terminal.start([program.path, "-C", str(program.config), TO],
                             program.environment())
    assert running.wait(30) == 78
    shown = terminal.drain().replace("\r\n", "\n").splitlines()
    whole = program(TO).err.splitlines()
    assert len(whole) == 2 and whole[1].startswith("  hint: ")
    if not folded:
        assert shown == whole
        return
    assert len(shown) > 2 and " ".join(shown).split() == " ".join(whole).split()
    hint, = [i for i, line in enumerate(shown) if line.startswith("  hint: ")]
    assert all(re.match("  [^ ]", line) for line in shown[1:hint])
    assert all(re.match("    [^ ]", line) for line in shown[hint + 1:])
    assert all(len(line) <= columns or " " not in line.strip() for line in shown)


def test_conversation_is_not_folded(program, terminal, clear_host):
    """Its lines are what was said, whatever the width."""
    terminal.resize(20)
    program.account(clear_host)
    running = terminal.start([program.path, "-v", "-C", str(program.config), TO],
                             program.environment(), MESSAGE)
    assert running.wait(30) == 0
    assert re.search(r" -> MAIL FROM:<a@x\.example>.*\r\n", terminal.drain())
