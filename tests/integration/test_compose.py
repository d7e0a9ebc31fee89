# SPDX-License-Identifier: MIT
"""Messages made from arguments and files; what arrives is read by Python's MIME parser."""

import contextlib
import email
import email.policy
import os
import pathlib
import platform
import pty
import random
import resource
import shutil
import signal
import subprocess
import threading

import pytest

from smarthost import Smarthost

TO = "b@y.example"


@pytest.fixture
def ready(program, clear_host):
    """The program with an account at a smarthost; its sends are in clear_host.messages."""
    program.account(clear_host)
    return program


def sent(host):
    """The message that arrived; and parsed, with the line ends of this system."""
    message = host.wait_message()
    host.messages.clear()
    lines = message.content.replace(b"\r\n", b"\n")
    return message, email.message_from_bytes(lines, policy=email.policy.default)


def raw_names(parsed):
    """Names of fields in their order."""
    return [name for name, _ in parsed.raw_items()]


def test_subject_and_text(ready, clear_host):
    """The shortest way to write a mail; silent when it works."""
    done = ready("-s", "disk full", TO, message=b"/dev/sda1 is full\n")
    assert (done.returncode, done.out, done.err) == (0, "", "")
    envelope, parsed = sent(clear_host)
    assert envelope.mail_from == "a@x.example" and envelope.rcpt_tos == [TO]
    assert raw_names(parsed) == ["From", "Date", "Message-ID", "To", "Subject", "MIME-Version",
                                 "Content-Type", "Content-Transfer-Encoding"]
    assert parsed["Subject"] == "disk full" and parsed["To"] == TO
    assert parsed["Content-Type"] == 'text/plain; charset="us-ascii"'
    assert parsed["Content-Transfer-Encoding"] == "7bit"
    assert parsed.get_content() == "/dev/sda1 is full\n"


SUBJECTS = [
    "", "x", "  two  blanks  inside", "Grüße an Jörg", "日本語の件名 " * 12,
    "word " * 60 + "end", "ä" * 300, "a" * 500 + " b", "emoji 🎉 and\ttab", "= ? =?",
]
WORDS = ["a" * 997, "b" * 3000, "x " + "c" * 1200 + " y", "x" + " " * 2000 + "y"]


@pytest.mark.parametrize("subject", SUBJECTS)
def test_subjects(ready, clear_host, subject):
    """What was said is what is read, and no line is too long."""
    assert ready("--subject", subject, "--body", "x", TO).returncode == 0
    envelope, parsed = sent(clear_host)
    assert parsed["Subject"].strip() == subject.strip()
    head = envelope.content.split(b"\r\n\r\n", 1)[0]
    assert head.isascii()
    longest = max(map(len, head.split(b"\r\n")))
    assert longest <= (78 if "a" * 100 not in subject else 600)


@pytest.mark.parametrize("subject", WORDS, ids=len)
def test_a_word_without_end(ready, clear_host, subject):
    """What cannot be folded is encoded, as a line has 998 octets at most."""
    assert ready("--subject", subject, "--body", "x", TO).returncode == 0
    envelope, parsed = sent(clear_host)
    assert parsed["Subject"] == subject
    assert max(map(len, envelope.content.split(b"\r\n"))) <= 78
    done = ready("--header", f"X-Long: {subject}", "--body", "x", TO)
    assert done.returncode == 65 and "--header X-Long: a word of it has no room" in done.err


PEOPLE = [
    ("plain@x.example", [("", "plain@x.example")]),
    ("Jo Doe <jo@x.example>", [("Jo Doe", "jo@x.example")]),
    ('"Doe, Jo" <jo@x.example>, Zoë <z@x.example>',
     [("Doe, Jo", "jo@x.example"), ("Zoë", "z@x.example")]),
    ("Ångström Ünïcode of a very long name that takes more than a line <u@x.example>",
     [("Ångström Ünïcode of a very long name that takes more than a line", "u@x.example")]),
    (", ".join(f"Person Number {n} <p{n}@x.example>" for n in range(300)),
     [(f"Person Number {n}", f"p{n}@x.example") for n in range(300)]),
]


