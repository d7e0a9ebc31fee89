# SPDX-License-Identifier: MIT
"""What is told of a message beside standard error: logs, --json, --dry-run."""

import email
import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import threading
import time

import pytest

from privileged import skip_where_forbidden
from smarthost import Smarthost

TIME = r"[A-Z][a-z]{2} \d\d \d\d:\d\d:\d\d "


def logged(program):
    """The lines of the log file, each as a dict of its values."""
    lines = (program.home / "log").read_text().splitlines()
    return [dict(word.partition("=")[::2] for word in shlex.split(re.sub("^" + TIME, "", line)))
            for line in lines]


def account(program, host, *more):
    """An account with a log file."""
    program.account(host, f"logfile {program.home}/log", *more)


def test_a_line_for_what_was_accepted(program, clear_host):
    account(program, clear_host)
    assert program("b@y.example", "c@y.example").returncode == 0
    line = (program.home / "log").read_text()
    assert re.match(TIME, line) and line.count("\n") == 1 and len(line) <= 1100
    got = logged(program)[0]
    assert got.pop("smtpmsg") and got.pop("duration_ms").isdigit() and int(got.pop("mailsize")) > 50
    assert got.pop("address") == "127.0.0.1" and got.pop("connect_ms").isdigit()
    assert got == {"host": "localhost", "tls": "off", "auth": "off", "from": "a@x.example",
                   "recipients": "b@y.example,c@y.example", "smtpstatus": "250",
                   "exitcode": "EX_OK", "account": "default"}
    assert (program.home / "log").stat().st_mode & 0o777 == 0o600


def test_a_line_for_what_was_refused(program, clear_host):
    account(program, clear_host, "logfile_time_format none")
    clear_host.replies["b@y.example"] = "550 5.1.1 no 'such' \x1b[31m user\x9b here"
    assert program("b@y.example").returncode == 67
    got = logged(program)[0]
    assert (got["smtpstatus"], got["exitcode"]) == ("550", "EX_NOUSER")
    assert "recipient <b@y.example>" in got["errormsg"]
    raw = (program.home / "log").read_bytes()
    assert raw.count(b"\n") == 1 and b"\x1b" not in raw and b"?such?" in raw


BEFORE = {
    "no-recipient": ([], 64, "EX_USAGE", "there is no recipient"),
    "bad-address": (["b@@y"], 65, "EX_DATAERR", "recipient: address"),
    "helper": (["b@y.example", "--auth=plain", "--user=joe", "--passwordeval=exit 3"], 78,
               "EX_CONFIG", "passwordeval: it failed with exit status 3"),
    "setting": (["b@y.example", "--domain=☃"], 78, "EX_CONFIG", "not a name that may be registered"),
}


@pytest.mark.parametrize("name", BEFORE)
def test_failures_before_the_connection_are_logged(program, clear_host, name):
    args, status, code, wanted = BEFORE[name]
    account(program, clear_host)
    if not args:
        args = ["-t"]
    assert program(*args, message=b"Subject: x\n\nhi\n").returncode == status
    got = logged(program)[0]
    assert got["exitcode"] == code and wanted in got["errormsg"]
    assert "smtpstatus" not in got and not clear_host.messages


def test_mistakes_in_the_file_are_logged(program, clear_host):
    account(program, clear_host, "hots x")
    assert program("b@y.example").returncode == 78
    assert "unknown setting" in logged(program)[0]["errormsg"]


def test_defect_06_a_line_is_never_forged(program, clear_host):
    account(program, clear_host)
    assert program("-f", "a@x\nhost=forged exitcode=EX_OK", "b@y.example").returncode == 64
    assert program("-f", '"a exitcode=EX_OK b"@x.example', "b@y.example").returncode == 0
    got = logged(program)
    assert len(got) == 1 and got[0]["from"] == '"a exitcode=EX_OK b"@x.example'


def test_many_recipients_are_counted(program, clear_host):
    account(program, clear_host)
    assert program(*[f"rcpt{n}@y.example" for n in range(100)]).returncode == 0
    line = (program.home / "log").read_text()
    shown = logged(program)[0]["recipients"].split(",")
    assert len(line) <= 1100
    assert shown[-1] == f"and-{100 - len(shown) + 1}-more"


def test_json_log(program, clear_host):
    account(program, clear_host, "log_format json")
    assert program("b@y.example").returncode == 0
    assert program("b@@y").returncode == 65
    first, second = map(json.loads, (program.home / "log").read_text().splitlines())
    assert (first["outcome"], first["status_name"]) == ("accepted", "EX_OK")
    assert (second["outcome"], second["status"]) == ("not-sent", 65)


