# SPDX-License-Identifier: MIT
"""Tests of the test servers themselves: a server that errs silently makes every test worthless."""

import contextlib
import pathlib
import re
import smtplib
import socket
import socketserver
import ssl
import subprocess
import sys
import threading
import time
import types

import pytest

from delayproxy import DelayProxy
from fakeserver import (FakeServer, SilentServer, message_bytes, parse_text, parse_transcript,
                        read_cases)
from scram import ScramServer
from silentserver import MANNERS, PHASES
from smarthost import Smarthost

pytestmark = pytest.mark.ci
SCRIPT = """\
# a plain session
! from a@x.example
! body .dot
! body last
S: 220-hi
S: 220 there
C: ehlo c
S- 250 lo
S- calhost\\r\\n
C: mail FROM:<a@x.example>
S: 250 ok
C: rcpt TO:<b@y.example>
S: 250 ok
C: data
S: 354 go
B: *
S: 250 stored
"""


def client_context(certs):
    """A verifying TLS client."""
    return ssl.create_default_context(cafile=certs["ca"])


def talk(port, *pieces):
    """Send each piece after having read something; return all that was read, to the end."""
    got = b""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as sock:
        for piece in pieces:
            got += sock.recv(4096)
            sock.sendall(piece)
        sock.shutdown(socket.SHUT_WR)
        while data := sock.recv(4096):
            got += data
    return got


def test_script_is_followed():
    script = parse_text(SCRIPT)
    with FakeServer(script) as server:
        with smtplib.SMTP("127.0.0.1", server.port, "c", timeout=10) as client:
            client.sendmail("a@x.example", "b@y.example",
                            message_bytes(script).replace(b"\n", b"\r\n"))
        assert server.wait() == []
    assert b"\r\n..dot\r\nlast\r\n.\r\n" in server.received


def test_several_connections_on_ipv6():
    scripts = [parse_text("S: 220 one\nC: A\n"), parse_text("S: 220 two\nC: B\n")]
    with FakeServer(scripts, address="::1") as server:
        for answer in (b"A\r\n", b"B\r\n"):
            with socket.create_connection(("::1", server.port), timeout=10) as client:
                client.recv(100)
                client.sendall(answer)
        assert server.wait() == []
    assert server.received == b"A\r\nB\r\n"


def test_difference_is_reported():
    with FakeServer(parse_text("S: 220 hi\nC: EHLO x\nS: 250 ok\n", "f.smtp")) as server:
        talk(server.port, b"EHLO y\r\n")
        assert server.wait() == [
            "f.smtp:2: expected command 'EHLO x\\r\\n', got 'EHLO y\\r\\n'"]


def test_bare_line_feed_is_reported():
    with FakeServer(parse_text("S: 220 hi\nC: EHLO x\nS: 250 ok\n")) as server:
        talk(server.port, b"EHLO x\n")
        assert "got 'EHLO x\\n'" in server.wait()[0]


def test_early_client_is_reported():
    with FakeServer(parse_text("S: 220 hi\nC: EHLO x\nS: 250 ok\nC: NOOP\n")) as server:
        talk(server.port, b"EHLO x\r\nNOOP\r\n")
        assert "spoke early" in server.wait()[0]


def test_early_end_is_reported():
    with FakeServer(parse_text("S: 220 hi\nC: EHLO x\nS: 250 ok\n")) as server:
        talk(server.port, b"")
        assert "got the end" in server.wait()[0]


def test_surplus_is_reported():
    with FakeServer(parse_text("S: 220 hi\nC: EHLO x\nS: 250 ok\n")) as server:
        talk(server.port, b"EHLO x\r\n", b"NOOP\r\n")
        assert "after the last line" in server.wait()[0]


def test_server_closes():
    with FakeServer(parse_text("S- 4\nS- 21 bye\\x0d\\n\nX:\n")) as server:
        with socket.create_connection(("127.0.0.1", server.port), timeout=10) as client:
            assert client.makefile("rb").read() == b"421 bye\r\n"
        assert server.wait() == []


def test_no_client_is_an_error_in_time():
    with FakeServer(parse_text("S: 220 hi\n"), timeout=0.05) as server:
        assert "no client came" in server.wait()[0]


