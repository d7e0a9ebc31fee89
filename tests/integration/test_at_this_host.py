# SPDX-License-Identifier: MIT
"""Addresses at this host count as bare names: to the smarthost they would be a stranger's.

Tests are named after the row of the finding that they are about.
"""

import email
import re
import socket

import pytest

OWN = socket.gethostname()
HERE = ["localhost", "LocalHost", "localhost.localdomain", "box.localdomain",
        pytest.param(OWN, marks=pytest.mark.skipif("." in OWN, reason="the host's name has a dot"))]
ELSEWHERE = ["localhost.example", "localdomain", "notlocalhost", "mail.localdomain.example", "[127.0.0.1]"]


@pytest.fixture(name="dry")
def fixture_dry(program):
    """A function: a dry run for an account; sender, recipients, and the header of the message."""
    def run(*args, lines=(), host="mail.example", message=b"Subject: t\n\nhi\n"):
        program.write_config("\n".join(["account default", f"host {host}", "tls off",
                                        *(lines or ["from joe@x.example"])]) + "\n")
        done = program("--dry-run", *args, message=message)
        assert done.returncode == 0, done.err
        sender = re.search(r"^# MAIL FROM:<(.*)>$", done.out, re.M)[1]
        rcpts = re.findall(r"^# RCPT TO:<(.*)>$", done.out, re.M)
        return sender, rcpts, email.message_from_string(re.sub(r"(?m)^# .*\n", "", done.out))
    return run


@pytest.mark.parametrize("domain", HERE)
def test_b1_recipients(dry, program, domain):
    for args, message in ((["root@" + domain], b"Subject: t\n\nhi\n"),
                          (["-t"], b"Bcc: root@%s\n\nhi\n" % domain.encode()),
                          (["--to", "root@" + domain, "--body", "b"], b"")):
        assert dry(*args, message=message)[1] == ["joe@x.example"]
        assert dry(*args, message=message, lines=["from joe@x.example", "maildomain m.example"])[1] \
            == ["root@m.example"]
    assert "joe@x.example" in program("-bv", "root@" + domain).out or "m.example" in program(
        "-bv", "root@" + domain).out


@pytest.mark.parametrize("domain", HERE)
def test_b1_nobody_is_known(program, domain):
    program.write_config("account default\nhost mail.example\ntls off\n")
    done = program("--dry-run", "-f", "a@x.example", "root@" + domain, message=b"Subject: t\n\nhi\n")
    assert done.returncode == 67 and "recipient root has no domain" in done.err


@pytest.mark.parametrize("domain", HERE)
def test_b2_senders_and_fields(dry, domain):
    message = (f"From: Joe Cron <root@{domain}>\nSender: daemon@{domain}\nReply-To: (x) a@{domain}\n"
               f"To: bob@{domain}, c@y.example\nX-To: d@{domain}\n\nhi\n").encode()
    sender, rcpts, got = dry("-f", "root@" + domain, "z@y.example", message=message)
    assert (sender, rcpts) == ("joe@x.example", ["z@y.example"])
    assert got["From"] == "Joe Cron <joe@x.example>" and got["Sender"] == "joe@x.example"
    assert got["Reply-To"] == "(x) joe@x.example" and got["X-To"] == "d@" + domain
    assert got["To"] == "joe@x.example, c@y.example"
    sender, _, got = dry("-f", "root@" + domain, "z@y.example", message=message,
                         lines=["from joe@x.example", "maildomain m.example"])
    assert (sender, got["From"]) == ("root@m.example", "Joe Cron <root@m.example>")
    assert got["To"] == "bob@m.example, c@y.example"
    assert dry("-f", "root@" + domain, "z@y.example", message=message,
               lines=["from joe@x.example", "complete_header off"])[2]["From"] == f"Joe Cron <root@{domain}>"


@pytest.mark.parametrize("domain", ELSEWHERE)
def test_b1_other_domains_are_others(dry, domain):
    message = f"From: root@{domain}\nTo: bob@{domain}\n\nhi\n".encode()
    sender, rcpts, got = dry("-f", "root@" + domain, "z@" + domain, message=message)
    assert (sender, rcpts) == ("root@" + domain, ["z@" + domain])
    assert (got["From"], got["To"]) == ("root@" + domain, "bob@" + domain)


@pytest.mark.parametrize("host, lines", [
    ("localhost", ["from joe@x.example"]), ("127.0.0.1", ["from joe@x.example"]),
    ("mail.example", ["from root@localhost"]), ("mail.example", ["from joe@x.example", "from *@localhost"])])
def test_b1_where_they_are_meant_as_they_are(dry, host, lines):
    sender, rcpts, got = dry("-f", "root@localhost", "bob@localhost", host=host, lines=lines,
                             message=b"From: root@localhost\n\nhi\n")
    assert (sender, rcpts, got["From"]) == ("root@localhost", ["bob@localhost"], "root@localhost")


def test_b1_after_the_aliases(dry, tmp_path):
    (tmp_path / "aliases").write_text("root: ann@y.example\nbob: carol@localhost\n")
    lines = ["from joe@x.example", f"aliases {tmp_path}/aliases"]
    assert dry("root@localhost", "bob@localhost", lines=lines)[1] == ["ann@y.example", "joe@x.example"]
