# SPDX-License-Identifier: MIT
"""Who is believed and who is not: each shape of certificate, chain and configuration.

A test is named after its row in the list of attacks on certificates. What is refused is refused with
its reason, with 69, and the server has seen no AUTH.
"""

import os
import base64
import hashlib
import ipaddress
import pathlib
import subprocess

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

from fakeserver import FakeServer, parse_text
from pki import SERVER, Pki, general, make, new_key
from sampling import sampled
from visits import Store, Visits


@pytest.fixture(scope="module", name="pki")
def fixture_pki(tmp_path_factory):
    """Authorities: `root` is trusted (root.pem), `middle` is under it, `stranger` is not trusted."""
    pki = Pki(tmp_path_factory.mktemp("pki"))
    pki.root = pki.authority("root")
    pki.middle = pki.authority("middle", pki.root)
    pki.stranger = pki.authority("stranger")
    pki.trust = pki.write("root.pem", pki.root)
    pki.store("good", pki.leaf(pki.root))
    return pki


@pytest.fixture(name="visit")
def fixture_visit(program, pki):
    """Visits of a fresh home."""
    return Visits(program, pki)


def shown(pki, *chain, name="shown"):
    """Store a chain under a name that is used once."""
    return pki.store(name, *chain)


# --- names -------------------------------------------------------------------------------------

def names_test(pki, visit, names, host, accepted, **more):
    """A leaf with these names for a connection that is meant for `host`."""
    shown(pki, pki.leaf(pki.root, names, **more))
    line = f"tls_host_override {host}"
    if accepted:
        visit.accepts("shown", line)
    else:
        visit.refuses("shown", "not acceptable", line)


def test_cert_01_name_mismatch(pki, visit):
    shown(pki, pki.leaf(pki.root, ["other.example", "third.example", "f.example", "g.example"]))
    said = visit.refuses("shown", "it is for other.example, third.example, f.example and others, "
                         "not localhost").err
    assert "tls_host_override" in said


def test_cert_02_dates(pki, visit):
    shown(pki, pki.leaf(pki.root, days=(-30, -2)))
    assert "the clock here says" in visit.refuses("shown", "it expired on").err
    shown(pki, pki.leaf(pki.root, days=(2, 30)))
    assert "the clock here says" in visit.refuses("shown", "it is not valid before", status=75).err


def test_cert_03_unknown(pki, visit):
    unknown = "it is not signed by a trusted authority"
    shown(pki, make("localhost", new_key(), None, [
        (x509.SubjectAlternativeName([general("localhost")]), False)]))
    visit.refuses("shown", unknown)
    shown(pki, pki.leaf(pki.stranger), pki.stranger)
    visit.refuses("shown", unknown)
    shown(pki, pki.leaf(pki.middle))
    said = visit.refuses("shown", unknown).err
    assert "tls_trust_file" in said and "tls_fingerprint " in said and "confirms" in said


def test_cert_04_default_verifies(visit):
    """Nothing is configured but TLS: the system's authorities do not know ours."""
    done = visit("good", trust=None)
    assert done.returncode in (69, 78) and b"AUTH" not in done.received


@pytest.mark.parametrize("what", ["missing", "empty", "unreadable", "folder", "garbage", "cut"])
def test_cert_05_trust_file(pki, visit, tmp_path, what):
    path = tmp_path / "trust"
    if what == "folder":
        path.mkdir()
    elif what == "cut":
        path.write_bytes(pki.root.pem()[:200])
    elif what == "unreadable":
        path = tmp_path / "none" / "trust"
    elif what != "missing":
        path.write_text("" if what == "empty" else "-----BEGIN CERTIFICATE-----\n####\n")
    done = visit.refuses("good", f"tls_trust_file {path}: ", trust=path, status=78)
    assert done.received == b"" and not done.versions


def test_cert_06_result_counts(pki, visit):
    """The same server with the right authorities and with others."""
    visit.accepts("good")
    visit.refuses("good", "not signed by a trusted authority",
                  trust=pki.write("strangers.pem", pki.stranger))


