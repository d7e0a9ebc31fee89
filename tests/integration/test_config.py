# SPDX-License-Identifier: MIT
"""Files, grammar, choice of the account, defaults, command line: by --pretend and by what is said."""

import os
import pwd
import re

import pytest

BASIC = "account default\nhost mail.example.org\nfrom a@x.example\n"
SOCKET = "account default\nsocket /run/x\nfrom a@x.example\n"


def pretend(program, *args, **more):
    """The settings that --pretend shows, as a dict; it must not touch standard input."""
    done = program("-P", *args, **more)
    assert (done.returncode, done.err) == (0, ""), done.err
    lines = [line for line in done.out.splitlines() if not line.startswith("#")]
    return dict((line.split(" ", 1) + [""])[:2] for line in lines)


def refused(program, *args, status=78, **more):
    """What is said when the configuration will not do."""
    done = program(*args, **more)
    assert (done.returncode, done.out) == (status, "")
    return done.err


DEFAULTS = {
    "plain": ("", {"tls": "on", "tls_starttls": "off", "port": "465", "auth": "off"}),
    "user": ("user joe", {"auth": "on", "user": "joe"}),
    "port-587": ("port 587", {"tls": "on", "tls_starttls": "on", "port": "587"}),
    "port-465": ("port 465", {"tls_starttls": "off"}),
    "port-2465": ("port 2465", {"tls_starttls": "off"}),
    "port-25": ("port 25", {"tls": "on", "tls_starttls": "on"}),
    "starttls": ("tls_starttls on", {"port": "587"}),
    "clear": ("tls off", {"port": "25", "tls": "off"}),
    "bare-on": ("tls_starttls", {"tls_starttls": "on"}),
    "bare-auth": ("user joe\nauth", {"auth": "on"}),
    "no-trust-file": ("tls_trust_file", {"tls_trust_file": None}),
    "wire": ("", {"pipelining": "auto", "chunking": "auto", "partial": "on",
                  "max_recipients": None, "dsn_notify": "off", "dsn_return": "off"}),
    "bare-wire": ("pipelining\nchunking\npartial\nmax_recipients\ndsn_notify\ndsn_return",
                  {"pipelining": "auto", "chunking": "auto", "partial": "on",
                   "max_recipients": None, "dsn_notify": "off", "dsn_return": "off"}),
    "other-wire": ("pipelining basic\nchunking off\npartial off\nmax_recipients 50\n"
                   "dsn_notify Failure, delay\ndsn_return hdrs",
                   {"pipelining": "basic", "chunking": "off", "partial": "off",
                    "max_recipients": "50", "dsn_notify": "Failure, delay", "dsn_return": "hdrs"}),
}


@pytest.mark.parametrize("name", DEFAULTS)
def test_defaults(program, name):
    more, wanted = DEFAULTS[name]
    program.write_config(BASIC + more + "\n")
    got = pretend(program)
    assert {key: got.get(key) for key in wanted} == wanted


SOCKETS = {
    "plain": ("", {"host": None, "port": None, "tls": "off", "socket": "/run/x"}),
    "home": ("socket ~/x", {"socket": "HOME/x"}),
    "port": ("port 2525", {"port": "2525", "tls": "off"}),
    "port-465": ("port 465\nhost h", {"port": "465", "tls": "on"}),
    "host": ("host mail.example.org", {"host": "mail.example.org", "port": None, "tls": "off"}),
    "tls": ("tls on\nhost mail.example.org", {"tls": "on", "tls_starttls": "off", "port": None}),
    "override": ("tls on\ntls_host_override h", {"host": None, "tls_host_override": "h"}),
    "no-check": ("tls on\ntls_certcheck off", {"tls": "on", "tls_certcheck": "off"}),
    "secret": ("user joe\nauth plain", {"auth": "plain", "tls": "off"}),
    "any-secret": ("user joe", {"auth": "on"}),
    "lmtp": ("protocol lmtp", {"protocol": "lmtp", "port": None}),
    "lmtp-25": ("protocol lmtp\nport 25", {"protocol": "lmtp"}),
    "none": ("socket\nhost h", {"socket": None, "host": "h", "port": "465", "tls": "on"}),
    "none-lmtp": ("socket\nhost h\nprotocol lmtp\nport 24", {"port": "24", "tls": "on"}),
}


