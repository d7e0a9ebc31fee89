# SPDX-License-Identifier: MIT
"""What callers write, handed over in each way there is: -t, arguments and -bs.

The same message arrives, whichever way it took.
"""

import email
import email.header
import email.utils
import re

import pytest

MANY = [f"user{number}@many.example" for number in range(1000)]


class Case:
    """A message and what it comes to.

    message     as the caller writes it
    to          recipients, as they are named by arguments and by RCPT
    sent        recipients as they are sent, where that is not `to`
    body        what arrives of the body
    fields      {name: value} of the header that arrives, unfolded; None: there is no such field
    by_t        recipients by -t, where the header names others
    """

    def __init__(self, message, to, body, *, sent=None, fields=None, by_t=None, sender=None,
                 mail_from="me@a.example"):
        self.message, self.to, self.body = message, to, body
        self.sent = sent or to
        self.fields = fields or {}
        self.by_t = self.sent if by_t is None else by_t
        self.sender, self.mail_from = sender, mail_from


B = ["b@y.example"]
HEAD = b"From: Me <me@a.example>\nTo: b@y.example\nSubject: s\n\n"

CASES = {
    "crlf-header": Case(HEAD.replace(b"\n", b"\r\n") + b"one\ntwo\r\n\nend\n", B,
                        b"one\r\ntwo\r\n\r\nend\r\n", fields={"Subject": "s", "To": "b@y.example"}),
    "crlf-body": Case(HEAD + b"one\r\ntwo\n\r\nend", B, b"one\r\ntwo\r\n\r\nend\r\n"),
    "crs": Case(HEAD + b"one\r\r\ntwo\n", B, b"one\r\ntwo\r\n"),
    "dots": Case(HEAD + b"one\n.\ntwo\n..\n.three\n.\n", B,
                 b"one\r\n.\r\ntwo\r\n..\r\n.three\r\n.\r\n"),
    "only-dots": Case(HEAD + b".\n.", B, b".\r\n.\r\n"),
    "bcc": Case(b"From: me@a.example\nTo: b@y.example\nBcc: hidden@y.example,\n h2@y.example\n"
                b"bcc : h3@y.example\n\nhi\n",
                ["b@y.example", "hidden@y.example", "h2@y.example", "h3@y.example"], b"hi\r\n",
                fields={"Bcc": None, "To": "b@y.example"}),
    "bcc-alone": Case(b"From: me@a.example\nBcc: hidden@y.example\n\nhi\n", ["hidden@y.example"],
                      b"hi\r\n", fields={"Bcc": None}),
    "root": Case(b"From: root (Cron Daemon)\nTo: root\nSubject: Cron\n\nhi\n", ["root"], b"hi\r\n",
                 sent=["me@a.example"], sender="root",
                 fields={"From": '"root (Cron Daemon)" <me@a.example>', "To": "me@a.example"}),
    "empty-body": Case(b"From: me@a.example\nTo: b@y.example\nSubject: s\n", B, b""),
    "empty-body-2": Case(HEAD, B, b""),
    "no-header": Case(b"just text\nand more\n", B, b"just text\r\nand more\r\n", by_t=[]),
    "blank-first": Case(b"\ntext\n", B, b"text\r\n", by_t=[]),
    "nothing": Case(b"", B, b"", by_t=[], fields={"From": "me@a.example"}),
    "mbox": Case(b"From me@a.example Sun Nov 22 10:00:00 2026\n" + HEAD + b"hi\nFrom here\n", B,
                 b"hi\r\nFrom here\r\n", fields={"Subject": "s"}),
    "many": Case(b"From: me@a.example\nTo: " + ", ".join(MANY).encode() + b"\n\nhi\n", MANY,
                 b"hi\r\n"),
    "many-glued": Case(b"From: me@a.example\nTo: " + ",".join(MANY).encode() + b"\n\nhi\n", MANY,
                       b"hi\r\n"),
    "many-folded": Case(b"From: me@a.example\nTo: " + ",\n\t".join(MANY).encode() + b"\n\nhi\n",
                        MANY, b"hi\r\n"),
    "group": Case(b"From: me@a.example\nTo: Friends: b@y.example, c@y.example;, nobody:;,\n"
                  b" d@y.example\n\nhi\n", ["b@y.example", "c@y.example", "d@y.example"], b"hi\r\n"),
    "comments": Case(b"From: me@a.example (Me (nested) \\( )\n"
                     b'To: "B, \\"the b\\"" <b@y.example> (a, c), (only)\n\nhi\n', B, b"hi\r\n"),
    "8bit-names": Case("From: Jörg Mä <me@a.example>\nTo: Ünal <b@y.example>\nSubject: Käse\n\n"
                       "grüße\n".encode(), B, "grüße\r\n".encode(),
                       fields={"From": "Jörg Mä <me@a.example>", "To": "Ünal <b@y.example>",
                               "Subject": "Käse"}),
    "latin1-names": Case("From: Jörg <me@a.example>\nTo: b@y.example\n\nx\n".encode("latin-1"), B,
                         b"x\r\n", fields={"From": re.compile(".*me@a.example")}),
    "signed": Case(b"DKIM-Signature: v=1; h=Subject; b=" + b" A" * 400 + b"\nFrom: me@a.example\n"
                   b"To: b@y.example\nSubject: s\n\nhi\n", B, b"hi\r\n",
                   fields={"DKIM-Signature": "v=1; h=Subject; b=" + " A" * 400}),
    "null-sender": Case(HEAD + b"hi\n", B, b"hi\r\n", sender="<>", mail_from=""),
    "two-to-fields": Case(b"From: me@a.example\nTo: b@y.example\nTo: c@y.example\nCc: B@Y.EXAMPLE,"
                          b" b@Y.example\n\nhi\n", ["b@y.example", "c@y.example", "B@Y.EXAMPLE"],
                          b"hi\r\n"),
    "bom": Case(b"\xef\xbb\xbf" + HEAD + b"hi\n", B, b"hi\r\n", fields={"From": "Me <me@a.example>"}),
}
WAYS = ("t", "arguments", "bs")