def test_cert_07_intermediate(pki, visit):
    old = pki.authority("old", pki.root, days=(-90, -2))
    shown(pki, pki.leaf(old), old)
    visit.refuses("shown", "one in its chain expired on")
    fake = pki.authority("middle", pki.stranger)
    shown(pki, pki.leaf(fake), fake)
    visit.refuses("shown", "not signed by a trusted authority")


@pytest.mark.parametrize("name", ["localhost\0.evil.example", "localhost\0", "\0localhost"])
def test_cert_08_nul(pki, visit, name):
    names_test(pki, visit, [name], "localhost", False, common=name.replace("\0", "") or "x")


@pytest.mark.parametrize("name", ["mail.example.or", "ail.example.org", "mail.example.org.evil",
                                  "xmail.example.org", "example.org", ".example.org", "mail"])
def test_cert_09_part_of_a_name(pki, visit, name):
    names_test(pki, visit, [name], "mail.example.org", False)


@pytest.mark.parametrize("name,host,accepted", [
    ("*.example.com", "a.example.com", True), ("*.EXAMPLE.com", "A.example.COM", True),
    ("*.example.com", "a.b.example.com", False), ("*.example.com", "example.com", False),
    ("*.com", "example.com", False), ("*", "localhost", False), ("*.example.com", ".example.com",
                                                                 False)])
def test_cert_10_wildcard(pki, visit, name, host, accepted):
    names_test(pki, visit, [name], host, accepted)


@pytest.mark.parametrize("name", ["f*o.example.com", "*oo.example.com", "f*.example.com",
                                  "foo.*.com", "**.example.com", "*.*.com"])
def test_cert_11_partial_wildcard(pki, visit, name):
    names_test(pki, visit, [name], "foo.example.com", False)


def test_cert_12_common_name_alone(pki, visit):
    shown(pki, pki.leaf(pki.root, None, common="localhost"))
    visit.refuses("shown", "it names no host in a subjectAltName")


def test_cert_13_common_name_beside_others(pki, visit):
    shown(pki, pki.leaf(pki.root, ["other.example"], common="localhost"))
    visit.refuses("shown", "it is for other.example, not localhost")


@pytest.mark.parametrize("name", [
    x509.UniformResourceIdentifier("https://localhost/"), x509.RFC822Name("joe@localhost"),
    x509.OtherName(x509.ObjectIdentifier("1.3.6.1.5.5.7.8.7"), b"\x16\x0f_smtp.localhost"),
    x509.DNSName("a" * 300 + ".example"), x509.DNSName("localhost" + "." * 300)],
                         ids=["uri", "mail", "srv", "long", "dots"])
def test_cert_14_no_way_back_to_the_common_name(pki, visit, name):
    shown(pki, pki.leaf(pki.root, [name], common="localhost"))
    visit.refuses("shown", "not acceptable")


@pytest.mark.parametrize("names,accepted", [
    (["127.0.0.1"], True), ([x509.DNSName("127.0.0.1")], False), (["127.0.0.2"], False),
    ([x509.DNSName("*.0.0.1")], False), (None, False)])
def test_cert_15_address(pki, visit, names, accepted):
    shown(pki, pki.leaf(pki.root, names, common="127.0.0.1"))
    if accepted:
        visit.accepts("shown", host="127.0.0.1")
    else:
        visit.refuses("shown", "not acceptable", host="127.0.0.1")


def test_cert_15_address_for_a_name(pki, visit):
    shown(pki, pki.leaf(pki.root, ["127.0.0.1"]))
    visit.refuses("shown", "it is for 127.0.0.1, not localhost")


def test_cert_16_international_name(pki, visit):
    names_test(pki, visit, ["xn--bcher-kva.example"], "B\u00fccher.example", True)
    names_test(pki, visit, ["bcher.example"], "b\u00fccher.example", False,
               common="b\u00fccher.example")
    done = visit("good", "tls_host_override a\u2028b.example")
    assert done.returncode == 78 and not done.received


