# SPDX-License-Identifier: MIT
"""Mistakes that mail programs have made: each must not happen here. Numbered for reference.

1 is in test_deadlines, 6 to 9 are in test_accounts and test_log, 15 is in test_statuses.
"""

import email
import email.header
import email.policy
import email.utils
import os
import time

import pytest

from silentserver import SilentServer
from stageserver import StageServer


def arrives(program, host, *args, message, **more):
    """The message that the server keeps."""
    done = program(*args, message=message, **more)
    assert (done.returncode, done.err) == (0, "")
    return host.wait_message()


@pytest.mark.parametrize("phase", ["mail", "final"])
def test_defect_01_a_timeout_holds_inside_tls(program, certs, phase):
    with SilentServer(phase, "silent", "on", certs) as server:
        program.write_config(
            f"account default\nhost localhost\nport {server.port}\nfrom a@x.example\nuser joe\n"
            f"password secret\ntls on\ntls_starttls off\ntls_trust_file {certs['ca']}\n"
            "timeout 1\ntimeout_final 1\n")
        started = time.monotonic()
        assert program("b@y.example").returncode == 75
        assert time.monotonic() - started < 10


def test_defect_03_authors_are_no_recipients(program, clear_host):
    program.account(clear_host)
    got = arrives(program, clear_host, "-t",
                  message=b"From: A <a1@x>, B <a2@x>\nSender: s@x\nReply-To: r@x\nTo: b@x\n\nhi\n")
    assert got.rcpt_tos == ["b@x"]


@pytest.mark.parametrize("field", ["Resent-Bcc: h@y", "Bcc : h@y", "bcc:\n h@y", "BCC\t:h@y",
                                   "Resent-bcc  : h@y", "Bcc: h@y\nBcc: h@y"])
def test_defect_04_bcc_never_leaves(program, clear_host, field):
    program.account(clear_host)
    got = arrives(program, clear_host, "b@y", message=f"To: b@y\n{field}\nX: 1\n\nhi\n".encode())
    assert b"h@y" not in got.content and b"X: 1\r\n" in got.content


def test_defect_05_quoted_local_parts(program, clear_host):
    program.account(clear_host)
    got = arrives(program, clear_host, "-t",
                  message=b'To: "john doe"@x.example, "a,b" <"c;d"@x.example>\n\nhi\n')
    assert got.rcpt_tos == ['"john doe"@x.example', '"c;d"@x.example']


@pytest.mark.parametrize("name", [b"DSN.example.org", b"SIZE.example.org", b"8BITMIME"])
def test_defect_10_the_servers_name_is_no_keyword(program, name):
    with StageServer() as server:
        server.stage, server.reply = "ehlo", b"250-" + name + b" SIZE 1\r\n250-SIZEX 1\r\n250 OK"
        program.write_config("account default\nhost localhost\nfrom a@x.example\n"
                             f"port {server.port}\n")
        done = program("-v", "b@y.example")
        assert done.returncode == 0, done.err
        assert "-> MAIL FROM:<a@x.example>\n" in done.err


NAMES = ["Doe, John (x)", 'John "Jack" Doe', "a\\b", "Jörg Müller", "日本語" * 20, "=?UTF-8?Q?x?=",
         "<evil@x>", "a@b", "x" * 300, " spaces  within "]


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
@pytest.mark.parametrize("locale", ["C", "C.UTF-8", "xx_XX.ISO-8859-1"])
def test_defect_11_12_names_are_quoted_and_encoded_whatever_the_locale(program, clear_host, name,
                                                                       locale):
    program.account(clear_host)
    got = arrives(program, clear_host, "-F", name, "b@y.example", message=b"\nhi\n",
                  env={"LC_ALL": locale, "LANG": locale})
    header = got.content.partition(b"\r\n\r\n")[0]
    assert header.isascii() and max(map(len, header.split(b"\r\n"))) <= 998
    field = email.message_from_bytes(got.content, policy=email.policy.compat32)["From"]
    phrase, address = email.utils.parseaddr(field)
    shown = str(email.header.make_header(email.header.decode_header(phrase)))
    assert (shown, address) == (name.strip(), "a@x.example")


def test_defect_14_a_message_over_the_limit_is_not_sent(program, certs):
    with StageServer() as server:
        server.keywords = (b"SIZE 100",)
        program.write_config("account default\nhost localhost\nfrom a@x.example\n"
                             f"port {server.port}\n")
        done = program("b@y.example", message=b"\n" + b"x" * 200)
        assert done.returncode == 65 and "takes at most 100" in done.err
        assert not server.messages


@pytest.mark.parametrize("auth", ["plain", "login", "on"])
def test_defect_16_no_password_without_tls(program, auth):
    program.write_config("account default\nhost mail.example.org\nport 1\nfrom a@x.example\n"
                         f"tls off\nauth {auth}\nuser joe\npassword secret\n")
    done = program("b@y.example")
    assert done.returncode in (75, 78)
    if auth != "on":
        assert done.returncode == 78 and "in clear" in done.err


def test_defect_17_pretend_does_not_wait_for_input(program):
    program.write_config("account default\nhost h\nfrom a@x.example\n")
    reader, writer = os.pipe()
    try:
        assert program("-P", stdin=reader).returncode == 0
    finally:
        os.close(reader)
        os.close(writer)


def test_defect_18_nul_does_not_end_the_header(program, clear_host):
    program.account(clear_host)
    done = program("b@y", message=b"To: b@y\nX: a\0b\nBcc: h@y\n\nhi\n")
    assert done.returncode == 0
    got = clear_host.wait_message()
    assert b"h@y" not in got.content and b"X: a?b\r\n" in got.content


def test_defect_18_a_line_that_begins_with_nul_hides_no_bcc(program, clear_host):
    program.account(clear_host)
    done = program("-t", message=b"To: b@y\n\0X: a\nBcc: h@y\n\nhi\n")
    assert done.returncode == 0
    got = clear_host.wait_message()
    assert b"h@y" not in got.content and b"\r\nX: a\r\n" in got.content
