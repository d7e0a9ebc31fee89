# SPDX-License-Identifier: MIT
"""Programs at a terminal emulator: what a person sees and what the keys do."""

import pytest


@pytest.fixture
def home(tmp_path, postrider):
    """A home folder with the program in its bin, some files and two configurations."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "postrider").symlink_to(postrider)
    (tmp_path / "folder").mkdir()
    for name in ("a file.txt", "folder/inside.pdf"):
        (tmp_path / name).write_text("x\n")
    write(tmp_path / ".config/postrider/config", """\
account work
host a.example
from joe@work.example
from *@wild.example

account "home sweet"
host b.example
from joe@home.example
eval touch evaluated
""")
    write(tmp_path / "other.conf", "account third\nhost c.example\nfrom t@third.example\n")
    write(tmp_path / "my conf", "account quoted\nhost d.example\n")
    return tmp_path


def write(path, text):
    """A configuration file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o600)