@pytest.mark.parametrize("name", SOCKETS)
def test_sockets(program, name):
    more, wanted = SOCKETS[name]
    program.write_config(SOCKET + more + "\n")
    got = pretend(program)
    home = {key: value and value.replace("HOME", str(program.home))
            for key, value in wanted.items()}
    assert {key: got.get(key) for key in wanted} == home


def test_sockets_with_msmtps_defaults(program):
    program.write_config(SOCKET + "user joe\nauth on\n")
    got = pretend(program, argv0="/usr/bin/msmtp")
    assert (got.get("port"), got["tls"], got["auth"]) == (None, "off", "on")


LOOPBACK = ["localhost", "LOCALHOST", "localhost.", "x.localhost", "127.0.0.1", "127.9.9.9", "::1"]


@pytest.mark.parametrize("host", LOOPBACK)
def test_loopback_needs_no_tls(program, host):
    basic = BASIC.replace("mail.example.org", host)
    program.write_config(basic + "user joe\n")
    got = pretend(program)
    assert (got["tls"], got["port"], got["auth"]) == ("off", "25", "on")
    program.write_config(basic + "port 465\n")
    assert pretend(program)["tls"] == "on"


@pytest.mark.parametrize("name", [".msmtprc", "msmtprc", "msmtp/config"])
def test_defaults_in_files_of_msmtps_name(program, tmp_path, name):
    path = tmp_path / "sub" / name
    program.config = program.write_config(BASIC, path=path)
    got = pretend(program)
    assert (got["tls"], got["tls_starttls"], got["port"], got["auth"]) == ("off", "on", "25", "off")
    program.write_config(BASIC + "tls on\ntls_starttls off\n", path=path)
    assert pretend(program)["port"] == "465"


def test_msmtps_name_means_its_defaults(program):
    program.write_config(BASIC)
    got = pretend(program, argv0="/usr/bin/msmtp")
    assert (got["tls"], got["tls_starttls"], got["port"]) == ("off", "on", "25")


GRAMMAR = {
    "comments": "# c\n\n  # d\naccount default\n\thost h.example  \nfrom a@x.example",
    "quotes": 'account default\nhost "h.example"\nfrom a@x.example',
    "crlf": "account default\r\nhost h.example\r\nfrom a@x.example\r\n",
    "bom": "\ufeffaccount default\nhost h.example\nfrom a@x.example\n",
    "no-account-line": "host h.example\nfrom a@x.example\n",
    "defaults": "defaults\nhost h.example\naccount default\nfrom a@x.example\n",
    "inherits": "account b\nhost h.example\naccount default : b\nfrom a@x.example\n",
    "own-wins": "account b\nhost no\naccount default : b\nhost h.example\nfrom a@x.example\n",
    "last-wins": "account default\nport 1\nhost h.example\nport 2\nfrom a@x.example\n",
    "long-line": "account default\n# " + "x" * 9000 + "\nhost h.example\nfrom a@x.example\n",
}


@pytest.mark.parametrize("name", GRAMMAR)
def test_grammar(program, name):
    program.write_config(GRAMMAR[name])
    got = pretend(program)
    assert (got["account"], got["host"], got["from"]) == ("default", "h.example", "a@x.example")


def test_parents_do_not_lend_old_defaults(program):
    program.write_config("defaults\nhost h\nfrom a@x.example\ntimeout 5\naccount a\nuser u\n"
                         "defaults\ntimeout 9\naccount b : a\n")
    got = pretend(program, "-a", "b")
    assert (got["timeout"], got["user"]) == ("9", "u")


def test_long_password(program):
    program.write_config(BASIC + "password " + "s" * 9000 + "\n")
    assert pretend(program)["password"] == "(hidden)"