def test_leaving_the_context_ends_the_server():
    with FakeServer(parse_text("S: 220 hi\n")) as server:
        began = time.monotonic()
    assert time.monotonic() - began < 1
    assert server.errors


def test_bdat_body_is_not_stuffed():
    script = parse_text("C: BDAT 9 LAST\nB: *\n! body .x\n")
    assert [item.data for item in script.items[-2:]] == [b"\r\n", b".x\r\n"]


BAD = {"mark": "Z: x", "choice": "! tls maybe", "text-after-mark": "T: x", "escape": "S- \\q",
       "number": "! status x", "key": "! colour red", "flag": "! whole x",
       "code-without-codes": "S: {code} no", "twice": "! tls on\n! tls on",
       "no-status": "! codes 450, 451\nS: {code} no",
       "code-twice": "! codes 75: 450, 450\nS: {code} no"}


@pytest.mark.parametrize("text", BAD.values(), ids=BAD)
def test_bad_transcripts(text):
    with pytest.raises(ValueError, match=r"^<text>:[23]: "):
        parse_text("# comment\n" + text)


CODES = "! codes 75: 450, 451 4.7.1\n! codes 69: 554\nS: {code} no\n"


def test_codes_make_cases(tmp_path):
    path = tmp_path / "refused.smtp"
    path.write_text(CODES)
    assert read_cases(path) == {"refused-450": "450", "refused-451-4.7.1": "451 4.7.1",
                                "refused-554": "554"}
    script = parse_transcript(path, "451 4.7.1")
    assert (script.status, script.items[0].data) == (75, b"451 4.7.1 no\r\n")
    assert parse_transcript(path, "554").status == 69


@pytest.mark.parametrize("text, code", [(CODES, ""), (CODES, "550"), ("S: 220 hi\n", "450"),
                                        ("! codes 75: 450\nS: no\n", "450"),
                                        ("! status 75\n" + CODES, "450")])
def test_codes_without_their_case(text, code):
    with pytest.raises(ValueError, match="^<text>: "):
        parse_text(text, code=code)


@pytest.mark.parametrize("text", [*BAD.values(), "! codes 75: 450\nS: no\n",
                                  "! status 75\n" + CODES])
