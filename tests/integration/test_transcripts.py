# SPDX-License-Identifier: MIT
"""Every transcript played with the program: exit status, error text, silence and speed.

The same files drive the engine alone, cut in pieces, in tests/unit/test_transcripts.c.
"""

import dataclasses
import pathlib
import subprocess
import time

import pytest

from fakeserver import FakeServer, message_bytes, parse_text, parse_transcript, read_cases

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "transcripts"
CASES = {name: (path, code) for path in sorted(FOLDER.glob("*.smtp"))
         for name, code in read_cases(path).items()}

# what a transcript calls a setting, and its name in the file
SETTINGS = {"pipelining": "pipelining", "protocol": "protocol", "partial": "partial",
            "chunking": "chunking", "notify": "dsn_notify", "return": "dsn_return",
            "max-recipients": "max_recipients"}

TIMEOUT = 5  # seconds; the program must never have waited for it


def settings(script, port, certs):
    """The lines of the configuration that the transcript stands for."""
    lines = ["account default", "port %d" % port, "domain client.example",
             "timeout %d" % TIMEOUT, "timeout_final %d" % TIMEOUT]
    if script.tls == "off":
        lines += ["host 127.0.0.1", "tls off"]
    else:
        lines += ["host localhost", "tls on", "tls_trust_file %s" % certs["ca"],
                  "tls_starttls %s" % ("on" if script.tls == "starttls" else "off")]
    if script.auth != "off":
        lines += ["auth %s" % script.auth, "user %s" % script.user,
                  "password %s" % script.password]
    lines += ["%s %s" % (SETTINGS[key], value) for key, value in script.other.items()
              if key in SETTINGS and value != "earned"]
    if script.sender != "<>":
        lines += ["from %s" % script.sender]
    return "".join(line + "\n" for line in lines)


def arguments(script):
    """What stands on the command line."""
    if "etrn" in script.other:
        return ["--rmqs=" + script.other["etrn"]]
    words = ["-f", "<>"] if script.sender == "<>" else []
    words += ["-V", script.other["envid"]] if "envid" in script.other else []
    words += ["-O", "REQUIRETLS=yes"] if "requiretls" in script.other else []
    return words + script.recipients


def run(program, script, port, certs, folder):
    """Submit the transcript's message through the server at `port`."""
    configuration = folder / "config"
    configuration.touch(0o600)
    configuration.write_text(settings(script, port, certs))
    return subprocess.run([program, "-C", str(configuration), *arguments(script)],
                          input=message_bytes(script), stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=60, check=False,
                          env={"HOME": str(folder), "PATH": "/usr/bin:/bin"})


def lesson(script):
    """A session with the same server that shows that it takes BDAT, without AUTH."""
    hello = []
    for item in script.items:
        if item.mark == "C" and item.data.split()[0] not in (b"EHLO", b"LHLO", b"STARTTLS"):
            break
        hello.append(item)
    rest = parse_text("C: MAIL FROM:<a@x.example>\nS: 250 ok\nC: RCPT TO:<b@y.example>\nS: 250 ok\n"
                      "C: BDAT 19\nB: *\nS: 250 ok\nC: BDAT 87 LAST\nB: *\nS: 250 taken\n",
                      script.path + " (lesson)")
    other = {key: value for key, value in script.other.items() if key == "protocol"}
    return dataclasses.replace(rest, tls=script.tls, items=hello + rest.items,
                               other={**other, "pipelining": "off"})


def test_transcripts_exist():
    assert CASES


@pytest.mark.parametrize("name", CASES)
def test_transcript(name, postrider, certs, tmp_path):
    script = parse_transcript(*CASES[name])
    if "engine" in script.other:
        pytest.skip("for the engine only")
    scripts = [script]
    if script.other.get("chunking") == "earned":
        scripts = [lesson(script), script]
    with FakeServer(scripts, certs if script.tls != "off" else None) as server:
        for first in scripts[:-1]:
            assert run(postrider, first, server.port, certs, tmp_path).returncode == 0
        began = time.monotonic()
        done = run(postrider, script, server.port, certs, tmp_path)
        took = time.monotonic() - began
        errors = server.wait()
    words = done.stderr.decode()
    assert (errors, done.returncode) == ([], script.status), words
    assert took < TIMEOUT
    assert done.stdout == b""
    assert script.password not in words
    if script.status == 0:
        assert words == ""
    else:
        assert script.other.get("said", "") in words
