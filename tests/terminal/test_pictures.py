# SPDX-License-Identifier: MIT
"""What stands on the screen when a message was sent, and when it was not: 80 columns, all of it."""

import os
import pathlib
import re
import shutil
import socket
import subprocess
import tempfile

import pytest

from smarthost import Smarthost
from tmux import Tmux

PROMPT = re.compile(r"^\[\d+\]\$$")

# What differs from run to run; none of it changes its length.
VARIABLE = [
    (r"/tmp/p-[a-z0-9_]{8}", "/home/joe"),
    (r"port \d{5}", "port NNNNN"),
    (r"\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun),", "Ddd,"),
    (r"\b\d\d(\s+)(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)(\s+)\d{4}\b",
     r"NN\1Mmm\3YYYY"),
    (r"(?:[0-9A-F:]\n?){94}[0-9A-F]", "FINGERPRINT"),
    (r"\b\d\d:\d\d:\d\d\b", "hh:mm:ss"),
]


class Prompt:
    """A home folder with an account for a server, and a shell in it."""

    def __init__(self, postrider, certs):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="p-", dir="/tmp"))
        (self.folder / "bin").mkdir()
        (self.folder / "bin" / "postrider").symlink_to(postrider)
        (self.folder / "rc").write_text("PS1='[$?]$ '\nset +o history\n")
        shutil.copy(certs["ca"], self.folder / "ca.pem")
        self.config = self.folder / ".config/postrider/config"
        self.config.parent.mkdir(parents=True)
        self.shell = ["bash", "--noprofile", "--rcfile", str(self.folder / "rc"), "-i"]

    def account(self, port, *more, host="localhost", trust="tls_trust_file ~/ca.pem"):
        """Write the account `work`; a line in more takes the place of one that begins the same."""
        lines = [f"host {host}", f"port {port}", "tls on", "tls_starttls off", trust, "user joe",
                 "password secret", "from joe@work.example"]
        named = [line.split()[0] for line in more]
        lines = [line for line in lines if line and line.split()[0] not in named]
        self.config.write_text("\n".join(["account work", *lines, *more]) + "\n")
        self.config.chmod(0o600)

    def picture(self, command):
        """The screen when that was typed and has ended, with the status in the last prompt."""
        environment = {"HOME": str(self.folder), "PATH": f"{self.folder}/bin:/usr/bin:/bin",
                       "LC_ALL": "C.UTF-8", "TZ": "UTC"}
        with Tmux(self.shell, environment, self.folder, columns=80) as screen:
            screen.wait_for(lambda text: PROMPT.match(text))
            screen.type(command)
            screen.keys("Enter")
            text = screen.wait_for(lambda text: PROMPT.match(text.split("\n")[-1]) and
                                   text.count("]$") > 1)
        for pattern, word in VARIABLE:
            text = re.sub(pattern, word, text)
        return text + "\n"


@pytest.fixture
def prompt(postrider, certs):
    """A home for the person at the terminal."""
    if not shutil.which("tmux"):
        pytest.skip("no tmux here")
    made = Prompt(postrider, certs)
    yield made
    shutil.rmtree(made.folder)


@pytest.fixture
def server(certs):
    """A smarthost with TLS from the start, where joe's password is secret."""
    with Smarthost(certs) as host:
        yield host


SEND = "echo hello | postrider ann@y.example"
BOTH = SEND + " bob@y.example"
ANN = "ann@y.example"
UNKNOWN = "550 5.1.1 <ann@y.example>: Recipient address rejected: User unknown"

# name: what the server answers to ann, lines of the account, and what is typed
AT_A_SERVER = {
    "success": ({}, [], SEND),
    "refused": ({ANN: UNKNOWN}, [], SEND),
    "one of two refused": ({ANN: UNKNOWN}, [], BOTH),
    "for now": ({ANN: "450 4.2.1 The user is receiving mail too quickly"}, [], SEND),
    "relaying": ({ANN: "554 5.7.1 <ann@y.example>: Relay access denied"}, [], SEND),
    "wrong password": ({}, ["password wrong"], SEND),
    "TLS too late": ({}, ["tls_starttls on", "timeout 1"], SEND),
    "unknown authority": ({}, ["tls_trust_file system"], SEND),
    "no recipient": ({}, [], "echo hello | postrider"),
    "no recipient in the header": ({}, [], "echo hello | postrider -t"),
    "missing attachment": ({}, [], "postrider -s Report --body x --attach report.pdf " + ANN),
    "unknown option": ({}, [], "postrider --subjekt x " + ANN),
    "unknown account": ({}, [], "postrider -a home " + ANN),
    "no such configuration": ({}, [], "postrider -C ~/none " + ANN),
    "unknown setting": ({}, ["tls_fingerprnt AB", "hots x"], SEND),
    "wrong value": ({}, ["tls maybe"], SEND),
    "no mechanism": ({}, ["auth scram"], SEND),
}

