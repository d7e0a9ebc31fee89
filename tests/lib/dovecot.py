# SPDX-License-Identifier: MIT
"""Dovecot as a real server (see realservers.py): authentication, submission and LMTP."""

import os
import socket

from realservers import PASSWORD, USER, Server, free_ports

_DOVECOT = """\
base_dir = /mnt/run
state_dir = /mnt/state
log_path = /mnt/dovecot.log
listen = 127.0.0.1
ssl = yes
ssl_cert = </mnt/server.pem
ssl_key = </mnt/server.key
auth_mechanisms = plain login scram-sha-256 scram-sha-1 cram-md5 digest-md5
passdb {{
  driver = passwd-file
  args = /mnt/users
}}
userdb {{
  driver = static
  args = uid=vmail gid=vmail home=/mnt/home/%u
}}
auth_failure_delay = 0
mail_location = maildir:~/Maildir
protocols = {protocols}
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
"""

_AUTH = """\
service auth {
  unix_listener /mnt/auth {
    mode = 0666
  }
}
"""

_LMTP = """\
service lmtp {{
  unix_listener /mnt/lmtp {{
    mode = 0666
  }}
  inet_listener lmtp {{
    port = {lmtp}
  }}
}}
"""

_SUBMISSION = """\
hostname = localhost
submission_relay_host = 127.0.0.1
submission_relay_port = {sink}
submission_max_mail_size = {size}
service submission-login {{
  inet_listener submission {{
    port = {starttls}
  }}
  inet_listener submissions {{
    port = {implicit}
    ssl = yes
  }}
}}
"""


class Dovecot(Server):
    """Dovecot as Postfix needs it: nothing but the authentication socket, `folder`/auth."""

    packages = ("dovecot-core", "dovecot-submissiond", "dovecot-lmtpd")
    logs = ("output.log", "dovecot.log")
    mechanisms = ("PLAIN", "LOGIN", "SCRAM-SHA-256", "SCRAM-SHA-1", "CRAM-MD5",
                  "DIGEST-MD5")
    users = (USER,)

    def configuration(self):
        """The text of dovecot.conf."""
        return _DOVECOT.format(protocols="") + _AUTH

    def prepare(self):
        users = "".join("%s:{PLAIN}%s\n" % (user, PASSWORD) for user in self.users)
        (self.folder / "users").write_text(users)
        (self.folder / "dovecot.conf").write_text(self.configuration())
        self.folders("vmail", "home")
        return ["dovecot", "-F", "-c", "/mnt/dovecot.conf"]

    def ready(self):
        """The authentication server greets with its version."""
        path = os.path.relpath(self.folder / "auth")  # the absolute one may be too long
        with socket.socket(socket.AF_UNIX) as sock:
            sock.settimeout(2)
            try:
                sock.connect(path)
                return sock.recv(8) == b"VERSION\t"
            except OSError:
                return False


class DovecotSubmission(Dovecot):
    """Dovecot's submission service; `sink` (a Smarthost) keeps what it passes on."""

    chunking = True

    def configuration(self):
        return _DOVECOT.format(protocols="submission") + _SUBMISSION.format(**self.relay())

    def ready(self):
        return self.greets(self.ports["starttls"])


class DovecotLmtp(Dovecot):
    """Dovecot's LMTP service: TCP, ports["lmtp"], and a Unix socket, `path`; no TLS, no AUTH.

    It delivers at once. Only `users` have a mailbox.
    """

    users = ("joe@y.example", "jane@y.example")

    def configuration(self):
        self.ports = {"lmtp": free_ports(1)[0]}
        self.path = self.folder / "lmtp"
        return _DOVECOT.format(protocols="lmtp") + _LMTP.format(**self.ports)

    def ready(self):
        return self.greets(self.ports["lmtp"]) and self.path.is_socket()

    def mailbox(self, user):
        """The messages that `user` has, a list of octets, in no order; and empties the mailbox."""
        contents = []
        for path in (self.folder / "home" / user / "Maildir" / "new").glob("*"):
            contents.append(path.read_bytes())
            path.unlink()
        return contents


class DovecotCertificates(DovecotSubmission):
    """The same for people with a certificate: EXTERNAL, by an authority of `folder`/clients.pem.

    Who somebody is stands in the certificate, as its common name.
    """

    mechanisms = ("EXTERNAL",)
    clients = b""  # the authority, PEM

    def configuration(self):
        return super().configuration().replace(
            "auth_mechanisms = plain", "auth_mechanisms = external plain") + (
                "ssl_ca = </mnt/clients.pem\nssl_verify_client_cert = yes\n"
                "ssl_require_crl = no\nauth_ssl_username_from_cert = yes\n"
                "ssl_cert_username_field = commonName\n"
                "passdb {\n  driver = passwd-file\n  mechanisms = external\n"
                "  args = /mnt/people\n}\n")

    def prepare(self):
        (self.folder / "clients.pem").write_bytes(self.clients)
        (self.folder / "people").write_text(f"{USER}:::::::nopassword=y\n")
        return super().prepare()
