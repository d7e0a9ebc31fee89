# SPDX-License-Identifier: MIT
"""Which tests come to which line: measured once for a state of the tree, then read from a cache.

Everything is built with gcc's -fsanitize-coverage=trace-pc and reach.c, which notes the blocks of
code that run in a file beside the program. After each test the file is read and emptied.
"""

import bisect
import concurrent.futures
import hashlib
import json
import mmap
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

import workshop

HERE = pathlib.Path(__file__).resolve().parent
SUFFIX = ".reach"


def git(root, *args):
    """What git says, or nothing."""
    done = subprocess.run(["git", "-C", str(root), *args], capture_output=True, text=True,
                          check=False)
    return done.stdout.strip() if done.returncode == 0 else ""


def commit(root):
    """The commit at hand."""
    return git(root, "rev-parse", "HEAD") or "no commit"


def state(root):
    """A word for the state of the tree: the commit, and what has changed since."""
    changes = hashlib.sha256()
    if git(root, "status", "--porcelain", "--", workshop.SOURCES, "tests"):
        for name in workshop.lintlib.tree(root):
            if name.startswith((workshop.SOURCES, "tests/")) and (root / name).is_file():
                changes.update(name.encode() + b"\0" + (root / name).read_bytes())
        return f"{commit(root)}-{changes.hexdigest()[:16]}"
    return commit(root)


# --- the marks in the files beside the programs ------------------------------------------------

class Marks:
    """The files of marks of all programs in a folder."""

    def __init__(self, folder, make=False):
        self.maps = {}
        for path in sorted(pathlib.Path(folder).rglob("*" if make else "*" + SUFFIX)):
            if make and not self._make(path):
                continue
            path = path if path.suffix == SUFFIX else path.with_name(path.name + SUFFIX)
            with path.open("r+b") as file:
                self.maps[str(path.relative_to(folder))] = mmap.mmap(file.fileno(), 0)

    @staticmethod
    def _make(path):
        """Put a file of marks beside a program."""
        if path.suffix or not path.is_file() or not os.access(path, os.X_OK):
            return False
        marks = path.with_name(path.name + SUFFIX)
        with marks.open("wb") as file:
            file.truncate(path.stat().st_size)
        marks.chmod(0o666)
        return True

    def take(self):
        """{program: offsets that were marked}; the marks are gone."""
        found = {}
        for name, marks in self.maps.items():
            offsets = [match.start() for match in re.finditer(rb"\x01", marks)]
            if offsets:
                found[name] = offsets
                marks[:] = bytes(len(marks))
        return found


# --- measuring ---------------------------------------------------------------------------------

def measure(root, jobs):
    """The map of the tree: {"tests": [[name, seconds]...], "lines": {path: {line: bits}}}."""
    with workshop.private_folder("reach-") as folder:
        folder = pathlib.Path(folder)
        runtime = folder / "reach.o"
        subprocess.run(["gcc", "-O2", "-fPIC", "-D_GNU_SOURCE", "-c", HERE / "reach.c",
                        "-o", runtime], check=True)
        copy = workshop.Copy(folder / "0", root)
        copy.folder.mkdir()
        copy.make(f"-Dc_link_args={runtime}", debug=True,
                  c_args=["-fsanitize-coverage=trace-pc"])
        if not copy.build(copy.programs() + ["tests"], jobs):
            raise workshop.Broken("ninja: " + copy.said()[-2000:])
        lines = {name: lines_of(copy, copy.build_folder / name.removesuffix(SUFFIX))
                 for name in Marks(copy.build_folder, make=True).maps}
        for name in (name for name, known in list(lines.items()) if not known):
            (copy.build_folder / name).unlink()
        runs = list(run_programs(copy))
        with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
            parts = [pool.submit(run_python, copy, folder / f"part{n}", files)
                     for n, files in enumerate(share_out(copy, 3 * jobs)) if files]
            for part in parts:
                runs += part.result()
        return gather(lines, runs)


def lines_of(copy, program):
    """{offset: (path, line)} of the blocks of a program."""
    listing = subprocess.run(["objdump", "-d", "--no-show-raw-insn", str(program)],
                             capture_output=True, text=True, check=True).stdout
    after = re.findall(r"call\w*\s+\w+ <__sanitizer_cov_trace_pc>\n\s*([0-9a-f]+):", listing)
    if not after:
        after = re.findall(r"\bbl\s+\w+ <__sanitizer_cov_trace_pc>\n\s*([0-9a-f]+):", listing)
    # The address after a call may belong to the next line already; one octet less cannot.
    asked = "\n".join(f"{int(at, 16) - 1:x}" for at in after)
    told = subprocess.run(["addr2line", "-e", str(program)], input=asked, capture_output=True,
                          text=True, check=True).stdout.splitlines()
    found = {}
    for at, place in zip(after, told):
        name, _, line = place.partition(" ")[0].rpartition(":")
        path = os.path.relpath(os.path.join(copy.build_folder, name), copy.tree)
        if path.startswith(workshop.SOURCES) and line.isdigit():
            found[int(at, 16)] = (path, int(line))
    return found


