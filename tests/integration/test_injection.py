# SPDX-License-Identifier: MIT
"""Every octet in every place that users fill: nothing but the expected commands on the wire.

Each kind of argument and each field is tried with all 256 octets. Those that mean something to a
parser stand in the middle of the text, each alone, and those that separate or quote at its start and
at its end too. The others stand in the middle and at both ends, several together. A nightly run
(POSTRIDER_NIGHTLY in the environment) tries each octet alone, in each place. Whatever the program
makes of a text, a session has the verbs of one message in their order, and a log has one line a
message.
"""

import concurrent.futures
import os
import re
import socketserver
import subprocess
import threading

import pytest

from sampling import NIGHTLY, sampled

OWNER, YOU = b"a@x.example", b"you@y.example"

# A path as RFC 5321 4.1.2 has it, octets of UTF-8 (RFC 6531) included; and what may stand behind it.
ATOM = rb"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\x80-\xff-]+"
LOCAL = rb"(?:" + ATOM + rb"(?:\." + ATOM + rb")*|\"(?:[^\"\\\x00-\x1f\x7f]|\\[ -~])*\")"
PATH = rb"<(" + LOCAL + rb"@(?:[A-Za-z0-9._-]+|\[[A-Za-z0-9.:]+\]))>"
WORD = rb"(?: [A-Z0-9]+(?:=[!-<>-~\x80-\xff]+)?)*"
FORMS = [re.compile(rb"EHLO [!-~]+"),
         re.compile(rb"MAIL FROM:(?:<>|" + PATH + rb")" + WORD),
         re.compile(rb"RCPT TO:" + PATH + WORD), re.compile(rb"DATA"), re.compile(rb"QUIT")]


class Session(socketserver.StreamRequestHandler):
    """Answers as a smarthost would, and keeps each session: the commands as they came, the message."""

    def handle(self):
        commands, content = [], b""
        self.wfile.write(b"220 hi\r\n")
        for line in self.rfile:
            commands.append(line)
            verb = line[:4].upper()
            if verb == b"EHLO":
                self.wfile.write(b"250-hi\r\n250-PIPELINING\r\n250-SMTPUTF8\r\n250-DSN\r\n"
                                 b"250-8BITMIME\r\n250 ENHANCEDSTATUSCODES\r\n")
            elif verb == b"DATA":
                self.wfile.write(b"354 go\r\n")
                content = b"".join(iter(self.rfile.readline, b".\r\n"))
                self.wfile.write(b"250 2.0.0 kept\r\n")
            elif verb == b"QUIT":  # nobody waits for its reply
                break
            else:
                self.wfile.write(b"250 2.0.0 ok\r\n")
        self.server.sessions.append((commands, content))


