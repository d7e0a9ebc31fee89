# SPDX-License-Identifier: MIT
"""Every wait ends: a silent or dripping server in each phase, in clear and inside TLS.

All combinations run at the same time, since they only wait; each test looks at its own result.
"""

import concurrent.futures
import itertools
import subprocess
import time

import pytest

from silentserver import PHASES, SilentServer

SECONDS = 2
SLACK = 3.0  # of a busy machine with many of these at once
LARGE = b"Subject: t\n\n" + b"0123456789\n" * 1000000


def combinations():
    """What can be combined: phase, manner, kind of TLS."""
    for phase, how, tls in itertools.product(PHASES, ("silent", "drip", "lines"),
                                             (None, "on", "starttls")):
        needs = {"starttls": ("starttls",), "ehlo2": ("starttls",),
                 "handshake": ("starttls", "on")}
        if tls not in needs.get(phase, (tls,)):
            continue
        if phase == "body" and how != "silent":
            continue  # the server reads nothing; there is one way to do that
        yield phase, how, tls


CASES = list(combinations())


def configuration(folder, case, port, certs):
    """An account for this server; its path."""
    phase, how, tls = case
    path = folder / f"{phase}-{how}-{tls}"
    path.write_text(
        f"account default\nhost localhost\nport {port}\nfrom a@x.example\nuser joe\n"
        f"password secret\ntls {'on' if tls else 'off'}\n"
        f"tls_starttls {'on' if tls == 'starttls' else 'off'}\ntls_trust_file {certs['ca']}\n"
        f"timeout {SECONDS}\ntimeout_final {SECONDS}\n")
    path.chmod(0o600)
    return path


def attempt(postrider, folder, case, certs):
    """One run against one silent server: status, what was said, seconds of silence, phase reached.

    Reading and storing the message comes before, and may take its time on a busy disk.
    """
    phase, how, tls = case
    with SilentServer(phase, how, tls, certs if tls else None) as server:
        config = configuration(folder, case, server.port, certs)
        done = subprocess.run([postrider, "-C", config, "b@y.example"], capture_output=True,
                              input=LARGE if phase == "body" else b"Subject: t\n\nhi\n",
                              check=False, timeout=60)
        seconds = time.monotonic() - (server.reached_at or 0)
        return done.returncode, done.stderr.decode(), seconds, server.reached.is_set()


@pytest.fixture(scope="session")
def results(postrider, certs, tmp_path_factory):
    """The result of each combination."""
    folder = tmp_path_factory.mktemp("deadlines")
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        runs = {case: pool.submit(attempt, postrider, folder, case, certs) for case in CASES}
        return {case: run.result() for case, run in runs.items()}


@pytest.mark.xdist_group("deadlines")  # one worker makes all the results
@pytest.mark.parametrize("case", CASES, ids=lambda case: "-".join(map(str, case)))
def test_ends_in_time(results, case):
    status, said, seconds, reached = results[case]
    assert reached, said
    assert status == 75, said
    assert SECONDS - 0.5 <= seconds <= SECONDS + SLACK
    assert len(said.splitlines()) <= 3
    if case[0] == "final":
        assert "the message was sent but not answered" in said
        assert "sending it again may deliver it twice" in said
    elif case[0] not in ("body", "handshake"):
        assert f"within {SECONDS} s" in said
