# SPDX-License-Identifier: MIT
"""Other ways to a server than its address: SOCKS5 proxies and tunnels."""

import os
import shlex
import signal
import socket
import time

import pytest

from replyserver import ReplyServer
from socksproxy import LIES, SocksProxy
from wire import listen


def account(program, *lines, host="mail.example", port=25):
    """Write an account in clear."""
    program.write_config("\n".join(
        ["account default", f"host {host}", f"port {port}", "tls off", "from a@x.example",
         *lines]) + "\n")


@pytest.fixture
def server():
    """A server that takes everything."""
    with ReplyServer() as made:
        yield made


def through(program, proxy, *lines, **more):
    """An account that goes through the proxy."""
    account(program, "proxy_host 127.0.0.1", f"proxy_port {proxy.port}", *lines, **more)


# --- SOCKS ---

@pytest.mark.parametrize("host", ["mail.example", "192.0.2.7", "2001:db8::7", "localhost"])
def test_the_proxy_looks_the_host_up(program, server, host):
    with SocksProxy(server.port) as proxy:
        through(program, proxy, host=host)
        done = program("-vv", "b@y.example")
        assert done.returncode == 0 and len(server.messages) == 1, done.err
        assert proxy.asked == [(host, 25)]
    assert "connected to proxy 127.0.0.1" in done.err
    assert "host mail.example is" not in done.err


def test_user_and_password(program, server):
    with SocksProxy(server.port, user=("joe", "s3cret")) as proxy:
        through(program, proxy, "proxy_user joe", "proxy_password s3cret")
        done = program("-vv", "b@y.example")
        assert done.returncode == 0 and len(server.messages) == 1
        assert "s3cret" not in done.err
        through(program, proxy, "proxy_user joe", "proxy_password wrong")
        done = program("b@y.example")
        assert done.returncode == 77 and "it refused the user name or the password" in done.err
        through(program, proxy)
        done = program("b@y.example")
        assert done.returncode == 77 and "lines proxy_user NAME and proxy_password" in done.err
    with SocksProxy(server.port) as proxy:
        through(program, proxy, "proxy_user joe", "proxy_password s3cret")
        assert program("b@y.example").returncode == 0
    assert len(server.messages) == 2


@pytest.mark.parametrize("lines, said", [
    (["proxy_user joe"], "proxy_user is set and proxy_password is not"),
    (["proxy_password p"], "proxy_password is set and proxy_user is not"),
    (["proxy_host p.example", "tunnel cat"], "tunnel and proxy_host exclude each other"),
    (["socket /s", "tunnel cat"], "tunnel and socket exclude each other"),
    (["tunnel cat", "host b.example"], "with a tunnel only one host may be named"),
    (["socket /s", "host b.example"], "with a socket only one host may be named"),
    (["host srv:x.example"], "servers that are looked up must be verified")])
def test_what_excludes_each_other(program, lines, said):
    account(program, *lines)
    done = program("b@y.example")
    assert done.returncode == 78 and said in done.err


@pytest.mark.parametrize("line", ["host mail.example", "tls_host_override mail.example",
                                  "tls_fingerprint " + "ab" * 32, "tls_pin sha256//" + "A" * 43 + "="])
def test_one_line_says_whose_the_certificate_is(program, line):
    program.write_config(f"account default\nsocket /s\ntls on\n{line}\nfrom a@x.example\n"
                         "auth off\n")
    done = program("-P")
    assert (done.returncode, done.err) == (0, "")


def test_the_password_stays_in_files(program):
    account(program)
    done = program("--proxy-password=x", "b@y.example")
    assert done.returncode == 64 and "only allowed in a file" in done.err
    account(program, "proxy_user joe", "proxy_password hush", "proxy_host p.example")
    assert "hush" not in program("-P").out


# SRV-36: a proxy that lies
@pytest.mark.parametrize("lie", sorted(LIES))
def test_a_proxy_that_lies(program, server, lie):
    with SocksProxy(server.port, lie=lie) as proxy:
        through(program, proxy, "timeout 20")
        done = program("b@y.example")
    refused = lie == "no method"
    assert done.returncode == (77 if refused else 75) and not server.messages
    assert "host mail.example, port 25, by the proxy 127.0.0.1: " in done.err
    assert 2 <= done.err.count("\n") <= 3


def test_a_mute_proxy(program, server):
    with SocksProxy(server.port, lie="mute") as proxy:
        through(program, proxy, "timeout 1")
        begun = time.monotonic()
        done = program("b@y.example")
    assert done.returncode == 75 and "it did not answer in time" in done.err
    assert time.monotonic() - begun < 10


def test_no_proxy_there(program):
    with listen() as sock:
        sock.shutdown(socket.SHUT_RDWR)
        account(program, "proxy_host 127.0.0.1", f"proxy_port {sock.getsockname()[1]}")
        done = program("b@y.example")
    assert done.returncode == 75 and "proxy_host 127.0.0.1, port" in done.err


# SRV-35: what is verified is the host that is configured
def test_the_server_behind_a_proxy_is_verified(program, certs):
    with ReplyServer(tls="on", certs=certs) as server, SocksProxy(server.port) as proxy:
        lines = ("tls on", "tls_starttls off", f"tls_trust_file {certs['ca']}")
        through(program, proxy, *lines)
        done = program("b@y.example")
        assert done.returncode == 69 and "not mail.example" in done.err
        through(program, proxy, *lines, host="localhost")
        assert program("b@y.example").returncode == 0
        assert proxy.asked[1] == ("localhost", 25)


