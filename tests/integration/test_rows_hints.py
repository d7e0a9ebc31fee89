# SPDX-License-Identifier: MIT
"""Hints that know where the settings are from, who may read what, and what waits: D9 to D20."""

import errno
import grp
import os
import re
import shutil
import socket
import subprocess
import sys

import pytest

import replyserver
from privileged import skip_where_forbidden
from smarthost import Smarthost

GSASL_MALLOC_ERROR = 7

@pytest.mark.parametrize("args, wanted", [
    (["--auth=on", "--passwordeval=echo x"], "add an option: --user=NAME"),
    (["--tls=on", "--tls-cert-file=/none"], "add an option --tls-key-file=FILE"),
    (["--protocol=lmtp", "--port="], "--port"),
    (["--domain=a b"], None)])
def test_d13_options_of_a_command_without_an_account(program, clear_host, args, wanted):
    done = program(f"--host=127.0.0.1", f"--port={clear_host.port}", "-f", "a@x.example", *args,
                   "b@y.example", config=False)
    assert done.returncode in (0, 64, 78), done.err
    assert wanted is None or wanted in done.err
    assert "the line " not in done.err and "a line" not in done.err


def test_d13_the_server_wants_a_login(program):
    with Smarthost(tls="off", auth_in_clear=True) as host:
        done = program("--host=127.0.0.1", f"--port={host.port}", "-f", "a@x.example",
                       "b@y.example", config=False)
        assert done.returncode == 77
        assert "add the options --auth=on, --user=NAME and --passwordeval=COMMAND to the command" \
            in done.err
        program.write_config(f"account default\nhost 127.0.0.1\nport {host.port}\nfrom a@x.example\n")
        done = program("b@y.example")
        assert "add the lines auth on, user NAME and passwordeval COMMAND to the account" in done.err


def test_d13_the_server_has_no_tls(program, clear_host):
    done = program("--host=127.0.0.1", f"--port={clear_host.port}", "--tls=on", "-f", "a@x.example",
                   "b@y.example", config=False)
    assert done.returncode == 69 and "--tls" in done.err and "lines" not in done.err


SHORTAGES = {"EMFILE": errno.EMFILE, "ENFILE": errno.ENFILE, "ENOMEM": errno.ENOMEM, "EIO": errno.EIO}
FILES = ["config", "password_file", "aliases", "include", "message", "attachment", "tls_cert_file",
         ".netrc"]


@pytest.fixture
def files(program, tmp_path, preload):
    """A function: a run with one of the files that it needs out of order."""
    odd = preload("odd_calls")
    for name, text in [("password_file", "secret\n"), ("aliases", "x: b@y.example\n"),
                       ("include", "timeout 20\n"), ("message", "Subject: s\n\nb\n"),
                       ("attachment", "text\n"), ("tls_cert_file", "none"),
                       (".netrc", "machine 127.0.0.1 login joe password secret\n")]:
        (program.home / name).write_text(text)
        (program.home / name).chmod(0o600)

    def run(host, name, call):
        lines = ["account default", "host 127.0.0.1", f"port {host.port}", "tls off", "auth plain",
                 "user joe", "from a@x.example"]
        if name in ("password_file", "aliases", "include", "tls_cert_file"):
            lines.append(f"{name} {program.home}/{name}")
        if name == "tls_cert_file":
            lines.append(f"tls_key_file {program.home}/{name}")
            lines[3] = "tls on"
        if name not in ("password_file", ".netrc"):
            lines.append("password secret")
        path = program.write_config("\n".join(lines) + "\n")
        path = path if name == "config" else program.home / name
        args = ["b@y.example"]
        args += {"message": ["--message", str(path)], "attachment": ["--attach", str(path), "--body=x"],
                 "aliases": ["x"]}.get(name, [])
        if name == "aliases":
            args = ["root", "x"]
        return program(*args, env={"LD_PRELOAD": odd, "ODD_CALLS": call.format(path=path)})
    return run


@pytest.mark.parametrize("shortage", SHORTAGES)
@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("call", ["open", "read"])
def test_d16_a_shortage_at_any_file_is_temporary(files, name, shortage, call):
    with Smarthost(tls="off", auth_in_clear=True) as host:
        done = files(host, name, "%s {path} %d" % (call, SHORTAGES[shortage]))
        assert done.returncode == 75, done.err
        assert not host.messages


