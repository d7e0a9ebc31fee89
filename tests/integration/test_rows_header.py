# SPDX-License-Identifier: MIT
"""Names, charsets and faults of headers, each test named after the row of its finding."""

import email
import email.header
import email.policy
import re
import subprocess

import pytest

from stageserver import StageServer


@pytest.fixture
def dry(program):
    """A function: the header that would be sent, and the rest of what a dry run prints."""
    program.write_config("account default\nhost mail.example\ntls off\nfrom joe@sender.example\n")

    def run(message, *args, status=0):
        done = program("--dry-run", *(args or ["r@y.example"]), message=message)
        assert done.returncode == status, done.err
        return done.err if status else done.stdout
    return run


@pytest.fixture
def plain_server(program):
    """A server that offers nothing: no 8BITMIME, no SMTPUTF8."""
    with StageServer() as server:
        program.write_config("account default\nhost localhost\nfrom joe@sender.example\n"
                             f"port {server.port}\n")
        yield server


def decoded(message, name):
    """The display name and address of the first mailbox of a field."""
    text = message.partition(b"\n\n")[0].replace(b"\r", b"") + b"\n\n"
    text = b"".join(line + b"\n" for line in text.split(b"\n") if not line.startswith(b"# "))
    field = email.message_from_bytes(text, policy=email.policy.SMTP)[name]
    (one,) = field.addresses
    return one.display_name, one.addr_spec


@pytest.mark.parametrize("name", ["From", "To", "Reply-To", "Cc", "Sender"])
@pytest.mark.parametrize("text", ["Jörg", '"Jörg Müller"', "Жук", '"a, ü"'])
def test_a5_a_name_outside_ascii_is_a_display_name(dry, name, text):
    got = dry(f"{name}: {text}\nSubject: x\n\nb\n".encode())
    assert got.isascii() and b"needs SMTPUTF8" not in got
    assert decoded(got, name) == (text.strip('"'), "joe@sender.example")


@pytest.mark.parametrize("name", ["From", "Reply-To"])
def test_a5_and_its_server_need_not_know_smtputf8(program, plain_server, name):
    done = program("r@y.example", message=f"{name}: Jörg\nX: 1\n\nb\n".encode())
    assert (done.returncode, done.err) == (0, "")
    assert decoded(plain_server.messages[0], name) == ("Jörg", "joe@sender.example")


RESENT = [
    # blocks, whom -t finds, and the sender that --read-envelope-from finds
    (b"Resent-From: a@x.example\nReceived: x\nResent-To: b@y.example\n", ["b@y.example"]),
    (b"Resent-To: \nX: 1\nResent-To: b@y.example\nX: 2\nResent-To: c@y.example\n",
     ["b@y.example"]),
    (b"Resent-From: a@x.example\nResent-From: c@x.example\nResent-Cc: b@y.example\n",
     ["b@y.example"]),
    (b"Resent-To: undisclosed:;\nReceived: x\nResent-Bcc: b@y.example\n", ["b@y.example"])]


@pytest.mark.parametrize("fields, people", RESENT)
def test_a7_the_first_block_that_names_somebody(dry, fields, people):
    got = dry(fields + b"To: not@y.example\n\nb\n", "-t").decode()
    assert [line[11:-1] for line in got.splitlines() if line.startswith("# RCPT")] == people


@pytest.mark.parametrize("fields", [b"Resent-From: a@x.example\n", b"Resent-To: \n",
                                    b"Resent-Cc: x:;\nReceived: x\nResent-Bcc: <>\n"])
def test_a7_no_block_names_anybody(dry, fields):
    told = dry(fields + b"To: ann@y.example\n\nb\n", "-t", status=64)
    assert "there is no recipient" in told and "the Resent- fields name no recipient" in told
    assert b"RCPT TO:<z@y.example>" in dry(fields + b"\nb\n", "-t", "z@y.example")


def test_a7_the_sender_stands_in_a_block_before(dry):
    got = dry(b"Resent-From: a@x.example\nReceived: x\nResent-To: b@y.example\nFrom: o@x.example\n\n",
              "-t", "--read-envelope-from")
    assert b"# MAIL FROM:<a@x.example>" in got


