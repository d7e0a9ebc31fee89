# SPDX-License-Identifier: MIT
"""Certificates that are seldom seen: authorities of one name, services, what is shown in vain.

A test is named after its row. What is acceptable is judged by the chain that is used, from the server's
certificate to an authority that is trusted, and nothing else that a server shows.
"""

import os
import pathlib
import subprocess

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import dsa, ec
from cryptography.x509.oid import NameOID

from pki import Pki, new_key, srv_name
from visits import Store, Visits
from wire import Acceptor

DNS = x509.DNSName


@pytest.fixture(scope="module", name="pki")
def fixture_pki(tmp_path_factory):
    """`root` is trusted (root.pem), `stranger` is not."""
    pki = Pki(tmp_path_factory.mktemp("pki"))
    pki.root = pki.authority("root")
    pki.stranger = pki.authority("stranger")
    pki.trust = pki.write("root.pem", pki.root)
    return pki


@pytest.fixture(name="visit")
def fixture_visit(program, pki):
    """Visits of a fresh home."""
    return Visits(program, pki)


def limits(permitted=None, excluded=None):
    """nameConstraints of DNS names, or of other names."""
    def trees(some):
        return some and [one if isinstance(one, x509.GeneralName) else DNS(one) for one in some]
    return x509.NameConstraints(trees(permitted), trees(excluded))


# --- H3: services ------------------------------------------------------------------------------

@pytest.fixture(name="for_service")
def fixture_for_service(postrider, pki):
    """A function: whether we believe a chain for _submissions.x.example, of a server elsewhere."""
    judge = pathlib.Path(postrider).parents[1] / "tests" / "verdicts"
    if not judge.exists():
        pytest.skip("this build has no verdicts")

    def ask(trusted, *chain):
        pki.store("service", *chain)
        trust = pki.write("service-trust.pem", pki.stranger, trusted)
        done = subprocess.run(
            [judge], capture_output=True, timeout=60, check=True, text=True,
            input=f"mail.host.example _submissions.x.example {pki.paths['service']} "
                  f"{pki.paths['service.key']} {trust}\n")
        assert done.stdout.startswith("1") or "may not sign" in done.stdout, done.stdout
        return done.stdout.startswith("1")
    return ask


# RFC 4985 section 4: a name with a service, a service alone, or a DNS name.
@pytest.mark.parametrize("place", ["anchor", "anchor shown", "between", "above"])
@pytest.mark.parametrize("permitted, text, accepted", [
    (True, "x.example", True), (True, "X.Example", True), (True, "example", True),
    (True, "y.example", False), (True, "ple", False), (True, "_submissions.x.example", True),
    (True, "_submissions.example", True), (True, "_SUBMISSIONS", True), (True, "_submission", False),
    (True, "_imaps.x.example", False), (True, "_submissions.a.x.example", False),
    (False, "x.example", False), (False, "_submissions", False), (False, "_imaps", True),
    (False, "_submissions.x.example", False), (False, "y.example", True),
    (False, "_imaps.x.example", True)])
def test_h3_constraints_on_services(pki, for_service, place, permitted, text, accepted):
    tree = [srv_name(text)]
    limited = limits(tree if permitted else None, None if permitted else tree)
    anchor = pki.authority("anchor", limits=limited if place.startswith("anchor") else None)
    upper = pki.authority("upper", anchor, limits=limited if place == "above" else None)
    lower = pki.authority("lower", upper, limits=limited if place == "between" else None)
    leaf = pki.leaf(lower, [srv_name("_submissions.x.example")])
    more = [anchor] if place == "anchor shown" else []
    assert for_service(anchor, leaf, lower, upper, *more) == accepted


def test_h3_constraints_of_another_form(pki, for_service):
    """What limits services says nothing of hosts, and the other way round."""
    anchor = pki.authority("anchor", limits=limits([srv_name("x.example"), "host.example"]))
    assert for_service(anchor, pki.leaf(anchor, [srv_name("_submissions.x.example"),
                                                 "mail.host.example"]))
    anchor = pki.authority("anchor", limits=limits([srv_name("other.example")]))
    assert for_service(anchor, pki.leaf(anchor, ["mail.host.example"]))
    assert not for_service(anchor, pki.leaf(anchor, ["mail.host.example",
                                                     srv_name("_imaps.x.example")]))