def test_cert_17_spelling(pki, visit):
    names_test(pki, visit, ["MAIL.Example.org"], "mail.eXample.ORG", True)
    names_test(pki, visit, ["mail.example.org"], "mail.example.org.", True)
    names_test(pki, visit, ["mail.example.org"], "mail.example.org..", False)
    names_test(pki, visit, ["mail.example.org."], "mail.example.org", False)
    for bad in ("mail example.org", "mail\x01.example.org", "a" * 256):
        done = visit("good", f"tls_host_override {bad}")
        assert done.returncode == 78 and not done.received


def test_cert_18_empty_subject(pki, visit):
    names_test(pki, visit, ["localhost"], "localhost", True, common=None)


LIMITS = {
    "allowed": ("P example.com", "mail.example.com", True),
    "allowed-itself": ("P mail.example.com", "mail.example.com", True),
    "other": ("P example.org", "mail.example.com", False),
    "part": ("P ample.com", "mail.example.com", False),
    "below-only": ("P .mail.example.com", "mail.example.com", False),
    "excluded": ("X example.com", "mail.example.com", False),
    "excluded-case": ("X EXAMPLE.COM", "mail.example.com", False),
    "excluded-other": ("X example.org", "mail.example.com", True),
    "address": ("X 127.0.0.0/8", "mail.example.com", True),
}


@pytest.mark.parametrize("name", LIMITS)
def test_cert_19_name_constraints(pki, visit, name):
    text, host, accepted = LIMITS[name]
    kind, value = text.split()
    tree = [x509.IPAddress(ipaddress.ip_network(value)) if "/" in value
            else x509.DNSName(value)]
    limited = pki.authority("limited", pki.root, limits=x509.NameConstraints(
        tree if kind == "P" else None, tree if kind == "X" else None))
    shown(pki, pki.leaf(limited, [host]), limited)
    if accepted:
        visit.accepts("shown", f"tls_host_override {host}")
    else:
        visit.refuses("shown", "not acceptable", f"tls_host_override {host}")


def test_cert_19_nothing_in_common(pki, visit):
    """Two authorities that permit different names permit none together."""
    def limit(name):
        return x509.NameConstraints([x509.DNSName(name)], None)
    upper = pki.authority("upper", pki.root, limits=limit("example.org"))
    lower = pki.authority("lower", upper, limits=limit("example.com"))
    shown(pki, pki.leaf(lower, ["mail.example.com"]), lower, upper)
    visit.refuses("shown", "not acceptable", "tls_host_override mail.example.com")


def test_cert_19_wildcard_reaches_what_is_excluded(pki, visit):
    limited = pki.authority("limited", pki.root, limits=x509.NameConstraints(
        None, [x509.DNSName("bad.example.com")]))
    shown(pki, pki.leaf(limited, ["*.example.com"]), limited)
    visit.refuses("shown", "may not sign", "tls_host_override bad.example.com")


def test_cert_20_purposes(pki, visit):
    shown(pki, pki.leaf(pki.root, usage=(ExtendedKeyUsageOID.CLIENT_AUTH,)))
    visit.refuses("shown", "it is not for servers")
    fake = pki.authority("fake", pki.root, ca=False)
    shown(pki, pki.leaf(fake), fake)
    visit.refuses("shown", "not acceptable")
    last = pki.authority("last", pki.root, length=0)
    below = pki.authority("below", last)
    shown(pki, pki.leaf(below), below, last)
    visit.refuses("shown", "not acceptable")
    mail = pki.authority("mail", pki.root, usage=(ExtendedKeyUsageOID.EMAIL_PROTECTION,))
    shown(pki, pki.leaf(mail), mail)
    visit.refuses("shown", "not acceptable")


