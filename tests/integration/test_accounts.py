# SPDX-License-Identifier: MIT
"""Lists, include, eval, patterns, old names, bare names: what a configuration may say of accounts."""

import os
import pathlib
import pwd
import time

import pytest

HOST = "account default\nhost h.example\n"


def shown(program, *args, **more):
    """The lines of --pretend."""
    done = program("-P", *args, **more)
    assert (done.returncode, done.err) == (0, ""), done.err
    return done.out.splitlines()


def sender(program, *args, **more):
    """The sender that --pretend names, or None."""
    first = shown(program, *args, **more)[0]
    return first.partition(", sender ")[2] or None


def values(program, name, *args, **more):
    """The values of one setting."""
    return [line.partition(" ")[2] for line in shown(program, *args, **more)
            if line.split(" ")[0] == name]


def refused(program, *args, status=78, **more):
    """What is said when it will not do."""
    done = program(*args, **more)
    assert (done.returncode, done.out) == (status, ""), done.err
    return done.err


# --- lists ---

def test_lists_add_up_in_a_block(program):
    program.write_config("defaults\nfrom d@x.example\naccount a\nhost h\nfrom a@x.example\n"
                         "from b@x.example\naccount b : a\nfrom c@x.example\naccount c : a\n")
    assert values(program, "from", "-a", "a") == ["a@x.example", "b@x.example"]
    assert values(program, "from", "-a", "b") == ["c@x.example"]
    assert values(program, "from", "-a", "c") == ["a@x.example", "b@x.example"]
    assert sender(program, "-a", "b") == "c@x.example"
    for address, name in [("b@x.example", "a"), ("C@X.example", "b"), ("a@x.example", "a")]:
        assert f"account {name}" in shown(program, "-f", address)


def test_the_sender_is_the_first_from_that_is_an_address(program):
    program.write_config(HOST + "from *@x.example\nfrom second@x.example\nfrom third@x.example\n")
    assert sender(program) == "second@x.example"


def test_several_hosts(program):
    hosts = "host h.example\nhost other.example\n"
    program.write_config(f"account default\n{hosts}host srv:x.example\nfrom a@x.example\n")
    assert values(program, "host") == ["h.example", "other.example", "srv:x.example"]
    program.write_config(f"account default\n{hosts}from a@x.example\n")
    assert "h.example, port 465; other.example, port 465\n" in program("--dry-run", "b@y.example").out


# --- include ---

def test_include(program):
    program.write_config("account inner\nhost in.example\n", path=program.home / "sub/one.conf")
    program.write_config("from a@x.example\n", path=program.home / "sub/two.conf")
    program.write_config("include sub/one.conf\ninclude sub/t*.conf\ninclude sub/no*.conf\n"
                         "timeout 7\n")
    assert values(program, "host") == ["in.example"]
    assert values(program, "timeout") == ["7"] and sender(program) == "a@x.example"


def test_include_from_home_and_by_whole_path(program):
    program.write_config("host in.example\n", path=program.home / "a.conf")
    program.write_config("from a@x.example\n", path=program.home / "b.conf")
    program.write_config(f"include ~/a.conf\ninclude {program.home}/b.conf\n")
    assert values(program, "host") == ["in.example"] and sender(program) == "a@x.example"


def test_include_is_not_endless(program):
    program.write_config("defaults\ntimeout 5\ninclude config\n" + HOST)
    assert "include each other too deeply" in refused(program, "-P")


def test_mistakes_in_an_included_file(program):
    path = program.write_config("\nhots x\n", path=program.home / "in.conf")
    program.write_config(HOST + "include in.conf\nport x\n")
    said = refused(program, "-P")
    assert f'{path}:2: unknown setting "hots" (did you mean host?)' in said
    assert f"{program.config}:4: port: " in said


def test_secrets_in_an_included_file_that_others_can_change(program):
    path = program.write_config("password secret\n", mode=0o666, path=program.home / "in.conf")
    program.write_config(HOST + "from a@x.example\nuser joe\ninclude in.conf\n")
    said = refused(program, "-P")
    assert f"{program.config}:5: include: a configuration with secrets: {path}: others can" in said
    assert f"run: chmod go-w {path}" in said


@pytest.mark.parametrize("line", ["password secret", "passwordeval touch {mark}; echo x",
                                  "eval touch {mark}; echo timeout 1", "password_file /x"])