@pytest.mark.parametrize("option", ["--to", "--cc"])
@pytest.mark.parametrize("people", PEOPLE, ids=range(len(PEOPLE)))
def test_people(ready, clear_host, people, option):
    """Names with quotes, commas and letters of all kinds; lines stay short."""
    text, wanted = people
    assert ready(option, text, "-s", "x", "--body", "x").returncode == 0
    envelope, parsed = sent(clear_host)
    got = [(a.display_name, a.addr_spec) for a in parsed[option[2:]].addresses]
    assert got == wanted
    assert envelope.rcpt_tos == [address for _, address in wanted]
    assert max(map(len, envelope.content.split(b"\r\n"))) <= 78


def test_lists_add_up(ready, clear_host):
    """Several --to, arguments, --cc and --bcc; nobody sees who is in --bcc."""
    done = ready("--to", "a1@y.example", "last@y.example", "--bcc", "Secret <s@y.example>",
                 "--cc", "c@y.example", "--to", "a2@y.example,a1@y.example", "--body", "x",
                 "--bcc", "s2@y.example", "--remove-bcc-headers=off")
    assert done.returncode == 0, done.err
    envelope, parsed = sent(clear_host)
    assert sorted(envelope.rcpt_tos) == [f"{n}@y.example"
                                        for n in ("a1", "a2", "c", "last", "s2", "s")]
    assert parsed["To"].addresses[-1].addr_spec == "last@y.example"
    assert parsed["Cc"] == "c@y.example"
    assert b"s@y" not in envelope.content and b"s2@" not in envelope.content
    assert "Bcc" not in parsed


def test_from_with_name(ready, clear_host):
    """A name goes into the From field, the address into the envelope."""
    assert ready("--from", "Jürgen <j@x.example>", "--body", "x", TO).returncode == 0
    envelope, parsed = sent(clear_host)
    assert envelope.mail_from == "j@x.example"
    assert parsed["From"].addresses[0].display_name == "Jürgen"
    assert len(parsed.get_all("From")) == 1
    assert ready("-F", "Jo", "-f", "j@x.example", "--body", "x", TO).returncode == 0
    assert sent(clear_host)[1]["From"] == "Jo <j@x.example>"


def test_header(ready, clear_host):
    """Further fields, as they are said."""
    assert ready("--header", "Reply-To: Zoë <z@x.example>", "--header", "X-Job:nightly",
                 "--header", "X-Job: 2", "--header", "Date: Thu, 1 Jan 2026 00:00:00 +0000",
                 "--body", "x", TO).returncode == 0
    parsed = sent(clear_host)[1]
    assert parsed["Reply-To"].addresses[0].display_name == "Zoë"
    assert parsed.get_all("X-Job") == ["nightly", "2"]
    assert parsed.get_all("Date") == ["Thu, 01 Jan 2026 00:00:00 +0000"]


@pytest.mark.parametrize("text, wanted", [
    ("text/html", ("text/html", "utf-8")),
    ("text/html; charset=iso-8859-15", ("text/html", "iso-8859-15")),
])
def test_content_type(ready, clear_host, text, wanted):
    """The text's type can be said; its charset is what it is unless that is said too."""
    assert ready("--header", f"Content-Type: {text}", "--body", "<p>ü", TO).returncode == 0
    parsed = sent(clear_host)[1]
    assert (parsed.get_content_type(), parsed.get_content_charset()) == wanted