def test_the_engines_reader_refuses_the_same(text, postrider, tmp_path):
    reader = pathlib.Path(postrider).parents[1] / "tests" / "test_transcripts"
    if not reader.exists():
        pytest.skip("the unit tests are not built")
    path = tmp_path / "bad.smtp"
    path.write_text("# comment\n" + text)
    done = subprocess.run([reader, path], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert re.match(r"not ok 1 - bad.* \(reading\)\n# .*/bad\.smtp:", done.stdout), done.stdout


def test_starttls_and_reuse(certs):
    script = parse_text("S: 220 hi\nC: ehlo c\nS: 250-hi\nS: 250 STARTTLS\nC: STARTTLS\n"
                        "S: 220 go\nT:\nC: ehlo c\nS: 250 ok\n")
    with FakeServer(script, certs, connections=2) as server:
        for _ in range(2):
            with smtplib.SMTP("127.0.0.1", server.port, "c", timeout=10) as client:
                client.starttls(context=client_context(certs))
                client.ehlo()
        assert server.wait() == []
    assert server.tls_versions == ["TLSv1.3"] * 2
    assert server.tls_resumed == [False] * 2


@pytest.mark.parametrize("cert", ["expired", "notyet", "wrongname", "selfsigned", "clientonly"])
def test_refused_certificate(certs, cert):
    with FakeServer(parse_text("T:\nS: 220 hi\n"), certs, cert, tls_may_fail=True) as server:
        with pytest.raises(ssl.SSLCertVerificationError):
            smtplib.SMTP_SSL("127.0.0.1", server.port, timeout=10, context=client_context(certs))
        assert server.wait() == []
    with FakeServer(parse_text("T:\nS: 220 hi\n"), certs, cert) as server:
        with pytest.raises(ssl.SSLCertVerificationError):
            smtplib.SMTP_SSL("127.0.0.1", server.port, timeout=10, context=client_context(certs))
        assert "TLS handshake" in server.wait()[0]


def possible(phase, tls):
    """Whether SilentServer takes this pair."""
    return tls in {"starttls": ("starttls",), "handshake": ("starttls", "on"),
                   "ehlo2": ("starttls",)}.get(phase, (tls,))


def submit(server, certs):
    """Send a message of 8 MB with smtplib; the errors are what is expected."""
    kind = smtplib.SMTP_SSL if server.tls == "on" else smtplib.SMTP
    more = {"context": client_context(certs)} if server.tls == "on" else {}
    with contextlib.suppress(smtplib.SMTPException, OSError), \
            contextlib.closing(kind("127.0.0.1", server.port, timeout=0.3, **more)) as client:
        if server.tls == "starttls":
            client.starttls(context=client_context(certs))
        client.login("joe", "secret")
        client.sendmail("a@x.example", "b@y.example", (b"x" * 70 + b"\r\n") * 110000)


@pytest.mark.parametrize("how", MANNERS)
@pytest.mark.parametrize("tls", [None, "starttls", "on"])
@pytest.mark.parametrize("phase", PHASES)
def test_silent_server(certs, phase, tls, how):
    if not possible(phase, tls):
        with pytest.raises(ValueError):
            SilentServer(phase, how, tls, certs)
        return
    with SilentServer(phase, how, tls, certs, interval=0.01) as server:
        client = threading.Thread(target=submit, args=(server, certs), daemon=True)
        client.start()
        assert server.reached.wait(10), server.errors
        began = time.monotonic()
    assert time.monotonic() - began < 1
    client.join(10)
    assert not client.is_alive()


def login(host, certs, tls):
    """An smtplib client, logged in where that is possible."""
    if tls == "on":
        client = smtplib.SMTP_SSL("127.0.0.1", host.port, timeout=10,
                                  context=client_context(certs))
    else:
        client = smtplib.SMTP("127.0.0.1", host.port, timeout=10)
    if tls == "starttls":
        client.starttls(context=client_context(certs))
    if tls != "off":
        client.login("joe", "secret")
    return client


@pytest.mark.parametrize("tls", ["on", "starttls", "off"])
def test_smarthost_keeps_messages(certs, tmp_path, tls):
    content = b"Subject: t\r\n\r\n.dot\r\n.\r\n\xc3\xa4\r\n"
    with Smarthost(certs, tls, require_auth=tls != "off", folder=tmp_path) as host:
        with login(host, certs, tls) as client:
            client.sendmail("a@x.example", ["b@y.example", "c@y.example"], content,
                            ["BODY=8BITMIME"])
        message = host.wait_message()
    assert message.content == content
    assert (message.mail_from, message.rcpt_tos) == ("a@x.example", ["b@y.example", "c@y.example"])
    assert message.mail_options == ["BODY=8BITMIME"]
    assert message.login == ("" if tls == "off" else "joe")
    assert (tmp_path / "message-1.eml").read_bytes() == content


def test_smarthost_refuses(certs):
    with Smarthost(certs, replies={"c@y.example": "550 5.1.1 no such user"},
                   data_reply="451 4.3.0 try later", size=1000) as host:
        with smtplib.SMTP_SSL("127.0.0.1", host.port, timeout=10,
                              context=client_context(certs)) as client:
            client.ehlo()
            assert client.esmtp_features["size"] == "1000"
            assert client.mail("a@x.example")[0] == 530
            with pytest.raises(smtplib.SMTPAuthenticationError):
                client.login("joe", "wrong")
            client.login("joe", "secret")
            assert client.mail("a@x.example", ["SIZE=1001"])[0] == 552
            assert client.mail("<>")[0] == 250
            assert client.rcpt("c@y.example") == (550, b"5.1.1 no such user")
            assert client.rcpt("b@y.example")[0] == 250
            assert client.data(b"x")[0] == 451
        assert host.messages == []


def test_smarthost_offers(certs):
    with Smarthost(certs, "starttls", eightbit=False, smtputf8=False, pipelining=False) as host:
        with smtplib.SMTP("127.0.0.1", host.port, timeout=10) as client:
            client.ehlo()
            assert set(client.esmtp_features) == {"starttls", "enhancedstatuscodes"}
            client.starttls(context=client_context(certs))
            client.ehlo()
            assert client.esmtp_features["auth"].split() == ["PLAIN", "LOGIN"]


def test_smarthost_knows_cram_md5(certs):
    """Python's own client says the same as scram.cram_md5()."""
    with Smarthost(certs, mechanisms=("CRAM-MD5",)) as host:
        with smtplib.SMTP_SSL("127.0.0.1", host.port, timeout=10,
                              context=client_context(certs)) as client:
            with pytest.raises(smtplib.SMTPAuthenticationError):
                client.login("joe", "wrong")
            client.login("joe", "secret")
    assert [line for line in host.auth_lines if line.startswith("AUTH")] == ["AUTH CRAM-MD5"] * 2


def test_scram_server_refuses_a_wrong_proof():
    server = ScramServer("sha256", "secret")
    first = server.first(b"n,,n=joe,r=abc")
    assert first.startswith("r=abc") and first.endswith(",i=4096") and server.user == "joe"
    nonce = first.split(",")[0]
    for wrong in (f"c=biws,{nonce},p=AAAA", f"c=eSws,{nonce},p=AAAA", "c=biws,r=abc,p=AAAA"):
        with pytest.raises(ValueError):
            server.final(wrong.encode())


def test_smarthost_chunks_in_one_flight():
    with Smarthost(tls="off", require_auth=False, chunking=True) as host:
        with smtplib.SMTP("127.0.0.1", host.port, timeout=10) as client:
            client.ehlo()
            client.send(b"MAIL FROM:<>\r\nRCPT TO:<b@y.example>\r\nBDAT 3\r\na\r\nBDAT 4 LAST\r\n"
                        b".b\r\nQUIT\r\n")
            assert [client.getreply()[0] for _ in range(5)] == [250, 250, 250, 250, 221]
        host.wait_idle()
        (message,) = host.messages
    assert (message.content, message.chunked, message.mail_from) == (b"a\r\n.b\r\n", True, "")


def test_smarthost_ends_with_its_context(certs):
    with Smarthost(certs, "off", require_auth=False) as host:
        client = socket.create_connection(("127.0.0.1", host.port), timeout=10)
        client.recv(100)
        began = time.monotonic()
    assert time.monotonic() - began < 1
    client.close()


@pytest.mark.parametrize("ending", ["term", "eof"])
def test_smarthost_by_hand(tmp_path, ending):
    program = pathlib.Path(__file__).with_name("smarthost.py")
    with subprocess.Popen([sys.executable, program, "--dir", tmp_path], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE) as process:
        port, authority = process.stdout.readline().split()
        host = types.SimpleNamespace(port=int(port.removeprefix(b"port=")))
        with login(host, {"ca": authority.removeprefix(b"ca=").decode()}, "on") as client:
            client.sendmail("a@x.example", "b@y.example", b"x\r\n")
        if ending == "term":
            process.terminate()
        else:
            process.stdin.close()
        assert process.wait(10) == 0
    assert (tmp_path / "message-1.eml").read_bytes() == b"x\r\n"


@contextlib.contextmanager
def echo_server():
    """A server that sends back what it gets, on each connection; its port and what it got."""
    got = bytearray()

    class Echo(socketserver.BaseRequestHandler):
        """One connection."""

        def handle(self):
            with contextlib.suppress(OSError):
                while data := self.request.recv(65536):
                    got.extend(data)
                    with contextlib.suppress(OSError):
                        self.request.sendall(data)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Echo) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server.server_address[1], got
        server.shutdown()
        thread.join()


