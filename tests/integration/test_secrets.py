# SPDX-License-Identifier: MIT
"""Where passwords come from, and where they never go."""

import base64
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import time
import urllib.parse

import pytest

from fakeserver import FakeServer, parse_text
from smarthost import Smarthost
from stageserver import StageServer

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


@pytest.mark.parametrize("account", ["password wrong", "password_file {home}/other",
                                     "passwordeval echo wrong; touch {home}/ran"])
@pytest.mark.parametrize("given", ["--password-file={home}/right", "--passwordeval=echo secret"])
def test_e1_a_source_on_the_command_line_comes_first(program, safe_host, certs, account, given):
    """Whatever the account says; what it names is not even looked at."""
    (program.home / "right").write_text("secret\n")
    (program.home / "right").chmod(0o600)
    (program.home / "other").write_text("wrong\n")
    (program.home / "other").chmod(0o600)
    program.account(safe_host, certs=certs)
    text = program.config.read_text().replace("password secret", account.format(home=program.home))
    program.write_config(text)
    done = program(given.format(home=program.home), "b@y.example")
    assert (done.returncode, done.err) == (0, "")
    assert not (program.home / "ran").exists()


ECHO = """
! auth {auth}
S: 220 hi
C: EHLO client.example
S: 250-hi
S: 250 AUTH PLAIN LOGIN
"""


@pytest.mark.parametrize("before", ["", "x", "xx", "xxx"])
def test_server_that_encodes_it_anew(program, before):
    """In base64, wherever it begins there."""
    line = "AUTH PLAIN " + base64.b64encode(f"\0joe\0{PLANTED}".encode()).decode()
    told = base64.b64encode((before + PLANTED + "yy").encode()).decode()
    script = ECHO.format(auth="plain") + f"! password {PLANTED}\nC: {line}\nS: 535 5.7.8 no {told}\n"
    with FakeServer(parse_text(script)) as server:
        program.write_config(f"account default\nhost localhost\nport {server.port}\n"
                             "from a@x.example\ndomain client.example\nuser joe\n"
                             f"password {PLANTED}\n")
        done = program("b@y.example")
        assert server.wait() == []
    assert done.returncode == 77 and "535 5.7.8 no (hidden)" in done.err


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
def test_arg_08_bad_helper(program, name):
    command, status, said = HELPERS[name]
    program.write_config("account default\nhost localhost\nport 1\nuser joe\nfrom a@x.example\n"
                         f"passwordeval {command}\n")
    done = program("b@y.example")
    assert done.returncode == status
    assert f"passwordeval: {said}" in done.err and "secret" not in done.err
    assert len(done.err.splitlines()) <= 3


@pytest.mark.parametrize("noise", ["echo noise >/dev/stderr", "echo noise >>/dev/stderr",
                                   "head -c 70000 /dev/zero >&2"])
def test_arg_08_helper_that_says_more(program, safe_host, certs, noise):
    """Who reads our standard error takes any text as failure; the helper is not held up."""
    program.account(safe_host, certs=certs)
    program.write_config(program.config.read_text().replace(
        "password secret", f"passwordeval {noise} && echo secret"))
    done = program("b@y.example")
    assert (done.returncode, done.out, done.err) == (0, "", "")


@pytest.mark.parametrize("command, shown", [
    ("echo why >/dev/stderr; exit 1", ["why"]), (r"printf 'a\r\n\nb' >&2; exit 1", ["a", "b"]),
    (r"printf '\033[31mred\007\n' >&2; false", [r"\x1B[31mred\x07"]),
    ("printf 'é%.0s' $(seq 200) >&2; false", ["é" * 120, "é" * 80]),
    ("head -c 70000 /dev/zero | tr '\\0' x >&2; false", ["x" * 240] * 68 + ["x" * 64])])
def test_arg_08_what_a_failed_helper_said(program, command, shown):
    """It is made printable, and not shown where nothing is to be."""
    program.write_config("account default\nhost localhost\nport 1\nuser joe\nfrom a@x.example\n"
                         f"passwordeval {command}\nlogfile {program.home}/log\n")
    done = program("b@y.example")
    assert done.returncode == 78 and "passwordeval: it failed with" in done.err
    said = done.err.splitlines()
    assert said[:len(shown)] == shown and said[len(shown)].startswith("postrider: account ")
    log = (program.home / "log").read_text()
    assert "it failed with" in log and not [line for line in shown if line in log and line[1:]]
    assert program("-oeq", "b@y.example").err == ""