def test_d16_no_random_numbers(program, clear_host, preload):
    program.account(clear_host)
    done = program("b@y.example", env={"LD_PRELOAD": preload("odd_calls"), "ODD_CALLS": "random"})
    assert done.returncode == 75 and "random numbers" in done.err and not clear_host.messages


@pytest.mark.parametrize("function", ["gsasl_init", "gsasl_client_start", "gsasl_step",
                                      "gsasl_saslprep"])
def test_d16_gnu_sasl_has_no_memory(program, preload, function):
    with Smarthost(tls="off", auth_in_clear=True, mechanisms=("SCRAM-SHA-256",)) as host:
        program.account(host, "auth scram")
        done = program("b@y.example", env={"LD_PRELOAD": preload("odd_calls"),
                                           "ODD_CALLS": f"library {function} {GSASL_MALLOC_ERROR}"})
        assert done.returncode == 75 and not host.messages, done.err


@pytest.fixture
def nobody(program):
    """Run as the user nobody, who may not read what is root's."""
    if os.getuid() != 0:
        pytest.skip("needs root, to be somebody else")
    program.open_to_all()

    def run(*args, **more):
        return program(*args, user="nobody", group="nogroup", extra_groups=[],
                       env={"HOME": "/nonexistent"}, **more)
    return run


def test_d11_a_configuration_of_a_group(program, nobody, clear_host):
    path = program.account(clear_host)
    path.chmod(0o640)
    os.chown(path, 0, grp.getgrnam("mail").gr_gid)
    done = nobody("b@y.example")
    assert done.returncode == 78 and f"{path}: Permission denied" in done.err
    assert "user nobody may not read it; its group may: as root, adduser nobody mail, and log in " \
        "again" in done.err


def test_d11_a_password_file_of_root(program, nobody):
    with Smarthost(tls="off", auth_in_clear=True) as host:
        secret = program.home / "secret"
        secret.write_text("secret\n")
        secret.chmod(0o600)
        path = program.write_config("account default\nhost localhost\nfrom a@x.example\nuser joe\n"
                                    f"port {host.port}\npassword_file {secret}\n", mode=0o644)
        done = nobody("b@y.example")
        assert path and done.returncode == 78
        assert "only root may; let a group read it, as root: groupadd -f postrider-mail; chgrp " \
            f"postrider-mail {secret}; chmod 640 {secret}; adduser nobody postrider-mail" in done.err


def test_e11_an_include_that_is_too_long(program):
    path = program.write_config(f"include {'a' * 5000}\naccount default\nhost x.example\n")
    done = program("-P")
    assert done.returncode == 78 and f"{path}:1: include: " in done.err
    assert "File name too long" in done.err


def test_e11_a_glob_over_devices(program):
    program.write_config("include /dev/ze*o\ninclude /dev/n*ll\naccount default\nhost x.example\n")
    done = program("-P", timeout=20)
    assert done.returncode == 78 and "/dev/zero: it is a device" in done.err
    assert "/dev/null" not in done.err


def test_e11_a_glob_over_pipes(program):
    """One of them may be our own output, whose writer we are."""
    os.mkfifo(program.home / "pipe")
    program.write_config(f"include {program.home}/pi*\ninclude /dev/st*out\naccount default\nhost x.example\n")
    done = program("-P", timeout=20)
    assert done.returncode == 78 and f"{program.home}/pipe: it is a pipe" in done.err
    assert "/dev/stdout: it is a pipe" in done.err


def test_e11_ten_thousand_accounts(program):
    lines = [f"account a{i}\nhost mail.example\nfrom a{i}@x.example" for i in range(10000)]
    program.write_config("\n".join(lines) + "\n")
    done = program("-P", "-f", "a9999@x.example", timeout=20)
    assert done.returncode == 0 and "from a9999@x.example" in done.out
    assert program("--list=accounts", timeout=20).out.count("a999") >= 10


