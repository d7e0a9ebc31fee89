# SPDX-License-Identifier: MIT
"""host srv:DOMAIN, with a name server and a network of our own."""

import contextlib
import pathlib
import re
import signal
import subprocess
import time

import pytest
from cryptography import x509

from dnsserver import DnsServer
from netlab import Lab, Unavailable
from pki import Pki
from replyserver import CLOSE, ReplyServer
from wire import listen

A, B = "192.0.2.1", "192.0.2.2"
SUBMISSIONS, SUBMISSION = "_submissions._tcp.x.example", "_submission._tcp.x.example"
NAMES = {("a.x.example", "A"): [A], ("b.x.example", "A"): [B]}


class Domain:
    """The program in a lab with a name server.

    What a question that is left behind has allocated is not freed before the process ends: in a
    build with sanitizers that is no leak.
    """

    LEAKS = {"ASAN_OPTIONS": "detect_leaks=0"}

    def __init__(self, lab, program, stack, certs):
        self.lab, self.program, self._stack, self.certs = lab, program, stack, certs
        with lab.inside():
            self.dns = stack.enter_context(DnsServer(dict(NAMES)))
        self.trust(False)

    def trust(self, trusted):
        """Whether resolv.conf says that the name server may be believed."""
        self.lab.write("resolv.conf", "nameserver 127.0.0.53\n"
                       + ("options trust-ad\n" if trusted else ""))

    def publish(self, service, *records):
        """SRV records of a service."""
        self.dns.records[service, "SRV"] = list(records)

    def serve(self, address, port, **more):
        """A server with TLS."""
        with self.lab.inside():
            return self._stack.enter_context(
                ReplyServer(address, port, certs=self.certs, **{"tls": "on", "cert": "domain",
                                                                **more}))

    def configure(self, *lines, host="srv:x.example"):
        """The account whose servers are the domain's."""
        self.program.write_config("\n".join(
            ["account default", *([f"host {host}"] if host else []), "from a@x.example",
             "auth plain", "user joe", "password secret",
             f"tls_trust_file {self.certs['ca']}", *lines]) + "\n")

    @contextlib.contextmanager
    def start(self, *lines, host="srv:x.example", **env):
        """The program at work, with a message to send."""
        self.configure(*lines, host=host)
        with subprocess.Popen(
                [self.program.path, "-C", self.program.config, "b@y.example"],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                env=self.program.environment(**self.LEAKS, **env), preexec_fn=self.lab.enter) as running:
            running.stdin.write(b"Subject: t\n\nhi\n")
            running.stdin.close()
            running.stdin = None
            try:
                yield running
            finally:
                running.kill()

    def send(self, *lines, host="srv:x.example", args=()):
        """Send a message through the domain's servers."""
        self.configure(*lines, host=host)
        begun = time.monotonic()
        done = self.program(*args, "b@y.example", env=self.LEAKS, preexec_fn=self.lab.enter)
        done.seconds = time.monotonic() - begun
        return done


@pytest.fixture
def domain(tmp_path, program, certs):
    """x.example: its name server, and addresses for its servers."""
    try:
        with Lab(tmp_path / "lab") as lab, contextlib.ExitStack() as stack:
            lab.addresses(A, B)
            yield Domain(lab, program, stack, certs)
    except Unavailable as why:
        pytest.skip(str(why))


def test_implicit_tls_comes_first(domain):
    domain.publish(SUBMISSIONS, (5, 0, 4465, "b.x.example"))
    domain.publish(SUBMISSION, (0, 0, 587, "a.x.example"))
    first, second = domain.serve(B, 4465), domain.serve(A, 587, tls="starttls")
    done = domain.send("port 25", "tls_starttls on", args=["--json", "-vv"])
    assert done.returncode == 0, done.err
    assert len(first.messages) == 1 and not second.verbs
    assert '"host":"b.x.example","port":4465' in done.out.replace(": ", ":").replace(", ", ",")
    assert f"SRV records of {SUBMISSIONS}: 1 (" in done.err


def test_starttls_where_there_is_nothing_else(domain):
    domain.publish(SUBMISSION, (0, 0, 587, "a.x.example"))
    server = domain.serve(A, 587, tls="starttls")
    assert domain.send().returncode == 0
    assert len(server.messages) == 1 and "STARTTLS" in server.verbs