def test_an_unsafe_included_file_stops_every_account(program, tmp_path, line):
    mark = tmp_path / "mark"
    text = "account a\nhost h\nfrom a@x\nuser j\n" + line.format(mark=mark) + "\naccount b\nhost h\n"
    program.write_config(text, mode=0o666, path=program.home / "in.conf")
    program.write_config("include in.conf\naccount c\nhost h\nfrom c@x\n")
    for name in "abc":
        assert "others can change it" in refused(program, "b@y.example", "-a", name)
    assert not mark.exists()


def test_an_include_that_fails_is_told_whatever_else_is_wrong(program):
    program.write_config("include no/such/file\n")
    assert "no/such/file" in refused(program, "b@y.example")
    program.write_config(HOST + "from a@x\naccount z\nhost z\ninclude missing\n")
    for args in [["-a", "work"], ["-f", "joe@work.example"], []]:
        assert "missing: No such file" in refused(program, "b@y.example", *args)


def test_eval_replaces_inherited_lists(program):
    program.write_config("account relay\nhost h1\nfrom r@x\n"
                         "account me : relay\neval echo host h2\neval echo from m1@x\n"
                         "eval echo from m2@x\naccount own : me\nfrom o@x\n"
                         "account sub : me\naccount mix : relay\nhost h3\neval echo host h4\n")
    assert values(program, "host", "-a", "me") == ["h2"]
    assert values(program, "from", "-a", "me") == ["m1@x", "m2@x"]
    assert values(program, "from", "-a", "own") == ["o@x"]
    assert values(program, "host", "-a", "sub") == ["h2"]
    assert values(program, "host", "-a", "mix") == ["h3", "h4"]


def test_a_configuration_of_any_size_takes_linear_time(program):
    started = time.monotonic()
    program.write_config(HOST + "from a@x.example\n" * 50000)
    assert "the list is longer" in refused(program, "-P")
    program.write_config(HOST + "from a@x.example\n" + "eval true\n" * 90 + "tls on\n" * 40000)
    assert "it printed nothing" in refused(program, "-P")
    program.write_config(HOST + "eval true\n" * 101)
    assert "too many for one account" in refused(program, "-P")
    assert time.monotonic() - started < 10


def test_a_fifo_without_a_writer_is_not_waited_for(program):
    program.write_config(HOST + "from a@x.example\nuser joe\npassword_file fifo\n")
    os.mkfifo(program.home / "fifo", 0o600)
    program.config.write_text(program.config.read_text().replace("fifo", f"{program.home}/fifo"))
    assert "its first line is empty" in refused(program, "b@y.example")
    fd = os.open(program.home / "fifo", os.O_RDWR)
    os.write(fd, b"password\n")
    os.close(fd)


def test_a_configuration_from_a_pipe(program):
    reader, writer = os.pipe()
    os.write(writer, b"account default\nhost h\nfrom a@x.example\n")
    os.close(writer)
    done = program("-P", "-C", f"/dev/fd/{reader}", config=False, pass_fds=[reader])
    os.close(reader)
    assert done.returncode == 0 and "host h\n" in done.out


# --- eval ---

def test_eval_prints_a_setting(program):
    program.write_config(HOST + "from a@x.example\neval echo timeout 9\n"
                         "eval echo 'user \"joe joe\"'\neval echo port 99\nport 25\n")
    assert values(program, "timeout") == ["9"] and values(program, "user") == ["joe joe"]
    assert values(program, "port") == ["25"]


def test_eval_runs_only_for_the_account_in_use(program, tmp_path):
    mark = tmp_path / "mark"
    program.write_config(f"account a\nhost h\nfrom a@x\neval touch {mark}; echo timeout 1\n"
                         "account b\nhost h\nfrom b@x\n"
                         "account c : a\nfrom c@x\n")
    assert values(program, "timeout", "-a", "b") == [] and not mark.exists()
    assert values(program, "timeout", "-a", "c") == ["1"] and mark.exists()


def test_eval_may_print_the_from_that_is_looked_for(program, tmp_path):
    mark = tmp_path / "mark"
    program.write_config(f"account a\nhost h1\neval touch {mark}; echo from a@x.example\n"
                         "account b\nhost h2\neval echo from b@x.example\n"
                         "account w\nhost h3\nfrom w@x.example\n"
                         "account z\nhost h4\neval exit 3\n")
    assert values(program, "host", "-f", "w@x.example") == ["h3"] and not mark.exists()
    assert values(program, "host", "-f", "b@x.example") == ["h2"] and mark.exists()
    said = refused(program, "-P", "-v", "-f", "other@x.example")
    assert "account z is passed over" in said and "no account matches this sender" in said


