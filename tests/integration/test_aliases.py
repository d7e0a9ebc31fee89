# SPDX-License-Identifier: MIT
"""Aliases: who gets the mail for a name, what the header says of it, -bi and -bv."""

import os
import subprocess

import pytest

from privileged import skip_where_forbidden

MAIL = b"From: a@x.example\nSubject: t\n\nhello\n"
CRON = (b"From: root (Cron Daemon)\nTo: root\nSubject: Cron <root@web01> true\n"
        b"X-Cron-Env: <SHELL=/bin/sh>\n\noutput\n")
FOLDER = object()
ETC = ("passwd", "group", "hosts", "host.conf", "nsswitch.conf")


class Mailer:
    """The program with an account and a file of aliases; what it sends to a smarthost."""

    def __init__(self, program, host):
        self.program = program
        self.host = host
        self.file = program.home / "aliases"
        self.write("")
        self.account()

    def write(self, text, name="aliases", mode=0o644):
        """Write the file of aliases, or another beside it; its path."""
        path = self.program.home / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        path.chmod(mode)
        return path

    def account(self, *more):
        """Write the account; its file of aliases is the one here."""
        return self.program.account(self.host, f"aliases {self.file}", *more)

    def sent(self, *args, message=MAIL, **more):
        """The message that arrives."""
        done = self.program(*args, message=message, **more)
        assert (done.returncode, done.err) == (0, "")
        return self.host.wait_message(len(self.host.messages) or 1)

    def rcpts(self, *args, **more):
        """The recipients of the message that arrives."""
        return self.sent(*args, **more).rcpt_tos

    def refused(self, *args, status=78, message=MAIL, **more):
        """What is said when nothing is sent."""
        done = self.program(*args, message=message, **more)
        assert (done.returncode, done.out) == (status, "")
        assert not self.host.messages
        return done.err


@pytest.fixture
def mailer(program, clear_host):
    """An account with aliases and a smarthost for it."""
    return Mailer(program, clear_host)


def lines(text):
    """The lines that are no hints."""
    return [line for line in text.splitlines() if not line.startswith("  hint:")]


# --- recipients ---

def test_an_alias(mailer):
    mailer.write("root: joe, ann@y.example\njoe: j@y.example\n")
    assert mailer.rcpts("root") == ["j@y.example", "ann@y.example"]


def test_the_recipient_behind_an_alias_is_looked_up_too(mailer):
    mailer.write("root: a@y.example\njoe: j@y.example\nann: n@y.example\n")
    assert mailer.rcpts("root", "joe", "ann") == ["a@y.example", "j@y.example", "n@y.example"]
    assert mailer.rcpts("root, Joe <joe>", "ann") == ["a@y.example", "j@y.example", "n@y.example"]


def test_many_targets_on_one_line(mailer):
    everyone = [f"u{i}@y.example" for i in range(40)]
    mailer.write("all: " + ", ".join(everyone) + "\n")
    assert mailer.rcpts("all") == everyone


def test_what_stays_bare_is_completed(mailer):
    mailer.write("root: joe, root\nann: \\root\n")
    assert mailer.rcpts("root", "ann") == ["a@x.example"]
    mailer.account("maildomain m.example")
    assert mailer.rcpts("root", "bob", "ann") == ["joe@m.example", "root@m.example",
                                                  "bob@m.example"]


def test_a_target_at_this_host_is_completed(mailer):
    """It cannot be mailed to as it is; a recipient that was asked for stays what was asked for."""
    mailer.write("root: root@localhost\ndefault: joe@localhost\nann: bob@LOCALHOST\n")
    assert mailer.rcpts("root", "me", "ann", "me@localhost") == ["a@x.example", "me@localhost"]
    mailer.account("maildomain m.example")
    assert mailer.rcpts("root", "me", "ann", "me@localhost") == [
        "root@m.example", "joe@m.example", "bob@m.example", "me@localhost"]


