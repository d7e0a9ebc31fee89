#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Injects faults into whole runs of the program, and says which broke a promise.

Allocations: each one fails, in each scenario. System calls: errors of each, a signal at each, some
of them drawn, or with --all every one. Reading and writing single octets. Small limits. The last
line is "N passed, N failed". $POSTRIDER and $POSTRIDER_BUILDDIR name another program and another build.
"""

import argparse
import collections
import concurrent.futures
import logging
import os
import pathlib
import random
import re
import resource
import shutil
import signal
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "lib"))

from scenarios import Lab, faults  # noqa: E402

BUILD = pathlib.Path(os.environ.get("POSTRIDER_BUILDDIR", ROOT / "build")).absolute()
POSTRIDER = os.path.abspath(os.environ.get("POSTRIDER", BUILD / "src" / "postrider"))
DRAWN = 400
FIRST = 'openat(AT_FDCWD, "/dev/null", O_WRONLY|O_CLOEXEC)'

ERRORS = {
    "openat": "EMFILE EACCES EIO", "read": "EIO EAGAIN EINTR", "write": "ENOSPC EIO EINTR",
    "pread64": "EIO EINTR", "pwrite64": "ENOSPC", "newfstatat": "EACCES EIO", "fstat": "EIO",
    "socket": "EMFILE ENFILE ENOBUFS", "connect": "ETIMEDOUT ECONNREFUSED EAGAIN",
    "poll": "EINTR ENOMEM", "recvfrom": "ECONNRESET EAGAIN EINTR ETIMEDOUT",
    "sendto": "EPIPE ECONNRESET EAGAIN EINTR ENOBUFS", "getrandom": "EAGAIN ENOSYS",
    "fcntl": "EMFILE", "ioctl": "EIO", "setsockopt": "ENOMEM", "getsockopt": "ENOBUFS",
    "getsockname": "ENOBUFS", "landlock_create_ruleset": "ENOSYS EMFILE",
    "landlock_add_rule": "ENOMEM", "landlock_restrict_self": "E2BIG", "prctl": "EPERM",
    "mlock": "ENOMEM", "madvise": "EINVAL", "mkdir": "EACCES ENOSPC", "unlinkat": "EROFS",
    "renameat": "ENOSPC", "pipe2": "EMFILE", "clone3": "EAGAIN", "futex": "EINTR",
    "sigaltstack": "ENOMEM", "rt_sigaction": "EINVAL", "lseek": "ESPIPE", "close": "EIO"}
SIGNALS = ["TERM", "HUP", "INT"]
LIMITS = [("NOFILE", (3, 4, 5, 6, 7, 8, 10, 12)), ("FSIZE", (0, 1, 4096)), ("STACK", (1 << 18, 1 << 20)),
          ("AS", tuple(n << 20 for n in (8, 12, 16, 20, 24, 28, 32, 48))), ("NPROC", (0,))]


class Campaign:
    """Counts what was tried and keeps what was wrong."""

    def __init__(self, lab):
        self.lab = lab
        self.wrong = []
        self.tried = collections.Counter()

    def each(self, kind, cases, attempt):
        """attempt(scenario, *case) is (run, signal), for each case; scenarios side by side."""
        by_scenario = collections.defaultdict(list)
        for scenario, *case in cases:
            by_scenario[scenario].append(case)

        def go(scenario):
            for case in by_scenario[scenario]:
                run, number = attempt(scenario, *case)
                self.tried[kind] += 1
                for fault in faults(scenario, run, number):
                    self.note(kind, scenario, case, fault, run)
        with concurrent.futures.ThreadPoolExecutor(len(self.lab.scenarios)) as pool:
            for _ in pool.map(go, by_scenario):
                pass

    def note(self, kind, scenario, case, fault, run):
        """Something is wrong: say it at once."""
        last = " ".join(run.said.strip().splitlines()[-1:])[:160]
        self.wrong.append(f"{kind}: {scenario.name} {' '.join(map(str, case))}: {fault}: {last}")
        print(self.wrong[-1], flush=True)

    # --- allocations ---

    def count(self, scenario):
        """How many allocations a run has; it must be a good one."""
        with tempfile.NamedTemporaryFile() as file:
            run = self.lab.run(scenario, LD_PRELOAD=self.lab.inject, FAULT_COUNT=file.name)
            assert run.stored == 1 and not faults(scenario, run), run.said
            return int(pathlib.Path(file.name).read_text())

    def allocations(self, step):
        """The n-th one fails, for every n, or for one of so many."""
        def attempt(scenario, at):
            return self.lab.run(scenario, LD_PRELOAD=self.lab.inject,
                                FAULT_ALLOCATION=str(at)), None
        self.each("allocation", [(scenario, at) for scenario in self.lab.scenarios
                                 for at in range(1, self.count(scenario) + 1, step)], attempt)

    # --- system calls ---

    def calls(self, scenario):
        """The system calls of a run in their order: (name, is it the program's own).

        Its own begin when it sees to its standard streams; those before load its libraries.
        """
        with tempfile.NamedTemporaryFile("r") as trace:
            run = self.lab.run(scenario, ["strace", "-qq", "-o", trace.name])
            assert run.stored == 1, run.said
            text = trace.read()
            start = text.index(FIRST)
            return [(call[1], call.start() >= start)
                    for call in re.finditer(r"^([a-z0-9_]+)\(", text, re.M)]

    def inject(self, scenario, what, number=None):
        """A run in which strace injects that."""
        before = ["strace", "-qq", "-o", "/dev/null", "-e", "trace=all", "-e", f"inject={what}"]
        return self.lab.run(scenario, before), number

    def system_calls(self, dice, everything):
        """Each call fails with each of its errors; at each call comes a signal."""
        errors, signals = [], []
        for scenario in self.lab.scenarios:
            count = collections.Counter()
            for name, is_own in self.calls(scenario):
                count[name] += 1
                if not is_own or name in ("execve", "exit_group"):
                    continue
                errors += [(scenario, f"{name}:error={error}:when={count[name]}")
                           for error in ERRORS.get(name, "").split()]
                signals += [(scenario, f"{name}:signal={one}:when={count[name]}",
                             int(signal.Signals[f"SIG{one}"])) for one in SIGNALS]
        for kind, cases in (("error", errors), ("signal", signals)):
            if not everything:
                cases = dice.sample(cases, min(DRAWN, len(cases)))
            self.each(kind, cases, self.inject)

    # --- the rest ---

    def short(self):
        """Reading and writing single octets: the message arrives all the same."""
        def attempt(scenario):
            run = self.lab.run(scenario, LD_PRELOAD=self.lab.inject, FAULT_SHORT="1")
            if run.stored != 1:
                self.note("short", scenario, [], "it did not arrive", run)
            return run, None
        self.each("short", [(scenario,) for scenario in self.lab.scenarios], attempt)

    def limits(self):
        """Too few descriptors, too little memory: 75, or the message goes."""
        def attempt(scenario, name, value):
            run = self.lab.run(scenario, ["prlimit", f"--{name.lower()}={value}"])
            if run.status == 127 and "loading shared libraries" in run.said:
                run.status = 75  # it did not come as far as us
            if run.status not in (0, 71, 74, 75):
                self.note("limit", scenario, [name, value], f"status {run.status}", run)
            return run, None
        self.each("limit", [(scenario, name, value) for scenario in self.lab.scenarios
                            for name, values in LIMITS for value in values], attempt)


def main():
    """Runs all of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--all", action="store_true", help="nothing is drawn: hours")
    parser.add_argument("--seed", default="1", help="for what is drawn")
    parser.add_argument("--step", type=int, default=1, help="one of so many allocations")
    options = parser.parse_args()
    for tool in ("strace", "prlimit"):
        if not shutil.which(tool):
            parser.error(f"{tool} is missing")
    logging.disable()  # what the servers say of clients that die
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with Lab(POSTRIDER, BUILD / "tests" / "libinject.so") as lab:
        campaign = Campaign(lab)
        campaign.short()
        campaign.limits()
        campaign.system_calls(random.Random(options.seed), options.all)
        campaign.allocations(options.step)
    for kind, count in campaign.tried.items():
        print(f"{kind}: {count} tried")
    print(f"{sum(campaign.tried.values()) - len(campaign.wrong)} passed, {len(campaign.wrong)} failed")
    return 1 if campaign.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