def test_a9_latin_1_without_a_content_type(program, plain_server):
    done = program("r@y.example", message=b"Subject: x\n\nGr\xfc\xdfe\n")
    assert (done.returncode, done.err) == (0, "")
    got = email.message_from_bytes(plain_server.messages[0])
    assert got["Content-Type"] == "text/plain; charset=unknown-8bit"
    assert got["Content-Transfer-Encoding"] == "quoted-printable"
    assert got.get_payload(decode=True) == b"Gr\xfc\xdfe\r\n"


def test_a9_octets_outside_of_parts(program, plain_server):
    done = program("r@y.example", message=b"MIME-Version: 1.0\nContent-Type: multipart/mixed; "
                   b"boundary=b\n\npre\xfc\n--b\n\nx\n--b--\n\xc3\xbcepi\n")
    assert (done.returncode, done.err) == (0, "")
    assert b"\r\n\r\npre?\r\n--b\r\n\r\nx\r\n--b--\r\n??epi" in plain_server.messages[0]


def test_a9_stray_octets_in_quoted_printable(program, plain_server):
    text = b"=C3=A4 \xc3\xb6 " + b"x\xfc" * 200 + b"=\n\xff\n"
    done = program("r@y.example", message=b"MIME-Version: 1.0\nContent-Type: text/plain\n"
                   b"Content-Transfer-Encoding: quoted-printable\n\n" + text)
    assert (done.returncode, done.err) == (0, "")
    got = email.message_from_bytes(plain_server.messages[0])
    assert got.get_payload(decode=True) == b"\xc3\xa4 \xc3\xb6 " + b"x\xfc" * 200 + b"\xff\r\n"
    assert plain_server.messages[0].isascii()


@pytest.mark.parametrize("text, wanted", [
    ("backup", "backup"), ('"Backup Server"', "Backup Server"), ("Backup Server", "Backup Server"),
    ('"Backup" <>', "Backup"), ("Dr. Backup", "Dr. Backup"), ("Ops, night", "Ops, night"),
    ("Backup (nightly)", "Backup (nightly)"), ("Backup <>", "Backup"), ("a\n b", "a b"),
    ("=?utf-8?Q?J=C3=B6rg?= M", "Jörg M"), ("backup <root>", "backup"), ('"B<ackup" <>', "B<ackup"),
    ("(a < b) <>", "(a < b)"), ('"a<b" c <>', "a<b c"), ('"B', "B"), ('"a\\"<b" <>', 'a"<b')])
def test_a10_what_is_no_address_is_a_name(dry, text, wanted):
    got = dry(f"From: {text}\n\nb\n".encode())
    assert decoded(got, "From") == (wanted, "joe@sender.example")
    assert b"Sender:" not in got


@pytest.mark.parametrize("text, first", [
    ('"Ops, night", <ops@example.net>', ("Ops, night", "ops@example.net")),
    ('"Ops, nïght", <ops@example.net>', ("Ops, nïght", "ops@example.net"))])
def test_a10_a_stray_comma(dry, text, first):
    got = dry(f"From: {text}\n\nb\n".encode())
    assert decoded(got, "From") == first and b"Sender:" not in got
    got = dry(f"From: {text}\n\nb\n".encode(), "--read-envelope-from", "r@y.example")
    assert b"# MAIL FROM:<ops@example.net>" in got


def test_a10_several_authors_stay_so(dry):
    got = dry(b"From: a@x.example, \"B\" <b@x.example>\n\nb\n")
    assert b"\nFrom: a@x.example, \"B\" <b@x.example>\n" in got and b"Sender: joe@" in got


PART = b"MIME-Version: 1.0\nContent-Type: multipart/%s; boundary=b\n"
CHARSETS = [
    (b"Content-Type: text/plain; charset=ISO-8859-1\n", b"", "iso-8859-1"),
    (b"Content-Type: text/html; charset=\"windows-1252\"\n", b"", "windows-1252"),
    (PART % b"mixed", b"--b\nContent-Type: image/png\n\nx\n--b\nContent-Type: text/plain; "
     b"charset=iso-8859-15\n\nx\n--b\nContent-Type: text/plain; charset=koi8-r\n\n--b--\n",
     "iso-8859-15"),
    (PART % b"mixed", b"--b\nContent-Type: multipart/alternative; boundary=c\n\n--c\nContent-Type: "
     b"text/plain; charset=iso-8859-2\n\nx\n--c--\n--b--\n", "iso-8859-2"),
    (PART % b"mixed", b"--b\n\nx\n--b--\n", "unknown-8bit"),
    (PART % b"mixed", b"x\n" * 50000 + b"--b\nContent-Type: text/plain; charset=iso-8859-1\n\n",
     "unknown-8bit"),
    (b"Content-Type: text/plain; charset=us-ascii\n", b"", "unknown-8bit"),
    (b"Content-Type: text/plain; charset=UTF-8\n", b"", "unknown-8bit"),
    (b"Content-Type: text/plain; charset=utf-16\n", b"", "unknown-8bit"),
    (b"Content-Type: text/plain; charset=\"a?b\"\n", b"", "unknown-8bit"),
    (b"", b"", "unknown-8bit")]