def test_arg_08_no_input_and_none_of_our_descriptors(program, tmp_path):
    out = tmp_path / "seen"
    program.write_config("account default\nhost localhost\nport 1\nuser joe\nfrom a@x.example\n"
                         f"passwordeval (cat; ls /proc/$$/fd) > {out}; echo x\n")
    read, write = os.pipe()
    done = program("b@y.example", message=b"Subject: t\n\nhello\n", pass_fds=[read])
    os.close(read)
    os.close(write)
    assert done.returncode == 75  # nobody listens at port 1
    assert out.read_text().split() in (["0", "1", "2"], ["0", "1", "10", "2"])


def test_a_kernel_that_lacks_what_helpers_are_run_with(program, tmp_path):
    """Linux before 5.3 has no pidfd_open(), before 5.11 no close_range() that marks."""
    if not shutil.which("strace"):
        pytest.skip("strace is not installed")
    out = tmp_path / "seen"
    program.write_config("account default\nhost localhost\nport 1\nuser joe\nfrom a@x.example\n"
                         f"passwordeval ls /proc/$$/fd > {out}; echo x\n")
    read, write = os.pipe()
    done = subprocess.run(
        ["strace", "-qq", "-o", "/dev/null", "-e", "inject=close_range,pidfd_open:error=ENOSYS",
         program.path, "-C", program.config, "b@y.example"], input=b"Subject: t\n\nhello\n",
        capture_output=True, env=program.environment(), pass_fds=[read], check=False, timeout=60)
    os.close(read)
    os.close(write)
    if b"ptrace" in done.stderr or done.returncode == 1:
        pytest.skip("nothing can be traced here")
    assert done.returncode == 75, done.stderr
    assert out.read_text().split() in (["0", "1", "2"], ["0", "1", "10", "2"])


def test_arg_08_helper_that_leaves_others_behind(program, clear_host, tmp_path):
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
def test_arg_08_only_the_first_line_counts(program, safe_host, certs, command):
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


def test_arg_08_environment(program, tmp_path):
    """It is ours, and nothing secret is in it, nor in our arguments."""
    out = tmp_path / "seen"
    program.write_config(
        "account default\nhost localhost\nport 1\nuser joe\nfrom a@x.example\n"
        f"passwordeval (env; tr '\\0' ' ' < /proc/$PPID/cmdline) > {out}; echo {PLANTED}\n")
    assert program("b@y.example", env={"PLANTED": "here"}).returncode == 75
    seen = out.read_text()
    assert "PLANTED=here" in seen and f"HOME={program.home}" in seen
    assert PLANTED not in seen and "password" not in seen.replace("passwordeval", "")


def test_too_long_for_auth(program, safe_host, certs):
    program.account(safe_host, "password " + "x" * 20000, certs=certs)
    done = program("b@y.example")
    assert done.returncode == 78
    assert "user and password are too long" in done.err


def test_arg_08_killed_with_what_it_started(program, tmp_path):
    """At the limit of output; the limit of time is the same thing (tests/unit/test_proc.c)."""
    pids = tmp_path / "pids"
    program.write_config(
        "account default\nhost localhost\nport 1\nuser joe\nfrom a@x.example\npasswordeval "
        f"sleep 600 & echo $! > {pids}; (setsid sleep 600 & echo $! >> {pids}); "
        "head -c 200000 /dev/zero\n")
    done = program("b@y.example")
    assert done.returncode == 78 and "longer than 65536" in done.err
    for pid in pids.read_text().split():
        assert not pathlib.Path("/proc", pid).exists()


def test_arg_08_ignored_signals_are_not_inherited(program, tmp_path):
    out = tmp_path / "seen"
    program.write_config(
        "account default\nhost localhost\nport 1\nuser joe\nfrom a@x.example\n"
        f"passwordeval grep SigIgn /proc/self/status > {out}; echo x\n")
    assert program("b@y.example").returncode == 75
    ordinary = 2 ** 31 - 1  # libc has two of its own above
    assert int(out.read_text().split()[1], 16) & ordinary == 0


def file_account(program, host, certs, text, mode=0o600):
    """An account whose password is in a file with that text; the file."""
    path = program.home / "password file"
    path.write_bytes(text)
    path.chmod(mode)
    program.account(host, "password_file ~/password file", certs=certs)
    lines = program.config.read_text().replace("password secret\n", "")
    program.write_config(lines)
    return path


