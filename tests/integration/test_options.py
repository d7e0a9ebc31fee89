# SPDX-License-Identifier: MIT
"""The command line as callers of sendmail use it: what is sent, what is said, never mail that is lost.

Calls come from callers that exist: cron, mail readers, libraries for web sites. Each one is made
under the name sendmail, and where the meaning differs under the program's own name too.
"""

import ctypes
import os
import resource
import subprocess

import pytest

from conftest import MESSAGE

ME, YOU, OWNER = "me@x.example", "you@y.example", "a@x.example"
LETTER = b"From: me@x.example\nTo: you@y.example\nSubject: t\n\none\n.\ntwo\n"


@pytest.fixture
def sendmail(program, clear_host):
    """Run under the name sendmail, found by a link, with a file that it finds by itself."""
    folder = program.home / "usr/sbin"
    folder.mkdir(parents=True)
    (folder / "sendmail").symlink_to(program.path)
    program.account(clear_host)
    program.config.rename(program.home / ".msmtprc")

    def run(*args, message=LETTER, **more):
        return program(*args, message=message, config=False, argv0=str(folder / "sendmail"), **more)
    return run


@pytest.fixture
def own(program, clear_host):
    """Run under the program's own name."""
    program.account(clear_host)
    return lambda *args, message=LETTER, **more: program(*args, message=message, **more)


# --- callers ---

# name: (arguments, recipients, envelope sender)
CALLERS = {
    "debian-cron": (["-FCronDaemon", "-i", "-B8BITMIME", "-oem", YOU], [YOU], OWNER),
    "debian-cron-root": (["-FCronDaemon", "-i", "-B8BITMIME", "-oem", "root"], [OWNER], OWNER),
    "vixie-cron": (["-FCronDaemon", "-odi", "-oem", "-or0s", "root"], [OWNER], OWNER),
    "cronie": (["-FCronDaemon", "-i", "-odi", "-oem", "-oi", "-t", "-f", "joe"], [YOU], OWNER),
    "anacron": (["-FAnacron", "-odi", "root"], [OWNER], OWNER),
    "at": (["-i", "root"], [OWNER], OWNER),
    "systemd-cron": (["-i", "-B", "8BITMIME", YOU], [YOU], OWNER),
    "busybox-crond": (["-ti"], [YOU], OWNER),
    "mutt": (["-oem", "-oi", "-B8BITMIME", "-f", ME, "-N", "failure", "-R", "hdrs", "--", YOU],
             [YOU], ME),
    "bsd-mailx": (["-i", "-t", "-f", ME, "-m"], [YOU], ME),
    "s-nail": (["-i", "-m", "-F", "Me", "-f", ME, "--", YOU], [YOU], ME),
    "mblaze": (["--", YOU, "c@y.example"], [YOU, "c@y.example"], OWNER),
    "git": (["-f", ME, "-i", YOU], [YOU], ME),
    "php": (["-t", "-i", f"-f{ME}"], [YOU], ME),
    "phpmailer": ([f"-f{ME}", "-i", "-t"], [YOU], ME),
    "symfony": ([f"-f{ME}", "-i", "--", YOU], [YOU], ME),
    "nodemailer": (["-i", "-f", ME, YOU], [YOU], ME),
    "ruby": (["-i", "-f", ME, "--", YOU], [YOU], ME),
    "emacs-message": (["-oi", "-f", ME, "-oem", "-odb", "-t"], [YOU], ME),
    "emacs-sendmail": (["-oi", "-f", ME, "-oep", "-odi", "-t"], [YOU], ME),
    "mime-lite": (["-t", "-oi", "-oem", f"-f{ME}"], [YOU], ME),
    "rt": (["-oi", "-ODeliveryMode=b", "-OErrorMode=m", "-t"], [YOU], OWNER),
    "rt-bounce": (["-oi", "-f", "<>", "-t"], [YOU], ""),
    "sympa": (["-oi", "-odi", "-oem", "-f", ME, "-N", "success,delay,failure", "-V", "id1",
               "--", YOU], [YOU], ME),
    "sudo": (["-t"], [YOU], OWNER),
    "backuppc": (["-t", OWNER], [YOU, OWNER], OWNER),
    "unattended-upgrades": (["-oi", "-t"], [YOU], OWNER),
    "reportbug": (["-f", ME, "-oi", "-oem", YOU], [YOU], ME),
    "fail2ban": (["-f", ME, YOU], [YOU], ME),
    "rkhunter": ([YOU], [YOU], OWNER),
}


