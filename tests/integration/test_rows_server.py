# SPDX-License-Identifier: MIT
"""Cases of servers that are malicious or broken, and of what is printed, named by row (SRV, OUT).

Most are transcripts, which test_transcripts.py plays; here they are named. 28 (a list that is
split) and 33 to 36 (several addresses, name servers, proxies) are not about what is built so far.
"""

import os
import resource
import subprocess
import time

import pytest

from silentserver import SilentServer
from stageserver import StageServer
from test_transcripts import CASES

ROWS = {
    "01": "greeting-endless ehlo-512-lines ehlo-513-lines reply-128-lines reply-129-lines",
    "02": "greeting-endless-line greeting-long-line",
    "03": "greeting-long-line reply-long-text-cut",
    "06": "greeting-two-digits greeting-four-digits greeting-letter-in-code greeting-space-first "
          "greeting-dash-first greeting-underscore reply-bare-lf reply-empty-lines "
          "greeting-empty-line greeting-not-220-099 greeting-not-220-600 greeting-not-220-999 "
          "greeting-not-220-000 rcpt-two-digits",
    "07": "greeting-mixed-codes ehlo-mixed-codes mail-mixed-codes rcpt-mixed-codes "
          "rcpt-mixed-codes-reversed data-mixed-codes final-mixed-codes starttls-mixed-codes",
    "08": "reply-codes-alone final-code-alone",
    "09": "reply-nul",
    "10": "final-continued-then-close final-continued-refusal-then-close",
    "11": "data-not-354-250 data-not-354-235",
    "12": "mail-354 rcpt-354 mail-334 data-334 ehlo-not-250-354 auth-not-235-354 "
          "starttls-not-220-354 final-354",
    "13": "rcpt-251 rcpt-252",
    "14": "greeting-421 ehlo-refused-421 starttls-refused-421 auth-refused-for-now-421 mail-421 "
          "rcpt-421 data-421 body-421 final-refused-421-4.3.2 unasked-421 unasked-421-after-ehlo "
          "unasked-421-after-greeting",
    "15": "greeting-554 greeting-521 greeting-556 greeting-500",
    "16": "greeting-not-220-250 greeting-not-220-200 greeting-not-220-269 greeting-not-220-354",
    "17": "quit-421 quit-500 quit-garbage quit-close",
    "18": "data-354-then-250 data-354-then-250-in-group body-250 body-250-before-dot",
    "19": "unasked-250-after-rcpt mail-answered-twice pipelining-extra-reply greeting-and-more "
          "ehlo-and-more auth-and-more",
    "20": "unasked-421 unasked-451 unasked-554 unasked-550-5.7.1",
    "21": "data-354-then-552 data-354-then-421 body-552",
    "23": "final-close final-last-line-cut-off",
    "24": "keyword-repeated auth-empty-list ehlo-512-lines",
    "25": "auth-equals-form auth-both-forms auth-empty-list keyword-case size-not-a-number "
          "size-negative size-overflow size-zero",
    "26": "pipelining-missing-reply pipelining-extra-reply pipelining-close",
    "27": "all-refused-in-group lone-dot lone-dot-accepted lone-dot-garbage lone-dot-close",
    "29": "reply-escape-sequences reply-bidirectional",
    "30": "rcpt-enhanced-is-none-550-2.1.5 rcpt-enhanced-is-none-450-5.7.1 rcpt-enhanced-stale "
          "rcpt-enhanced-is-not-kept rcpt-enhanced-is-none-550-5.7 "
          "rcpt-enhanced-is-none-550-5.7.1.1 rcpt-enhanced-is-none-550-5.7.1234 "
          "final-250-wrong-class rcpt-250-wrong-class",
    "31": "reply-utf8 reply-invalid-utf8",
    "32": "rcpt-251 rcpt-551-is-not-followed",
}


@pytest.mark.parametrize("row, name", [(row, name) for row, names in ROWS.items()
                                       for name in names.split()],
                         ids=lambda part: f"srv_{part}" if part.isdigit() else part)
def test_srv(row, name):
    """The row's transcript is there; test_transcripts.py plays it."""
    assert row in ROWS
    assert name in CASES