# --- H2: constraints of the authority, in names of other forms ----------------------------------

def directory(*values):
    """A Name of organisations and units, the largest first."""
    oids = [NameOID.COUNTRY_NAME, NameOID.ORGANIZATION_NAME, NameOID.COMMON_NAME]
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in zip(oids, values)])


# What the leaf has, the tree, and whether it is within.
FORMS = {
    "same": (directory("DE", "Acme", "mx"), x509.DirectoryName(directory("DE", "Acme", "mx")), True),
    "above": (directory("DE", "Acme", "mx"), x509.DirectoryName(directory("DE", "Acme")), True),
    "case": (directory("DE", "ACME", "mx"), x509.DirectoryName(directory("DE", "Acme")), True),
    "sibling": (directory("DE", "Acme", "mx"), x509.DirectoryName(directory("DE", "Acm")), False),
    "below": (directory("DE", "Acme"), x509.DirectoryName(directory("DE", "Acme", "mx")), False),
    "mailbox": (x509.RFC822Name("joe@x.example"), x509.RFC822Name("joe@x.example"), True),
    "another": (x509.RFC822Name("ann@x.example"), x509.RFC822Name("joe@x.example"), False),
    "mail host": (x509.RFC822Name("joe@x.example"), x509.RFC822Name("X.example"), True),
    "host below": (x509.RFC822Name("joe@a.x.example"), x509.RFC822Name("x.example"), False),
    "hosts below": (x509.RFC822Name("joe@a.x.example"), x509.RFC822Name(".x.example"), True),
    "uri": (x509.UniformResourceIdentifier("smtp://u@x.example:25/a"),
            x509.UniformResourceIdentifier("x.example"), True),
    "uri elsewhere": (x509.UniformResourceIdentifier("smtp://y.example/x.example"),
                      x509.UniformResourceIdentifier("x.example"), False),
    "uri with a question": (x509.UniformResourceIdentifier("https://x.example?y"),
                            x509.UniformResourceIdentifier("x.example"), True),
    "uri below": (x509.UniformResourceIdentifier("smtp://a.x.example"),
                  x509.UniformResourceIdentifier(".x.example"), True),
}


# GnuTLS refuses each chain in which something is excluded that it does not know: too much, if anything.
@pytest.mark.parametrize("form, permitted", [
    *((form, True) for form in FORMS), *((form, False) for form in FORMS if FORMS[form][2])])
def test_h2_constraints_on_other_forms(pki, for_service, form, permitted):
    has, tree, within = FORMS[form]
    anchor = pki.authority("anchor", limits=limits([tree] if permitted else None,
                                                   None if permitted else [tree]))
    is_subject = isinstance(has, x509.Name)
    names = ["mail.host.example", *([] if is_subject else [has])]
    leaf = pki.leaf(anchor, names, common=has if is_subject else None)
    assert for_service(anchor, leaf) == (within == permitted)


def test_h2_constraints_on_a_form_that_is_not_known(pki, for_service):
    """What cannot be judged is not believed."""
    tree = x509.RegisteredID(x509.ObjectIdentifier("1.2.3"))
    anchor = pki.authority("anchor", limits=limits(None, [tree]))
    other = x509.RegisteredID(x509.ObjectIdentifier("1.2.4"))
    assert not for_service(anchor, pki.leaf(anchor, ["mail.host.example", other]))
    anchor = pki.authority("anchor", limits=limits([DNS("host.example"), tree]))
    assert not for_service(anchor, pki.leaf(anchor, ["mail.host.example", other]))


# --- H5: authorities of one name ---------------------------------------------------------------

@pytest.fixture(scope="module", name="twins")
def fixture_twins(pki):
    """Three authorities of one name without identifiers of their keys."""
    return [pki.authority("twin", identified=False) for _ in range(3)]