def got_one(host):
    """The only message there is."""
    host.wait_idle()
    assert len(host.messages) == 1
    return host.messages[0]


@pytest.mark.parametrize("name", CALLERS)
@pytest.mark.parametrize("by", ["sendmail", "own"])
def test_callers(request, clear_host, by, name):
    args, recipients, sender = CALLERS[name]
    done = request.getfixturevalue(by)(*args)
    assert (done.returncode, done.out, done.err) == (0, "", "")
    got = got_one(clear_host)
    assert (sorted(got.rcpt_tos), got.mail_from) == (sorted(recipients), sender)
    assert got.content.endswith(b"\r\n\r\none\r\n.\r\ntwo\r\n")


@pytest.mark.parametrize("args", [["-FCronDaemon", "-i", YOU], ["-t"]])
def test_messages_without_from_and_date(sendmail, clear_host, args):
    assert sendmail(*args, message=b"To: you@y.example\nSubject: t\n\nhi\n").returncode == 0
    content = got_one(clear_host).content
    assert b"\r\nDate: " in b"\r\n" + content and b"From: " in content


# --- options ---

# Accepted whatever they say: each stands before a recipient.
SENT = [
    "-bm", "-n", "-m", "-om", "-U", "-G", "-h 3", "-p ESMTP:x", "-pESMTP", "-L tag", "-Am", "-Ac",
    "-x", "-E", "-Ejis", "-J", "-Jeuc", "-oee", "-oew", "-oeq", "-oem", "-oep", "-em", "-e q", "-eq",
    "-odq", "-odf", "-odi", "-odb", "-odd", "-o7", "-o8", "-oA/etc/aliases", "-or0s", "-oQ/tmp",
    "-oi", "-oitrue", "-oifalse", "-O SMTPUTF8=yes", "-O DeliveryMode=q", "-ODeliveryMode=d",
    "-O ErrorMode=q", "-OIgnoreDots=True", "-OQueueDirectory=/tmp", "-O x", "-r me@x.example",
    "-rme@x.example", "-V envid12345", "-N never", "-R hdrs", "-R full", "-B 7BIT", "-B other",
    "-D /tmp/dlog", "-T 1h", "-M x", "-o x", "-ti", "-it", "-F Me", "-i -oi -oem -B8BITMIME",
]
SENT_BY_SENDMAIL = ["-s", "-c", "-X /nowhere/xlog", "-d", "-d9", "-dx-99.100", "-sc", "-cti"]


@pytest.mark.parametrize("options", SENT + SENT_BY_SENDMAIL)
def test_options_with_which_mail_is_sent(sendmail, clear_host, options):
    done = sendmail(*options.split(" "), YOU)
    assert (done.returncode, done.out, done.err) == (0, "", "")
    assert got_one(clear_host).rcpt_tos == [YOU]


@pytest.mark.parametrize("options", SENT)
def test_options_with_which_mail_is_sent_elsewhere(own, clear_host, options):
    done = own(*options.split(" "), YOU)
    assert (done.returncode, done.out, done.err) == (0, "", "")
    assert got_one(clear_host).rcpt_tos == [YOU]


def test_verbose_under_the_name_sendmail(sendmail, clear_host):
    done = sendmail("-v", YOU)
    assert (done.returncode, done.out) == (0, "") and "-> MAIL FROM:" in done.err
    assert got_one(clear_host)


