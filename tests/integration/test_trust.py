# SPDX-License-Identifier: MIT
"""What is proved besides a chain: revocation that is stapled, our own certificate, versions, sessions."""

import os
import re
import ssl
import subprocess
import threading

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from pki import Pki, new_key
from wire import Acceptor, Wire, server_context

SOFTHSM = "/usr/lib/softhsm/libsofthsm2.so"
CLIENT = (ExtendedKeyUsageOID.CLIENT_AUTH,)


@pytest.fixture(scope="module", name="pki")
def fixture_pki(tmp_path_factory):
    """An authority, a server's certificate and two of ours."""
    pki = Pki(tmp_path_factory.mktemp("pki"))
    pki.root = pki.authority("root")
    pki.trust = pki.write("root.pem", pki.root)
    pki.store("server", pki.leaf(pki.root))
    pki.store("client", pki.leaf(pki.root, ["joe.example"], common="joe", usage=CLIENT))
    pki.store("other", pki.leaf(pki.root, ["eve.example"], common="eve", usage=CLIENT))
    return pki


class Taker(Acceptor):
    """A server with a TLS context that takes every message; a list for what it saw of each client.

    resumed, clients (subjects), versions: one entry a handshake; messages: how many were taken
    """

    def __init__(self, context):
        self._context = context
        self.resumed, self.clients, self.versions = [], [], []
        self.messages = 0
        self._lock = threading.Lock()

    def begin(self, sock):
        return lambda: self._serve(Wire(sock, self.stop))

    def _serve(self, wire):
        try:
            if wire.start_tls(self._context):
                with self._lock:
                    self.resumed.append(wire.sock.session_reused)
                    self.versions.append(wire.sock.version())
                    self.clients.append(self._client(wire.sock))
                self._talk(wire)
        except (OSError, TimeoutError):
            pass
        finally:
            wire.close()

    @staticmethod
    def _client(sock):
        der = sock.getpeercert(binary_form=True)
        return x509.load_der_x509_certificate(der).subject.rfc4514_string() if der else None

    def _talk(self, wire):
        wire.write(b"220 hi\r\n")
        in_message = False
        while line := wire.line().upper():
            if in_message:
                in_message = line != b".\r\n"
                if in_message:
                    continue
                self.messages += 1
            in_message = in_message or line.startswith(b"DATA")
            wire.write(b"250-hi\r\n250 AUTH PLAIN EXTERNAL\r\n" if line.startswith(b"EHLO") else
                       b"354 go\r\n" if in_message else
                       b"235 yes\r\n" if line.startswith(b"AUTH") else b"250 ok\r\n")


def context(pki, name="server", version=None, **more):
    """A server's TLS context."""
    made = server_context(pki.paths, name)
    if version:
        made.minimum_version = made.maximum_version = version
    for key, value in more.items():
        setattr(made, key, value)
    return made


def send(program, pki, server, *lines, args=("b@y.example",), env=None, **more):
    """A run against it."""
    given = [] if any("tls_trust_file" in line for line in lines) else [
        f"tls_trust_file {pki.trust}"]
    program.write_config("\n".join([
        "account default", "host localhost", f"port {server.port}", "from a@x.example", "tls on",
        "tls_starttls off", "user joe", "password secret", *given, *lines]) + "\n")
    return program(*args, env=env, **more)


# --- what the server staples -------------------------------------------------------------------