@pytest.mark.parametrize("fields, body, charset", CHARSETS)
def test_a11_the_charset_that_the_message_declares(dry, fields, body, charset):
    got = dry(b"Subject: Gr\xfc\xdfe\nFrom: J\xf6rg <a@x.example>\n" + fields + b"\n" + body)
    header = email.message_from_bytes(got.partition(b"\n\n")[0].partition(b"\nFrom")[0] + b"\n\n")
    subject = next(line for line in got.split(b"\n") if line.startswith(b"Subject"))
    ((text, name),) = email.header.decode_header(subject.partition(b": ")[2].decode())
    assert (text, name) == (b"Gr\xfc\xdfe", charset), header
    assert b"From: =?%s?B?" % charset.encode() in got.replace(charset.upper().encode(),
                                                              charset.encode())
    assert body in got


def test_a11b_an_octet_inside_an_encoded_word(dry):
    got = dry(b"Subject: =?iso-8859-1?Q?J\xf6rg?= x\nTo: =?iso-8859-1?q?Lee,_J\xf6?= <a@y.example>\n\n")
    assert b"\nSubject: =?iso-8859-1?Q?J=F6rg?= x\n" in got
    assert b"\nTo: =?iso-8859-1?q?Lee,_J=F6?= <a@y.example>\n" in got


@pytest.mark.parametrize("name, decoded_as", [
    ('"Dr." =?utf-8?q?J=C3=B6?= é', "Dr. Jö é"),
    ('=?utf-8?q?J=C3=B6?= "é"', "Jö é"), ('é "Dr." =?utf-8?q?J=C3=B6?=', "é Dr. Jö"),
    ('"=?utf-8?q?x?=" é =?utf-8?q?J=C3=B6?=', "=?utf-8?q?x?= é Jö"),
    ('é (5" disk) =?utf-8?q?J=C3=B6?= (3" x)', 'é (5 disk) Jö "(3 x)"'),
    ('"a \\" =?utf-8?q?x?=" é =?utf-8?q?J=C3=B6?=', 'a " =?utf-8?q?x?= é Jö')])
def test_a11b_encoded_words_beside_quotes(dry, name, decoded_as):
    """What stands in quotes is no encoded-word, what stands beside them is one and stays it."""
    got = dry(f"From: {name} <a@y.example>\nSubject: x\n\nb\n".encode())
    field = email.message_from_bytes(got[got.index(b"\nDate:") + 1:])["From"]
    shown = str(email.header.make_header(email.header.decode_header(field.replace("\n", ""))))
    assert got.isascii() and shown.replace('"Dr."', "Dr.") == f"{decoded_as} <a@y.example>"


@pytest.mark.parametrize("field, wanted", [
    ("Message-ID: <jörg@x.example>", "Message-ID: <j??rg@x.example>"),
    ("References: <a@x> <ü@x>", "References: <a@x> <??@x>"),
    ("In-Reply-To: <ü@x>", "In-Reply-To: <??@x>"),
    ("List-Unsubscribe: <https://x/ü>, <mailto:ü@x>",
     "List-Unsubscribe: <https://x/%C3%BC>, <mailto:%C3%BC@x>"),
    ("List-Id: Käse <käse.x>", "List-Id: =?UTF-8?B?S8Okc2U=?= <k??se.x>"),
    ('Reply-To: "KLAUS- HÄNSCHEL" <>',
     "Reply-To: =?UTF-8?B?S0xBVVMtIEjDhE5TQ0hFTA==?= <joe@sender.example>"),
    ('Errors-To: "HÄ" <x', "Errors-To: =?UTF-8?B?SMOE?= <x")])