def test_e11_the_cost_of_accounts_is_not_their_square(program):
    """Counted by instructions, which are the same each time."""
    if not shutil.which("valgrind"):
        pytest.skip("no valgrind here")
    costs = []
    for count in (500, 5000):
        lines = [f"account a{i}\nhost mail.example\nfrom a{i}@x.example" for i in range(count)]
        program.write_config("\n".join(lines) + "\n")
        done = subprocess.run(["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null",
                               program.path, "-C", program.config, "-P", "-f", "a1@x.example"],
                              text=True, capture_output=True, check=False, timeout=120,
                              env=program.environment())
        counted = re.search(r"Collected : (\d+)", done.stderr)
        if not counted:
            pytest.skip("valgrind cannot run this build")
        costs.append(int(counted[1]))
    assert costs[1] < 150_000_000 and costs[1] < 12 * costs[0]


@pytest.fixture
def system_file(program):
    """A function: what -P says where that text is the configuration of the system."""
    etc = program.home / "etc"
    (etc / "postrider").mkdir(parents=True)
    script = ('for f in passwd group nsswitch.conf; do cp /etc/$f "$HOME/etc/"; done; '
              'mount --bind "$HOME/etc" /etc || exit 99; exec "$0" "$@"')

    def run(text, mode, own):
        (etc / "postrider/config").write_text(text)
        (etc / "postrider/config").chmod(mode)
        config = program.home / ".config/postrider/config"
        config.unlink(missing_ok=True)
        if own:
            program.write_config("account own\nhost localhost\n", path=config)
        done = subprocess.run(["unshare", "-m", "sh", "-c", script, program.path, "-P"], text=True,
                              env=program.environment(), capture_output=True, check=False)
        skip_where_forbidden(done)
        done.err = done.stderr
        return done
    return run


@pytest.mark.parametrize("mode", [0o664, 0o646])
def test_e6_a_file_of_the_system_that_others_can_change(system_file, mode):
    """Whoever has an account of their own does not need it; whoever has none is told of it."""
    done = system_file("account sys\nhost localhost\npassword x\n", mode, own=True)
    assert done.returncode == 0 and done.err == ""
    done = system_file("account sys\nhost localhost\npassword x\n", mode, own=False)
    assert done.returncode == 78 and "/etc/postrider/config: others can change it" in done.err
    assert "hint: run: chmod go-w /etc/postrider/config" in done.err


@pytest.mark.parametrize("kind", ["config", "password_file", "tls_key_file", ".netrc"])
def test_e5_a_secret_of_roots_that_everybody_reads(program, kind):
    if os.getuid() != 0:
        pytest.skip("a file of root's")
    with Smarthost(tls="off", auth_in_clear=True) as host:
        lines = ["account default", "host 127.0.0.1", f"port {host.port}", "from a@x.example",
                 "user joe", "auth plain"]
        path = program.home / kind
        path.write_text("machine 127.0.0.1 login joe password secret\n" if kind == ".netrc" else
                        "secret\n")
        if kind == "password_file":
            lines.append(f"password_file {path}")
        elif kind == "tls_key_file":
            shutil.copy("/dev/null", path)
            lines += [f"tls_cert_file {path}", f"tls_key_file {path}", "tls on", "password x"]
        elif kind == "config":
            lines.append("password secret")
        path.chmod(0o644)
        program.write_config("\n".join(lines) + "\n", mode=0o644 if kind == "config" else 0o600)
        done = program("-v", "b@y.example")
        assert f"everybody may read a secret; run: chmod o-r {path}" in done.err


BASE = "account default\nhost mail.example\nfrom a@x.example\n"
SHA1 = ":".join(["AB"] * 20)