class Stapler:
    """openssl s_server, which can staple: one connection, which it answers line by line."""

    def __init__(self, pki, name, staple=None):
        command = ["openssl", "s_server", "-accept", "0", "-naccept", "1", "-cert",
                   pki.paths[name], "-key", pki.paths[name + ".key"]]
        command += ["-status_file", staple] if staple else []
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                         stderr=subprocess.STDOUT)
        self.said = b""

    def __enter__(self):
        for line in self._process.stdout:
            found = re.match(rb"ACCEPT .*:(\d+)$", line.rstrip())
            if found:
                self.port = int(found.group(1))
                break
        self._process.stdin.write(b"220 hi\n")
        self._process.stdin.flush()
        self._thread = threading.Thread(target=self._listen)
        self._thread.start()
        return self

    def _listen(self):
        for line in self._process.stdout:
            self.said += line
            if line.startswith(b"EHLO"):  # as good as any other end: the certificate was believed
                self._process.stdin.write(b"554 5.0.0 enough\n")
                self._process.stdin.flush()

    def __exit__(self, *exception):
        self._process.kill()
        self._process.wait()
        self._thread.join()
        self._process.stdin.close()
        self._process.stdout.close()


def stapled(program, pki, leaf, staple=None, *lines):
    """A run against a server that staples."""
    pki.store("stapled", leaf)
    with Stapler(pki, "stapled", staple) as server:
        return send(program, pki, server, "auth off", "timeout 10", *lines)


def test_cert_21_staple(program, pki):
    leaf = pki.leaf(pki.root)
    done = stapled(program, pki, leaf, pki.staple("good.ocsp", leaf))
    assert "not acceptable" not in done.err and "5.0.0 enough" in done.err
    done = stapled(program, pki, leaf, pki.staple("bad.ocsp", leaf, "REVOKED"))
    assert done.returncode == 69 and "revoked" in done.err and "5.0.0" not in done.err


def test_cert_21_must_staple(program, pki):
    leaf = pki.leaf(pki.root, more=[x509.TLSFeature([x509.TLSFeatureType.status_request])])
    done = stapled(program, pki, leaf)
    assert done.returncode == 69 and "proof that it is not revoked" in done.err
    done = stapled(program, pki, leaf, pki.staple("must.ocsp", leaf))
    assert "5.0.0 enough" in done.err
    assert not list(program.home.glob(".cache/postrider/*.session"))


MUST_STAPLE = [x509.TLSFeature([x509.TLSFeatureType.status_request])]


@pytest.mark.parametrize("status, days, more, reason", [
    ("UNKNOWN", (-1, 1), MUST_STAPLE, "it requires proof that it is not revoked"),
    ("UNKNOWN", (-1, 1), [], None),
    ("GOOD", (1, 2), MUST_STAPLE, "from the future"), ("GOOD", (1, 2), [], "from the future"),
    ("GOOD", (-2, -1), MUST_STAPLE, "too old"), ("GOOD", (-2, -1), [], "too old"),
    ("GOOD", (0.001, 2), MUST_STAPLE, None),  # the clocks differ a little
    ("REVOKED", (1, 2), MUST_STAPLE, "revoked"), ("REVOKED", (-2, -1), [], "revoked")])
def test_h4_what_a_staple_says(program, pki, status, days, more, reason):
    leaf = pki.leaf(pki.root, more=more)
    done = stapled(program, pki, leaf, pki.staple("h4.ocsp", leaf, status, days))
    if reason:
        assert done.returncode == 69 and reason in done.err and "5.0.0" not in done.err, done.err
        assert ("timedatectl" in done.err) == (reason == "from the future")
    else:
        assert "5.0.0 enough" in done.err, done.err


@pytest.mark.parametrize("by", ["stranger", "twin", "other leaf"])
@pytest.mark.parametrize("must", [False, True])
def test_h4_a_staple_that_proves_nothing(program, pki, by, must):
    """It is signed by somebody else, or about another certificate."""
    leaf = pki.leaf(pki.root, more=MUST_STAPLE if must else [])
    about = pki.leaf(pki.root) if by == "other leaf" else leaf
    if by in ("stranger", "twin"):
        about = leaf._replace(by=pki.authority("root" if by == "twin" else "stranger"))
    done = stapled(program, pki, leaf, pki.staple("none.ocsp", about))
    if by == "other leaf" and not must:  # as good as none
        assert "5.0.0 enough" in done.err, done.err
    else:
        assert done.returncode == 69 and "proof that it is not revoked" in done.err, done.err