MISTAKES = {
    "unknown": ("hst x", ':4: unknown setting "hst" (did you mean host?)'),
    "unknown-far": ("completely_else x", ':4: unknown setting "completely_else"'),
    "case": ("Host x", ':4: unknown setting "Host" (did you mean host?)'),
    "bool": ("tls maybe", ":4: tls: must be on or off"),
    "port": ("port 70000", ":4: port: must be a number from 1 to 65535"),
    "port-zero": ("port 0", ":4: port: must be a number from 1 to 65535"),
    "seconds": ("timeout soon", ":4: timeout: must be a number of seconds, or off"),
    "choice": ("set_date_header maybe", ":4: set_date_header: must be one of auto|off"),
    "number": ("tls_min_dh_prime_bits x", ":4: tls_min_dh_prime_bits: must be a number"),
    "renamed": ("keepbcc maybe", ":4: remove_bcc_headers: must be on or off"),
    "include-nothing": ("include", ":4: include: the file name is missing"),
    "include-missing": ("include no-such-file", "no-such-file: No such file or directory"),
    "auth": ("auth kerberos", ':4: auth: "kerberos" is not known here; it can be on, off, scram, '
             "plain, login, scram-sha-256-plus, scram-sha-1-plus, scram-sha-256, scram-sha-1, "
             "oauthbearer, xoauth2, external, gssapi, cram-md5, digest-md5, ntlm"),
    "long-domain": ("domain " + "a" * 1000, ":4: domain: longer than 255 octets"),
    "bad-domain": ("domain a b", ":4: domain: must be a name without spaces, and no comment "
                   "may follow it"),
    "dsn": ("dsn_notify failure,never", ':4: dsn_notify: "failure,never": must be off, never, or '
            "failure, delay and success, separated by commas and each at most once"),
    "dsn-return": ("dsn_return all", ':4: dsn_return: "all": must be off, headers (or hdrs), '
                   "or full"),
    "pipelining": ("pipelining on", ":4: pipelining: must be one of auto|full|basic|off"),
    "chunking": ("chunking on", ":4: chunking: must be one of auto|off"),
    "partial": ("partial yes", ":4: partial: must be on or off"),
    "recipients": ("max_recipients few", ":4: max_recipients: must be a number"),
    "syslog": ("syslog LOG_KERN", ":4: syslog: must be off, on, failures, or a facility such as "
               "LOG_MAIL"),
    "eval-nothing": ("eval", ":4: eval: the command is missing"),
    "eval-cr": ("eval \r\r", ":4: eval: must be a command without control characters"),
    "eval-nul": ("eval echo \0", ":4: eval: must be a command without control characters"),
    "account": ("acount x", ':4: unknown setting "acount" (did you mean account?)'),
    "tab": ("user a\tb", ":4: user: must be text without control characters"),
    "control": ("user a\x01b", ":4: user: must be text without control characters"),
}


@pytest.mark.parametrize("lines, said", [
    ("user joe\npassword\n sekret", ":6: unknown setting; if it is the password of the line above, put it into"),
    ("user joe\nauth plain sekret", ":5: auth: must be one word, one of on, off, scram"),
    ("proxy_user joe\nproxy_password\nsekret x", ":6: unknown setting; if it is the password")])
def test_a_password_that_stands_elsewhere_is_not_shown(program, lines, said):
    program.write_config(BASIC + lines + "\n")
    for args in (["-P"], ["-bC"], ["b@y.example"]):
        done = program(*args)
        assert done.returncode == 78 and said in done.err and "sekret" not in done.err + done.out


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_name_file_line_and_setting(program, name):
    line, wanted = MISTAKES[name]
    program.write_config(BASIC + line + "\nhost h2.example\n")
    said = refused(program, "-P")
    assert f"postrider: {program.config}:4: " in said and f"{wanted}\n" in said


def test_more_mistakes_than_fit_are_counted(program):
    program.write_config(BASIC + "".join(f"hots{n} y\n" for n in range(40)))
    lines = refused(program, "b@y.example").splitlines()
    assert all(line.endswith(('"', '" (did you mean host?)')) for line in lines[:-2])
    assert lines[-2] == f"postrider: and {40 - len(lines) + 2} more mistakes"