TEXTS = {
    "empty": (b"", "7bit", "us-ascii"),
    "ascii": (b"one\n.\n..two\nFrom me\n\nend", "7bit", "us-ascii"),
    "crlf": (b"one\r\ntwo\r\n", "7bit", "us-ascii"),
    "utf8": ("Grüße — 日本\n".encode(), "8bit", "utf-8"),
    "latin1": (b"Gr\xfc\xdfe\n", "8bit", "unknown-8bit"),
    "cut": ("ü".encode()[:1] + b"\n", "8bit", "unknown-8bit"),
    "long": (b"x" * 5000 + b" \n", "quoted-printable", "us-ascii"),
    "long8": ("ü ".encode() * 2000, "quoted-printable", "utf-8"),
    "990": (b"x" * 990 + b"\n", "7bit", "us-ascii"),
    "991": (b"x" * 991 + b"\n", "quoted-printable", "us-ascii"),
}


@pytest.mark.parametrize("attached", [False, True], ids=["alone", "attached"])
@pytest.mark.parametrize("name", TEXTS)
def test_texts(ready, clear_host, tmp_path, name, attached):
    """The text arrives as it was, labelled as what it is, encoded only where it has to be."""
    text, encoding, charset = TEXTS[name]
    file = tmp_path / "x.bin"
    file.write_bytes(b"\0\1")
    more = ["--attach", file] if attached else []
    assert ready("-s", "x", TO, *more, message=text).returncode == 0
    parsed = sent(clear_host)[1]
    assert parsed.is_multipart() == attached and not parsed.defects
    if attached and not text:
        assert len(parsed.get_payload()) == 1
        return
    part = parsed.get_payload(0) if attached else parsed
    assert part["Content-Transfer-Encoding"] == encoding
    assert part.get_content_charset() == charset
    got = part.get_payload(decode=True)
    wanted = text.replace(b"\r\n", b"\n")
    assert got == wanted + (b"\n" if wanted and not wanted.endswith(b"\n") else b"")


def test_seven_bit_server(program, tmp_path):
    """A server without 8BITMIME gets the same in 7 bits."""
    with Smarthost(tls="off", require_auth=False, eightbit=False) as host:
        program.account(host)
        file = tmp_path / "ü.txt"
        file.write_text("attached ü\n")
        assert program("-s", "ü", TO, "--attach", file,
                       message="text ü\n".encode()).returncode == 0
        envelope, parsed = sent(host)
        assert envelope.content.isascii()
        assert [p.get_content() for p in parsed.iter_parts()] == ["text ü\n", "attached ü\n"]
        assert parsed.get_payload(1).get_filename() == "ü.txt"


NAMES = ["plain.txt", "with blank.txt", 'quo"te.txt', "back\\slash.txt", "semi;colon.txt",
         "ümläut.txt", "日本語.txt", "x" * 200 + ".txt", "ü" * 100 + ".txt", "per%cent'.txt",
         "-dash.txt", " lead and trail ", "a,b=c(d)<e>.txt", ".hidden"]


@pytest.mark.parametrize("name", NAMES)
def test_names(ready, clear_host, tmp_path, name):
    """The name that arrives is the name of the file, without its folders."""
    file = tmp_path / name
    file.write_bytes(b"content\n")
    assert ready("--body", "x", "--attach", file, TO).returncode == 0
    envelope, parsed = sent(clear_host)
    part = list(parsed.iter_attachments())[0]
    assert part.get_filename() == name.strip()  # the parser takes blanks off
    assert part.get_content_disposition() == "attachment"
    assert part.get_payload(decode=True) == b"content\n"
    assert max(map(len, envelope.content.split(b"\r\n"))) <= 78 and not part.defects


def test_name_in_other_octets(ready, clear_host, tmp_path):
    """A name that is no UTF-8 still comes back octet for octet."""
    path = os.fsencode(tmp_path) + b"/gr\xfc.dat"
    with open(path, "wb") as file:
        file.write(b"\0")
    done = ready("--body", "x", TO, "--attach", os.fsdecode(path))
    assert done.returncode == 0, done.err
    assert b"filename*=unknown-8bit''gr%FC.dat" in sent(clear_host)[0].content