@pytest.mark.parametrize("lines, status, said", [
    (f"tls_fingerprint {SHA1}", 78, "this is the SHA-1 of a certificate"),
    ("tls off\ntls_trust_file /dev/null", 0, "warning: account default: tls_trust_file has no effect, as tls is off"),
    ("tls off\ntls_pin sha256//" + "A" * 43 + "=", 0, "tls_pin has no effect, as tls is off"),
    ("tls_certcheck off\ntls_trust_file /dev/null", 0, "tls_trust_file has no effect, as tls_certcheck is off"),
    ("auth off\npasswordeval x", 0, "passwordeval has no effect, as auth is off"),
    ("user u\npassword a\npasswordeval x", 0, "passwordeval has no effect, as password is set too"),
    ("user u\npassword a\npassword_file /none/x", 0, "password_file has no effect, as password is"),
    ("user u\npasswordeval x\npassword_file /none/x", 0, "passwordeval has no effect, as password_f"),
    ("timeout 5\ntimeout 6", 0, "config:5: timeout is given twice; this line counts"),
    ("tls_certcheck off", 0, "tls_certcheck is off: anybody on the way can read"),
    ("port 465\ntls_starttls on", 0, "add the line tls_starttls off"),
    ("port 465\ntls off", 0, "port 465 has TLS from the start, and tls is off"),
    ("tls off\ntls_starttls on", 0, "tls_starttls has no effect, as tls is off"),
    ("tls off\ntls_starttls off", 0, ""), ("tls off\nport 25", 0, ""),
    ("port 587\ntls_starttls off", 0, "add the line tls_starttls on"),
    ("user joe\npassword_file /none/x", 0, "account default: password_file /none/x: No such file"),
    ("tls_trust_file /none/x", 0, "account default: tls_trust_file /none/x: No such file"),
    ("tls_crl_file /none/x", 0, "tls_crl_file /none/x: No such file"),
    ("tls_cert_file /none/x\ntls_key_file /none/y", 0, "tls_key_file /none/y: No such file"),
    ("aliases /none/x", 0, "aliases /none/x: No such file"),
    ("logfile /none/x", 0, "logfile /none/x: No such file or directory; nothing is logged"),
    ("logfile /", 0, "logfile /: Is a directory; nothing is logged"), ("logfile new-one", 0, ""),
    ("logfile -", 0, ""), ("logfile /dev/null/x", 0, "logfile /dev/null/x: Not a directory"),
    ("\naccount other\nhost o.example\ntls_trust_file /none/x", 0, "account other: tls_trust_file /none/x"),
    ("\naccount other\nhost o.example\nport 465\ntls_starttls on", 0, "warning: account other: port 465"),
    ("tls_priorities GARBAGE", 78, "account default: tls_priorities: "),
    ("tls_trust_file /etc/passwd", 78, "account default: tls_trust_file"),
    ("tls_crl_file /etc/passwd", 78, "account default: tls_crl_file"),
    ("tls_cert_file /etc/passwd\ntls_key_file /etc/hostname", 78, "account default: tls_cert_file /etc/passwd: it"),
    ("\naccount other\nhost o.example\ntls_priorities GARBAGE", 78, "account other: tls_priorities"),
    ("from b@x.example", 0, ""), ("user joe\npasswordeval false", 0, ""),
    ("timeout 5\n\naccount other\nhost o.example\ntimeout 6", 0, "")])
def test_d20_what_is_hardly_meant(program, lines, status, said):
    program.write_config(BASE + lines + "\n")
    done = program("-bC")
    assert done.returncode == status and said in done.err and done.out == ""
    assert said or not done.err


@pytest.mark.parametrize("lines, credential", [("user joe", True), ("auth external\ntls_cert_file c\ntls_key_file k", False)])
def test_d20_a_netrc_that_is_not_looked_into(program, lines, credential):
    """Neither where a credential comes first, nor where no password is wanted."""
    program.write_config(BASE + lines + "\n")
    for name, mode in ((".netrc", 0o666), ("postrider", 0o600)):
        (program.home / name).write_text("machine mail.example login joe password x\n")
        (program.home / name).chmod(mode)
    env = {"CREDENTIALS_DIRECTORY": str(program.home)} if credential else {}
    assert program("-bC", env=env).returncode == 0


@pytest.mark.parametrize("lines, where, warned", [
    ("user joe", None, True), ("user joe\nauth xoauth2", None, True), ("user joe", "netrc", False),
    ("user joe", "other netrc", True), ("user joe", "keyring", False), ("user joe", "no bus", True),
    ("user joe\nauth off", None, False), ("", None, False), ("user joe\npassword x", None, False),
    ("user joe\npassword_file p", None, False), ("user joe\npasswordeval false", None, False),
    ("auth external\ntls_cert_file c\ntls_key_file k", None, False)])
def test_e1_a_password_that_nothing_gives(program, lines, where, warned):
    """-bC says that a person at a terminal will be asked; a keyring that is there may have it."""
    program.write_config(BASE + lines + "\n")
    if where and "netrc" in where:
        login = "joe" if where == "netrc" else "ann"
        (program.home / ".netrc").write_text(f"machine mail.example login {login} password x\n")
        (program.home / ".netrc").chmod(0o600)
    folder = program.home / "bin"
    folder.mkdir()
    (folder / "secret-tool").write_text("#!/bin/sh\ntouch ran\n")
    (folder / "secret-tool").chmod(0o755)
    env = {"PATH": f"{folder}:{os.environ['PATH']}"}
    if where == "keyring":
        env["DBUS_SESSION_BUS_ADDRESS"] = "unix:path=/nowhere"
    done = program("-bC", env=env, cwd=program.home)
    assert done.returncode == 0 and not (program.home / "ran").exists()
    said = f"no line and no file gives this user a {'token' if 'xoauth2' in lines else 'password'}"
    assert (said in done.err) == warned, done.err


