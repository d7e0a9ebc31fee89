# SPDX-License-Identifier: MIT
"""Nothing unverified ever sees a secret: certificates, names, versions, servers without TLS."""

import base64
import socket
import ssl
import threading

import pytest

from fakeserver import FakeServer, parse_text
from smarthost import Smarthost

SECRET = base64.b64encode(b"\0joe\0secret")


@pytest.mark.parametrize("mech", ["on", "plain", "login"])
def test_submission(program, safe_host, certs, mech):
    program.account(safe_host, f"auth {mech}", certs=certs)
    done = program("b@y.example")
    assert (done.returncode, done.err) == (0, "")
    assert safe_host.wait_message().login == "joe"


BAD = {
    "expired": "it expired on ",
    "notyet": "it is not valid before ",
    "wrongname": "it is for other.example, not localhost",
    "cnonly": "it names no host in a subjectAltName",
    "selfsigned": "it is not signed by a trusted authority",
    "clientonly": "it is not for servers",
}


def greeting_only(tls):
    """A server that would take anything, if only the handshake succeeded."""
    first = ["! tls on", "T:", "S: 220 hi"] if tls == "on" else [
        "! tls starttls", "S: 220 hi", "C: EHLO localhost", "S: 250-hi", "S: 250 STARTTLS",
        "C: STARTTLS", "S: 220 go", "T:"]
    return parse_text("\n".join([*first, "C: EHLO localhost"]) + "\n")


@pytest.mark.parametrize("tls", ["on", "starttls"])
@pytest.mark.parametrize("name", BAD)
def test_bad_certificate(program, certs, name, tls):
    with FakeServer(greeting_only(tls), certs, cert=name, tls_may_fail=True) as server:
        program.write_config(
            f"account default\nhost localhost\nport {server.port}\nfrom a@x.example\ntls on\n"
            f"tls_starttls {'on' if tls == 'starttls' else 'off'}\nuser joe\npassword secret\n"
            f"tls_trust_file {certs['ca']}\n")
        done = program("b@y.example")
        received = server.received
    assert (done.returncode, done.out) == (75 if name == "notyet" else 69, "")
    assert BAD[name] in done.err and len(done.err.splitlines()) <= 3
    assert b"AUTH" not in received and SECRET not in received and b"MAIL" not in received


@pytest.mark.parametrize("name", ["notyet", "expired"])
def test_d17_what_the_clock_has_to_do_with_it(program, certs, name):
    """Not yet valid: the clock is wrong, and may be right later. Expired: probably it is not."""
    with Smarthost(certs, tls="on", cert=name) as host:
        program.account(host, certs=certs)
        done = program("b@y.example")
    assert done.returncode == (75 if name == "notyet" else 69)
    assert "the clock here says" in done.err
    assert ("timedatectl set-ntp true" in done.err) == (name == "notyet")


@pytest.mark.parametrize("years", [1, 20, 56])
def test_d17_a_clock_that_cannot_be_right(program, preload, certs, years):
    """Before this program was made no certificate says anything: 75, with what to do."""
    library = preload("fast_clock")
    with Smarthost(certs, tls="on") as host:
        program.account(host, certs=certs)
        done = program("b@y.example", env={"LD_PRELOAD": library,
                                           "CLOCK_SHIFT": str(-years * 31557600)})
    assert done.returncode == 75 and "timedatectl set-ntp true" in done.err, done.err
    assert not host.messages


@pytest.mark.parametrize("name", BAD)
def test_unverified_when_asked_for(program, certs, name):
    """Without authentication, to loopback; and it warns, but only where that is seen."""
    with Smarthost(certs, tls="on", require_auth=False, cert=name) as host:
        program.write_config(f"account default\nhost localhost\nport {host.port}\ntls on\n"
                             "tls_starttls off\nfrom a@x.example\ntls_certcheck off\n")
        done = program("b@y.example")
        assert (done.returncode, done.err) == (0, "")
        done = program("-v", "b@y.example")
        assert "warning: the server's certificate is not verified" in done.err


def test_name_to_verify_can_differ(program, certs):
    with Smarthost(certs, tls="on", require_auth=False, cert="wrongname") as host:
        program.write_config(f"account default\nhost localhost\nport {host.port}\ntls on\n"
                             f"tls_starttls off\nfrom a@x.example\ntls_trust_file {certs['ca']}\n"
                             "tls_host_override other.example\n")
        done = program("b@y.example")
        assert (done.returncode, done.err) == (0, "")


def test_dot_behind_the_host(program, certs):
    with Smarthost(certs, tls="on", require_auth=False) as host:
        program.write_config(f"account default\nhost localhost.\nport {host.port}\ntls on\n"
                             f"tls_starttls off\nfrom a@x.example\ntls_trust_file {certs['ca']}\n")
        done = program("b@y.example")
        assert (done.returncode, done.err) == (0, "")


