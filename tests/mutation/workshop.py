# SPDX-License-Identifier: MIT
"""A private copy of the tree that is built, changed in one place, built again and tested.

Copy.make() takes what git knows of the tree. Nothing is ever written into the tree itself.
"""

import contextlib
import json
import os
import pathlib
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lint"))

import lintlib  # noqa: E402  (found through the line above)

# A mutant may run in circles or fill the disk.
LIMITS = ["prlimit", "--cpu=90", "--fsize=4294967296", "--core=0"]
# What a release zeroes is zero here, too: a dropped assignment then does the same in every run. An index
# beyond the end of an array ends the program, as it does in the sanitizers' builds.
OPTIONS = ["-Dtests=true", "-Doptimization=0"]
C_ARGS = ["-ftrivial-auto-var-init=zero", "-fsanitize=bounds", "-fsanitize-undefined-trap-on-error"]
ARGUMENTS = 1 << 20  # octets; the kernel takes 2 MiB with the environment, and of one argument
ARGUMENT = 100000    # not more than 128 KiB
# Where things stand in the tree; all else is asked of meson.
SOURCES = "src/"
PYTHON_TESTS = "tests/integration"


@contextlib.contextmanager
def private_folder(prefix):
    """A temporary folder that others may pass through: some tests become somebody else."""
    with tempfile.TemporaryDirectory(prefix=prefix) as folder:
        os.chmod(folder, 0o711)
        yield folder


class Broken(Exception):
    """The harness cannot work; what it was trying to do, and what was said."""


class Result:
    """What tests made of a program: "passed", "failed", "timed out" or "skipped"; the test that failed."""

    def __init__(self, verdict, test="", said=""):
        self.verdict = verdict
        self.test = test
        self.said = said


def batches(names, octets=ARGUMENTS):
    """The names in their order, as many at a time as the arguments of a command have room for.

    In place of a name that is too long comes its function, with all its parameters.
    """
    some, size = [], 0
    for name in names:
        name = name if len(name.encode()) <= ARGUMENT else name.partition("[")[0]
        if some and size + len(name.encode()) > octets:
            yield some
            some, size = [], 0
        some.append(name)
        size += len(name.encode()) + 9
    if some:
        yield some