def test_standard_output_as_log(program, clear_host):
    program.account(clear_host, "logfile -", "logfile_time_format %Y")
    done = program("b@y.example")
    assert re.match(r"20\d\d host=localhost .* exitcode=EX_OK ", done.out)
    assert program("b@y.example", "-X", "/dev/null/x").returncode == 0


@pytest.mark.parametrize("kind", ["link", "fifo", "folder", "missing", "hard"])
def test_out_04_a_log_that_cannot_be_written_is_a_warning(program, clear_host, kind):
    account(program, clear_host)
    log, other = program.home / "log", program.home / "other"
    other.write_text("")
    if kind == "link":
        log.symlink_to(other)
    elif kind == "fifo":
        os.mkfifo(log)
    elif kind == "folder":
        log.mkdir()
    elif kind == "hard":
        log.hardlink_to(other)
    else:
        program.config.write_text(program.config.read_text().replace("/log", "/no/such/log"))
    done = program("b@y.example")
    assert (done.returncode, done.err) == (0, "")
    assert "the log cannot be written" in program("-v", "b@y.example").err
    assert other.read_text() == "" and len(clear_host.messages) == 2


# --- syslog ---

@pytest.fixture
def syslog(tmp_path):
    """A /dev/log of our own in a mount namespace: a function that runs with it; what it got."""
    if os.getuid() != 0:
        pytest.skip("needs the right to mount")
    path = tmp_path / "devlog"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.bind(str(path))
        sock.settimeout(20)
        yield path, sock


def with_syslog(program, path, args, argv0="postrider", message=b"hi\n"):
    """Run the program where /dev/log is the socket at path."""
    script = ('old=$HOME/dev && mkdir -p "$old" && mount --rbind /dev "$old" && mount -t tmpfs none /dev && '
              'for d in null full urandom tty; do : >/dev/$d && mount --bind "$old/$d" /dev/$d; '
              'done && : >/dev/log && mount --bind "$0" /dev/log || exit 99; name=$1; '
              'shift; exec -a "$name" "$@"')
    return subprocess.run(["unshare", "-m", "bash", "-c", script, str(path), argv0, program.path,
                           *args], input=message, capture_output=True, check=False, timeout=60,
                          env=program.environment())


def received(sock, run):
    """What the socket gets while run() runs: the lines without their time."""
    lines = []

    def listen():
        while True:
            data = sock.recv(65536)
            if data == b"stop":
                return
            lines.append(data.decode())
    thread = threading.Thread(target=listen)
    thread.start()
    done = run()
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as stop:
        stop.sendto(b"stop", sock.getsockname())
    thread.join()
    return skip_where_forbidden(done), lines


def test_out_03_syslog(program, clear_host, syslog):
    path, sock = syslog
    program.account(clear_host, "syslog LOG_LOCAL3")
    done, lines = received(sock, lambda: with_syslog(
        program, path, ["-C", program.config, "b@y.example"]))
    assert done.returncode == 0 and len(lines) == 1
    assert lines[0].startswith(f"<{19 * 8 + 6}>") and "postrider[" in lines[0]
    assert "exitcode=EX_OK" in lines[0]


def test_failures_go_to_syslog_under_the_name_sendmail(program, clear_host, syslog):
    path, sock = syslog
    for text, status in [("", 78), ("account default\nhost localhost\nfrom a@x.example\n"
                                    f"port {clear_host.port}\n", 0)]:
        program.write_config(text, path=program.home / ".msmtprc")
        done, lines = received(sock, lambda: with_syslog(
            program, path, ["-oi", "b@y.example"], argv0="/usr/sbin/sendmail"))
        assert done.returncode == status
        assert len(lines) == (1 if status else 0)
        if status:
            assert lines[0].startswith(f"<{2 * 8 + 3}>") and "exitcode=EX_CONFIG" in lines[0]


def test_a_syslog_that_nobody_reads_is_not_waited_for(program, clear_host, syslog):
    path, sock = syslog
    program.account(clear_host, "syslog on")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as filler:
        filler.setblocking(False)
        with pytest.raises(BlockingIOError):
            while True:
                filler.sendto(b"x", str(path))
    started = time.monotonic()
    done = skip_where_forbidden(
        with_syslog(program, path, ["-C", program.config, "b@y.example"]))
    assert done.returncode == 0 and time.monotonic() - started < 10
    assert sock and len(clear_host.messages) == 1


