# SPDX-License-Identifier: MIT
"""Real servers as fixtures, started once a session; their logs are shown when a test fails."""

import contextlib

import pytest

from realservers import Unavailable
from submission import SERVERS, TLS, Submitter

_LOG_LINES = 60


@pytest.fixture(scope="session")
def running(tmp_path_factory, certs):
    """running(CLASS) is a server of that class (see realservers.py), started at the first call.

    A test is skipped where its server cannot be had.
    """
    servers = {}
    with contextlib.ExitStack() as stack:
        def get(kind):
            if kind not in servers:
                folder = tmp_path_factory.mktemp(kind.__name__.lower())
                try:
                    servers[kind] = stack.enter_context(kind(folder, certs))
                except Unavailable as reason:
                    pytest.skip(str(reason))
            return servers[kind]
        yield get


@pytest.fixture(params=SERVERS)
def server(request, running):
    """Each server that passes mail on to its sink."""
    return running(SERVERS[request.param])


@pytest.fixture(params=TLS)
def tls(request):
    """How TLS begins."""
    return request.param


@pytest.fixture
def submit(postrider, certs, tmp_path):
    """The program: see Submitter."""
    return Submitter(postrider, certs["ca"], tmp_path)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """Add the end of the server's log to the report of a test that failed."""
    report = (yield).get_result()
    running_server = getattr(item, "funcargs", {}).get("server")
    if report.failed and running_server is not None:
        lines = running_server.log().splitlines()[-_LOG_LINES:]
        report.sections.append(("log of %s" % type(running_server).__name__, "\n".join(lines)))