@pytest.mark.parametrize("mode, said", [(0o600, None), (0o644, None), (0o666, "others can change it"),
                                        (0o622, "others can change it")])
def test_e5_a_netrc_that_others_can_change(program, mode, said):
    """-bC says what sending would."""
    program.write_config(BASE + "user joe\n")
    netrc = program.home / ".netrc"
    netrc.write_text("machine mail.example login joe password x\n")
    netrc.chmod(mode)
    done = program("-bC")
    assert done.returncode == (78 if said else 0)
    assert not said or f"account default: {netrc}: {said}" in done.err
    program.write_config(BASE + "user joe\npasswordeval echo x\n")
    assert program("-bC").returncode == 0


def test_b2_the_hint_about_a_sender_that_is_the_line_from_already(program, clear_host):
    program.account(clear_host, "allow_from_override off", "set_from_header on")
    clear_host.replies["b@y.example"] = "550 5.7.60 not as this sender"
    done = program("b@y.example")
    assert "this account may not send as a@x.example, its line from" in done.err
    assert "allow_from_override" not in done.err


def test_e11_more_accounts_than_there_may_be(program):
    program.write_config("".join(f"account a{i}\nhost x.example\n" for i in range(10_001)))
    done = program("-P", "-a", "a1")
    assert done.returncode == 78 and ":20001: account: there may be 10000 in a file" in done.err


def test_d20_eval_lines_of_other_accounts_are_not_run(program):
    program.write_config(BASE + f"\naccount other\nhost o.example\neval touch {program.home}/ran\n")
    assert program("-bC").returncode == 0 and not (program.home / "ran").exists()


@pytest.mark.parametrize("more, said", [
    ("", "1 account, no mistakes"), ("\naccount b\nhost b.example\n", "2 accounts, no mistakes"),
    ("timeout 5\ntimeout 6\n", "1 account, no mistakes, 1 warning")])
def test_d20_at_a_terminal(program, terminal, more, said):
    program.write_config(BASE + more)
    running = terminal.start([program.path, "-C", str(program.config), "-bC"],
                             program.environment())
    terminal.wait_for(said)
    assert running.wait(30) == 0


SILENT = """
import os, socket, subprocess, sys
subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
sys.exit(subprocess.run(sys.argv[2:], check=False).returncode)
"""


@pytest.mark.parametrize("port, seconds", [(465, 10), (2465, 10), (465, 2), (587, 300)])
def test_d19_no_greeting_where_tls_begins_at_once(program, preload, port, seconds):
    """The server waits for TLS, and so do we for a greeting: not for minutes, if the port says it."""
    program.write_config(f"account default\nhost 127.0.0.1\nport {port}\ntls on\n"
                         "tls_starttls on\nfrom a@x.example\n" +
                         (f"timeout {seconds}\n" if seconds < 10 else ""))
    done = subprocess.run(["unshare", "-n", sys.executable, "-c", SILENT, str(port), "env",
                           "LD_PRELOAD=" + preload("fast_clock"), "FAST_CLOCK=50", program.path, "-C",
                           program.config, "b@y.example"], text=True, input="hi\n", check=False,
                          capture_output=True, timeout=60, env=program.environment())
    skip_where_forbidden(done)
    assert done.returncode == 75 and f"no greeting within {seconds} s" in done.stderr
    assert "tls_starttls off (port 465)" in done.stderr


@pytest.mark.parametrize("lines, said", [
    ("", "only for a relay inside your own network, the line tls off"),
    ("user joe\npassword x", "add the lines port 465 and tls_starttls off to the account")])
def test_d10_a_server_without_starttls(program, clear_host, lines, said):
    program.account(clear_host, "tls on", "tls_starttls on", lines)
    done = program("b@y.example")
    assert done.returncode == 69 and said in done.err
    assert ("line tls off" in done.err) != bool(lines)