# (arguments, status, what standard output begins with): standard input is not even read.
NOT_SENT = [
    (["-bp"], 0, "Mail queue is empty\n"), (["-bp", "-t"], 0, "Mail queue is empty\n"),
    (["-bi"], 0, ""), (["-I"], 0, ""), (["-bi", YOU], 64, ""), (["-I", "-t"], 0, ""),
    (["-q"], 0, ""), (["-qf"], 0, ""), (["-qIabc"], 0, ""), (["-qRexample.org"], 0, ""),
    (["-qSjoe"], 0, ""), (["-q!Iabc"], 0, ""), (["-q!Rx"], 0, ""), (["-q!Sx"], 0, ""),
    (["-q", "-t"], 0, ""), (["-q", YOU], 64, ""), (["-tq"], 0, ""), (["-v", "-bi"], 0, ""),
    (["-bC"], 0, ""), (["-bC", "-t"], 0, ""), (["-d0.1"], 0, "postrider "),
    (["-q30m"], 64, ""), (["-q1h", YOU], 64, ""), (["-qp"], 64, ""), (["-qp30m", "-t"], 64, ""),
    (["-q30m", "-bd"], 64, ""), (["-qx"], 64, ""), (["-q!"], 64, ""),
    (["-bd"], 64, ""), (["-bD"], 64, ""), (["-bl"], 64, ""), (["-bt"], 64, ""), (["-bh"], 64, ""),
    (["-bH"], 64, ""), (["-bP"], 64, ""), (["-ba"], 64, ""), (["-be", YOU], 64, ""),
    (["-b", ""], 64, ""), (["-bmm"], 64, ""), (["-bd", "-q15m"], 64, ""),
    (["-Z", YOU], 64, ""), (["--bogus", YOU], 64, ""), (["-Rall", YOU], 64, ""),
    (["-R", "example.org", YOU], 64, ""), (["-Nbad", YOU], 64, ""), (["-Nnever,delay", YOU], 64, ""),
    (["-i"], 64, ""), ([""], 64, ""), (["", ""], 64, ""), (["-f", ME], 64, ""),
]


@pytest.mark.parametrize("args, status, out", NOT_SENT, ids=lambda value: str(value)[:40])
@pytest.mark.parametrize("by", ["sendmail", "own"])
def test_options_with_which_nothing_is_sent(request, clear_host, by, args, status, out):
    read, write = os.pipe()  # with its writing end open: whoever reads waits for ever
    with os.fdopen(read, "rb") as end, os.fdopen(write, "wb"):
        done = request.getfixturevalue(by)(*args, stdin=end, timeout=20)
    assert done.returncode == status and not clear_host.messages
    assert done.out.startswith(out) and bool(done.out) == bool(out)
    assert bool(done.err) == bool(status)


SAID = {
    "-q30m": (["-q30m"], "this version keeps no queue that could be run at intervals: -q30m"),
    "-qp": (["-qp"], "this version keeps no queue that could be run at intervals: -qp"),
    "-qx": (["-qx"], "no such choice of messages in a queue: -qx"),
    "-bd": (["-bd"], "this is no daemon, and does not listen for connections: -bd"),
    "-bt": (["-bt"], "there is no address test mode: -bt"),
    "-be": (["-be"], "there is no such mode: -be"),
    "-Z": (["-Z"], "unknown option: -Z"),
    "-iZ": (["-iZ"], "unknown option: -Z"),
    "-N": (["-Nbad"], 'option -N: dsn_notify: "bad": '),
    "-R": (["-Rall"], 'option -R: dsn_return: "all": '),
    "-f": (["-f"], "option -f needs an argument"),
    "minus": (["--", "-x@y.example"], 'recipient: address "-x@y.example": it begins with \'-\''),
    "minus-f": (["-f", "-x@y.example", YOU], 'sender: address "-x@y.example": it begins with'),
}


@pytest.mark.parametrize("name", SAID)
@pytest.mark.parametrize("by", ["sendmail", "own"])
def test_what_is_wrong_is_named(request, clear_host, by, name):
    args, wanted = SAID[name]
    done = request.getfixturevalue(by)(*args)
    assert done.returncode == (65 if "minus" in name else 64) and not clear_host.messages
    by_name = "sendmail" if by == "sendmail" else "postrider"
    assert done.err.startswith(f"{by_name}: {wanted}")


