# SPDX-License-Identifier: MIT
"""What the tests of the real program share: running it with a configuration of the test's own."""

import os
import pathlib
import shutil
import subprocess

import pytest

from smarthost import Smarthost
from terminal import Terminal

MESSAGE = b"From: a@x.example\nTo: b@y.example\nSubject: t\n\nhello\n"


class Program:
    """The program in a home of its own: nothing of the machine's configuration is seen."""

    def __init__(self, path, home):
        self.path = path
        self.home = home
        self.config = home / "config"

    def write_config(self, text, mode=0o600, path=None):
        """Write a configuration file; its path."""
        path = path or self.config
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(mode)
        return path

    def account(self, host, *more, certs=None):
        """Write an account for a Smarthost; its lines can be replaced or added to."""
        tls = {"off": ["tls off"], "on": ["tls on", "tls_starttls off"],
               "starttls": ["tls on", "tls_starttls on"]}[host.tls]
        lines = ["account default", "host localhost", f"port {host.port}", *tls,
                 "from a@x.example"]
        if certs:
            lines.append(f"tls_trust_file {certs['ca']}")
        if host.require_auth:
            lines += ["user joe", "password secret"]
        return self.write_config("\n".join([*lines, *more]) + "\n")

    def open_to_all(self):
        """Let everybody run a copy of the program and enter its home."""
        self.path = shutil.copy(self.path, self.home)  # ours may stand where nobody may go
        for path in [self.home, *self.home.parents][:4]:  # of the worker, the run and the user
            if not path.stat().st_mode & 0o001:
                path.chmod(0o755)

    def environment(self, **more):
        """What the program sees of the environment."""
        base = {"HOME": str(self.home), "PATH": os.environ["PATH"], "TZ": "UTC"}
        base.update({name: value for name, value in os.environ.items()
                     if name.startswith(("ASAN_", "UBSAN_", "LSAN_"))})
        base.update(more)
        return {name: value for name, value in base.items() if value is not None}

    def __call__(self, *args, message=MESSAGE, config=True, env=None, argv0=None, timeout=60,
                 **more):
        """Run it; the completed process, with text of standard output and standard error."""
        first = ["-C", str(self.config)] if config else []
        if "stdin" not in more:
            more["input"] = message
        done = subprocess.run([argv0 or self.path, *first, *map(str, args)],
                              executable=self.path, capture_output=True, timeout=timeout,
                              env=self.environment(**(env or {})), check=False, **more)
        done.out = done.stdout.decode()
        done.err = done.stderr.decode()
        return done


@pytest.fixture(scope="session")
def sanitized(postrider):
    """Whether this is a build with AddressSanitizer."""
    with open(postrider, "rb") as file:
        return b"__asan_init" in file.read()


@pytest.fixture
def preload(postrider, sanitized):
    """A function: what LD_PRELOAD is for these libraries of ours; skips if they cannot be loaded."""
    folder = pathlib.Path(postrider).parent.parent / "tests"

    def find(*names):
        paths = [folder / f"lib{name}.so" for name in names]
        if sanitized or not all(path.exists() for path in paths):
            pytest.skip("nothing can be loaded into this build")
        return ":".join(map(str, paths))
    return find


@pytest.fixture
def program(postrider, tmp_path):
    """The program with a fresh home."""
    return Program(postrider, tmp_path)


@pytest.fixture
def clear_host():
    """A smarthost without TLS and without AUTH."""
    with Smarthost(tls="off", require_auth=False) as host:
        yield host


@pytest.fixture(params=["on", "starttls"])
def safe_host(request, certs):
    """A smarthost with TLS and AUTH, once with each way to begin TLS."""
    with Smarthost(certs, tls=request.param) as host:
        yield host


@pytest.fixture
def terminal():
    """A fresh terminal."""
    try:
        made = Terminal()
    except OSError:
        pytest.skip("there are no terminals here")
    yield made
    made.close()
