# SPDX-License-Identifier: MIT
"""Headers of strange forms: nobody is added or lost, and no Bcc leaves.

Tests are named after the row of the finding that they are about.
"""

import subprocess

import pytest

SECRET = b"secret@z.example"


def sent(program, host, message, *args):
    """Submit; the message as the smarthost has it."""
    done = program(*args, message=message)
    assert (done.returncode, done.out, done.err) == (0, "", ""), done.err
    return host.wait_message()


def refused(program, host, message, *args):
    """Submit what must be refused with 65; standard error."""
    done = program(*args, message=message)
    assert done.returncode == 65 and not host.messages, done.err
    assert "nothing was sent" in done.err or "address" in done.err
    return done.err


@pytest.mark.parametrize("args", [["-t"], ["r@y.example"], ["-t", "r@y.example"]])
@pytest.mark.parametrize("message, line", [
    (b"To: ann@y.example\rBcc: %s\nSubject: t\n\nb\n", 1),
    (b"To: ann@y.example\nSubject: t\rBcc: %s\n\nb\n", 2),
    (b"To: ann@y.example\nSubject: t\r\rbCC : %s\n\nb\n", 2),
    (b"To: ann@y.example\nSubject: t\rB\0cc: %s\n\nb\n", 2),
    (b"To: ann@y.example\nX: a\n b\rBcc: %s\n\nb\n", 3),
    (b"To: ann@y.example\n\rBcc: %s\nX: 1\n\nb\n", 2),
    (b"From x\nTo: ann@y.example\nX: a\rY: b\rResent-To: %s\n\nb\n", 3)])
def test_a1_a_lone_cr_before_a_field_that_names_people(program, clear_host, args, message, line):
    program.account(clear_host)
    assert f"line {line}:" in refused(program, clear_host, message % SECRET, *args)


def test_a1_a_lone_cr_before_other_text_is_a_space(program, clear_host):
    program.account(clear_host)
    got = sent(program, clear_host, b"To: ann@y.example\nSubject: a\rX: b\rc: d\n\nb\n", "-t")
    assert b"Subject: a X: b c: d\r\n" in got.content and got.rcpt_tos == ["ann@y.example"]