# --- our own certificate -----------------------------------------------------------------------

@pytest.fixture(name="asking")
def fixture_asking(pki):
    """A server that wants a certificate of its authority."""
    made = context(pki, verify_mode=ssl.CERT_REQUIRED)
    made.load_verify_locations(pki.trust)
    with Taker(made) as server:
        yield server


def ours(pki, name="client"):
    """The lines that name a certificate of ours."""
    return [f"tls_cert_file {pki.paths[name]}", f"tls_key_file {pki.paths[name + '.key']}"]


def test_client_certificate(program, pki, asking):
    done = send(program, pki, asking, *ours(pki))
    assert (done.returncode, asking.clients) == (0, ["CN=joe"]), done.err
    done = send(program, pki, asking, *ours(pki, "other"))
    assert (done.returncode, asking.clients[1:]) == (0, ["CN=eve"])
    assert asking.resumed == [False, False]


def test_client_certificate_is_the_proof(program, pki, asking):
    """auth external, without a password."""
    done = send(program, pki, asking, "password", "auth external", *ours(pki))
    assert (done.returncode, asking.messages) == (0, 1), done.err


def test_client_certificate_missing(program, pki, asking):
    """In TLS 1.3 the refusal comes after our handshake."""
    done = send(program, pki, asking)
    assert (done.returncode, asking.messages) == (69, 0), done.err
    assert "certificate" in done.err


def test_tls_26_no_certificate_to_show(program, pki):
    made = context(pki, verify_mode=ssl.CERT_OPTIONAL)
    made.load_verify_locations(pki.trust)
    with Taker(made) as server:
        assert send(program, pki, server).returncode == 0
        assert server.clients == [None]


BAD_IDENTITIES = {
    "cert-only": (["tls_cert_file {cert}"], "tls_key_file is not"),
    "key-only": (["tls_key_file {key}"], "tls_cert_file is not"),
    "missing-cert": (["tls_cert_file /no/such", "tls_key_file {key}"], "tls_cert_file /no/such: "),
    "missing-key": (["tls_cert_file {cert}", "tls_key_file /no/such"], "tls_key_file /no/such: "),
    "mismatch": (["tls_cert_file {cert}", "tls_key_file {other}"], "not the key of"),
    "no-cert": (["tls_cert_file {key}", "tls_key_file {key}"], "{key}: it holds no certificate in PEM form"),
    "no-key": (["tls_cert_file {cert}", "tls_key_file {cert}"], "{cert}: it holds no private key in PEM form"),
    "junk-cert": (["tls_cert_file /etc/passwd", "tls_key_file {key}"], "tls_cert_file /etc/passwd: it holds no"),
    "junk-key": (["tls_cert_file {cert}", "tls_key_file /etc/passwd"], "tls_key_file /etc/passwd: "),
    "encrypted": (["tls_cert_file {cert}", "tls_key_file {encrypted}"], "the key is encrypted"),
    "no-token": (["tls_cert_file pkcs11:token=none", "tls_key_file pkcs11:token=none"],
                 "no token here"),
}


@pytest.mark.parametrize("name", BAD_IDENTITIES)
def test_bad_client_certificate(program, pki, asking, name):
    lines, reason = BAD_IDENTITIES[name]
    leaf = pki.leaf(pki.root)
    names = {"cert": pki.paths["client"], "key": pki.paths["client.key"],
             "other": pki.paths["other.key"],
             "encrypted": pki.file("secret.key", leaf.key_pem(b"secret"), 0o600)}
    done = send(program, pki, asking, *(line.format(**names) for line in lines))
    assert (done.returncode, asking.versions) == (78, []) and reason.format(**names) in done.err, done.err


@pytest.mark.skipif(os.geteuid() != 0, reason="needs another user to run as")
def test_tls_27_key_that_others_may_read(program, pki, asking, tmp_path):
    path = tmp_path / "open.key"
    path.write_bytes((pki.folder / "client.key").read_bytes())
    path.chmod(0o602)
    done = send(program, pki, asking, f"tls_cert_file {pki.paths['client']}",
                f"tls_key_file {path}")
    assert (done.returncode, asking.versions) == (78, [])
    assert f"tls_key_file: {path}" in done.err and "chmod" in done.err


