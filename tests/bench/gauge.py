# SPDX-License-Identifier: MIT
"""What one run of a program costs: seconds, memory, instructions.

Every run ends: after PATIENCE seconds it is killed. RuntimeError when it was, or when it failed.
"""

import contextlib
import os
import re
import subprocess
import tempfile
import time

PATIENCE = 120


def seconds(command, source, environment):
    """How long it takes with the file `source` as standard input."""
    with open(source, "rb") as file:
        return _timed(command, file, environment)


def piped_seconds(command, sources, environment):
    """How long it takes with the files, one behind the other, from a pipe."""
    with _pipe(sources) as pipe:
        return _timed(command, pipe, environment)


def piped_memory(command, sources, environment, status=0):
    """The most KiB that were resident. Where the status is not 0, what it said is of no interest.

    time(1) starts the program: a child of this interpreter would count its pages as its own.
    """
    with tempfile.NamedTemporaryFile("r", encoding="ascii") as peak, _pipe(sources) as pipe:
        _timed(["time", "-q", "-f", "%M", "-o", peak.name, *command], pipe, environment,
               stderr=subprocess.DEVNULL if status else None, status=status)
        return int(peak.read())


def instructions(command, source, environment, within=()):
    """How many it executes from its first to its last, libraries included; callgrind counts.

    within: a command that runs another one, and is not counted
    """
    counted = [*within, "valgrind", "--tool=callgrind", f"--callgrind-out-file={os.devnull}", *command]
    with tempfile.TemporaryFile("w+", encoding="utf-8") as said:
        with open(source, "rb") as file:
            _timed(counted, file, environment, stderr=said)
        said.seek(0)
        return int(re.search(r"Collected : (\d+)", said.read()).group(1))


@contextlib.contextmanager
def _pipe(sources):
    """A pipe that a process fills with the files."""
    with subprocess.Popen(["cat", *sources], stdout=subprocess.PIPE) as producer:
        try:
            yield producer.stdout
        finally:
            producer.stdout.close()


def _timed(command, stdin, environment, stderr=None, status=0):
    started = time.monotonic()
    try:
        done = subprocess.run(command, stdin=stdin, env=environment, stderr=stderr, check=False,
                              timeout=PATIENCE)
        if done.returncode != status:
            raise subprocess.CalledProcessError(done.returncode, command)
    except (OSError, subprocess.SubprocessError) as error:
        reason = (f"status {error.returncode}"
                  if isinstance(error, subprocess.CalledProcessError) else
                  f"killed after {PATIENCE} s"
                  if isinstance(error, subprocess.TimeoutExpired) else str(error))
        raise RuntimeError(f"{' '.join(command[:9])}: {reason}") from None
    return time.monotonic() - started
