# SPDX-License-Identifier: MIT
"""Cases of transparency, injection and odd input, each named by its row (SMUG, INJ, MSG)."""

import email
import email.header
import email.utils
import itertools
import os
import re
import resource
import subprocess
import time

import pytest

from replyserver import ReplyServer
from sampling import sampled
from stageserver import StageServer

HEADER = b"From: a@x.example\nTo: b@y.example\nDate: d\nMessage-ID: <1@x>\n"


def body_of(program, host, body, *args):
    """The body that the server keeps for a message with this one."""
    done = program(*args, "b@y.example", message=HEADER + b"\n" + body)
    assert done.returncode == 0, done.err
    got = host.wait_message().content.partition(b"\r\n\r\n")[2]
    host.messages.clear()
    return got


def kept(program, host, *args, message, status=0, **more):
    """The message the server keeps; None if it was refused."""
    done = program(*args, message=message, **more)
    assert done.returncode == status, done.err
    if status:
        assert not host.messages
        return None
    got = host.wait_message()
    host.messages.clear()
    return got


# --- SMUG ---

def test_smug_01_lone_dots_are_doubled(program, clear_host):
    program.account(clear_host)
    for text in [b"a\n.\nb", b"a\r\n.\r\nb", b"a\n.\r\nb", b"a\r\n.\nb"]:
        assert body_of(program, clear_host, text) == b"a\r\n.\r\nb\r\n"


def test_smug_02_a_lone_cr_ends_a_line_in_the_body_and_is_a_space_in_the_header(program, clear_host):
    program.account(clear_host)
    for text, wanted in [(b"a\r.\rb", b"a\r\n.\r\nb\r\n"), (b"a\r.\r\nb", b"a\r\n.\r\nb\r\n"),
                         (b"a\n.\rb", b"a\r\n.\r\nb\r\n"), (b"a\r\r\n.\r\r\nb", b"a\r\n.\r\nb\r\n"),
                         (b"a\r", b"a\r\n")]:
        assert body_of(program, clear_host, text) == wanted
    got = kept(program, clear_host, "b@y.example", message=b"Subject: a\rX-Y: h@y\n\nhi\n")
    assert b"Subject: a X-Y: h@y\r\n" in got.content


@pytest.mark.parametrize("text", [b"Subject: a\0b\n\nhi\n", b"\n\na\0b\n"])
def test_smug_03_04_nul_becomes_a_question_mark_with_a_warning(program, clear_host, text):
    program.account(clear_host)
    done = program("-v", "b@y.example", message=text)
    assert done.returncode == 0 and "NUL octets; they were replaced by '?'" in done.err
    assert b"a?b" in clear_host.wait_message().content


def test_smug_05_all_texts_up_to_five_octets_arrive_canonical(program, clear_host):
    """A sample of what tests/unit/test_body.c tries with every text up to seven octets."""
    program.account(clear_host)
    octets = [b"\r", b"\n", b".", b"a"]
    texts = [b"".join(t) for t in itertools.product(octets, repeat=4)]
    body = b"|\n".join(texts)
    wanted = re.sub(rb"\r+\n|\r|\n", b"\r\n", re.sub(rb"\r+\n", b"\n", body))
    got = body_of(program, clear_host, body)
    assert got == wanted + (b"" if wanted.endswith(b"\r\n") else b"\r\n")


@pytest.mark.parametrize("text, wanted", [
    (b"", b""), (b"a", b"a\r\n"), (b"a\r", b"a\r\n"), (b".", b".\r\n"), (b"...\n", b"...\r\n"),
    (b".\n.\n", b".\r\n.\r\n"), (b"\n\n", b"\r\n\r\n")])
def test_smug_06_how_a_body_may_end(program, clear_host, text, wanted):
    program.account(clear_host)
    assert body_of(program, clear_host, text) == wanted


def test_smug_07_a_lone_dot_ends_input_from_a_terminal_only(program, clear_host):
    program.account(clear_host)
    assert body_of(program, clear_host, b".\nMAIL FROM:<evil@x>\n") == \
        b".\r\nMAIL FROM:<evil@x>\r\n"
    assert body_of(program, clear_host, b".\nQUIT\n", "-i") == b".\r\nQUIT\r\n"


def test_smug_08_lines_over_998_octets_are_encoded_and_decode_to_the_same(program, clear_host):
    program.account(clear_host)
    text = b"x" * 5000 + b"\nshort\n"
    got = kept(program, clear_host, "b@y.example", message=b"Subject: s\n\n" + text)
    assert max(map(len, got.content.split(b"\r\n"))) <= 998
    parsed = email.message_from_bytes(got.content)
    assert parsed.get_payload(decode=True).replace(b"\r\n", b"\n") == text


