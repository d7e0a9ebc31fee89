# SPDX-License-Identifier: MIT
"""Where a secret is looked for when no line of the account tells it, and in what order."""

import os
import pathlib

import pytest

from smarthost import Smarthost


@pytest.fixture
def host(certs):
    """A smarthost with implicit TLS that wants joe's password, which is `secret`."""
    with Smarthost(certs) as running:
        yield running


@pytest.fixture
def bare(program, host, certs):
    """The program with an account that has a user and no password."""
    program.account(host, certs=certs)
    program.write_config(program.config.read_text().replace("password secret\n", ""))
    program.home.joinpath("tools").mkdir()
    return program


def write(path, text, mode=0o600):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(mode)
    return path


def netrc(program, password="secret", mode=0o600):
    write(program.home / ".netrc", f"machine localhost login joe password {password}\n", mode)


def credential(program, name="postrider", password="secret", mode=0o400):
    folder = program.home / "credentials"
    write(folder / name, password + "\n", mode)
    return {"CREDENTIALS_DIRECTORY": str(folder)}


def keyring(program, script="echo secret"):
    """A stand-in for secret-tool, which notes how it was called; what makes us call it."""
    tool = write(program.home / "tools/secret-tool",
                 f'#!/bin/sh\nprintf "%s\\n" "$@" > {program.home}/asked\n{script}\n', 0o755)
    return {"PATH": f"{tool.parent}:{os.environ['PATH']}", "DBUS_SESSION_BUS_ADDRESS": "unix:path=/x"}


def submit(program, host, env, status=0):
    """Submit; what was said. The helper's words and notes are shown with -v alone."""
    done = program("b@y.example", env=env)
    assert done.returncode == status, done.err
    assert bool(host.messages) == (status == 0)
    assert status or done.err == ""
    return done.err


def test_nothing_anywhere(bare, host):
    said = submit(bare, host, {}, 78)
    assert "no password was found" in said and "passwordeval COMMAND" in said


def test_netrc(bare, host):
    netrc(bare)
    submit(bare, host, {})
    shown = bare("-v", "b@y.example").err
    assert f"the password is from {bare.home}/.netrc" in shown


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o666])
def test_netrc_that_others_may_read(bare, host, mode):
    netrc(bare, mode=mode)
    os.chown(bare.home / ".netrc", os.getuid(), os.getgid())
    if os.getuid() == 0 and not mode & 0o022:  # a file of root's need not be closed
        submit(bare, host, {})
        return
    said = submit(bare, host, {}, 78)
    assert ".netrc" in said and "chmod" in said


def test_netrc_of_a_stranger(bare, host):
    if os.getuid() != 0:
        pytest.skip("only root can give files away")
    netrc(bare)
    os.chown(bare.home / ".netrc", 65534, 65534)
    assert ".netrc" in submit(bare, host, {}, 78)


def test_netrc_without_an_entry_for_us(bare, host):
    """Then it does not matter who may read it."""
    write(bare.home / ".netrc", "machine other login joe password x\n", 0o666)
    assert "no password was found" in submit(bare, host, {}, 78)


def test_netrc_of_the_account_and_host(bare, host):
    write(bare.home / ".netrc", "machine other login joe password x\nmachine localhost login ann "
          "password y\nmachine LOCALHOST\n login \"joe\"\n password \"secret\"\n")
    submit(bare, host, {})


@pytest.mark.parametrize("name", ["postrider", "postrider.default"])
def test_systemd_credential(bare, host, name):
    submit(bare, host, credential(bare, name))


def test_systemd_credential_of_the_account_first(bare, host):
    credential(bare, "postrider", "wrong")
    submit(bare, host, credential(bare, "postrider.default"))


@pytest.mark.parametrize("broken", ["empty", "nul", "folder", "open"])
def test_systemd_credential_that_is_unusable(bare, host, broken):
    """It is there for us, so the next source is not tried."""
    netrc(bare)
    env = credential(bare)
    path = pathlib.Path(env["CREDENTIALS_DIRECTORY"]) / "postrider"
    path.chmod(0o600)
    if broken == "folder":
        path.unlink()
        path.mkdir()
    elif broken == "open":
        path.chmod(0o622)
    else:
        path.write_bytes(b"" if broken == "empty" else b"sec\0ret\n")
    said = submit(bare, host, env, 78)
    assert "credential of systemd" in said and str(path) in said and "secret" not in said.replace(
        "the secret", "")


@pytest.mark.parametrize("folder", ["", "relative", "/nonexistent"])
def test_systemd_folder_that_is_none(bare, host, folder):
    netrc(bare)
    submit(bare, host, {"CREDENTIALS_DIRECTORY": folder})


def test_keyring(bare, host):
    submit(bare, host, keyring(bare))
    asked = (bare.home / "asked").read_text().split("\n")
    assert asked == ["lookup", "service", "smtp", "host", "localhost", "user", "joe", ""]


def test_keyring_gets_words_and_no_shell(bare, host):
    """Whatever stands in a user name is one argument of the tool."""
    user = "j'$(touch ../oops) \"e\\"
    bare.write_config(bare.config.read_text().replace("user joe", f"user {user}"))
    host.credentials = (user, "secret")
    submit(bare, host, keyring(bare))
    assert (bare.home / "asked").read_text().split("\n")[6] == user


@pytest.mark.parametrize("script", ["exit 1", "exit 75", "true", "echo locked >&2; exit 1"])
def test_keyring_without_an_entry(bare, host, script):
    netrc(bare)
    submit(bare, host, keyring(bare, script))
    assert (bare.home / "asked").exists()


def test_keyring_without_a_session_bus(bare, host):
    netrc(bare)
    env = keyring(bare, "echo wrong")
    submit(bare, host, {**env, "DBUS_SESSION_BUS_ADDRESS": None, "XDG_RUNTIME_DIR": str(bare.home)})
    assert not (bare.home / "asked").exists()


def test_keyring_with_the_usual_bus(bare, host):
    (bare.home / "bus").write_text("")
    env = keyring(bare)
    submit(bare, host, {**env, "DBUS_SESSION_BUS_ADDRESS": None, "XDG_RUNTIME_DIR": str(bare.home)})


def test_keyring_that_is_not_installed(bare, host):
    netrc(bare)
    submit(bare, host, {"DBUS_SESSION_BUS_ADDRESS": "unix:path=/x", "PATH": str(bare.home / "tools")})


def test_order(bare, host):
    """Lines of the account, then systemd, the keyring, and .netrc last; the first is taken."""
    netrc(bare, "from-netrc")
    env = keyring(bare, "echo from-keyring")
    given = {**env, **credential(bare, password="from-systemd")}
    text = bare.config.read_text()
    steps = [("from-netrc", {}, ""), ("from-keyring", env, ""),
             ("from-systemd", given, ""),
             ("from-eval", given, "passwordeval echo from-eval"),
             ("from-file", given, f"password_file {write(bare.home / 'pw', 'from-file')}"),
             ("from-line", given, "password from-line")]
    more = []
    for number, (password, environment, line) in enumerate(steps, 1):
        more.append(line)
        bare.write_config(text + "\n".join(more) + "\n")
        host.credentials = ("joe", password)
        assert bare("b@y.example", env=environment).returncode == 0
        assert len(host.messages) == number


def test_a_source_that_fails_is_the_last(bare, host):
    netrc(bare)
    bare.write_config(bare.config.read_text() + "passwordeval exit 1\n")
    submit(bare, host, {}, 78)