def test_eval_does_not_run_where_a_from_is_written(program, tmp_path):
    """That account's sender is known: looking for another has no reason to run its command."""
    mark = tmp_path / "mark"
    program.write_config(f"account a\nhost h1\nfrom a@x.example\neval touch {mark}; echo timeout 1\n"
                         "account b\nhost h2\neval echo from b@x.example\n")
    assert values(program, "host", "-f", "b@x.example") == ["h2"] and not mark.exists()


def test_an_eval_that_fails_elsewhere_stops_nothing(program):
    program.write_config("account x\nhost nowhere\neval exit 3\n" + HOST + "from a@x.example\n")
    assert values(program, "host", "-f", "root@z.example") == ["h.example"]


EVALS = {
    "fails": ("eval echo timeout 1; exit 3", "it failed with exit status 3"),
    "nothing": ("eval true", "it printed nothing"),
    "account": ("eval echo account x", "it printed no line with a setting"),
    "include": ("eval echo include x", "it printed no line with a setting"),
    "eval": ("eval echo eval x", "it printed no line with a setting"),
    "value": ("eval echo port x", "port: must be a number from 1 to 65535"),
}


@pytest.mark.parametrize("name", EVALS)
def test_eval_that_will_not_do(program, name):
    line, wanted = EVALS[name]
    program.write_config(HOST + "from a@x.example\n" + line + "\n")
    said = refused(program, "b@y.example")
    assert f"{program.config}:4: eval: {wanted}" in said


def test_eval_temporary_failure(program):
    program.write_config(HOST + "eval exit 75\n")
    assert "temporary failure" in refused(program, "-P", status=75)


def test_defect_09_eval_cannot_eat_the_message(program, clear_host):
    program.account(clear_host, "eval cat >/dev/null; echo timeout 50")
    assert program("b@y.example").returncode == 0
    assert clear_host.wait_message().content.endswith(b"\r\nhello\r\n")


# --- patterns ---

def test_percent_patterns(program):
    env = {"USER": "ulla", "HOSTNAME": "box"}
    program.write_config(HOST + "from %U@%H.example\ndomain %H.d.example\n")
    assert sender(program, env=env) == "ulla@box.example"
    assert values(program, "domain", env=env) == ["box.d.example"]
    assert values(program, "from", env=env) == ["%U@%H.example"]


def test_defect_08_patterns_match_whatever_their_case_and_expansion(program):
    env = {"USER": "root"}
    program.write_config("account u\nhost h1\nfrom %U@x.example\n"
                         "account w\nhost h2\nfrom *@w.example\n")
    for address, host in [("ROOT@X.example", "h1"), ("JOE@W.EXAMPLE", "h2"),
                          ("root+tag@x.example", "h1")]:
        assert values(program, "host", "-f", address, env=env) == [host]


def test_defect_07_a_pattern_is_never_the_sender(program, clear_host):
    for line in ["from *@x.example", "from ?@x.example", "from [ab]@x.example"]:
        program.account(clear_host, line)
        program.write_config(program.config.read_text().replace("from a@x.example\n", ""))
        said = refused(program, "b@y.example")
        assert "no sender is known" in said and "hint: use -f ADDRESS" in said
    assert not clear_host.messages


def test_defect_07_a_literal_is_no_pattern(program):
    program.write_config(HOST + "from joe@[192.0.2.1]\n")
    assert sender(program) == "joe@[192.0.2.1]"


def test_percent_f_is_whom_from_names(program, clear_host):
    program.account(clear_host)
    program.write_config(program.config.read_text().replace("from a@x.example", "from %F"))
    assert program("b@y.example", message=b"From: Zoe <z@z.example>\n\nhi\n").returncode == 0
    assert clear_host.wait_message().mail_from == "z@z.example"
    assert "no sender is known" in refused(program, "b@y.example", message=b"To: x@y\n\nhi\n")


# --- read_envelope_from ---

TWO = ("account one\nhost localhost\nport {port}\nfrom one@x.example\n"
       "account two : one\nfrom *@two.example\nfrom_full_name Two\n{more}")