@pytest.mark.parametrize("cut", [1, 2, 3, 1023, 4095, 65535])
def test_smug_09_pieces_make_no_difference(program, clear_host, cut):
    program.account(clear_host)
    text = HEADER + b"\n" + (b"x" * 901 + b"\r\n.\r\n..a\r" + b"\n.") * 3
    with subprocess.Popen([program.path, "-C", program.config, "b@y.example"],
                          stdin=subprocess.PIPE, env=program.environment()) as child:
        for i in range(0, len(text), cut if cut > 100 else len(text) // 40):
            child.stdin.write(text[i:i + (cut if cut > 100 else len(text) // 40)])
            child.stdin.flush()
        child.stdin.close()
        assert child.wait(60) == 0
    got = clear_host.wait_message().content
    assert got.partition(b"\r\n\r\n")[2] == (b"x" * 901 + b"\r\n.\r\n..a\r\n.") * 3 + b"\r\n"


def test_smug_12_8_bit_text_to_a_server_without_8bitmime_is_encoded(program):
    with StageServer() as server:
        program.write_config("account default\nhost localhost\nfrom a@x.example\n"
                             f"port {server.port}\n")
        done = program("b@y.example", message="Subject: s\n\nGrüße\n".encode())
        assert done.returncode == 0, done.err
        parsed = email.message_from_bytes(server.messages[0])
        assert server.messages[0].isascii() and parsed.get_content_charset() == "utf-8"
        assert parsed.get_payload(decode=True).decode() == "Grüße\r\n"


@pytest.mark.parametrize("field, wanted", [
    ("Subject: Grüße".encode(), "Grüße"), (b"Subject: Gr\xfc\xdfe", None)])
def test_smug_13_8_bit_header_text_is_encoded(program, clear_host, field, wanted):
    program.account(clear_host)
    got = kept(program, clear_host, "b@y.example", message=field + b"\n\nhi\n")
    assert got.content.isascii()
    subject = email.message_from_bytes(got.content)["Subject"]
    decoded = email.header.decode_header(subject)[0]
    assert decoded[1] == ("utf-8" if wanted else "unknown-8bit")
    assert decoded[0] == field.partition(b": ")[2]


@pytest.mark.parametrize("kind", ["dkim", "signed"])
def test_smug_15_msg_22_signed_mail_is_not_touched(program, clear_host, kind):
    program.account(clear_host)
    signed = (b"DKIM-Signature: v=1; h=from:to:subject; b=x\n" if kind == "dkim" else b"") + \
        b"From: root\nTo: b\nDate: d\nMessage-ID: <1@x>\nSubject: Gr\xc3\xbc\xc3\x9fe\n"
    if kind == "signed":
        signed = HEADER + b"MIME-Version: 1.0\nContent-Type: multipart/signed; boundary=q\n"
    text = b"--q\nContent-Type: text/plain\n\n" + b"x" * 2000 + b" \t\n--q--\n"
    done = program("--dry-run", "b@y.example", message=signed + b"\n" + text)
    assert done.returncode == 0 and done.stdout.endswith(signed + b"\n" + text)


# --- INJ ---

CONTROLS = sampled([127] + [b for b in range(1, 32) if b != 9], 3) + [10, 13]


@pytest.mark.parametrize("place", ["-f", "-r", "-F", "recipient", "-N", "-R", "--domain", "--user"])
def test_inj_01_control_characters_are_refused_everywhere(program, clear_host, place):
    program.account(clear_host)
    for octet in CONTROLS:
        value = b"a" + bytes([octet]) + b"b@x.example"
        args = [value] if place == "recipient" else [place, value, b"b@y.example"]
        done = subprocess.run([program.path, "-C", program.config, *args], capture_output=True,
                              input=b"\nhi\n", check=False, env=program.environment(), timeout=60)
        assert done.returncode == 64, (octet, done.stderr)
        assert all(c >= 32 or c == 10 for c in done.stderr)
    assert not clear_host.messages


@pytest.mark.parametrize("octet", [b"\r", b"\0", b"\x01", b"\x7f", b"\x1b"])
def test_inj_01_control_characters_in_header_addresses(program, clear_host, octet):
    program.account(clear_host)
    done = program("-t", message=b"To: \"a" + octet + b"RCPT TO:<e@x>\"@y.example\n\nhi\n")
    if octet in (b"\r", b"\0"):  # a space and a question mark by then
        assert (done.returncode, len(clear_host.wait_message().rcpt_tos)) == (0, 1)
    else:
        assert (done.returncode, clear_host.messages) == (65, [])


@pytest.mark.parametrize("line", ["from a@x\x01", "user a\x02", "domain a\x03", "host a\x7f"])
def test_inj_01_control_characters_in_the_configuration(program, clear_host, line):
    program.account(clear_host, line)
    done = program("b@y.example")
    assert done.returncode == 78 and "control characters" in done.err


@pytest.mark.parametrize("address", ["a@x.example＞　SMTPUTF8", "b@x＠y.example", "a＂b@y＂.example",
                                     "a@ａ℀.example", "a@y\u00a0", "a@y．", "a@．y"])
@pytest.mark.parametrize("place", ["-f", "recipient", "-t"])
def test_inj_02_look_alikes_become_no_syntax(program, clear_host, address, place):
    program.account(clear_host)
    args = {"-f": ["-f", address, "b@y"], "recipient": [address], "-t": ["-t"]}[place]
    done = program("--dry-run", *args, message=f"To: {address}\n\nhi\n".encode())
    assert done.returncode in (0, 65)
    for line in done.out.splitlines():
        if line.startswith("# MAIL") or line.startswith("# RCPT"):
            assert re.fullmatch(r"# (MAIL FROM|RCPT TO):<[^<> ,]+@[a-z0-9.-]+>", line), line
    if address not in ("a@y．", "a＂b@y＂.example"):
        assert done.returncode == 65


@pytest.mark.parametrize("address", ["a@b> SIZE=1", "a@b> AUTH=<x", "<a@b> x", "a b@c", "a@b c"])
@pytest.mark.parametrize("place", ["-f", "recipient", "-t"])
def test_inj_02_parameters_cannot_be_smuggled(program, clear_host, address, place):
    program.account(clear_host)
    if place == "-t":
        done = program("-t", message=f"To: {address}\n\nhi\n".encode())
    else:
        done = program(*(["-f", address, "b@y.example"] if place == "-f" else [address]))
    assert (done.returncode, clear_host.messages) == (65, [])


def test_inj_03_lists_in_one_argument_are_checked_one_by_one(program, clear_host):
    program.account(clear_host)
    got = kept(program, clear_host, "a@x.example, B <b@y.example>;c@z.example", message=b"\nhi\n")
    assert got.rcpt_tos == ["a@x.example", "b@y.example", "c@z.example"]
    kept(program, clear_host, "a@x.example, b@@y", message=b"\nhi\n", status=65)


@pytest.mark.parametrize("n, status", [(60, 0), (200, 0), (901, 0), (988, 0), (989, 65), (2000, 65)])
def test_inj_04_length_is_refused_where_the_command_would_be_too_long(program, n, status):
    """A command has at most 1,000 octets, RCPT TO:<> and its end are 12 of them."""
    address = "x" * (n - 10) + "@y.example"
    with ReplyServer() as server:
        program.write_config(f"account default\nhost localhost\nport {server.port}\nfrom a@x.example\n")
        done = program(address)
    assert done.returncode == status, done.err
    assert [got[1] for got in server.messages] == ([] if status else [[address]])
    assert status == 0 or "too long for an SMTP command" in done.err


@pytest.mark.parametrize("n", [901, 986, 988])
def test_inj_04_long_addresses_and_all_parameters(program, n):
    """SIZE, BODY, SMTPUTF8, RET and NOTIFY are never left out; ENVID and ORCPT only for want of room."""
    address = "x" * (n - 10) + "@y.example"
    keywords = ("PIPELINING", "SIZE 99999999999999999999", "8BITMIME", "SMTPUTF8", "DSN")
    with ReplyServer(keywords=keywords) as server:
        program.write_config(f"account default\nhost localhost\nport {server.port}\nfrom a@x.example\n"
                             "auth off\n")
        done = program("-v", "-f", address, "-N", "success,delay,failure", "-R", "full", "-V", "e" * 99,
                       "-O", "SMTPUTF8=yes", address, message=b"Subject: \xc3\xbc\n\n\xc3\xbc\n")
    assert done.returncode == 0, done.err
    assert [got[:2] for got in server.messages] == [(address, [address])]
    for wanted in [r"MAIL FROM:<x+@y\.example> SIZE=\d+ BODY=8BITMIME SMTPUTF8 RET=FULL",
                   r"RCPT TO:<x+@y\.example> NOTIFY=SUCCESS,FAILURE,DELAY"]:
        assert re.search(wanted, done.err)


@pytest.mark.parametrize("field, wanted", [
    (b'"a@evil.com b"@good.example', ['"a@evil.com b"@good.example']),
    (b"a(b@evil.example)@good.example", ["a@good.example"]),
    (b"=?UTF-8?Q?a=40evil=2Eexample?= <b@good.example>", ["b@good.example"]),
    (b"group: a@x.example, b@y.example;", ["a@x.example", "b@y.example"]),
])
def test_inj_05_one_parser_reads_addresses_once(program, clear_host, field, wanted):
    program.account(clear_host)
    got = kept(program, clear_host, "-t", message=b"To: " + field + b"\n\nhi\n")
    assert got.rcpt_tos == wanted


def test_inj_06_encoded_words_are_never_decoded_for_routing(program, clear_host):
    program.account(clear_host)
    word = b"=?UTF-8?Q?x=0D=0ARCPT_TO=3Ce=40x=3E=2C?="
    done = program("-t", "--dry-run", message=b"To: " + word + b"@y.example\n\nhi\n")
    assert f"# RCPT TO:<{word.decode()}@y.example>\n" in done.out


@pytest.mark.parametrize("field", [b"(" * 10000, b"(" + b"x" * 500000, b'"' + b"x" * 900000,
                                   b"(" * 10000 + b")" * 10000 + b"a@b"],
                         ids=["one", "two", "three", "four"])
def test_inj_07_deep_and_long_comments_are_refused_at_once(program, clear_host, field):
    program.account(clear_host)
    started = time.monotonic()
    done = program("-t", message=b"To: " + field + b"\n\nhi\n")
    assert (done.returncode, clear_host.messages) == (65, [])
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("begin, piece, end", [
    (b'root ("', b'\\"', b")"), (b"root ", b'("', b""), (b"root ", b'"', b""), (b"root (", b"(", b""),
    (b"root ", b"=?", b""), (b"root ", b"=?u?q?a?= ", b""), (b"\xc3\xbc ", b'("', b" <a@b.example>")])
def test_inj_08_names_take_linear_time(program, clear_host, begin, piece, end):
    program.account(clear_host)
    started = time.monotonic()
    message = b"From: " + begin + piece * (400000 // len(piece)) + end + b"\n\nhi\n"
    assert program("--dry-run", "b@y.example", message=message).returncode == 0
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("piece", [b",", b"g:;", b" \n ", b"(c)", b"a@b,"])
def test_inj_08_linear_in_the_length_of_a_field(program, clear_host, piece):
    program.account(clear_host)
    started = time.monotonic()
    message = b"To: a@x.example," + piece * (400000 // len(piece)) + b"\n\nhi\n"
    done = program("-t", "--dry-run", message=message)
    assert done.returncode == 0, done.err[:300]
    assert time.monotonic() - started < 10


def test_inj_08_signatures_are_read_once(program, clear_host):
    program.account(clear_host)
    started = time.monotonic()
    signature = b"DKIM-Signature: h=" + b"x:" * 3900 + b"\n"
    done = program("b@y", "--dry-run", message=signature * 8 + b"a:\n" * 100000 + b"\nhi\n")
    assert done.returncode == 0 and time.monotonic() - started < 5


@pytest.mark.parametrize("name", ['a"b', "a\\b", "ü", "=?UTF-8?Q?x?=", "a, b", "a <b@c>"])
def test_inj_09_full_names_cannot_break_the_field(program, clear_host, name):
    program.account(clear_host)
    got = kept(program, clear_host, "-F", name, "b@y.example", message=b"\nhi\n")
    field = email.message_from_bytes(got.content)["From"]
    assert email.utils.parseaddr(field)[1] == "a@x.example"


@pytest.mark.parametrize("name", ["a\nBcc: h@y", "a b", "<x>", "x" * 64])
def test_inj_10_the_name_of_the_host_is_not_trusted(program, clear_host, name):
    program.account(clear_host)
    if os.getuid() != 0:
        pytest.skip("needs the right to make a namespace")
    script = 'import socket, sys, os; socket.sethostname(sys.argv[1]); os.execv(sys.argv[2], sys.argv[2:])'
    done = subprocess.run(["unshare", "-u", "/usr/bin/python3", "-c", script, name[:64],
                           program.path, "-C", program.config, "-f", "<>", "b@y.example"],
                          input=b"\nhi\n", capture_output=True, check=False, timeout=60,
                          env=program.environment())
    if b"unshare" in done.stderr:
        pytest.skip("no right to make a namespace")
    assert done.returncode == 0, done.stderr
    got = clear_host.wait_message().content
    assert re.search(rb"\r\nMessage-ID: <[a-z0-9]+@localhost>\r\n", got) and b"h@y" not in got


@pytest.mark.parametrize("field", ["Bcc: h@y.example", "bcc : h@y.example", "BCC:\n h@y.example",
                                   "Bcc:\n\t h@y.example,\n  i@y.example",
                                   "Resent-Bcc: h@y.example"])
def test_inj_11_bcc_goes_from_the_header_and_never_from_the_body(program, clear_host, field):
    program.account(clear_host)
    text = b"Bcc: in@body.example\n\nBcc: again@body.example\n"
    got = kept(program, clear_host, "b@y.example",
               message=HEADER + field.encode() + b"\n\n" + text)
    assert b"h@y.example" not in got.content
    assert got.content.endswith(text.replace(b"\n", b"\r\n"))


@pytest.mark.parametrize("broken", [b"this is no field\n", b">From x\n", "Sübject: x\n".encode(),
                                    b"a b: c\n", b": x\n"])
@pytest.mark.parametrize("args", [["-t"], ["b@y.example"]])
def test_inj_11_bcc_behind_a_malformed_line(program, clear_host, broken, args):
    program.account(clear_host)
    for name in (b"Bcc : ", b"Resent-Bcc:", b"bcc:"):
        message = b"To: b@y.example\n" + broken + b"X: 1\n" + name + b"h@y.example\n\nhi\n"
        kept(program, clear_host, *args, message=message, status=65)
    message = b"To: b@y.example\n" + broken + b"\nBcc: in@body.example\n"
    assert kept(program, clear_host, *args, message=message).rcpt_tos == ["b@y.example"]


def test_inj_11_bcc_behind_a_first_line_that_may_be_a_field(program, clear_host):
    program.account(clear_host)
    kept(program, clear_host, "b@y", message="Sübject: x\nBcc: h@y\n\nhi\n".encode(), status=65)
    kept(program, clear_host, "b@y", message=b"Dear all,\nBcc: is a field\n", status=65)
    got = kept(program, clear_host, "b@y", message=b"Dear all,\n\nBcc: is no field\n")
    assert got.content.endswith(b"\r\n\r\nDear all,\r\n\r\nBcc: is no field\r\n")


@pytest.mark.parametrize("field", [b"\0Bcc: h@y", b"B\0cc: h@y", b"Bcc\r: h@y", b"Bcc\0: h@y"])
def test_inj_11_octets_that_hide_a_bcc(program, clear_host, field):
    program.account(clear_host)
    for args in (["-t"], ["b@y"]):
        done = program(*args, message=b"To: b@y\n" + field + b"\nZ: 2\n\nhi\n")
        assert done.returncode == 0, done.err
        got = clear_host.wait_message()
        clear_host.messages.clear()
        assert b"Z: 2\r\n" in got.content
        assert b"h@y" not in got.content


@pytest.mark.parametrize("args, fields, wanted", [
    (["-t"], b"To: a@y\nBcc: h@y\n", b"To: a@y\r\n"),
    (["-t"], b"To: a@y, a@y\nCc: a@Y, c@y\nBcc: h@y, a@y\n", b"To: a@y, c@y\r\n"),
    (["-t", "z@y"], b"To: a@y\nBcc: h@y\n", b"To: a@y\r\n"),
    (["z@y"], b"To: a@y\nBcc: h@y\n", b"To: z@y\r\n"),
    (["-t"], b"Bcc: h@y\n", b"\r\n"),
    (["-t"], b"Resent-To: r@y\nResent-From: f@y\nTo: a@y\nCc: c@y\n", b"To: a@y\r\nCc: c@y\r\n")])
def test_set_to_header_names_nobody_of_bcc(program, clear_host, args, fields, wanted):
    program.account(clear_host, "set_to_header on")
    got = kept(program, clear_host, *args, message=fields + b"\nhi\n").content
    header = got.partition(b"\r\n\r\n")[0] + b"\r\n"
    assert b"h@y" not in got and wanted in header
    assert header.count(b"To: ") == (0 if wanted == b"\r\n" else 1) + header.count(b"Resent-To")


def test_inj_12_addresses_are_never_programs_or_files(program, clear_host, tmp_path):
    program.account(clear_host)
    mark = tmp_path / "mark"
    for address in [f"|touch {mark}", f'"|touch {mark}"', "/dev/null", ":include:/etc/passwd"]:
        program("--", address)
    assert not mark.exists()
    assert all(rcpt in ("a@x.example",) for m in clear_host.messages for rcpt in m.rcpt_tos)


@pytest.mark.parametrize("local", ["jörg", "j\u202eo", "\u0430dmin"])
def test_inj_15_other_scripts_only_with_smtputf8_and_shown_escaped(program, clear_host, local):
    program.account(clear_host)
    clear_host.replies[f"{local}@y.example"] = "550 5.1.1 no"
    done = program(f"{local}@y.example")
    assert done.returncode == 67
    assert "\u202e" not in done.err
    got = kept(program, clear_host, f"{local}@z.example", message=b"\nhi\n")
    assert "SMTPUTF8" in got.mail_options and got.rcpt_tos == [f"{local}@z.example"]


def test_inj_15_no_smtputf8_no_mail(program):
    with StageServer() as server:
        program.write_config("account default\nhost localhost\nfrom a@x.example\n"
                             f"port {server.port}\n")
        for args, message in [(["jörg@y.example"], b"\nhi\n"),
                              (["b@y.example"], "From: jörg@x.example\n\nhi\n".encode())]:
            done = program(*args, message=message)
            assert done.returncode == 65 and "SMTPUTF8" in done.err
        assert not server.messages


@pytest.mark.parametrize("domain, wanted", [("bücher.example", "xn--bcher-kva.example"),
                                            ("BÜCHER.Example", "xn--bcher-kva.example"),
                                            ("faß.example", "xn--fa-hia.example")])
def test_inj_15_domains_go_as_a_labels(program, clear_host, domain, wanted):
    program.account(clear_host)
    got = kept(program, clear_host, "-t", "-f", f"s@{domain}",
               message=f"To: Jö <j@{domain}>\n\nhi\n".encode())
    assert (got.mail_from, got.rcpt_tos) == (f"s@{wanted}", [f"j@{wanted}"])
    assert "SMTPUTF8" not in got.mail_options
    assert f"<j@{wanted}>".encode() in got.content and got.content.isascii()


# --- MSG ---

def test_msg_01_an_empty_message_gets_a_header(program, clear_host):
    program.account(clear_host)
    got = kept(program, clear_host, "b@y.example", message=b"")
    assert re.fullmatch(rb"From: .*\r\nDate: .*\r\nMessage-ID: .*\r\n\r\n", got.content)


@pytest.mark.parametrize("text, wanted", [
    (b"hello\n", b"\r\n\r\nhello\r\n"), (b"X: 1\n", b"\r\nX: 1\r\n\r\n"),
    (b"X: 1\nhello\n", b"\r\nX: 1\r\n\r\nhello\r\n"), (b"\nhello\n", b"\r\n\r\nhello\r\n"),
    (b"hello\nTo: be continued\n", b"\r\n\r\nhello\r\nTo: be continued\r\n")])
def test_msg_02_where_the_header_ends(program, clear_host, text, wanted):
    program.account(clear_host)
    assert kept(program, clear_host, "b@y.example", message=text).content.endswith(wanted)


def test_msg_03_the_line_of_an_mbox_is_dropped(program, clear_host):
    program.account(clear_host)
    got = kept(program, clear_host, "b@y.example",
               message=b"From joe Thu Jan  1 00:00:00 2026\nX: 1\n\nFrom here\n")
    assert b"From joe" not in got.content and got.content.endswith(b"\r\nFrom here\r\n")


@pytest.mark.parametrize("text", [b"a" * (8 << 20), b"X: " + b"y" * (9 << 20) + b"\n",
                                  b"X: 1\n" * 2000000, b"X:\n" + b" y\n" * 3000000],
                         ids=["one", "two", "three", "four"])
def test_msg_05_a_header_over_eight_mebibytes_is_refused(program, clear_host, text):
    program.account(clear_host)
    started = time.monotonic()
    done = program("b@y.example", "--dry-run", message=b"Subject: s\n" + text)
    assert time.monotonic() - started < 10
    if text[:1] == b"X":
        assert done.returncode == 65 and "8 MiB" in done.err
    else:
        assert done.returncode == 0


def test_msg_05_long_lines_of_the_header_are_told(program, clear_host):
    program.account(clear_host)
    done = program("-v", "b@y", "--dry-run", message=b"X: " + b"y" * 1500 + b"\n\nhi\n")
    assert done.returncode == 0 and "lines of the header over 990 octets" in done.err


def test_msg_05_a_field_may_be_as_long_as_the_header(program, clear_host):
    program.account(clear_host)
    field = b"X-Long:" + b" word\n" * 100000
    got = kept(program, clear_host, "b@y.example", message=field + b"\nhi\n")
    assert field.replace(b"\n", b"\r\n") in got.content


def test_msg_04_a_large_body_needs_no_memory(program, clear_host):
    """The spool, not memory; 100 MB are in the benchmark."""
    program.account(clear_host)
    limit = 32 << 20
    sanitized = "ASAN_OPTIONS" in os.environ
    done = program("b@y.example", "--dry-run", message=HEADER + b"\n" + b"0123456789\n" * 6000000,
                   preexec_fn=None if sanitized else lambda: resource.setrlimit(
                       resource.RLIMIT_DATA, (limit, limit)))
    assert done.returncode == 0 and len(done.stdout) > 66000000


def test_msg_06_line_ends_of_all_kinds_are_one(program, clear_host):
    program.account(clear_host)
    got = kept(program, clear_host, "b@y.example", message=b"X: 1\r\nY: 2\n\r\na\r\nb\nc\r\r\nd\re")
    assert got.content.endswith(b"X: 1\r\nY: 2\r\n\r\na\r\nb\r\nc\r\nd\r\ne\r\n")


def test_msg_07_a_byte_order_mark_is_no_part_of_a_field(program, clear_host):
    program.account(clear_host)
    got = kept(program, clear_host, "-t", message=b"\xef\xbb\xbfTo: b@y\nSubject: s\n\nhi\n")
    assert got.rcpt_tos == ["b@y"] and b"\r\nTo: b@y\r\nSubject: s\r\n" in got.content
    got = kept(program, clear_host, "b@y", message=b"\xef\xbb\xbfhello\n")
    assert got.content.endswith(b"\r\n\r\n\xef\xbb\xbfhello\r\n")


def test_msg_07_utf_16_is_refused(program, clear_host):
    program.account(clear_host)
    for encoding in ("utf-16-le", "utf-16-be"):
        done = program("b@y", message="\ufeffTo: b@y\n\nhi\n".encode(encoding))
        assert (done.returncode, clear_host.messages) == (65, []) and "UTF-16" in done.err


@pytest.mark.parametrize("text", [b"\xff\xfe\n", b"\xc0\x80\n", bytes(range(128, 256)) + b"\n"])
def test_msg_07_text_that_is_not_utf_8_passes_as_it_is_or_is_labelled(program, clear_host, text):
    program.account(clear_host)
    assert body_of(program, clear_host, b"x" + text) == b"x" + text[:-1] + b"\r\n"
    with StageServer() as server:
        program.write_config("account default\nhost localhost\nfrom a@x.example\n"
                             f"port {server.port}\n")
        assert program("b@y.example", message=b"\nx" + text).returncode == 0
        got = email.message_from_bytes(server.messages[0])
        assert got.get_content_charset() == "unknown-8bit"
        assert got.get_payload(decode=True) == b"x" + text[:-1] + b"\r\n"


def test_msg_08_bcc_only(program, clear_host):
    program.account(clear_host)
    got = kept(program, clear_host, "-t", message=b"Bcc: h@y.example\nSubject: s\n\nhi\n")
    assert got.rcpt_tos == ["h@y.example"] and b"h@y.example" not in got.content
    got = kept(program, clear_host, "-t", "--set-to-header=undisclosed_recipients",
               message=b"Bcc: h@y.example\n\nhi\n")
    assert b"\r\nTo: undisclosed-recipients:;\r\n" in got.content


def test_msg_09_a_hundred_thousand_recipients(program, clear_host):
    program.account(clear_host)
    started = time.monotonic()
    names = b", ".join(b"u%d@y" % n for n in range(100001))
    assert program("-t", "--dry-run", message=b"To: " + names[:-3] + b"\n\nhi\n").returncode == 65
    fewer = b",".join(b"u%d@y" % n for n in range(90000))
    done = program("-t", "--dry-run", message=b"To: " + fewer + b"\n\nhi\n")
    assert done.returncode == 0 and done.out.count("# RCPT TO:") == 90000
    assert time.monotonic() - started < 20


def test_msg_10_each_recipient_once(program, clear_host):
    program.account(clear_host)
    got = kept(program, clear_host, "-t", "b@y.example", "c@Y.example",
               message=b"To: b@Y.EXAMPLE, B@y.example\nCc: b@y.example, c@y.example\n\nhi\n")
    assert got.rcpt_tos == ["b@y.example", "c@Y.example", "B@y.example"]


@pytest.mark.parametrize("field, wanted", [
    (b"a: x@x, z@w;", ["x@x", "z@w"]), (b"a:;, x@x", ["x@x"]),
    (b"<@a,@b:c@d>", ["c@d"]), (b"(x) \"q\\\"\" (y) <c@d (z)>", ["c@d"]),
    (b"c\n (x)@\n d", ["c@d"])])
def test_msg_11_12_groups_comments_routes(program, clear_host, field, wanted):
    program.account(clear_host)
    assert kept(program, clear_host, "-t", message=b"To: " + field + b"\n\nhi\n").rcpt_tos == wanted


def test_msg_11_groups_in_groups_are_refused(program, clear_host):
    program.account(clear_host)
    kept(program, clear_host, "-t", message=b"To: a: b: c@d;;\n\nhi\n", status=65)


@pytest.mark.parametrize("args, message", [([], b"\nhi\n"), (["-t"], b"To: a:;\n\nhi\n"),
                                           (["-t"], b"\nhi\n")])
def test_msg_13_no_recipient(program, clear_host, args, message):
    program.account(clear_host)
    kept(program, clear_host, *args, message=message, status=64)


RESENT = (b"Resent-To: first@x\nResent-From: r1@x\nResent-Bcc: hidden@x\nX: between\n"
          b"Resent-To: second@x\nResent-From: r2@x\nFrom: f@x\nTo: old@x\n\nhi\n")


def test_msg_14_the_first_block_of_resent_fields_counts(program, clear_host):
    program.account(clear_host)
    got = kept(program, clear_host, "-t", "--read-envelope-from", message=RESENT)
    assert (got.mail_from, got.rcpt_tos) == ("r1@x", ["first@x", "hidden@x"])
    assert b"hidden@x" not in got.content and b"Resent-To: second@x\r\n" in got.content


@pytest.mark.parametrize("second", [b"Resent-From: r2@x\n", b"Resent-Date: d\n", b"Resent-Sender: s\n",
                                    b"Resent-Message-ID: <2@x>\n"])
def test_msg_14_blocks_that_touch_are_two(program, clear_host, second):
    program.account(clear_host)
    first = b"Resent-From: r1@x\nResent-Date: d\nResent-Sender: s@x\nResent-Message-ID: <1@x>\n"
    got = kept(program, clear_host, "-t", message=first + b"Resent-To: new@x\n" + second
               + b"Resent-To: old@x\nTo: o@x\n\nhi\n")
    assert got.rcpt_tos == ["new@x"]


def test_msg_14_the_sender_without_a_resent_from(program, clear_host):
    program.account(clear_host)
    got = kept(program, clear_host, "-t", "--read-envelope-from",
               message=b"Resent-To: new@x\nFrom: f@x\n\nhi\n")
    assert (got.mail_from, got.rcpt_tos) == ("f@x", ["new@x"])


def test_msg_15_all_to_and_cc_fields_count(program, clear_host):
    program.account(clear_host)
    got = kept(program, clear_host, "-t", message=b"To: a@x\nCc: b@x\nTo: c@x\nCc: d@x\n\nhi\n")
    assert got.rcpt_tos == ["a@x", "b@x", "c@x", "d@x"]


@pytest.mark.parametrize("field, wanted", [
    (b"From: a@x, b@x", b"Sender: a@x.example\r\n"), (b"From: a@x", None),
    (b"From: a@x, b@x\nSender: s@x", None), (b"From:", None), (b"From: g: a@x, b@x;",
                                                              b"Sender: a@x.example\r\n")])
def test_msg_16_several_authors_get_a_sender(program, clear_host, field, wanted):
    program.account(clear_host)
    got = kept(program, clear_host, "b@y.example", message=field + b"\n\nhi\n").content
    assert field.replace(b"\n", b"\r\n") in got
    assert (wanted in got) if wanted else (b"Sender: a@x.example" not in got)


def test_msg_17_malformed_dates_and_ids_are_left_alone(program, clear_host):
    program.account(clear_host)
    got = kept(program, clear_host, "b@y.example",
               message=b"Date: yesterday\nMessage-ID: none\n\nhi\n").content
    assert b"Date: yesterday\r\nMessage-ID: none\r\n" in got
    assert got.count(b"Date:") == got.count(b"Message-ID:") == 1


@pytest.mark.parametrize("kind", ["folder", "write-only"])
def test_msg_18_input_that_cannot_be_read(program, clear_host, tmp_path, kind):
    program.account(clear_host)
    fd = os.open(tmp_path if kind == "folder" else "/dev/null",
                 os.O_RDONLY if kind == "folder" else os.O_WRONLY)
    try:
        done = program("b@y.example", stdin=fd)
    finally:
        os.close(fd)
    assert (done.returncode, clear_host.messages) == (74, [])
    assert "nothing was sent" in done.err


def test_msg_19_no_room_for_the_message(program, clear_host):
    program.account(clear_host)
    limit = 1 << 20
    done = program("b@y.example", message=HEADER + b"\n" + b"x\n" * 2000000,
                   preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))
    assert (done.returncode, clear_host.messages) == (75, [])


def test_msg_20_input_that_ends_in_the_header_is_a_header(program, clear_host):
    """That the producer died cannot be seen; whoever wants to be sure sends a whole message."""
    program.account(clear_host)
    got = kept(program, clear_host, "b@y.example", message=b"Subject: cut off he")
    assert got.content.endswith(b"Subject: cut off he\r\n\r\n")


def test_msg_21_fields_of_odd_shape(program, clear_host):
    program.account(clear_host)
    got = kept(program, clear_host, "b@y.example", message=b"X : 1\nY:\n" + b" z\n" * 10000 + b"\nhi\n")
    assert b"\r\nX : 1\r\nY:\r\n z\r\n" in got.content
    for text in [b"No colon\n", b": first\n", b"a b: 1\n"]:
        got = kept(program, clear_host, "b@y.example", message=b"X: 1\n" + text)
        assert got.content.endswith(b"X: 1\r\n\r\n" + text.replace(b"\n", b"\r\n"))