def test_second_account_of_a_name(program):
    program.write_config("account a\nhost h\nfrom a@x\naccount a\nhost i\naccount b : a, c\n")
    said = refused(program, "-P", "-a", "b")
    assert ':6: there is no account of that name above this line: "c"' in said
    program.write_config("account b\nhost h\naccount a\naccount a\nfrom a@x\naccount d : a\n")
    assert ':4: a second account named "a"' in refused(program, "-P", "-a", "d")


def test_all_mistakes_are_listed(program):
    program.write_config(BASIC + "tls maybe\nport x\nhots y\n")
    said = refused(program, "b@y.example").splitlines()
    assert [line.split(":")[2] for line in said[:3]] == ["4", "5", "6"]
    assert said[3] == "  hint: man postrider.conf lists all settings"


def test_mistakes_of_other_accounts_stop_nothing(program):
    program.write_config(BASIC + "account other\nhots y\nport x\n")
    assert pretend(program)["host"] == "mail.example.org"
    assert "hots" in refused(program, "-P", "-a", "other")


def test_choice_by_sender(program):
    program.write_config("account one\nhost h1\nfrom one@x.example\n"
                         "account two\nhost h2\nfrom *@two.example\n"
                         "account three\nhost h3\nfrom three@x.example\n")
    assert pretend(program, "-f", "One@X.example")["account"] == "one"
    assert pretend(program, "-f", "ANY@Two.Example")["account"] == "two"
    assert pretend(program, "-f", "one+detail@x.example")["account"] == "one"
    assert pretend(program, "-a", "three", "-f", "one@x.example")["account"] == "three"
    said = refused(program, "-P", "-f", "z@z.example")
    assert "no account matches this sender" in said and "one, two, three" in said
    said = refused(program, "-P", "-a", "four")
    assert "there is no account named four" in said and "one, two, three" in said


def test_the_only_account_and_default(program):
    program.write_config("account only\nhost h1\nfrom a@x.example\n")
    assert pretend(program, "-f", "z@z.example")["account"] == "only"
    program.write_config("account other\nhost h1\naccount default\nhost h2\nfrom a@x\n")
    assert pretend(program)["host"] == "h2"


def test_where_files_are_looked_for(program):
    said = refused(program, "b@y.example", config=False)
    assert "no account is configured" in said and "/.config/postrider/config: none" in said
    program.write_config(BASIC.replace("mail.", "third."),
                         path=program.home / ".config/msmtp/config")
    assert pretend(program, config=False)["host"] == "third.example.org"
    program.write_config(BASIC.replace("mail.", "second."), path=program.home / ".msmtprc")
    assert pretend(program, config=False)["host"] == "second.example.org"
    program.write_config(BASIC.replace("mail.", "first."),
                         path=program.home / ".config/postrider/config")
    assert pretend(program, config=False)["host"] == "first.example.org"
    program.write_config(BASIC.replace("mail.", "xdg."), path=program.home / "c/postrider/config")
    got = pretend(program, config=False, env={"XDG_CONFIG_HOME": str(program.home / "c")})
    assert got["host"] == "xdg.example.org"


def test_named_file_must_exist(program):
    program.config = program.home / "none"
    assert "the file does not exist" in refused(program, "b@y.example")


def test_host_needs_no_file(program, clear_host):
    done = program("--host=localhost", f"--port={clear_host.port}", "-f", "a@x.example",
                   "b@y.example", config=False)
    assert (done.returncode, done.err) == (0, "")
    assert clear_host.wait_message().rcpt_tos == ["b@y.example"]


def test_options_replace_settings(program):
    program.write_config(BASIC)
    got = pretend(program, "--host", "other.example", "--tls-starttls", "--timeout=7",
                  "--tls-certcheck=off", config=True)
    assert (got["host"], got["port"], got["timeout"]) == ("other.example", "587", "7")
    assert got["tls_certcheck"] == "off"


def test_wire_settings_as_options(program):
    program.write_config(BASIC)
    got = pretend(program, "--pipelining=off", "--chunking", "off", "--max-recipients=7",
                  "-N", "never", "-R", "full", "--all-or-none")
    assert (got["pipelining"], got["chunking"], got["max_recipients"]) == ("off", "off", "7")
    assert (got["dsn_notify"], got["dsn_return"], got["partial"]) == ("never", "full", "off")
    assert "takes no argument" in refused(program, "--all-or-none=off", status=64)


