# SPDX-License-Identifier: MIT
"""The Debian packages, built and unpacked once: nothing is installed."""

import pathlib
import subprocess
from typing import NamedTuple

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Packages(NamedTuple):
    """debs: the files by package name. root: both unpacked. said: the output of dist/build-deb."""

    debs: dict
    root: pathlib.Path
    said: str

    def field(self, package, name):
        """A control field."""
        return subprocess.run(["dpkg-deb", "-f", self.debs[package], name], check=True,
                              capture_output=True, text=True).stdout.strip()

    def files(self, package):
        """{path: (mode, owner, where a link points)} of what is no folder."""
        listed = subprocess.run(["dpkg-deb", "-c", self.debs[package]], check=True, text=True,
                                capture_output=True).stdout
        found = {}
        for line in listed.splitlines():
            mode, owner, _, _, _, path = line.split(maxsplit=5)
            path, _, target = path.partition(" -> ")
            if not mode.startswith("d"):
                found[path.removeprefix("./")] = (mode, owner, target)
        return found


@pytest.fixture(scope="session")
def packages(tmp_path_factory):
    """What dist/build-deb makes of this tree: see Packages."""
    folder, root = tmp_path_factory.mktemp("debs"), tmp_path_factory.mktemp("root")
    done = subprocess.run([ROOT / "dist" / "build-deb", folder], capture_output=True, text=True,
                          check=False, timeout=600)
    if done.returncode:
        pytest.fail("dist/build-deb: %s\n%s" % (done.stdout, done.stderr), pytrace=False)
    debs = {path.name.split("_")[0]: path for path in folder.glob("*.deb")}
    for path in debs.values():
        subprocess.run(["dpkg", "-x", path, root], check=True)
    return Packages(debs, root, done.stdout)
