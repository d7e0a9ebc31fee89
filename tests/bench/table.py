# SPDX-License-Identifier: MIT
"""The figures as tables: for the terminal, and between two marks of two pages.

The pages hold counts and ratios, no seconds: what takes time is given as a multiple of postrider's.
tests/bench/README.md has the rows, the figures that are judged, and their limits; README.md has six
rows of it in plain words.
"""

from typing import NamedTuple

from limits import CLIENTS, OURS, ROWS

PAGE, SUMMARY = "tests/bench/README.md", "README.md"
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


def _in_page(row, values, name):
    """The cell of a client."""
    if name not in values:
        return ""
    if not row.is_relative():
        return f"{values[name]}"
    return "1" if name == OURS else _times(values[name] / values[OURS])


def for_page(measured, versions):
    """What stands between the marks of tests/bench/README.md, with its line ends."""
    lines = [_HEAD, ("---", *["--:"] * len(CLIENTS), "---", "--:", "---")]
    for row in ROWS:
        if row.written:
            values = measured[row.case]
            lines.append((row.what, *(_in_page(row, values, name) for name in CLIENTS),
                          row.figure, figure_text(row, row.judged(values)), row.limit_text()))
    said = ", ".join(f"{name} {versions[name]}" for name in CLIENTS)
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines) + f"\nMeasured: {said}.\n"


def for_summary(page):
    """What stands between the marks of README.md, made from the text of the other page."""
    cells = {line.what: line.clients for line in read(page)}
    lines = [("", *CLIENTS), ("---", *["--:"] * len(CLIENTS))]
    lines += [(row.plain, *cells[row.what]) for row in ROWS if row.plain and row.what in cells]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def between_marks(text):
    """Where the table is in a page: (from, to); None without the two marks in their order."""
    begin = text.find(BEGIN)
    end = text.find(END, begin)
    return (begin + len(BEGIN) + 1, end) if 0 <= begin < end else None


class Line(NamedTuple):
    """A line of the table as the page has it; figure: None when it is no number."""

    number: int
    what: str
    clients: list
    figure: float
    limit: str


def read(text):
    """The lines of the table of tests/bench/README.md, without its head; empty without the marks."""
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
        yield Line(number, cells[0], cells[1:1 + len(CLIENTS)], figure, cells[-1])
