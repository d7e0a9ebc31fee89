# SPDX-License-Identifier: MIT
"""E19: what is kept for later runs does not grow for ever, and secrets do not outlive their use."""

import os
import time

import pytest

from smarthost import Smarthost

DAY = 24 * 3600
OLD = {  # by name: how old, and whether it goes
    "0123456789abcdef0123456789abcdef.session": (2 * DAY, True),
    "1123456789abcdef0123456789abcdef.session": (DAY // 2, False),
    "2123456789abcdef0123456789abcdef.session.77-0": (2 * DAY, True),
    "3123456789abcdef0123456789abcdef.session.77-0": (3600, False),
    "0123456789abcdef.flights": (31 * DAY, True),
    "1123456789abcdef.flights": (29 * DAY, False),
    "0123456789abcdef.chunking": (31 * DAY, True),
    "1123456789abcdef.chunking": (29 * DAY, False),
    "2123456789abcdef.flights": (-DAY, False),
    "notes": (400 * DAY, False),
    "a.sessions": (400 * DAY, False),
}


def age(path, seconds):
    """Make a file look as if it had been written then."""
    then = time.time() - seconds
    os.utime(path, (then, then), follow_symlinks=False)


@pytest.fixture(name="folder")
def fixture_folder(program):
    """The folder with all of OLD."""
    folder = program.home / ".cache" / "postrider"
    folder.mkdir(parents=True, mode=0o700)
    folder.chmod(0o700)
    for name, (seconds, _) in OLD.items():
        (folder / name).write_text("x")
        age(folder / name, seconds)
    return folder


def test_e19_what_is_too_old_goes(program, folder, certs):
    """With one message, that has something to keep of each kind; nothing else is touched."""
    (folder / "0123456789abcdef0123456789abcdee.session").symlink_to("/etc/hostname")
    age(folder / "0123456789abcdef0123456789abcdee.session", 400 * DAY)
    (folder / "4123456789abcdef.flights").mkdir()
    age(folder / "4123456789abcdef.flights", 400 * DAY)
    with Smarthost(certs, tls="on", chunking=True) as host:
        program.account(host, certs=certs)
        assert program("b@y.example").returncode == 0
    assert {name for name in OLD if not (folder / name).exists()} == \
        {name for name, (_, goes) in OLD.items() if goes}
    assert (folder / "0123456789abcdef0123456789abcdee.session").is_symlink()
    assert (folder / "4123456789abcdef.flights").is_dir()


def test_e19_many_servers(program, folder, certs):
    """A folder of thousands shrinks a part at a time, so that no run pays for all of it."""
    for number in range(1000):
        path = folder / f"{number:032x}.session"
        path.write_text("x")
        age(path, 3 * DAY)
    with Smarthost(certs, tls="on") as host:
        program.account(host, certs=certs)
        left = []
        for _ in range(6):
            assert program("b@y.example").returncode == 0
            left.append(len(list(folder.glob("*.session"))))
    assert left[0] > 500 and left[-1] < 10


def test_e19_not_in_a_folder_of_others(program, folder, certs):
    """What others can look into is not ours to keep in order."""
    folder.chmod(0o755)
    with Smarthost(certs, tls="on") as host:
        program.account(host, certs=certs)
        assert program("b@y.example").returncode == 0
    assert {path.name for path in folder.iterdir()} == set(OLD)
