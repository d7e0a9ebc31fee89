# SPDX-License-Identifier: MIT
"""The Debian packages: what is in them, what they say of themselves, and that they send mail."""

import gzip
import os
import pathlib
import re
import subprocess

import pytest

from smarthost import Smarthost

ROOT = pathlib.Path(__file__).resolve().parents[2]
LINKS = {"usr/bin/mailq": "postrider", "usr/bin/newaliases": "postrider",
         "usr/lib/sendmail": "../bin/postrider", "usr/sbin/sendmail": "../bin/postrider",
         "usr/share/man/man1/mailq.1.gz": "postrider.1.gz",
         "usr/share/man/man1/newaliases.1.gz": "postrider.1.gz",
         "usr/share/man/man8/sendmail.8.gz": "../man1/postrider.1.gz"}
DOC = "usr/share/doc/postrider/"
FILES = {"etc/apparmor.d/usr.bin.postrider", "usr/bin/postrider",
         "usr/share/bash-completion/completions/postrider",
         "usr/share/fish/vendor_completions.d/postrider.fish",
         "usr/share/zsh/vendor-completions/_postrider",
         DOC + "README.md.gz", DOC + "SECURITY.md.gz", DOC + "changelog.gz",
         DOC + "changelog.Debian.gz", DOC + "copyright"}
GROUP = ["set -e", 'if [ "$1" = configure ] && ! getent group postrider-mail >/dev/null; then',
         "\taddgroup --system --quiet postrider-mail", "fi", "exit 0"]
ACCOUNT = """\
host localhost
port {host.port}
tls on
tls_starttls off
tls_trust_file {certs[ca]}
user joe
password secret
from a@x.example
"""


def test_lintian_is_content(packages):
    """Errors and warnings end dist/build-deb; what it shows besides is no fault."""
    assert not re.findall(r"^[EW]: .*", packages.said, re.M)


def test_names(packages):
    assert set(packages.debs) == {"postrider", "postrider-mta"}


def test_files_of_postrider(packages):
    files = packages.files("postrider")
    samples = {DOC + "examples/" + path.name for path in (ROOT / "dist/examples").iterdir()}
    pages = {f"usr/share/man/man{path.suffix[1:]}/{path.name}.gz"
             for path in (ROOT / "man").glob("*.[1-9]")}
    assert set(files) == FILES | samples | pages
    assert (packages.root / "etc/postrider").is_dir()
    for path, (mode, owner, target) in files.items():
        wanted = "-rwxr-xr-x" if path == "usr/bin/postrider" else "-rw-r--r--"
        assert (mode, owner, target) == (wanted, "root/root", ""), path


def test_files_of_mta(packages):
    """Only links, all of them good, and the papers of a package."""
    files = packages.files("postrider-mta")
    papers = {"usr/share/doc/postrider-mta/" + name
              for name in ("changelog.gz", "changelog.Debian.gz", "copyright")}
    assert set(files) == set(LINKS) | papers
    assert {path: files[path][2] for path in LINKS} == LINKS
    for path in LINKS:
        name = "usr/share/man/man1/postrider.1.gz" if "/man/" in path else "usr/bin/postrider"
        assert (packages.root / path).resolve() == (packages.root / name).resolve()


def test_relations(packages):
    version = packages.field("postrider", "Version")
    assert packages.field("postrider-mta", "Version") == version
    assert packages.field("postrider-mta", "Depends") == f"postrider (= {version})"
    for name in ("Provides", "Conflicts", "Replaces"):
        assert packages.field("postrider-mta", name) == "mail-transport-agent"
        assert packages.field("postrider", name) == ""


def test_libraries(packages):
    """No more than the program is linked with."""
    needed = packages.field("postrider", "Depends")
    assert re.findall(r"(\S+) \(", needed) == ["libc6", "libgnutls30", "libgsasl18", "libidn2-0"]


def test_no_script_of_ours(packages, tmp_path):
    """What runs as root at installation comes from debhelper, but for the making of a group."""
    for name, deb in packages.debs.items():
        subprocess.run(["dpkg-deb", "-e", deb, tmp_path / name], check=True)
        for script in (tmp_path / name).glob("p*"):
            ours = re.sub(r"# Automatically added by .*?\n# End automatically added section\n", "",
                          script.read_text(encoding="utf-8"), flags=re.S)
            lines = [line for line in ours.splitlines() if line and not line.startswith("#")]
            assert lines in (["set -e"], GROUP), ours
    assert (tmp_path / "postrider" / "conffiles").read_text(encoding="utf-8").split() == [
        "/etc/apparmor.d/usr.bin.postrider"]