def test_a12_where_no_encoded_word_may_stand(dry, field, wanted):
    assert f"\n{wanted}\n".encode() in dry(f"Subject: x\n{field}\n\nb\n".encode())


@pytest.mark.parametrize("charset", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("first", [1, 2, 3, 5])
def test_a14_utf_16_however_it_is_cut(program, clear_host, charset, first):
    program.account(clear_host)
    text = ("\ufeffTo: b@y.example\nSubject: x\n\nb\n").encode(charset)
    parts = [text[:first], text[first:]]
    read = "import sys,time\nfor p in %r:\n sys.stdout.buffer.write(p); sys.stdout.flush()" % parts
    command = f'/usr/bin/python3 -u -c "$0" | "$1" -C "$2" b@y.example; exit ${{PIPESTATUS[1]}}'
    done = subprocess.run(["bash", "-c", command, read, program.path, program.config], text=True,
                          capture_output=True, env=program.environment(), check=False, timeout=60)
    assert done.returncode == 65 and not clear_host.messages, done.stderr
    assert f"the message is {charset[:6].upper()}" in done.stderr and "iconv" in done.stderr


@pytest.mark.parametrize("charset", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("args", [["b@y.example"], ["-s", "t", "b@y.example"], ["-bs"]])
def test_a14_utf_16_as_text_and_without_a_mark(program, clear_host, charset, args):
    program.account(clear_host)
    text = "To: b@y.example\nSubject: x\n\nhi\n".encode(charset)
    if args == ["-bs"]:
        session = b"EHLO x\r\nMAIL FROM:<a@x.example>\r\nRCPT TO:<b@y.example>\r\nBDAT %d LAST\r\n" % len(text)
        done = program(*args, message=session + text + b"QUIT\r\n")
        assert "554 5.6.0" in done.out and charset[:6].upper() in done.out
    else:
        done = program(*args, message=text)
        assert done.returncode == 65 and f"the message is {charset[:6].upper()}" in done.err
    assert not clear_host.messages


@pytest.mark.parametrize("text", [b"", b"\xff", b"\xfe", b"\xff\xfd\n", b"a", b"ab\n", b"\0\0\n"])
def test_a14_short_messages_are_sent(program, clear_host, text):
    program.account(clear_host)
    assert program("b@y.example", message=text).returncode == 0
    assert clear_host.wait_message().content


def test_a15_a_message_that_grows_while_it_is_encoded(program, plain_server):
    """9,900 unlabelled parts: each gets a label, and the text becomes four times as long."""
    parts = b"--b\n\n\xc3\xbc 0123456789\n" * 9900
    done = program("r@y.example", message=b"MIME-Version: 1.0\nContent-Type: multipart/mixed; "
                   b"boundary=b\n\n" + parts + b"--b--\n", env={"TMPDIR": "/nowhere"})
    assert (done.returncode, done.err) == (0, "")
    assert plain_server.messages[0].count(b"=C3=BC 0123456789") == 9900
    assert len(plain_server.messages[0]) > 4 * len(parts)


@pytest.mark.parametrize("where", ["part", "message"])
def test_a15_a_header_that_grows(program, plain_server, where):
    field = b"X: " + b"\xc3\xbc a " * 50000 + b"\n"
    head = b"MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n"
    inner = b"\n--b\n" + (field if where == "part" else b"") + b"\nx\n--b--\n"
    done = program("r@y.example", message=head + (field if where == "message" else b"") + inner)
    assert (done.returncode, done.err) == (0, "")
    assert plain_server.messages[0].count(b"=?UTF-8?B?w7w=?=") == 50000


@pytest.mark.parametrize("length", [990, 991, 998])
def test_a16_lines_that_some_servers_split(program, clear_host, length):
    program.account(clear_host)
    message = b"Subject: x\nX: " + b"y " * (length // 2) + b"\n\n" + b"x" * length + b"\n"
    assert program("b@y.example", message=message).returncode == 0
    got = clear_host.wait_message().content
    assert max(map(len, got.split(b"\r\n"))) <= 990
    assert (b"x" * length + b"\r\n" in got) == (length == 990)
    parsed = email.message_from_bytes(got)
    assert parsed.get_payload(decode=True) == b"x" * length + b"\r\n"
    clear_host.long_lines = True
    assert program("--long-lines=pass", "b@y.example", message=message).returncode == 0
    assert b"x" * length + b"\r\n" in clear_host.messages[-1].content


@pytest.mark.parametrize("args, message, who", [
    (["jörg@y.example"], "\nb\n", "recipient jörg@y.example"),
    (["-f", "jörg@x.example", "r@y.example"], "\nb\n", "sender jörg@x.example"),
    (["r@y.example"], "Reply-To: jörg@x.example\n\nb\n", "field Reply-To: jörg@x.example"),
    (["-t"], "To: a@y.example, Jö <jö@y.example>\n\nb\n", "recipient jö@y.example"),
    (["r@y.example"], "Cc: jö@bücher.example\n\nb\n", "field Cc: jö@xn--bcher-kva.example"),
    (["r@y.example"], "Cc: Foo Bar, Jö <jö@y.example>\n\nb\n", "field Cc: jö@y.example"),
    (["r@y.example"], "To: a@@b, \"jö\"@y.example\n\nb\n", "field To: jö@y.example")])
def test_a17_who_needs_smtputf8(program, plain_server, args, message, who):
    done = program(*args, message=message.encode())
    assert done.returncode == 65 and f"{who} has letters outside ASCII" in done.err
    assert not plain_server.messages
    done = program("--dry-run", *args, message=message.encode())
    assert done.returncode == 0 and f"\n# needs SMTPUTF8: {who}\n" in done.out


FAULTS = [
    (b"To: a@y.example\nTo: b@y.example\n", "the header has 2 To fields"),
    (b"Subject: a\nsubject: b\n", "the header has 2 Subject fields"),
    (b"From: a@x.example\nFrom: b@x.example\n", "the header has 2 From fields"),
    (b"Cc: \n", "Cc is empty"), (b"Cc:\n", "Cc is empty"), (b"Sender: \n", "Sender is empty"),
    (b"Sender: @\n", "Sender has no address: @"),
    (b"Date: gestern\n", "Date is no date: gestern"),
    (b"Date: 2026-01-01\n", "Date is no date"), (b"Date: Do, 1 Jan 2026 1:2 +0\n", "Date is no date"),
    (b"Date: Thu, 01 Jan 2026 00:00:00 +0000\nDate: Thu, 01 Jan 2026 00:00:00 +0000\n",
     "the header has 2 Date fields"),
    (b"Date: Mon, 32 Jan 2026 00:00:00 +0000\n", "Date is no date"),
    (b"Date: Mon, 0 Jan 2026 00:00:00 +0000\n", "Date is no date"),
    (b"Date: Thu, 1 Jan 2026 24:00:00 +0000\n", "Date is no date"),
    (b"Date: Thu, 1 Jan 2026 23:60:00 +0000\n", "Date is no date"),
    (b"Date: Thu, 1 Jan 2026 23:00:00:00 +0000\n", "Date is no date"),
    (b"Sender: a@x.example, b@x.example\n", "Sender names more than one: a@x.example, b@x.example"),
    (b"Cc: joe joe@x.example\n", "Cc has an invalid address: joe joe@x.example"),
    (b"To: a@y.example, <<b>>\n", "To has an invalid address"),
    (b"Reply-To: a@x.example, @\n", "Reply-To has an invalid address"),
    (b"Message-ID: 17\n", "Message-ID is no <...@...>: 17")]
GOOD = [b"Date: Thu, 1 Jan 2026 00:00 GMT (now)\n", b"Date: 01 Jan 99 00:00:60 -0330\n", b"To: x:;\n",
        b"Cc: a@y.example,\n b@y.example\n", b"Message-ID: <a>\n", b"Reply-To: A <a@x.example>\n",
        b"Comments: a\nComments: b\n", b"References: \n", b"Subject:\n",
        b"To: nobody <>, a@y.example\n", b"Sender: a@x.example (him, not her@x.example)\n"]


@pytest.mark.parametrize("fields, fault", FAULTS)
def test_a18_a_fault_of_the_header_is_named_when_the_message_is_refused(program, clear_host, fields,
                                                                        fault):
    program.account(clear_host)
    done = program("-v", "r@y.example", message=fields + b"\nb\n")
    assert done.returncode == 0 and f"some servers refuse this header: {fault}" in done.err
    assert clear_host.wait_message()
    clear_host.data_reply = "550 5.7.1 This message does not meet RFC 5322"
    done = program("r@y.example", message=fields + b"\nb\n")
    assert done.returncode == 77 and f"  hint: the header may be the reason: {fault}" in done.err


@pytest.mark.parametrize("reply, advice", [
    ("550 5.7.60 SendAsDenied", "set_from_header on"), ("554 5.7.1 spam", "From")])
def test_a18_what_else_is_advised_stays(program, clear_host, reply, advice):
    program.account(clear_host)
    clear_host.data_reply = reply
    done = program("r@y.example", message=b"Cc: \n\nb\n")
    assert re.search("hint: the header may be the reason: Cc is empty; .*; or else: .*" + advice, done.err)


@pytest.mark.parametrize("fields", GOOD)
def test_a18_a_header_without_fault(program, clear_host, fields):
    program.account(clear_host)
    assert "some servers" not in program("-v", "r@y.example", message=fields + b"\nb\n").err
    clear_host.data_reply = "550 5.7.1 no"
    assert "the header may be" not in program("r@y.example", message=fields + b"\nb\n").err


@pytest.mark.parametrize("reply", ["552 5.3.4 too large", "552 too large", "451 4.7.1 later"])
def test_a18_other_refusals_have_their_own_hint(program, clear_host, reply):
    program.account(clear_host)
    clear_host.data_reply = reply
    done = program("r@y.example", message=b"Cc: \n\nb\n")
    assert done.returncode in (65, 75, 69) and "the header may be" not in done.err


def test_b7_the_owner_is_named_once(program, clear_host):
    program.account(clear_host)
    assert program("-s", "x", "--to", "root", "--to", "admin", "--cc", "c@y.example").returncode == 0
    got = clear_host.wait_message()
    assert b"\r\nTo: a@x.example\r\n" in got.content
    assert got.rcpt_tos == ["a@x.example", "c@y.example"]


def test_e20_as_many_recipients_as_there_may_be(program, clear_host):
    """100,000 with names and in one field; one more is told, and nobody gets it."""
    program.account(clear_host)
    people = [b"Somebody Long <somebody-long-%05d@department.example.org>" % n for n in range(100_001)]
    done = program("--dry-run", "-t", message=b"To: " + b",\n ".join(people[:-1]) + b"\n\nb\n")
    assert done.returncode == 0 and done.out.count("\n# RCPT TO:") == 100_000
    done = program("-t", message=b"Bcc: " + b",\n ".join(people) + b"\n\nb\n")
    assert done.returncode == 65 and "100000 recipients" in done.err and not clear_host.messages


@pytest.mark.parametrize("field", ['To: Bob <bob@y.example>, "ann@y.example"', 'Cc: "ann@y.example" (Ann)',
                                   'Bcc: <"ann@y.example">'])
def test_a3_an_address_in_quotes_is_not_the_owner(program, clear_host, field):
    program.account(clear_host)
    done = program("-t", message=f"{field}\n\nb\n".encode())
    assert done.returncode == 65 and "it is in quotes" in done.err and "ann@y.example" in done.err
    assert not clear_host.messages


@pytest.mark.parametrize("written, sent", [
    ("To: root@localhost, root", "To: joe@sender.example"),
    ("To: joe@sender.example, root", "To: joe@sender.example"),
    ("To: root, joe@sender.example, b@y.example", "To: joe@sender.example, b@y.example"),
    ("To: joe@sender.example, joe@sender.example", "To: joe@sender.example, joe@sender.example"),
    ("To: Joe <joe@sender.example>, root", "To: Joe <joe@sender.example>"),
    ("To: root, Joe <joe@sender.example>", "To: joe@sender.example, Joe <joe@sender.example>"),
    ("From: root@localhost", "From: root <joe@sender.example>"),
    ("To: root, joe@sender.example (at work)", "To: joe@sender.example, joe@sender.example (at work)"),
    ("From: backup (job: db1)", 'From: "backup (job: db1)" <joe@sender.example>'),
    ("From: root (=?utf-8?Q?J=C3=B6rg?=)", 'From: "root (" =?utf-8?Q?J=C3=B6rg?= ")" <joe@sender.example>'),
    ("From: =?utf-8?B?w7Y=?= (Cron Daemon)", 'From: =?utf-8?B?w7Y=?= "(Cron Daemon)" <joe@sender.example>'),
    ("From: root(=?utf-8?q?x?=)@localhost", 'From: "root(" =?utf-8?q?x?= ")@localhost" <joe@sender.example>'),
    ("From: root (=?utf-8?q?ö?=)", 'From: "root (" =?utf-8?q?=C3=B6?= ")" <joe@sender.example>'),
    ("From: root (=?UTF-8?Q?Doe,_J;a<b@c>?=)",
     'From: "root (" =?UTF-8?Q?Doe=2C_J=3Ba=3Cb=40c=3E?= ")" <joe@sender.example>'),
    ("From: Job: ö =?utf-8?q?x?= ü", "From: =?UTF-8?B?Sm9iOiDDtiA=?= =?utf-8?q?x?= =?UTF-8?B?IMO8?=\n"
     " <joe@sender.example>"),
    ('From: root (say "hi" =?utf-8?q?x?=)', 'From: "root (say hi" =?utf-8?q?x?= ")" <joe@sender.example>'),
    ("From: grp: root (=?u?q?x?=);", 'From: "grp: root (" =?u?q?x?= ");" <joe@sender.example>'),
    ('From: "Backup (=?utf-8?q?x?="', "From: =?UTF-8?B?QmFja3VwICg9P3V0Zi04P3E/eD89?= <joe@sender.example>"),
    ('Reply-To: "a(=?" , b@y.example', "Reply-To: =?UTF-8?B?YSg9Pw==?= <joe@sender.example> , b@y.example"),
    ('From: "ann@y.example"', 'From: "ann@y.example" <joe@sender.example>'),
    ('From: root (5" =?utf-8?q?J=C3=B6?= 3")', 'From: "root (5" =?utf-8?q?J=C3=B6?= "3)" <joe@sender.example>'),
    ('From: "Jö" =?utf-8?q?J=C3=B6?=', "From: =?UTF-8?B?SsO2IA==?= =?utf-8?q?J=C3=B6?= <joe@sender.example>"),
    ("Reply-To: Team:;", "Reply-To: Team:;"), ("Reply-To: undisclosed:  ;", "Reply-To: undisclosed:  ;"),
    ("Reply-To: Gröup:;", "Reply-To: =?UTF-8?B?R3LDtnVw?= :;"),
    ("To: joe@münchen.example (Joe Doe)", "To: joe@xn--mnchen-3ya.example (Joe Doe)"),
    ("Cc: joe@münchen.example (Jö), b@y.example", "Cc: joe@xn--mnchen-3ya.example (=?UTF-8?B?SsO2?=), b@y.example"),
    ("Content-Disposition: attachment; filename*=utf-8''é x.txt",
     "Content-Disposition: attachment; filename*=utf-8''%C3%A9 x.txt"),
    ('Content-Disposition: attachment; filename="é', 'Content-Disposition: attachment; filename="??'),
    ("Content-Disposition: é; filename=x", "Content-Disposition: ??; filename=x"),
    ("Content-Type: text/plain; foo é", "Content-Type: text/plain; foo ??"),
    ("X-A: =?utf-8?Q?caf=C3=A9?=ü x", "X-A: =?utf-8?Q?caf=C3=A9?= =?UTF-8?B?w7w=?= x"),
    ("Reply-To: x@münchen.example, Foo Bar", "Reply-To: x@xn--mnchen-3ya.example, Foo Bar"),
    ("To: Foo Bar, J <x@münchen.example>", "To: Foo Bar, J <x@xn--mnchen-3ya.example>"),
    ("From: host1: backup", 'From: "host1: backup" <joe@sender.example>'),
    ("From: http://mon.example/", 'From: "http://mon.example/" <joe@sender.example>'),
    ('Sender: "Ops, night", <ops@example.net>', 'Sender: "Ops, night" <ops@example.net>'),
    ('Reply-To: "Ops, night" , <ops@example.net>', 'Reply-To: "Ops, night" <ops@example.net>')])
def test_b7_a10_names_that_become_the_owner(dry, written, sent):
    """Once, however it is written; a name is kept where it says who writes."""
    assert f"\n{sent}\n".encode() in b"\n" + dry(f"{written}\nSubject: t\n\nb\n".encode())