@pytest.mark.parametrize("between", [False, True])
@pytest.mark.parametrize("number", [0, 1, 2])
def test_h5_authorities_of_one_name(pki, visit, twins, number, between):
    by = twins[number]
    chain = [pki.authority("below", by, identified=False)] if between else []
    pki.store("shown", pki.leaf(chain[0] if between else by, identified=False), *chain)
    visit.accepts("shown", trust=pki.write("twins.pem", *twins))
    others = [one for one in twins if one is not by]
    visit.refuses("shown", "not acceptable", trust=pki.write("others.pem", *others))
    pki.store("shown", pki.leaf(chain[0] if between else by, identified=False), *chain, *others)
    visit.accepts("shown", trust=pki.write("twins.pem", *twins))


@pytest.mark.parametrize("line", ["tls_priorities NORMAL", "tls_priorities NORMAL:%PROFILE_LOW"])
@pytest.mark.parametrize("number", [0, 1, 2])
def test_h5_and_h6_with_priorities(pki, visit, twins, number, line):
    """GnuTLS is asked once more then, as they may demand more of keys."""
    extra = pki.authority("extra", key=new_key("p224"), limits=limits(["other.example"]))
    pki.store("shown", pki.leaf(twins[number], identified=False), extra)
    visit.accepts("shown", line, trust=pki.write("twins.pem", *twins))
    visit.refuses("shown", "not acceptable", line, trust=pki.write("root-only.pem", pki.root))


def test_h6_strength_that_priorities_demand(pki, visit):
    """Of keys in the path that is used."""
    middle = pki.authority("short", pki.root, new_key(2048))
    pki.store("shown", pki.leaf(middle), middle)
    visit.accepts("shown", "tls_priorities NORMAL:%PROFILE_MEDIUM")
    visit.refuses("shown", "too weak", "tls_priorities NORMAL:%PROFILE_HIGH")


@pytest.mark.parametrize("hashed", [(), (0, 1, 2), (1,), (0, 2)])
@pytest.mark.parametrize("number", [0, 1, 2])
def test_h5_authorities_of_one_name_of_the_system(pki, visit, tmp_path, twins, number, hashed):
    store = Store(visit, tmp_path)
    store.fill([*twins, pki.root], [twins[one] for one in hashed])
    pki.store("shown", pki.leaf(twins[number], identified=False))
    visit.accepts("shown", trust=None)


def test_h5_some_of_them_are_of_no_use(pki, visit, twins):
    """One has expired, one may not sign for this name: the third may."""
    old = pki.authority("twin", key=twins[0].key, days=(-60, -1), identified=False)
    limited = pki.authority("twin", key=twins[0].key, limits=limits(["other.example"]),
                            identified=False)
    pki.store("shown", pki.leaf(twins[0], identified=False))
    for some in ([old, limited, twins[0]], [twins[0], limited, old], [limited, twins[0], old]):
        visit.accepts("shown", trust=pki.write("some.pem", *some))
    visit.refuses("shown", "expired", trust=pki.write("old.pem", old))
    visit.refuses("shown", "may not sign", trust=pki.write("limited.pem", limited))


@pytest.mark.parametrize("first", [0, 1])
def test_h5_authorities_of_one_name_that_are_shown(pki, visit, first):
    """The right one and another of its name, which is trusted just as well."""
    shown = [pki.authority("middle", pki.root, identified=False) for _ in range(2)]
    pki.store("shown", pki.leaf(shown[first], identified=False), *shown)
    visit.accepts("shown")
    old = pki.authority("middle", pki.root, shown[0].key, days=(-60, -1))
    for some in ([old, shown[0]], [shown[0], old]):
        pki.store("shown", pki.leaf(shown[0]), *some)
        visit.accepts("shown")


# --- H6: what is shown in vain -----------------------------------------------------------------