def test_hardening(packages):
    """What hardening=+all stands for, seen in the program."""
    program = packages.root / "usr/bin/postrider"
    told = subprocess.run(["readelf", "-W", "-h", "-l", "-d", "--dyn-syms", program], check=True,
                          capture_output=True, text=True).stdout
    for mark in ("DYN (", "GNU_RELRO", "BIND_NOW", "__stack_chk_fail", "_chk@"):
        assert mark in told, mark
    assert "RPATH" not in told and "RUNPATH" not in told


def test_changelog_is_the_news(packages):
    text = gzip.open(packages.root / DOC / "changelog.gz", "rt", encoding="utf-8").read()
    assert text == (ROOT / "NEWS.md").read_text(encoding="utf-8")


def environment(packages, home, **more):
    """The unpacked programs first in the path."""
    folders = [str(packages.root / name) for name in ("usr/bin", "usr/sbin")]
    return {"HOME": str(home), "PATH": ":".join([*folders, os.environ["PATH"]]), **more}


@pytest.fixture
def send(packages, certs, tmp_path):
    """send(PATH, ARGUMENTS...): the unpacked program, whose account is `host`, a Smarthost."""
    def run(path, *args):
        return subprocess.run([packages.root / path, *args], capture_output=True, timeout=60,
                              input=b"To: b@y.example\nBcc: c@y.example\nSubject: t\n\nhello\n",
                              env=environment(packages, tmp_path), check=False)

    with Smarthost(certs, replies={"bad@y.example": "550 5.1.1 unknown"}) as host:
        config = tmp_path / ".config" / "postrider" / "config"
        config.parent.mkdir(parents=True)
        config.touch(0o600)
        config.write_text(ACCOUNT.format(host=host, certs=certs), encoding="utf-8")
        run.host = host
        yield run


@pytest.mark.parametrize("path", ["usr/bin/postrider", "usr/sbin/sendmail", "usr/lib/sendmail"])
def test_sends(send, path):
    done = send(path, "-i", "-t")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    message = send.host.wait_message()
    assert (message.mail_from, sorted(message.rcpt_tos)) == ("a@x.example", ["b@y.example",
                                                                             "c@y.example"])
    assert (message.login, message.content.endswith(b"\r\n\r\nhello\r\n")) == ("joe", True)
    assert b"c@y.example" not in message.content


@pytest.mark.parametrize("path", ["usr/bin/postrider", "usr/sbin/sendmail"])
def test_refusal(send, path):
    done = send(path, "-i", "bad@y.example")
    assert done.returncode == 67
    assert b"550 5.1.1 unknown" in done.stderr
    assert not send.host.messages


def test_links_have_their_own_ways(send):
    """The name decides: the queue, the aliases, and no long options for sendmail."""
    assert send("usr/bin/mailq").stdout == b"Mail queue is empty\n"
    assert send("usr/bin/newaliases").returncode == 0
    assert send("usr/sbin/sendmail", "--version").returncode == 64
    assert send("usr/bin/postrider", "--version").stdout.startswith(b"postrider ")


@pytest.mark.parametrize("page", ["1/postrider", "5/postrider.conf", "8/sendmail", "1/mailq",
                                  "1/newaliases"])
def test_manual(packages, page):
    section, name = page.split("/")
    path = packages.root / f"usr/share/man/man{section}/{name}.{section}.gz"
    text = subprocess.run(["mandoc", path], check=True, capture_output=True, text=True).stdout
    assert "postrider" in text


def test_own_test_of_the_package(packages, tmp_path):
    """What autopkgtest would run of the installed package."""
    done = subprocess.run([ROOT / "dist/debian/tests/submit"], cwd=ROOT, capture_output=True,
                          env=environment(packages, tmp_path), check=False, timeout=120)
    assert done.returncode == 0, done.stderr.decode()


@pytest.mark.parametrize("there", [True, False])
def test_e16_a_group_of_its_own(packages, tmp_path, there):
    """The script of the package makes it, once; here with commands of the test's."""
    subprocess.run(["dpkg-deb", "-e", packages.debs["postrider"], tmp_path / "control"], check=True)
    for name, text in [("getent", f"exit {0 if there else 2}"),
                       ("addgroup", f'echo "$@" >>{tmp_path}/made'), ("aa-enabled", "exit 1")]:
        (tmp_path / name).write_text(f"#!/bin/sh\n{text}\n")
        (tmp_path / name).chmod(0o755)
    done = subprocess.run(["sh", tmp_path / "control/postinst", "configure"], check=False,
                          env={"PATH": f"{tmp_path}:/usr/bin:/bin"}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    made = tmp_path / "made"
    assert made.exists() != there
    assert there or made.read_text() == "--system --quiet postrider-mail\n"


def test_e16_cron_needs_no_aliases_and_no_other_group():
    text = (ROOT / "dist/examples/cron.conf").read_text(encoding="utf-8")
    assert "\naliases " not in text and "chgrp postrider-mail" in text
    assert "\nallow_from_override off\nset_from_header on\n" in text