def test_nothing_completes_it(mailer):
    mailer.program.write_config(f"account default\nhost localhost\nport {mailer.host.port}\n"
                                f"tls off\naliases {mailer.file}\n")
    mailer.write("root: r@y.example\nann: joe\n")
    assert mailer.rcpts("-f", "s@x.example", "root") == ["r@y.example"]
    mailer.host.messages.clear()
    assert "recipient joe has no domain" in mailer.refused("-f", "s@x.example", "ann", status=67)


def test_recipients_of_the_header(mailer):
    mailer.write("root: r@y.example\njoe: j@y.example, R@Y.example, r@y.EXAMPLE\n")
    got = mailer.sent("-t", message=b"To: root, root\nCc: joe\nBcc: ann, root\n\n")
    assert got.rcpt_tos == ["r@y.example", "j@y.example", "R@Y.example", "a@x.example"]
    assert b"\r\nTo: a@x.example\r\nCc: a@x.example\r\n" in got.content


def test_a_full_address_needs_no_file(mailer):
    mailer.file.unlink()
    assert mailer.rcpts("b@y.example") == ["b@y.example"]
    mailer.host.messages.clear()
    err = mailer.refused("root")
    assert f"aliases: {mailer.file}: No such file" in err and "hint: " in err


def test_default_is_for_names_without_an_alias(mailer):
    mailer.write("default: d@y.example\nroot: r@y.example\n")
    assert mailer.rcpts("root", "joe", "x@z.example") == ["r@y.example", "d@y.example",
                                                          "x@z.example"]


@pytest.mark.skipif(os.getuid() != 0, reason="needs the right to name the host")
def test_names_at_this_host(mailer):
    """localhost, and the host's own name, short and full; another domain is another's."""
    mailer.write("root: r@y.example\n")
    script = "echo web01.example.org >/proc/sys/kernel/hostname && exec \"$@\""
    done = subprocess.run(
        ["unshare", "-m", "-u", "sh", "-c", script, "sh", mailer.program.path, "-C",
         mailer.program.config, "-bv", "root@localhost", "root@web01", "root@WEB01.example.org",
         "root@web02", "root@example.org", "joe@web01"],
        env=mailer.program.environment(), capture_output=True, check=False)
    if b"unshare" in done.stderr:
        pytest.skip("a name of our own is not allowed here")
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode().splitlines()[2:] == [
        "recipient root@localhost -> r@y.example", "recipient root@web01 -> r@y.example",
        "recipient root@WEB01.example.org -> r@y.example", "recipient root@web02",
        "recipient root@example.org", "recipient joe@web01"]


def test_eightbit(mailer):
    mailer.write("jörg: jörg@bücher.example\nann: Jörg Müller <j@y.example>\n")
    got = mailer.sent("ann")
    assert got.rcpt_tos == ["j@y.example"] and "SMTPUTF8" not in got.mail_options
    got = mailer.sent("jörg")
    assert got.rcpt_tos == ["jörg@xn--bcher-kva.example"] and "SMTPUTF8" in got.mail_options


def test_crlf_and_a_byte_order_mark(mailer):
    mailer.write(b"\xef\xbb\xbfroot: r@y.example,\r\n j@y.example\r\njoe: n@y.example\r\n")
    assert mailer.rcpts("root", "joe") == ["r@y.example", "j@y.example", "n@y.example"]


# --- includes ---

def test_include(mailer):
    path = mailer.write("# the team\njoe, n@y.example\n  b@y.example # Bob\n", "team")
    mailer.write(f"root: :include:{path}, r@y.example\njoe: j@y.example\nme: \":include:{path}\"\n")
    assert mailer.rcpts("root", "me") == ["j@y.example", "n@y.example", "b@y.example",
                                          "r@y.example"]


def test_include_that_cannot_be_read(mailer):
    mailer.write("x: y\nroot: :include:/no/such/file\n")
    err = mailer.refused("root")
    assert f"{mailer.file}:2: /no/such/file: No such file" in err


def test_include_that_others_can_write(mailer):
    path = mailer.write("r@y.example\n", "team", mode=0o646)
    mailer.write(f"root: :include:{path}\n")
    err = mailer.refused("root")
    assert f"{path}: others can change it" in err and f"chmod go-w {path}" in err


