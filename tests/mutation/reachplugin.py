# SPDX-License-Identifier: MIT
"""For pytest: after each test that passes, a line of JSON with its name, time and marks.

See reach.py; $REACH_PROGRAMS is the folder of the programs, $REACH_RUNS the file that is written.
"""

import json
import os
import time

import pytest

from reach import Marks


class Noter:
    """Writes down what each test came to."""

    def __init__(self):
        self.marks = Marks(os.environ["REACH_PROGRAMS"])
        self.file = open(os.environ["REACH_RUNS"], "w", encoding="utf-8")
        self.passed = True
        self.began = 0.0

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_protocol(self, item):
        """Around a test with what it needs."""
        self.marks.take()
        self.passed = True
        self.began = time.monotonic()
        yield
        row = [item.nodeid, time.monotonic() - self.began, self.marks.take()]
        if self.passed:
            self.file.write(json.dumps(row) + "\n")
            self.file.flush()

    def pytest_runtest_logreport(self, report):
        """A test that fails or is skipped kills no mutant."""
        self.passed = self.passed and report.passed


def pytest_configure(config):
    """Begin."""
    config.pluginmanager.register(Noter())