@pytest.mark.parametrize("text", [b"secret", b"secret\n", b"secret\r\n", b"secret\nmore\n\0",
                                  b"secret\n" + b"x" * 60000])
@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_password_file(program, safe_host, certs, text, mode):
    file_account(program, safe_host, certs, text, mode)
    done = program("b@y.example")
    assert (done.returncode, done.err) == (0, "")
    assert "password_file ~" not in program("-P").out
    assert f"password_file {program.home}/password file" in program("-P").out


FILES = {
    "empty": (b"", "its first line is empty"),
    "empty-line": (b"\nsecret\n", "its first line is empty"),
    "nul": (b"sec\0ret\n", "its first line has a NUL"),
    "too-long": (b"x" * 70000, "larger than"),
    "line-too-long": (b"x" * 68000 + b"\n", "too long"),
}


@pytest.mark.parametrize("name", FILES)
def test_bad_password_file(program, safe_host, certs, name):
    text, wanted = FILES[name]
    path = file_account(program, safe_host, certs, text)
    done = program("b@y.example")
    assert done.returncode == 78
    assert f"password_file: {path}: " in done.err and wanted in done.err
    assert safe_host.auth_lines == []


def test_missing_password_file(program, safe_host, certs):
    file_account(program, safe_host, certs, b"").unlink()
    done = program("b@y.example")
    assert done.returncode == 78 and "No such file" in done.err and "chmod 600" in done.err


def test_password_file_that_is_a_folder(program, safe_host, certs):
    path = file_account(program, safe_host, certs, b"")
    path.unlink()
    path.mkdir()
    assert program("b@y.example").returncode == 78


@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666])
def test_password_file_that_others_can_change(program, safe_host, certs, mode):
    path = file_account(program, safe_host, certs, b"secret", mode)
    done = program("b@y.example")
    assert done.returncode == 78
    assert "others can change it" in done.err and f"run: chmod go-w '{path}'\n" in done.err