# --- what is refused ---

@pytest.mark.parametrize("target", ["|/bin/cmd", '"|/bin/cmd arg, more"', "/dev/null",
                                    '"/var/mail/a b"', "<|cmd>"])
def test_inj_12_commands_and_files(mailer, target):
    """INJ-12: addresses are never programs or files; who does not reach them is not concerned."""
    mailer.write(f"joe: j@y.example\nroot: r@y.example, {target}\n")
    assert f"root: {mailer.file}:2: mail is not handed to" in mailer.refused("root")
    assert mailer.rcpts("joe") == ["j@y.example"]


def test_inj_13_loops(mailer):
    """INJ-13: a loop is named whole."""
    mailer.write("root: joe, r@y.example\njoe: ann\nann: root\n")
    assert f"{mailer.file}:3: a loop: root -> joe -> ann -> root" in mailer.refused("root")


def test_inj_13_depth(mailer):
    """INJ-13: ten aliases below each other, no more."""
    mailer.write("".join(f"a{i}: a{i + 1}\n" for i in range(10)) + "a10: r@y.example\n")
    assert mailer.rcpts("a1") == ["r@y.example"]
    mailer.host.messages.clear()
    assert f"{mailer.file}:10: more than 10 aliases" in mailer.refused("a0")


def test_inj_13_growth(mailer):
    """INJ-13: lists of lists end, and so do lists; each address gets one copy."""
    mailer.write("".join(f"a{i}: " + ", ".join([f"a{i + 1}"] * 10) + "\n" for i in range(9))
                 + "a9: r@y.example\nall: "
                 + ",\n ".join(f"u{i}@y.example" for i in range(10001)) + "\n")
    assert mailer.rcpts("a0") == ["r@y.example"]
    mailer.host.messages.clear()
    assert "expands to more than 10000 addresses" in mailer.refused("all")


def test_nobody(mailer):
    """No mail is thrown away."""
    path = mailer.write("# all have left\n", "team")
    mailer.write(f"none:\nteam: :include:{path}\n")
    assert f"{mailer.file}:1: no address is given" in mailer.refused("none")
    assert f"{path}:1: no address is given" in mailer.refused("team")


def test_bad_address(mailer):
    mailer.write("root: a b@y.example\n")
    assert f"{mailer.file}:1: address \"a b@y.example\"" in mailer.refused("root")


@pytest.mark.parametrize("mode", [0o666, 0o664, 0o602])
def test_a_file_that_others_can_write(mailer, mode):
    mailer.write("root: r@y.example\n", mode=mode)
    err = mailer.refused("root")
    assert f"aliases: {mailer.file}: others can change it" in err and "hint: run: chmod" in err
    assert mailer.rcpts("b@y.example") == ["b@y.example"]


@pytest.mark.skipif(os.getuid() != 0, reason="needs the right to give files away")
def test_a_file_of_somebody_else(mailer):
    os.chown(mailer.write("root: r@y.example\n"), 12345, 12345)
    assert "belongs to another user" in mailer.refused("root")


def test_other_lines_stop_nothing(mailer):
    mailer.write("no colon\nroot: r@y.example\n")
    done = mailer.program("-v", "root")
    assert done.returncode == 0 and f"warning: {mailer.file}:1: there is no \":\"" in done.err
    assert mailer.host.wait_message().rcpt_tos == ["r@y.example"]


# --- the default file ---

