# SPDX-License-Identifier: MIT
"""The judge of the corpus finds what is wrong, and nothing where nothing is."""

import pathlib
import subprocess
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

import reading  # noqa: E402  (found through the line above)
from forms import FORMS  # noqa: E402
from judge import Case, Stored, expected_recipients, judge  # noqa: E402

pytestmark = pytest.mark.ci
ADDED = b"Date: Thu, 01 Jan 2026 00:00:00 +0000\r\nMessage-ID: <1@sender.example>\r\n"
PART = (b"--b\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n"
        b"gr\xc3\xbcn\n")
GIVEN = (b"From: Ann <ann@x.example>\nTo: Bob <b@y.example>, c@y.example\n"
         b"Bcc: s@z.example\nSubject: gr\xc3\xbcn\nX-Note: one\n two\nMIME-Version: 1.0\n"
         b"Content-Type: multipart/mixed; boundary=b\n\npre\n" + PART +
         b"--b\nContent-Type: application/x; name=\"\xc3\xbc.bin\"\nContent-Transfer-Encoding: base64\n\n"
         b"AAEC\n--b--\n")
SENT = ADDED + GIVEN.replace(b"Bcc: s@z.example\n", b"").replace(
    b"Subject: gr\xc3\xbcn", b"Subject: =?UTF-8?B?Z3LDvG4=?=").replace(b"\n", b"\r\n")
ENCODED = SENT.replace(b"8bit\r\n\r\ngr\xc3\xbcn", b"quoted-printable\r\n\r\ngr=C3=BCn").replace(
    b"name=\"\xc3\xbc.bin\"", b"name*=UTF-8''%C3%BC.bin")
PEOPLE = ["b@y.example", "c@y.example", "s@z.example"]
DKIM = b"DKIM-Signature: v=1; h=from:subject; bh=x; b=y\n"


def verdict(given=GIVEN, content=SENT, people=None, case=Case(), **more):
    """What the judge says, as one text."""
    more = {"eightbit": True, **more}
    return "\n".join(judge(given, Stored(content, people or PEOPLE, **more), case))


def changed(old, new, content=SENT):
    """The stored message with one thing wrong."""
    assert content.count(old) == 1
    return content.replace(old, new)


def test_nothing_is_wrong():
    assert verdict() == ""
    assert verdict(content=ENCODED, eightbit=False, case=Case(reencoded=True)) == ""


@pytest.mark.parametrize("given, content, people", [
    # what the specification allows
    (b"To: b@y.example\n\na\0b\rc", b"From: joe@sender.example\r\n" + ADDED +
     b"To: b@y.example\r\n\r\na?b\r\nc\r\n", ["b@y.example"]),
    (b"From x\n \nFrom: backup\nReturn-Path: <q>\nTo: root, b@y.example\n\n", ADDED +
     b"From: backup <joe@sender.example>\r\nTo: joe@sender.example, b@y.example\r\n\r\n",
     ["joe@sender.example", "b@y.example"]),
    (b"From: \"J\xc3\xb6rg\" <a@x.example>\nTo: \"B\" <b@Y.example>\nMessage-ID: <\xc3\xb6@x>\n\n",
     b"Date: x\r\nFrom: =?UTF-8?Q?J=C3=B6rg?= <a@x.example>\r\nTo: \"B\" <b@Y.example>\r\n"
     b"Message-ID: <??@x>\r\n\r\n", ["b@y.example"]),
    (b"From: a@x.example\nTo: b@y.example\nX: " + b"word " * 300 + b"\n\n", ADDED +
     b"From: a@x.example\r\nTo: b@y.example\r\nX: " + b"word " * 99 + b"word\r\n " + b"word " * 200 +
     b"\r\n\r\n", ["b@y.example"]),
    (b"From: a@x.example\nResent-To: u:;\nX: y\nResent-To: b@y.example\nTo: c@y.example\n\n", ADDED +
     b"From: a@x.example\r\nResent-To: u:;\r\nX: y\r\nResent-To: b@y.example\r\n"
     b"To: c@y.example\r\n\r\n", ["b@y.example"]),
    (b"just text", b"From: joe@sender.example\r\n" + ADDED + b"\r\njust text\r\n", None)])
def test_nothing_is_wrong_with_what_is_allowed(given, content, people):
    case = Case() if people else Case(from_header=False, arguments=(b"r@y.example", b"root"))
    people = people or ["r@y.example", "joe@sender.example"]
    assert verdict(given, content, people, case) == ""