@pytest.mark.parametrize("field, wanted", [
    ("From: Joe <joe@two.example>", "joe@two.example"),
    ("From: One <one@x.example>, joe@two.example", "one@x.example"),
    ("Resent-From: r@two.example\nResent-To: b@y.example\nFrom: f@x.example", "r@two.example"),
])
def test_read_envelope_from(program, clear_host, field, wanted):
    program.write_config(TWO.format(port=clear_host.port, more=""))
    message = f"{field}\nTo: b@y.example\n\nhi\n".encode()
    assert program("-t", "--read-envelope-from", message=message).returncode == 0
    assert clear_host.wait_message().mail_from == wanted


def test_read_envelope_from_as_a_setting(program, clear_host):
    program.write_config("defaults\nread_envelope_from on\n"
                         + TWO.format(port=clear_host.port, more="account default : one\n"))
    for field, wanted in [(b"From: z@two.example\n", "z@two.example"), (b"", "one@x.example")]:
        assert program("b@y.example", message=field + b"\nhi\n").returncode == 0
        assert clear_host.wait_message().mail_from == wanted
        clear_host.messages.clear()


def test_eval_runs_once(program, clear_host, tmp_path):
    program.account(clear_host, "read_envelope_from on", f"eval echo x >>{tmp_path}/ran; echo timeout 9")
    assert program("b@y.example", message=b"From: z@z.example\n\nhi\n").returncode == 0
    assert (tmp_path / "ran").read_text() == "x\n"


def test_read_envelope_from_needs_a_from_field(program, clear_host):
    program.account(clear_host)
    said = refused(program, "--read-envelope-from", "b@y.example", message=b"\nhi\n", status=64)
    assert "the From field names no address" in said


def test_allow_from_override(program, clear_host):
    program.account(clear_host, "allow_from_override off")
    for args in [["-f", "z@z.example"], ["--read-envelope-from"]]:
        assert program(*args, "b@y.example",
                       message=b"From: q@q.example\n\nhi\n").returncode == 0
        assert clear_host.wait_message().mail_from == "a@x.example"
        clear_host.messages.clear()


def test_percent_f_is_no_override(program, clear_host):
    program.account(clear_host, "allow_from_override off")
    program.write_config(program.config.read_text().replace("from a@x.example", "from %F"))
    assert program("b@y.example", message=b"From: z@z.example\n\nhi\n").returncode == 0
    assert clear_host.wait_message().mail_from == "z@z.example"


# --- old names, keys without effect ---

RENAMED = {
    "connect_timeout 5": ("timeout", "5"),
    "undisclosed_recipients": ("set_to_header", "undisclosed_recipients"),
    "undisclosed_recipients off": ("set_to_header", "off"),
    "add_missing_from_header on": ("set_from_header", "auto"),
    "add_missing_from_header off": ("set_from_header", "off"),
    "add_missing_date_header off": ("set_date_header", "off"),
    "keepbcc on": ("remove_bcc_headers", "off"),
    "keepbcc off": ("remove_bcc_headers", "on"),
    "tls_nocertcheck": ("tls_certcheck", "off"),
    "tls_nostarttls": ("tls_starttls", "off"),
    "set_from_header": ("set_from_header", "auto"),
    "set_to_header": ("set_to_header", "on"),
}


@pytest.mark.parametrize("line", RENAMED)
def test_old_names(program, line):
    name, value = RENAMED[line]
    program.write_config(HOST + "from a@x.example\n" + line + "\n")
    assert values(program, name) == [value]


def test_old_names_as_options(program):
    program.write_config(HOST + "from a@x.example\n")
    assert values(program, "remove_bcc_headers", "--keepbcc") == ["off"]
    assert values(program, "timeout", "--connect-timeout", "5") == ["5"]
    assert values(program, "set_from_header", "--add-missing-from-header=off") == ["off"]


@pytest.mark.parametrize("line", ["protocol smtp", "proxy_port 1080", "tls_crl_file"])
def test_what_is_the_default_needs_nothing(program, clear_host, line):
    program.account(clear_host, line)
    assert program("b@y.example").returncode == 0


@pytest.mark.parametrize("line", ["tls_min_dh_prime_bits 1024",
                                  "tls_force_sslv3"])
def test_what_has_no_effect_is_noted(program, clear_host, line):
    program.account(clear_host, line)
    done = program("-v", "b@y.example")
    assert done.returncode == 0 and f"{line.split()[0]} has no effect" in done.err
    assert program("b@y.example").err == ""


