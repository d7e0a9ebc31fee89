# SPDX-License-Identifier: MIT
"""What is built and installed: hardened, with few libraries, every file in its place."""

import json
import os
import pathlib
import re
import shutil
import subprocess

import pytest


@pytest.fixture(scope="module")
def elf(postrider):
    """What readelf says; a build for finding bugs is not hardened."""
    def read(*args):
        return subprocess.run(["readelf", "-W", *args, postrider], capture_output=True, text=True,
                              check=True).stdout

    if "asan" in read("--dyn-syms"):
        pytest.skip("a build with sanitizers")
    return read


def is_optimised(postrider):
    """Whether meson was asked for optimisation, without which nothing is fortified."""
    options = pathlib.Path(postrider).parents[1] / "meson-info/intro-buildoptions.json"
    known = json.loads(options.read_text()) if options.exists() else []
    return all(o["value"] not in ("0", "g", "plain") for o in known if o["name"] == "optimization")


def test_hardening(elf, postrider):
    if not is_optimised(postrider):
        pytest.skip("a build without optimisation")
    assert "Type:                              DYN" in elf("-h")
    segments = elf("-l")
    assert "GNU_RELRO" in segments
    assert re.search(r"GNU_STACK.* RW +0x", segments)
    dynamic = elf("-d")
    assert "BIND_NOW" in dynamic or "NOW" in dynamic
    assert "RPATH" not in dynamic and "RUNPATH" not in dynamic and "TEXTREL" not in dynamic
    symbols = elf("--dyn-syms")
    assert "__stack_chk_fail" in symbols
    assert "_chk@" in symbols


def test_libraries(elf):
    needed = re.findall(r"NEEDED.*\[(.*)\]", elf("-d"))
    assert sorted(name.split(".so")[0] for name in needed) == ["libc", "libgnutls", "libgsasl",
                                                               "libidn2"]


def test_a_glibc_of_2021_will_do(postrider, elf):
    """A binary that is built here starts on every system with glibc 2.34 or later."""
    assert elf("-h")
    symbols = subprocess.run(["objdump", "-T", postrider], capture_output=True, text=True,
                             check=True).stdout
    found = re.findall(r"\(?GLIBC_([\d.]+)\)?\s+(\w+)", symbols)
    assert len(found) > 50
    assert not [(version, name) for version, name in found
                if [int(part) for part in version.split(".")] > [2, 34]]


def test_secrets_are_wiped_in_the_shipped_object(elf):
    """explicit_bzero is called, not optimised away."""
    assert "explicit_bzero" in elf("--dyn-syms")


def test_install(postrider, tmp_path):
    builddir = os.environ.get("POSTRIDER_BUILDDIR",
                              pathlib.Path(postrider).parent.parent)
    subprocess.run(["meson", "install", "-C", builddir, "--no-rebuild", "--quiet", "--destdir",
                    tmp_path], check=True, capture_output=True)
    installed = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*")
                 if not path.is_dir()}
    dist = pathlib.Path(__file__).resolve().parents[2] / "dist"
    samples = ["share/doc/postrider/" + path.relative_to(dist).as_posix()
               for path in dist.glob("examples/*")]
    for wanted in ("bin/postrider", "share/man/man1/postrider.1", "share/man/man5/postrider.conf.5",
                   "share/bash-completion/completions/postrider",
                   "share/zsh/site-functions/_postrider",
                   "share/fish/vendor_completions.d/postrider.fish", *samples):
        assert [path for path in installed if path.endswith(wanted)], wanted
    assert not [path for path in installed if "tables" in path or path.endswith(".a")]


@pytest.mark.ci
def test_links_on_demand(postrider, tmp_path):
    """-Dsendmail=true installs sendmail, mailq and newaliases, and their pages, as links.

    The program itself is not built once more: ours is installed in its place.
    """
    root = pathlib.Path(__file__).resolve().parent.parent.parent
    build, dest = tmp_path / "build", tmp_path / "dest"
    quiet = {"check": True, "capture_output": True}
    subprocess.run(["meson", "setup", build, root, "-Dsendmail=true", "-Dtests=false",
                    "--prefix=/usr"], **quiet)
    shutil.copy(postrider, build / "src")
    subprocess.run(["meson", "install", "-C", build, "--no-rebuild", "--destdir", dest], **quiet)
    for link in ("usr/sbin/sendmail", "usr/lib/sendmail", "usr/bin/mailq", "usr/bin/newaliases"):
        assert os.readlink(dest / link) == "/usr/bin/postrider"
    for page in ("man8/sendmail.8", "man1/mailq.1", "man1/newaliases.1"):
        link = dest / "usr/share/man" / page
        assert link.is_symlink() and link.resolve().name == "postrider.1"