FAULTS = [
    # what is wrong, and what the judge says of it
    ({"people": PEOPLE[:2]}, "recipients: s@z.example is lost"),
    ({"people": [*PEOPLE, "q@y.example"]}, "recipients: q@y.example is invented"),
    ({"people": [*PEOPLE, "b@Y.example"]}, "recipients: somebody is named twice"),
    ({"people": ["B@y.example", *PEOPLE[1:]]}, "recipients: b@y.example is lost"),
    ({"content": changed(b"\r\nX-Note", b"\r\nBCC: q@y.example\r\nX-Note")}, "bcc: a Bcc field left"),
    ({"content": changed(b"\r\nX-Note", b"\r\nBcc \t: x\r\nX-Note")}, "bcc: a Bcc field left"),
    ({"content": changed(b"X-Note: one", b"X-Note: s@z.example")}, "bcc: s@z.example was in Bcc alone"),
    ({"content": changed(b"=?UTF-8?B?Z3LDvG4=?=", b"gr\xc3\xbcn")}, "ascii: Subject has 8-bit octets"),
    ({"eightbit": False}, "ascii: the body has 8-bit octets without 8BITMIME"),
    ({"case": Case(reencoded=True)}, "ascii: the body has 8-bit octets without 8BITMIME"),
    ({"content": changed(b"Z3LDvG4=", b"Z3LDvHg=")}, "fields: Subject says"),
    ({"content": changed(b"?UTF-8?B?Z3LDvG4=?=", b"?UTF-8?Q?gr=FCn?=")}, "fields: Subject is labelled"),
    ({"content": changed(b"one\r\n two", b"one two")}, "fields: X-Note was changed"),
    ({"content": changed(b"X-Note: one\r\n two\r\n", b"")}, "fields: the fields are"),
    ({"content": changed(b"X-Note", b"X-More: x\r\nX-Note")}, "fields: the fields are"),
    ({"content": changed(b"From: Ann <ann@", b"From: Ann <amy@")}, "fields: From has amy@x.example"),
    ({"content": changed(b"To: Bob <", b"To: Bib <")}, "fields: To has the name"),
    ({"content": changed(b"pre\r\n", b"prx\r\n")}, "body: was changed without a reason: at octet 2"),
    ({"content": changed(b"AAEC\r\n", b"AAED\r\n")}, "body: was changed without a reason"),
    ({"content": SENT + b"\r\n"}, "body: was changed without a reason"),
    ({"content": ENCODED}, "body: was changed without a reason")]


@pytest.mark.parametrize("wrong, said", FAULTS)
def test_one_thing_is_wrong(wrong, said):
    assert said in verdict(**wrong)


ENCODED_FAULTS = [
    (changed(b"gr=C3=BCn", b"gr=C3=BCm", ENCODED), "body: part 1 (text/plain) has other octets"),
    (changed(b"gr=C3=BCn", b"gr=C3=BCn ", ENCODED), "is not encoded as RFC 2045 section 6.7 has it"),
    (changed(b"gr=C3=BCn", b"gr=C3=BCn" + b"x" * 68, ENCODED), "is not encoded as RFC 2045"),
    (changed(b"AAEC", b"AAED", ENCODED), "body: part 2 (application/x) has other octets"),
    (changed(b"charset=utf-8", b"charset=latin1", ENCODED), "part 1 (text/plain) has another charset"),
    (changed(b"pre\r\n", b"prx\r\n", ENCODED), "part 0 (multipart/mixed) has another preamble"),
    (changed(b"multipart/mixed", b"multipart/related", ENCODED), "the parts are 0:multipart/related"),
    (ENCODED.partition(b"--b\r\nContent-Type: app")[0] + b"--b--\r\n", "body: the parts are"),
    (changed(b"--b--", b"--b\r\n\r\nx\r\n--b--", ENCODED), "body: the parts are")]


@pytest.mark.parametrize("content, said", ENCODED_FAULTS)
def test_one_thing_is_wrong_in_a_message_that_was_encoded(content, said):
    assert said in verdict(content=content, eightbit=False, case=Case(reencoded=True))


@pytest.mark.parametrize("old, new, said", [
    (b"hello", b"hellO", "dkim: the body hash"),
    (b"Subject: \t t", b"Subject: t", "fields: Subject is signed"),
    (b"Subject", b"subject", "fields: the fields are")])
def test_a_signature_that_breaks(old, new, said):
    given = DKIM + b"From: a@x.example\nTo: b@y.example\nSubject: \t t\n\nhello\n"
    content = ADDED + given.replace(b"\n", b"\r\n")
    assert verdict(given, content, ["b@y.example"]) == ""
    assert said in verdict(given, changed(old, new, content), ["b@y.example"])


