# SPDX-License-Identifier: MIT
"""Authorities and certificates of every shape, for tests of what is believed and what is not.

    pki = Pki(folder)
    root = pki.authority("root")
    leaf = pki.leaf(root, names=["localhost"])
    pki.store("good", leaf, root)       # good: the chain as PEM; good.key
    pki.paths["good"], pki.paths["good.key"]

python3-cryptography makes them; certs.py makes the usual ones with nothing but openssl.
"""

import datetime
import ipaddress
import pathlib
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

PEM = serialization.Encoding.PEM
DER = serialization.Encoding.DER
SERVER = (ExtendedKeyUsageOID.SERVER_AUTH,)
CURVES = {"p192": ec.SECP192R1, "p224": ec.SECP224R1, "p256": ec.SECP256R1, "p384": ec.SECP384R1}
DAY = datetime.timedelta(days=1)


def new_key(kind="p256"):
    """A private key: p256, p384..., or the size of an RSA key."""
    if isinstance(kind, int):
        return rsa.generate_private_key(65537, kind)
    return ec.generate_private_key(CURVES[kind]())


def subject(name):
    """A Name with that common name; None: an empty one. A Name is one already."""
    if isinstance(name, x509.Name):
        return name
    return x509.Name([] if name is None else [x509.NameAttribute(NameOID.COMMON_NAME, name)])


def srv_name(text):
    """An SRVName (RFC 4985)."""
    text = text.encode()
    return x509.OtherName(x509.ObjectIdentifier("1.3.6.1.5.5.7.8.7"),
                          b"\x16" + bytes([len(text)]) + text)


def general(name):
    """A GeneralName: an address where it is one, else a DNS name."""
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


class Entity(NamedTuple):
    """A certificate and its key; `by` signed it."""

    cert: x509.Certificate
    key: object
    by: "Entity" = None

    def pem(self):
        """The certificate as text."""
        return self.cert.public_bytes(PEM)

    def der(self):
        """Its octets."""
        return self.cert.public_bytes(DER)

    def key_pem(self, secret=None):
        """The private key as text, encrypted where a secret is given."""
        how = (serialization.BestAvailableEncryption(secret) if secret
               else serialization.NoEncryption())
        return self.key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, how)


def make(name, key, by=None, extensions=(), days=(-30, 3000), digest=None, *, identified=True):
    """A certificate for the key, signed by an Entity or by itself; extensions: (value, critical).

    identified: it has the identifiers of its key and of the one that signs it.
    """
    now = datetime.datetime.utcnow().replace(microsecond=0)
    builder = (x509.CertificateBuilder().subject_name(subject(name))
               .issuer_name(by.cert.subject if by else subject(name))
               .public_key(key.public_key()).serial_number(x509.random_serial_number())
               .not_valid_before(now + days[0] * DAY).not_valid_after(now + days[1] * DAY))
    identifiers = [x509.SubjectKeyIdentifier.from_public_key(key.public_key())]
    if by:
        identifiers.append(x509.AuthorityKeyIdentifier.from_issuer_public_key(
            by.key.public_key()))
    for value, critical in [*extensions, *((one, False) for one in identifiers if identified)]:
        builder = builder.add_extension(value, critical)
    return Entity(builder.sign(by.key if by else key, digest or hashes.SHA256()), key, by)


class Pki:
    """A folder of certificates; `paths` names the files, as what make_certs() returns does."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.paths = {}

    def authority(self, name, by=None, key=None, *, ca=True, length=None, limits=None,
                  usage=None, days=(-60, 4000), digest=None, identified=True):
        """An authority; limits: a NameConstraints, usage: extended key usages."""
        more = [(x509.BasicConstraints(ca, length if ca else None), True)]
        if ca:
            more.append((x509.KeyUsage(False, False, False, False, False, True, True, False,
                                       False), True))
        if limits:
            more.append((limits, True))
        if usage:
            more.append((x509.ExtendedKeyUsage(usage), False))
        return make(name, key or new_key(), by, more, days, digest, identified=identified)

    def leaf(self, by, names=("localhost",), *, common="server", key=None, usage=SERVER,
             days=(-30, 300), digest=None, more=(), identified=True):
        """A server's certificate; names: of its subjectAltName, text or GeneralNames; or None."""
        extensions = [(x509.BasicConstraints(False, None), True), *((one, False) for one in more)]
        if names is not None:
            alternatives = [general(one) if isinstance(one, str) else one for one in names]
            extensions.append((x509.SubjectAlternativeName(alternatives), common is None))
        if usage:
            extensions.append((x509.ExtendedKeyUsage(usage), False))
        return make(common, key or new_key(), by, extensions, days, digest, identified=identified)

    def store(self, name, leaf, *chain):
        """Write the chain and the key under that name."""
        self.paths[name] = self.write(f"{name}.pem", leaf, *chain)
        self.paths[name + ".key"] = self.file(f"{name}.key", leaf.key_pem(), 0o600)
        return name

    def write(self, name, *entities):
        """Write certificates into one file; its path."""
        return self.file(name, b"".join(one.pem() for one in entities))

    def file(self, name, data, mode=0o644):
        """Write a file; its path."""
        path = self.folder / name
        path.write_bytes(data)
        path.chmod(mode)
        return str(path)

    def crl(self, name, by, revoked=(), days=(-1, 30), more=()):
        """A list of revoked certificates; its path."""
        now = datetime.datetime.utcnow().replace(microsecond=0)
        builder = (x509.CertificateRevocationListBuilder().issuer_name(by.cert.subject)
                   .last_update(now + days[0] * DAY).next_update(now + days[1] * DAY))
        for one in revoked:
            builder = builder.add_revoked_certificate(
                x509.RevokedCertificateBuilder().serial_number(one.cert.serial_number)
                .revocation_date(now - DAY).build())
        for value in more:
            builder = builder.add_extension(value, True)
        return self.file(name, builder.sign(by.key, hashes.SHA256()).public_bytes(PEM))

    def staple(self, name, leaf, status="GOOD", days=(-1, 1)):
        """An OCSP response of its authority about a certificate; its path."""
        now = datetime.datetime.utcnow().replace(microsecond=0)
        response = ocsp.OCSPResponseBuilder().add_response(
            leaf.cert, leaf.by.cert, hashes.SHA1(), ocsp.OCSPCertStatus[status],
            now + days[0] * DAY, now + days[1] * DAY,
            now - DAY if status == "REVOKED" else None, None).responder_id(
                ocsp.OCSPResponderEncoding.NAME, leaf.by.cert)
        return self.file(name, response.sign(leaf.by.key, hashes.SHA256()).public_bytes(DER))