PICTURES = {
    "success": """\
[0]$ echo hello | postrider ann@y.example
[0]$
""",
    "refused": """\
[0]$ echo hello | postrider ann@y.example
postrider: account work: recipient <ann@y.example> was refused
  the server said: 550 5.1.1 <ann@y.example>: Recipient address rejected: User
    unknown
  hint: check how the address is spelt, on the command line or (with -t) in To,
    Cc and Bcc; postrider -bv ADDRESS shows its alias
[67]$
""",
    "one of two refused": """\
[0]$ echo hello | postrider ann@y.example bob@y.example
postrider: account work: recipient <ann@y.example> was refused
  the server said: 550 5.1.1 <ann@y.example>: Recipient address rejected: User
    unknown
  hint: the message was accepted for the other recipient; send it again to
    corrected addresses alone, naming them on the command line without -t
[67]$
""",
    "for now": """\
[0]$ echo hello | postrider ann@y.example
postrider: account work: recipient <ann@y.example> was refused
  the server said: 450 4.2.1 The user is receiving mail too quickly
  hint: this is temporary: run the same command again later
[75]$
""",
    "relaying": """\
[0]$ echo hello | postrider ann@y.example
postrider: account work: recipient <ann@y.example> was refused
  the server said: 554 5.7.1 <ann@y.example>: Relay access denied
  hint: this account may not use that sender: postrider -P -a work shows its
    line from; change that line, use -f ADDRESS, or -a for another account; the
    lines allow_from_override off and set_from_header on make every message come
    from the line from
[77]$
""",
    "wrong password": """\
[0]$ echo hello | postrider ann@y.example
postrider: account work: authentication failed
  the server said: 535 5.7.8 Authentication credentials invalid
  hint: check user and password: postrider -P -a work shows the line user; the
    password is from the line password
[77]$
""",
    "TLS too late": """\
[0]$ echo hello | postrider ann@y.example
postrider: account work: no greeting within 1 s
  hint: a server with TLS from the start says nothing before it: then add the
    line tls_starttls off (port 465)
[75]$
""",
    "unknown authority": """\
[0]$ echo hello | postrider ann@y.example
postrider: account work: the server's certificate is not acceptable: it is not
  signed by a trusted authority
  hint: add the line tls_trust_file FILE, with the authority that signed it; or,
    only if whoever runs the server confirms it, the line tls_fingerprint
    FINGERPRINT
[69]$
""",
    "no recipient": """\
[0]$ echo hello | postrider
postrider: there is no recipient
  hint: name recipients as arguments, or use -t; see postrider --help
[64]$
""",
    "no recipient in the header": """\
[0]$ echo hello | postrider -t
postrider: there is no recipient
  hint: To, Cc and Bcc name no recipient: put an address in one of them, or on
    the command line
[64]$
""",
    "missing attachment": """\
[0]$ postrider -s Report --body x --attach report.pdf ann@y.example
postrider: --attach: report.pdf: No such file or directory
  hint: is the name spelt right, and may you read it? look with: ls -ld
    report.pdf
[66]$
""",
    "unknown option": """\
[0]$ postrider --subjekt x ann@y.example
postrider: unknown option: --subjekt
  hint: did you mean --subject?
[64]$
""",
    "unknown account": """\
[0]$ postrider -a home ann@y.example
postrider: there is no account named home
  hint: choose one with -a: work
[78]$
""",
    "no such configuration": """\
[0]$ postrider -C ~/none ann@y.example
postrider: configuration: /home/joe/none: the file does not exist
  hint: check the file name after -C; without it ~/.config/postrider/config and
    /etc/postrider/config are read
[78]$
""",
    "unknown setting": """\
[0]$ echo hello | postrider ann@y.example
postrider: /home/joe/.config/postrider/config:10: unknown setting
  "tls_fingerprnt" (did you mean tls_fingerprint?)
postrider: /home/joe/.config/postrider/config:11: unknown setting "hots"
  (did you mean host?)
  hint: man postrider.conf lists all settings
[78]$
""",
    "wrong value": """\
[0]$ echo hello | postrider ann@y.example
postrider: /home/joe/.config/postrider/config:9: tls: must be on or off
  hint: man postrider.conf lists all settings
[78]$
""",
    "no mechanism": """\
[0]$ echo hello | postrider ann@y.example
postrider: account work: the server offers no AUTH mechanism that may be used,
  but only this is allowed: auth scram
  hint: add the line auth on to allow others; they show the password to the
    server, and need the lines tls on and tls_certcheck on
[77]$
""",
    "expired": """\
[0]$ echo hello | postrider ann@y.example
postrider: account work: the server's certificate is not acceptable: it expired
  on Ddd, NN Mmm YYYY hh:mm:ss +0000
  hint: the clock here says Ddd, NN Mmm YYYY hh:mm:ss +0000 (run: date); if that
    is right, whoever runs the server must renew the certificate
[69]$
""",
    "wrongname": """\
[0]$ echo hello | postrider ann@y.example
postrider: account work: the server's certificate is not acceptable: it is for
  other.example, not localhost
  hint: correct the line host NAME; or, only if whoever runs the server confirms
    that other.example is its name, add the line tls_host_override other.example
[69]$
""",
    "refused connection": """\
[0]$ echo hello | postrider ann@y.example
postrider: account work: host 127.0.0.1, port NNNNN: 127.0.0.1: cannot connect:
  Connection refused
  hint: is the server up, and does no firewall block it? usual are the lines
    port 465 and tls_starttls off, or port 587 and tls_starttls on
[75]$
""",
    "unsafe permissions": """\
[0]$ echo hello | postrider ann@y.example
postrider: a configuration with secrets:
  /home/joe/.config/postrider/config: others can change it (mode 666)
  hint: run: chmod go-w /home/joe/.config/postrider/config
[78]$
""",
    "no account": """\
[0]$ echo hello | postrider ann@y.example
postrider: no account is configured (/home/joe/.config/postrider/config:
  no account in it, /etc/postrider/config: none, /etc/msmtprc: none)
  hint: man postrider.conf shows a file of five lines that is enough
[78]$
""",
    "smtp.example.org": """\
[0]$ echo hello | postrider ann@y.example
postrider: account work: host smtp.example.org: Temporary failure in name
  resolution
  hint: is the name spelt right, and is the network up? ask again with: getent
    hosts smtp.example.org
[75]$
""",
    "192.0.2.1": """\
[0]$ echo hello | postrider ann@y.example
postrider: account work: host 192.0.2.1, port 465: 192.0.2.1: cannot connect:
  Network is unreachable
  hint: is the network up? ip route shows the ways out of this machine
[75]$
""",
}


