# SPDX-License-Identifier: MIT
"""The lists of changes that are written by hand: `fixed` and `equivalent`.

An entry is a block of lines, and an empty line ends it:

    why  TLS holds octets back, and they do not count as sent
    in   src/submit/pump.c
    -    client_held(client, stream_held(stream));
    +    client_held(client, 0);
    by   tests/integration/test_tls.py::test_held

What stands behind `-` is found exactly once in the file, or the list is out of date: an error. Where
one line is not enough to find the place, several `-` and as many `+` lines follow each other, whole,
with their tabs. `by` names the test that must notice (a test of pytest, or a program of
build/tests); entries of `equivalent` have none.
"""

import re
from typing import NamedTuple

ROW = re.compile(r"(why|in|by|-|\+)(?: {1,4}(.*))?")


class Stale(Exception):
    """A list does not fit the sources."""


class Entry(NamedTuple):
    """One change: old becomes new in a file, because of why, noticed by a test."""

    where: str
    why: str
    path: str
    old: str
    new: str
    by: str

    def place(self, text):
        """(begin, line) of the old text in the text of the file."""
        if text.count(self.old) != 1:
            raise Stale(f"{self.where}: its text is found {text.count(self.old)} times in "
                        f"{self.path}; correct the entry")
        begin = text.index(self.old)
        return begin, text.count("\n", 0, begin) + 1 + self._first_change()

    def _first_change(self):
        """How many lines of the entry are context before the one that changes."""
        lines = zip(self.old.split("\n"), self.new.split("\n"))
        return next((n for n, (old, new) in enumerate(lines) if old != new), 0)

    def apply(self, text):
        """The changed text of the file."""
        begin, _ = self.place(text)
        return text[:begin] + self.new + text[begin + len(self.old):]


def read(path, name, with_test):
    """All entries of a list."""
    found, block = [], []
    for number, line in enumerate([*path.read_text("utf-8").split("\n"), ""], 1):
        if line.startswith("#"):
            continue
        if line.strip():
            block.append((number, line))
        elif block:
            found.append(_entry(name, block, with_test))
            block = []
    return found


def _entry(name, block, with_test):
    """The entry that a block of lines is."""
    where = f"{name}:{block[0][0]}"
    rows = {"why": [], "in": [], "by": [], "-": [], "+": []}
    for number, line in block:
        match = ROW.fullmatch(line)
        if not match:
            raise Stale(f"{name}:{number}: is no row of an entry; see tests/mutation/entries.py")
        rows[match[1]].append(match[2] or "")
    if (len(rows["in"]) != 1 or not rows["why"] or not rows["-"]
            or len(rows["-"]) != len(rows["+"]) or len(rows["by"]) != with_test):
        raise Stale(f"{where}: wants why, in, as many - as +"
                    + (", and by" if with_test else ", and no by"))
    return Entry(where, " ".join(rows["why"]), rows["in"][0], "\n".join(rows["-"]),
                 "\n".join(rows["+"]), rows["by"][0] if with_test else "")