def test_a_signed_part_that_was_changed():
    given = (b"From: a@x.example\nTo: b@y.example\nContent-Type: multipart/mixed; boundary=b\n\n" + PART +
             b"--b\nContent-Type: multipart/signed; boundary=c\n\n--c\n\nx  \n--c\n\ny\n--c--\n--b--\n")
    content = ADDED + given.replace(b"8bit", b"quoted-printable").replace(
        b"\xc3\xbc", b"=C3=BC").replace(b"\n", b"\r\n")
    case = Case(reencoded=True)
    assert verdict(given, content, ["b@y.example"], case) == ""
    wrong = changed(b"\r\nx  \r\n", b"\r\nx =20\r\n", content)
    assert "signed or encrypted" in verdict(given, wrong, ["b@y.example"], case)


@pytest.mark.parametrize("people, said", [
    (["c@y.example"], "b@y.example is lost"), (["b@y.example"], "c@y.example is lost"),
    (["b@y.example", "c@y.example", "q@y.example"], "q@y.example is invented"),
    (["b@y.example", "c@y.example"], "")])
def test_a_list_that_readers_differ_about(people, said):
    given = b"From: a@x.example\nTo: b@y.example c@y.example (d@y.example\n\n"
    content = ADDED + given.replace(b"\n", b"\r\n")
    assert said in verdict(given, content, people)


def test_the_table_names_fixtures():
    folder = pathlib.Path(__file__).parent
    rows = [line.split() for line in (folder / "expected").read_text().splitlines()
            if line and not line.startswith("#")]
    assert len(rows) > 50 and all((folder / "fixtures" / name).exists() for name, _, _ in rows)
    assert all(forms == "all" or set(forms.split(",")) <= set(FORMS) for _, forms, _ in rows)


LISTS = [
    ("A <a@x.example>, b@x.example", "a@x.example b@x.example"), ("g: a@x, b@x;, c@x", "a@x b@x c@x"),
    ('"x, y" <a@x>', "a@x"), ("a@x (b@x, (c@x))", "a@x"), ('"a b"@x', "a b@x"), ("<@r,@s:a@x>", "a@x"),
    ("=?utf-8?Q?Lee,_A?= <a@x>", "a@x"), ("a@b\u00fccher.example", "a@xn--bcher-kva.example"),
    ("<>, x <>, <u:;>, u:;, ,", ""), ("a @\r\n x . y", "a@x.y"), ("a@[192.0.2.1]", "a@[192.0.2.1]"),
    ("root", "joe@sender.example"), ("a@X.EXAMPLE, A@x.example", "A@x.example a@x.example")]
MALFORMED = ["a b c@x d", "a@x b@x", "a@x: b@x;", "a@x y: b@x;", "<a@x", "a@x>", "a@x (b", '"a <b@x>',
             "a@b@x", "a@", "@x", "<a@x> b", "a@x..y", "a@x; b@x"]


@pytest.mark.parametrize("text, people", LISTS)
def test_lists_of_addresses(text, people):
    given = reading.read_message(b"To: " + text.encode() + b"\n\n")
    got = sorted(b"@".join(address).decode() for address in expected_recipients(given, Case()))
    assert " ".join(got) == people


@pytest.mark.parametrize("text", MALFORMED)
def test_lists_that_are_malformed(text):
    with pytest.raises(reading.Malformed):
        reading.mailboxes(text.encode())


@pytest.mark.parametrize("text, status, said", [
    ('printf "250 ok"; exit 0', 1, "status 0, but the server has nothing"),
    ("echo no >&2; exit 65", 1, "status 65: no"), ("echo field To: no >&2; exit 65", 0, "1 passed"),
    ("exit 70", 1, "status 70"), ("exit 64", 1, "status 64")])
def test_the_run_notices_what_a_program_does(tmp_path, text, status, said):
    program, message = tmp_path / "program", tmp_path / "message"
    program.write_text("#!/bin/sh\n" + text + "\n")
    program.chmod(0o755)
    message.write_bytes(GIVEN)
    run = pathlib.Path(__file__).parent / "run"
    done = subprocess.run([run, "--form", "header", message], capture_output=True, text=True, check=False,
                          env={"PATH": "/usr/bin:/bin", "POSTRIDER": str(program)}, timeout=60)
    assert (done.returncode, said in done.stdout) == (status, True), done.stdout + done.stderr
    assert done.stdout.endswith("passed, %d failed\n" % status)