@pytest.mark.parametrize("phase, how", [("greeting", "drip"), ("mail", "lines"), ("rcpt", "silent"),
                                        ("body", "silent"), ("final", "lines")])
def test_srv_04_05_22_slow_silent_and_deaf_servers(program, phase, how):
    with SilentServer(phase, how, None) as server:
        program.write_config(f"account default\nhost localhost\nport {server.port}\n"
                             "from a@x.example\nauth off\ntimeout 1\ntimeout_final 1\n")
        started = time.monotonic()
        message = b"\n" + b"0123456789\n" * (1000000 if phase == "body" else 1)
        assert program("b@y.example", message=message).returncode == 75
        assert time.monotonic() - started < 8


# --- OUT ---

TRAPS = [b"\x1b[31m", b"\x1b]0;x\x07", b"\x9b31m", b"\x07", b"\x08", b"\x7f", b"\0",
         "\u202e".encode(), "\u200b".encode(), "\u2066".encode(), b"\xff\xfe", b"\xc0\x80"]


@pytest.mark.parametrize("stage", ["greeting", "ehlo", "mail", "rcpt", "data", "message"])
def test_out_01_what_a_server_says_is_made_printable(program, stage):
    with StageServer() as server:
        server.stage = stage
        program.write_config("account default\nhost localhost\nfrom a@x.example\n"
                             f"port {server.port}\nlogfile {program.home}/log\n")
        for trap in TRAPS:
            server.reply = b"550 before" + trap + b"after"
            done = program("-v", "b@y.example")
            assert "before" in done.err and "after" in done.err
            (program.home / "out").write_bytes(done.stderr)
            for text in (done.err, (program.home / "log").read_text(),
                         program("--json", "b@y.example").out):
                assert all(ord(c) >= 32 or c == "\n" for c in text)
                assert not set(text) & set("\x7f\x9b\u202e\u200b\u2066\ufffd")


def test_out_02_one_record_is_one_line(program):
    with StageServer() as server:
        server.stage = "message"
        server.reply = b"550 x' exitcode=EX_OK\r\\n host=forged " + b"long " * 300
        program.write_config("account default\nhost localhost\nfrom a@x.example\n"
                             f"port {server.port}\nlogfile {program.home}/log\n")
        assert program("b@y.example").returncode == 69
        log = (program.home / "log").read_text()
        assert log.count("\n") == 1 and len(log) <= 1100
        assert log.count("'") % 2 == 0 and " exitcode=EX_UNAVAILABLE " in log


@pytest.mark.parametrize("closed", [(1,), (2,), (1, 2)])
def test_out_05_closed_descriptors_change_nothing(program, clear_host, closed):
    program.account(clear_host)
    done = subprocess.run([program.path, "-C", program.config, "b@y.example"], check=False,
                          timeout=60, env=program.environment(), input=b"\nhi\n",
                          preexec_fn=lambda: [os.close(fd) for fd in closed])
    assert done.returncode == 0 and len(clear_host.messages) == 1


def test_out_07_standard_error_is_bounded(program, clear_host):
    program.account(clear_host)
    rcpts = [f"r{n}@y.example" for n in range(500)]
    clear_host.replies.update({rcpt: "550 5.1.1 " + "x" * 900 for rcpt in rcpts})
    done = program(*rcpts)
    assert done.returncode == 67 and len(done.stderr) < 65536
    assert "and 480 more recipients" in done.err or "more recipients were refused" in done.err


def test_srv_01_02_floods_need_no_memory(program):
    """An endless reply ends the session at a limit, not the machine's memory."""
    assert {"greeting-endless", "greeting-endless-line"} <= CASES.keys()
    with SilentServer("greeting", "lines", None, interval=0) as server:
        program.write_config(f"account default\nhost localhost\nport {server.port}\n"
                             "from a@x.example\ntimeout 5\n")
        limit = 16 << 20
        done = program("b@y.example", preexec_fn=lambda: resource.setrlimit(
            resource.RLIMIT_DATA, (limit, limit)) if "ASAN_OPTIONS" not in os.environ else None)
        assert done.returncode in (75, 76) and "memory" not in done.err
