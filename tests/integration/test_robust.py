# SPDX-License-Identifier: MIT
"""Started with odd rights, limits, signals and input (rows PRIV, MSG, OUT): sent whole, or not at all."""

import ctypes
import functools
import itertools
import mmap
import os
import pathlib
import resource
import select
import shutil
import signal
import socket
import subprocess

import pytest

from sampling import sampled

YOU = "you@y.example"
LINES = 110000  # more than the memory that a message gets
LARGE = b"Subject: t\n\n" + b"0123456789\n" * LINES


def start(program, *args, **more):
    """Start it with the configuration of the test."""
    more.setdefault("env", program.environment())
    return subprocess.Popen([program.path, "-C", str(program.config), *args, YOU],
                            stderr=subprocess.PIPE, **more)


def status_of(program, *args, message=b"Subject: t\n\nhi\n", **more):
    """Run it to its end; status and standard error."""
    running = start(program, *args, stdin=subprocess.PIPE, **more)
    said = running.communicate(message, 60)[1]
    return running.returncode, said


# --- PRIV ---

@pytest.mark.skipif(os.getuid() != 0, reason="needs to give a file away")
@pytest.mark.parametrize("mode", [0o4755, 0o2755, 0o6755])
@pytest.mark.parametrize("args", [[], ["--version"], ["-P"], ["-bp"]])
def test_priv_01_more_rights_than_the_caller_has(program, clear_host, mode, args):
    program.account(clear_host)
    copy = program.home / "sendmail"
    shutil.copy(program.path, copy)
    os.chown(copy, 65534, 65534)
    copy.chmod(mode)
    if os.statvfs(copy).f_flag & os.ST_NOSUID:
        pytest.skip("the file system takes no such rights")
    done = subprocess.run([copy, "-ti", *args], input=b"To: you@y.example\n\nhi\n", timeout=60,
                          capture_output=True, env=program.environment(), check=False)
    if b"LeakSanitizer has encountered a fatal error" in done.stderr:
        pytest.skip("the sanitizer cannot trace a program with such rights")
    assert (done.returncode, done.stdout, clear_host.messages) == (77, b"", [])
    assert b"more rights than its caller" in done.stderr and b"chmod u-s,g-s" in done.stderr
    copy.chmod(0o755)
    assert subprocess.run([copy, "-bi"], timeout=60, check=False).returncode == 0


@pytest.mark.parametrize("closed", [c for n in range(4) for c in itertools.combinations((0, 1, 2), n)])
def test_priv_03_closed_descriptors_and_large_mail(program, clear_host, closed):
    """No file or socket of ours becomes one of the three."""
    program.account(clear_host, f"logfile {program.home}/log")

    def close():
        for fd in closed:
            os.close(fd)
    done = subprocess.run([program.path, "-v", "-C", program.config, YOU], timeout=60, check=False,
                          input=None if 0 in closed else LARGE, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, env=program.environment(), preexec_fn=close)
    assert (done.returncode, done.stdout) == (74 if 0 in closed else 0, b"")
    if 0 in closed:
        clear_host.wait_idle()
        assert not clear_host.messages
    else:
        assert clear_host.wait_message().content.count(b"0123456789\r\n") == LINES
    assert (program.home / "log").read_bytes().count(b"\n") == 1


@pytest.mark.parametrize("mask", [0, 0o777, 0o22])
def test_priv_04_umask(program, clear_host, mask):
    program.account(clear_host, f"logfile {program.home}/log")
    cache = program.home / "cache"
    env = program.environment(XDG_CACHE_HOME=str(cache))
    status, said = status_of(program, message=LARGE, env=env, preexec_fn=lambda: os.umask(mask))
    assert (status, said, len(clear_host.messages)) == (0, b"", 1)
    made = [program.home / "log", *cache.rglob("*")]
    assert {path.stat().st_mode & 0o777 for path in made if path.is_file()} == {0o600}
    assert all(path.stat().st_mode & 0o777 == 0o700 for path in made if path.is_dir())


def test_priv_05_ignored_and_blocked_signals(program, clear_host):
    program.account(clear_host, "auth plain", "auth_insecure on", "user joe",
                    "passwordeval sleep 0.01; echo secret")
    clear_host.auth_in_clear = True

    def odd():
        for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
            signal.signal(number, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_BLOCK, set(signal.Signals))
    assert status_of(program, preexec_fn=odd) == (0, b"")
    assert clear_host.wait_message().login == "joe"


