# SPDX-License-Identifier: MIT
"""Dovecot's submission service for people with Kerberos tickets, and the server of those tickets.

    with KerberosSubmission(folder, certs) as server:
        run(environment=server.environment)   # joe has a ticket there

Both run in one namespace (see realservers.py), unpacked and never installed.
"""

from dovecot import DovecotSubmission
from realservers import PASSWORD, USER, free_ports

_REALM = "POSTRIDER.TEST"

_KRB5_CONF = """\
[libdefaults]
default_realm = {realm}
dns_lookup_realm = false
dns_lookup_kdc = false
dns_canonicalize_hostname = false
rdns = false
udp_preference_limit = 1
[realms]
{realm} = {{
  kdc = 127.0.0.1:{port}
}}
[domain_realm]
localhost = {realm}
"""

_KDC_CONF = """\
[kdcdefaults]
kdc_listen = 127.0.0.1:{port}
kdc_tcp_listen = 127.0.0.1:{port}
[realms]
{realm} = {{
  database_name = /mnt/kdc/principal
  key_stash_file = /mnt/kdc/stash
  acl_file = /mnt/kdc/acl
}}
"""

_START = """\
set -e
chmod 1777 /var/tmp
kdb5_util -r {realm} -P master create -s
kadmin.local -r {realm} -q "addprinc -pw {password} {user}"
kadmin.local -r {realm} -q "addprinc -randkey smtp/localhost"
kadmin.local -r {realm} -q "ktadd -k /mnt/keytab smtp/localhost"
chmod 0644 /mnt/keytab
krb5kdc -n &
tries=0
until printf '%s\\n' {password} | kinit -c FILE:/mnt/tickets {user}; do
	tries=$((tries + 1))
	[ $tries -lt 100 ]
done
cp /mnt/tickets /mnt/first
exec dovecot -F -c /mnt/dovecot.conf
"""


class KerberosSubmission(DovecotSubmission):
    """`environment` is what a client needs to use joe's tickets, `strange` one without any."""

    packages = (*DovecotSubmission.packages, "dovecot-gssapi", "krb5-kdc", "krb5-admin-server",
                "krb5-user")
    mechanisms = ("GSSAPI",)

    def configuration(self):
        return super().configuration().replace(
            "auth_mechanisms = plain", "auth_mechanisms = gssapi plain") + (
                "auth_gssapi_hostname = \"$ALL\"\nauth_krb5_keytab = /mnt/keytab\n"
                "import_environment = $import_environment KRB5_CONFIG\n")

    def prepare(self):
        super().prepare()
        self.kdc_port = free_ports(1)[0]
        values = {"realm": _REALM, "port": self.kdc_port, "user": USER, "password": PASSWORD}
        (self.folder / "kdc").mkdir()
        (self.folder / "krb5.conf").write_text(_KRB5_CONF.format(**values))
        (self.folder / "kdc.conf").write_text(_KDC_CONF.format(**values))
        (self.folder / "start").write_text(_START.format(**values))
        self.environment = {"KRB5_CONFIG": str(self.folder / "krb5.conf"),
                            "KRB5CCNAME": f"FILE:{self.folder}/tickets"}
        self.strange = {**self.environment, "KRB5CCNAME": f"FILE:{self.folder}/none"}
        return ["env", "KRB5_CONFIG=/mnt/krb5.conf", "KRB5_KDC_PROFILE=/mnt/kdc.conf", "sh",
                "/mnt/start"]