@pytest.fixture
def sendmail(mailer):
    """A function: runs the program as sendmail in an /etc with a file of aliases of the test's."""
    if os.getuid() != 0:
        pytest.skip("needs the right to mount")
    etc = mailer.program.home / "etc"
    etc.mkdir()
    config = mailer.program.home / ".config/postrider/config"

    def run(*args, name="sendmail", aliases=None, mode=0o644, message=MAIL, more=()):
        path = mailer.program.account(mailer.host, *more)
        mailer.program.write_config(path.read_text(), path=config)
        (etc / "aliases").unlink(missing_ok=True)
        if aliases is FOLDER:
            (etc / "aliases").mkdir()
        elif aliases is not None:
            mailer.write(aliases, "etc/aliases", mode)
        script = ('for f in ' + " ".join(ETC) + '; do cp /etc/$f "$HOME/etc/" 2>/dev/null; done; '
                  'mount --bind "$HOME/etc" /etc || exit 99; name=$0; path=$1; shift; '
                  'exec -a "$name" "$path" "$@"')
        done = subprocess.run(
            ["unshare", "-m", "bash", "-c", script, name, mailer.program.path, *args],
            input=message, env=mailer.program.environment(), capture_output=True, check=False)
        skip_where_forbidden(done)
        done.out, done.err = done.stdout.decode(), done.stderr.decode()
        return done

    return run


def test_default_file(mailer, sendmail):
    done = sendmail("root", aliases="root: r@y.example\n")
    assert (done.returncode, done.out, done.err) == (0, "", "")
    assert mailer.host.wait_message().rcpt_tos == ["r@y.example"]


@pytest.mark.parametrize("how", [{"name": "postrider"}, {"aliases": None}, {"more": ["aliases"]},
                                 {"name": "msmtp"}])
def test_no_default_file(mailer, sendmail, how):
    """Under other names, without the file, and where the account says so."""
    done = sendmail("root", **{"aliases": "root: r@y.example\n", **how})
    assert (done.returncode, done.err) == (0, "")
    assert mailer.host.wait_message().rcpt_tos == ["a@x.example"]


def test_default_file_that_is_no_file(mailer, sendmail):
    """Nobody asked for it: a warning, and on as without."""
    done = sendmail("-v", "root", aliases=FOLDER)
    assert done.returncode == 0 and "warning: /etc/aliases: read: Is a directory" in done.err
    assert mailer.host.wait_message().rcpt_tos == ["a@x.example"]


def test_default_file_that_others_can_write(mailer, sendmail):
    """It is there, and not to be trusted: the mail must not go where it says, nor elsewhere."""
    done = sendmail("root", aliases="root: r@y.example\n", mode=0o666)
    assert done.returncode == 78 and "/etc/aliases: others can change it" in done.err
    assert not mailer.host.messages


# --- the header ---

def test_cron(mailer):
    """The author is the sender with its name; whom To names gets a domain, not what aliases say."""
    mailer.write("root: r@y.example, s@y.example\n")
    got = mailer.sent("-FCronDaemon", "-i", "-f", "root", "root", message=CRON)
    assert (got.mail_from, got.rcpt_tos) == ("a@x.example", ["r@y.example", "s@y.example"])
    assert b'\r\nFrom: "root (Cron Daemon)" <a@x.example>\r\nTo: a@x.example\r\n' in got.content
    mailer.account("maildomain m.example")
    got = mailer.sent("-f", "root", "root", message=CRON)
    assert (got.mail_from, got.rcpt_tos) == ("root@m.example", ["r@y.example", "s@y.example"])
    assert (b'\r\nFrom: "root (Cron Daemon)" <root@m.example>\r\nTo: root@m.example\r\n'
            in got.content)


def test_rewrite_to(mailer):
    """An alias that stands for one address; the name beside it stays. Others get a domain."""
    mailer.write("root: joe\njoe: j@y.example\nall: j@y.example, r@y.example\nbad: |cmd\n"
                 "own: own\nbob: rob\n")
    mailer.account("rewrite_to on", "maildomain m.example")
    message = (b"From: root (Cron Daemon)\nTo: root (Charlie), Joe Doe <joe>, all,\n root@z.example\n"
               b"Cc: bad, own, bob\nResent-To: root\nResent-Cc: joe\nReply-To: root\n"
               b"Sender: joe\n\nhi\n")
    got = mailer.sent("b@y.example", message=message)
    assert got.rcpt_tos == ["b@y.example"]
    for field in [b'From: "root (Cron Daemon)" <root@m.example>',
                  b'To: "root (Charlie)" <j@y.example>, Joe Doe <j@y.example>, all@m.example,\r\n'
                  b' root@z.example',
                  b"Cc: bad@m.example, own@m.example, rob@m.example", b"Resent-To: j@y.example",
                  b"Resent-Cc: j@y.example", b"Reply-To: root@m.example", b"Sender: joe@m.example"]:
        assert b"\r\n" + field + b"\r\n" in got.content