@pytest.mark.parametrize("timer", [signal.ITIMER_REAL, signal.ITIMER_VIRTUAL, signal.ITIMER_PROF])
def test_priv_05_a_timer_of_the_caller_does_not_end_it(program, clear_host, timer):
    """A busy machine may not have begun to run the program when a short one runs out."""
    program.account(clear_host)
    for seconds in (0.1, 0.5, 2.5):
        running = start(program, stdin=subprocess.PIPE, preexec_fn=functools.partial(
            signal.setitimer, timer, seconds, seconds))
        select.select([running.stderr], [], [], 3 * seconds)  # the timer has run out by then
        said = running.communicate(LARGE, 60)
        if running.returncode >= 0:
            break
    assert said == (None, b"") and running.returncode == 0
    assert len(clear_host.messages) == 1


LIMITS = [("NOFILE", 3), ("NOFILE", 4), ("NOFILE", 5), ("NOFILE", 6), ("NOFILE", 8), ("NOFILE", 16),
          ("STACK", 256 << 10), ("FSIZE", 0), ("FSIZE", 4096), ("DATA", 1 << 20), ("DATA", 4 << 20),
          ("CORE", 0), ("NPROC", 0), ("MEMLOCK", 0), ("CPU", 5)]


@pytest.mark.parametrize("name, limit", sampled(LIMITS, 2))
@pytest.mark.parametrize("message", [b"Subject: t\n\nhi\n", LARGE], ids=["small", "large"])
def test_priv_05_small_limits(program, clear_host, sanitized, name, limit, message):
    """It is sent whole, or nothing is and the status says so; no signal ends it."""
    if name in ("DATA", "NOFILE") and sanitized:
        pytest.skip("the sanitizer needs more than that")
    program.account(clear_host, f"logfile {program.home}/log")
    number = getattr(resource, "RLIMIT_" + name)
    status, said = status_of(program, message=message, preexec_fn=lambda: resource.setrlimit(
        number, (limit, limit)))
    clear_host.wait_idle()
    if status == 127 and b"shared libraries" in said:
        pytest.skip("the limit is too small to load the program")
    assert status in (0, 71, 75, 78) and bool(said) == bool(status)
    assert len(clear_host.messages) == (status == 0)
    lines = message.count(b"\n")
    assert all(got.content.count(b"\n") == lines + 3 for got in clear_host.messages)


def test_priv_05_the_working_directory_is_gone(program, clear_host, tmp_path):
    program.account(clear_host)
    gone = tmp_path / "gone"
    gone.mkdir()

    def leave():
        os.chdir(gone)
        os.rmdir(gone)
    assert status_of(program, message=LARGE, preexec_fn=leave) == (0, b"")


@pytest.mark.parametrize("env", [{}, {"HOME": ""}, {"HOME": "/nowhere"}, {"HOME": "relative"},
                                 {"USER": "root\nBcc: e@x", "LOGNAME": "x" * 9999, "HOME": "/"},
                                 {"TZ": "/etc/passwd", "LANG": "xx_YY.ISO-2022-JP", "LC_ALL": "C"},
                                 {"TMPDIR": "/nowhere"}, {"TMPDIR": ""}, {"PATH": ""}])
def test_priv_05_an_environment_that_lies(program, clear_host, env):
    program.account(clear_host)
    assert status_of(program, message=LARGE, env=env) == (0, b"")
    content = clear_host.wait_message().content
    assert content.count(b"\r\n") == LINES + 5 and b"\r\nBcc" not in content


def in_namespace(program, script, *args, message=LARGE, **env):
    """Run it behind a script that mounts things; skip where that is not allowed."""
    done = subprocess.run(["unshare", "-m", "sh", "-c", script + ' && exec "$@"', "sh", program.path,
                           "-C", program.config, *args, YOU], input=message, timeout=60, check=False,
                          capture_output=True, env=program.environment(**env))
    if b"unshare" in done.stderr or b"mount" in done.stderr:
        pytest.skip("no right to mount")
    return done


