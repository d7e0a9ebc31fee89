#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Adds up JUnit files and ends with the one line `N passed, N failed[, N skipped]`.

Exit status 1 when a test failed, or when none ran: a run without tests proves nothing. With
--none-skipped also when one was skipped.
"""
import sys
import xml.etree.ElementTree as ElementTree


def tally(path):
    """Passed, failed and skipped test cases of one file."""
    passed = failed = skipped = 0
    for case in ElementTree.parse(path).iter("testcase"):
        kinds = {child.tag for child in case}
        if kinds & {"failure", "error"}:
            failed += 1
        elif "skipped" in kinds:
            skipped += 1
        else:
            passed += 1
    return passed, failed, skipped


def main(paths):
    """Prints the sum."""
    strict = "--none-skipped" in paths
    files = [path for path in paths if not path.startswith("--")]
    passed, failed, skipped = map(sum, zip(*map(tally, files)))
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return 1 if failed or not passed or (strict and skipped) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