def unprivileged(program):
    """Keyword arguments that run the program as nobody, whose home it is."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    program.open_to_all()
    for path in program.home.rglob("*"):
        os.chown(path, nobody.pw_uid, nobody.pw_gid)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o610])
def test_sec_05_password_file_that_others_can_read(program, clear_host, mode):
    path = file_account(program, clear_host, None, b"secret", mode)
    program.write_config(program.config.read_text() + "user joe\n")
    done = program("b@y.example", **unprivileged(program))
    assert done.returncode == 78
    assert f"others may read it (mode {mode:o})" in done.err
    assert f"run: chmod 600 '{path}'\n" in done.err


def test_password_file_that_is_not_ours_to_read(program, clear_host):
    path = file_account(program, clear_host, None, b"secret")
    program.write_config(program.config.read_text() + "user joe\n")
    more = unprivileged(program)
    if not more:
        pytest.skip("needs root")
    os.chown(path, 0, 0)
    done = program("b@y.example", **more)
    assert done.returncode == 78 and "Permission denied" in done.err


@pytest.mark.parametrize("lines, wanted", [
    (["password right", "password_file /nonexistent", "passwordeval exit 1"], "right"),
    (["password_file ~/good", "passwordeval exit 1"], "good"),
    (["passwordeval echo eval"], "eval")])
def test_order_of_the_sources(program, certs, lines, wanted):
    """The first that is configured counts; the others are not looked at."""
    (program.home / "good").write_text("good\n")
    (program.home / "good").chmod(0o600)
    with Smarthost(certs, password=wanted) as host:
        program.account(host, *lines, certs=certs)
        text = program.config.read_text().replace("password secret\n", "")
        program.write_config(text)
        done = program("b@y.example")
    assert (done.returncode, done.err) == (0, "")


def test_failed_source_is_not_passed_over(program, safe_host, certs):
    path = file_account(program, safe_host, certs, b"")
    program.write_config(program.config.read_text() + "passwordeval echo secret\n")
    done = program("b@y.example")
    assert done.returncode == 78 and str(path) in done.err


def test_sec_01_no_option_for_the_password(program, tmp_path):
    """There is none, and nothing of it stands in arguments or environment while we run."""
    out = tmp_path / "seen"
    program.write_config("account default\nhost localhost\nport 1\nfrom a@x.example\nuser joe\n")
    for option in (f"--password={PLANTED}", f"--pass={PLANTED}"):
        assert program(option, "b@y.example").returncode == 64
    program.write_config(
        program.config.read_text() + "passwordeval cat /proc/$PPID/cmdline /proc/$PPID/environ "
        f"> {out}; echo {PLANTED}\n")
    assert program("b@y.example").returncode == 75
    assert b"b@y.example" in out.read_bytes() and PLANTED.encode() not in out.read_bytes()


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN", "SCRAM-SHA-256", "SCRAM-SHA-1",
                                       "CRAM-MD5"])
@pytest.mark.parametrize("good", [True, False])
def test_sec_02_no_output_tells_it(program, certs, mechanism, good):
    """Raw, in base64 at each offset, in hexadecimal, quoted for URLs: in no output of any kind."""
    with Smarthost(certs, mechanisms=(mechanism,), password=PLANTED if good else "x") as host:
        program.account(host, f"auth {mechanism}", f"password {PLANTED}", certs=certs)
        runs = [program("-v", "b@y.example"), program("b@y.example"), program("-P")]
    assert [done.returncode for done in runs] == ([0, 0, 0] if good else [77, 77, 0])
    forms = traces_of(PLANTED) | {urllib.parse.quote(PLANTED, safe="").encode(),
                                  PLANTED.encode().hex().upper().encode()}
    for done in runs:
        assert not [form for form in forms if form in done.stdout + done.stderr]


def test_sec_03_no_core_and_no_tracer(program, clear_host, tmp_path):
    """From before the helper runs, no one of the same user can look into our memory."""
    out = tmp_path / "seen"
    program.account(clear_host, "user joe", "passwordeval (grep core /proc/$PPID/limits; "
                    f"cat /proc/$PPID/environ && echo readable) > {out} 2>&1; echo x")
    out.touch()
    assert program("b@y.example", **unprivileged(program)).returncode == 69  # no AUTH there
    limits, *rest = out.read_text().splitlines()
    assert limits.split()[4:6] == ["0", "0"]
    assert "readable" not in rest


@pytest.mark.parametrize("password", ["", "x", PLANTED, "x" * 700])
def test_sec_09_error_is_the_same_for_every_password(program, certs, password):
    with Smarthost(certs) as host:
        program.account(host, f'password "{password}"', certs=certs)
        done = program("b@y.example")
    assert done.returncode == 77
    assert done.err.splitlines() == [
        "postrider: account default: authentication failed",
        "  the server said: 535 5.7.8 Authentication credentials invalid",
        f"  hint: check user and password: postrider -C {program.config} -P -a default shows the "
        "line user; the password is from the line password"]


@pytest.mark.parametrize("source, said", [
    ("password wrong", "the line password"), ("password_file {home}/file", "the line password_file"),
    ("passwordeval echo wrong", "the line passwordeval"), ("", "~/.netrc"),
    ("credential", "the systemd credential")])
def test_d12_where_the_wrong_password_is_from(program, certs, source, said):
    """The source is named that was used, not those that could have been."""
    home = program.home
    for name, text in (("file", "wrong\n"), (".netrc", "machine localhost login joe password wrong\n"),
                       ("postrider", "wrong")):
        (home / name).write_text(text)
        (home / name).chmod(0o600)
    with Smarthost(certs) as host:
        program.account(host, certs=certs)
        line = "" if source == "credential" else source.format(home=home)
        program.write_config(program.config.read_text().replace("password secret", line))
        env = {"CREDENTIALS_DIRECTORY": str(home)} if source == "credential" else {}
        done = program("b@y.example", env=env)
    assert done.returncode == 77
    assert f"the password is from {said}\n" in done.err, done.err


@pytest.mark.parametrize("option, said", [
    ("--passwordeval=echo wrong", "the option --passwordeval"),
    ("--password-file={home}/file", "the option --password-file")])
def test_d12_the_wrong_password_is_from_an_option(program, certs, option, said):
    file = program.home / "file"
    file.write_text("wrong\n")
    file.chmod(0o600)
    with Smarthost(certs) as host:
        program.account(host, certs=certs)
        done = program(option.format(home=program.home), "b@y.example")
    assert done.returncode == 77 and f"the password is from {said}\n" in done.err, done.err


@pytest.mark.parametrize("option, said", [
    ("--passwordeval=false", "--passwordeval: "), ("--password-file=/none/x", "the option --password-file=FILE"),
    ("--passwordeval=", "give --passwordeval a command"), ("--password-file=", "--password-file a file")])
def test_d13_an_option_that_gives_no_password(program, certs, option, said):
    """The advice is about the option: the account's own password is not used, and not shown."""
    with Smarthost(certs) as host:
        program.account(host, certs=certs)
        done = program(option, "b@y.example")
    assert done.returncode == 78 and said in done.err, done.err
    assert " -P" not in done.err and "line password_file" not in done.err and not host.messages