def test_address_as_host(program, certs):
    with Smarthost(certs, tls="on", require_auth=False) as host:
        program.write_config(f"account default\nhost 127.0.0.1\nport {host.port}\ntls on\n"
                             f"tls_starttls off\nfrom a@x.example\ntls_trust_file {certs['ca']}\n")
        done = program("b@y.example")
        assert (done.returncode, done.err) == (0, "")


@pytest.mark.parametrize("trust", ["none", "empty", "garbage", "folder"])
def test_unusable_trust_file(program, certs, tmp_path, trust):
    path = tmp_path / "trust"
    if trust == "folder":
        path.mkdir()
    elif trust != "none":
        path.write_text("" if trust == "empty" else "no certificate\n")
    program.write_config(f"account default\nhost localhost\nport 1\ntls on\nfrom a@x.example\n"
                         f"tls_trust_file {path}\n")
    done = program("b@y.example")
    assert done.returncode == 78
    assert f"tls_trust_file {path}: " in done.err and "PEM" in done.err


def test_system_authorities_do_not_know_ours(program, certs):
    with Smarthost(certs, tls="on", require_auth=False) as host:
        program.write_config(f"account default\nhost localhost\nport {host.port}\ntls on\n"
                             "tls_starttls off\nfrom a@x.example\n")
        assert program("b@y.example").returncode in (69, 78)  # 78: no authorities at all


def test_plain_server_on_the_tls_port(program, certs, clear_host):
    program.write_config(f"account default\nhost localhost\nport {clear_host.port}\ntls on\n"
                         f"tls_starttls off\nfrom a@x.example\ntls_trust_file {certs['ca']}\n")
    done = program("b@y.example")
    assert (done.returncode, clear_host.messages) == (76, [])
    assert "does not speak TLS here" in done.err and "tls_starttls on" in done.err


class OneShot:
    """A server on loopback for one connection, which handle() gets; errors of sockets are its end."""

    def __enter__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.settimeout(10)
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()
        return self

    def serve(self):
        """Take the connection."""
        try:
            with self.listener.accept()[0] as sock:
                sock.settimeout(10)
                self.handle(sock)
        except OSError:
            pass

    def __exit__(self, *exception):
        self.thread.join()
        self.listener.close()


class OldServer(OneShot):
    """A TLS server of an old version: one handshake, which must fail or lead nowhere."""

    def __init__(self, certs, version):
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certs["server"], certs["server.key"])
        self.context.set_ciphers("ALL:@SECLEVEL=0")
        self.context.minimum_version = self.context.maximum_version = version

    def handle(self, sock):
        """Greet inside TLS."""
        with self.context.wrap_socket(sock, server_side=True) as tls:
            tls.sendall(b"220 old\r\n")


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
@pytest.mark.parametrize("version", ["TLSv1", "TLSv1_1"])
def test_old_versions(program, certs, version):
    with OldServer(certs, ssl.TLSVersion[version]) as server:
        program.write_config(f"account default\nhost localhost\nport {server.port}\ntls on\n"
                             f"tls_starttls off\nfrom a@x.example\ntls_trust_file {certs['ca']}\n")
        done = program("b@y.example")
    assert done.returncode == 69, done.err
    assert "TLS 1.2 or later" in done.err


class Talker(OneShot):
    """Answers one ClientHello with octets, or with the same again and again, as they are taken."""

    def __init__(self, octets, repeat):
        self.octets, self.repeat = octets, repeat

    def handle(self, sock):
        """Until the client has gone."""
        sock.recv(4096)
        sock.sendall(self.octets)
        while self.repeat:
            sock.sendall(self.octets * 1000)
        sock.recv(4096)


ALERTS = {"internal_error": (80, 75), "handshake_failure": (40, 69), "protocol_version": (70, 69)}


@pytest.mark.parametrize("name", ALERTS)
def test_fatal_alert(program, name):
    number, status = ALERTS[name]
    with Talker(bytes([21, 3, 3, 0, 2, 2, number]), repeat=False) as server:
        program.write_config(f"account default\nhost localhost\nport {server.port}\ntls on\n"
                             "tls_starttls off\nfrom a@x.example\ntls_certcheck off\n")
        done = program("b@y.example")
    assert done.returncode == status, done.err
    assert ("TLS 1.2 or later" in done.err) == (status == 69)


def test_flood_in_the_handshake(program):
    with Talker(bytes([21, 3, 3, 0, 2, 1, 90]), repeat=True) as server:
        program.write_config(f"account default\nhost localhost\nport {server.port}\ntls on\n"
                             "tls_starttls off\nfrom a@x.example\ntls_certcheck off\ntimeout 2\n")
        done = program("b@y.example", timeout=20)
    assert done.returncode in (75, 76)