FILES = {
    "a.txt": (b"text\nmore\n", "text/plain", "7bit"),
    "noend.txt": (b"text\nno end", "text/plain", "7bit"),
    "empty.txt": (b"", "text/plain", "7bit"),
    "empty.pdf": (b"", "application/pdf", "base64"),
    "crlf.txt": (b"a\r\nb\r\n", "text/plain", "base64"),
    "from.txt": (b"From me\n", "text/plain", "base64"),
    "nul.csv": (b"a\0b\n", "text/csv", "base64"),
    "long.csv": (b"a," * 2000, "text/csv", "base64"),
    "u.csv": ("ü\n".encode(), "text/csv", "8bit"),
    "big.txt": (b"0123456789abcde\n" * 20000, "text/plain", "base64"),
    "x.png": (bytes(range(256)) * 300, "image/png", "base64"),
    "README": (b"read me\n", "text/plain", "7bit"),
    "noname": (b"\x7fELF\0\0", "application/octet-stream", "base64"),
    "a.tar.gz": (b"\x1f\x8b", "application/gzip", "base64"),
    "57": (b"\0" * 57, "application/octet-stream", "base64"),
    "58": (b"\0" * 58, "application/octet-stream", "base64"),
}


@pytest.mark.parametrize("name", FILES)
def test_files(ready, clear_host, tmp_path, name):
    """Every octet of a file arrives; what it is comes from its name, else from what it holds."""
    content, kind, encoding = FILES[name]
    file = tmp_path / name
    file.write_bytes(content)
    assert ready("--body", "ü", "--attach", file, TO).returncode == 0
    parsed = sent(clear_host)[1]
    part = list(parsed.iter_attachments())[0]
    assert part.get_content_type() == kind
    assert part["Content-Transfer-Encoding"] == encoding
    assert part.get_payload(decode=True) == content
    assert not part.defects and not parsed.defects


def test_eight_bit_label(ready, clear_host, tmp_path):
    """A multipart that is not labelled 8bit holds nothing that is (RFC 2045 section 6.4)."""
    file = tmp_path / "u.csv"
    file.write_text("ü\n")
    assert ready("--body", "x", "--attach", file, TO).returncode == 0
    envelope, parsed = sent(clear_host)
    assert envelope.content.isascii() and "Content-Transfer-Encoding" not in parsed
    assert ready("--body", "ü", "--attach", file, TO).returncode == 0
    assert sent(clear_host)[1]["Content-Transfer-Encoding"] == "8bit"


@pytest.mark.parametrize("content, kind", [
    (b"Subject: s\n\nbody\n", "message/rfc822"),
    (b"Subject: s\r\n\r\nbody\r\n", "message/rfc822"),
    ("Subject: s\n\nbödy\n".encode(), "message/rfc822"),
    (b"Subject: s\n\n" + b"x" * 2000 + b"\n", "application/octet-stream"),
])
def test_messages_attached(ready, clear_host, tmp_path, content, kind):
    """A message must not be encoded (RFC 2046 section 5.2.1): it goes as it is, or as octets."""
    file = tmp_path / "old.eml"
    file.write_bytes(content)
    assert ready("--body", "x", "--attach", f"{file};type=message/rfc822", TO).returncode == 0
    parsed = sent(clear_host)[1]
    part = parsed.get_payload(1)
    assert part.get_content_type() == kind
    if kind == "message/rfc822":
        assert part["Content-Transfer-Encoding"] in ("7bit", "8bit")
        assert part.get_payload(0)["Subject"] == "s"
    else:
        assert part.get_payload(decode=True) == content


def test_type_and_name(ready, clear_host, tmp_path):
    """What is said of a file counts."""
    file = tmp_path / "x.bin"
    file.write_bytes(b"a;b\n")
    assert ready("--body", "x", TO, "--attach",
                 f"{file};type=text/csv; charset=us-ascii;name=Bericht für May.csv"
                 ).returncode == 0
    part = sent(clear_host)[1].get_payload(1)
    assert part.get_content_type() == "text/csv"
    assert part.get_filename() == "Bericht für May.csv"


