# SPDX-License-Identifier: MIT
"""The oracle of the faults finds what is planted, in what a run says and in whole runs."""

import os
import pathlib
import subprocess
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from scenarios import SECRET, UNKNOWN, Lab, Run, faults  # noqa: E402

pytestmark = pytest.mark.ci
GO_AHEAD = b"354 go\r\n"


class Named:
    """As much of a scenario as the oracle looks at."""

    def __init__(self, name):
        self.name = name


class Stored:
    """A message of the server's."""

    def __init__(self, content):
        self.content = content


def judged(name="clear", status=0, said=b"", stored=(b"x\r\nEND\r\n",), signal=None):
    """What the oracle says of such a run."""
    done = subprocess.CompletedProcess([], status, said, b"")
    return faults(Named(name), Run(done, list(map(Stored, stored)), b"\r\nEND\r\n"), signal)


@pytest.mark.parametrize("run", [
    {}, {"status": 75, "stored": ()}, {"status": -15, "signal": 15, "stored": ()},
    {"status": 75, "said": UNKNOWN[0].encode()}, {"status": -15, "signal": 15},
    {"name": "bs", "said": GO_AHEAD + b"250 2.0.0 ok\r\n"}, {"name": "bs", "stored": ()}])
def test_a_good_run(run):
    assert judged(**run) == []


@pytest.mark.parametrize("run, said", [
    ({"status": 75}, "the server has it"), ({"stored": ()}, "nobody has it"),
    ({"status": -11}, "died by signal 11"), ({"status": -15, "signal": 1}, "died by signal 15"),
    ({"status": 1, "stored": ()}, "status 1"), ({"status": 139, "stored": ()}, "status 139"),
    ({"stored": (b"x\r\nEND\r\n",) * 2}, "twice"), ({"stored": (b"x\r\n",)}, "in part"),
    ({"said": SECRET.encode()}, "password"), ({"status": None}, "did not end"),
    ({"name": "bs", "said": GO_AHEAD + b"250 ok\r\n", "stored": ()}, "nobody has it"),
    ({"name": "bs", "status": 75, "said": GO_AHEAD}, "the server has it")])
def test_a_planted_fault(run, said):
    assert any(said in fault for fault in judged(**run))


@pytest.mark.parametrize("script, said", [
    ('"$P" "$@"', None), ('"$P" "$@"; exit 75', "the server has it"), ('cat >/dev/null', "nobody has it"),
    ('"$P" "$@"; kill -SEGV $$', "died by signal 11"), (f'"$P" "$@"; echo {SECRET}', "password"),
    ('cat >"$HOME/m"; "$P" "$@" <"$HOME/m" && "$P" "$@" <"$HOME/m"', "twice")])
def test_a_program_that_breaks_a_promise(postrider, tmp_path, script, said):
    program = tmp_path / "program"
    program.write_text(f'#!/bin/sh\nP={postrider}\n{script}\n')
    program.chmod(0o755)
    os.environ.pop("LD_PRELOAD", None)
    with Lab(program, "") as lab:
        found = faults(lab.scenarios[0], lab.run(lab.scenarios[0]))
    assert any(said in fault for fault in found) if said else not found