@pytest.fixture(name="token")
def fixture_token(pki, tmp_path):
    """A SoftHSM token "mail" that has the client's certificate and key; its environment."""
    if not os.path.exists(SOFTHSM):
        pytest.skip("no SoftHSM here")
    (tmp_path / "tokens").mkdir()
    config = tmp_path / "softhsm2.conf"
    config.write_text(f"directories.tokendir = {tmp_path}/tokens\nobjectstore.backend = file\n")
    env = {"SOFTHSM2_CONF": str(config)}
    full = {**os.environ, **env, "GNUTLS_PIN": "1234", "GNUTLS_SO_PIN": "1234"}
    made = [["softhsm2-util", "--init-token", "--free", "--label", "mail", "--pin", "1234",
             "--so-pin", "1234"]]
    for kind, path in (("--load-certificate", pki.paths["client"]),
                       ("--load-privkey", pki.paths["client.key"])):
        made.append(["p11tool", "--provider", SOFTHSM, "--login", "--write", kind, path,
                     "--label", "joe", "--id", "01", "pkcs11:token=mail"])
    for command in made:
        subprocess.run(command, check=True, env=full, capture_output=True, timeout=60)
    return env


def urls(more=""):
    """The lines that name what is in the token."""
    return ["tls_cert_file pkcs11:token=mail;object=joe;type=cert",
            f"tls_key_file pkcs11:token=mail;object=joe;type=private{more}"]


def test_token(program, pki, asking, token, tmp_path):
    pin = tmp_path / "pin"
    pin.write_text("1234\n")
    pin.chmod(0o600)
    for more in ("?pin-value=1234", f"?pin-source=file:{pin}",
                 f"?pin-source=file://{pin}"):
        done = send(program, pki, asking, "tls_session_cache off", *urls(more), env=token)
        assert done.returncode == 0, done.err
    assert asking.clients == ["CN=joe"] * 3


def test_token_and_file(program, pki, asking, token):
    done = send(program, pki, asking, f"tls_cert_file {pki.paths['client']}",
                urls("?pin-value=1234")[1], env=token)
    assert (done.returncode, asking.clients) == (0, ["CN=joe"]), done.err


@pytest.mark.parametrize("more", ["", "?pin-value=9999"])
def test_token_without_pin(program, pki, asking, token, more):
    """Nobody is asked where there is no terminal."""
    done = send(program, pki, asking, *urls(more), env=token, start_new_session=True)
    assert (done.returncode, asking.versions) == (78, []), done.err
    assert "token" in done.err and "9999" not in done.err


def test_pin_is_a_secret(program, pki, asking, token):
    send(program, pki, asking, *urls("?pin-value=1234&x=y"), env=token)
    done = program("-P")
    assert "pin-value=(hidden)&x=y" in done.out and "1234" not in done.out


# --- versions and ciphers ----------------------------------------------------------------------

def test_priorities(program, pki):
    with Taker(context(pki)) as server:
        lines = ["tls_session_cache off"]
        assert send(program, pki, server, *lines).returncode == 0
        assert send(program, pki, server, *lines, "tls_priorities NORMAL:-VERS-TLS1.3"
                    ).returncode == 0
        assert server.versions == ["TLSv1.3", "TLSv1.2"]


@pytest.mark.parametrize("text", ["NORMAL:+NOTHING", "NONSENSE", "NORMAL:-VERS-ALL:+VERS-TLS9"])
def test_bad_priorities(program, pki, text):
    with Taker(context(pki)) as server:
        done = send(program, pki, server, f"tls_priorities {text}")
        assert (done.returncode, server.versions) == (78, [])
        assert "tls_priorities: " in done.err and "from \"" in done.err


