# SPDX-License-Identifier: MIT
"""What the benchmarks promise: each row is a line of the tables and a limit that can be broken.

tests/bench/run measures against these rows, tests/lint/bench reads the tables against them.
"""

from typing import NamedTuple

OURS = "postrider"
CLIENTS = (OURS, "msmtp", "curl")


class Row(NamedTuple):
    """One line.

    what    its first cell
    case    the measurement whose values it shows: {client: value}, in `unit`
    unit    count, KiB, s, or instructions; of the last two a reader of the written tables sees only
            how many times postrider's they are
    figure  what is judged: the value of postrider, or of one client over another's
    sign    "at most" or "at least"
    written whether tests/bench/README.md has it
    plain   the words that README.md has for it; "" if it has not
    """

    what: str
    case: str
    unit: str
    figure: str
    sign: str
    limit: float
    written: bool = True
    plain: str = ""

    def judged(self, values):
        """The figure that these values make."""
        over, _, under = self.figure.partition("/")
        return values[over] / values[under] if under else values[over]

    def holds(self, figure):
        """Whether a figure keeps the limit."""
        return figure <= self.limit if self.sign == "at most" else figure >= self.limit

    def limit_text(self):
        """The limit as the tables say it."""
        return f"{self.sign} {self.limit:g}"

    def is_relative(self):
        """Whether only ratios of the values mean something on another machine."""
        return self.unit in ("s", "instructions")


ROWS = (
    Row("round trips, TLS, first contact", "trips-tls-first", "count", OURS, "at most", 5),
    Row("round trips, TLS, later", "trips-tls-later", "count", OURS, "at most", 4,
        plain="round trips to submit a message over TLS"),
    Row("round trips, STARTTLS, first contact", "trips-starttls-first", "count", OURS,
        "at most", 7),
    Row("round trips, STARTTLS, later", "trips-starttls-later", "count", OURS, "at most", 6),
    Row("round trips, TLS, as on port 25, first contact", "trips-basic-first", "count", OURS,
        "at most", 6, written=False),
    Row("round trips, TLS, as on port 25, later", "trips-basic-later", "count", OURS, "at most", 5,
        written=False),
    Row("round trips, in clear without AUTH, first contact", "trips-clear-first", "count", OURS,
        "at most", 4, written=False),
    Row("round trips, in clear without AUTH, later", "trips-clear-later", "count", OURS,
        "at most", 3, written=False),
    Row("round trips, LMTP, first contact", "trips-lmtp-first", "count", OURS, "at most", 4,
        written=False),
    Row("round trips, LMTP, later", "trips-lmtp-later", "count", OURS, "at most", 4,
        written=False),
    Row("time behind 100 ms, TLS, first contact", "time-tls-first", "s",
        "postrider/msmtp", "at most", 0.9),
    Row("time behind 100 ms, TLS, later", "time-tls-later", "s",
        "postrider/msmtp", "at most", 0.8, plain="time to submit it to a server 100 ms away"),
    Row("time behind 100 ms, STARTTLS, first contact", "time-starttls-first", "s",
        "postrider/msmtp", "at most", 0.9),
    Row("time behind 100 ms, STARTTLS, later", "time-starttls-later", "s",
        "postrider/msmtp", "at most", 0.8),
    Row("50 messages in a row, median time", "fifty", "s", "postrider/curl", "at most", 0.9,
        plain="time for each of 50 messages in a row"),
    Row("the same, replies written one by one", "fifty-nagle", "s", "postrider/curl",
        "at most", 0.9),
    Row("instructions of a small message", "instructions", "instructions",
        "postrider/msmtp", "at most", 1, plain="processor instructions for a small message"),
    Row("the same, the system's 150 authorities, in millions", "authorities", "count", OURS,
        "at most", 20, written=False),
    Row("the same, resumed, in millions", "resumed", "count", OURS, "at most", 9,
        written=False),
    Row("106 MB over TLS", "body", "s", "postrider/curl", "at most", 1.25,
        plain="time for a message of 106 MB"),
    Row("106 MB over TLS, beside msmtp", "body", "s", "msmtp/postrider", "at least", 10),
    Row("10,000 recipients behind 100 ms, seconds", "recipients", "s", OURS, "at most", 2.5,
        written=False),
    Row("10,000 recipients behind 100 ms", "recipients", "s", "msmtp/postrider", "at least", 4),
    Row("KiB of memory for 1 MB", "memory-mb", "KiB", OURS, "at most", 12288,
        plain="KiB of memory for a message of 1 MB"),
    Row("KiB of memory for 1 GB", "memory-gb", "KiB", OURS, "at most", 12288),
    Row("KiB for an attachment of 1 GB", "memory-attached", "KiB", OURS, "at most", 12288),
    Row("KiB for 40,000 recipients who are refused", "memory-refused", "KiB", OURS, "at most", 24576,
        written=False),
    Row("KiB for 1 GB above those for 1 MB", "memory-gb-above", "KiB", OURS, "at most", 1024),
    Row("KiB for 106 MB above those for 1 kB", "memory-106-above", "KiB", OURS, "at most", 2048),
)


def hold(measured):
    """Whether the limits hold as far as `measured` {case: values} goes."""
    return all(row.holds(row.judged(measured[row.case])) for row in ROWS if row.case in measured)