def read_to_end(sock):
    """All that comes, a reset counting as an end."""
    got = b""
    with contextlib.suppress(ConnectionResetError):
        while data := sock.recv(65536):
            got += data
    return got


def test_proxy_delays_each_way():
    delay = 0.1
    with echo_server() as (port, _), DelayProxy(port, delay=delay) as proxy:
        with socket.create_connection(("127.0.0.1", proxy.port), timeout=10) as sock:
            begin = time.monotonic()
            sock.sendall(b"x")
            assert sock.recv(1) == b"x"
            assert 2 * delay <= time.monotonic() - begin < 20 * delay
            sock.shutdown(socket.SHUT_WR)
            assert sock.recv(1) == b""
            assert time.monotonic() - begin >= 4 * delay
    assert (proxy.connections, proxy.bursts, proxy.round_trips) == (1, [1], [1])


def test_proxy_delays_octets_not_their_number():
    """What is sent at once is under way together, in order; one piece does not wait for another."""
    delay, pieces = 0.2, [bytes([number]) * 100_000 for number in range(50)]
    with echo_server() as (port, _), DelayProxy(port, delay=delay) as proxy:
        with socket.create_connection(("127.0.0.1", proxy.port), timeout=10) as sock:
            begin = time.monotonic()
            for piece in pieces:
                sock.sendall(piece)
            sock.shutdown(socket.SHUT_WR)
            assert read_to_end(sock) == b"".join(pieces)
            assert time.monotonic() - begin < len(pieces) * delay / 2
    assert proxy.bursts == [1]