def test_tls_17_old_versions_whatever_is_asked_for(program, pki):
    made = context(pki)
    made.minimum_version = ssl.TLSVersion.TLSv1
    made.maximum_version = ssl.TLSVersion.TLSv1_1
    with Taker(made) as server:
        done = send(program, pki, server, "tls_priorities NORMAL:+VERS-TLS1.0:+VERS-TLS1.1")
        assert (done.returncode, server.versions) == (69, []), done.err


def test_min_version(program, pki):
    with Taker(context(pki, version=ssl.TLSVersion.TLSv1_2)) as server:
        done = send(program, pki, server, "tls_min_version 1.3")
        assert (done.returncode, server.versions) == (69, []), done.err
        assert send(program, pki, server, "tls_min_version 1.2").returncode == 0


def test_policy_of_the_system(program, pki, tmp_path):
    """TLS 1.3 alone stays that."""
    policy = tmp_path / "policy"
    policy.write_text("[overrides]\ndisabled-version = tls1.2\ndisabled-version = tls1.1\n"
                      "disabled-version = tls1.0\n")
    env = {"GNUTLS_SYSTEM_PRIORITY_FILE": str(policy)}
    with Taker(context(pki, version=ssl.TLSVersion.TLSv1_2)) as server:
        done = send(program, pki, server, env=env)
        assert (done.returncode, server.versions) == (69, []), done.err
    with Taker(context(pki)) as server:
        assert send(program, pki, server, env=env).returncode == 0
        assert server.versions == ["TLSv1.3"]


@pytest.mark.parametrize("policy, status", [
    ("[overrides]\ndefault-priority-string = NORMAL:%PROFILE_HIGH\n", 69), ("", 0)])
def test_policy_of_the_system_about_keys(program, pki, tmp_path, policy, status):
    """Longer ones than ours are its own affair."""
    path = tmp_path / "policy"
    path.write_text(policy)
    root = pki.authority("rsa", key=new_key(2048))
    pki.store("rsa", pki.leaf(root, key=new_key(2048)))
    pki.write("rsa-root.pem", root)
    with Taker(context(pki, "rsa")) as server:
        done = send(program, pki, server, f"tls_trust_file {pki.folder}/rsa-root.pem",
                    env={"GNUTLS_SYSTEM_PRIORITY_FILE": str(path)})
        assert done.returncode == status, done.err


@pytest.mark.parametrize("priorities, status", [
    ("NORMAL", 69), ("PERFORMANCE", 69), ("NORMAL:%PROFILE_LOW", 0)])
def test_cert_23_weak_with_other_priorities(program, pki, priorities, status):
    """Short keys are refused, unless that very thing is asked for."""
    pki.store("weak", pki.leaf(pki.root, key=new_key(1024)))
    with Taker(context(pki, "weak")) as server:
        done = send(program, pki, server, f"tls_priorities {priorities}")
        assert done.returncode == status, done.err


# --- TLS that is not there, or not where it is looked for ---------------------------------------

class Scripted(Acceptor):
    """A server in clear that says what `lines` has for each line it hears, and keeps all of them.

    greeting: what it begins with; lines: {first word: answer}; heard: octets of all connections
    """

    def __init__(self, greeting, lines=None):
        self._greeting, self._lines = greeting, lines or {}
        self.heard = b""

    def begin(self, sock):
        return lambda: self._serve(Wire(sock, self.stop))

    def _serve(self, wire):
        try:
            wire.write(self._greeting)
            while line := wire.line():
                wire.write(self._lines.get(line.split()[0].upper(), b"250 ok\r\n"))
        except (OSError, TimeoutError):
            pass
        finally:
            self.heard += bytes(wire.received)
            wire.close()


def test_tls_02_injection_in_the_handshake(program, pki):
    """Text in a segment of its own, where the server's part of the handshake should be."""
    with Scripted(b"220 hi\r\n", {b"EHLO": b"250-hi\r\n250 STARTTLS\r\n",
                                    b"STARTTLS": b"220 go\r\n"}) as server:
        done = send(program, pki, server, "tls_starttls on")
    assert done.returncode in (75, 76), done.err
    assert b"AUTH" not in server.heard and b"MAIL" not in server.heard