def test_cert_20_authority_of_version_1(pki, visit):
    """It has no extensions, so nothing says that it is an authority."""
    key, request = pki.folder / "v1.key", pki.folder / "v1.csr"
    old = new_key()
    key.write_bytes(make("v1", old).key_pem())
    for command in (["req", "-new", "-key", key, "-subj", "/CN=v1", "-out", request],
                    ["x509", "-req", "-in", request, "-signkey", key, "-days", "100",
                     "-out", pki.folder / "v1.pem"]):
        subprocess.run(["openssl", *map(str, command)], check=True, capture_output=True,
                       timeout=60)
    cert = x509.load_pem_x509_certificate((pki.folder / "v1.pem").read_bytes())
    assert cert.version is x509.Version.v1
    by = pki.root._replace(cert=cert, key=old)
    shown(pki, pki.leaf(by), by)
    visit.refuses("shown", "not acceptable", trust=pki.folder / "v1.pem")


def test_cert_21_revocation_list(pki, visit):
    leaf = pki.leaf(pki.middle)
    shown(pki, leaf, pki.middle)
    empty = pki.crl("empty.crl", pki.middle)
    visit.accepts("shown", f"tls_crl_file {empty}")
    path = pki.crl("leaf.crl", pki.middle, [leaf])
    visit.refuses("shown", "revoked", f"tls_crl_file {path}")
    path = pki.crl("middle.crl", pki.root, [pki.middle])
    visit.refuses("shown", "revoked", f"tls_crl_file {path}")
    path = pki.crl("old.crl", pki.middle, [leaf], days=(-30, -10))
    visit.refuses("shown", "revoked", f"tls_crl_file {path}")
    done = visit("shown", f"tls_crl_file {path}", args=["-v"])
    assert "a newer one has been due" in done.err
    assert "again later" not in done.err  # a refusal for good


@pytest.mark.parametrize("what", ["missing", "garbage", "folder"])
def test_cert_21_bad_revocation_list(visit, tmp_path, what):
    path = tmp_path / "crl"
    if what == "folder":
        path.mkdir()
    elif what == "garbage":
        path.write_text("no list\n")
    done = visit.refuses("good", f"tls_crl_file {path}: ", f"tls_crl_file {path}", status=78)
    assert not done.versions
    done = visit("good", "tls_crl_file /x", "tls_certcheck off", "auth off", trust=None)
    assert done.returncode == 78 and "tls_crl_file has no effect" in done.err


def seconds(function, *arguments):
    """How much of a processor it takes: other tests run beside it, and a wait has a limit anyway."""
    def used():
        times = os.times()
        return times.children_user + times.children_system

    start = used()
    function(*arguments)
    return used() - start


def test_cert_22_long_chain(pki, visit):
    chain = [pki.root]
    for number in range(100):
        chain.append(pki.authority(f"a{number}", chain[-1]))
    shown(pki, pki.leaf(chain[-1]), *reversed(chain[1:]))
    assert seconds(visit.refuses, "shown", "not acceptable") < 10


def test_cert_22_many_names(pki, visit, sanitized):
    """A tenth of them with sanitizers: there each costs some fifty times as much."""
    names = [f"h{number}.example" for number in range(700 if sanitized else 7000)]
    shown(pki, pki.leaf(pki.root, names))
    assert seconds(visit.refuses, "shown", "and others, not localhost") < 10
    shown(pki, pki.leaf(pki.root, [*names, "localhost"]))
    assert seconds(visit.accepts, "shown") < 10


def test_cert_23_weak(pki, visit):
    signer = pki.authority("signer", key=new_key(2048))
    for digest in (hashes.SHA1(), hashes.MD5()):
        middle = pki.authority("weak", signer, new_key(2048), digest=digest)
        shown(pki, pki.leaf(middle), middle)
        visit.refuses("shown", "not acceptable", trust=pki.write("signer.pem", signer))
    middle = pki.authority("small", pki.root, new_key(1024))
    shown(pki, pki.leaf(middle), middle)
    visit.refuses("shown", "too weak")
    middle = pki.authority("curve", pki.root, new_key("p224"))
    shown(pki, pki.leaf(middle), middle)
    visit.refuses("shown", "too weak")
    shown(pki, pki.leaf(pki.root, key=new_key(2048)))
    visit.accepts("shown")