@pytest.mark.parametrize("name", AT_A_SERVER)
def test_at_a_server(prompt, server, name):
    """What it answers, and what is wrong before it is asked."""
    server.replies, lines, command = AT_A_SERVER[name]
    prompt.account(server.port, *lines)
    assert prompt.picture(command) == PICTURES[name]


@pytest.mark.parametrize("cert", ["expired", "wrongname"])
def test_certificate(prompt, certs, cert):
    """A server that is not believed."""
    with Smarthost(certs, cert=cert) as host:
        prompt.account(host.port)
        assert prompt.picture(SEND) == PICTURES[cert]


def test_refused_connection(prompt):
    """Nobody listens at that port."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        prompt.account(closed.getsockname()[1], host="127.0.0.1")
        assert prompt.picture(SEND) == PICTURES["refused connection"]


@pytest.mark.parametrize("host", ["smtp.example.org", "192.0.2.1"])
def test_no_network(prompt, host):
    """In a network namespace that has none."""
    if subprocess.run(["unshare", "-n", "true"], capture_output=True, check=False).returncode:
        pytest.skip("network namespaces need root")
    prompt.account(465, host=host)
    prompt.shell = ["unshare", "-n", *prompt.shell]
    assert prompt.picture(SEND) == PICTURES[host]


@pytest.mark.skipif(os.geteuid() != 0, reason="a file of root's")
def test_unsafe_permissions(prompt):
    """Others could change the configuration."""
    prompt.account(465)
    prompt.config.chmod(0o666)
    assert prompt.picture(SEND) == PICTURES["unsafe permissions"]


def test_no_account(prompt):
    """A configuration with nothing in it."""
    prompt.config.write_text("")
    assert prompt.picture(SEND) == PICTURES["no account"]