def test_tilde(program):
    program.write_config(BASIC + "tls_trust_file ~/ca.pem\n")
    assert pretend(program)["tls_trust_file"] == f"{program.home}/ca.pem"


REFUSED = {
    "no-host": ("account default\nfrom a@x.example\n", "no server is named"),
    "bad-from": ("account default\nhost h\nfrom a@@x\n", "from: address"),
    "bare-from": ("account default\nhost h\nfrom joe\n", "from: joe has no domain"),
    "no-user": (BASIC + "auth on\n", "auth is on and there is no user"),
    "clear-secret": (BASIC + "tls off\nuser joe\nauth plain\n", "over the network in clear"),
    "blind-secret": (BASIC + "tls_certcheck off\nuser joe\nauth login\n",
                     "server that is not verified"),
    "lmtp-no-port": (BASIC + "protocol lmtp\n", "LMTP has no usual port, and none is set\n"
                     "  hint: add a line: port NUMBER (often 24), or: socket FILE\n"),
    "lmtp-25": (BASIC + "protocol lmtp\nport 25\n", "LMTP is not spoken on port 25"),
    "lmtp-local": ("account default\nhost localhost\nprotocol lmtp\nfrom a@x.example\n",
                   "LMTP has no usual port"),
    "nameless-tls": (SOCKET + "tls on\n", "socket /run/x: the name is missing that the "
                     "certificate must have\n  hint: add a line: host NAME"),
    "clear-cram": (BASIC + "tls off\nuser joe\nauth cram-md5\n", "exposes too much"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_settings_that_do_not_go_together(program, name):
    text, wanted = REFUSED[name]
    program.write_config(text)
    said = refused(program, "b@y.example")
    assert wanted in said and f"account default ({program.config})" in said


def test_from_with_a_name(program):
    program.write_config('account default\nhost h\nfrom "Joe, the" <joe@x.example>\n')
    assert program("-P").out.startswith(f"# from {program.config}, sender joe@x.example\n")


def test_insecure_when_asked_for(program):
    program.write_config(BASIC + "tls off\nuser joe\nauth_insecure on\n")
    assert pretend(program)["auth"] == "on"


def unprivileged(program):
    """Keyword arguments that run the program as nobody, in a home that nobody may enter."""
    nobody = pwd.getpwnam("nobody")
    program.open_to_all()
    os.chown(program.config, nobody.pw_uid, nobody.pw_gid)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody else")
@pytest.mark.parametrize("mode", [0o600, 0o400, 0o640, 0o604, 0o644])
def test_secrets_that_others_can_read(program, mode):
    program.write_config(BASIC + "user joe\npassword secret\n", mode=mode)
    more = unprivileged(program)
    if mode & 0o077 == 0:
        assert pretend(program, **more)["password"] == "(hidden)"
        return
    said = refused(program, "-P", **more)
    assert f"others may read it (mode {mode:03o})" in said
    assert f"hint: run: chmod 600 {program.config}" in said
    program.write_config(BASIC, mode=mode)
    assert pretend(program, **more)["account"] == "default"


@pytest.mark.parametrize("mode, good", [(0o644, True), (0o664, False), (0o646, False)])
def test_commands_in_a_file_that_others_can_change(program, mode, good):
    program.write_config(BASIC + "user joe\npasswordeval echo secret\n", mode=mode)
    if os.getuid() != 0:
        pytest.skip("a file of one's own must not even be readable")
    if good:
        assert pretend(program)["user"] == "joe"
    else:
        assert "others can change it" in refused(program, "-P")


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody else")
def test_home_of_somebody_else(program):
    """A closed home is not ours: what is in it is not looked for."""
    program.write_config(BASIC)
    more = unprivileged(program)
    closed = program.home / "closed"
    closed.mkdir(mode=0o700)
    said = refused(program, "b@y.example", config=False, env={"HOME": str(closed)}, **more)
    assert "no account is configured" in said and "Permission denied" in said


USAGE = {
    "letter": (["-Z"], "unknown option: -Z"),
    "long": (["--bogus"], "unknown option: --bogus"),
    "mode": (["-bd"], "this is no daemon, and does not listen for connections: -bd"),
    "missing": (["-f"], "option -f needs an argument"),
    "secret": (["--password=x"], "only allowed in a file: password"),
    "no-argument": (["--version=x"], "option --version=x takes no argument"),
    "help": (["--help=none"], "--help=none: must be all or settings"),
    "progress": (["--progress=yes"], "--progress=yes: must be auto, on or off"),
    "list": (["--list=all"], "--list=all: must be accounts or senders"),
    "value": (["--port=x"], "option: port: must be a number from 1 to 65535"),
    "rmqs": (["--rmqs=a b"], "--rmqs a b: must be a host, @DOMAIN or #QUEUE without blanks"),
    "line-end": (["-f", "a\nb"], "a control character in an argument: a\\x0Ab"),
    "line-end-recipient": (["a\rb"], "a control character in an argument: a\\x0Db"),
}


@pytest.mark.parametrize("name", USAGE)
def test_usage(program, name):
    args, wanted = USAGE[name]
    said = refused(program, *args, config=False, status=64)
    assert said.startswith(f"postrider: {wanted}\n")


SENDMAIL = {
    "-C": ["-C", "/etc/passwd", "b@y.example"],
    "-Cglued": ["-C/etc/passwd", "b@y.example"],
    "--host": ["--host=localhost", "b@y.example"],
    "--passwordeval": ["--passwordeval=touch /tmp/x", "b@y.example"],
    "-P": ["-P", "b@y.example"],
    "--rmqs": ["--rmqs=example.org"],
}


@pytest.mark.parametrize("name", SENDMAIL)
def test_sendmail_knows_only_its_own(program, name):
    program.write_config(BASIC, path=program.home / ".msmtprc")
    said = refused(program, *SENDMAIL[name], config=False, status=64, argv0="/usr/sbin/sendmail")
    assert said.startswith("sendmail: ")


def test_sendmail_stops_at_the_first_recipient(program, clear_host):
    program.write_config(f"account a\nhost localhost\nport {clear_host.port}\nfrom a@x.example\n",
                         path=program.home / ".config/postrider/config")
    run = dict(config=False, argv0="sendmail")
    done = program("-oi", "-oem", "-B8BITMIME", "-FCronDaemon", "b@y.example", **run)
    assert (done.returncode, done.err) == (0, "")
    assert program("b@y.example", "-fz@z.example", **run).returncode == 65
    assert program("-ti", message=b"To: c@y.example\n\nhi\n", **run).returncode == 0
    assert [m.rcpt_tos for m in clear_host.messages] == [["b@y.example"], ["c@y.example"]]


def test_options_after_recipients_elsewhere(program, clear_host):
    program.account(clear_host)
    assert program("b@y.example", "-f", "z@z.example").returncode == 0
    assert clear_host.wait_message().mail_from == "z@z.example"


@pytest.mark.parametrize("args, lines, has", [
    (["--help"], 40, ["Examples:", "--subject=TEXT", "--help=all"]),
    (["--help=all"], 120, ["-r ADDRESS", "--rmqs=NODE", "-U ", "Exit status:", "75 temporary"]),
    (["--help=settings"], 80, ["--tls-starttls[=on|off]", "--host=NAME", "--run-timeout=SECONDS"])])
def test_help(program, args, lines, has):
    """For a screen of 80 columns; the first one fits it."""
    done = program(*args, config=False)
    assert done.returncode == 0 and done.err == "" and all(text in done.out for text in has)
    assert len(done.out.splitlines()) <= lines and max(map(len, done.out.splitlines())) <= 80
    assert not re.search(r" $", done.out, re.M)


def test_version(program):
    done = program("--version", config=False)
    assert done.returncode == 0 and done.out.startswith("postrider ") and "GnuTLS" in done.out


def test_pretend_leaves_standard_input_alone(program):
    read, write = os.pipe()
    program.write_config(BASIC)
    with os.fdopen(read, "rb") as end:
        done = program("-P", stdin=end)
    os.close(write)
    assert done.returncode == 0


@pytest.mark.parametrize("name, out", [("mailq", "Mail queue is empty\n"), ("newaliases", "")])
def test_other_names(program, name, out):
    done = program(config=False, argv0=f"/usr/bin/{name}")
    assert (done.returncode, done.out, done.err) == (0, out, "")


def test_e3_pretend_prints_everything(program):
    """More than 64 KiB is printed whole: a part would pass for the account."""
    froms = [f"from sender-{n:04d}@{'x' * 60}.example" for n in range(390)]
    pins = [f"tls_fingerprint {n:064x}" for n in range(490)]
    program.write_config("\n".join(["account a", "host 127.0.0.1", *froms, *pins]) + "\n")
    done = program("-P")
    assert (done.returncode, done.err) == (0, "")
    assert len(done.out) > 65536
    lines = [line.strip() for line in done.out.splitlines()]
    assert [line for line in lines if line in set(froms)] == froms
    assert sum(line.startswith("tls_fingerprint ") for line in lines) == len(pins)


@pytest.mark.parametrize("value, status", [
    ("mail.example", 0), ("a\r\nMAIL FROM:<x@y>", 78), ("a b c", 78), ("x" * 2000, 78)])
def test_domain_is_checked_after_expansion(program, clear_host, value, status):
    """What a pattern brings in is no better than what is written: it becomes an EHLO command."""
    program.account(clear_host, "domain %U")
    done = program("b@y.example", env={"USER": value, "LOGNAME": value})
    assert done.returncode == status
    assert ("domain" in done.err) == (status == 78)
    assert len(clear_host.messages) == (status == 0)


@pytest.mark.parametrize("value", ["a b c", "a\r\nb", "x" * 2000, "x\x01y", " ", "-x", "a;b", "."])
def test_e4_a_host_name_that_is_none_is_not_asked_for(program, clear_host, value):
    program.account(clear_host, "domain %C")
    done = program("b@y.example", env={"HOSTNAME": value})
    assert done.returncode == 78 and "HOSTNAME" in done.err and not clear_host.messages
    assert all(line.startswith(("postrider: ", "  hint: ")) for line in done.err.splitlines())


@pytest.mark.parametrize("name", ["%h", "%D.example", "%%", "a%", "%%H"])
def test_e4_a_pattern_that_is_none(program, clear_host, name):
    """It does not go to the server as it stands."""
    program.account(clear_host, f"domain {name}")
    done = program("b@y.example")
    assert done.returncode == 78 and f"domain {name}: no name has a % in it" in done.err
    assert "%C" in done.err and not clear_host.messages


@pytest.mark.parametrize("setting, value, lines, options", [
    ("proxy_host", "127.0.0.1:1080", "proxy_host 127.0.0.1 and proxy_port 1080",
     "--proxy-host=127.0.0.1 --proxy-port=1080"),
    ("proxy_host", "socks5://p.example:9050/", "proxy_host p.example and proxy_port 9050",
     "--proxy-host=p.example --proxy-port=9050"),
    ("proxy_host", "srv:p.example", "write proxy_host p.example", "--proxy-host=p.example"),
    ("tls_host_override", "mx.example:465", "write tls_host_override mx.example",
     "--tls-host-override=mx.example"),
    ("domain", "smtps://mx.example", "write domain mx.example", "--domain=mx.example"),
    ("maildomain", "x.example:25", "write maildomain x.example", "--maildomain=x.example")])
def test_d14_other_names_that_are_none(program, setting, value, lines, options):
    """The advice names the setting that was meant."""
    program.write_config(f"account default\nfrom a@x.example\nhost h.example\n{setting} {value}\n")
    done = program("b@y.example")
    assert done.returncode == 78 and f":4: {setting}: " in done.err and lines in done.err, done.err
    option = "--" + setting.replace("_", "-")
    done = program("--host=h.example", f"{option}={value}", "b@y.example", config=False)
    assert done.returncode == 64 and f"hint: write {options}\n" in done.err, done.err


@pytest.mark.parametrize("value", ["a:b:c", "x:99999", "x:0", "mail:smtps", "ssl:mail", "smtps:[::1]", "mailto:x",
                                   "SRV:x.example", "[", "[]", "a]"])
def test_d14_no_line_is_advised_that_would_be_refused(program, value):
    program.write_config(f"account default\nfrom a@x.example\nhost {value}\n")
    done = program("b@y.example")
    assert done.returncode == 78 and f"must be a name or an address, not {value}\n" in done.err and "two lines" not in done.err


@pytest.mark.parametrize("line", [
    "password=PaSs", "password:PaSs", "password\u00a0PaSs", "host smtp://me:20/PaSs@mx.example", "passwrd=PaSs", "xyz=PaSs", "host smtp://me:PaSs@mx.example:587", "host me:PaSs@mx.example",
    "proxy_host socks5://me:PaSs@127.0.0.1:1080", "domain me:PaSs@x"])
def test_no_secret_in_the_error_about_a_line(program, line):
    """Neither there nor in the log, nor with -v about an account that is not in use."""
    log = program.home / "log"
    text = f"account default\nhost h.example\nfrom a@x.example\nlogfile {log}\n"
    program.write_config(text + line + "\n")
    done = program("b@y.example")
    assert done.returncode == 78 and "PaSs" not in done.err + log.read_text()
    program.write_config(text + "tls off\naccount b\nhost h2.example\n" + line + "\n")
    assert "PaSs" not in program("-v", "--dry-run", "b@y.example").err
    setting, _, value = line.partition(" ")
    if value:
        done = program(f"--{setting.replace('_', '-')}={value}", "--host=h.example", "b@y.example", config=False)
        assert done.returncode == 64 and "PaSs" not in done.err
    done = program("b@y.example", config=False, env={"EMAIL": "a@x.example", "SMTPSERVER": value or "a:PaSs@h"})
    assert "PaSs" not in done.err


@pytest.mark.parametrize("name", ["[192.0.2.1]", "[IPv6:2001:db8::1]", "mx.example", "bücher.example"])
def test_names_to_introduce_ourselves_with(program, clear_host, name):
    program.account(clear_host, f"domain {name}")
    assert program("b@y.example").returncode == 0


@pytest.mark.parametrize("host, lines", [
    ("mx.example:587", "host mx.example and port 587"), ("smtp://mx.example", "write host mx.example"),
    ("smtp://mx.example:587/", "host mx.example and port 587"),
    ("smtps://mx.example", "host mx.example and port 465 (and tls_starttls off)"),
    ("[2001:db8::7]:587", "host 2001:db8::7 and port 587"), ("192.0.2.7:25", "host 192.0.2.7 and port 25"),
    ("srv:example.org:25", "host example.org and port 25"), ("mx.example/25", "write host mx.example"),
    ("https://mx.example:587/path:1", "host mx.example and port 587")])
def test_d14_a_host_that_is_none(program, host, lines):
    """Refused where it is read, with what to write; not a name that is looked up for ever."""
    program.write_config(f"account default\nfrom a@x.example\nhost {host}\n")
    done = program("b@y.example")
    assert done.returncode == 78 and ":3: host: " in done.err
    assert lines in done.err.replace("\n", " "), done.err
    if ":" in host and "srv" not in host:
        done = program("b@y.example", config=False,
                       env={"EMAIL": "a@x.example", "SMTPSERVER": host, "HOME": str(program.home)})
        assert done.returncode == 78 and "SMTPSERVER" in done.err and lines in done.err
    done = program("--host", host, "-f", "a@x.example", "b@y.example", config=False)
    assert done.returncode == 64
    words = lines.replace("write ", "").replace("(", "").replace(")", "").replace("and ", "").split()
    options = [f"--{name.replace('_', '-')}={value}" for name, value in zip(words[::2], words[1::2])]
    assert f"hint: write {' '.join(options)}\n" in done.err


@pytest.mark.parametrize("host", ["::1", "fe80::1%lo", "127.0.0.1", "2001:db8::7", "mx", "m\u00fcller.example"])
def test_d14_a_host_that_is_one(program, host):
    program.write_config(f"account default\nfrom a@x.example\ntls off\nhost {host}\n")
    assert program("--dry-run", "b@y.example").returncode == 0