def test_fifo(ready, clear_host, tmp_path):
    """A FIFO is read to its end, whenever its writer comes."""
    fifo = tmp_path / "pipe"
    os.mkfifo(fifo)
    writer = threading.Thread(target=lambda: fifo.write_bytes(b"piped\n" * 30000))
    writer.start()
    done = ready("--body", "x", "--attach", f"{fifo};name=p.txt", TO)
    writer.join()
    assert done.returncode == 0
    part = sent(clear_host)[1].get_payload(1)
    assert part.get_payload(decode=True) == b"piped\n" * 30000


def test_standard_input_attached(ready, clear_host):
    """"-" is standard input, and there is no text then unless --body says one."""
    assert ready("-s", "x", "--attach", "-;name=in.bin", TO, message=b"\0in").returncode == 0
    parsed = sent(clear_host)[1]
    assert [p.get_filename() for p in parsed.iter_parts()] == ["in.bin"]
    assert parsed.get_payload(0).get_payload(decode=True) == b"\0in"


def test_several_files(ready, clear_host, tmp_path):
    """Files come in their order, twice if named twice."""
    for name in "abc":
        (tmp_path / name).write_text(name)
    assert ready("--body", "", TO, *(f"--attach={tmp_path / n}" for n in "cabc")).returncode == 0
    parsed = sent(clear_host)[1]
    assert [p.get_filename() for p in parsed.iter_parts()] == list("cabc")


MISTAKES = [
    (["--message", "DIR/x", "--message", "DIR/y"], 64, "--message is given twice", None),
    (["--attach", "-", "--attach", "/dev/stdin"], 64, "attached once", None),
    (["--attach", "DIR/none"], 66, "none: No such file or directory", None),
    (["--attach", "DIR"], 66, "it is a folder", "tar -czf"),
    (["--attach", "DIR/x;type=nonsense"], 64, "no type of a file", "text/csv"),
    (["--header", "X: a\nBcc: evil@y.example"], 64, "control character", None),
    (["--subject", "a\r\nBcc: evil@y.example"], 64, "control character", None),
    (["--to", "a@b@c"], 65, "option --to", None),
    (["--message", "DIR/x"], 64, "--message", None),
    (["--attach", "DIR/closed"], 66, "closed: Permission denied", None),
    (["-bs"], 64, "--body is about a message", None),
    (["-bv"], 64, "--body is about a message", None),
]


@pytest.mark.parametrize("args, status, text, hint", MISTAKES, ids=range(len(MISTAKES)))
def test_mistakes(ready, clear_host, tmp_path, args, status, text, hint):
    """What is wrong is said before anything is sent; nothing is read of standard input."""
    (tmp_path / "closed").touch(mode=0)
    if "closed" in args[-1] and os.geteuid() == 0:
        pytest.skip("root may read everything")
    done = ready("--body", "x", TO, *(a.replace("DIR", str(tmp_path)) for a in args))
    assert done.returncode == status and text in done.err, done.err
    assert hint is None or hint in done.err
    assert len(done.err.splitlines()) <= 3
    assert not clear_host.messages


def test_no_recipient(ready):
    """It is told how to name one."""
    done = ready("-s", "x", message=b"")
    assert done.returncode == 64 and "--to ADDRESS" in done.err


def test_sendmail_knows_none(ready):
    """Under the name sendmail -s has no argument and long options do not exist."""
    done = ready("-s", TO, argv0="sendmail", config=False)
    assert done.returncode != 64
    assert ready("--subject", "x", TO, argv0="sendmail", config=False).returncode == 64


