#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Change one line of the sources and see whether a test notices.

Without N the changes of tests/mutation/fixed; with N as many that are drawn: first the operator,
then the place, so that no operator drowns the others. Prints a line for each, the score, and the
changes that nothing noticed. In place of a change that does not compile, or of which the compiler
makes the same code as before, another one is drawn.
"""

import argparse
import difflib
import os
import pathlib
import random
import re
import subprocess
import sys
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
    """What came of a case: killed, survived, timed out, uncompiled, unchanged, skipped, equivalent."""

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
    """Build a case and test it."""
    if case.excuse:
        return Outcome(case, "equivalent", f" ({case.excuse})")
    if not case.tests:
        return Outcome(case, "survived", " (no test comes here)")
    if copy.changes_nothing(case.path, case.new):
        return Outcome(case, "unchanged", " (the compiler makes the same of it)")
    with copy.changed(case.path, case.new):
        if not copy.build(case.tests):
            error = re.search(r"error: .*", copy.said())
            return Outcome(case, "uncompiled", f" ({error[0] if error else 'it does not build'})")
        result = copy.test(case.tests, 30 + 4 * case.seconds)
    if result.verdict == "failed":
        return Outcome(case, "killed", f" by {result.test}")
    if result.verdict in ("timed out", "skipped"):
        return Outcome(case, result.verdict, "")
    return Outcome(case, "survived", f" ({len(case.tests)} tests)")


class Crew:
    """Some copies of the tree that try cases at the same time."""

    def __init__(self, folder, count, root):
        self.copies = [workshop.Copy(pathlib.Path(folder) / str(n), root) for n in range(count)]
        self.errors = []

    def make(self, tests):
        """Copy, configure, and build what the tests need, unchanged; tests(copy) says which."""
        first = self.copies[0]
        first.folder.mkdir()
        first.make()
        if not first.build(tests(first), len(self.copies)):
            raise workshop.Broken("ninja: " + first.said()[-2000:])
        for copy in self.copies[1:]:
            copy.folder.mkdir()
            copy.clone(first)

    def work(self, cases, wanted, counts):
        """Try cases until there are as many outcomes as wanted that count; print each of them."""
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
                    if counts(outcome):
                        done.append(outcome)
                        print(outcome, flush=True)
        self._each(one)
        return done

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
    tests = sorted({case.tests[0] for case in cases})
    crew.make(lambda copy: tests)
    copy = crew.copies[0]
    unchanged = copy.test(tests, 60 + 5 * len(tests))
    if unchanged.verdict in ("failed", "timed out"):
        raise workshop.Broken(f"without any change {unchanged.test or 'a test'} "
                              f"{unchanged.verdict}\n{unchanged.said[-2000:]}")
    return crew.work(cases, len(cases), lambda outcome: True)


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
    reached = reach.load(args.root, args.cache, lambda: reach.measure(args.root, args.jobs))
    crew.make(lambda copy: [*copy.programs(), "tests"])
    copy = crew.copies[0]
    sources = {path: copy.read(path) for path in copy.product_sources()
               if args.only in path}
    return crew.work(sample_cases(args, sources, reached, excused), args.n,
                     lambda outcome: outcome.verdict not in ("uncompiled", "unchanged"))


def summary(outcomes, began):
    """The survivors, the score, and the last line; (score, share of what was excused)."""
    count = {verdict: sum(outcome.verdict == verdict for outcome in outcomes)
             for verdict in ("killed", "survived", "timed out", "uncompiled", "unchanged",
                             "equivalent", "skipped")}
    print()
    for outcome in outcomes:
        if outcome.verdict in ("survived", "timed out", "uncompiled", "unchanged"):
            print(f"# {outcome}\n{outcome.diff()}")
    counted = len(outcomes) - count["equivalent"] - count["skipped"]
    score = count["killed"] / counted if counted else 0
    print(f"{len(outcomes)} changes in {time.monotonic() - began:.0f} s: "
          + ", ".join(f"{number} {verdict}" for verdict, number in count.items() if number)
          + f"; score {100 * score:.1f} %")
    print(f"{count['killed']} passed, {counted - count['killed']} failed"
          + (f", {count['skipped']} skipped" if count["skipped"] else ""))
    return score, count["equivalent"] / len(outcomes) if outcomes else 0


def read_arguments():
    """The command line."""
    parser = argparse.ArgumentParser(prog="tests/mutation/run", description=__doc__.split("\n")[0])
    parser.add_argument("n", nargs="?", type=int, help="how many to draw; without it: the list")
    parser.add_argument("--seed", help="what is drawn; without it: the commit")
    parser.add_argument("--budget", type=float, default=60,
                        help="seconds of tests for one change (default: 60); inf: all that come "
                        "to its line")
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
        with workshop.private_folder("mutation-") as folder:
            crew = Crew(folder, args.jobs, args.root)
            play = play_fixed if args.n is None else play_sample
            outcomes = play(args, crew)
    except (entries.Stale, workshop.Broken, OSError) as error:
        sys.exit(f"tests/mutation/run: {error}")
    score, excused = summary(outcomes, began)
    if args.n is None:
        return 1 if score < 1 else 0
    return 1 if score < SCORE or excused > EXCUSED else 0


if __name__ == "__main__":
    sys.exit(main())