def test_h6_authority_with_a_weak_key(pki, visit):
    """The verdict is the same whether it is shown or not."""
    weak = pki.authority("weak", key=new_key("p224"))
    trust = pki.write("weak.pem", weak)
    for more in ([], [weak]):
        pki.store("shown", pki.leaf(weak), *more)
        visit.refuses("shown", "too weak", trust=trust)


@pytest.mark.parametrize("what", ["weak", "limited", "expired", "cross", "version"])
def test_h6_what_is_shown_in_vain_is_not_judged(pki, visit, what):
    extra = {
        "weak": lambda: pki.authority("extra", key=new_key("p224")),
        "limited": lambda: pki.authority("extra", limits=limits(["other.example"])),
        "expired": lambda: pki.authority("extra", pki.root, days=(-60, -1)),
        "cross": lambda: pki.authority("root", pki.stranger, pki.root.key,
                                       limits=limits(["other.example"])),
        "version": lambda: pki.authority("root", pki.stranger, pki.root.key, days=(1, 9)),
    }[what]()
    middle = pki.authority("middle", pki.root)
    for order in ([middle, extra], [extra, middle]):
        pki.store("shown", pki.leaf(middle), *order)
        visit.accepts("shown")


@pytest.mark.parametrize("what", ["weak", "limited", "expired"])
def test_h6_what_is_used_is_judged(pki, visit, what):
    middle = {
        "weak": lambda: pki.authority("used", pki.root, new_key("p224")),
        "limited": lambda: pki.authority("used", pki.root, limits=limits(["other.example"])),
        "expired": lambda: pki.authority("used", pki.root, days=(-60, -1)),
    }[what]()
    pki.store("shown", pki.leaf(middle), middle)
    visit.refuses("shown", "not acceptable")


# --- H7: certificates that GnuTLS refuses before we see them -----------------------------------

class Show(Acceptor):
    """A server of TLS 1.2 that shows these octets as its certificates, and then waits."""

    def __init__(self, *shown, suite=0xc02b):
        self._messages = [b"\2" + self._sized(b"\3\3" + os.urandom(32) + b"\0"
                                              + suite.to_bytes(2, "big")
                                              + b"\0\0\5\xff\1\0\1\0"),
                          b"\13" + self._sized(self._sized(b"".join(map(self._sized, shown))))]

    @staticmethod
    def _sized(octets):
        return len(octets).to_bytes(3, "big") + octets

    def begin(self, sock):
        def run():
            with sock:
                sock.recv(16384)
                for message in self._messages:
                    for at in range(0, len(message), 16384):
                        part = message[at:at + 16384]
                        sock.sendall(b"\26\3\3" + len(part).to_bytes(2, "big") + part)
                while sock.recv(16384):
                    pass
        return run


def show(program, pki, *shown, certcheck="on"):
    """A run against a server that shows these octets."""
    with Show(*shown) as server:
        program.write_config(
            f"account default\nhost localhost\nport {server.port}\nfrom a@x.example\ntls on\n"
            f"tls_starttls off\ntls_trust_file {pki.trust}\ntls_certcheck {certcheck}\n"
            "auth off\ntimeout 20\n")
        return program("b@y.example")


def bad_octets(pki, what):
    """A certificate that is none."""
    der = pki.leaf(pki.root).der()
    if what == "cut":
        return der[:-20]
    if what == "garbage":
        return b"\x30\x03abc"
    if what == "empty":
        return b""
    if what == "length":
        return der[:2] + b"\xff\xff" + der[4:]
    if what == "inside":
        at = der.index(b"\x06\x03\x55\x1d\x13")
        return der[:at] + b"\x07" + der[at + 1:]
    if what == "twice":
        plain = pki.leaf(pki.root, more=[x509.UnrecognizedExtension(
            x509.ObjectIdentifier("2.5.29.99"), b"\5\0")]).der()
        return plain.replace(b"\x06\x03\x55\x1d\x63", b"\x06\x03\x55\x1d\x25")
    if what == "dsa":
        return pki.leaf(pki.root, key=dsa.generate_private_key(2048)).der()
    if what == "brainpool":
        return pki.leaf(pki.root, key=ec.generate_private_key(ec.BrainpoolP256R1())).der()
    if what == "key":
        return der.replace(bytes.fromhex("2a8648ce3d0201"), bytes.fromhex("2a8648ce3d0209"))
    assert what == "names"
    return pki.leaf(pki.root, [f"host{number}.x.example" for number in range(10000)]).der()


