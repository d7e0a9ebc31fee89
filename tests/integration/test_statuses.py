# SPDX-License-Identifier: MIT
"""The exit status for every kind of reply at every stage, against a table of its own.

The same reply means the same at every stage: 4yz is 75, and of the 5yz those that concern
authentication are 77; else the enhanced status decides, else stage and code.
"""

import pytest

from sampling import sampled
from stageserver import CLOSE, STAGES, StageServer

CODES = [500, 501, 502, 503, 504, 521, 523, 530, 534, 535, 538, 541, 550, 551, 552, 553, 554, 555,
         556, 559]
TEMPORARY = [400, 421, 432, 450, 451, 452, 454, 455, 459]

# By code, where a stage has its own meaning for it (without an enhanced status).
BY_CODE = {
    "mail": {501: 65, 553: 65, 502: 76, 503: 76, 504: 65, 555: 76},
    "rcpt": {550: 67, 551: 67, 553: 67, 501: 65, 502: 76, 503: 76, 504: 65, 555: 76, 521: 68,
             556: 68},
    "data": {502: 76, 503: 76, 504: 76},
}

# By enhanced status: class 5, subject and detail.
BY_ENHANCED = {
    "0.0": 69, "0.9": 69, "1.1": 67, "1.2": 68, "1.3": 65, "1.4": 67, "1.5": 76, "1.6": 67,
    "1.7": 65, "1.8": 68, "1.9": 69, "1.10": 68, "2.0": 69, "2.1": 69, "2.2": 69, "2.3": 65,
    "2.4": 69, "3.0": 69, "3.1": 69, "3.2": 69, "3.3": 69, "3.4": 65, "3.5": 69, "4.0": 69,
    "4.1": 69, "4.2": 69, "4.3": 69, "4.4": 68, "4.5": 69, "4.6": 69, "4.7": 69, "5.0": 76,
    "5.1": 76, "5.2": 76, "5.3": 69, "5.4": 76, "5.5": 76, "5.6": 76, "6.0": 65, "6.1": 65,
    "6.5": 65, "6.7": 65, "6.9": 65, "7.0": 77, "7.1": 77, "7.5": 77, "7.9": 77, "7.10": 69,
    "7.11": 77, "7.14": 77, "7.27": 77, "7.30": 77, "7.40": 77,
}


def wanted(stage, code, enhanced=None):
    """The status that a refusal means."""
    if code < 500:
        return 75
    if stage == "auth" or code in (530, 534, 535, 538):
        return 77
    if enhanced == "1.0":
        return {"mail": 65, "rcpt": 67, "message": 67}.get(stage, 69)
    if stage in ("mail", "rcpt") and enhanced in ("5.2", "5.4"):
        return 65
    if enhanced in BY_ENHANCED:
        return BY_ENHANCED[enhanced]
    return BY_CODE.get(stage, {}).get(code, 69)


@pytest.fixture
def server():
    """A server that refuses where it is told to."""
    with StageServer() as host:
        yield host


def run(program, server, stage, reply, *more):
    """One run that meets this reply at this stage."""
    server.stage, server.reply = stage, reply
    server.keywords = {"starttls": (b"STARTTLS",), "auth": (b"AUTH PLAIN",)}.get(stage, ())
    lines = ["account default", "host localhost", f"port {server.port}", "from a@x.example",
             "tls off", *more]
    if stage == "starttls":
        lines += ["tls on", "tls_starttls on"]
    if stage == "auth":
        lines += ["auth plain", "user joe", "password secret"]
    program.write_config("\n".join(lines) + "\n")
    return program("b@y.example")


def check(program, server, stage, rows):
    """Every row: what is replied, and the status; all that differ are told."""
    wrong = []
    for reply, status in rows:
        done = run(program, server, stage, reply)
        lines = done.err.splitlines()
        good = done.returncode == status and 1 <= len(lines) <= 3 and not done.out
        if good and reply is not CLOSE and reply[:1] in (b"4", b"5") and b"-" not in reply:
            good = f"the server said: {reply.decode()}" in done.err
        if not good:
            wrong.append((reply, status, done.returncode, done.err))
    assert not wrong
    assert not server.messages or stage == "message"


@pytest.mark.parametrize("stage", sampled(STAGES, 2))
def test_temporary(program, server, stage):
    check(program, server, stage, [(b"%d later" % code, 75) for code in TEMPORARY]
          + [(b"%d 4.7.1 later" % code, 75) for code in TEMPORARY]
          + [(b"%d 5.7.1 later" % code, 75) for code in TEMPORARY])


@pytest.mark.parametrize("stage", sampled(STAGES[::-1], 2))
def test_permanent(program, server, stage):
    check(program, server, stage, [(b"%d no" % code, wanted(stage, code)) for code in CODES]
          + [(b"%d 4.1.1 no" % code, wanted(stage, code)) for code in CODES])


@pytest.mark.parametrize("stage", sampled(STAGES, 2))
def test_enhanced(program, server, stage):
    check(program, server, stage, [(b"550 5.%s no" % enhanced.encode(),
                                    wanted(stage, 550, enhanced)) for enhanced in BY_ENHANCED]
          + [(b"%d 5.%s no" % (code, enhanced.encode()), wanted(stage, code, enhanced))
             for code in (500, 535, 552, 554) for enhanced in ("1.0", "1.1", "7.1", "6.0", "3.4")])


CLOSED = {"message": 75}
GARBAGE = [b"x", b"", b"25", b"2500 x", b"2x0 x", b" 250 x", b"-250 x", b"250_x", b"099 x",
           b"600 x", b"999 x", b"550-a\r\n250 b", b"250-a\r\n550 b", b"HTTP/1.1 400 Bad Request"]
UNEXPECTED = {"greeting": [b"250 x", b"200 x", b"354 x"], "ehlo": [b"354 x", b"334 x"],
              "starttls": [b"250 x", b"354 x"], "auth": [b"250 x", b"354 x"],
              "mail": [b"354 x", b"334 x"], "rcpt": [b"354 x", b"334 x"],
              "data": [b"250 x", b"200 x", b"334 x"]}


@pytest.mark.parametrize("stage", STAGES)
def test_closed(program, server, stage):
    check(program, server, stage, [(CLOSE, 75)])


@pytest.mark.parametrize("stage", [stage for stage in STAGES if stage != "message"])
def test_garbage(program, server, stage):
    check(program, server, stage, [(reply, 76) for reply in GARBAGE + UNEXPECTED[stage]])


def test_garbage_after_the_message_leaves_the_outcome_unknown(program, server):
    for reply in [*GARBAGE, b"354 x", b"334 x"]:
        done = run(program, server, "message", reply)
        assert done.returncode == 75 and "may have been delivered" in done.err, (reply, done.err)


@pytest.mark.parametrize("code", [250, 251, 252, 259])
@pytest.mark.parametrize("stage", ["mail", "rcpt", "message"])
def test_defect_15_every_2yz_is_a_success(program, server, stage, code):
    assert run(program, server, stage, b"%d fine" % code).returncode == 0
    assert len(server.messages) == 1