@pytest.mark.parametrize("delay", [0, 0.05])
def test_proxy_counts(delay):
    """A flight of several pieces is one burst; a QUIT whose reply is not awaited is no round trip.

    The server's reply to QUIT never comes here, so that this holds without a delay too.
    """
    script = parse_text("S: 220 hi\nC: A\nC: B\nS: 250 one\nS: 250 two\nC: C\nS: 250 three\n"
                        "C: QUIT\n")
    with FakeServer([script, script]) as server, DelayProxy(server.port, delay) as proxy:
        for _ in range(2):
            with socket.create_connection(("127.0.0.1", proxy.port), timeout=10) as sock:
                with sock.makefile("rb") as lines:
                    lines.readline()
                    sock.sendall(b"A\r\n")
                    sock.sendall(b"B\r\n")
                    lines.readline()
                    lines.readline()
                    sock.sendall(b"C\r\n")
                    lines.readline()
                    sock.sendall(b"QUIT\r\n")
        assert server.wait() == []
    assert (proxy.connections, proxy.bursts, proxy.round_trips) == (2, [3, 3], [2, 2])


def test_proxy_knows_answers_from_what_was_under_way():
    """What the server sent before it got anything of a flight does not begin the next one."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        with DelayProxy(listener.getsockname()[1], delay=0.2) as proxy:
            client = socket.create_connection(("127.0.0.1", proxy.port), timeout=10)
            server, _ = listener.accept()
            with client, server:
                client.sendall(b"a")
                assert server.recv(1) == b"a"
                server.sendall(b"1")
                assert client.recv(1) == b"1"
                client.sendall(b"b")
                server.sendall(b"2")
                assert client.recv(1) == b"2"
                client.sendall(b"c")
                assert server.recv(1) + server.recv(1) == b"bc"
                assert (proxy.bursts, proxy.round_trips) == ([2], [1])
                server.sendall(b"3")
                assert client.recv(1) == b"3"
                client.sendall(b"d")
                assert server.recv(1) == b"d"
    assert (proxy.bursts, proxy.round_trips) == ([3], [2])


@pytest.mark.parametrize("count", [0, 1, 70_000])
@pytest.mark.parametrize("side", ["client", "server"])
def test_proxy_cuts(side, count):
    """Both sides are closed after so many octets, and not before."""
    message = bytes(100_000)
    with echo_server() as (port, got), DelayProxy(port, 0.01, (side, count), keep=True) as proxy:
        with socket.create_connection(("127.0.0.1", proxy.port), timeout=10) as sock:
            with contextlib.suppress(ConnectionError):
                sock.sendall(message)
            back = read_to_end(sock)
    if side == "client":
        assert len(got) == count >= len(back)
    else:
        assert len(back) == count <= len(got)
    (passed,) = proxy.passed
    assert len(passed[side]) == count


def test_proxy_ends_with_its_context():
    with echo_server() as (port, _):
        with DelayProxy(port, delay=3600) as proxy:
            sock = socket.create_connection(("127.0.0.1", proxy.port), timeout=10)
            sock.sendall(b"x")
            begin = time.monotonic()
        with sock:
            assert read_to_end(sock) == b""
        assert time.monotonic() - begin < 5
    assert proxy.bursts in ([], [0], [1])


def test_proxy_without_a_server():
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        with DelayProxy(closed.getsockname()[1]) as proxy:
            with socket.create_connection(("127.0.0.1", proxy.port), timeout=10) as sock:
                assert read_to_end(sock) == b""
    with pytest.raises(ValueError):
        DelayProxy(1, cut_after=("both", 1))
