# SPDX-License-Identifier: MIT
"""A certification authority and server certificates for tests, good and bad.

make_certs() calls the openssl command (EC P-256 keys, so that all of them take well under a
second) and returns the paths:

    ca           the authority to trust
    server       good: SAN DNS:localhost, IP:127.0.0.1, IP:::1
    wide         good: SAN DNS:a.x.example, DNS:b.x.example, IP:127.0.0.2
    domain       good: SAN DNS:x.example, and nothing else
    expired      valid in 2020 only
    notyet       valid from 2090 on
    wrongname    SAN DNS:other.example
    cnonly       CN=localhost, no SAN
    clientonly   extended key usage clientAuth, no serverAuth
    selfsigned   names as `server`, signed by its own key

Each name NAME but `ca` comes with its private key as NAME.key. Nothing outside the folder is read
or written: openssl runs with a configuration file made here. A failing openssl raises
RuntimeError with what it said.
"""

import os
import pathlib
import subprocess

_CONFIG = """\
[ca]
default_ca = authority
[authority]
database = {folder}/index.txt
new_certs_dir = {folder}
rand_serial = yes
unique_subject = no
default_md = sha256
policy = any
certificate = {folder}/ca.pem
private_key = {folder}/ca.key
[any]
commonName = supplied
[req]
distinguished_name = dn
prompt = no
[dn]
CN = postrider test
[authority_ext]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[server_ext]
basicConstraints = critical, CA:false
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = DNS:localhost, IP:127.0.0.1, IP:::1
[wide_ext]
basicConstraints = critical, CA:false
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = DNS:a.x.example, DNS:b.x.example, IP:127.0.0.2
[domain_ext]
basicConstraints = critical, CA:false
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = DNS:x.example
[wrongname_ext]
basicConstraints = critical, CA:false
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = DNS:other.example
[cnonly_ext]
basicConstraints = critical, CA:false
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
[clientonly_ext]
basicConstraints = critical, CA:false
keyUsage = critical, digitalSignature
extendedKeyUsage = clientAuth
subjectAltName = DNS:localhost, IP:127.0.0.1, IP:::1
"""

_ALWAYS = ("20200101000000Z", "20991231235959Z")

# name: (extension section, (not before, not after))
_SIGNED = {
    "server": ("server_ext", _ALWAYS),
    "wide": ("wide_ext", _ALWAYS),
    "domain": ("domain_ext", _ALWAYS),
    "expired": ("server_ext", ("20200101000000Z", "20201231235959Z")),
    "notyet": ("server_ext", ("20900101000000Z", "20991231235959Z")),
    "wrongname": ("wrongname_ext", _ALWAYS),
    "cnonly": ("cnonly_ext", _ALWAYS),
    "clientonly": ("clientonly_ext", _ALWAYS),
}


def _openssl(folder, *arguments):
    """Run one openssl command; raise RuntimeError with its output when it fails."""
    environment = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "HOME": str(folder),
                   "OPENSSL_CONF": str(folder / "openssl.cnf")}
    done = subprocess.run(["openssl", *map(str, arguments)], env=environment, timeout=60,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False)
    if done.returncode != 0:
        raise RuntimeError("openssl %s: %s" % (arguments[0], done.stdout.decode(errors="replace")))


def _request(folder, name, *more):
    """Make NAME.key and, from it, a request (or with -x509 among `more` a certificate)."""
    _openssl(folder, "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
             "-nodes", "-keyout", folder / (name + ".key"), *more)
    (folder / (name + ".key")).chmod(0o600)


def _self_signed(folder, name, subject, section):
    """Make NAME.key and NAME.pem, signed by the key itself."""
    _request(folder, name, "-x509", "-days", "3650", "-subj", subject, "-extensions", section,
             "-out", folder / (name + ".pem"))


def _signed(folder, name, section, dates):
    """Make NAME.key and NAME.pem, signed by the authority, valid between the two dates."""
    subject = "/CN=localhost" if name != "wrongname" else "/CN=other.example"
    _request(folder, name, "-subj", subject, "-out", folder / (name + ".csr"))
    _openssl(folder, "ca", "-batch", "-notext", "-config", folder / "openssl.cnf",
             "-startdate", dates[0], "-enddate", dates[1], "-extensions", section,
             "-in", folder / (name + ".csr"), "-out", folder / (name + ".pem"))


def make_certs(folder):
    """Make all certificates in `folder` (created if missing); return {name: path as str}."""
    folder = pathlib.Path(folder).absolute()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "openssl.cnf").write_text(_CONFIG.format(folder=folder))
    (folder / "index.txt").write_text("")
    _self_signed(folder, "ca", "/CN=postrider test authority", "authority_ext")
    _self_signed(folder, "selfsigned", "/CN=localhost", "server_ext")
    for name, (section, dates) in _SIGNED.items():
        _signed(folder, name, section, dates)
    paths = {"ca": str(folder / "ca.pem")}
    for name in [*_SIGNED, "selfsigned"]:
        paths[name] = str(folder / (name + ".pem"))
        paths[name + ".key"] = str(folder / (name + ".key"))
    return paths