def test_tls_14_clear_greeting_on_the_tls_port(program, pki):
    with Scripted(b"220 hi\r\n") as server:
        done = send(program, pki, server)
    assert done.returncode == 76 and "tls_starttls on" in done.err
    assert b"AUTH" not in server.heard and b"EHLO" not in server.heard


PATHS = {
    "auth": ([], []), "no-auth": (["auth off"], []), "lmtp": (["protocol lmtp"], []),
    "etrn": ([], ["--rmqs=example.org"]), "pinned": (["tls_fingerprint " + "00" * 32], []),
    "unverified": (["tls_certcheck off", "auth off"], []),
    "requiretls": ([], ["-O", "REQUIRETLS=yes"]),
}


@pytest.mark.parametrize("name", PATHS)
def test_tls_15_no_way_around(program, pki, name):
    """TLS is asked for and not offered: on every path nothing but EHLO is said."""
    lines, args = PATHS[name]
    with Scripted(b"220 hi\r\n", {word: b"250-hi\r\n250-ETRN\r\n250 AUTH PLAIN\r\n"
                                    for word in (b"EHLO", b"LHLO")}) as server:
        args = args if name == "etrn" else [*args, "b@y.example"]
        done = send(program, pki, server, "tls_starttls on", *lines, args=args)
    assert done.returncode == 69 and "STARTTLS" in done.err, done.err
    said = {line.split()[0] for line in server.heard.splitlines()}
    assert said <= {b"EHLO", b"LHLO", b"QUIT"}


def test_tls_29_server_name(program, pki):
    """For names, never for addresses."""
    pki.store("both", pki.leaf(pki.root, ["localhost", "127.0.0.1"]))
    made = context(pki, "both")
    names = []
    made.sni_callback = lambda sock, name, context: names.append(name)
    with Taker(made) as server:
        for host in ("localhost", "127.0.0.1", "localhost."):
            done = send(program, pki, server, f"tls_host_override {host}",
                        "tls_session_cache off")
            assert done.returncode == 0, done.err
    assert names == ["localhost", None, "localhost"]


# --- sessions ----------------------------------------------------------------------------------

VERSIONS = [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3]


def sessions(program):
    """The files that keep sessions."""
    return list(program.home.glob(".cache/postrider/*.session"))


@pytest.mark.parametrize("version", VERSIONS)
def test_resumption(program, pki, version):
    with Taker(context(pki, version=version)) as server:
        for _ in range(3):
            done = send(program, pki, server, args=["-v", "b@y.example"])
            assert done.returncode == 0, done.err
        assert server.resumed == [False, True, True]
        assert ", resumed; certificate by root until 2" in done.err
        (kept,) = sessions(program)
        assert kept.stat().st_mode & 0o777 == 0o600
        assert send(program, pki, server, "tls_session_cache off").returncode == 0
        assert server.resumed[3:] == [False]


@pytest.mark.parametrize("name", ["name", "trust", "touched", "priorities", "min-version",
                                  "unverified", "pin", "crl", "client"])
def test_tls_16_resumed_only_on_the_same_terms(program, pki, tmp_path, name):
    trust = tmp_path / "trust.pem"
    trust.write_bytes(pki.root.pem())
    pki.store("two", pki.leaf(pki.root, ["localhost", "two.example"]))
    leaf = pki.folder / "two.pem"
    digest = x509.load_pem_x509_certificate(leaf.read_bytes()).fingerprint(
        x509.load_pem_x509_certificate(leaf.read_bytes()).signature_hash_algorithm).hex()
    with Taker(context(pki, "two")) as server:
        assert send(program, pki, server, f"tls_trust_file {trust}").returncode == 0
        if name == "touched":
            trust.write_bytes(pki.root.pem() + b"\n")
        other = {"name": ["tls_host_override two.example"],
                 "priorities": ["tls_priorities NORMAL"], "min-version": ["tls_min_version 1.3"],
                 "unverified": ["tls_certcheck off"], "pin": [f"tls_fingerprint {digest}"],
                 "crl": [f"tls_crl_file {pki.crl('none.crl', pki.root)}"],
                 "client": ours(pki), "touched": [], "trust": []}[name]
        path = pki.trust if name == "trust" else trust
        done = send(program, pki, server, f"tls_trust_file {path}", *other)
        assert done.returncode == 0, done.err
        assert server.resumed == [False, False]