@pytest.mark.parametrize("certcheck", ["on", "off"])
@pytest.mark.parametrize("what, reason", [
    ("cut", "cannot be read"), ("garbage", "cannot be read"), ("empty", "cannot be read"),
    ("length", "cannot be read"), ("inside", "cannot be read"), ("twice", "twice"),
    ("dsa", "key"), ("brainpool", "key"), ("key", "key"), ("names", "larger")])
def test_h7_what_tls_cannot_use(program, pki, what, reason, certcheck):
    done = show(program, pki, bad_octets(pki, what), certcheck=certcheck)
    assert done.returncode == 69, done.err
    assert "the server's certificate is not acceptable: " in done.err and reason in done.err, done.err


def usage(**given):
    """A keyUsage with these alone."""
    names = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment",
             "key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only")
    return x509.KeyUsage(**{name: name in given for name in names})


def test_h7_key_not_for_signatures(pki, visit):
    pki.store("shown", pki.leaf(pki.root, more=[usage(key_agreement=True)]))
    visit.refuses("shown", "its key is not for signatures")
    pki.store("shown", pki.leaf(pki.root, more=[usage(digital_signature=True)]))
    visit.accepts("shown")


# --- H8: what is wrong with a name -------------------------------------------------------------

def raw_names(pki, by, *names):
    """A certificate with names that the library does not write: (tag, octets)."""
    body = b"".join(bytes([tag, len(octets)]) + octets for tag, octets in names)
    value = b"\x30" + bytes([len(body)]) + body
    return pki.leaf(by, None, more=[x509.UnrecognizedExtension(
        x509.ObjectIdentifier("2.5.29.17"), value)])


@pytest.mark.parametrize("tag, octets, host, reason", [
    (0x82, b"127.0.0.1", "127.0.0.1", "127.0.0.1 is in it as a name, not as an address"),
    (0x82, b"::1", "::1", "::1 is in it as a name, not as an address"),
    (0x87, b"127.0.0.1", "127.0.0.1", "an address in it cannot be read"),
    (0x87, b"\x7f\0\0\1\xff\xff\xff\xff", "127.0.0.1", "an address in it cannot be read"),
    (0x82, "b\u00fccher.example".encode(), "b\u00fccher.example", "b\u00fccher.example in it is not in ASCII"),
    (0x82, "B\u00dcCHER.example".encode(), "xn--bcher-kva.example", "is not in ASCII"),
    (0x82, b"b\xfccher.example", "xn--bcher-kva.example", "is not in ASCII"),
    (0x82, b"mail.example.org.", "mail.example.org", "mail.example.org. in it ends in a dot"),
    (0x82, b"*.org", "example.org", "\"*\" may only be"),
    (0x82, b"*.0.0.1", "127.0.0.1", "\"*\" may only be"),
    (0x82, b"m*.example.org", "mail.example.org", "\"*\" may only be"),
    (0x82, b" mail.example.org", "mail.example.org", "a blank")])
def test_h8_names_that_do_not_count(pki, visit, tag, octets, host, reason):
    pki.store("shown", raw_names(pki, pki.root, (tag, octets)))
    done = visit.refuses("shown", reason, f"tls_host_override {host}")
    assert f"not {host}\n" not in done.err and f"tls_host_override {host}" not in done.err
    pki.store("shown", raw_names(pki, pki.root, (0x82, b"other.example"), (tag, octets)))
    visit.refuses("shown", reason, f"tls_host_override {host}")


