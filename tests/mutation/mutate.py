#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Change one line of the sources and see whether a test notices.

Without N the changes of tests/mutation/fixed; with N as many that are drawn: first the operator,
then the place, so that no operator drowns the others. Prints a line for each, the score, and the
changes that nothing noticed. A change that does not compile is drawn again.
"""

import argparse
import difflib
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import threading
import time
from typing import NamedTuple

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import entries  # noqa: E402  (found through the line above)
import operators  # noqa: E402
import reach  # noqa: E402
import workshop  # noqa: E402

# Of a sample: what must be noticed, and what may be excused.
SCORE = 0.90
EXCUSED = 0.08


class Case(NamedTuple):
    """A change to be tried: a file and its new text; the tests, quickest first, and their time."""

    path: str
    line: int
    operator: str
    old: str
    new: str
    tests: list
    seconds: float
    excuse: str = ""


class Outcome(NamedTuple):
    """What came of a case: killed, survived, timed out, equivalent, or error."""

    case: Case
    verdict: str
    words: str

    def __str__(self):
        case = self.case
        return f"{case.path}:{case.line}, {case.operator}: {self.verdict}{self.words}"

    def diff(self):
        """The change as a unified diff of one line."""
        name = self.case.path
        lines = difflib.unified_diff(self.case.old.split("\n"), self.case.new.split("\n"),
                                     f"a/{name}", f"b/{name}", lineterm="", n=0)
        return "\n".join(lines)


# --- trying ------------------------------------------------------------------------------------

def attempt(copy, case):
    """Build a case and test it; None where it does not compile."""
    if case.excuse:
        return Outcome(case, "equivalent", f" ({case.excuse})")
    if not case.tests:
        return Outcome(case, "survived", " (no test comes here)")
    with copy.changed(case.path, case.new):
        if not copy.build(case.tests):
            return None
        result = copy.test(case.tests, 30 + 4 * case.seconds)
    if result.verdict == "failed":
        return Outcome(case, "killed", f" by {result.test}")
    if result.verdict == "timed out":
        return Outcome(case, "timed out", "")
    return Outcome(case, "survived", f" ({len(case.tests)} tests)")


class Crew:
    """Some copies of the tree that try cases at the same time."""

    def __init__(self, folder, count, root):
        self.copies = [workshop.Copy(pathlib.Path(folder) / str(n), root) for n in range(count)]
        self.errors = []

    def make(self):
        """Copy and configure."""
        self._each(lambda copy: (copy.folder.mkdir(), copy.make()))

    def build(self, tests):
        """Build what the tests need, unchanged."""
        def one(copy):
            if not copy.build(tests):
                raise workshop.Broken("ninja: " + copy.said()[-2000:])
        self._each(one)

    def work(self, cases, wanted, report):
        """Try cases until as many as wanted have an outcome; report each."""
        done, lock = [], threading.Lock()
        waiting = iter(cases)

        def one(copy):
            while not self.errors:
                with lock:
                    case = next(waiting, None) if len(done) < wanted else None
                    if not case:
                        return
                    done.append(None)
                outcome = attempt(copy, case)
                with lock:
                    done.remove(None)
                    if outcome:
                        done.append(outcome)
                        report(outcome)
        self._each(one)
        return [outcome for outcome in done if outcome]

    def _each(self, what):
        """what(copy) for all at once; an error in one of them ends the run."""
        def safely(copy):
            try:
                what(copy)
            except (OSError, ValueError, subprocess.SubprocessError, workshop.Broken,
                    entries.Stale) as error:
                self.errors.append(error)
        threads = [threading.Thread(target=safely, args=(copy,)) for copy in self.copies]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if self.errors:
            raise self.errors[0]


# --- the fixed list ----------------------------------------------------------------------------

def fixed_cases(root, listed):
    """The cases of the list; an entry that does not fit its file raises entries.Stale."""
    cases = []
    for entry in listed:
        path = root / entry.path
        if not path.is_file():
            raise entries.Stale(f"{entry.where}: there is no {entry.path}; correct the entry")
        text = path.read_text("utf-8")
        cases.append(Case(entry.path, entry.place(text)[1], entry.why, text, entry.apply(text),
                          [entry.by], 15))
    return cases


def play_fixed(args, crew):
    """All changes of the list, each of which its test must notice."""
    cases = fixed_cases(args.root, entries.read(args.fixed, args.fixed.name, True))
    if not cases:
        raise entries.Stale(f"{args.fixed}: has no entries")
    crew.make()
    tests = sorted({case.tests[0] for case in cases})
    crew.build(tests)
    copy = crew.copies[0]
    unchanged = copy.test(tests, 60 + 5 * len(tests))
    if unchanged.verdict != "passed":
        raise workshop.Broken(f"without any change {unchanged.test or 'a test'} "
                              f"{unchanged.verdict}\n{unchanged.said[-2000:]}")
    outcomes = crew.work(cases, len(cases), show)
    missed = len(cases) - len(outcomes)
    if missed:
        print(f"{missed} of the list do not compile; correct the entries")
    return outcomes, missed


# --- a sample ----------------------------------------------------------------------------------

def draw(sources, seed):
    """Endlessly: (path, mutant), the operator first, then its place; none twice."""
    chance = random.Random(seed)
    found = {}
    for path, text in sorted(sources.items()):
        for mutant in operators.mutants(text):
            found.setdefault(mutant.operator, []).append((path, mutant))
    for places in found.values():
        chance.shuffle(places)
    while found:
        operator = chance.choice(sorted(found))
        yield found[operator].pop()
        if not found[operator]:
            del found[operator]


def excuse_of(path, old, new, excused):
    """Why a change makes no difference; nothing where the list does not say."""
    for entry in excused:
        if entry.path == path and entry.apply(old) == new:
            return entry.why
    return ""


def sample_cases(args, sources, reached, excused):
    """Cases, as many as are asked for: a generator, since some do not compile."""
    for path, mutant in draw(sources, args.seed):
        text = sources[path]
        new = mutant.apply(text)
        if not reached.knows(path, mutant.line):
            continue
        tests, seconds = reached.tests(path, mutant.line, args.budget)
        yield Case(path, mutant.line, mutant.operator, text, new, tests, seconds,
                   excuse_of(path, text, new, excused))


def play_sample(args, crew):
    """Changes that are drawn, with all tests that come to their line."""
    excused = entries.read(args.equivalent, args.equivalent.name, False)
    fixed_cases(args.root, excused)
    crew.make()
    copy = crew.copies[0]
    reached = reach.load(args.root, args.cache, lambda: reach.measure(args.root, args.jobs))
    crew.build(copy.programs() + ["tests"])
    sources = {path: copy.read(path) for path in copy.product_sources()
               if args.only in path}
    outcomes = crew.work(sample_cases(args, sources, reached, excused), args.n, show)
    return outcomes, 0


def show(outcome):
    """A line for an outcome."""
    print(outcome, flush=True)


def summary(outcomes, missed, began):
    """The survivors, the score, and the last line; (score, share of what was excused)."""
    count = {verdict: sum(outcome.verdict == verdict for outcome in outcomes)
             for verdict in ("killed", "survived", "timed out", "equivalent")}
    print()
    for outcome in outcomes:
        if outcome.verdict in ("survived", "timed out"):
            print(f"# {outcome}\n{outcome.diff()}")
    counted = len(outcomes) - count["equivalent"] + missed
    score = count["killed"] / counted if counted else 0
    print(f"{len(outcomes)} changes in {time.monotonic() - began:.0f} s: "
          + ", ".join(f"{number} {verdict}" for verdict, number in count.items())
          + f"; score {100 * score:.1f} %")
    print(f"{count['killed']} passed, {counted - count['killed']} failed")
    return score, count["equivalent"] / len(outcomes) if outcomes else 0


def read_arguments():
    """The command line."""
    parser = argparse.ArgumentParser(prog="tests/mutation/run", description=__doc__.split("\n")[0])
    parser.add_argument("n", nargs="?", type=int, help="how many to draw; without it: the list")
    parser.add_argument("--seed", help="what is drawn; without it: the commit")
    parser.add_argument("--budget", type=float, default=60,
                        help="seconds of tests for one change (default: 60)")
    parser.add_argument("--only", default="", help="only sources whose path holds this")
    parser.add_argument("--jobs", type=int, default=2, help="how many at once (default: 2)")
    parser.add_argument("--root", type=pathlib.Path, default=workshop.lintlib.REPOSITORY,
                        help="the tree (default: this repository)")
    parser.add_argument("--fixed", type=pathlib.Path, default=HERE / "fixed")
    parser.add_argument("--equivalent", type=pathlib.Path, default=HERE / "equivalent")
    parser.add_argument("--cache", type=pathlib.Path, help="where the map of the tests is kept; "
                        "default: ~/.cache/postrider-mutation")
    args = parser.parse_args()
    args.root = args.root.resolve()
    cache = os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache"
    args.cache = args.cache or pathlib.Path(cache) / "postrider-mutation"
    args.seed = args.seed or reach.commit(args.root)
    return args


def main():
    """Both ways to run; the exit status says whether the tests are good enough."""
    args = read_arguments()
    began = time.monotonic()
    try:
        with tempfile.TemporaryDirectory(prefix="mutation-") as folder:
            crew = Crew(folder, args.jobs, args.root)
            play = play_fixed if args.n is None else play_sample
            outcomes, missed = play(args, crew)
    except (entries.Stale, workshop.Broken, OSError) as error:
        sys.exit(f"tests/mutation/run: {error}")
    score, excused = summary(outcomes, missed, began)
    if args.n is None:
        return 1 if score < 1 else 0
    return 1 if score < SCORE or excused > EXCUSED else 0


if __name__ == "__main__":
    sys.exit(main())