@pytest.mark.parametrize("home", ["", None])
def test_home_of_who_has_none_in_the_environment(program, home):
    """It is the user's, never the root of all files."""
    program.write_config(HOST + "from a@x.example\naliases ~/aliases\n")
    done = program("-P", env={"HOME": home})
    assert f"\naliases {pwd.getpwuid(os.getuid()).pw_dir}/aliases\n" in done.out, done.err


def test_mistakes_of_accounts_that_are_not_in_use_are_noted(program):
    program.write_config(HOST + "from a@x.example\naccount other\nhots y\n")
    done = program("-P", "-v")
    assert done.returncode == 0 and "account other is not in use: " in done.err
    assert "unknown setting" in done.err and program("-P").err == ""


@pytest.mark.skipif(os.getuid() != 0, reason="a file of root's")
def test_a_file_of_roots_that_everybody_reads_is_a_warning(program, clear_host):
    program.account(clear_host, "user joe", "password secret", "auth off",
                    f"logfile {program.home}/log")
    program.config.chmod(0o644)
    assert program("b@y.example").err == ""
    warning = f"everybody may read a secret; run: chmod o-r {program.config}"
    assert warning in program("-v", "b@y.example").err
    assert warning in (program.home / "log").read_text()


# --- without files ---

def test_email_and_smtpserver(program, clear_host):
    env = {"EMAIL": "joe@x.example", "SMTPSERVER": "localhost"}
    assert sender(program, config=False, env=env) == "joe@x.example"
    assert values(program, "host", config=False, env=env) == ["localhost"]
    done = program("--port", str(clear_host.port), "b@y.example", config=False, env=env)
    assert done.returncode == 0
    assert clear_host.wait_message().mail_from == "joe@x.example"
    del env["EMAIL"]
    assert "no account is configured" in refused(program, "-P", config=False, env=env)


def test_host_excludes_account(program):
    assert "exclude each other" in refused(program, "-P", "-a", "x", "--host", "h", config=False,
                                           status=64)


def test_no_home_means_the_users_own(program):
    done = program("-P", config=False, env={"HOME": None, "XDG_CONFIG_HOME": None})
    if done.returncode:
        assert "/.msmtprc" in done.err


def test_pretend_can_be_read_back(program):
    program.write_config(HOST + "from a@x.example\nrun_timeout off\ntimeout 5\n")
    lines = shown(program)
    program.write_config("\n".join(lines) + "\n")
    assert shown(program) == lines and "run_timeout off" in lines


# --- the command line ---

@pytest.mark.parametrize("args", [["-N", "foo"], ["--auth=bogus"], ["--syslog=bogus"],
                                  ["--domain=a b"], ["--host=a b"], ["--protocol=x"]])
def test_a_bad_value_of_an_option_is_wrong_use(program, args):
    program.write_config(HOST + "from a@x.example\n")
    said = refused(program, *args, "b@y.example", status=64)
    assert said.startswith("postrider: option -N: " if args[0] == "-N" else "postrider: option: ")


def test_a_command_may_have_lines(program):
    program.write_config(HOST + "from a@x.example\n")
    assert program("-P", "--passwordeval=echo a\necho b").returncode == 0
    assert values(program, "proxy_port", "--proxy-port=") == ["1080"]

def test_long_options_may_be_cut(program):
    program.write_config(HOST + "from a@x.example\n")
    assert values(program, "tls_trust_file", "--tls-tr=/x") == ["/x"]
    assert values(program, "timeout", "--timeout", "5") == ["5"]
    assert "more than one option begins so: --tls-m" not in refused(program, "--tls-zz", status=64)
    assert "--set- is ambiguous" in refused(program, "--set-", status=64)
    assert program("--vers").out.startswith("postrider ")


@pytest.mark.parametrize("option", ["-d", "-d5", "--debug", "-v", "--verbose"])
def test_debug_spellings(program, clear_host, option):
    program.account(clear_host)
    done = program(option, "b@y.example")
    assert done.returncode == 0 and "-> EHLO" in done.err
    assert program("-d0.1").out.startswith("postrider ")


@pytest.mark.parametrize("args", [["-Am"], ["-Ac"], ["-G"], ["-h", "3"], ["-L", "tag"], ["-m"],
                                  ["-n"], ["-O", "x=y"], ["-o", "em"], ["-B7BIT"], ["-bm"],
                                  ["-N", "never"], ["-R", "hdrs"]])