@pytest.mark.parametrize("args", [["-Z", "b@y"], ["--foo", "b@y"], ["-C/tmp/x", "b@y"], []])
def test_wrong_use_goes_to_syslog_under_the_name_sendmail(program, syslog, args):
    path, sock = syslog
    done, lines = received(sock, lambda: with_syslog(program, path, args, argv0="sendmail"))
    assert done.returncode == 64 and len(lines) == 1 and "exitcode=EX_USAGE" in lines[0]


@pytest.mark.parametrize("name, count", [("sendmail", 1), ("postrider", 0)])
def test_too_many_rights_go_to_syslog_under_the_name_sendmail(program, syslog, name, count):
    """No file may be read then, so no log of an account is known."""
    path, sock = syslog
    program.write_config("account default\nhost h\nfrom a@x.example\nsyslog on\n",
                         path=program.home / ".msmtprc")
    copy = program.home / "copy"
    shutil.copy(program.path, copy)
    os.chown(copy, 0, 65534)
    copy.chmod(0o2755)
    if os.statvfs(copy).f_flag & os.ST_NOSUID:
        pytest.skip("the file system takes no such rights")
    program.path = copy
    done, lines = received(sock, lambda: with_syslog(program, path, ["-t"], argv0=name))
    if b"LeakSanitizer has encountered a fatal error" in done.stderr:
        pytest.skip("the sanitizer cannot trace a program with such rights")
    assert done.returncode == 77 and b"or have the caller give up its own" in done.stderr
    assert len(lines) == count and all("exitcode=EX_NOPERM" in line for line in lines)


@pytest.mark.parametrize("args", [[], ["-a", "nosuch", "b@y.example"], ["--json"]])
def test_wrong_use_is_logged_where_the_log_is_known(program, clear_host, args):
    account(program, clear_host)
    more = [f"--logfile={program.home}/log"] if "-a" in args else []
    assert program(*more, *args).returncode in (64, 78)
    got = logged(program)[0]
    assert got["exitcode"] in ("EX_USAGE", "EX_CONFIG") and "\\x0A" not in str(got)


# --- --json ---

def test_json_of_wrong_use(program):
    got = json.loads(program("--json", "--bogus", "b@y.example").out)
    assert (got["status"], got["outcome"]) == (64, "not-sent")
    assert program("--json", "--dry-run", "b@y.example").returncode == 64


def test_json_is_all_there_is_on_standard_output(program, clear_host):
    program.account(clear_host, "logfile -")
    assert json.loads(program("--json", "b@y.example").out)["status"] == 0


def test_json_of_what_was_accepted(program, safe_host, certs):
    program.account(safe_host, certs=certs)
    done = program("--json", "b@y.example")
    got = json.loads(done.out)
    assert (done.returncode, done.err) == (0, "")
    assert {name: got[name] for name in ("outcome", "status", "status_name", "account", "host",
                                         "port", "mechanism", "from", "queue_id")} == {
        "outcome": "accepted", "status": 0, "status_name": "EX_OK", "account": "default",
        "host": "localhost", "port": safe_host.port, "mechanism": "PLAIN",
        "from": "a@x.example", "queue_id": None}
    assert "TLS1.3" in got["tls"] and got["reply"]["code"] == 250
    assert got["recipients"] == [{"address": "b@y.example", "fate": "accepted"}]
    assert set(got["durations_ms"]) == {"connect", "tls", "hello", "auth", "message", "all"}


def test_json_of_what_was_refused(program, clear_host):
    program.account(clear_host)
    clear_host.replies["b@y.example"] = '550 5.1.1 "no" \xff such'
    done = program("--json", "b@y.example")
    got = json.loads(done.out)
    assert (done.returncode, got["status"], got["outcome"]) == (67, 67, "refused")
    assert (got["reply"]["code"], got["reply"]["enhanced"]) == (550, "5.1.1")
    assert got["recipients"][0]["reply"]["code"] == 550
    assert got["error"]["text"] in done.err


@pytest.mark.parametrize("args, status", [(["b@@y"], 65), ([], 64), (["b@y.example", "-a", "x"], 78)])
def test_json_of_what_was_not_sent(program, clear_host, args, status):
    program.account(clear_host)
    done = program("--json", *args)
    got = json.loads(done.out)
    assert (done.returncode, got["status"], got["outcome"]) == (status, status, "not-sent")


def test_out_06_json_is_valid_for_any_octets(program, clear_host):
    program.account(clear_host)
    clear_host.replies["b@y.example"] = "554 " + "".join(map(chr, range(14, 256)))
    assert json.loads(program("--json", "b@y.example").out)["status"] == 69