def run_programs(copy):
    """Run the tests that are programs: (name, seconds, marks) of each that passes."""
    marks = Marks(copy.build_folder)
    for name in copy.programs():
        began = time.monotonic()
        marks.take()
        if copy.test([name], 120).verdict == "passed":
            yield name, time.monotonic() - began, marks.take()


def share_out(copy, count):
    """The files of the Python tests in as many heaps of about the same size."""
    heaps = [[] for _ in range(count)]
    files = sorted((copy.tree / workshop.PYTHON_TESTS).glob("test_*.py"),
                   key=lambda path: -path.stat().st_size)
    for path in files:
        min(heaps, key=lambda heap: sum(p.stat().st_size for p in heap)).append(path)
    return heaps


def run_python(copy, folder, files):
    """Run files of Python tests with programs of their own: (name, seconds, marks) of each."""
    programs = folder / "build"
    for part in {pathlib.Path(name).parts[0] for name in copy.target_of("") + [copy.program]}:
        shutil.copytree(copy.build_folder / part, programs / part, symlinks=True,
                        ignore=shutil.ignore_patterns("*.p", "*.a"))
    env = {**os.environ, "POSTRIDER": str(programs / copy.program),
           "POSTRIDER_BUILDDIR": str(programs), "PYTHONDONTWRITEBYTECODE": "1",
           "PYTHONPATH": str(HERE), "REACH_PROGRAMS": str(programs),
           "REACH_RUNS": str(folder / "runs")}
    with (folder / "log").open("wb") as log:
        subprocess.run([sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider",
                        "-p", "reachplugin", f"--basetemp={folder / 'tmp'}", *map(str, files)],
                       cwd=copy.tree, stdin=subprocess.DEVNULL, stdout=log,
                       stderr=subprocess.STDOUT, env=env, check=False)
    if not (folder / "runs").exists():
        raise workshop.Broken("pytest: " + (folder / "log").read_text("utf-8")[-2000:])
    return [tuple(json.loads(line)) for line in (folder / "runs").read_text("utf-8").splitlines()]


def gather(lines, runs):
    """The map that the runs make."""
    runs = sorted(runs, key=lambda run: run[1])
    reached = {}
    for places in lines.values():
        for path, line in places.values():
            reached.setdefault(path, {}).setdefault(str(line), 0)
    for number, (_, _, marks) in enumerate(runs):
        for name, offsets in marks.items():
            for path, line in {lines[name][at] for at in offsets if at in lines[name]}:
                reached[path][str(line)] |= 1 << number
    return {"tests": [[name, round(seconds, 3)] for name, seconds, _ in runs],
            "lines": {path: {line: f"{bits:x}" for line, bits in found.items()}
                      for path, found in reached.items()}}


# --- asking ------------------------------------------------------------------------------------

class Reached:
    """The map: what tests come to a line."""

    def __init__(self, found):
        self._tests = found["tests"]
        self._lines = {path: {int(line): int(bits, 16) for line, bits in lines.items()}
                       for path, lines in found["lines"].items()}
        self._order = {path: sorted(lines) for path, lines in self._lines.items()}

    def knows(self, path, line):
        """Whether the line is compiled here at all."""
        return path in self._order and line >= self._order[path][0]

    def tests(self, path, line, budget):
        """(tests, seconds): those that come to the line, quickest first, at most for so long.

        A block of code is known by its first line, so the nearest one above counts. Where there
        is not time for all, each file of tests has a turn before one has its second.
        """
        order = self._order[path]
        first = order[max(bisect.bisect_right(order, line) - 1, 0)]
        bits = self._lines[path][first]
        turns = {}
        ranked = []
        for number, (name, seconds) in enumerate(self._tests):
            if bits >> number & 1:
                file = name.partition("::")[0]
                turns[file] = turns.get(file, 0) + 1
                ranked.append((turns[file], seconds, name))
        chosen, total = [], 0.0
        for _, seconds, name in sorted(ranked):
            if not chosen or total + seconds <= budget:
                chosen.append((seconds, name))
                total += seconds
        return [name for _, name in sorted(chosen)], total


def load(root, cache, measured):
    """The map of the tree from the cache, or measured now and kept there."""
    path = cache / f"{state(root)}.json"
    if not path.exists():
        print("measuring which tests come to which line; this takes as long as all tests do",
              flush=True)
        found = measured()
        cache.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(found), "utf-8")
    return Reached(json.loads(path.read_text("utf-8")))