def test_message_file(ready, clear_host, tmp_path):
    """--message FILE is as FILE on standard input, which is not touched."""
    file = tmp_path / "mail"
    file.write_bytes(b"Subject: from a file\n\n.\nend\n")
    with open("/dev/full", "rb") as nothing:
        assert ready("--message", file, TO, stdin=nothing).returncode == 0
    assert sent(clear_host)[1]["Subject"] == "from a file"
    assert ready("-t", f"--message={file}").returncode == 64
    for path, text in ((tmp_path / "none", "none: No such"), (tmp_path, "it is a folder")):
        done = ready("--message", path, TO)
        assert done.returncode == 66 and text in done.err
    assert not clear_host.messages


def test_huge_attachment(ready, clear_host, tmp_path, sanitized):
    """Memory does not grow with a file; its size is that of a disk, not of a run's memory."""
    file = tmp_path / "huge.bin"
    size = 64 << 20
    file.write_bytes(random.Random(7).randbytes(1 << 20) * (size >> 20))
    args = [ready.path, "-C", str(ready.config), "--dry-run", "--body", "x", "--attach",
            str(file), TO]

    def few():
        if not sanitized:
            resource.setrlimit(resource.RLIMIT_AS, (48 << 20, 48 << 20))

    with subprocess.Popen(args, stdout=subprocess.PIPE, env=ready.environment(),
                          preexec_fn=few) as run:
        total = sum(map(len, iter(lambda: run.stdout.read(1 << 20), b"")))
        assert run.wait() == 0
    assert total > size * 4 // 3
    assert not clear_host.messages


def test_file_that_does_not_end(ready, clear_host):
    """The disk, or what may be written to it, ends first: nothing is sent."""
    def little():
        resource.setrlimit(resource.RLIMIT_FSIZE, (8 << 20, 8 << 20))

    with open("/dev/zero", "rb") as endless:
        done = ready("--body", "x", "--attach", "-", TO, stdin=endless, preexec_fn=little)
    assert done.returncode == 75, done.err
    assert not clear_host.messages


def at_terminal(ready, *args, typed=b""):
    """Run it with a terminal for standard input and error: its status and what it showed."""
    master, slave = pty.openpty()
    with subprocess.Popen([ready.path, "-C", str(ready.config), *args], stdin=slave, stderr=slave,
                          stdout=slave, env=ready.environment(TERM="xterm"),
                          start_new_session=True) as run:
        os.close(slave)
        os.write(master, typed)
        shown = b""
        while True:
            try:
                piece = os.read(master, 65536)
            except OSError:
                break
            shown += piece
        assert run.wait(30) is not None
    os.close(master)
    return run.returncode, shown.decode()


@pytest.mark.parametrize("end", [b".\n", b"\x04"], ids=["dot", "control-d"])
def test_typed(ready, clear_host, end):
    """Who types the text is told how it ends."""
    status, shown = at_terminal(ready, "-s", "x", TO, typed=b"typed text\n" + end)
    assert status == 0
    assert "Type the text; a line with a dot alone, or Ctrl-D, ends it." in shown
    assert sent(clear_host)[1].get_content() == "typed text\n"


def test_typed_attachment(ready, clear_host):
    """What is attached may be typed too, and a dot is part of it."""
    status, shown = at_terminal(ready, "--attach", "-;name=x", TO, typed=b"typed\n.\n\x04")
    assert status == 0 and "Type what is to be attached; Ctrl-D ends it." in shown
    assert sent(clear_host)[1].get_payload(0).get_payload(decode=True) == b"typed\n.\n"


def test_typed_message(ready, clear_host):
    """The same for a message that is typed whole."""
    status, shown = at_terminal(ready, TO, typed=b"Subject: s\n\nt\n.\n")
    assert status == 0 and "Type the message, header first" in shown
    assert sent(clear_host)[1]["Subject"] == "s"


def test_nothing_to_type(ready, clear_host):
    """With --body nobody is asked for anything."""
    status, shown = at_terminal(ready, "--body", "x", TO)
    assert status == 0 and "Type" not in shown
    sent(clear_host)


