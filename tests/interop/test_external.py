# SPDX-License-Identifier: MIT
"""EXTERNAL: a certificate of ours is all the proof that a real server wants."""

import pytest
from cryptography.x509.oid import ExtendedKeyUsageOID

from dovecot import DovecotCertificates
from pki import Pki
from submission import RCPT, SMALL, arrived, assert_same, canonical

pytestmark = pytest.mark.interop
CLIENT = (ExtendedKeyUsageOID.CLIENT_AUTH,)


@pytest.fixture(scope="session", name="people")
def _people(tmp_path_factory):
    """Certificates: joe, of whom the server knows; ann, of whom it does not; eve, of nobody's."""
    pki = Pki(tmp_path_factory.mktemp("people"))
    root, other = pki.authority("people"), pki.authority("others")
    for name, by in (("joe", root), ("ann", root), ("eve", other)):
        pki.store(name, pki.leaf(by, [f"{name}.example"], common=name, usage=CLIENT))
    DovecotCertificates.clients = root.pem()
    return pki


@pytest.fixture
def server(people, running):
    """Dovecot, which asks for certificates."""
    return running(DovecotCertificates)


def ours(people, name, **more):
    """Settings for a certificate in place of a password."""
    return {"tls_cert_file": people.paths[name], "tls_key_file": people.paths[name + ".key"],
            "password": None, **more}


@pytest.mark.parametrize("tls", ["implicit", "starttls"])
@pytest.mark.parametrize("auth, user", [("external", None), ("external", "joe"), ("on", None)])
def test_certificate(server, people, submit, tls, auth, user):
    mark = len(server.sink.messages)
    done = submit(SMALL, "-v", RCPT, **submit.to(server.ports[tls], tls),
                  **ours(people, "joe", auth=auth, user=user))
    assert done.returncode == 0, done.stderr.decode()
    assert b"** authenticated with EXTERNAL\n" in done.stderr
    assert_same(arrived(server, mark, RCPT), canonical(SMALL))


def test_somebody_whom_the_server_does_not_know(server, people, submit):
    done = submit(SMALL, RCPT, **submit.to(server.ports["implicit"], "implicit"),
                  **ours(people, "ann", auth="external", user=None))
    assert done.returncode == 77 and b"certificate" in done.stderr, done.stderr.decode()


def test_certificate_of_a_stranger(server, people, submit):
    """The server does not believe it, and says so, or offers no EXTERNAL."""
    done = submit(SMALL, RCPT, **submit.to(server.ports["implicit"], "implicit"),
                  **ours(people, "eve", auth="external", user=None))
    assert done.returncode in (69, 75, 77), done.stderr.decode()
    assert not [line for line in done.stderr.splitlines() if b"password" in line]