@pytest.mark.parametrize("args", [["-q"], ["--flush"], ["--flush=f"], ["--mailq"], ["-bp"]])
def test_the_queue_is_empty(own, clear_host, args):
    done = own(*args)
    assert (done.returncode, done.err, clear_host.messages) == (0, "", [])
    assert done.out == ("Mail queue is empty\n" if args in (["--mailq"], ["-bp"]) else "")
    assert "queue is empty" in own("-v", *args).err + done.out


@pytest.mark.parametrize("args, status, out", [
    (["-bp"], 0, "[]\n"), (["--mailq"], 0, "[]\n"), (["-bi"], 64, ""), (["-bC"], 64, ""),
    (["-q"], 64, ""), (["-bv", YOU], 64, ""), (["-bs"], 64, "")])
def test_json_of_modes(own, clear_host, args, status, out):
    """A list of the queue, and an error where there is no JSON to print."""
    done = own(*args, "--json")
    assert (done.returncode, done.out, clear_host.messages) == (status, out, [])
    assert ("--json" in done.err) == (status == 64)


@pytest.mark.parametrize("args", [["-c", YOU], ["--flush=30m"]])
def test_unknown_under_its_own_name(own, clear_host, args):
    assert own(*args).returncode == 64 and not clear_host.messages


@pytest.mark.parametrize("option", ["-oeq", "-eq", "-OErrorMode=quiet"])
@pytest.mark.parametrize("args, status", [(["no@y.example"], 67), ([], 64), (["-Z"], 64),
                                          (["-a", "x", YOU], 78)])
def test_quiet_leaves_the_status_to_tell(sendmail, clear_host, option, args, status):
    clear_host.replies["no@y.example"] = "550 5.1.1 no"
    done = sendmail(option, *args)
    assert (done.returncode, done.err) == (status, "")
    done = sendmail(option, "-oem", *args)
    assert done.returncode == status and done.err


def test_verbose_is_louder_than_quiet(sendmail, clear_host):
    clear_host.replies["no@y.example"] = "550 5.1.1 no"
    assert "recipient <no@y.example>" in sendmail("-oeq", "-v", "no@y.example").err


# --- names ---

@pytest.mark.parametrize("argv0", ["sendmail", "/usr/lib/sendmail", "/usr/sbin/sendmail", "./sendmail"])
def test_found_as_sendmail(program, clear_host, argv0):
    program.account(clear_host)
    program.config.rename(program.home / ".msmtprc")
    done = program("-s", YOU, config=False, argv0=argv0)
    assert (done.returncode, done.err) == (0, "") and got_one(clear_host)
    assert program("-Z", config=False, argv0=argv0).err.startswith("sendmail: ")


@pytest.mark.parametrize("argv0", ["postrider", "msmtp", "/usr/bin/msmtp", "sendmail.postrider", "x",
                                   "sendmail/", "/"])
def test_other_names_are_its_own(program, clear_host, argv0):
    program.account(clear_host)
    assert program("--timeout=9", YOU, argv0=argv0).returncode == 0
    assert program("-s", YOU, argv0=argv0).returncode == 64


@pytest.mark.parametrize("name", ["mailq", "newaliases"])
def test_mailq_and_newaliases_know_what_sendmail_knows(program, clear_host, name):
    program.account(clear_host)
    program.config.rename(program.home / ".msmtprc")
    run = dict(config=False, argv0=f"/usr/bin/{name}", message=MESSAGE)
    assert program("-v", "-Ac", "-oA/etc/aliases", **run).returncode == 0
    assert program("-C", "/etc/passwd", **run).returncode == 64
    assert not clear_host.messages
    assert program("-bm", YOU, **run).returncode == 0 and got_one(clear_host)


# --- the configuration is checked (-bC) ---

def test_check_names_every_mistake(program, clear_host):
    program.account(clear_host, "hots a", "", "account other", "host h", "prot 5")
    done = program("-bC")
    assert done.returncode == 78 and done.out == ""
    assert "hots" in done.err and "prot" in done.err
    program.account(clear_host, "", "account other", "host h", "prot 5")
    assert program("-bC").returncode == 78 and program(YOU).returncode == 0