@pytest.mark.parametrize("line", ["proxy_host 127.0.0.1", "tunnel true"])
def test_secrets_do_not_go_through_in_clear(program, line):
    account(program, line, "auth plain", "user joe", "password secret", host="localhost")
    done = program("b@y.example")
    assert done.returncode == 78 and "over the network in clear" in done.err


@pytest.mark.parametrize("line", ["proxy_host 127.0.0.1", "tunnel true"])
def test_tls_is_on_without_a_line_for_it(program, line):
    program.write_config(f"account default\nhost localhost\nfrom a@x.example\n{line}\n")
    assert "\ntls on\n" in program("-P").out


# --- tunnels ---

RELAY = """\
import os, select, socket, sys
with socket.create_connection(("127.0.0.1", %d)) as sock:
    ends = {0: sock.fileno(), sock.fileno(): 1}
    while True:
        for fd in select.select(list(ends), [], [])[0]:
            octets = os.read(fd, 65536)
            if not octets:
                sys.exit()
            while octets:
                octets = octets[os.write(ends[fd], octets):]
"""


def relay(program, port):
    """A command that connects to that port."""
    path = program.home / "relay.py"
    path.write_text(RELAY % port)
    return "/usr/bin/python3 " + shlex.quote(str(path))


def test_a_tunnel(program, server):
    account(program, "tunnel " + relay(program, server.port))
    done = program("-vv", "--json", "b@y.example", message=b"Subject: t\n\n" + b"x\n" * 200000)
    assert done.returncode == 0 and len(server.messages) == 1, done.err
    assert len(server.messages[0][2]) > 600000
    assert '"address":"tunnel"' in done.out.replace(" ", "")
    account(program)
    assert program("--tunnel", relay(program, server.port), "b@y.example").returncode == 0


def test_tls_in_a_tunnel(program, certs):
    with ReplyServer(tls="on", certs=certs) as server:
        command = "tunnel " + relay(program, server.port)
        tls = ("tls on", "tls_starttls off", f"tls_trust_file {certs['ca']}")
        account(program, command, *tls, host="localhost")
        assert program("b@y.example").returncode == 0
        account(program, command, *tls)
        done = program("b@y.example")
        assert done.returncode == 69 and "not mail.example" in done.err
        account(program, command, *tls, host="")
        done = program("b@y.example")
        assert done.returncode == 78 and "the name is missing" in done.err


@pytest.mark.parametrize("command, status, said", [
    ("echo one >&2; echo 'ssh: no such host' >&2; exit 255", 75,
     "the tunnel ended with exit status 255; it said: ssh: no such host"),
    ("exit 3", 75, "the tunnel ended with exit status 3"),
    ("kill -9 $$", 75, "the tunnel was killed by signal 9"),
    ("/no/such/command", 78, "the tunnel command cannot be run (exit status 127); it said: "),
    ("true", 75, "closed the connection"),
    ("echo '220 x'; exit 4", 75, "the tunnel ended with exit status 4")])
def test_a_tunnel_that_ends(program, command, status, said):
    account(program, "tunnel " + command)
    done = program("b@y.example")
    assert done.returncode == status and said in done.err, done.err
    assert done.err.count("\n") <= 3


def test_a_mute_tunnel(program):
    pids = program.home / "pids"
    account(program, f"tunnel echo $$ >{pids}; sleep 600 & echo $! >>{pids}; wait", "timeout 1")
    begun = time.monotonic()
    done = program("b@y.example")
    assert done.returncode == 75 and time.monotonic() - begun < 10
    for pid in pids.read_text().split():
        assert not is_alive(int(pid))


def is_alive(pid):
    """Does this process do anything yet?"""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


def test_a_tunnel_that_does_not_end(program, server):
    """Neither the end of its input nor a signal ends it; the message is taken all the same."""
    pids = program.home / "pids"
    command = relay(program, server.port)
    account(program, f"tunnel trap '' TERM HUP; echo $$ >{pids}; {command}; sleep 600")
    begun = time.monotonic()
    assert program("b@y.example").returncode == 0
    assert time.monotonic() - begun < 10 and len(server.messages) == 1
    assert not is_alive(int(pids.read_text()))


def test_what_a_tunnel_inherits(program, server):
    """Default signals, no descriptor of ours."""
    seen = program.home / "seen"
    own = os.open("/dev/null", os.O_RDONLY)
    account(program, f"tunnel ls /proc/self/fd >{seen}; grep SigIgn /proc/self/status >>{seen}; "
            + relay(program, server.port))
    done = program("b@y.example", pass_fds=(own,),
                   preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN))
    os.close(own)
    assert done.returncode == 0
    *fds, _, ignored = seen.read_text().split()
    assert fds == ["0", "1", "2", "3"]  # 3 is the folder that ls reads
    assert not int(ignored, 16) & (1 << signal.SIGINT - 1 | 1 << signal.SIGPIPE - 1)


def test_what_it_says_is_for_who_asks(program, server):
    account(program, "tunnel echo hello from the tunnel >&2; " + relay(program, server.port))
    assert program("b@y.example").err == ""
    assert "hello from the tunnel" in program("-v", "b@y.example").err


def test_a_file_with_a_tunnel_is_ones_own(program):
    account(program, "tunnel true")
    program.config.chmod(0o666)
    assert program("b@y.example").returncode == 78
