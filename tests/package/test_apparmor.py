# SPDX-License-Identifier: MIT
"""The AppArmor profile: the parser takes it, and it allows what a submission does.

No kernel enforces it here. What a real run writes, executes and connects to is seen by strace and
compared with the rules, as the parser prints them with everything included.
"""

import os
import pathlib
import re
import shutil
import subprocess

import pytest

from smarthost import Smarthost

PROFILE = pathlib.Path(__file__).resolve().parents[2] / "dist/apparmor/usr.bin.postrider"
PARSER = shutil.which("apparmor_parser", path=os.environ["PATH"] + ":/sbin:/usr/sbin")
RULE = re.compile(r"^\s*(?P<words>(?:audit |deny |owner )*)(?P<path>[/@]\S*)\s+"
                  r"(?P<rights>[a-zA-Z]+),", re.M)
VARIABLE = re.compile(r"^\s*@\{(\w+)\}\s*\+?=\s*(.*)$", re.M)
GLOB = re.compile(r"\*\*|\*|\?|\[[^]]+\]|[{},]|@\{\w+\}|.")
SIGNS = {"**": ".*", "*": "[^/]*", "?": "[^/]", "{": "(?:", "}": ")", ",": "|"}

pytestmark = pytest.mark.skipif(not PARSER, reason="no apparmor_parser here")


def parse(*options):
    """Run the parser without a kernel; what it prints."""
    done = subprocess.run([PARSER, "--skip-kernel-load", "--skip-cache", *options, PROFILE],
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def pattern(glob, variables):
    """A path of the profile as a regular expression."""
    parts = []
    for sign in GLOB.findall(glob):
        if sign.startswith("@{"):
            values = [pattern(value.rstrip("/"), variables)
                      for value in variables.get(sign[2:-1], [])]
            parts.append("(?:%s)" % "|".join(values))
        else:
            parts.append(SIGNS.get(sign, sign if sign[0] == "[" else re.escape(sign)))
    return "".join(parts)


@pytest.fixture(scope="module")
def rules():
    """rules(PATH): the rights to it, and whether a rule denies it."""
    text = re.sub(r"#.*", "", parse("--preprocess"))
    variables = {}
    for name, values in VARIABLE.findall(text):
        variables.setdefault(name, []).extend(values.split())
    known = [(re.compile(pattern(match["path"], variables)), match)
             for match in RULE.finditer(text)]

    def look(path):
        fits = [match for expression, match in known if expression.fullmatch(path)]
        denied = any("deny" in match["words"] for match in fits)
        return set("".join(match["rights"] for match in fits)), denied
    return look


def test_parser_takes_it():
    assert "error" not in parse("-Q").lower()


def test_parser_warns_of_nothing():
    """Of nothing but what the kernel of this machine cannot do."""
    done = subprocess.run([PARSER, "--skip-kernel-load", "--skip-cache", "-Q", "--warn=all",
                           PROFILE], capture_output=True, text=True, check=True)
    assert not [line for line in done.stderr.splitlines()
                if not line.endswith("rules not enforced") and not line.startswith("Cache ")]


@pytest.mark.parametrize("path, rights", [
    ("/home/joe/.msmtprc", "r"), ("/etc/postrider/config", "r"), ("/srv/report.txt", "r"),
    ("/home/joe/out.txt", "w"), ("/home/joe/.msmtp.log", "w"), ("/run/dovecot/lmtp", "w"),
    ("/home/joe/.cache/postrider/x.session", "w"), ("/usr/bin/dash", "U"),
    ("/usr/lib/softhsm/libsofthsm2.so", "m"), ("/tmp/krb5cc_1000", "w")])
def test_allowed(rules, path, rights):
    assert set(rights) <= rules(path)[0]
    assert not rules(path)[1]


@pytest.mark.parametrize("path, right", [
    ("/home/joe/.bashrc", "w"), ("/home/joe/.config/autostart/x.desktop", "w"),
    ("/etc/passwd", "w"), ("/usr/bin/postrider", "w"), ("/usr/bin/python3.11", "x"),
    ("/var/spool/cron/crontabs/joe", "w"), ("/home/joe/bin/x", "x")])
def test_not_allowed(rules, path, right):
    assert right not in rules(path)[0]


@pytest.mark.parametrize("path", ["/etc/shadow", "/home/joe/.ssh/id_ed25519",
                                  "/home/joe/.gnupg/private-keys-v1.d/x.key"])
def test_denied(rules, path):
    assert rules(path)[1]


def trace(command, path, **more):
    """Run it under strace; the lines of its own process and of children before they execute."""
    done = subprocess.run(["strace", "-f", "-y", "-s", "4096", "-o", path, "-e",
                           "trace=%file,connect", *command], capture_output=True, check=False,
                          timeout=60, **more)
    assert done.returncode == 0, done.stderr.decode()
    gone = set()
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines()):
        process, call = line.split(maxsplit=1)
        if process not in gone:
            yield call
        if number and call.startswith("execve("):
            gone.add(process)


def deeds(calls):
    """(right, path) of what was opened to write, made, renamed, executed, connected to."""
    for call in calls:
        opened = re.match(r"openat\(.*O_(?:WRONLY|RDWR).*= \d+<(.*?)>(?:\(deleted\))?$",
                          call)
        read = re.match(r"openat\((?!.*O_PATH).*O_RDONLY.*= \d+<(.*)>$", call)
        made = re.match(r'mkdir\("(.*)", .*= 0$', call)
        renamed = re.match(r'renameat\(\d+<(.*)>, "(.*)", \d+<.*>, "(.*)"\) = 0$', call)
        executed = re.match(r'execve\("(.*?)", .*= 0$', call)
        connected = re.match(r'connect\(.*sun_path="(.*?)"', call)
        if opened or connected:
            yield "w", (opened or connected).group(1)
        elif read:
            yield "r", read.group(1)
        elif made:
            yield "w", made.group(1) + "/"
        elif renamed:
            yield from (("w", f"{renamed.group(1)}/{name}") for name in renamed.group(2, 3))
        elif executed:
            yield "U", os.path.realpath(executed.group(1))


def test_a_submission(rules, packages, certs, tmp_path):
    """A message that needs a spool, a password from a command, a log, a cache; all is allowed."""
    config = tmp_path / "config"
    with Smarthost(certs) as host:
        config.touch(0o600)
        config.write_text(f"host localhost\nport {host.port}\ntls on\ntls_starttls off\n"
                          f"tls_trust_file {certs['ca']}\nuser joe\npasswordeval echo secret\n"
                          "from a@x.example\nlogfile ~/mail.log\nsyslog on\n", encoding="utf-8")
        command = [packages.root / "usr/bin/postrider", "-C", config, "b@y.example"]
        calls = trace(command, tmp_path / "trace", input=b"\n" + b"line of text\n" * 200000,
                      env={"HOME": str(tmp_path), "PATH": os.environ["PATH"], "TMPDIR": "/tmp"})
        done = [(right, path.replace(str(tmp_path), "/home/joe")) for right, path in deeds(calls)
                if str(packages.root) not in path]
        assert len(host.messages) == 1
    assert {"/home/joe/mail.log", "/home/joe/.cache/postrider/"} <= {path for _, path in done}
    assert any(path.startswith(("/tmp/#", "/tmp/postrider-")) for _, path in done)
    assert any(right == "U" for right, _ in done)
    for right, path in done:
        rights, denied = rules(path)
        assert right in rights and not denied, (right, path)