def test_sendmails_options_that_change_nothing(program, clear_host, args):
    program.account(clear_host)
    assert program(*args, "b@y.example").returncode == 0


def test_an_unknown_body_type_is_logged(program, clear_host):
    program.account(clear_host, f"logfile {program.home}/log")
    assert program("-BBINARYMIME", "b@y.example").err == ""
    assert "warning='-B BINARYMIME: must be 7BIT or 8BITMIME" in (program.home / "log").read_text()
    said = program("-BBINARYMIME", "-v", "b@y.example").err
    assert said.count("postrider: warning: -B BINARYMIME: ") == 1


@pytest.mark.parametrize("args", [["-V", ""], ["-Va+00"], ["-O", "REQUIRETLS=maybe"]])
@pytest.mark.parametrize("name", ["postrider", "sendmail"])
def test_wishes_that_are_not_understood_are_wrong_use(program, clear_host, args, name):
    program.account(clear_host)
    env = {"HOME": str(program.home)}
    program.config.rename(program.home / ".msmtprc")
    done = program(*args, "b@y.example", argv0=name, config=False, env=env)
    assert done.returncode == 64 and not clear_host.messages


def test_sendmails_x_writes_nothing(program, clear_host, tmp_path):
    program.account(clear_host)
    env = {"HOME": str(tmp_path)}
    program.config.rename(tmp_path / ".msmtprc")
    done = program(f"-X{tmp_path}/trace", "b@y.example", argv0="/usr/sbin/sendmail", config=False,
                   env=env)
    assert done.returncode == 0 and not (tmp_path / "trace").exists()


# --- bare names ---

def sent(program, host, *args, message=b"From: root\nTo: root\n\nhi\n", **more):
    """The message that arrives."""
    done = program(*args, message=message, **more)
    assert (done.returncode, done.err) == (0, "")
    return host.wait_message()


def test_bare_names_go_to_the_owner(program, clear_host):
    program.account(clear_host)
    got = sent(program, clear_host, "-f", "root", "root",
               message=b"From: root (Cron Daemon)\nTo: root\nSubject: s\n\nhi\n")
    assert (got.mail_from, got.rcpt_tos) == ("a@x.example", ["a@x.example"])
    assert b'\r\nFrom: "root (Cron Daemon)" <a@x.example>\r\nTo: a@x.example\r\n' in got.content


def test_bare_names_get_the_maildomain(program, clear_host):
    program.account(clear_host, "maildomain m.example")
    got = sent(program, clear_host, "-f", "root", "joe",
               message=b"From: root\nTo: joe, x@y.example\nReply-To: me\n\nhi\n")
    assert (got.mail_from, got.rcpt_tos) == ("root@m.example", ["joe@m.example"])
    assert b"\r\nFrom: root@m.example\r\n" in got.content
    assert b"\r\nTo: joe@m.example, x@y.example\r\nReply-To: me@m.example\r\n" in got.content


def test_header_is_left_alone_when_asked(program, clear_host):
    program.account(clear_host, "complete_header off")
    got = sent(program, clear_host, "-t")
    assert b"\r\nFrom: root\r\nTo: root\r\n" in got.content


def test_auto_from(program):
    env = {"USER": "ulla"}
    program.write_config(HOST + "auto_from on\nmaildomain m.example\n")
    assert sender(program, env=env) == "ulla@m.example"
    program.write_config(HOST + "from joe\nmaildomain m.example\n")
    assert sender(program) == "joe@m.example"
    assert sender(program, "--auto-from", env=env) == "ulla@m.example"


def test_names_outside_ascii_become_a_labels(program):
    program.write_config(HOST.replace("h.example", "bücher.example") + "from joe\n"
                         "maildomain faß.example\ndomain ü.example\n")
    assert sender(program) == "joe@xn--fa-hia.example"
    assert values(program, "host") == ["xn--bcher-kva.example"]
    assert values(program, "domain") == ["xn--tda.example"]
    program.write_config(HOST.replace("h.example", "☃.example"))
    assert "may be registered" in refused(program, "-P")


@pytest.mark.skipif(not pathlib.Path("/etc/mailname").exists() and os.getuid() != 0,
                    reason="needs a mailname")
def test_mailname_only_where_nothing_else_is_known(program):
    program.write_config(HOST + "from joe\n")
    done = program("-P")
    if pathlib.Path("/etc/mailname").exists():
        assert done.returncode == 0
    else:
        assert done.returncode in (0, 78)
