# SPDX-License-Identifier: MIT
"""The figures as tables: for the terminal, and for README.md between two marks.

README.md holds counts and ratios, no seconds: what takes time is given as a multiple of
postrider's.
"""

from typing import NamedTuple

from limits import CLIENTS, OURS, ROWS

BEGIN, END = "<!-- bench -->", "<!-- /bench -->"
_HEAD = ("what", *CLIENTS, "judged", "figure", "limit")


def _amount(value, unit):
    """A value for the terminal."""
    if value is None:
        return "-"
    if unit == "s":
        return f"{value:.3f} s"
    if unit == "instructions":
        return f"{value / 1e6:.1f} M"
    return f"{value:,}"


def _times(value):
    """A ratio, with as many digits as mean something."""
    return f"{value:.2f}" if value < 10 else f"{value:.0f}"


def figure_text(row, figure):
    """The figure of a row as both tables write it."""
    return _times(figure) if "/" in row.figure or row.unit == "s" else f"{figure}"


def for_terminal(measured):
    """The lines of a table with a verdict."""
    lines = [(*_HEAD, "verdict")]
    for row in ROWS:
        values = measured[row.case]
        figure = row.judged(values)
        lines.append((row.what, *(_amount(values.get(name), row.unit) for name in CLIENTS),
                      row.figure, figure_text(row, figure), row.limit_text(),
                      "good" if row.holds(figure) else "TOO BAD"))
    widths = [max(map(len, column)) for column in zip(*lines)]
    for line in lines:
        first, *others = (cell.ljust(width) if column in (0, 4, 6, 7) else cell.rjust(width)
                          for column, (cell, width) in enumerate(zip(line, widths)))
        yield "  ".join((first, *others)).rstrip()


def _in_readme(row, values, name):
    """The cell of a client."""
    if name not in values:
        return ""
    if not row.is_relative():
        return f"{values[name]}"
    return "1" if name == OURS else _times(values[name] / values[OURS])


def for_readme(measured, versions):
    """What stands between the marks, with its line ends."""
    lines = [_HEAD, ("---", *["--:"] * len(CLIENTS), "---", "--:", "---")]
    for row in ROWS:
        if row.in_readme:
            values = measured[row.case]
            lines.append((row.what, *(_in_readme(row, values, name) for name in CLIENTS),
                          row.figure, figure_text(row, row.judged(values)), row.limit_text()))
    said = ", ".join(f"{name} {versions[name]}" for name in CLIENTS)
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines) + f"\nMeasured: {said}.\n"


def between_marks(text):
    """Where the table is in README.md: (from, to); None without the two marks in their order."""
    begin = text.find(BEGIN)
    end = text.find(END, begin)
    return (begin + len(BEGIN) + 1, end) if 0 <= begin < end else None


class Line(NamedTuple):
    """A line of the table as README.md has it; figure: None when it is no number."""

    number: int
    what: str
    figure: float
    limit: str


def read(text):
    """The lines of the table in README.md, without its head; empty without the marks."""
    where = between_marks(text)
    if not where:
        return
    first = text.count("\n", 0, where[0]) + 1
    for number, line in enumerate(text[slice(*where)].splitlines(), first):
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if len(cells) != len(_HEAD) or cells[0] == _HEAD[0] or not cells[0].strip("-:"):
            continue
        try:
            figure = float(cells[-2])
        except ValueError:
            figure = None
        yield Line(number, cells[0], figure, cells[-1])