@pytest.mark.parametrize("refused", [SUBMISSIONS, SUBMISSION])
def test_one_service_is_not_offered(domain, refused):
    domain.publish(SUBMISSIONS, (0, 0, 465, "a.x.example"))
    domain.publish(SUBMISSION, (0, 0, 587, "b.x.example"))
    domain.publish(refused, (0, 0, 0, "."))
    servers = [domain.serve(A, 465), domain.serve(B, 587, tls="starttls")]
    assert domain.send().returncode == 0
    assert [len(server.messages) for server in servers] == [refused == SUBMISSION,
                                                            refused == SUBMISSIONS]


def test_the_next_of_its_servers(domain):
    domain.publish(SUBMISSIONS, (1, 0, 465, "a.x.example"), (2, 0, 465, "b.x.example"))
    domain.serve(A, 465, replies={"greeting": "421 4.3.2 busy"})
    second = domain.serve(B, 465)
    assert domain.send().returncode == 0 and len(second.messages) == 1


def test_weights_count(domain):
    """Both get some, and the heavier one most."""
    domain.publish(SUBMISSIONS, (1, 1, 465, "a.x.example"), (1, 65535, 465, "b.x.example"))
    light, heavy = domain.serve(A, 465), domain.serve(B, 465)
    for _ in range(5):
        assert domain.send().returncode == 0
    assert len(light.messages) + len(heavy.messages) == 5
    assert len(heavy.messages) > len(light.messages)


# CERT-26, SRV-35: who answers for the name service must not choose who gets the password
@pytest.mark.parametrize("cert", ["server", "wide"])
@pytest.mark.parametrize("tls, service", [("on", SUBMISSIONS), ("starttls", SUBMISSION)])
def test_a_server_with_its_own_name_alone_gets_nothing(domain, tls, service, cert):
    domain.publish(service, (0, 0, 4000, "a.x.example"))
    server = domain.serve(A, 4000, tls=tls, cert=cert)
    done = domain.send()
    assert done.returncode == 69 and "AUTH" not in server.verbs and not server.messages
    assert "not x.example" in done.err
    assert (f"host a.x.example, port 4000, tls_starttls {'on' if tls == 'starttls' else 'off'}"
            in done.err)


SRV_NAME = x509.ObjectIdentifier("1.3.6.1.5.5.7.8.7")


@pytest.mark.parametrize("text, status", [
    (b"_submissions.x.example", 0), (b"_SUBMISSIONS.X.example", 0), (b"_submission.x.example", 69),
    (b"_submissions.y.example", 69), (b"_imaps.x.example", 69), (b"x.example", 69), (b"", 69)])
def test_a_certificate_for_the_service(domain, tmp_path, text, status):
    """An SRVName (RFC 4985), which has to be for that very service; its form, and no other."""
    pki = Pki(tmp_path / "pki")
    root = pki.authority("root")
    other = x509.OtherName(SRV_NAME, b"\x16" + bytes([len(text)]) + text)
    pki.store("server", pki.leaf(root, ["a.x.example", other]))
    pki.write("root.pem", root)
    domain.publish(SUBMISSIONS, (0, 0, 4000, "a.x.example"))
    domain.certs = {**pki.paths, "ca": pki.folder / "root.pem"}
    server = domain.serve(A, 4000, cert="server")
    assert domain.send().returncode == status
    assert ("AUTH" in server.verbs) == (status == 0)


def test_the_lines_of_the_hint_work(domain):
    domain.publish(SUBMISSIONS, (0, 0, 4000, "a.x.example"))
    server = domain.serve(A, 4000, cert="wide")
    lines = re.search(r"srv:x\.example: (host .*)", domain.send().err).group(1).split(", ")
    assert domain.send(*lines, host=None).returncode == 0 and len(server.messages) == 1


@pytest.mark.parametrize("trusted, proved, status", [
    (True, True, 0), (True, False, 69), (False, True, 69), (False, False, 69)])
def test_a_proof_is_believed_from_those_who_are_trusted(domain, trusted, proved, status):
    domain.trust(trusted)
    domain.dns.proved = proved
    domain.publish(SUBMISSIONS, (0, 0, 465, "a.x.example"))
    server = domain.serve(A, 465, cert="wide")
    done = domain.send(args=["-vv"])
    assert done.returncode == status, done.err
    assert ("proved by DNSSEC" in done.err) == (status == 0)
    assert len(server.messages) == (status == 0)


