# SPDX-License-Identifier: MIT
"""What the program can still do while it talks to the smarthost: tried from inside of it."""

import os
import socket
import subprocess

import pytest

from smarthost import Smarthost
from wire import listen


@pytest.fixture(name="landlock", scope="module")
def _landlock(postrider):
    """The version of Landlock here; skips where there is none."""
    said = subprocess.run([postrider, "--version"], capture_output=True, check=True).stdout.decode()
    if "Landlock (version" not in said:
        pytest.skip("this kernel has no Landlock")
    return int(said.split("(version ")[1].split(")")[0])


@pytest.fixture(name="probe")
def _probe(program, preload):
    """probe(words...) submits and returns what of them could be done: {word: "yes" or errno}."""
    library = preload("probe")

    def run(*words, args=("b@y.example",), status=0, env=None, **more):
        reading, writing = os.pipe()
        given = {"LD_PRELOAD": library, "PROBE": " ".join(words), "PROBE_FD": str(writing)}
        done = program(*args, env={**given, **(env or {})}, pass_fds=[writing], **more)
        os.close(writing)
        with os.fdopen(reading) as results:
            found = dict(line.split() for line in results)
        assert done.returncode == status, done.err
        return found

    return run


@pytest.fixture
def host(certs):
    """A smarthost with implicit TLS."""
    with Smarthost(certs) as running:
        yield running


def test_files(landlock, probe, program, host, certs):
    """Neither the configuration nor a home, nor anything that could be changed, but the cache."""
    program.account(host, f"logfile {program.home}/log", certs=certs)
    secret = program.home / "secret"
    secret.write_text("s")
    cache = program.home / ".cache/postrider"
    wanted = {
        f"read:{program.config}": "EACCES", f"read:{secret}": "EACCES",
        f"list:{program.home}": "EACCES", f"make:{program.home}/new": "EACCES",
        f"write:{secret}": "EACCES", f"read:{program.home}/log": "EACCES",
        "read:/etc/passwd": "EACCES", "read:/etc/shadow": "EACCES", "list:/etc": "EACCES",
        "read:/proc/self/environ": "EACCES", "make:/tmp/new": "EACCES", "make:/dev/shm/x": "EACCES",
        "write:/dev/null": "EACCES", "list:/root": "EACCES", "list:/home": "EACCES",
        "list:/etc/ssl/certs": "EACCES", "read:/etc/hosts": "yes",
        f"read:{certs['ca']}": "EACCES",
        f"list:{cache}": "yes", f"make:{cache}/new": "yes", "read:/dev/null": "yes",
    }
    there = {word: result for word, result in wanted.items()
             if word.startswith("make") or os.path.exists(word.partition(":")[2])
             or str(program.home) in word}
    assert probe(*there) == there
    assert host.wait_message() and "exitcode=EX_OK" in (program.home / "log").read_text()
    assert landlock


def test_authorities_of_the_system(landlock, probe, program, host):
    """They are looked for in the handshake; a file that is named is read before."""
    program.account(host)
    if os.path.exists("/etc/ssl/certs/ca-certificates.crt"):
        word = "list:/etc/ssl/certs"
        assert probe(word, status=69) == {word: "yes"}
    assert landlock


def test_nothing_is_executed(landlock, probe, program, host, certs):
    program.account(host, certs=certs)
    words = ["exec:/bin/true", "exec:/bin/sh", f"exec:{program.path}"]
    assert probe(*words) == {word: "EACCES" for word in words}
    assert landlock


def test_ports(landlock, probe, program, host, certs):
    if landlock < 4:
        pytest.skip("this Landlock knows no ports")
    program.account(host, certs=certs)
    with listen("127.0.0.1") as other:
        words = {f"connect:{other.getsockname()[1]}": "EACCES", "connect:25": "EACCES",
                 f"connect:{host.port}": "yes"}
        assert probe(*words) == words


def test_other_processes(landlock, probe, program, host, certs):
    """Neither their signals nor their sockets without a file."""
    if landlock < 6:
        pytest.skip("this Landlock knows no scopes")
    program.account(host, certs=certs)
    name = f"postrider-{os.getpid()}"
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(f"\0{name}")
        other.listen()
        words = [f"abstract:{name}", f"signal:{os.getpid()}"]
        assert probe(*words) == {word: "EPERM" for word in words}


def test_what_is_written_meanwhile(landlock, probe, program, host, certs):
    """A large message that has to be re-encoded while nothing can be opened."""
    host.eightbit = False
    program.account(host, certs=certs)
    body = ("\u00e4" * 70 + "\n").encode() * 20000
    message = b"Subject: t\nContent-Type: text/plain; charset=utf-8\n" \
        b"Content-Transfer-Encoding: 8bit\nMIME-Version: 1.0\n\n" + body
    assert probe("make:/tmp/new", message=message) == {"make:/tmp/new": "EACCES"}
    assert b"=C3=A4" in host.wait_message().content
    assert landlock


@pytest.mark.parametrize("lines", [["logfile {home}/log"], ["logfile {home}/new/log"]])
def test_log(program, host, certs, lines):
    """It is opened before, and one that cannot be opened is told of once."""
    program.account(host, *[line.format(home=program.home) for line in lines], certs=certs)
    done = program("-v", "b@y.example")
    assert done.returncode == 0
    log = program.home / "log"
    assert log.exists() == ("new" not in lines[0])
    assert done.err.count("the log cannot be written") == ("new" in lines[0])