def test_closed_input(ready, clear_host):
    """Without standard input it is told how to do without."""
    done = ready("-s", "x", TO, stdin=None, preexec_fn=lambda: os.close(0))
    assert done.returncode == 74 and "--body ''" in done.err
    assert not clear_host.messages


def test_interrupted(ready, clear_host, tmp_path):
    """Ctrl-C while a FIFO has no writer ends it, and nothing is sent."""
    fifo = tmp_path / "pipe"
    os.mkfifo(fifo)
    with subprocess.Popen([ready.path, "-C", str(ready.config), "--body", "x", "--attach",
                           str(fifo), TO], env=ready.environment()) as run:
        run.send_signal(signal.SIGINT)
        try:
            assert run.wait(30) != 0
        finally:
            run.kill()
    assert not clear_host.messages


def generated(seed):
    """Arguments, text and files of a kind nobody thinks of."""
    rng = random.Random(seed)
    letters = "abc äöü日本🎉\"\\'();,<>@=?%*-. \t"
    def word(least, most):
        return "".join(rng.choice(letters) for _ in range(rng.randint(least, most)))
    text = bytes(rng.choices(b"abc \t.-=\n\n\xc3\xbc\xff", k=rng.randint(0, 3000)))
    files = [(word(1, 60).replace("\t", "") + rng.choice([".txt", ".bin", ""]),
              bytes(rng.choices(b"abc \r\n\n\n\0\xc3\xbc", k=rng.choice([0, 1, 57, 4000]))))
             for _ in range(rng.randint(0, 4))]
    return word(0, 200), text, files


@pytest.mark.parametrize("seed", range(25))
def test_generated(ready, clear_host, tmp_path, seed):
    """Whatever the subject, the text, the names and the files: the parser gets all of it back."""
    subject, text, files = generated(seed)
    options = []
    for number, (name, content) in enumerate(files):
        file = tmp_path / str(number)
        file.write_bytes(content)
        options += ["--attach", f"{file};name={name}"]
    done = ready("--subject", subject, *options, TO, message=text)
    assert done.returncode == 0, done.err
    parsed = sent(clear_host)[1]
    assert not parsed.defects
    if "=?" not in subject:
        assert parsed["Subject"].split() == subject.split()
    parts = list(parsed.iter_parts()) if files else [parsed]
    if not files or text:
        got = parts.pop(0).get_payload(decode=True)
        assert got == text + (b"\n" if text and not text.endswith(b"\n") else b"")
    assert [p.get_filename() for p in parts] == [name.strip() for name, _ in files] or not files
    for part, (_, content) in zip(parts if files else [], files):
        assert part.get_payload(decode=True) == content


@pytest.mark.parametrize("name", ["t.txt", "t.bin", "t.eml"])
@pytest.mark.parametrize("when", [1, 2, 4])
def test_e7_a_file_that_becomes_shorter_while_it_is_read(ready, clear_host, tmp_path, name, when):
    if not shutil.which("strace"):
        pytest.skip("strace is not installed")
    file = tmp_path / name
    file.write_bytes(b"Subject: t\n\n" + b"text\n" * 60_000)
    done = subprocess.run(
        ["strace", "-qq", "-o", "/dev/null", "-P", str(file), "-e", f"inject=read:retval=0:when={when}+",
         ready.path, "-C", str(ready.config), "--body", "x", "--attach", str(file), TO],
        capture_output=True, env=ready.environment(), check=False, timeout=60)
    if b"ptrace" in done.stderr or done.returncode == 1:
        pytest.skip("nothing can be traced here")
    assert done.returncode == 75 and b"became shorter while it was read" in done.stderr, done.stderr
    assert not clear_host.messages