def test_with_proof_the_certificate_is_for_the_server(domain):
    domain.trust(True)
    domain.dns.proved = True
    domain.publish(SUBMISSIONS, (0, 0, 465, "a.x.example"))
    domain.serve(A, 465, cert="server")
    done = domain.send()
    assert done.returncode == 69 and "not a.x.example" in done.err


def test_the_name_that_is_set_counts(domain):
    domain.publish(SUBMISSIONS, (0, 0, 465, "a.x.example"))
    server = domain.serve(A, 465, cert="wrongname")
    assert domain.send("tls_host_override other.example").returncode == 0
    assert domain.send("tls_host_override third.example").returncode == 69
    assert len(server.messages) == 1


# CERT-27
def test_an_alias_changes_nothing_in_the_name(domain):
    domain.dns.records["mail.x.example", "CNAME"] = ["a.x.example"]
    server = domain.serve(A, 465, cert="wide")
    done = domain.send(host="mail.x.example")
    assert done.returncode == 69 and "not mail.x.example" in done.err
    assert domain.send(host="a.x.example").returncode == 0 and len(server.messages) == 1
    domain.dns.records[SUBMISSIONS, "CNAME"] = ["_s._tcp.z.example"]
    domain.publish("_s._tcp.z.example", (0, 0, 465, "a.x.example"))
    assert domain.send().returncode == 69


@pytest.mark.parametrize("lines", [["tls off"], ["tls_certcheck off"]])
def test_it_must_be_verified(domain, lines):
    done = domain.send(*lines, "auth off")
    assert done.returncode == 78 and "servers that are looked up must be verified" in done.err
    assert not domain.dns.asked


# SRV-33
@pytest.mark.parametrize("manner, status, said", [
    ("nxdomain", 75, "it publishes no server"), ("refused", 75, "the name server"),
    ("servfail", 75, "did not answer, or failed"), ("garbage", 75, "does not hold together"),
    ("short", 75, "does not hold together"), ("another name", 75, "it publishes no server")])
def test_bad_answers(domain, manner, status, said):
    domain.publish(SUBMISSIONS, (0, 0, 465, "a.x.example"))
    domain.dns.manner = manner
    done = domain.send("timeout 3")
    assert done.returncode == status and said in done.err, done.err
    assert "srv:x.example" in done.err and done.seconds < 20


def test_nothing_is_offered(domain):
    domain.publish(SUBMISSIONS, (0, 0, 0, "."))
    done = domain.send()
    assert done.returncode == 69 and "it offers no submission of mail" in done.err


def test_a_mute_name_server(domain):
    domain.dns.manner = "mute"
    done = domain.send("timeout 2")
    assert done.returncode == 75 and "SRV records of" in done.err and done.seconds < 6
    done = domain.send("timeout 2", host="a.x.example")
    assert done.returncode == 75 and "did not answer in time" in done.err and done.seconds < 6


def test_a_name_server_that_is_mute_about_ipv6(domain):
    """The address that is known is used (RFC 8305 section 3)."""
    domain.dns.manner = "no AAAA"
    server = domain.serve(A, 4000, cert="wide")
    done = domain.send("port 4000", "tls_starttls off", host="a.x.example")
    assert done.returncode == 0 and len(server.messages) == 1, done.err
    assert done.seconds < 1.5


def test_three_mute_name_servers(domain):
    """The time for connecting, and that of the run, hold for all questions."""
    domain.dns.manner = "mute"
    domain.lab.write("resolv.conf", "".join(f"nameserver 127.0.0.{n}\n" for n in (53, 54, 55)))
    hosts = "\nhost srv:".join("abcd")
    for line in ("timeout 2", "run_timeout 2"):
        done = domain.send(line, host=f"srv:{hosts}")
        assert done.returncode == 75 and done.seconds < 3.5, done.err


@pytest.mark.parametrize("host", ["srv:x.example", "a.x.example"])
def test_a_signal_ends_a_look_up(domain, host):
    """As it ends any wait: what became of the message is said first."""
    domain.dns.manner = "mute"
    domain.lab.write("resolv.conf", "nameserver 127.0.0.53\noptions timeout:30\n")
    with domain.start("port 4000", "timeout 600", "run_timeout 0", host=host) as running:
        assert domain.dns.was_asked.wait(30)
        running.terminate()
        _, err = running.communicate(timeout=15)
    assert running.returncode == -signal.SIGTERM
    assert err == b"postrider: ended by SIGTERM; nothing was sent\n"