class Host(socketserver.ThreadingTCPServer):
    """Keeps what comes in `sessions`, complete once the server is closed."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Session)
        self.request_queue_size = 64
        self.port = self.server_address[1]
        self.sessions = []
        self._thread = threading.Thread(target=self.serve_forever, args=(0.01,))
        self._thread.start()

    def __exit__(self, *exception):
        self.shutdown()
        self._thread.join()
        self.server_close()


def run_all(program, calls):
    """
    Make all calls, each (arguments, message), a few at a time. The completed processes, and for
    each its session or None; the number of a call goes with its message.
    """
    with Host() as host:
        program.write_config(f"account default\nhost localhost\nport {host.port}\n"
                             f"from a@x.example\nlogfile {program.home}/log\n")
        base = [program.path, "-C", str(program.config)]
        env = program.environment(XDG_CACHE_HOME="/nowhere")

        def run(numbered):
            number, (args, message) = numbered
            return subprocess.run(base + args, input=b"X-Call: %d\n%s" % (number, message), env=env,
                                  capture_output=True, timeout=60, check=False, cwd=program.home)
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            done = list(pool.map(run, enumerate(calls)))
    sessions = [None] * len(calls)
    for commands, content in host.sessions:
        assert content, commands
        number = int(re.search(rb"X-Call: (\d+)\r\n", content)[1])
        assert sessions[number] is None
        sessions[number] = check_session(commands, content)
    return done, sessions


def check_session(commands, content):
    """One message, with well-formed commands in their order: (sender, recipients, content)."""
    paths = []
    count = len(commands) - 4
    assert [line[:4] for line in commands] == [b"EHLO", b"MAIL", *[b"RCPT"] * count, b"DATA", b"QUIT"]
    for line, form in zip(commands, FORMS[:2] + FORMS[2:3] * count + FORMS[3:]):
        found = form.fullmatch(line[:-2])
        assert found and line.endswith(b"\r\n"), line
        paths += found.groups(b"")
    rest = content.replace(b"\r\n", b"")
    assert b"\r" not in rest and b"\n" not in rest and b"\0" not in rest
    return paths[0], paths[1:], content


def check_all(program, done, sessions):
    """What holds whatever came in: statuses, lines of logs, what is printed."""
    for run, session in zip(done, sessions):
        assert run.returncode in (0, 64, 65, 67, 75, 78), (run.args, run.stderr)
        assert (session is None) == (run.returncode != 0), run.args
        assert bool(run.stderr) == (run.returncode != 0) and run.stderr.count(b"\n") <= 3, run.args
        assert run.stdout == b"" and not re.search(rb"[\x00-\x09\x0b-\x1f\x7f]", run.stderr), run.args
    sent = sum(session is not None for session in sessions)
    path = program.home / "log"
    lines = path.read_bytes().split(b"\n")[:-1] if path.exists() else []
    assert sum(b"exitcode=EX_OK" in line for line in lines) == sent
    assert all(line.count(b"exitcode=") == 1 for line in lines)
    assert set(os.listdir(program.home)) <= {"config", "log"}


# --- arguments ---

# How the text becomes arguments, in place of %s. To -f belongs the place of a sender, and so on.
PLAIN = {
    "-F": [b"-F%s"], "-V": [b"-V", b"%s"], "-N": [b"-N%s"], "-R": [b"-R%s"], "-O value": [b"-O", b"SMTPUTF8=%s"], "-a": [b"-a%s"],
    "ignored": [b"-B%s", b"-O", b"%s=x", b"-h", b"%s", b"-L%s", b"-p", b"%s", b"-o%s", b"-e%s", b"-A%s", b"-D%s", b"-M", b"%s",
                b"-T%s", b"-E%s", b"-J%s"],
    "--user": [b"--user", b"%s"], "--domain": [b"--domain=a%s.example"],
    "--maildomain": [b"--maildomain=%s"], "--set-from-header": [b"--set-from-header=%s"],
    "--from-full-name": [b"--from-full-name=%s"], "--dsn-notify": [b"--dsn-notify=%s"],
    "--tls-trust-file": [b"--tls-trust-file=/nowhere/%s"], "--timeout": [b"--timeout=%s"],
    "name": [b"--%s"], "--host": [b"--host=%s", b"--socket=/nowhere/socket", b"-f", OWNER],
    "-C": [b"-C/nowhere/%s"],
}
SENDERS = {"-f": [b"-f%s@x.example"], "-r": [b"-r", b"%s@x.example"], "-f bare": [b"-f", b"%s"],
           "-f domain": [b"-f", b"me@%s.example"]}
RECIPIENTS = {"recipient": [b"%s@y.example"], "bare": [b"%s"], "domain": [b"you@%s.example"],
              "name": [b"%s <you@y.example>"]}

# Octets that mean something to one of our parsers.
TELLING = b"\x01\t\n\r\x1b !\"#%'(),-.:;<=>@[\\]{}\x7f\x80\x9b\xe2\xff"
SEPARATORS = b"\t \"(),:;<>@[\\"
AT_ENDS = TELLING if NIGHTLY else b"\n\r \"(,<-.\x80"
# The others as they are tried together, of one kind each: a control character is refused as a rule
# and would hide what is printable.
GROUPS = [bytes(octet for octet in octets if octet not in TELLING)
          for octets in (range(1, 32), range(32, 127), range(128, 256))]
OTHERS = [octets[at:at + 16] for octets in GROUPS for at in range(0, len(octets), 16)]


def texts(ends=True):
    """Texts with every octet, and the first octet of each: NUL ends an argument, so there is none."""
    yield from ((octet, b"a%cb" % octet) for octet in TELLING)
    if ends:
        yield from ((octet, b"%cab" % octet) for octet in AT_ENDS)
        yield from ((octet, b"ab%c" % octet) for octet in AT_ENDS)
    yield from ((octets[0], octets.join([b"", b"a", b"b", b""] if ends else [b"a", b"b"]))
                for octets in OTHERS)
    if NIGHTLY:
        yield from ((octet, b"a%cb" % octet) for octet in range(1, 256) if octet not in TELLING)


def calls_of(forms, *more, ends=True):
    """All calls for a kind of argument, and the octet of each."""
    calls = [([form.replace(b"%s", text) for form in forms] + list(more), b"Subject: t\n\nhi\n")
             for octet, text in texts(ends)]
    return calls, [octet for octet, text in texts(ends)]


@pytest.mark.parametrize("kind", sampled(PLAIN, 2))
def test_inj_01_octets_in_arguments(program, kind):
    calls, octets = calls_of(PLAIN[kind], YOU, ends=kind in ("-F", "-V", "-N", "-R"))
    done, sessions = run_all(program, calls)
    check_all(program, done, sessions)
    for octet, run, session in zip(octets, done, sessions):
        if session:
            assert session[:2] == (OWNER, [YOU]), run.args
        if octet < 32 and octet != 9 or octet == 127:
            assert run.returncode == 64, run.args


@pytest.mark.parametrize("kind", SENDERS)
def test_inj_01_octets_in_the_sender(program, kind):
    calls, octets = calls_of(SENDERS[kind], YOU)
    done, sessions = run_all(program, calls)
    check_all(program, done, sessions)
    assert any(sessions)
    for octet, run, session in zip(octets, done, sessions):
        assert session is None or session[1] == [YOU], run.args
        assert session is None or octet >= 32 and octet != 127 or octet == 9, run.args


@pytest.mark.parametrize("kind", RECIPIENTS)
def test_inj_01_octets_in_recipients(program, kind):
    calls, octets = calls_of(RECIPIENTS[kind])
    done, sessions = run_all(program, calls)
    check_all(program, done, sessions)
    assert any(sessions)
    for octet, run, session in zip(octets, done, sessions):
        if session:
            assert session[0] == OWNER
            assert len(session[1]) == 1 or octet in SEPARATORS and len(session[1]) == 2, run.args
            assert octet >= 32 and octet != 127 or octet == 9, run.args


@pytest.mark.parametrize("form", [b"-X%s", b"--logfile=%s", b"--logfile-time-format=%s"])
def test_inj_01_octets_in_what_names_a_log(program, form):
    """A file gets a line a message, or the name is refused."""
    folder = program.home / "logs"
    folder.mkdir()
    inside = b"" if b"format" in form else os.fsencode(folder) + b"/"
    calls, octets = calls_of([form.replace(b"%s", inside + b"%s")], YOU)
    done, sessions = run_all(program, calls)
    for octet, run, session in zip(octets, done, sessions):
        assert (run.returncode, bool(session)) in ((0, True), (64, False), (78, False)), run.args
        assert run.stdout == b"" and bool(run.stderr) == bool(run.returncode), run.args
        assert run.returncode == 64 or octet >= 32 and octet != 127 or octet == 9, run.args
    paths = list(folder.iterdir()) or [program.home / "log"]
    lines = b"".join(path.read_bytes() for path in paths).split(b"\n")[:-1]
    assert all(line.count(b"exitcode=EX_OK") == 1 for line in lines)
    assert len(lines) >= sum(map(bool, sessions)) - 3  # "/" names no file there


@pytest.mark.parametrize("form", [b"-q%s", b"-b%s"])
def test_inj_01_octets_in_what_sends_nothing(program, form):
    calls, octets = calls_of([form], YOU)
    done, sessions = run_all(program, calls)
    assert not any(sessions) and {run.returncode for run in done} <= {0, 64}
    assert all(octet != 10 or run.returncode == 64 for octet, run in zip(octets, done))


# --- the header ---

# field: (text of the field, whom the message goes to beside those that it may name)
FIELDS = {
    "From": (b"From: %s@x.example\n", OWNER), "From name": (b"From: %s <me@x.example>\n", OWNER),
    "To": (b"To: %s@y.example\n", None), "To name": (b"To: %s <you@y.example>\n", None),
    "Cc": (b"Cc: %s\n", None), "Bcc": (b"Bcc: you@%s.example\n", None),
    "Reply-To": (b"Reply-To: %s@x.example\n", OWNER), "Subject": (b"Subject: %s\n", OWNER),
    "quoted": (b'To: "%s" <you@y.example>\n', None), "comment": (b"To: (%s) you@y.example\n", None),
    "folded": (b"To: you@y.example,\n %s@y.example\n", None), "name of a field": (b"%s: x\n", OWNER),
}


@pytest.mark.parametrize("field", sampled(FIELDS, 2))
def test_inj_01_octets_in_the_header(program, field):
    """With -t; also those that the command line cannot have."""
    form, rcpt = FIELDS[field]
    rows = [(0, b"a\0b"), *texts(ends=field in ("From", "To", "To name", "Cc", "Bcc"))]
    octets = [octet for octet, text in rows]
    calls = [([b"-t", b"-i", YOU], form.replace(b"%s", text) + b"X-Last: z\n\nhi\n")
             for octet, text in rows]
    done, sessions = run_all(program, calls)
    check_all(program, done, sessions)
    assert any(sessions)
    for octet, run, session in zip(octets, done, sessions):
        if not session:
            continue
        sender, rcpts, content = session
        assert sender == OWNER and YOU in rcpts and len(set(rcpts)) == len(rcpts), run.args
        most = 1 if rcpt else 3 if octet in SEPARATORS + b"\n\r" else 2
        assert len(rcpts) <= most, (rcpts, octet)
        assert b"\r\nBcc:" not in content and b"Bcc" not in content.partition(b"\r\n\r\n")[0]


@pytest.mark.parametrize("form", [b"MAIL FROM:<%s@x.example>", b"MAIL FROM:<a@%s.example>",
                                  b"MAIL FROM:<a@x.example> ENVID=%s", b"MAIL FROM:%s",
                                  b"RCPT TO:<%s@y.example>", b"RCPT TO:<%s>", b"RCPT TO:<b@%s>",
                                  b"RCPT TO:<b@y.example> ORCPT=rfc822;%s", b"EHLO %s", b"%s"])
def test_inj_01_octets_by_bs(program, form):
    """Each octet in each command: one conversation, in which only what is well-formed goes on."""
    rows = [(0, b"a\0b"), *texts()]
    talk = [b"EHLO x"]
    for _, text in rows:
        lines = [b"MAIL FROM:<a@x.example>", b"RCPT TO:<you@y.example>"]
        place = {b"MAIL": 0, b"RCPT": 1}.get(form[:4])
        command = form.replace(b"%s", text)
        lines[place or 0:(place or 0) + (place is not None)] = [command]
        talk += [b"RSET", *lines, b"BDAT 15 LAST\r\nSubject: t", b""]
    with Host() as host:
        program.write_config(f"account default\nhost localhost\nport {host.port}\n"
                             f"from a@x.example\nlogfile {program.home}/log\n")
        done = program("-bs", message=b"\r\n".join([*talk, b"QUIT", b""]))
    assert (done.returncode, done.stderr) == (0, b"")
    log = (program.home / "log").read_bytes().split(b"\n")[:-1]
    assert log and all(line.count(b"exitcode=") == 1 for line in log)
    [(commands, _)] = host.sessions
    mails = [line for line in commands if line.startswith(b"MAIL")]
    for line in commands:
        assert any(one.fullmatch(line[:-2]) for one in [*FORMS, re.compile(b"RSET")]), line
    assert len(mails) == sum(line.startswith(b"DATA") for line in commands)
    assert len(mails) == sum(b"exitcode=EX_OK" in line for line in log)
    assert len(mails) == sum(line.startswith(b"RCPT") for line in commands)
    # each command has its reply, and no octet of an answer is odd
    assert done.stdout.count(b"\r\n") == done.stdout.count(b"\n")
    assert not re.search(rb"[^\x20-\x7e\r\n]", done.stdout)


@pytest.mark.parametrize("body", [b"\n.\nMAIL FROM:<e@x>\n", b"\n.\r\nQUIT\r\n", b"\n\r.\r\n",
                                  b"\n.\rRCPT TO:<e@x>\n", b"\n\n.", b"\n\0.\n"])
def test_nothing_of_the_body_is_a_command(program, body):
    done, sessions = run_all(program, [([YOU], b"Subject: t\n" + body)])
    check_all(program, done, sessions)
    assert sessions[0][:2] == (OWNER, [YOU])
