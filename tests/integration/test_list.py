# SPDX-License-Identifier: MIT
"""--list: what completions and scripts ask for."""

import pytest

CONFIG = """\
defaults
from all@d.example

account a
host a.example

account "b c"
host b.example
from one@b.example
from *@b.example
from one@b.example
from %U@b.example

include more

account d : a
eval touch evaluated
nonsense here
"""


@pytest.fixture
def filled(program):
    """The program with a configuration of several accounts, some with mistakes."""
    program.write_config(CONFIG)
    program.write_config("account included\nhost i.example\nfrom i@i.example\n",
                         path=program.home / "more")
    return program


def test_accounts(filled):
    done = filled("--list=accounts", stdin=None)
    assert (done.returncode, done.out, done.err) == (0, "a\nb c\nincluded\nd\n", "")


def test_senders(filled):
    done = filled("--list", "senders", stdin=None)
    assert (done.returncode, done.err) == (0, "")
    assert done.out == "all@d.example\none@b.example\ni@i.example\n"
    assert not (filled.home / "evaluated").exists()


def test_nothing(program):
    """No file of one's own, or no account in it, is an empty list."""
    done = program("--list=accounts", config=False)
    assert (done.returncode, done.out, done.err) == (0, "", "")
    done = program("--list=accounts")  # of a file that is not there
    assert done.returncode == 78 and done.out == ""


def test_unknown(program):
    done = program("--list=hosts")
    assert done.returncode == 64 and "accounts or senders" in done.err


def test_not_under_the_name_sendmail(program):
    assert program("--list=accounts", argv0="sendmail", config=False).returncode == 64