@pytest.mark.parametrize("what", ["old", "future", "clock", "expired", "garbage", "cut",
                                  "key"])
def test_sessions_that_do_not_count(program, pki, what):
    with Taker(context(pki)) as server:
        assert send(program, pki, server).returncode == 0
        (kept,) = sessions(program)
        head, verified, until, digest, rest = kept.read_bytes().split(b"\n", 4)
        now = int(verified.split()[1])
        if what in ("old", "future"):
            verified = b"verified %d" % (now + (-25 if what == "old" else 2) * 3600)
        elif what == "expired":
            until = b"until %d" % (now - 1)
        elif what == "key":
            head = head[:-1] + (b"0" if head[-1:] != b"0" else b"1")
        rest = {"garbage": b"x" * len(rest), "cut": rest[:100]}.get(what, rest)
        kept.write_bytes(b"\n".join([head, verified, until, digest, rest]))
        if what == "clock":  # it was set back since the file was written
            os.utime(kept, (now + 7200, now + 7200))
        assert send(program, pki, server).returncode == 0
        assert send(program, pki, server).returncode == 0
        assert server.resumed == [False, False, True]


@pytest.mark.parametrize("what", ["expired", "weak", "limited"])
def test_h6_session_with_one_that_showed_more(program, pki, what):
    """What is shown in vain does not keep a later run from being served."""
    extra = {"expired": lambda: pki.authority("extra", pki.root, days=(-60, -1)),
             "weak": lambda: pki.authority("extra", key=new_key("p224")),
             "limited": lambda: pki.authority("extra", limits=x509.NameConstraints(
                 [x509.DNSName("other.example")], None))}[what]()
    pki.store("more", pki.leaf(pki.root), extra)
    with Taker(context(pki, "more")) as server:
        for _ in range(2):
            assert send(program, pki, server).returncode == 0
        assert server.resumed == [False, what != "expired"]


def test_certificate_that_expired_since(program, pki, preload):
    """A session that is taken up again is worth no more than the certificate it began with."""
    library = preload("probe")
    pki.store("short", pki.leaf(pki.root, days=(-1, 1 / 48)))
    with Taker(context(pki, "short")) as server:
        assert send(program, pki, server).returncode == 0
        (kept,) = sessions(program)
        kept.write_bytes(re.sub(rb"until \d+", b"until 9999999999", kept.read_bytes()))
        done = send(program, pki, server,
                    env={"LD_PRELOAD": library, "PROBE_LATER": "3600"})
        assert (done.returncode, server.messages) == (69, 1), done.err
        assert "expired" in done.err


def test_no_session_where_others_can_look(program, pki):
    with Taker(context(pki)) as server:
        assert send(program, pki, server).returncode == 0
        (kept,) = sessions(program)
        kept.parent.chmod(0o755)
        assert send(program, pki, server).returncode == 0
        assert server.resumed == [False, False]


def test_a_session_is_offered_once(program, pki):
    """Of runs at the same time one at most takes it up; all of them send."""
    with Taker(context(pki)) as server:
        assert send(program, pki, server).returncode == 0
        runs = [threading.Thread(target=program, args=("b@y.example",)) for _ in range(4)]
        for run in runs:
            run.start()
        for run in runs:
            run.join()
        assert server.messages == 5 and len(sessions(program)) == 1