def test_rewrite_to_without_a_maildomain(mailer):
    mailer.write("root: r@y.example\nall: j@y.example, r@y.example\n")
    mailer.account("rewrite_to on")
    got = mailer.sent("-t", message=b"To: root\nCc: all, joe\n\nhi\n")
    assert got.rcpt_tos == ["r@y.example", "j@y.example", "a@x.example"]
    assert b"\r\nTo: r@y.example\r\nCc: a@x.example\r\n" in got.content


def test_rewrite_to_of_an_address_that_is_named_twice(mailer):
    """Once it is, for the header as for the mail; letters before the @ count."""
    mailer.write("root: joe, r@Y.example\njoe: r@y.example, r@y.EXAMPLE\nann: r@y.example, R@y.example\n")
    mailer.account("rewrite_to on", "maildomain m.example")
    got = mailer.sent("-t", message=b"To: root, ann\n\nhi\n")
    assert got.rcpt_tos == ["r@y.example", "R@y.example"]
    assert b"\r\nTo: r@y.example, ann@m.example\r\n" in got.content


@pytest.mark.parametrize("setting", ["complete_header off", "rewrite_to off"])
def test_rewrite_to_off(mailer, setting):
    mailer.write("root: r@y.example\n")
    mailer.account("rewrite_to on", "maildomain m.example", setting)
    to = b"root" if "complete" in setting else b"root@m.example"
    assert b"\r\nTo: " + to + b"\r\n" in mailer.sent("root", message=b"To: root\n\nhi\n").content


def test_rewrite_to_leaves_what_is_signed(mailer):
    mailer.write("root: r@y.example\n")
    mailer.account("rewrite_to on")
    signed = b"DKIM-Signature: v=1; h=From:To; b=x\nFrom: a@x.example\nTo: root\nCc: root\n\nhi\n"
    assert b"\r\nTo: root\r\nCc: r@y.example\r\n" in mailer.sent("root", message=signed).content


def test_rewrite_to_eightbit(mailer):
    mailer.write("root: jörg@y.example\n")
    mailer.account("rewrite_to on")
    got = mailer.sent("b@y.example", message=b"To: root\n\nhi\n")
    assert "SMTPUTF8" in got.mail_options and "\r\nTo: jörg@y.example\r\n".encode() in got.content


def test_rewrite_to_without_the_file(mailer):
    """The message does not depend on it."""
    mailer.file.unlink()
    mailer.account("rewrite_to on")
    done = mailer.program("-v", "b@y.example", message=b"To: root\n\nhi\n")
    assert done.returncode == 0 and "warning: root stays as it is in the header: aliases:" in done.err
    assert b"\r\nTo: a@x.example\r\n" in mailer.host.wait_message().content


def test_set_to_header_is_before_aliases(mailer):
    """Those of the command line, or with -t of To and Cc: as they were named, whole."""
    mailer.write("root: r@y.example, s@y.example\n")
    mailer.account("set_to_header on", "maildomain m.example")
    got = mailer.sent("root", "b@y.example", message=b"To: x@z.example\n\nhi\n")
    assert got.rcpt_tos == ["r@y.example", "s@y.example", "b@y.example"]
    assert b"\r\nTo: root@m.example, b@y.example\r\n" in got.content
    got = mailer.sent("-t", "c@y.example",
                      message=b"To: root\nCc: d@y.example\nBcc: joe, root\n\nhi\n")
    assert got.rcpt_tos == ["c@y.example", "r@y.example", "s@y.example", "d@y.example",
                            "joe@m.example"]
    assert b"\r\nTo: root@m.example, d@y.example\r\n" in got.content
    assert b"joe" not in got.content and b"c@y.example" not in got.content