@pytest.mark.parametrize("length", [0, 60_000, 70_000, 300_000])
@pytest.mark.parametrize("padding", ["header", "body"])
def test_a1b_every_line_ends_in_cr_alone(program, clear_host, length, padding):
    program.account(clear_host)
    lines = [b"x" * 70] * (length // 70)
    fields = [b"X-%d: %s" % one for one in enumerate(lines)] if padding == "header" else []
    body = [b"first", b"", *(lines if padding == "body" else []), b"Bcc: text"]
    message = b"\r".join([b"To: ann@y.example", b"Bcc: " + SECRET, b"Subject: t", *fields, b"", *body])
    got = sent(program, clear_host, message + b"\r", "-t")
    assert sorted(got.rcpt_tos) == ["ann@y.example", SECRET.decode()]
    header, _, rest = got.content.partition(b"\r\n\r\n")
    assert SECRET not in got.content and b"\r\nSubject: t" in header
    assert header.count(b"\r\nX-") == len(fields) and rest == b"\r\n".join([*body, b""])


@pytest.mark.parametrize("before", [b">From x Mon\n", b"From x\n", b">>From x\n>From y\nFrom z\n", b"  \n",
                                    b"\t\r\n \n", b" \nFrom x\n \n", b"From x\r\n>From y\r\n"])
def test_a2_lines_before_the_header(program, clear_host, before):
    program.account(clear_host)
    got = sent(program, clear_host, before + b"From: joe@x.example\nBcc: %s\n\nb\n" % SECRET,
               "r@y.example")
    assert got.rcpt_tos == ["r@y.example"] and SECRET not in got.content
    assert b"From: joe@x.example\r\n" in got.content and got.content.endswith(b"\r\n\r\nb\r\n")


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
@pytest.mark.parametrize("before", [[b" folded"], [b"garbage"], [b"Dear all,"], [b"Subject: t", b"no field"],
                                    [b"> From x"]])
@pytest.mark.parametrize("tail", [[b"", b"b", b""], [b""], []])
def test_a2b_a_line_that_is_no_field_before_bcc(program, clear_host, end, before, tail):
    program.account(clear_host)
    lines = [*before, b"X: 1", b"Bcc: " + SECRET, *tail]
    said = refused(program, clear_host, end.join(lines), "r@y.example")
    assert f"line {len(before)} is not a header field" in said and "Bcc field" in said


@pytest.mark.parametrize("line", [b"\0", b"\0\0\r"])
@pytest.mark.parametrize("args, before", [(["-t"], b"To: b@y.example\n"), (["b@y.example"], b"")])
def test_a2b_a_line_of_nuls_is_no_end_of_a_header(program, clear_host, line, args, before):
    program.account(clear_host)
    message = before + line + b"\nBcc: %s\n\nb\n" % SECRET
    assert "is not a header field" in refused(program, clear_host, message, *args)
    got = sent(program, clear_host, b"To: b@y.example\n" + line + b"\nb\n", "b@y.example")
    assert got.content.endswith(b"\r\n\r\n" + b"?" * line.count(b"\0") + b"\r\nb\r\n")


def test_a2b_text_without_a_header_stays_text(program, clear_host):
    program.account(clear_host)
    text = b"Dear all,\nTo: is no field\n\nBcc: is none\n"
    got = sent(program, clear_host, text, "r@y.example")
    assert got.content.endswith(b"\r\n\r\n" + text.replace(b"\n", b"\r\n"))


@pytest.mark.parametrize("name", ["To", "Cc", "Bcc", "Resent-To"])
def test_a8_a_line_that_is_no_field_before_what_t_reads(program, clear_host, name):
    program.account(clear_host)
    message = b"Subject: t\nno field\n%s: ann@y.example\n\nb\n" % name.encode()
    assert f"a {name} field" in refused(program, clear_host, message, "-t")
    assert f"a {name} field" in refused(program, clear_host, b"To: c@y.example\n" + message, "-t")


def test_a8_nobody_is_named_at_all(program, clear_host):
    program.account(clear_host)
    for message in (b"Subject: t\nno field\nmore\n\nTo: ann@y.example\n", b"text\n", b"text"):
        done = program("-t", message=message)
        assert done.returncode == 64 and "name no recipient" in done.err and not clear_host.messages


@pytest.mark.parametrize("text", ["ann@y.example Cc: bob@y.example", "ann@y.example note: bob@y.example",
                                  "\"x\" a@y.example g: b@y.example;"])
def test_a3_no_group_has_an_address_for_a_name(program, clear_host, text):
    program.account(clear_host)
    assert text.split("@")[0] in refused(program, clear_host, b"Subject: t\n\nb\n", text)
    assert "field To" in refused(program, clear_host, b"To: %s\n\nb\n" % text.encode(), "-t")


def test_a3_groups_stay_groups(program, clear_host):
    program.account(clear_host)
    got = sent(program, clear_host, b"To: \"a@b\" team: ann@y.example, bob@y.example;, c@y.example\n\nb\n",
               "-t")
    assert got.rcpt_tos == ["ann@y.example", "bob@y.example", "c@y.example"]


WORD = b"=?utf-8?Q?Lee,_Ann:_<x>;_(y)_\"z\"_[?="


@pytest.mark.parametrize("field", ["From", "To", "Cc", "Reply-To", "Sender"])
def test_a4_an_encoded_word_is_one_atom(program, clear_host, field):
    program.account(clear_host, "maildomain z.example")
    name = field.encode()
    line = name + b": " + WORD + b" " + WORD + b" <joe@x.example>\r\n"
    got = sent(program, clear_host, line + b"Bcc: b@y.example\r\n\r\nhi\r\n", "-t")
    assert got.rcpt_tos == (["joe@x.example", "b@y.example"] if field in ("To", "Cc") else ["b@y.example"])
    assert line in got.content and b"z.example" not in got.content.replace(b"@z.example>\r\nTo", b"")
    assert (b"\r\nSender:" in b"\r\n" + got.content) == (field == "Sender")


def test_a4_an_encoded_word_is_no_bare_name(program, clear_host):
    program.account(clear_host, "maildomain z.example")
    assert "encoded-word" in refused(program, clear_host, b"To: " + WORD + b"\n\nhi\n", "-t")


@pytest.mark.parametrize("nobody", ['"Undisclosed Recipients" <>', "<>", "< >", "<Undisclosed-Recipient:;>",
                                    "x <undisclosed recipients: ;>", "undisclosed-recipients:;"])
def test_a6_nobody(program, clear_host, nobody):
    program.account(clear_host)
    for message, args in ((f"To: {nobody}\nBcc: b@y.example\n\nhi\n", ["-t"]),
                          (f"Bcc: {nobody}, b@y.example\n\nhi\n", ["-t"]),
                          ("Subject: t\n\nhi\n", [f"{nobody}, b@y.example"])):
        got = sent(program, clear_host, message.encode(), *args)
        assert got.rcpt_tos == ["b@y.example"]
        clear_host.messages.clear()


@pytest.mark.parametrize("field", [b"Return-Path: <secret@z.example>\n", b"return-path:\n <secret@z.example>\n",
                                   b"Content-Length: 99\n", b"CONTENT-LENGTH : 99\n"])
def test_a13_fields_of_a_delivered_copy(program, clear_host, field):
    program.account(clear_host)
    got = sent(program, clear_host, b"Subject: t\n" + field + b"X-Length: 99\n\nhi\n", "r@y.example")
    header = got.content.partition(b"\r\n\r\n")[0]
    assert SECRET not in header and b"ength" in header and header.count(b"99") == 1


def test_a13_but_not_what_is_signed(program, clear_host):
    program.account(clear_host)
    signed = b"DKIM-Signature: v=1; h=From:Content-Length; b=x\nContent-Length: 99\nReturn-Path: <a@b>\n"
    got = sent(program, clear_host, signed + b"From: a@x.example\n\nhi\n", "r@y.example")
    assert b"Content-Length: 99\r\n" in got.content and b"Return-Path" not in got.content


@pytest.mark.parametrize("message", [
    b"From joe\rTo: lost@y.example\nTo: a@y.example\n\nhi\n", b"\rBcc: %s\nTo: a@y.example\n\nhi\n" % SECRET,
    b"Subject: s\rBcc" + b" " * 1000 + b": %s\n\nhi\n" % SECRET, b">From x\rBcc: %s\nX: 1\n\nhi\n" % SECRET,
    b" \rBcc: %s\nX: 1\n\nhi\n" % SECRET, b"text\rBcc: %s\nmore\n" % SECRET])
def test_a1_a_lone_cr_in_lines_that_are_no_fields(program, clear_host, message):
    program.account(clear_host)
    for args in (["-t", "r@y.example"], ["r@y.example"]):
        assert "carriage return" in refused(program, clear_host, message, *args)


@pytest.mark.parametrize("line", [b"B\0cc: %s\n", b"Bcc" + b" " * 250 + b": %s\n", b"\rBcc: %s\n", b"   \nBcc: %s\n",
                                  b" " * 201 + b"x\nBcc: %s\n", b"\xef\xbb\xbfBcc: %s\n", b"\0\nBcc: %s\n",
                                  b"x\r\rBcc: %s\n", b"\tBcc\nBcc\t : %s"])
def test_a2b_bcc_is_found_however_it_is_written(program, clear_host, line):
    program.account(clear_host)
    message = b"Subject: x\ngarbage line\n" + line % SECRET
    assert "line 2 is not a header field" in refused(program, clear_host, message + b"\nhi\n", "r@y.example")


@pytest.mark.parametrize("line", [
    b"\xc2\xa0Bcc: %s\n", b"Bcc\xc2\xa0: %s\n", b"B\xe2\x80\x8bcc: %s\n", b"\x0bBcc: %s\n", b"Bcc\x7f: %s\n",
    b"\x1bBcc: %s\n", b"\xef\xbb\xbfResent-Bcc: %s\n", b"\xe2\x80\xa8Bcc:%s\n"])
def test_a2b_the_line_that_ends_the_header_is_meant_as_bcc(program, clear_host, line):
    """Octets that no name has hide no name."""
    program.account(clear_host)
    message = b"Subject: x\nTo: a@y.example\n" + line % SECRET + b"X: 1\n\nhi\n"
    for args in (["r@y.example"], ["-t"]):
        assert "line 3 is not a header field" in refused(program, clear_host, message, *args)


@pytest.mark.parametrize("before", [b"From joe\n", b"  \n", b">From x\r\n \r\n"])
def test_a2_a_byte_order_mark_behind_lines_that_are_dropped(program, clear_host, before):
    program.account(clear_host)
    message = before + b"\xef\xbb\xbfBcc: %s\nX: 1\n\nhi\n" % SECRET
    assert SECRET not in sent(program, clear_host, message, "r@y.example").content


# What a message is may not depend on how it comes through the pipe.
LONG = [(b"X-A: ", size, b"\r\nTo: a@y.example\r\nBcc: %s\r\n\r\nhi\r\n" % SECRET) for size in range(65527, 65536)]
LONG += [(b"X-A: ", 70_000, LONG[0][2]), (b"To: a@y.example\rX: ", 65_600, b"\r\nBcc: %s\r\n\r\nhi\r\n" % SECRET),
         (b"To: a@y.example\rX: ", 66_000, b"\nBcc: %s\n\nhi\n" % SECRET),
         (b"To: a@y.example\rBcc: %s\r\rhi\r" % SECRET, 1500, b"\r"),
         (b"  \rTo: a@y.example\rBcc: %s\r\rhi\r" % SECRET, 1500, b"\r")]


@pytest.mark.parametrize("piece", [1 << 20, 40_000, 4096, 997])
@pytest.mark.parametrize("begin, size, end", LONG)
def test_a1b_however_it_comes(program, clear_host, begin, size, end, piece):
    program.account(clear_host)
    message = begin + b"a" * size + end
    with subprocess.Popen([program.path, "-C", program.config, "--dry-run", "-t"], bufsize=0,
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          env=program.environment()) as running:
        for at in range(0, len(message), piece):
            running.stdin.write(message[at:at + piece])
        running.stdin.close()
        said = running.stdout.read()
    rcpts = [line for line in said.split(b"\n") if line.startswith(b"# RCPT")]
    assert running.returncode == 0 and len(rcpts) == 2, said[-2000:]
    assert said.count(SECRET) == 1 and said.count(b"To: a@y.example") == 1


def test_a2_many_marks_however_they_come(program, clear_host):
    program.account(clear_host)
    message = b">" * 1004 + b"From x\nTo: a@y.example\n\nhi\n"
    assert sent(program, clear_host, message, "-t").rcpt_tos == ["a@y.example"]


@pytest.mark.parametrize("text", ["bob@y.example <>", "bob@y.example <x:;>", "bob@y.example (c) < >"])
def test_a6_an_address_before_empty_brackets_is_not_lost(program, clear_host, text):
    program.account(clear_host)
    assert "bob@y.example" in refused(program, clear_host, f"To: {text}\nCc: c@y.example\n\nhi\n".encode(), "-t")
