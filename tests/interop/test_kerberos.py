# SPDX-License-Identifier: MIT
"""GSSAPI with a real ticket server, and with one that is silent."""

import subprocess
import time

import pytest

from kerberos import KerberosSubmission
from submission import RCPT, SMALL, arrived, assert_same, canonical
from wire import listen

pytestmark = pytest.mark.interop


@pytest.fixture
def server(running):
    """Dovecot, and its ticket server."""
    return running(KerberosSubmission)


@pytest.mark.parametrize("tls", ["implicit", "starttls"])
@pytest.mark.parametrize("user", ["joe", None])
def test_ticket(server, submit, tls, user):
    """A password is not needed, and a user name is whom to act as."""
    mark = len(server.sink.messages)
    done = submit(SMALL, "-v", RCPT, **submit.to(server.ports[tls], tls), auth="gssapi",
                  user=user, password=None, environment=server.environment)
    assert done.returncode == 0, done.stderr.decode()
    assert b"** authenticated with GSSAPI\n" in done.stderr
    assert_same(arrived(server, mark, RCPT), canonical(SMALL))


def test_acting_as_somebody_else(server, submit):
    done = submit(SMALL, RCPT, **submit.to(server.ports["implicit"], "implicit"), auth="gssapi",
                  user="ann", password=None, environment=server.environment)
    assert done.returncode == 77, done.stderr.decode()


def test_no_ticket(server, submit):
    """Nothing is connected, and the hint says what to do."""
    done = submit(SMALL, RCPT, **submit.to(1, "implicit"), auth="gssapi", password=None,
                  environment=server.strange)
    assert done.returncode == 75
    assert b"there is no ticket for smtp/localhost" in done.stderr and b"kinit" in done.stderr


def test_no_ticket_for_one_of_two_servers(server, submit):
    """It is passed over if it offers nothing else, and the other one takes the message."""
    mark = len(server.sink.messages)
    done = submit(SMALL, "-v", RCPT, **submit.to(server.ports["implicit"], "implicit"),
                  auth="gssapi", password=None, host="127.0.0.1\nhost localhost",
                  tls_host_override="localhost", environment=server.environment)
    assert done.returncode == 0, done.stderr.decode()
    assert b"there is no ticket for smtp/127.0.0.1" in done.stderr
    assert_same(arrived(server, mark, RCPT), canonical(SMALL))


def silenced(server, silent, folder):
    """The environment in which the ticket server is that one."""
    conf = (server.folder / "krb5.conf").read_text()
    (folder / "krb5.conf").write_text(
        conf.replace(f":{server.kdc_port}", f":{silent.getsockname()[1]}"))
    return {"KRB5_CONFIG": str(folder / "krb5.conf")}


def test_silent_ticket_server(server, submit, tmp_path):
    """It is waited for within the time for connecting, and temporary."""
    with listen("127.0.0.1") as silent:
        environment = {**server.environment, **silenced(server, silent, tmp_path)}
        before = time.monotonic()
        done = submit(SMALL, RCPT, **submit.to(1, "implicit"), auth="gssapi", password=None,
                      connect_timeout=2, environment=fresh(server, environment, tmp_path))
        taken = time.monotonic() - before
    assert done.returncode == 75 and b"no answer in time" in done.stderr
    assert 1.5 < taken < 6


def test_ticket_server_that_falls_silent(server, submit, tmp_path):
    """The thread that waits for it could not be confined: nothing is connected."""
    mark = len(server.sink.messages)
    environment = fresh(server, server.environment, tmp_path)
    more = {**submit.to(server.ports["implicit"], "implicit"), "auth": "gssapi", "password": None}
    assert submit(SMALL, RCPT, **more, environment=environment).returncode == 0
    with listen("127.0.0.1") as silent:
        done = submit(SMALL, RCPT, **{**more, "host": "localhost\nhost 127.0.0.1"},
                      connect_timeout=2,
                      environment={**environment, **silenced(server, silent, tmp_path)})
    assert done.returncode == 75 and b"no answer in time" in done.stderr
    assert len(server.sink.messages) == mark + 1


def fresh(server, environment, folder):
    """Joe's ticket to get tickets with, and no other: the ticket server has to be asked."""
    tickets = folder / "tickets"
    tickets.write_bytes((server.folder / "first").read_bytes())
    tickets.chmod(0o600)
    return {**environment, "KRB5CCNAME": f"FILE:{tickets}"}
