# SPDX-License-Identifier: MIT
"""A good citizen whatever it is started with: descriptors, signals, environment, full disks."""

import itertools
import os
import re
import select
import signal
import subprocess
import time

import pytest

from fakeserver import FakeServer, parse_text
from silentserver import SilentServer


@pytest.mark.parametrize("closed", [c for n in (1, 2, 3)
                                    for c in itertools.combinations((0, 1, 2), n)])
def test_closed_descriptors(program, clear_host, closed):
    program.account(clear_host)

    def close():
        for fd in closed:
            os.close(fd)

    done = subprocess.run([program.path, "-C", program.config, "b@y.example"],
                          input=None if 0 in closed else b"Subject: t\n\nhi\n",
                          env=program.environment(), preexec_fn=close, check=False, timeout=60)
    if 0 in closed:
        assert (done.returncode, clear_host.messages) == (74, [])
        return
    assert done.returncode == 0
    assert clear_host.wait_message().content.endswith(b"\r\n\r\nhi\r\n")


@pytest.mark.parametrize("args", [["-bv", "b@y.example"], ["-bi"], ["-bC"], ["-bp"], ["-P"],
                                  ["--help"]])
def test_closed_input_that_is_not_read(program, clear_host, args):
    program.account(clear_host)
    done = subprocess.run([program.path, "-C", program.config, *args], env=program.environment(),
                          preexec_fn=lambda: os.close(0), capture_output=True, check=False,
                          timeout=60)
    assert (done.returncode, done.stderr) == (0, b"")


def test_odd_signals(program, clear_host):
    program.account(clear_host)

    def odd():
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_BLOCK, set(signal.Signals) - {signal.SIGKILL})

    program.write_config(program.config.read_text() + "passwordeval echo x\n")
    done = subprocess.run([program.path, "-C", program.config, "b@y.example"], input=b"\nhi\n",
                          env=program.environment(), preexec_fn=odd, check=False, timeout=60)
    assert done.returncode == 0


def test_empty_environment(program, clear_host):
    program.account(clear_host)
    done = subprocess.run([program.path, "-C", program.config, "b@y.example"], input=b"\nhi\n",
                          env={}, capture_output=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, b"")


def test_no_home_and_no_file(program):
    done = subprocess.run([program.path, "b@y.example"], input=b"\nhi\n", env={}, cwd="/",
                          capture_output=True, check=False, timeout=60)
    assert done.returncode == 78 and b"no account is configured" in done.stderr


def test_standard_error_full(program, clear_host):
    program.account(clear_host)
    with open("/dev/full", "w", encoding="ascii") as full:
        done = subprocess.run([program.path, "-v", "-C", program.config, "b@y.example"],
                              input=b"\nhi\n", stderr=full, check=False, timeout=60,
                              env=program.environment())
    assert done.returncode == 0


def test_standard_output_full(program):
    with open("/dev/full", "w", encoding="ascii") as full:
        done = subprocess.run([program.path, "--help"], stdout=full, stderr=subprocess.PIPE,
                              check=False, timeout=60)
    assert done.returncode == 74 and b"standard output: write: No space left" in done.stderr


def test_no_room_for_the_message(program, clear_host, tmp_path):
    """A folder that is there and full: temporary, nothing sent."""
    program.account(clear_host)
    folder = tmp_path / "full"
    folder.mkdir()
    script = f"mount -t tmpfs -o size=64k none {folder} && exec \"$@\""
    done = subprocess.run(
        ["unshare", "-m", "sh", "-c", script, "sh", program.path, "-C", program.config,
         "b@y.example"], input=b"Subject: t\n\n" + b"0123456789\n" * 300000, capture_output=True,
        env=program.environment(TMPDIR=str(folder)), check=False, timeout=60)
    if b"unshare" in done.stderr or b"mount" in done.stderr:
        pytest.skip("no right to make a namespace")
    assert (done.returncode, clear_host.messages) == (75, [])
    assert f"temporary file in {folder}: write: No space left".encode() in done.stderr


def test_limit_on_file_size(program, clear_host):
    program.account(clear_host)
    done = subprocess.run(
        ["sh", "-c", 'ulimit -f 1; exec "$@"', "sh", program.path, "-C", program.config,
         "b@y.example"], input=b"Subject: t\n\n" + b"0123456789\n" * 300000, capture_output=True,
        env=program.environment(), check=False, timeout=60)
    assert (done.returncode, clear_host.messages) == (75, [])


def test_nobody_listens(program):
    program.write_config("account default\nhost 127.0.0.1\nport 1\nfrom a@x.example\n")
    done = program("b@y.example")
    assert done.returncode == 75
    assert done.err.splitlines() == [
        "postrider: account default: host 127.0.0.1, port 1: 127.0.0.1: cannot connect: "
        "Connection refused",
        "  hint: is the server up, and does no firewall block it? usual are the lines port 465 and "
        "tls_starttls off, or port 587 and tls_starttls on"]


def test_unknown_host(program):
    program.write_config("account default\nhost nowhere.invalid\nport 25\nfrom a@x.example\n")
    done = program("b@y.example")
    assert done.returncode == 75
    assert "host nowhere.invalid: " in done.err and "is the name spelt right" in done.err
    assert done.err.endswith("ask again with: getent hosts nowhere.invalid\n")