@pytest.mark.parametrize("text, said", [("", "no account"), ("account default\nfrom a@x\n", "host"),
                                        ("account a\nhost h\naccount b\nhost h\n", "no account matches")])
def test_check_finds_what_sending_would(program, text, said):
    program.write_config(text)
    done = program("-bC")
    assert done.returncode == 78 and said in done.err
    assert program("-bC", "--host=localhost", config=False).returncode == 0


def test_check_connects_to_nobody(program):
    program.write_config("account default\nhost 127.0.0.1\nport 1\nfrom a@x.example\n"
                         "passwordeval touch ran\nuser joe\ntls on\n")
    assert program("-bC", cwd=program.home).returncode == 0
    assert not (program.home / "ran").exists()


# --- nothing is written where all is well ---

SILENT = {
    "plain": ([], {}),
    "unknown body type": (["-BBINARYMIME"], {}),
    "nul": ([], {"message": b"Subject: a\0b\n\nc\0d\n"}),
    "long lines": ([], {"message": b"\n" + b"x" * 5000 + b"\n"}),
    "8 bit": ([], {"message": "Subject: ü\n\nü\n".encode()}),
    "no log": (["--logfile=/nowhere/log"], {}),
    "no log, JSON": (["--logfile=/nowhere/log", "--log-format=json"], {}),
    "syslog": (["--syslog=on"], {}),
    "no cache": ([], {"env": {"XDG_CACHE_HOME": "/nowhere"}}),
    "no home": ([], {"env": {"HOME": None}}),
    "helper that talks": (["--auth=plain", "--auth-insecure", "--user=joe",
                           "--passwordeval=echo chatter >&2; echo secret"], {}),
    "empty message": ([], {"message": b""}),
    "refused after all": (["-N", "never", "-V", "x"], {}),
}


@pytest.mark.parametrize("name", SILENT)
def test_success_is_silent(own, clear_host, name):
    args, more = SILENT[name]
    clear_host.auth_in_clear = "auth" in "".join(args)
    done = own(*args, YOU, **more)
    assert (done.returncode, done.out, done.err) == (0, "", "")
    assert got_one(clear_host)


def test_helpers_talk_to_those_who_ask_and_when_they_fail(program, clear_host):
    clear_host.auth_in_clear = True
    program.account(clear_host, "auth plain", "auth_insecure on", "user joe",
                    "passwordeval printf 'one\\ntw\\033o\\n' >&2; echo secret")
    assert "postrider: helper: one\npostrider: helper: tw\\x1Bo\n" in program("-v", YOU).err
    said = program("--passwordeval=echo why >&2; exit 3", YOU)
    assert said.returncode == 78 and said.err.startswith("why\npostrider: ")
    said = program("--passwordeval=yes no | head -c 9999999 >&2; exit 3", YOU)
    assert said.returncode == 78 and 1000 < len(said.err) < 20000
    assert len(clear_host.messages) == 1


def test_a_log_on_a_full_standard_output_is_silent_too(program, clear_host):
    program.account(clear_host, "logfile -")
    with open("/dev/full", "wb") as full:
        done = subprocess.run([program.path, "-C", program.config, YOU], input=b"\nhi\n", stdout=full,
                              stderr=subprocess.PIPE, env=program.environment(), timeout=60,
                              check=False)
    assert (done.returncode, done.stderr) == (0, b"") and got_one(clear_host)


# --- ARG ---

PAYLOADS = [
    ['-f"a" -X{}/x.php'], ["-X{}/x.php"], ["-X", "{}/x.php"], ["-OQueueDirectory=/tmp", "-X{}/x.php"],
    ["-OQueueDirectory={}"], ["-C{}/evil"], ["-C", "{}/evil"], ["-be", "${{run{{touch {}/x}}}}"],
    ["-fa@b -be", "-D{}/x.php"], ["-f", "a@b -X{}/x.php"], ["-oQ{}", "-X{}/x.php", "-fme@x.example"],
    ["-D{}/x.php"], ["--passwordeval=touch {}/x"], ["--logfile={}/x"], ["-f", "x@y -oQ{} -X{}/x"],
    ["-Mset", "{}/x"], ["-f\"a\\\" -X{}/x \"@b.c"], ["-L", "{}/x"], ["-A{}/x"], ["-r-X{}/x"],
]