def test_set_to_header_never_names_one_of_bcc_alone(mailer):
    mailer.write("root: s@y.example\n")
    mailer.account("set_to_header on", "maildomain m.example")
    got = mailer.sent("-t", message=b"Bcc: root\n\nhi\n")
    assert got.rcpt_tos == ["s@y.example"]
    assert b"root" not in got.content and b"s@y.example" not in got.content


def test_set_to_header_is_folded(mailer):
    mailer.write("".join(f"user{i}: u@y.example\n" for i in range(40)))
    mailer.account("set_to_header on", "maildomain m.example")
    head = mailer.sent(*(f"user{i}" for i in range(40))).content.partition(b"\r\n\r\n")[0]
    assert max(map(len, head.split(b"\r\n"))) <= 78 and b"user39@m.example" in head


# --- -bi ---

def test_check(mailer):
    mailer.write("root: r@y.example, joe\n")
    for args, name in [(["-bi"], "postrider"), (["-bi"], "msmtp"), ([], "newaliases")]:
        done = mailer.program(*args, argv0=name, config=name != "newaliases")
        assert (done.returncode, done.out, done.err) == (0, "", "")


def test_check_tells_all_mistakes(mailer):
    path = mailer.write("a b@y.example\n/dev/null\n", "team")
    mailer.write(f"root: |cmd, r@y.example,\n -x@y.example\nno colon\nteam: :include:{path}\n"
                 "a: b\nb: a\nteam: b@y.example\nnone:\nx: :include:/no/such/file\n")
    done = mailer.program("-bi")
    assert (done.returncode, done.out) == (78, "")
    places = [(line.split(": ")[1], line) for line in lines(done.err)]
    assert sorted(place for place, _ in places) == sorted(
        [f"{mailer.file}:{i}" for i in (1, 2, 3, 6, 8, 9)] + [f"{path}:{i}" for i in (1, 2)])
    warned = mailer.program("-bi", "-v")
    assert f"warning: {mailer.file}:7: the name is in line 4 already" in warned.err


def test_check_of_a_name_that_is_there_twice(mailer):
    """The first one counts; that is no mistake."""
    mailer.write("root: r@y.example\nROOT: s@y.example\n")
    done = mailer.program("-bi")
    assert (done.returncode, done.err) == (0, "")
    assert mailer.rcpts("root") == ["r@y.example"]


def test_check_of_a_file_that_is_named(mailer):
    path = mailer.write("root: |cmd\n", "other")
    assert f"{path}:1: " in mailer.refused("-bi", f"--aliases={path}")
    assert f"{path}:1: " in mailer.refused("-bi", f"--aliases={path}", config=False)
    missing = mailer.program.home / "missing"
    assert f"aliases: {missing}: No such file" in mailer.refused("-bi", f"--aliases={missing}")


def test_check_of_rights(mailer):
    mailer.write("root: r@y.example\n", mode=0o666)
    assert "others can change it" in mailer.refused("-bi")


def test_check_without_an_account(mailer):
    """Package scripts ask where nothing is configured; who names an account wants that one."""
    for args, name in [(["-bi"], "postrider"), (["-bi"], "sendmail"), ([], "newaliases")]:
        done = mailer.program(*args, argv0=name, config=False)
        assert (done.returncode, done.out, done.err) == (0, "", "")
    assert "there is no account named x" in mailer.refused("-bi", "-a", "x")


@pytest.mark.parametrize("args, name", [([], "newaliases"), (["-bi"], "sendmail")])
def test_check_of_the_default_file(mailer, sendmail, args, name):
    done = sendmail(*args, name=name, aliases="root: r@y.example\n")
    assert (done.returncode, done.out, done.err) == (0, "", "")
    done = sendmail(*args, name=name, aliases="\nroot: |cmd\n")
    assert done.returncode == 78 and "/etc/aliases:2: mail is not handed to commands" in done.err
    done = sendmail(*args, name=name, aliases="root: |cmd\n", more=["aliases"])
    assert (done.returncode, done.err) == (0, "")


def test_check_of_a_default_file_that_cannot_be_read(mailer, sendmail):
    """Mail goes as without it; but who asks is told."""
    done = sendmail("-bi", aliases=FOLDER)
    assert done.returncode == 78 and "aliases: /etc/aliases: read: Is a directory" in done.err
    assert "hint: " in done.err


