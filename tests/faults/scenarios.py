# SPDX-License-Identifier: MIT
"""Whole runs of the program that faults are injected into, and what must hold of each afterwards."""

import os
import pathlib
import re
import subprocess
import tempfile

from certs import make_certs
from smarthost import Smarthost

SECRET = "Pa55-word-of-joe"
TEXT = b"Subject: t\nFrom: a@x.example\n\nhello\nEND\n"
STATUSES = {0, 64, 65, 66, 67, 68, 69, 70, 71, 73, 74, 75, 76, 77, 78}
UNKNOWN = ("was sent but not answered", "may have been delivered", "may deliver it twice")
SECONDS = 40


class Scenario:
    """A server and a command line; the recipient tells the runs apart.

    name      of the scenario
    args      a function: the arguments for a recipient
    text      a function: standard input for a recipient
    end       how the message ends, as the server has it

    It has a server of its own: its runs are one after the other, those of others beside them.
    """

    def __init__(self, name, host, folder, lines, args=None, text=None, end=b"\r\nEND\r\n"):
        self.name, self.host, self.folder = name, host, folder
        self.args = args or (lambda who: [who])
        self.text = text or (lambda who: TEXT)
        self.end = end
        self.config = folder / f"config-{name}"
        self.config.write_text("\n".join(
            ["account default", "host localhost", f"port {host.port}", "from a@x.example",
             "timeout 20", *lines]) + "\n")
        self.config.chmod(0o600)


class Run:
    """What one run said, how it ended, and how often the server has its message whole."""

    def __init__(self, done, stored, end):
        self.status = done.returncode
        self.said = (done.stdout + done.stderr).decode(errors="replace")
        self.stored = len(stored)
        self.whole = all(message.content.endswith(end) for message in stored)


class Lab:
    """The servers, started once, and runs against them; used as a context."""

    def __init__(self, program, inject):
        self.program, self.inject = str(program), str(inject)
        self._folder = tempfile.TemporaryDirectory()
        self.folder = pathlib.Path(self._folder.name)
        self._number = 0
        self.hosts = []

    def __enter__(self):
        certs = make_certs(self.folder / "certs")
        clear = self._host(tls="off", require_auth=False)
        tls = self._host(certs, tls="on", mechanisms=("PLAIN",))
        for_bs = self._host(certs, tls="on", mechanisms=("PLAIN",))
        starttls = self._host(certs, tls="starttls", mechanisms=("SCRAM-SHA-256",))
        login = [f"tls_trust_file {certs['ca']}", "tls on", "user joe", f"password {SECRET}"]
        attached = self.folder / "attached.bin"
        attached.write_bytes(bytes(range(256)) * 20 + b"END\r\n")
        self.scenarios = [
            Scenario("clear", clear, self.folder, ["tls off"]),
            Scenario("tls", tls, self.folder, [*login, "tls_starttls off"]),
            Scenario("compose", starttls, self.folder, [*login, "tls_starttls on", "auth scram"],
                     args=lambda who: ["-s", "héllo", "--attach", str(attached), "--to", who],
                     text=lambda who: b"a text\n", end=b"--\r\n"),
            Scenario("bs", for_bs, self.folder, [*login, "tls_starttls off"],
                     args=lambda who: ["-bs"], text=speak)]
        return self

    def __exit__(self, *exception):
        for host in self.hosts:
            host.__exit__(*exception)
        self._folder.cleanup()

    def _host(self, *args, **more):
        host = Smarthost(*args, password=SECRET, **more)
        self.hosts.append(host)
        return host.__enter__()

    def run(self, scenario, before=(), **environment):
        """One run, with a command in front of the program's and more environment."""
        self._number += 1
        who = f"r{self._number:06}@y.example"
        home = self.folder / f"home-{self._number}"
        home.mkdir()
        command = [*before, self.program, "-C", str(scenario.config), *scenario.args(who)]
        env = {"HOME": str(home), "PATH": os.environ["PATH"], "TZ": "UTC", **environment}
        try:
            done = subprocess.run(command, input=scenario.text(who), capture_output=True, env=env,
                                  timeout=SECONDS, check=False)
        except subprocess.TimeoutExpired as late:
            done = subprocess.CompletedProcess(command, None, late.stdout or b"", late.stderr or b"")
        scenario.host.wait_idle()
        stored = [one for one in list(scenario.host.messages) if who in one.rcpt_tos]
        for one in stored:
            scenario.host.messages.remove(one)
        return Run(done, stored, scenario.end)


def speak(who):
    """A conversation for -bs."""
    return (b"EHLO me\r\nMAIL FROM:<a@x.example>\r\nRCPT TO:<" + who.encode() + b">\r\nDATA\r\n" +
            TEXT.replace(b"\n", b"\r\n") + b".\r\nQUIT\r\n")


def _accepted(scenario, run):
    """Whether the caller was told that the message was taken."""
    if scenario.name != "bs":
        return run.status == 0
    return re.search(r"^354 .*\n250 ", run.said, re.M) is not None


def faults(scenario, run, signal=None):
    """What is wrong with a run; signal: the one that it was sent."""
    wrong = []
    accepted = _accepted(scenario, run)
    if run.status is None:
        return ["it did not end"]
    told = any(word in run.said for word in UNKNOWN)
    if scenario.name == "bs":  # the status tells it, or the caller went away
        told |= run.status == 0 or "replies cannot be written" in run.said
    if run.status < 0 and -run.status != signal:
        wrong.append(f"died by signal {-run.status}")
    if run.status > 0 and run.status not in STATUSES:
        wrong.append(f"status {run.status}")
    if run.stored > 1:
        wrong.append("delivered twice")
    if not run.whole:
        wrong.append("delivered in part")
    if accepted and not run.stored:
        wrong.append("accepted, and nobody has it")
    if run.stored and not accepted and not told and run.status >= 0:
        wrong.append(f"status {run.status}, and the server has it")
    if SECRET in run.said:
        wrong.append("the password is shown")
    return wrong