@pytest.mark.parametrize("between", [False, True])
@pytest.mark.parametrize("limits, names, host, accepted", [
    ((None, ["a.example.com"]), ["*.example.com"], "a.example.com", False),
    ((None, ["a.example.com"]), ["*.example.com"], "b.example.com", True),
    ((None, ["a.example.com"]), ["b.example.com"], "b.example.com", True),
    ((["example.com"], None), ["b.example.com"], "b.example.com", True),
    ((["example.com"], None), ["localhost"], "localhost", False),
    ((["2001:db8::/32"], None), ["127.0.0.1"], "127.0.0.1", False),
    ((["127.0.0.0/8"], None), ["127.0.0.1"], "127.0.0.1", True)])
def test_h2_constraints_of_the_trusted_authority(pki, visit, limits, names, host, accepted, between):
    """The server does not show it; where it does, the verdict is the same."""
    def trees(some):
        return some and [x509.IPAddress(ipaddress.ip_network(one)) if "/" in one else x509.DNSName(one)
                         for one in some]

    anchor = pki.authority("anchor", limits=x509.NameConstraints(trees(limits[0]), trees(limits[1])))
    chain = [pki.authority("below", anchor)] if between else []
    leaf = pki.leaf(chain[0] if between else anchor, names)
    for shown_too in ([], [anchor]):
        shown(pki, leaf, *chain, *shown_too)
        trust = pki.write("anchor.pem", pki.stranger, anchor)
        if accepted:
            visit.accepts("shown", f"tls_host_override {host}", trust=trust)
        else:
            visit.refuses("shown", "not acceptable", f"tls_host_override {host}", trust=trust)


# What a signature costs grows with the cube of the key, and GnuTLS checks the server's before
# anything else is known of it.
@pytest.mark.parametrize("certcheck", ["on", "off"])
@pytest.mark.parametrize("versions", ["-VERS-ALL:+VERS-TLS1.3", "-VERS-ALL:+VERS-TLS1.2",
                                      "-VERS-ALL:+VERS-TLS1.2:-KX-ALL:+RSA"])