def threads_when_connected(domain, *lines, host=B, **env):
    """All threads and children that the process has when its server is connected to."""
    with domain.lab.inside():
        server = listen(B)
    with server, domain.start(f"port {server.getsockname()[1]}", "tls_starttls off", *lines,
                              host=host, **env) as running:
        server.settimeout(30)
        with server.accept()[0]:
            tasks = pathlib.Path(f"/proc/{running.pid}/task")
            return [path.name for path in tasks.iterdir()] + (
                tasks / str(running.pid) / "children").read_text().split()


def test_f4_no_look_up_of_a_service_outlives_it(domain):
    """A thread that goes on asking would not be confined with the others."""
    domain.dns.manner = "mute"
    domain.lab.write("resolv.conf", "".join(f"nameserver 127.0.0.{n}\n" for n in (53, 54, 55)))
    domain.lab.drop("127.0.0.54", "127.0.0.55")
    assert len(threads_when_connected(domain, host=f"{B}\nhost srv:x.example")) == 1
    assert (SUBMISSIONS, "SRV") in domain.dns.asked


def test_f4_no_look_up_of_our_name_outlives_it(domain):
    """%C is known, but not whether there is an IPv6 address."""
    domain.dns.manner = "no AAAA"
    assert len(threads_when_connected(domain, "domain %C", HOSTNAME="a.x.example")) == 1
    assert ("a.x.example", "AAAA") in domain.dns.asked


def test_the_error_tells_of_what_was_not_found(domain):
    """And a host that is named is not kept waiting by a look-up behind it."""
    domain.dns.manner = "mute"
    done = domain.send("port 4000", "tls_starttls off", host="192.0.2.1\nhost srv:y.example")
    assert done.returncode == 75 and done.seconds < 5
    assert "srv:y.example" in done.err and "192.0.2.1" in done.err


def test_what_is_cut_is_used_as_far_as_it_goes(domain):
    domain.publish(SUBMISSIONS, (0, 0, 465, "a.x.example"))
    domain.dns.manner = "cut"
    server = domain.serve(A, 465)
    assert domain.send().returncode == 0 and len(server.messages) == 1


@pytest.mark.parametrize("target", ["evil name.example", "a\tb.example", "\x1b[31m.example"])
def test_names_that_are_none(domain, target):
    domain.publish(SUBMISSIONS, (0, 0, 465, target), (9, 0, 465, "a.x.example"))
    server = domain.serve(A, 465)
    assert domain.send().returncode == 0 and len(server.messages) == 1


def test_there_are_too_many(domain):
    domain.publish(SUBMISSIONS, *[(n, 0, 465, f"{n}.x.example") for n in range(60)])
    done = domain.send("timeout 2")
    assert done.returncode == 75 and "0.x.example" in done.err and len(done.err) < 2000


def test_other_hosts_are_left(domain):
    """A domain that cannot be looked up is passed over."""
    domain.publish(SUBMISSIONS, (0, 0, 465, "a.x.example"))
    domain.dns.manner = "servfail"
    server = domain.serve(B, 465, cert="wide")
    done = domain.send("host b.x.example", args=["-v"])
    assert done.returncode == 0 and len(server.messages) == 1
    assert "SRV records of" in done.err


def test_behind_others(domain):
    domain.publish(SUBMISSIONS, (0, 0, 465, "a.x.example"))
    domain.serve(B, 465, replies={"handshake": CLOSE})
    server = domain.serve(A, 465)
    assert domain.send("host srv:x.example", host="b.x.example").returncode == 0
    assert len(server.messages) == 1


def test_a_domain_outside_ascii(domain):
    name = "_submissions._tcp.xn--bcher-kva.example"
    domain.publish(name, (0, 0, 465, "a.x.example"))
    domain.serve(A, 465)
    done = domain.send(host="srv:bücher.example")
    assert (name, "SRV") in domain.dns.asked
    assert done.returncode == 69 and "not xn--bcher-kva.example" in done.err


def test_a_literal_is_not_looked_up(domain):
    server = domain.serve(B, 465, tls=None)
    assert domain.send("tls off", "auth off", "port 465", host=B).returncode == 0
    assert domain.send("tls off", "auth off", "port 465", host="localhost").returncode == 75
    assert len(server.messages) == 1 and not domain.dns.asked
