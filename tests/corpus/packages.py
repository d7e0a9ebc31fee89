# SPDX-License-Identifier: MIT
"""Message files that Debian packages ship as test data: unpacked into a cache, never installed."""

import pathlib
import re

from realservers import Unavailable, unpack

# package: the folder of its messages, and what is one there
SOURCES = {
    "libpython3.11-testsuite": ("usr/lib/python3.11/test/test_email/data", r"msg_.*\.txt"),
    "python3-flufl.bounce": ("usr/lib/python3/dist-packages/flufl/bounce/tests/data", r".*\.txt"),
    "golang-github-jhillyerd-enmime-dev":
        ("usr/share/gocode/src/github.com/jhillyerd/enmime/testdata", r".*\.(raw|eml)"),
    "python3-dkim": ("usr/lib/python3/dist-packages/dkim/tests/data",
                     r".*\.(message|msg|signed)|.*message.*"),
    "spamassassin": ("usr/share/doc/spamassassin", r"sample-(non)?spam\.txt"),
}


def messages():
    """(files, words about what is missing); a package that cannot be had is left out."""
    files, missing = [], []
    for package, (folder, pattern) in SOURCES.items():
        try:
            below = pathlib.Path(unpack([package])) / folder
        except Unavailable as reason:
            missing.append(f"{package} is left out: {reason}")
            continue
        found = [path for path in below.rglob("*") if path.is_file()
                 and re.fullmatch(pattern, path.name)]
        files += sorted(found)
        if not found:
            missing.append(f"{package} is left out: it has no messages in {folder}")
    return files, missing