def test_h1_no_computation_with_a_huge_key(program, pki, postrider, tmp_path, versions, certcheck):
    server = pathlib.Path(postrider).parents[1] / "tests" / "odd_key"
    if not server.exists():
        pytest.skip("this build has no odd_key")
    octets = 4000
    modulus = int.from_bytes(b"\xc5" * octets, "big") | 1
    key = rsa.RSAPublicNumbers(modulus - 2, modulus)
    (tmp_path / "huge.der").write_bytes(pki.leaf(pki.root, key=key).der())
    with subprocess.Popen([server, tmp_path / "huge.der", str(octets), f"NORMAL:{versions}"],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as running:
        try:
            port = int(running.stdout.readline())
            program.write_config(
                f"account default\nhost localhost\nport {port}\nfrom a@x.example\ntls on\n"
                f"tls_starttls off\ntls_trust_file {pki.trust}\ntls_certcheck {certcheck}\n")
            runs = []
            took = seconds(lambda: runs.append(program("b@y.example")))
        finally:
            running.kill()
    assert runs[0].returncode == 69 and "larger than any" in runs[0].err, runs[0].err
    assert took < 2


# --- pins --------------------------------------------------------------------------------------

def fingerprint(leaf):
    """As tls_fingerprint has it."""
    digits = hashlib.sha256(leaf.der()).hexdigest().upper()
    return ":".join(digits[at:at + 2] for at in range(0, 64, 2))


def pin(leaf):
    """As tls_pin has it."""
    key = leaf.key.public_key().public_bytes(serialization.Encoding.DER,
                                             serialization.PublicFormat.SubjectPublicKeyInfo)
    return "sha256//" + base64.b64encode(hashlib.sha256(key).digest()).decode()


OTHER = ":".join(["0A"] * 32)


@pytest.mark.parametrize("form", ["colons", "bare", "lower", "second", "key", "either", "no-check"])
def test_cert_24_pin_matches(pki, visit, form):
    leaf = pki.leaf(pki.stranger, ["elsewhere.example"])
    shown(pki, leaf)
    lines = {"colons": [f"tls_fingerprint {fingerprint(leaf)}"],
             "bare": [f"tls_fingerprint {fingerprint(leaf).replace(':', '')}"],
             "lower": [f"tls_fingerprint {fingerprint(leaf).lower()}"],
             "second": [f"tls_fingerprint {OTHER}", f"tls_fingerprint {fingerprint(leaf)}"],
             "key": [f"tls_pin {pin(leaf)}"],
             "either": [f"tls_fingerprint {OTHER}", f"tls_pin {pin(leaf)}"],
             "no-check": ["tls_certcheck off", f"tls_fingerprint {fingerprint(leaf)}"]}[form]
    done = visit.accepts("shown", *lines, trust="/no/such/file", args=["-v"])
    assert "not verified" not in done.err and "pinned" not in done.err


@pytest.mark.parametrize("line,named", [
    (f"tls_fingerprint {OTHER}", "tls_fingerprint names"),
    ("tls_pin sha256//" + "A" * 43 + "=", "tls_pin names"),
    (f"tls_certcheck off\ntls_fingerprint {OTHER}", "tls_fingerprint names")])
def test_cert_24_pin_does_not_match(pki, visit, line, named):
    """Although an authority that is trusted has signed it."""
    leaf = pki.leaf(pki.root)
    shown(pki, leaf)
    said = visit.refuses("shown", named, line).err
    wanted = f"tls_pin {pin(leaf)}" if "tls_pin" in line else f"tls_fingerprint {fingerprint(leaf)}"
    assert wanted in said and "confirms" in said


def test_cert_24_pin_and_expired(pki, visit):
    leaf = pki.leaf(pki.root, days=(-30, -2))
    shown(pki, leaf)
    done = visit.accepts("shown", f"tls_fingerprint {fingerprint(leaf)}", args=["-v"])
    assert "the server's certificate is pinned, and so believed; it expired on" in done.err


@pytest.mark.parametrize("line,reason", [
    ("tls_fingerprint " + ":".join(["00"] * 20), "SHA-1"),
    ("tls_fingerprint " + "00" * 20, "SHA-1"), ("tls_fingerprint " + ":".join(["00"] * 16), "MD5"),
    ("tls_fingerprint " + "00" * 31, "64 hexadecimal"), ("tls_fingerprint x", "64 hexadecimal"),
    ("tls_fingerprint " + "00" * 33, "64 hexadecimal"),
    ("tls_fingerprint 00:" + "00" * 31, "64 hexadecimal"),
    ("tls_pin sha256//AAAA", "sha256//"), ("tls_pin " + "A" * 43 + "=", "sha256//")])
def test_cert_24_sha_256_only(visit, line, reason):
    done = visit.refuses("good", reason, line, status=78)
    assert not done.versions


def test_cert_25_pin_of_another_account(pki, visit):
    leaf = pki.leaf(pki.stranger)
    shown(pki, leaf)
    line = f"tls_fingerprint {fingerprint(leaf)}"
    done = visit.refuses("shown", "not signed by a trusted authority",
                         f"account other\nhost localhost\nfrom c@x.example\n{line}")
    assert line in done.err  # as what to write
    visit.accepts("shown", line)


def test_cert_28_unverified(pki, visit):
    """It warns each time; the password is not shown, unless that is asked for as well."""
    shown(pki, pki.leaf(pki.stranger))
    done = visit("shown", "tls_certcheck off", "auth plain", host="localhost",
                 trust=None, args=["-v"])
    assert "warning: the server's certificate is not verified" in done.err
    done = visit("shown", "tls_certcheck off", "auth plain", host="mail.example.org", trust=None)
    assert done.returncode == 78 and "tls_fingerprint" in done.err and not done.received


# --- the few authorities that are looked for, and all of them -----------------------------------

def chain_shapes(pki):
    """{name: (chain, authorities)}"""
    root, middle = pki.root, pki.middle
    leaf, alone = pki.leaf(middle), pki.leaf(root)
    unknown = pki.authority("old root nobody knows")
    cross = pki.authority("root", unknown, root.key)
    twin = pki.authority("root")
    itself = make("localhost", new_key(), None, [
        (x509.SubjectAlternativeName([general("localhost")]), False),
        (x509.ExtendedKeyUsage(SERVER), False)])
    return {
        "normal": ([leaf, middle], [root]),
        "one": ([alone], [root]),
        "root included": ([leaf, middle, root], [root]),
        "wrong order": ([leaf, root, middle], [root]),
        "missing intermediate": ([leaf], [root]),
        "intermediate trusted": ([leaf], [root, middle]),
        "only intermediate trusted": ([leaf], [middle]),
        "only intermediate, shown": ([leaf, middle], [middle]),
        "itself": ([itself], [root]),
        "itself trusted": ([itself], [root, itself]),
        "unknown root": ([pki.leaf(pki.stranger), pki.stranger], [root]),
        "cross": ([leaf, middle, cross], [root]),
        "cross, root unknown": ([leaf, middle, cross], [pki.stranger]),
        "cross to what is known": ([leaf, middle, cross], [unknown]),
        "twins": ([leaf, middle], [twin, root]),
        "twins, other order": ([leaf, middle], [root, twin]),
        "twin alone": ([leaf, middle], [twin]),
        "noise": ([leaf, middle, pki.stranger], [root]),
        "leaf trusted": ([leaf], [leaf]),
    }


SHAPES = ("normal", "one", "root included", "wrong order", "missing intermediate",
          "intermediate trusted", "only intermediate trusted", "only intermediate, shown",
          "itself", "itself trusted", "unknown root", "cross", "cross, root unknown",
          "cross to what is known", "twins", "twins, other order", "twin alone", "noise",
          "leaf trusted")


@pytest.fixture(scope="module", name="shapes")
def fixture_shapes(pki):
    """The shapes, once."""
    return chain_shapes(pki)


@pytest.mark.parametrize("shape", SHAPES)
def test_same_verdict_as_the_full_store(pki, shapes, visit, shape):
    """GnuTLS's own client, which loads every authority there is, is the judge."""
    chain, authorities = shapes[shape]
    assert set(shapes) == set(SHAPES)
    shown(pki, *chain)
    trust = pki.write("some.pem", *authorities)
    with FakeServer(parse_text("! tls on\nT:\nX:\n"), pki.paths, cert="shown",
                    tls_may_fail=True) as server:
        judge = subprocess.run(["gnutls-cli", "--x509cafile", trust, "-p", str(server.port),
                                "--priority", "NORMAL:%PROFILE_MEDIUM", "localhost"],
                               stdin=subprocess.DEVNULL, capture_output=True, timeout=60,
                               check=False)
    trusted = b"The certificate is trusted" in judge.stdout
    assert trusted or b"NOT trusted" in judge.stdout, judge.stdout
    done = visit("shown", trust=trust)
    assert (b"AUTH PLAIN" in done.received) == trusted, (done.err, judge.stdout)
    assert trusted or (done.returncode == 69 and done.received == b"")


@pytest.fixture(name="store")
def fixture_store(visit, tmp_path):
    """A Store; what the visits see as the system's authorities."""
    return Store(visit, tmp_path)


@pytest.mark.parametrize("indexed", ["hashed", "bundled"])
@pytest.mark.parametrize("shape", sampled(SHAPES, 2))
def test_same_verdict_of_the_system(pki, shapes, visit, store, shape, indexed):
    """Whether an authority is found by its hash or in the bundle; see above for who judges."""
    chain, authorities = shapes[shape]
    shown(pki, *chain)
    by_file = visit("shown", trust=pki.write("some.pem", *authorities))
    store.fill(authorities, authorities if indexed == "hashed" else ())
    done = visit("shown", trust=None)
    assert done.returncode == by_file.returncode, done.err
    assert (b"AUTH PLAIN" in done.received) == (done.returncode == 0)


NAMES = ["Plain", "  two  words ", "UPPER lower", "B\u00e4ume \u00d6L", "\u4e2d\u6587", "a" * 60]


@pytest.mark.parametrize("name", NAMES)
def test_names_are_found_by_their_hashes(pki, visit, store, name):
    """The bundle has only a stranger: what is found is found by its hash."""
    root = pki.authority(name)
    store.fill([pki.stranger], [pki.root, root])
    shown(pki, pki.leaf(root))
    visit.accepts("shown", trust=None)


def test_twins_of_one_name_are_found_by_their_hashes(pki, visit, store):
    twins = [pki.authority("root") for _ in range(3)]
    store.fill([pki.stranger], [*twins, pki.root])
    visit.accepts("good", trust=None)
    shown(pki, pki.leaf(twins[1]))
    visit.accepts("shown", trust=None)


def test_what_only_has_a_hash_must_be_an_authority(pki, visit, store):
    """Links are made to whatever lies in that folder, also to certificates of servers."""
    alone = pki.leaf(None, common="localhost")
    shown(pki, alone)
    store.fill([pki.root], [pki.root, alone])
    visit.refuses("shown", "not signed by a trusted authority", trust=None)
    store.fill([pki.root, alone])
    visit.accepts("shown", trust=None)


def test_an_expired_twin_hides_nothing(pki, visit, store):
    """The same authority, renewed: only the old one has a hash."""
    key = new_key()
    old = pki.authority("renewed", key=key, days=(-90, -1))
    new = pki.authority("renewed", key=key)
    shown(pki, pki.leaf(new))
    store.fill([old, new], [old])
    visit.accepts("shown", trust=None)


@pytest.mark.parametrize("hashed", [False, True])
def test_the_bundle_is_a_link_to_elsewhere(pki, visit, store, hashed):
    """It is read after the process gave up its rights to other files."""
    store.fill([pki.root], [pki.stranger] if hashed else [])
    bundle = store.folder / "ca-certificates.crt"
    bundle.rename(store.folder.parent / "elsewhere.crt")
    bundle.symlink_to(store.folder.parent / "elsewhere.crt")
    visit.accepts("good", trust=None)


def test_cert_05_no_authorities(visit, store):
    store.fill([])
    done = visit.refuses("good", "no trusted certificate authorities", trust=None, status=78)
    assert not done.versions


@pytest.mark.parametrize("text", ["before", "between", "x509"])
def test_what_else_is_in_a_trust_file(pki, visit, text):
    """OpenSSL's blocks with trust of their own are passed over, as GnuTLS does."""
    foreign = pki.stranger.pem().replace(b"BEGIN CERT", b"BEGIN TRUSTED CERT").replace(
        b"END CERT", b"END TRUSTED CERT")
    root = pki.root.pem()
    data = {"before": b"# a comment\n" + foreign + root,
            "between": pki.middle.pem() + b"-----BEGIN \n" + foreign + root + b"\n",
            "x509": root.replace(b" CERT", b" X509 CERT").replace(b"\n", b"\r\n")}[text]
    visit.accepts("good", trust=pki.file("mixed.pem", data))
    shown(pki, pki.leaf(pki.stranger))
    visit.refuses("shown", "not signed by a trusted authority", trust=pki.folder / "mixed.pem")
    done = visit.refuses("good", "no certificate can be read",
                         trust=pki.file("foreign.pem", foreign), status=78)
    assert not done.versions