def test_check_of_the_file_of_a_sender(mailer):
    other = mailer.write("root: |cmd\n", "other")
    text = mailer.account().read_text()
    mailer.program.write_config(f"{text}account b\nhost h\nfrom b@x.example\naliases {other}\n")
    assert f"{other}:1: " in mailer.refused("-bi", "-f", "b@x.example")
    for args in [[], ["-f", "a@x.example"], ["-f", "<>"], ["-f", "b b@"]]:
        done = mailer.program("-bi", *args)
        assert (done.returncode, done.err) == (0, "")


def test_check_of_a_host_and_an_account(mailer):
    err = mailer.refused("-bi", "-a", "default", "--host=h.example", status=64)
    assert "exclude each other" in err


def test_check_of_growth(mailer):
    mailer.write("all: " + ",\n ".join(f"u{i}@y.example" for i in range(10001)) + "\n")
    assert f"{mailer.file}:10001: the name expands to more than 10000" in mailer.refused("-bi")


# --- -bv ---

def test_verify(mailer):
    """Each recipient, what became of it; nothing is connected, standard input is not read."""
    mailer.write("root: joe, r@y.example\njoe: j@y.example\n")
    read, write = os.pipe()
    with os.fdopen(read, "rb") as end:
        done = mailer.program("-bv", "root", "b@y.example", "bob", "joe", "root", stdin=end)
    os.close(write)
    assert (done.returncode, done.err) == (0, "")
    assert done.out.splitlines() == [
        f"account default: localhost, port {mailer.host.port}", "sender a@x.example",
        "recipient root -> j@y.example", "recipient root -> r@y.example", "recipient b@y.example",
        "recipient bob -> a@x.example", "recipient joe -> j@y.example"]
    mailer.host.wait_idle()
    assert not mailer.host.messages


def test_verify_chooses_account_and_sender(mailer):
    text = mailer.account().read_text()
    mailer.program.write_config(text + "account two\nhost two.example\nfrom *@two.example\n")
    done = mailer.program("-bv", "-f", "me@two.example", "b@y.example")
    assert done.out.splitlines()[:2] == ["account two: two.example, port 465",
                                         "sender me@two.example"]
    assert "sender <>" in mailer.program("-bv", "-f", "<>", "b@y.example").out
    done = mailer.program("-bv", "-f", "joe", "b@y.example", argv0="postrider")
    assert "sender a@x.example" in done.out


def test_verify_reads_the_header(mailer):
    mailer.write("root: r@y.example\n")
    done = mailer.program("-bv", "-t", "joe", message=b"To: root\nBcc: c@y.example\n\nhi\n")
    assert done.out.splitlines()[2:] == ["recipient joe -> a@x.example",
                                         "recipient root -> r@y.example", "recipient c@y.example"]
    done = mailer.program("-bv", "-t", "--read-envelope-from",
                          message=b"From: a@x.example\nTo: root\n\nhi\n")
    assert "sender a@x.example\nrecipient root -> r@y.example\n" in done.out


@pytest.mark.parametrize("args, status", [
    (["cmd"], 78), (["x y@z"], 65), ([], 64), (["--json", "b@y.example"], 64),
    (["--dry-run", "b@y.example"], 64), (["-a", "none", "b@y.example"], 78)])
def test_verify_refuses(mailer, args, status):
    mailer.write("cmd: |cmd\n")
    assert mailer.refused("-bv", *args, status=status)


def test_verify_of_an_unknown_name(mailer):
    mailer.program.write_config("account default\nhost localhost\n")
    assert "recipient joe has no domain" in mailer.refused("-bv", "-f", "<>", "joe", status=67)


def test_verify_as_sendmail(mailer, sendmail):
    done = sendmail("-bv", "root", aliases="root: r@y.example\n")
    assert (done.returncode, done.err) == (0, "")
    assert done.out.splitlines()[-1] == "recipient root -> r@y.example"
    assert not mailer.host.messages
