# SPDX-License-Identifier: MIT
"""What a core of the process would hold, stopped at several points: no secret.

The memory is read from outside, as a debugger would dump it: all of it but the pages that the
process keeps out of dumps. Core files and debuggers of the same user are refused besides that.
"""

import base64
import contextlib
import os
import pathlib
import shutil
import signal
import subprocess
import time

import pytest

from silentserver import SilentServer
from smarthost import Smarthost

PLANTED = "pl4nted-S3cret-0123456789"
POLL = ("7 ", "271 ")  # poll, ppoll on x86-64
POINTS = {"secret-read": "handshake", "handshake": "greeting", "auth-sent": "auth",
          "message-sent": "final"}


def forms(secret):
    """The secret as it is, and in base64 at each offset that it can have."""
    raw = secret.encode()
    found = {raw, raw.hex().encode()}
    for lead in range(3):
        found.add(base64.b64encode(b"x" * lead + raw)[4 if lead else 0:-4])
    return found


@contextlib.contextmanager
def stopped(process):
    """The process, waiting in poll() and stopped there."""
    folder = pathlib.Path("/proc", str(process.pid))
    limit = time.monotonic() + 20
    while not (folder / "syscall").read_text().startswith(POLL):
        assert time.monotonic() < limit and process.poll() is None
        os.sched_yield()
    process.send_signal(signal.SIGSTOP)
    os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WNOWAIT)
    try:
        yield folder
    finally:
        process.send_signal(signal.SIGCONT)


def dumped_pages(folder):
    """The memory that would be in a core: (name, octets) of each mapping; `locked` beside it."""
    mapping, locked = None, 0
    with open(folder / "mem", "rb", buffering=0) as memory:
        for line in (folder / "smaps").read_text().splitlines():
            words = line.split()
            if "-" in words[0] and not words[0].endswith(":"):
                mapping = words
            elif words[0] == "VmFlags:":
                locked += "lo" in words and "dd" in words
                if "dd" in words or "r" not in mapping[1] or mapping[-1] in ("[vvar]", "[vsyscall]"):
                    continue
                start, end = (int(part, 16) for part in mapping[0].split("-"))
                memory.seek(start)
                yield mapping[-1], memory.read(end - start)
    assert locked, "no page is locked and kept out of dumps"


@pytest.mark.parametrize("auth", ["plain", "login"])
@pytest.mark.parametrize("source", ["line", "file", "eval", "netrc"])
@pytest.mark.parametrize("point", POINTS)
def test_sec_03_no_secret_in_a_core(program, certs, sanitized, point, source, auth):
    if os.getuid() != 0:
        pytest.skip("only root can look into this process")
    if sanitized:
        pytest.skip("the sanitizer keeps what was freed")
    if point == "auth-sent" and auth == "login":
        pytest.skip("LOGIN has not sent the password then")
    kept = program.home / ".netrc" if source == "netrc" else program.home / "kept"
    kept.write_text(f"machine localhost login joe password {PLANTED}\n" if source == "netrc"
                    else PLANTED + "\n")
    kept.chmod(0o600)
    line = {"line": f"password {PLANTED}", "file": f"password_file {kept}",
            "eval": f"passwordeval cat {kept}", "netrc": ""}[source]
    with SilentServer(POINTS[point], tls="on", certs=certs) as server:
        program.write_config(
            f"account default\nhost localhost\nport {server.port}\ntls on\ntls_starttls off\n"
            f"tls_trust_file {certs['ca']}\nfrom a@x.example\nuser joe\nauth {auth}\n{line}\n")
        with subprocess.Popen(
                [program.path, "-C", program.config, "-v", "b@y.example"], stdin=subprocess.PIPE,
                stderr=subprocess.PIPE, env=program.environment()) as process:
            process.stdin.write(b"Subject: t\n\nhello\n")
            process.stdin.close()
            assert server.reached.wait(20)
            with stopped(process) as folder:
                found = [(name, form) for name, octets in dumped_pages(folder)
                         for form in forms(PLANTED) if form in octets]
                told = (folder / "cmdline").read_bytes() + (folder / "environ").read_bytes()
            process.kill()
            told += process.stderr.read()
    assert found == []
    assert not [form for form in forms(PLANTED) if form in told]


@pytest.mark.parametrize("source", ["file", "eval"])
@pytest.mark.parametrize("auth", ["plain", "scram"])
def test_sec_02_no_secret_in_system_calls(program, certs, source, auth):
    """It is read from where it is, and stands in nothing that is written or executed."""
    if not shutil.which("strace"):
        pytest.skip("strace is not installed")
    kept, trace = program.home / "kept", program.home / "trace"
    kept.write_text(PLANTED + "\n")
    kept.chmod(0o600)
    line = {"file": f"password_file {kept}", "eval": f"passwordeval cat {kept}"}[source]
    with Smarthost(certs, password=PLANTED, mechanisms=(
            "PLAIN", "SCRAM-SHA-256")) as host:
        program.account(host, f"auth {auth}", line, f"logfile {program.home}/log", certs=certs)
        program.write_config(program.config.read_text().replace("password secret\n", ""))
        done = subprocess.run(
            ["strace", "-f", "-qq", "-v", "-s", "100000", "-x", "-o", trace, program.path, "-v",
             "-C", program.config, "b@y.example"], input=b"Subject: t\n\nhello\n",
            capture_output=True, env=program.environment(), check=False, timeout=60)
        if b"ptrace" in done.stderr or done.returncode == 1:
            pytest.skip("nothing can be traced here")
        assert done.returncode == 0 and len(host.messages) == 1, done.stderr
    calls = [call.split(None, 1)[1] for call in trace.read_text().splitlines()
             if any(form.decode() in call for form in forms(PLANTED))]
    reading = ("read(", "pread64(", "<... read resumed>")
    allowed = (*reading, "write(1,") if source == "eval" else reading  # cat writes it, to us
    assert calls and all(call.startswith(allowed) for call in calls), calls