@pytest.mark.parametrize("name", ["PASSWORD", "POSTRIDER_PASSWORD", "SMTP_PASSWORD"])
def test_sec_10_environment_is_no_source(program, name):
    program.write_config("account default\nhost localhost\nport 1\nuser joe\nfrom a@x.example\n")
    assert program("b@y.example", env={name: "secret"}).returncode == 78


def test_sec_02_a_server_that_repeats_the_password_does_not_publish_it(program):
    with StageServer() as server:
        server.stage, server.reply = "auth", b"535 5.7.8 joe/pass-word-1 is wrong, pass-word-1!"
        server.keywords = (b"AUTH PLAIN",)
        program.write_config("account default\nhost localhost\nfrom a@x.example\nuser joe\n"
                             f"password pass-word-1\nport {server.port}\ntls off\n"
                             f"logfile {program.home}/log\n")
        done = program("-v", "--json", "b@y.example")
        assert done.returncode == 77 and "joe/(hidden) is wrong, (hidden)!" in done.err
        for text in (done.err, done.out, (program.home / "log").read_text()):
            assert "pass-word-1" not in text


def test_sec_02_secrets_of_an_earlier_mechanism_are_hidden_too(program):
    password = base64.b64encode(b"pass-word-1")
    with StageServer() as server:
        server.stage, server.keywords = "auth", (b"AUTH PLAIN LOGIN",)
        server.replies = [b"504 5.5.4 not PLAIN",
                          b"535 5.7.8 " + base64.b64encode(b"\0joe\0pass-word-1") + b" " + password]
        program.write_config("account default\nhost localhost\nfrom a@x.example\nuser joe\n"
                             f"password pass-word-1\nport {server.port}\ntls off\n")
        done = program("-v", "b@y.example")
        assert done.returncode == 77 and "535 5.7.8 (hidden) (hidden)" in done.err
        assert base64.b64encode(b"\0joe\0pass-word-1").decode() not in done.err


# --- calls that never fail, and do -------------------------------------------------------------

@pytest.fixture(name="odd")
def fixture_odd(program, preload):
    """A function: a run in which such a call fails."""
    libraries = preload("odd_calls", "fast_clock")

    def run(call, *args):
        return program(*args, env={"LD_PRELOAD": libraries, "ODD_CALLS": call, "FAST_CLOCK": "100"})
    return run


def test_e9_a_helper_without_a_pipe_is_not_run(program, odd, clear_host):
    """Or the password would be on our standard output."""
    program.account(clear_host, "auth plain", "user joe", f"passwordeval echo {PLANTED}")
    done = odd("spawn", "b@y.example")
    assert done.returncode == 71
    assert PLANTED not in done.out + done.err and "/bin/sh" in done.err


def test_e10_a_file_that_never_gives_anything(program, odd, clear_host):
    """poll() says that there is something to read: the wait ends all the same."""
    (program.home / "stuck").write_text("secret\n")
    (program.home / "stuck").chmod(0o600)
    program.account(clear_host, "auth plain", "user joe", f"password_file {program.home}/stuck")
    done = odd("read", "b@y.example")
    assert done.returncode == 78 and "nothing came in time" in done.err


# --- helpers and the terminal --------------------------------------------------------------------

@pytest.mark.parametrize("given", [None, "/dev/pts/9999"])
def test_e15_gpg_tty(program, terminal, clear_host, given):
    """A helper is told where the person sits, unless the environment says it."""
    out = program.home / "out"
    program.account(clear_host, "auth plain", "user joe", f"passwordeval echo $GPG_TTY > {out}; echo x")
    with open("/dev/null", "wb") as nothing:
        run = terminal.start([program.path, "-C", str(program.config), "b@y.example"],
                             program.environment(GPG_TTY=given), b"Subject: t\\n\\nhi\\n",
                             stdout=nothing)
    run.wait(timeout=30)
    assert out.read_text().strip() == (given or os.ttyname(terminal.fd))


def test_e15_no_terminal(program, clear_host):
    out = program.home / "out"
    program.account(clear_host, "auth plain", "user joe", f"passwordeval echo +$GPG_TTY > {out}; echo x")
    program("b@y.example", start_new_session=True)
    assert out.read_text() == "+\n"