@pytest.mark.parametrize("name", ["localhost", "LocalHost.", "mail.localhost"])
def test_localhost_asks_no_resolver(program, clear_host, name):
    """Secrets may go there in clear: it is this machine, whatever files and DNS say."""
    program.write_config(f"account default\nhost {name}\nport {clear_host.port}\n"
                         "from a@x.example\n")
    script = ('printf "192.0.2.1 localhost mail.localhost\\n" > "$HOME/hosts" && '
              'mount --bind "$HOME/hosts" /etc/hosts && exec "$@"')
    done = subprocess.run(
        ["unshare", "-m", "sh", "-c", script, "sh", program.path, "-C", program.config,
         "b@y.example"], input=b"\nhi\n", capture_output=True, env=program.environment(),
        check=False, timeout=60)
    if b"unshare" in done.stderr or b"mount" in done.stderr:
        pytest.skip("no right to make a namespace")
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize("phase, tls", [("greeting", None), ("mail", None), ("mail", "on"),
                                        ("handshake", "on")])
@pytest.mark.parametrize("how", ["silent", "drip"])
def test_run_timeout_bounds_everything(program, certs, phase, tls, how):
    with SilentServer(phase, how, tls, certs) as server:
        program.write_config(
            f"account default\nhost localhost\nport {server.port}\nfrom a@x.example\n"
            f"tls {'on' if tls else 'off'}\ntls_starttls off\ntls_trust_file {certs['ca']}\n"
            "timeout 60\nrun_timeout 1\n")
        started = time.monotonic()
        done = program("b@y.example")
    assert done.returncode == 75
    assert 0.9 <= time.monotonic() - started < 4
    assert "run_timeout" in done.err or phase == "handshake"


def test_non_blocking_input(program, clear_host):
    """Somebody who shares it may have made it so; it is waited for all the same."""
    program.account(clear_host)
    read, write = os.pipe()
    os.set_blocking(read, False)
    running = subprocess.Popen([program.path, "-C", program.config, "b@y.example"], stdin=read,
                               env=program.environment())
    for piece in (b"Subject: t\n\n", b"hello\n"):
        os.write(write, piece)
        select.select([], [], [], 0.05)
    os.close(write)
    assert running.wait(30) == 0
    os.close(read)
    assert clear_host.wait_message().content.endswith(b"\r\n\r\nhello\r\n")


def test_silence_after_rset(program):
    """Nobody needs that reply: the result is known."""
    script = parse_text("S: 220 hi\nC: EHLO localhost\nS: 250 hi\nC: MAIL FROM:<a@x.example>\n"
                        "S: 250 ok\nC: RCPT TO:<b@y.example>\nS: 550 5.1.1 no\nC: RSET\n")
    with FakeServer(script) as server:
        program.write_config(f"account default\nhost localhost\nport {server.port}\n"
                             "from a@x.example\ntimeout 60\n")
        started = time.monotonic()
        assert program("b@y.example").returncode == 67
        assert time.monotonic() - started < 8


def test_verbose_goes_to_standard_error(program, clear_host):
    program.account(clear_host)
    done = program("-v", "b@y.example")
    assert (done.returncode, done.out) == (0, "")
    lines = done.err.splitlines()
    assert re.fullmatch(r" *\d\.\d{3} \*\* connected to 127\.0\.0\.1", lines[0])
    assert re.match(r" *\d\.\d{3} <- 220", lines[1])
    assert re.search(r" -> MAIL FROM:<a@x\.example>( SIZE=\d+)?\n", done.err)
    assert lines[-1].startswith("postrider: accepted: 250")


def test_server_text_is_made_printable(program, clear_host):
    clear_host.data_reply = "554 5.6.0 \x1b[31mred\x07 \u202e"
    program.account(clear_host)
    done = program("b@y.example")
    assert done.returncode == 65
    assert "\x1b" not in done.err and "\x07" not in done.err
    assert "\\x1B[31mred\\x07" in done.err


def at_a_terminal(program, typed, *args):
    """Run with a terminal as standard input, into which that is typed; the exit status."""
    try:
        leader, terminal = os.openpty()
    except OSError:
        pytest.skip("there are no terminals here")
    running = subprocess.Popen([program.path, "-C", program.config, *args, "b@y.example"],
                               stdin=terminal, env=program.environment(),
                               stderr=subprocess.DEVNULL)
    os.close(terminal)
    os.write(leader, typed)
    status = running.wait(30)
    os.close(leader)
    return status


def test_lone_dot_ends_at_a_terminal(program, clear_host):
    program.account(clear_host)
    assert at_a_terminal(program, b"Subject: t\n\nhi\n.\n") == 0
    assert clear_host.wait_message().content.endswith(b"\r\n\r\nhi\r\n")


def test_lone_dot_is_text_with_i(program, clear_host):
    program.account(clear_host)
    assert at_a_terminal(program, b"Subject: t\n\nhi\n.\n\x04", "-i") == 0
    assert clear_host.wait_message().content.endswith(b"\r\n\r\nhi\r\n.\r\n")