class Copy:
    """A copy of the tree in a folder, with a build folder inside of it."""

    def __init__(self, folder, root=lintlib.REPOSITORY):
        self.root = root
        self.folder = pathlib.Path(folder)
        self.tree = self.folder / "tree"
        self.build_folder = self.tree / "build"
        self.log = self.folder / "log"
        self.program = ""  # what is installed, below the build folder
        self._tests = {}
        self._made = set()
        self._objects = {}

    def make(self, *more, debug=False, c_args=()):
        """Copy the tree, configure it; learn which programs the tests are."""
        for name in lintlib.tree(self.root, fixtures=True):
            target = self.tree / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(self.root / name, target, follow_symlinks=False)
        args = ["meson", "setup", str(self.build_folder), *OPTIONS,
                f"-Ddebug={str(debug).lower()}", *more,
                "-Dc_args=" + " ".join([*C_ARGS, *c_args])]
        if self.command(args, 300) != 0:
            raise Broken("meson setup: " + self.said())
        for test in json.loads(self.introspect("--tests")):
            program = os.path.relpath(test["cmd"][0], self.build_folder)
            self._tests[os.path.basename(program)] = {**test, "program": program}
        for target in json.loads(self.introspect("--targets")):
            name = os.path.relpath(target["filename"][0], self.build_folder)
            if target["type"] in ("executable", "shared module", "shared library") \
                    and os.path.basename(name) not in self._tests:
                self._made.add(name)
            if target["type"] == "executable" and target["installed"]:
                self.program = name
        return self

    def clone(self, other):
        """Become the like of another copy, which was built: nothing has to be built again.

        Headers are still those of the other one, where they are the same: no mutant changes one.
        """
        shutil.copytree(other.tree, self.tree, symlinks=True)
        self._tests, self._made, self.program = other._tests, other._made, other.program

    def introspect(self, what):
        """What meson says about the build."""
        return subprocess.run(["meson", "introspect", what, str(self.build_folder)], check=True,
                              capture_output=True, text=True).stdout

    def programs(self):
        """The names of the tests that are programs."""
        return sorted(self._tests)

    def product_sources(self):
        """The C sources of what is installed, as paths of the tree."""
        found = set()
        for target in json.loads(self.introspect("--targets")):
            ours = target["type"] == "static library" or (
                target["type"] == "executable" and target["installed"])
            for group in target.get("target_sources", []) if ours else []:
                found.update(os.path.relpath(name, self.tree) for name in group.get("sources", []))
        return sorted(name for name in found if name.startswith(SOURCES) and name.endswith(".c"))

    def read(self, path):
        """The text of a source."""
        return (self.tree / path).read_text("utf-8")

    @contextlib.contextmanager
    def changed(self, path, text):
        """A source has another text meanwhile."""
        before = self.read(path)
        (self.tree / path).write_text(text, "utf-8")
        try:
            yield
        finally:
            (self.tree / path).write_text(before, "utf-8")

    def target_of(self, test):
        """What ninja builds for a test: its program, or for Python all but tests and fuzzers."""
        if test in self._tests:
            return [self._tests[test]["program"]]
        return sorted(self._made)

    def build(self, tests, jobs=1):
        """Build what these tests need; whether it compiles."""
        targets = {name for test in tests for name in self.target_of(test)}
        return self.command(["ninja", "-C", str(self.build_folder), f"-j{jobs}", *sorted(targets)],
                            600) == 0

    def changes_nothing(self, path, text):
        """Whether a source with another text becomes the same machine code, once it is optimized."""
        if path not in self._objects:
            self._objects[path] = self._object(path, self.read(path))
        code = self._object(path, text)
        return code is not None and code == self._objects[path]

    def _object(self, path, text):
        """The object file of a source with that text; None where it does not compile."""
        entries = json.loads((self.build_folder / "compile_commands.json").read_text("utf-8"))
        command = next(shlex.split(entry["command"]) for entry in entries
                       if os.path.normpath(self.build_folder / entry["file"]) == str(self.tree / path))
        options = [word for word in command if not word.startswith(("-O", "-M"))]
        source, output = self.folder / "source.c", self.folder / "object"
        source.write_text(f'#line 1 "source"\n{text}', "utf-8")
        for option in ("-o", "-c"):
            at = options.index(option)
            del options[at:at + 2]
        options = [word for word in options if not word.endswith((".o.d", ".c.o"))]
        done = subprocess.run([*options, "-O2", "-g0", "-w", "-iquote", str((self.tree / path).parent),
                               "-c", str(source), "-o", str(output)], cwd=self.build_folder,
                              capture_output=True, check=False)
        return output.read_bytes() if done.returncode == 0 else None

    def command(self, args, seconds, **more):
        """The status of a command; its output is in the log. None: time is over."""
        with open(self.log, "wb") as log:
            process = subprocess.Popen(args, cwd=self.tree, stdin=subprocess.DEVNULL, stdout=log,
                                       stderr=subprocess.STDOUT, start_new_session=True, **more)
            try:
                return process.wait(seconds)
            except subprocess.TimeoutExpired:
                return None
            finally:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def said(self):
        """The output of the last command."""
        return self.log.read_text("utf-8", "replace")

    def test(self, tests, seconds):
        """Run tests, programs first, to the first that fails. They are built."""
        for name in (name for name in tests if name in self._tests):
            test = self._tests[name]
            program = str(self.build_folder / test["program"])
            status = self.command([*LIMITS, program, *test["cmd"][1:]], seconds,
                                  env={**os.environ, **test["env"]})
            if status != 0:
                return Result("timed out" if status is None else "failed", name, self.said())
        results = []
        for some in batches([name for name in tests if name not in self._tests]):
            results.append(self._pytest(some, seconds))
            if results[-1].verdict not in ("passed", "skipped"):
                return results[-1]
        return min(results, key=lambda result: result.verdict, default=Result("passed"))

    def _pytest(self, tests, seconds):
        scratch = self.folder / "tmp"
        shutil.rmtree(scratch, ignore_errors=True)
        env = {**os.environ, "POSTRIDER": str(self.build_folder / self.program),
               "POSTRIDER_BUILDDIR": str(self.build_folder), "PYTHONDONTWRITEBYTECODE": "1"}
        status = self.command(
            [*LIMITS, sys.executable, "-m", "pytest", "-x", "-q", "--tb=short", "-rfE",
             "-p", "no:cacheprovider", f"--basetemp={scratch}", *tests], seconds, env=env)
        if status == 0:
            ran = re.search(r"^\d+ passed", self.said(), re.M)
            return Result("passed" if ran else "skipped")
        if status is None:
            return Result("timed out")
        failed = re.search(r"^(?:FAILED|ERROR) (\S+::.*?)(?: - .*)?$", self.said(), re.M)
        if not failed:
            raise Broken("pytest: " + self.said()[-2000:])
        return Result("failed", failed[1], self.said())