@pytest.mark.parametrize("payload", PAYLOADS, ids=lambda value: " ".join(value)[:40])
@pytest.mark.parametrize("after", [False, True])
def test_arg_01_02_what_strangers_type_makes_no_file(sendmail, clear_host, tmp_path, payload, after):
    """It is sent, or refused: no file is made, no command is run."""
    room = tmp_path / "room"
    room.mkdir()
    (room / "evil").write_text(f"account default\nhost localhost\nport {clear_host.port}\n"
                               f"passwordeval touch {room}/x\nauth plain\nuser joe\n")
    (room / "evil").chmod(0o600)
    bad = [part.format(room, room) for part in payload]
    done = sendmail(*(["-ti", YOU, *bad] if after else ["-ti", *bad, YOU]))
    clear_host.wait_idle()
    assert [path.name for path in room.iterdir()] == ["evil"]
    assert done.returncode in ((0, 65) if after else (0, 64, 65))
    assert len(clear_host.messages) == (done.returncode == 0)
    if after and bad[0][0] == "-":
        assert done.returncode == 65


def spawn(path, argv):
    """The exit status of a program that is given exactly these arguments, none at all too."""
    libc = ctypes.CDLL(None)
    vector = (ctypes.c_char_p * (len(argv) + 1))(*argv, None)
    nothing = (ctypes.c_char_p * 1)(None)
    pid = os.fork()
    if pid == 0:
        null = os.open("/dev/null", os.O_RDWR)
        for fd in range(3):
            os.dup2(null, fd)
        libc.execve(os.fsencode(path), vector, nothing)
        os._exit(99)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


@pytest.mark.parametrize("argv", [[], [b""], [b"", b""], [b"postrider", b""], [b"sendmail", b"", b""],
                                  [b"/"], [b"sendmail", b"-t", b"-f", b""]])
def test_arg_03_no_arguments_and_empty_ones(program, argv):
    assert spawn(program.path, argv) == (78 if b"-t" in argv else 64)


def widen():
    """The limit under which the kernel passes two megabytes of arguments."""
    resource.setrlimit(resource.RLIMIT_STACK, (WIDE, resource.getrlimit(resource.RLIMIT_STACK)[1]))


WIDE = 64 << 20
NARROW = pytest.mark.skipif(0 <= resource.getrlimit(resource.RLIMIT_STACK)[1] < WIDE,
                            reason="the limit of the stack is too small for so many arguments")


@NARROW
def test_arg_04_a_hundred_thousand_recipients(own):
    names = ["u%05d@y.example" % n for n in range(100000)]
    done = own("--dry-run", *names, preexec_fn=widen)
    assert (done.returncode, done.err) == (0, "")
    assert done.out.count("# RCPT TO:") == len(names)


@NARROW
def test_arg_04_two_megabytes_of_recipients(sendmail, clear_host):
    names = ["%s%05d@y.example" % ("u" * 180, n) for n in range(10000)]
    done = sendmail("-i", *names, preexec_fn=widen)
    assert (done.returncode, done.err) == (0, "")
    assert got_one(clear_host).rcpt_tos == names


@pytest.mark.parametrize("name", ["XDG_CONFIG_HOME", "HOME"])
def test_arg_06_files_named_by_the_environment_must_be_ones_own(program, name):
    """Whoever may change a file that has commands could run them as us."""
    path = program.home / ("postrider/config" if name == "XDG_CONFIG_HOME" else ".msmtprc")
    program.write_config("account default\nhost h\nfrom a@x\npasswordeval touch ran\n", 0o666, path)
    done = program("-P", config=False, env={name: str(program.home)})
    assert done.returncode == 78 and "chmod" in done.err