def test_json_that_cannot_be_printed_changes_nothing(program, clear_host):
    program.account(clear_host)
    with open("/dev/full", "wb") as full:
        done = subprocess.run([program.path, "-C", program.config, "--json", "b@y.example"],
                              input=b"hi\n", stdout=full, stderr=subprocess.PIPE, check=False,
                              env=program.environment(), timeout=60)
    assert done.returncode == 0 and b"standard output" in done.stderr
    assert len(clear_host.messages) == 1


# --- a socket in place of a host ---

def socket_account(program, *more):
    """An account with a log file and a socket."""
    program.write_config("\n".join(["account default", "socket /run/some where/lmtp",
                                    "from a@x.example", f"logfile {program.home}/log", *more]))


def test_a_socket_in_the_log(program):
    socket_account(program, "host mail.example.org")
    assert program("b@@y").returncode == 65
    assert program("b@@y", "--log-format=json").returncode == 65
    text, line = (program.home / "log").read_text().splitlines()
    got = json.loads(line)
    assert got["socket"] == "/run/some where/lmtp" and not {"host", "port"} & got.keys()
    (program.home / "log").write_text(text + "\n")
    got = logged(program)[0]
    assert got["socket"] == "/run/some where/lmtp" and "host" not in got


def test_a_socket_in_a_dry_run(program):
    socket_account(program, "protocol lmtp")
    done = program("--dry-run", "b@y.example")
    assert (done.returncode, done.err) == (0, "")
    assert done.out.startswith("# account default: socket /run/some where/lmtp\n# MAIL FROM:")


# --- --dry-run ---

def test_dry_run(program, clear_host):
    program.account(clear_host, f"logfile {program.home}/log")
    done = program("--dry-run", "-t", message=b"From: root\nTo: x@y.example\nBcc: h@y.example\n"
                                              b"Subject: s\r\n\nhi\n.\n")
    lines = done.out.splitlines()
    assert (done.returncode, done.err) == (0, "")
    assert lines[0] == f"# account default: localhost, port {clear_host.port}"
    assert lines[1:4] == ["# MAIL FROM:<a@x.example>", "# RCPT TO:<x@y.example>",
                          "# RCPT TO:<h@y.example>"]
    message = email.message_from_string("\n".join(lines[4:]))
    assert message["From"] == "root <a@x.example>" and message["Bcc"] is None
    assert message.get_payload() == "hi\n."
    assert not clear_host.messages and not (program.home / "log").exists()


@pytest.mark.parametrize("lines, status", [
    (["auth plain", "user joe"], 78), (["auth plain", "user joe", "passwordeval exit 1"], 78),
    (["auth plain", "user joe", "passwordeval exit 75"], 75),
    (["tls on", "tls_trust_file /no/such/file"], 78)])
def test_dry_run_finds_what_a_run_would(program, clear_host, lines, status):
    program.account(clear_host, *lines)
    for args in [["--dry-run"], []]:
        assert program(*args, "b@y.example").returncode == status
    assert not clear_host.messages


def test_dry_run_says_what_is_wrong(program, clear_host):
    program.account(clear_host)
    done = program("--dry-run", "b@@y")
    assert done.returncode == 65 and done.out == "" and "address" in done.err


@pytest.mark.parametrize("learnt", ["tls_session_cache off", "pipelining off"])
@pytest.mark.parametrize("args", [[], ["-bs"]])
def test_the_log_comes_before_what_is_learnt(program, certs, learnt, args):
    """What kills the process while it keeps something of the server for later leaves the entry."""
    if not shutil.which("strace"):
        pytest.skip("strace is not installed")
    dialogue = (b"EHLO x\r\nMAIL FROM:<a@x.example>\r\nRCPT TO:<b@y.example>\r\nDATA\r\n"
                b"Subject: t\r\n\r\nhi\r\n.\r\nQUIT\r\n")
    with Smarthost(certs, tls="on") as host:
        program.account(host, f"logfile {program.home}/log", learnt, certs=certs)
        done = subprocess.run(
            ["strace", "-f", "-qq", "-o", "/dev/null",
             "-e", "inject=?rename,?renameat,?renameat2:signal=SIGKILL", program.path,
             "-C", program.config, *(args or ["b@y.example"])],
            input=dialogue if args else b"Subject: t\n\nhi\n", capture_output=True,
            env=program.environment(), check=False, timeout=60)
    if b"ptrace" in done.stderr or done.returncode == 1:
        pytest.skip("nothing can be traced here")
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert len(host.messages) == 1 and [line["exitcode"] for line in logged(program)] == ["EX_OK"]
