# SPDX-License-Identifier: MIT
"""--import on the files that Debian's packages of other programs bring or write.

A package is unpacked, never installed. Where its installation writes the configuration, that script
is run on a folder of the test's own, with answers in place of debconf's questions.
"""

import subprocess

import pytest

from realservers import Unavailable, package_scripts, unpack
from smarthost import Smarthost
from submission import RCPT, SMALL

SAMPLES = {
    "ssmtp": "etc/ssmtp/revaliases",
    "dma": "usr/share/dma/dma.conf",
    "esmtp": "usr/share/doc/esmtp/examples/sample.esmtprc",
    "msmtp-user": "usr/share/doc/msmtp/examples/msmtprc-user.example",
    "msmtp-system": "usr/share/doc/msmtp/examples/msmtprc-system.example",
}

# What the script's questions are answered with; {port} is the smarthost's.
ANSWERS = {
    "ssmtp": {"ssmtp/root": "root@x.example", "ssmtp/mailhub": "localhost", "ssmtp/port": "{port}",
              "ssmtp/hostname": "box.x.example", "ssmtp/rewritedomain": "x.example",
              "ssmtp/fromoverride": "true"},
    "nullmailer": {"shared/mailname": "box.x.example", "nullmailer/defaultdomain": "x.example",
                   "nullmailer/relayhost": "localhost smtp --port={port}",
                   "nullmailer/adminaddr": "root@x.example"},
    "esmtp": {"esmtp/overwriteconfig": "true", "esmtp/hostname": "localhost",
              "esmtp/hostport": "{port}", "esmtp/starttls": "disabled", "esmtp/mda": "none"},
}

WRITTEN = {"ssmtp": "ssmtp/ssmtp.conf", "nullmailer": "nullmailer", "esmtp": "esmtprc"}

CONFMODULE = """\
db_version() { :; }
db_set() { :; }
db_stop() { :; }
db_get() {
\tRET=
\tcase $1 in
%s
\tesac
}
"""


def unpacked(package):
    """The root of a package; the test is skipped where it cannot be had."""
    try:
        return unpack([package])
    except Unavailable as reason:
        return pytest.skip(str(reason))


def installed(package, folder, answers):
    """Run the script that installs the package, with `folder` in place of /etc."""
    try:
        package_scripts(package, folder / "scripts")
    except Unavailable as reason:
        pytest.skip(str(reason))
    rows = "\n".join("\t%s) RET='%s';;" % pair for pair in answers.items())
    (folder / "confmodule").write_text(CONFMODULE % rows)
    for name in ("ssmtp", "nullmailer"):
        (folder / name).mkdir()
    text = (folder / "scripts" / "postinst").read_text()
    text = text.replace("/usr/share/debconf/confmodule", str(folder / "confmodule"))
    subprocess.run(["sh", "-c", text.replace("/etc/", f"{folder}/"), "postinst", "reconfigure"],
                   check=True, capture_output=True, timeout=60)


class Converter:
    """Runs the program with what it made of another one's files."""

    def __init__(self, program, folder):
        self.program = program
        self.config = folder / "converted"
        self._environment = {"PATH": "/usr/bin:/bin", "HOME": str(folder)}

    def run(self, *arguments, message=b""):
        """The completed process, which has to succeed."""
        done = subprocess.run([self.program, *arguments], input=message, capture_output=True,
                              timeout=120, check=False, env=self._environment)
        assert done.returncode == 0, done.stderr
        return done.stdout.decode()

    def convert(self, path):
        """Import a file or folder, and let --pretend and -bC judge what is printed."""
        self.config.touch(mode=0o600)
        self.config.write_text(self.run("--import", str(path)))
        self.run("-C", self.config, "-bC")
        return self.run("-C", self.config, "--pretend")


@pytest.fixture
def converter(postrider, tmp_path):
    """See Converter."""
    return Converter(postrider, tmp_path)


@pytest.mark.interop
@pytest.mark.parametrize("name", SAMPLES)
def test_sample(converter, name):
    root = unpacked(name.partition("-")[0])
    assert "\naccount default\n" in converter.convert(root / SAMPLES[name])


@pytest.mark.interop
@pytest.mark.parametrize("package", ANSWERS)
def test_without_answers(converter, tmp_path, package):
    installed(package, tmp_path, {"esmtp/overwriteconfig": "true"})
    shown = converter.convert(tmp_path / WRITTEN[package])
    assert ("host mail\n" if package == "ssmtp" else "host localhost\n") in shown


@pytest.mark.interop
@pytest.mark.parametrize("package", ANSWERS)
def test_mail_arrives(converter, tmp_path, package):
    with Smarthost(tls="off", require_auth=False) as host:
        installed(package, tmp_path, {question: answer.format(port=host.port)
                                      for question, answer in ANSWERS[package].items()})
        converter.convert(tmp_path / WRITTEN[package])
        converter.run("-C", converter.config, "-f", "a@x.example", RCPT, message=SMALL)
        got = host.wait_message()
    assert (got.mail_from, got.rcpt_tos) == ("a@x.example", [RCPT])


@pytest.mark.interop
@pytest.mark.parametrize("override", ["true", "false"])
def test_envelope_is_that_of_ssmtp(converter, tmp_path, override):
    """Sender and recipients of ssmtp itself, and ours, with the same file."""
    program = unpacked("ssmtp") / "usr/sbin/ssmtp"
    with Smarthost(tls="off", require_auth=False) as host:
        answers = {**ANSWERS["ssmtp"], "ssmtp/fromoverride": override}
        installed("ssmtp", tmp_path, {question: answer.format(port=host.port)
                                      for question, answer in answers.items()})
        path = tmp_path / "ssmtp/ssmtp.conf"
        subprocess.run([program, f"-C{path}", "postrider-test"], input=SMALL, check=True, timeout=60)
        theirs = host.wait_message()
        converter.convert(path)
        converter.run("-C", converter.config, "-t", message=b"Bcc: postrider-test\n" + SMALL)
        ours = host.wait_message()
    assert (theirs.mail_from, theirs.rcpt_tos) == (ours.mail_from, ours.rcpt_tos)