FULL = "mount -t tmpfs -o size=64k none /tmp && mount -t tmpfs -o size=64k none /var/tmp"
READ_ONLY = "mount -t tmpfs -o ro none /tmp && mount -t tmpfs -o ro none /var/tmp"


@pytest.mark.parametrize("script", [FULL, READ_ONLY], ids=["full", "read-only"])
def test_priv_07_msg_19_no_room_for_a_large_message(program, clear_host, script):
    """The files of this test lie in a folder that stays: below /dev/shm."""
    program.account(clear_host)
    with pathlib.Path(program.config).open("rb") as file:
        text = file.read()
    folder = pathlib.Path("/dev/shm") / f"postrider-test-{os.getpid()}"
    folder.mkdir(mode=0o700)
    try:
        shutil.copy(program.path, folder / "postrider")
        (folder / "config").write_bytes(text)
        (folder / "config").chmod(0o600)
        program.path, program.config = str(folder / "postrider"), folder / "config"
        done = in_namespace(program, script, TMPDIR="/tmp")
        small = in_namespace(program, script, message=b"\nhi\n", TMPDIR="/tmp")
    finally:
        shutil.rmtree(folder)
    assert (done.returncode, small.returncode, small.stderr) == (75, 0, b"")
    assert b"temporary file" in done.stderr
    assert len(clear_host.messages) == 1


def test_priv_07_the_message_is_in_no_file_with_a_name(program, clear_host, tmp_path):
    program.account(clear_host)
    folder = tmp_path / "spool"
    folder.mkdir()
    running = start(program, stdin=subprocess.PIPE, env=program.environment(TMPDIR=str(folder)))
    running.stdin.write(LARGE)
    running.stdin.flush()
    assert not list(folder.iterdir())
    running.kill()
    running.communicate()
    assert not list(folder.iterdir()) and not clear_host.messages