GNUTLS_E_MEMORY_ERROR = -25


@pytest.mark.parametrize("function", [
    "gnutls_global_init", "gnutls_init", "gnutls_handshake", "gnutls_priority_init2",
    "gnutls_certificate_allocate_credentials", "gnutls_credentials_set", "gnutls_server_name_set"])
def test_d16_gnutls_has_no_memory(program, preload, certs, function):
    with Smarthost(certs) as host:
        program.account(host, certs=certs)
        done = program("b@y.example", env={"LD_PRELOAD": preload("odd_calls"),
                                           "ODD_CALLS": f"library {function} {GNUTLS_E_MEMORY_ERROR}"})
        assert done.returncode == 75 and not host.messages, done.err


@pytest.mark.parametrize("stage, reply", [
    ("RCPT", "554 5.2.252 SendAsDenied; a@x.example not allowed to send as boss@y.example"),
    ("message", "550 5.7.60 SMTP; Client does not have permissions to send as this sender"),
    ("message", "554 Message rejected: Email address is not verified")])
@pytest.mark.parametrize("author", ["boss@y.example", "a@x.example"])
def test_d7_both_senders_are_named_where_they_differ(program, stage, reply, author):
    with Smarthost(tls="off", auth_in_clear=True) as host:
        program.account(host)
        if stage == "RCPT":
            host.replies["b@y.example"] = reply
        else:
            host.data_reply = reply
        done = program("b@y.example", message=f"From: {author}\n\nb\n".encode())
    assert done.returncode in (69, 77)
    both = f"From says {author}, the envelope says a@x.example" in done.err
    assert both == (author != "a@x.example") and "set_from_header on" in done.err


def test_d9_a_trusted_certificate_without_a_name(program, certs):
    with Smarthost(certs, cert="cnonly") as host:
        program.account(host, certs=certs)
        done = program("b@y.example")
    assert done.returncode == 69 and "it names no host in a subjectAltName" in done.err
    assert re.search(r"the line tls_fingerprint [0-9A-F]{2}(:[0-9A-F]{2}){31}\b", done.err)


@pytest.mark.parametrize("seconds", [1, 120])
def test_d19_silence_in_the_handshake(program, preload, seconds):
    """After ten seconds it is told, and at the end too, with what it may be."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        program.write_config(f"account default\nhost 127.0.0.1\nport {server.getsockname()[1]}\n"
                             "tls on\ntls_starttls off\nfrom a@x.example\n" +
                             (f"timeout {seconds}\n" if seconds < 10 else ""))
        done = program("-v", "b@y.example", env={"LD_PRELOAD": preload("fast_clock"),
                                                 "FAST_CLOCK": "100"})
    assert done.returncode == 75
    assert "the TLS handshake was not finished in time: the server said nothing" in done.err
    assert "does TLS begin at once on this port?" in done.err
    told = "the server has said nothing to our TLS handshake for 10 s" in done.err
    assert told == (seconds > 10)


def test_d19_silence_behind_starttls(program):
    """TLS did begin with a command, so that another port is no advice."""
    replies = {"STARTTLS": "220 go", "handshake": replyserver.SILENT}
    with replyserver.ReplyServer(tls="starttls", replies=replies) as server:
        program.write_config(f"account default\nhost 127.0.0.1\nport {server.port}\ntls on\n"
                             "tls_starttls on\nfrom a@x.example\ntimeout 1\n")
        done = program("b@y.example")
    assert done.returncode == 75 and "the TLS handshake was not finished in time" in done.err
    assert "it agreed to STARTTLS" in done.err and "does TLS begin" not in done.err


@pytest.mark.parametrize("shortage", SHORTAGES)
def test_d16_the_authorities_cannot_be_read(program, preload, certs, shortage):
    """The system's bundle is opened and lacks descriptors: nobody is called a stranger for that."""
    bundle = "/etc/ssl/certs/ca-certificates.crt"
    if not os.path.exists(bundle):
        pytest.skip("no bundle of authorities here")
    with Smarthost(certs) as host:
        program.account(host)
        done = program("b@y.example", env={"LD_PRELOAD": preload("odd_calls"),
                                           "ODD_CALLS": f"open {bundle} {SHORTAGES[shortage]}"})
        assert done.returncode == 75 and "tls_fingerprint" not in done.err, done.err
