# SPDX-License-Identifier: MIT
"""Real servers as fixtures, started once a module; their logs are shown when a test fails."""

import pytest

from realservers import DovecotSubmission, Postfix, Unavailable

_LOG_LINES = 60


@pytest.fixture(scope="module", params=[Postfix, DovecotSubmission], ids=["postfix", "dovecot"])
def server(request, tmp_path_factory, certs):
    """A running server (see realservers.py); skipped where it cannot be had."""
    folder = tmp_path_factory.mktemp(request.param.__name__.lower())
    try:
        running = request.param(folder, certs)
        running.__enter__()
    except Unavailable as reason:
        pytest.skip(str(reason))
    yield running
    running.__exit__(None, None, None)


@pytest.fixture(params=["starttls", "implicit"])
def tls(request):
    """How TLS begins."""
    return request.param


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """Add the end of the server's log to the report of a test that failed."""
    report = (yield).get_result()
    running = getattr(item, "funcargs", {}).get("server")
    if report.failed and running is not None:
        lines = running.log().splitlines()[-_LOG_LINES:]
        report.sections.append(("log of %s" % type(running).__name__, "\n".join(lines)))