@pytest.mark.parametrize("how", ["--message", "standard input"])
def test_e7_a_message_that_becomes_shorter_while_it_is_read(ready, clear_host, tmp_path, how):
    """A file is cut behind what was read of it; one that is read from the middle is whole."""
    if not shutil.which("strace"):
        pytest.skip("strace is not installed")
    file = tmp_path / "message"
    file.write_bytes(b"Subject: t\n\n" + b"text\n" * 60_000)
    args = ["--message", str(file)] if how == "--message" else []
    command = ["strace", "-qq", "-o", "/dev/null", "-P", str(file), "-e", "inject=read:retval=0:when=2+",
               ready.path, "-C", str(ready.config), *args, TO]
    with file.open("rb") as given:
        done = subprocess.run(command, stdin=given, capture_output=True, env=ready.environment(),
                              check=False, timeout=60)
        if b"ptrace" in done.stderr or done.returncode == 1:
            pytest.skip("nothing can be traced here")
        assert done.returncode == 75 and b"the message became shorter while it was read" in done.stderr
        assert not clear_host.messages
        given.seek(100)
        done = subprocess.run(command[command.index(ready.path):], stdin=given, capture_output=True,
                              env=ready.environment(), check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, b"")


READ = {"x86_64": "0", "aarch64": "63"}.get(platform.machine())


def reads(process, path):
    """Wait until a child of the process is in read() of the file, or it ends."""
    while process.poll() is None:
        for child in pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split():
            with contextlib.suppress(OSError, IndexError):
                call = pathlib.Path(f"/proc/{child}/syscall").read_text().split()
                if call[0] == READ and os.readlink(f"/proc/{child}/fd/{int(call[1], 16)}") == str(path):
                    return True
    return False


def test_e8_a_file_that_grows_is_as_long_as_it_was(ready, clear_host, tmp_path):
    """Its first octets are read late, when there are more behind them."""
    if not shutil.which("strace") or not READ:
        pytest.skip("strace is not installed, or the number of read() is not known here")
    file = tmp_path / "log.bin"
    file.write_bytes(b"\0" * 300_000)
    with subprocess.Popen(
            ["strace", "-qq", "-o", "/dev/null", "-P", str(file), "-e", "inject=read:delay_enter=1000000:when=1",
             ready.path, "-C", str(ready.config), "--body", "x", "--attach", str(file), TO],
            stderr=subprocess.PIPE, env=ready.environment()) as running:
        if not reads(running, file):
            pytest.skip("nothing can be traced here")
        with file.open("ab") as more:
            more.write(b"\1" * 300_000)
        said = running.stderr.read()
    if b"ptrace" in said or running.returncode == 1:
        pytest.skip("nothing can be traced here")
    assert (running.returncode, said) == (0, b"")
    parts = list(email.message_from_bytes(clear_host.wait_message().content).walk())
    assert parts[-1].get_payload(decode=True) == b"\0" * 300_000


@pytest.mark.parametrize("path", ["/dev/zero", "/dev/null", "/dev/random"])
def test_e8_a_device_is_refused(ready, clear_host, path):
    done = ready("--body", "x", "--attach", path, TO)
    assert done.returncode == 66 and "it is a device" in done.err and not clear_host.messages


def test_e8_a_file_of_the_kernel_has_no_size(ready, clear_host):
    assert ready("--body", "x", "--attach", "/proc/self/status", TO).returncode == 0
    parts = list(email.message_from_bytes(clear_host.wait_message().content).walk())
    assert b"Name:" in parts[-1].get_payload(decode=True)


@pytest.mark.parametrize("option", ["--to", "--cc", "--bcc"])
@pytest.mark.parametrize("value", ["Müller, Jürgen <a@y.example>", "Lee, Ann <a@y.example>"])
def test_b1_a_word_among_addresses_is_a_slip(ready, clear_host, option, value):
    """A part of a name with a comma does not become the owner of the account."""
    done = ready("-s", "x", "--body", "x", option, value)
    assert done.returncode == 67 and "quotes missing" in done.err and not clear_host.messages
    done = ready("-s", "x", "--body", "x", option, "root, a@y.example")
    assert done.returncode == 0 and len(clear_host.wait_message().rcpt_tos) == 2
