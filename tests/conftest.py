# SPDX-License-Identifier: MIT
"""What all Python tests share: the modules below tests/lib, certificates, the program."""

import os
import pathlib
import signal
import sys

import pytest

_TESTS = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(_TESTS / "lib"))

from certs import make_certs  # noqa: E402  (found through the line above)


def pytest_configure(config):
    """Declare the markers, so that --strict-markers can be used."""
    config.addinivalue_line("markers", "ci: a test of the tests, or slow; tests/run leaves it to .ci/run")
    config.addinivalue_line("markers", "interop: talks to a real mail server, unpacked for it")
    config.addinivalue_line("markers", "xdist_group(name): runs on one worker with its group")
    # A job in the background, or of nohup, ignores them, and what it starts would, too.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.fixture(scope="session")
def certs(tmp_path_factory):
    """Paths of a test authority and its certificates, made once a session (see certs.py)."""
    return make_certs(tmp_path_factory.mktemp("certs"))


@pytest.fixture(scope="session")
def postrider():
    """The path of the program: $POSTRIDER, else build/src/postrider.

    A program that $POSTRIDER names must exist; without the variable and without a build the
    test is skipped.
    """
    named = os.environ.get("POSTRIDER")
    path = pathlib.Path(named or _TESTS.parent / "build" / "src" / "postrider").absolute()
    if not os.access(path, os.X_OK):
        if named:
            pytest.fail("POSTRIDER=%s: no such program" % named, pytrace=False)
        pytest.skip("no program at %s (build it, or set POSTRIDER)" % path)
    return str(path)
