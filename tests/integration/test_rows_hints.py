# SPDX-License-Identifier: MIT
"""Hints that know where the settings are from, who may read what, and what waits: D9 to D20."""

import errno
import grp
import os

import pytest

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