def test_h8_another_name_is_another_name(pki, visit):
    """What is wrong with names that are not meant is of no interest."""
    pki.store("shown", raw_names(pki, pki.root, (0x82, b"other.example"),
                                 (0x82, "b\u00fccher.example".encode()), (0x82, b"127.0.0.1")))
    visit.refuses("shown", "it is for other.example, ")


# --- H9: revocation lists ----------------------------------------------------------------------

def join(pki, *paths):
    """One file of several lists."""
    return pki.file("joined.crl", b"".join(pathlib.Path(one).read_bytes() for one in paths))


def test_h9_list_that_the_authority_did_not_sign(pki, visit):
    """It has the right name. It is of no use, and its owner is told."""
    leaf = pki.leaf(pki.root)
    pki.store("shown", leaf)
    false = pki.crl("false.crl", pki.authority("root"), [leaf])
    done = visit.accepts("shown", f"tls_crl_file {false}", args=["-v"])
    assert "tls_crl_file" in done.err and "root" in done.err and "signed" in done.err
    true = pki.crl("true.crl", pki.root, [leaf], days=(-2, 30))
    visit.refuses("shown", "revoked", f"tls_crl_file {join(pki, false, true)}")
    empty = pki.crl("empty.crl", pki.authority("root"))
    for some in ([empty, true], [true, empty]):
        visit.refuses("shown", "revoked", f"tls_crl_file {join(pki, *some)}")


@pytest.mark.parametrize("between", [False, True])
def test_h9_the_newest_list_counts(pki, visit, between):
    by = pki.authority("lister", pki.root) if between else pki.root
    leaf = pki.leaf(by)
    pki.store("shown", leaf, *([by] if between else []))
    old_with = pki.crl("a.crl", by, [leaf], days=(-9, 30))
    new_without = pki.crl("b.crl", by, days=(-1, 30))
    old_without = pki.crl("c.crl", by, days=(-9, 30))
    new_with = pki.crl("d.crl", by, [leaf], days=(-1, 30))
    for some in ([old_with, new_without], [new_without, old_with]):
        done = visit.accepts("shown", f"tls_crl_file {join(pki, *some)}", args=["-v"])
        assert "tls_crl_file" not in done.err
    for some in ([old_without, new_with], [new_with, old_without]):
        visit.refuses("shown", "revoked", f"tls_crl_file {join(pki, *some)}")


def test_h9_a_list_that_is_not_in_force_yet_replaces_none(pki, visit):
    leaf = pki.leaf(pki.root)
    pki.store("shown", leaf)
    now_with = pki.crl("now.crl", pki.root, [leaf], days=(-1, 30))
    later_without = pki.crl("later.crl", pki.root, days=(5, 30))
    for some in ([now_with, later_without], [later_without, now_with]):
        visit.refuses("shown", "revoked", f"tls_crl_file {join(pki, *some)}")


def test_h9_newer_list_of_another_part(pki, visit):
    """A list of some of the certificates does not replace the list of others."""
    leaf = pki.leaf(pki.root)
    pki.store("shown", leaf)
    whole = pki.crl("whole.crl", pki.root, [leaf], days=(-9, 30))
    part = pki.crl("part.crl", pki.root, more=[x509.IssuingDistributionPoint(
        None, None, False, True, None, False, False)])
    change = pki.crl("change.crl", pki.root, more=[x509.DeltaCRLIndicator(1)])
    for other in (part, change):
        for some in ([whole, other], [other, whole]):
            visit.refuses("shown", "revoked", f"tls_crl_file {join(pki, *some)}")


def test_h9_lists_of_authorities_of_one_name(pki, visit, twins):
    """Each has its own."""
    leaf = pki.leaf(twins[1], identified=False)
    pki.store("shown", leaf)
    trust = pki.write("twins.pem", *twins)
    mine = pki.crl("mine.crl", twins[1], [leaf], days=(-9, 30))
    others = pki.crl("others.crl", twins[2])
    visit.refuses("shown", "revoked", f"tls_crl_file {join(pki, mine, others)}", trust=trust)
    visit.refuses("shown", "revoked", f"tls_crl_file {join(pki, others, mine)}", trust=trust)