@pytest.mark.skipif(os.getuid() != 0, reason="the files of such a process are root's to see")
def test_message_whose_file_was_cut(program, tmp_path):
    """What is left of it is not taken for the whole."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(30)
        program.write_config(f"account a\nhost 127.0.0.1\nport {listener.getsockname()[1]}\n"
                             "tls off\nfrom a@x.example\n")
        running = start(program, stdin=subprocess.PIPE,
                        env=program.environment(TMPDIR=str(tmp_path)))
        running.stdin.write(LARGE)
        running.stdin.close()
        with listener.accept()[0] as sock, sock.makefile("rb") as lines:
            sock.settimeout(30)
            sock.sendall(b"220 hi\r\n")
            for answer in (b"250 mx\r\n", b"250 ok\r\n", b"250 ok\r\n", b""):
                lines.readline()
                sock.sendall(answer)
            cut = [path for path in pathlib.Path(f"/proc/{running.pid}/fd").iterdir()
                   if str(tmp_path) in os.readlink(path)]
            assert len(cut) == 1
            os.truncate(cut[0], 100000)
            sock.sendall(b"354 go\r\n")
            text = lines.read()
        said = running.stderr.read()
        assert running.wait(30) == 75 and b"it was cut short" in said, said
        assert 0 < len(text) <= 110000 and not text.endswith(b"\r\n.\r\n")


# --- MSG ---

@pytest.mark.parametrize("pages", [1, 2, 300])
@pytest.mark.parametrize("head", [b"Subject: t\n\n", b"Subject: t\n" + b"X-Field: x\n" * 200])
def test_msg_18_standard_input_that_fails_midway(program, clear_host, pages, head):
    """Memory that maps a file which is shorter by now: reading is an error where the file ends."""
    program.account(clear_host)
    size = pages * mmap.PAGESIZE
    text = (head + b"0123456789\n" * size)[:size]
    with open(program.home / "text", "w+b") as file:
        file.truncate(size + mmap.PAGESIZE)
        with mmap.mmap(file.fileno(), 0) as memory, open("/proc/self/mem", "rb", 0) as message:
            memory[:size] = text
            file.truncate(size)
            first = ctypes.c_char.from_buffer(memory)
            at = message.seek(ctypes.addressof(first))
            del first
            running = start(program, stdin=message)
            said = running.communicate(timeout=60)[1]
            assert message.tell() == at + size
    assert (running.returncode, clear_host.messages) == (74, []) and b"nothing was sent" in said


@pytest.mark.parametrize("path", ["/proc/self/mem", "/"])
def test_msg_18_input_that_gives_an_error(program, clear_host, path):
    program.account(clear_host)
    fd = os.open(path, os.O_RDONLY)
    try:
        running = start(program, stdin=fd)
        said = running.communicate(timeout=60)[1]
    finally:
        os.close(fd)
    assert (running.returncode, clear_host.messages) == (74, []) and b"nothing was sent" in said


@pytest.mark.parametrize("args", [[], ["-t"], ["-bs"]])
def test_msg_18_input_that_is_closed(program, clear_host, args):
    """It is no empty message."""
    program.account(clear_host)
    arguments = args if "-bs" in args else [*args, YOU]
    done = subprocess.run([program.path, "-C", program.config, *arguments], timeout=60, check=False,
                          env=program.environment(), preexec_fn=lambda: os.close(0),
                          capture_output=True)
    assert (done.returncode, clear_host.messages) == (74, [])
    assert b" cannot be read" in done.stderr


def test_msg_18_input_that_has_not_ended_is_not_sent(program, clear_host):
    program.account(clear_host)
    running = start(program, stdin=subprocess.PIPE)
    running.stdin.write(b"Subject: t\n\nhi\n")
    running.stdin.flush()
    assert select.select([running.stderr], [], [], 0.3)[0] == [] and running.poll() is None
    running.terminate()
    running.communicate()
    assert running.returncode == -signal.SIGTERM and not clear_host.messages


@pytest.mark.parametrize("text", [b"Subject: cut o", b"Subject: t\n\nhalf a li", b"Subject: t\n"])
def test_msg_20_a_producer_that_is_killed_ends_the_message(program, clear_host, text):
    """That cannot be seen. What came is sent, as a message that is whole in itself."""
    program.account(clear_host)
    script = 'printf "%s" "$0"; kill -9 $$'
    producer = subprocess.Popen(["sh", "-c", script, text], stdout=subprocess.PIPE)
    running = start(program, stdin=producer.stdout)
    producer.stdout.close()
    assert running.communicate(timeout=60)[1] == b"" and running.returncode == 0
    assert producer.wait() == -signal.SIGKILL
    head = clear_host.wait_message().content
    assert head.endswith(b"\r\n") and text.rstrip(b"\n").replace(b"\n", b"\r\n") in head


# --- OUT ---

@pytest.mark.parametrize("reply", [b"\x1b]0;x\x07", b"\x9b31m", "\u202e\u200b\u2066".encode(),
                                   b"\x08\x7f", b"\xff\xfe", b"\xc2\x9b"])
def test_out_01_servers_words_are_printable(program, clear_host, reply):
    clear_host.replies[YOU] = "550 5.1.1 " + reply.decode("latin-1")
    program.account(clear_host, f"logfile {program.home}/log")
    status, said = status_of(program, "-v")
    for text in (said, (program.home / "log").read_bytes()):
        shown = text.decode()
        assert all(c == "\n" or c.isprintable() for c in shown), shown
    assert status == 67


@pytest.mark.parametrize("closed", [(1,), (2,), (1, 2)])
@pytest.mark.parametrize("args", [["--json"], ["-v"], ["--dry-run"], ["-P"], ["--help"]])
def test_out_05_output_that_nobody_reads(program, clear_host, closed, args):
    """A pipe without a reader: no signal, and a message that was accepted stays accepted."""
    program.account(clear_host)
    read, write = os.pipe()
    os.close(read)
    streams = {{1: "stdout", 2: "stderr"}[fd]: write for fd in closed}
    done = subprocess.run([program.path, "-C", program.config, *args, YOU], input=b"\nhi\n",
                          env=program.environment(), timeout=60, check=False,
                          **{"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, **streams})
    os.close(write)
    clear_host.wait_idle()
    sends = args in (["--json"], ["-v"])
    assert done.returncode == (0 if sends or 1 not in closed else 74)
    assert len(clear_host.messages) == sends


def test_out_07_standard_error_is_no_flood(program, clear_host):
    names = [f"u{n}@y.example" for n in range(500)]
    clear_host.replies.update({name: "550 5.1.1 " + "x" * 450 for name in [*names, YOU]})
    program.account(clear_host)
    done = program(*names, YOU)
    assert done.returncode == 67 and len(done.err) < 65536 and "more recipients" in done.err
