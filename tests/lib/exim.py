# SPDX-License-Identifier: MIT
"""Exim as a real server (see realservers.py)."""

from realservers import Server

_CONFIGURATION = """\
primary_hostname = localhost.example
exim_user = Debian-exim
exim_group = Debian-exim
never_users =
deliver_drop_privilege = true
keep_environment =
spool_directory = /mnt/spool
log_file_path = /mnt/spool/exim_%slog
pid_file_path = /mnt/spool/exim.pid
local_interfaces = 127.0.0.1
daemon_smtp_ports = {starttls} : {implicit}
tls_on_connect_ports = {implicit}
tls_advertise_hosts = *
tls_certificate = /mnt/server.pem
tls_privatekey = /mnt/spool/server.key
auth_advertise_hosts = ${{if eq{{$tls_in_cipher}}{{}}{{}}{{*}}}}
chunking_advertise_hosts = *
pipelining_advertise_hosts = *
smtputf8_advertise_hosts = *
accept_8bitmime = true
message_size_limit = {size}
rfc1413_query_timeout = 0s
smtp_accept_max = 100
smtp_accept_queue_per_connection = 0
acl_smtp_rcpt = to

begin acl

to:
  deny    recipients    = {refused}
  accept  authenticated = *
  deny    message       = log in first

begin routers

sink:
  driver = manualroute
  transport = sink
  route_list = * 127.0.0.1 byname
  self = send

begin transports

sink:
  driver = smtp
  port = {sink}
  allow_localhost
  hosts_avoid_tls = *
  message_linelength_limit = 100000

begin authenticators

plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${{if and{{{{eq{{$auth2}}{{{user}}}}}{{eq{{$auth3}}{{{password}}}}}}}}}
  server_set_id = $auth2

login:
  driver = plaintext
  public_name = LOGIN
  server_prompts = Username:: : Password::
  server_condition = ${{if and{{{{eq{{$auth1}}{{{user}}}}}{{eq{{$auth2}}{{{password}}}}}}}}}
  server_set_id = $auth1

cram_md5:
  driver = cram_md5
  public_name = CRAM-MD5
  server_secret = ${{if eq{{$auth1}}{{{user}}}{{{password}}}fail}}
  server_set_id = $auth1

ntlm:
  driver = spa
  public_name = NTLM
  server_password = ${{if eq{{$auth1}}{{{user}}}{{{password}}}fail}}
  server_set_id = $auth1
"""


class Exim(Server):
    """Exim, which checks passwords itself; it gives its rights away before it delivers."""

    packages = ("exim4-daemon-heavy",)
    logs = ("output.log", "spool/exim_mainlog", "spool/exim_paniclog")
    mechanisms = ("PLAIN", "LOGIN", "CRAM-MD5", "NTLM")
    smtputf8 = pipelining = chunking = True

    def prepare(self):
        self.folders("Debian-exim", "spool")
        self.give("Debian-exim", "server.key", "spool/server.key")
        (self.folder / "exim.conf").write_text(_CONFIGURATION.format(**self.relay()))
        return ["exim4", "-C", "/mnt/exim.conf", "-bdf", "-q1m"]