def dialogue(lines, message):
    """A whole conversation, with the line ends that the message mostly has; its end is a line's."""
    end = b"\r\n" if b"\r\n" in message else b"\n"
    if message and not message.endswith(end):
        message = message.removesuffix(b"\n") + end
    stuffed = re.sub(rb"(^|" + end + rb")\.", rb"\1..", message)
    return end.join([*(line.encode() for line in lines), stuffed + b".", b"QUIT", b""])


def hand_over(program, case, way):
    """Call the program that way; the completed process, and whom the message was meant for."""
    sender = ["-f", case.sender] if case.sender else []
    if way == "t":
        return program(*sender, "-t", message=case.message), case.by_t
    if way == "arguments":
        return program(*sender, "--", *case.to, message=case.message), case.sent
    lines = ["EHLO x", "MAIL FROM:<%s>" % (case.sender or "me@a.example").strip("<>"),
             *("RCPT TO:<%s>" % one for one in case.to), "DATA"]
    return program("-bs", message=dialogue(lines, case.message)), case.sent


def unfolded(message, name):
    """A field as people read it; None: there is none."""
    value = email.message_from_bytes(message.content)[name]
    if value is None:
        return None
    return str(email.header.make_header(email.header.decode_header(
        re.sub(r"\r?\n(?=[ \t])", "", str(value))))).strip()


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", CASES)
def test_content(program, clear_host, name, way):
    """Recipients, sender, header and body are what was meant."""
    case = CASES[name]
    program.write_config(f"account a\nhost 127.0.0.1\nport {clear_host.port}\nfrom me@a.example\n")
    done, recipients = hand_over(program, case, way)
    if not recipients:
        assert (done.returncode, clear_host.messages) == (64, [])
        return
    assert done.returncode == 0, done.err
    [message] = clear_host.messages
    assert message.mail_from == case.mail_from
    assert message.rcpt_tos == recipients
    assert message.content.partition(b"\r\n\r\n")[2] == case.body
    for field, value in case.fields.items():
        got = unfolded(message, field)
        assert value.match(got) if isinstance(value, re.Pattern) else got == value
    header = email.message_from_bytes(message.content)
    assert all(len(header.get_all(field, [])) == 1 for field in ("From", "Date", "Message-ID"))
    assert header.get_all("Bcc") is None
    assert b"hidden" not in message.content
    assert max(map(len, message.content.split(b"\r\n"))) <= 998
    if way != "bs":
        assert (done.out, done.err) == ("", "")
