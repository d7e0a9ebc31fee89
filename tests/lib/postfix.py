# SPDX-License-Identifier: MIT
"""Postfix as a real server (see realservers.py)."""

import os

from dovecot import Dovecot
from realservers import ACCOUNTS, GROUPS, Server

_MAIN_CF = """\
compatibility_level = 3.6
config_directory = /mnt/config
meta_directory = /mnt/config
queue_directory = /mnt/queue
data_directory = /mnt/data
maillog_file = /mnt/postfix.log
maillog_file_prefixes = /mnt
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = localhost.example
mydestination =
alias_maps =
alias_database =
local_recipient_maps =
local_header_rewrite_clients =
smtpd_peername_lookup = no
smtpd_tls_cert_file = /mnt/server.pem
smtpd_tls_key_file = /mnt/server.key
smtpd_tls_security_level = may
smtpd_tls_auth_only = yes
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = /mnt/dovecot/auth
smtpd_relay_restrictions = permit_sasl_authenticated, reject
smtpd_recipient_restrictions =
  check_recipient_access inline:{{ {{ {refused} = 550 5.1.1 no such mailbox }} }}
smtpd_error_sleep_time = 0
message_size_limit = {size}
relayhost = [127.0.0.1]:{sink}
smtp_tls_security_level = none
"""

_MASTER_CF = """\
127.0.0.1:{starttls} inet n - n - - smtpd
127.0.0.1:{implicit} inet n - n - - smtpd
    -o smtpd_tls_wrappermode=yes
cleanup   unix  n - n - 0 cleanup
qmgr      unix  n - n 300 1 qmgr
tlsmgr    unix  - - n 1000? 1 tlsmgr
rewrite   unix  - - n - - trivial-rewrite
bounce    unix  - - n - 0 bounce
defer     unix  - - n - 0 bounce
trace     unix  - - n - 0 bounce
proxymap  unix  - - n - - proxymap
smtp      unix  - - n - - smtp
relay     unix  - - n - - smtp
error     unix  - - n - - error
retry     unix  - - n - - error
discard   unix  - - n - - discard
anvil     unix  - - n - 1 anvil
scache    unix  - - n - 1 scache
postlog   unix-dgram n - n - 1 postlogd
"""

_QUEUES = ("active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming",
           "maildrop", "pid", "private", "public", "saved", "trace")


class Postfix(Server):
    """Postfix, its passwords checked by Dovecot; `sink` (a Smarthost) keeps what it passes on."""

    packages = ("postfix",)
    logs = ("output.log", "postfix.log", "dovecot/dovecot.log")
    mechanisms = Dovecot.mechanisms
    smtputf8 = pipelining = chunking = True

    def prepare(self):
        self._stack.enter_context(Dovecot(self.folder / "dovecot", self.certs))
        values = self.relay()
        self._make_folders()
        config = self.folder / "config"
        (config / "main.cf").write_text(_MAIN_CF.format(**values))
        (config / "master.cf").write_text(_MASTER_CF.format(**values))
        return ["/usr/lib/postfix/sbin/master", "-s", "-c", "/mnt/config"]

    def _make_folders(self):
        """What installation would make: the queue, owned as Postfix wants it."""
        owner, drop = ACCOUNTS["postfix"], GROUPS["postdrop"]
        for name in ("config", "queue", "data"):
            (self.folder / name).mkdir(exist_ok=True)
        os.chown(self.folder / "data", owner, owner)
        for name in _QUEUES:
            path = self.folder / "queue" / name
            path.mkdir(exist_ok=True)
            os.chown(path, 0 if name == "pid" else owner, drop if name in ("public", "maildrop")
                     else 0)
            path.chmod(0o755 if name == "pid" else 0o730 if name == "maildrop"
                       else 0o710 if name == "public" else 0o700)
