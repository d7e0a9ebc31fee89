# SPDX-License-Identifier: MIT
"""The picture in the README shows what the program does today."""

import html
import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
PICTURE = ROOT / "dist" / "conversation.svg"


def words(file):
    """The text of the picture, without what differs from run to run."""
    rows = re.findall(r"<text [^>]*>(.*?)</text>", file.read_text("utf-8"))
    text = "\n".join(html.unescape(re.sub(r"<[^>]+>", "", row)) for row in rows)
    return re.sub(r"^ *\d+\.\d{3} ", "TIME ", text, flags=re.M)


def test_picture(postrider, tmp_path):
    """Else run tests/terminal/picture."""
    subprocess.run([ROOT / "tests" / "terminal" / "picture", postrider, tmp_path / "new.svg"],
                   check=True, timeout=60)
    now = words(tmp_path / "new.svg")
    assert now == words(PICTURE)
    assert "-> BDAT" in now and "** TLS: " in now and now.endswith("\n0")
    assert "conversation.svg" in (ROOT / "README.md").read_text("utf-8")
