# SPDX-License-Identifier: MIT
"""Where passwords come from, and where they never go."""

import base64
import os
import signal
import time

import pytest

from fakeserver import FakeServer, parse_text

PLANTED = "pl4nted-s3cret/+"


def traces_of(secret):
    """The secret in the forms in which it could leak."""
    raw = secret.encode()
    forms = {raw, raw.hex().encode()}
    for lead in (b"", b"x", b"xx", b"\0joe\0"):
        text = base64.b64encode(lead + raw)
        forms.add(text[4:-4] if lead else text[:-4])
    return forms


@pytest.mark.parametrize("mech", ["plain", "login"])
def test_conversation_hides_it(program, safe_host, certs, mech):
    program.account(safe_host, f"auth {mech}", f"password {PLANTED}", certs=certs)
    done = program("-v", "b@y.example")
    assert done.returncode == 77  # the smarthost wants another one
    shown = (done.err + done.out).encode()
    assert f"-> AUTH {mech.upper()}" in done.err and "(hidden)" in done.err
    assert not [form for form in traces_of(PLANTED) if form in shown]
    assert "check user and password" in done.err


ECHO = """
! auth {auth}
S: 220 hi
C: EHLO client.example
S: 250-hi
S: 250 AUTH PLAIN LOGIN
"""


@pytest.mark.parametrize("shown", [200, 40, 22])
@pytest.mark.parametrize("verbose", [[], ["-v"]])
def test_server_that_quotes_what_it_refuses(program, shown, verbose):
    line = "AUTH PLAIN " + base64.b64encode(f"\0joe\0{PLANTED}".encode()).decode()
    script = ECHO.format(auth="plain") + f"! password {PLANTED}\nC: {line}\n" \
        f'S: 500 5.5.1 Command unrecognized: "{line[:shown]}"\n'
    with FakeServer(parse_text(script)) as server:
        program.write_config(f"account default\nhost localhost\nport {server.port}\n"
                             "from a@x.example\ndomain client.example\nuser joe\n"
                             f"password {PLANTED}\n")
        done = program(*verbose, "b@y.example")
        assert server.wait() == []
    assert done.returncode == 77
    assert 'Command unrecognized: "AUTH PLAIN (hidden)' in done.err
    assert not [form for form in traces_of(PLANTED) if form[:8] in done.stderr]
    assert line[11:19] not in done.err


def test_password_from_a_command(program, safe_host, certs):
    program.account(safe_host, certs=certs)
    text = program.config.read_text().replace("password secret", "passwordeval echo secret")
    program.write_config(text)
    done = program("b@y.example", message=b"Subject: t\n\n" + b"line\n" * 1000)
    assert (done.returncode, done.err) == (0, "")
    assert safe_host.wait_message().content.count(b"line\r\n") == 1000


HELPERS = {
    "fails": ("echo secret; exit 3", 78, "it failed with exit status 3"),
    "temporary": ("exit 75", 75, "it reports a temporary failure"),
    "prints-nothing": ("true", 78, "it printed nothing"),
    "empty-line": ("echo; echo secret", 78, "it printed nothing"),
    "nul": ("printf 'a\\0b\\n'", 78, "it printed a NUL"),
    "endless-line": ("head -c 200000 /dev/zero | tr '\\0' x", 78, "its first line is longer than 65536"),
    "killed": ("kill -9 $$", 78, "it was killed by signal 9"),
    "not-there": ("/nonexistent/helper", 78, "it failed with exit status 127"),
}


@pytest.mark.parametrize("name", HELPERS)
def test_bad_helper(program, name):
    command, status, said = HELPERS[name]
    program.write_config("account default\nhost localhost\nport 1\nuser joe\nfrom a@x.example\n"
                         f"passwordeval {command}\n")
    done = program("b@y.example")
    assert done.returncode == status
    assert f"passwordeval: {said}" in done.err and "secret" not in done.err
    assert len(done.err.splitlines()) <= 3


def test_helper_gets_no_input_and_none_of_our_descriptors(program, tmp_path):
    out = tmp_path / "seen"
    program.write_config("account default\nhost localhost\nport 1\nuser joe\nfrom a@x.example\n"
                         f"passwordeval (cat; ls /proc/$$/fd | tr '\\n' ' ') > {out}; echo x\n")
    read, write = os.pipe()
    done = program("b@y.example", message=b"Subject: t\n\nhello\n", pass_fds=[read])
    os.close(read)
    os.close(write)
    assert done.returncode == 75  # nobody listens at port 1
    assert out.read_text().split() in (["0", "1", "2"], ["0", "1", "10", "2"])


def test_helper_that_leaves_others_behind(program, clear_host, tmp_path):
    """What it started may go on and hold the pipe: the password is there."""
    pid = tmp_path / "pid"
    program.account(clear_host, "auth off", "user joe")
    program.write_config(program.config.read_text().replace("auth off", "")
                         + f"passwordeval echo secret; sleep 50 2>/dev/null & echo $! > {pid}\n")
    started = time.monotonic()
    done = program("b@y.example")
    assert done.returncode == 69 and "does not offer AUTH" in done.err
    assert time.monotonic() - started < 20
    os.kill(int(pid.read_text()), signal.SIGKILL)


@pytest.mark.parametrize("command", [
    "echo secret; head -c 300000 /dev/zero | tr '\\0' x",
    "printf secret", "echo secret; exec >&-; true", "printf 'secret\\r\\nuser: joe\\n'"])
def test_only_the_first_line_counts(program, safe_host, certs, command):
    program.account(safe_host, certs=certs)
    text = program.config.read_text().replace("password secret", f"passwordeval {command}")
    program.write_config(text)
    done = program("b@y.example", timeout=20)
    assert (done.returncode, done.err) == (0, "")


@pytest.mark.parametrize("mech", ["plain", "login"])
def test_empty_password(program, safe_host, certs, mech):
    """An empty line answers the prompt (RFC 4954 section 4); that it is wrong is the server's word."""
    program.account(safe_host, f"auth {mech}", 'password ""', certs=certs)
    done = program("b@y.example")
    assert done.returncode == 77, done.err


def test_no_password_at_all(program):
    program.write_config("account default\nhost localhost\nport 1\nuser joe\nfrom a@x.example\n")
    done = program("b@y.example")
    assert done.returncode == 78
    assert "auth is on and no password was found" in done.err and "passwordeval" in done.err


def test_it_is_not_in_the_environment_or_arguments_of_helpers(program, tmp_path):
    out = tmp_path / "seen"
    program.write_config(
        "account default\nhost localhost\nport 1\nuser joe\nfrom a@x.example\n"
        f"passwordeval (env; tr '\\0' ' ' < /proc/$PPID/cmdline) > {out}; echo {PLANTED}\n")
    assert program("b@y.example").returncode == 75
    assert PLANTED not in out.read_text()


def test_too_long_for_auth(program, safe_host, certs):
    program.account(safe_host, "password " + "x" * 20000, certs=certs)
    done = program("b@y.example")
    assert done.returncode == 78
    assert "user and password are too long" in done.err
