# SPDX-License-Identifier: MIT
"""--import: other programs' configurations, and what is printed for them, in use."""

import pytest

from sampling import sampled
from smarthost import Smarthost

SECRETS = ["plain", "a#b", "it's \"q\"", 'back\\slash\\', '"both"', "p=q:r|s", "tr%Uap$HOME~"]


class Importer:
    """Writes other programs' files and imports them."""

    def __init__(self, program, folder):
        self.program = program
        self.folder = folder

    def write(self, name, text):
        """A file in the folder; its path."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def __call__(self, path, *more, status=0, **run):
        """Import it, and make what is printed the program's configuration."""
        done = self.program("--import", path, *more, config=False, **run)
        assert (done.returncode, done.err) == (status, ""), done.err
        self.program.write_config(done.out)
        shown = self.program("-P", message=b"")
        assert shown.returncode == 0, shown.err
        return done.out

    def lines(self, path, account="default"):
        """The lines of one account, without its comments."""
        blocks = self(path).split("\naccount ")
        found = [b for b in blocks if b.splitlines()[0].split(" :")[0] == account]
        return [line for line in found[0].splitlines()[1:] if line and line[0] != "#"]


@pytest.fixture
def imported(program, tmp_path):
    """See Importer."""
    return Importer(program, tmp_path / "theirs")


SSMTP = """\
# comment
Root = postmaster@example.org
MAILHUB=mail.example.org:587   # the hub
rewriteDomain = example.org
hostname=box.example.org
FromLineOverride=YES
UseTLS=YES
UseSTARTTLS=YES
UseTLSCert=YES
TLSCert=/etc/c.pem
TLSKey=/etc/k.pem
TLS_CA_File=/etc/ca.pem
AuthUser=joe@example.org
AuthPass=pass
AuthMethod=LOGIN
"""


def test_ssmtp(imported):
    path = imported.write("ssmtp.conf", SSMTP)
    assert imported.lines(path) == [
        "host mail.example.org", "tls_starttls on", "tls_trust_file /etc/ca.pem",
        "tls_key_file /etc/k.pem", "tls_cert_file /etc/c.pem", "auth login",
        "user joe@example.org", "password pass", "from postmaster@example.org",
        "from %U@example.org", "read_envelope_from on", "domain box.example.org"]
    out = imported(path)
    assert out.startswith("# This file holds a password: run chmod 600 on it")
    assert f"# {path}:2: Root: this address gets the mail of root" in out
    imported.write("ssmtp.conf", SSMTP.replace("postmaster@example.org", "postmaster"))
    lines = imported.lines(path)
    assert "maildomain example.org" in lines and "from %U@example.org" in lines
    assert "aliases FILE" in imported(path)


@pytest.mark.parametrize("name, text, root", [
    ("ssmtp.conf", "root=me@big.example\nmailhub=h.example\nrewriteDomain=big.example\n", "me@"),
    ("remotes", "h.example smtp\n", "admin@"),
    ("dma.conf", "SMARTHOST h.example\nMAILNAME big.example\n", None),
    ("esmtprc", 'hostname = "h.example:25"\n', None),
])
def test_mail_of_cron(imported, name, text, root):
    """Called as cron does it there is a sender, and root's mail is not a stranger's."""
    path = imported.write(name, text)
    if name == "remotes":
        imported.write("me", "box.big.example\n")
        imported.write("adminaddr", "admin@big.example\n")
    imported.program.write_config(imported(path))
    done = imported.program("-bv", "-i", "root", message=b"", env={"HOSTNAME": "box.big.example"})
    assert done.returncode == 0, done.err
    assert root is None or f"-> {root}big.example" in done.out, done.out


def test_ssmtp_in_clear(imported):
    path = imported.write("ssmtp.conf", "mailhub=mail\nUseTLS=NO\nDebug=YES\nWrong=1\njunk\n")
    assert imported.lines(path) == ["host mail", "tls off", "from %U@%H"]
    out = imported(path)
    assert "password" not in out
    for note in (":3: Debug: ", ":4: Wrong: this key is not known", ":5: junk: "):
        assert f"# {path}{note}" in out


def test_ssmtp_tls_first(imported):
    path = imported.write("ssmtp.conf", "mailhub=mail.example.org:465\nusetls=yes\n")
    assert imported.lines(path) == ["host mail.example.org", "from %U@%H"]


@pytest.mark.parametrize("hub, lines", [
    ("2001:db8::7", ["host 2001:db8::7", "tls off"]), ("[2001:db8::7]:26", ["host 2001:db8::7", "port 26"]),
    ("[2001:db8::7]", ["host 2001:db8::7", "tls off"]), ("192.0.2.7:26", ["host 192.0.2.7", "port 26"])])
def test_ssmtp_addresses(imported, hub, lines):
    found = imported.lines(imported.write("ssmtp.conf", f"mailhub={hub}\nUseTLS=NO\n"))
    assert found[:2] == lines


def test_revaliases(imported):
    path = imported.write("ssmtp.conf", "mailhub=mail.example.org:587\nUseSTARTTLS=YES\n")
    imported.write("revaliases", "# c\nroot:joe@isp.example:hub.isp.example:26\nann:ann@x.example\n")
    for given in (path, path.parent / "revaliases", path.parent):
        assert imported.lines(given, "root") == [
            "host hub.isp.example", "port 26", "tls on", "tls_starttls on",
            "from joe@isp.example"]
        assert imported.lines(given, "ann") == ["from ann@x.example"]
    imported.write("ssmtp.conf", "mailhub=localhost\nAuthUser=joe\nAuthPass=x\n")
    assert "SCRAM alone" in imported(path)
    shown = imported.program("-P", "-f", "joe@isp.example", message=b"").out
    assert "account root" in shown and "host hub.isp.example" in shown


def test_reverse_path_and_identity(imported):
    """An identity is chosen by its own address still, and the sender is what is forced."""
    path = imported.write("esmtprc", '''identity "me@a.example"
hostname = "smtp.a.example:25"
force reverse_path = "bounce@a.example"
identity "you@b.example"
hostname = "smtp.b.example:25"
default
''')
    imported.program.write_config(imported(path))
    done = imported.program("-bv", "-f", "me@a.example", "x@y.example", message=b"")
    assert done.returncode == 0 and "smtp.a.example" in done.out, done.out + done.err
    assert "bounce@a.example" in done.out


def test_host_with_port(imported):
    path = imported.write("remotes", "[mail.x.example]:587 smtp starttls\n")
    assert imported.lines(path)[:2] == ["host mail.x.example", "tls_starttls on"]


def test_piece_of_a_password(imported):
    """What may be one is not shown in a comment."""
    out = imported(imported.write("remotes", "h.example smtp --user=u --pass=b cdef\n"))
    assert "cdef" not in out and "needs quotes" in out


def test_ours(imported):
    """What is ours already is not taken for msmtp's, whose defaults are others."""
    out = imported(imported.write("ssmtp.conf", "mailhub=h.example\n"))
    for path in (imported.write("made", out), imported.write("postrider/config", "host a\n")):
        done = imported.program("--import", path, config=False)
        assert done.returncode == 65 and "postrider already" in done.err


def test_guessed(imported):
    """It is told whose file it was taken for."""
    path = imported.write("other", "mailhub=h.example\nUseTLS=YES\nroot=x@y.example\n")
    done = imported.program("-v", "--import", path, config=False)
    assert done.returncode == 0 and "recognised as a file of ssmtp" in done.err


def test_no_message(imported):
    path = imported.write("ssmtp.conf", "mailhub=h.example\n")
    done = imported.program("--import", path, "-t", config=False)
    assert done.returncode == 64 and done.out == ""


DMA = """\
# comment
SMARTHOST mail.example.org
PORT 587
ALIASES /etc/aliases
SPOOLDIR /var/spool/dma
AUTHPATH {folder}/auth.conf
SECURETRANSFER
STARTTLS
OPPORTUNISTIC_TLS
FINGERPRINT {print}
CERTFILE /etc/c.pem
SECURE
DEFER
FULLBOUNCE
MAILNAME {folder}/name
MASQUERADE joe@
"""


def test_dma(imported):
    text = DMA.format(folder=imported.folder, print="0A" * 32)
    path = imported.write("dma.conf", text)
    imported.write("auth.conf", "# c\nann|other.example:x\njoe|mail.example.org:p:w|#\n")
    imported.write("name", "box.example.org\n")
    assert imported.lines(path) == [
        "host mail.example.org", "tls_starttls on", "tls_fingerprint " + "0A" * 32,
        "tls_key_file /etc/c.pem", "tls_cert_file /etc/c.pem", "user joe", "password p:w|#",
        "from joe@box.example.org", "allow_from_override off", "maildomain box.example.org",
        "domain box.example.org", "aliases /etc/aliases"]
    out = imported(path)
    for note in (":5: SPOOLDIR", ":9: OPPORTUNISTIC_TLS", ":13: DEFER", ":14: FULLBOUNCE"):
        assert f"# {path}{note}" in out
    assert "x" not in [line.split()[-1] for line in out.splitlines() if line]


def test_dma_that_trusts_the_network(imported):
    path = imported.write("dma.conf", "SMARTHOST mail.example.org\nINSECURE\nNULLCLIENT\n"
                          "MASQUERADE x.example\nMAILNAME y.example\n")
    assert imported.lines(path) == [
        "host mail.example.org", "tls off", "auth_insecure on", "from %U@x.example",
        "allow_from_override off", "maildomain y.example", "domain y.example", "aliases"]


def test_auth_conf_alone(imported):
    path = imported.write("auth.conf", "joe|mail.example.org:pw\n")
    assert imported.lines(path) == ["host mail.example.org", "tls off", "user joe", "password pw",
                                    "from %U@%H"]
    assert "SCRAM alone" in imported(path)


def test_no_smarthost(imported):
    path = imported.write("dma.conf", "#SMARTHOST\nPORT 25\n")
    assert imported.lines(path) == ["host localhost", "from %U@%H"]
    assert "no smarthost was named" in imported(path)
    done = imported.program("-v", "--import", path, config=False)
    assert done.returncode == 0 and "names no smarthost" in done.err


def test_nullmailer(imported):
    path = imported.write(
        "remotes", "# c\n\n"
        "one.example smtp --port=587 --starttls --user=joe '--pass=my \"pass'\n"
        "two.example smtp port=587 starttls user=joe pass=\"my \\\"pass\"\n"
        "three.example smtp ssl auth-login user=ann pass=x\\ y x509cafile=/ca x509crlfile=/crl "
        "x509certfile=/c source=192.0.2.1\n"
        "four.example qmqp user=x\n")
    for name, text in {"me": "box.example.org", "defaulthost": "box2", "defaultdomain": "x.example",
                       "adminaddr": "root@x.example", "allmailfrom": "all@x.example",
                       "helohost": "helo.example", "pausetime": "60", "idhost": "i",
                       "sendtimeout": "0"}.items():
        imported.write(name, text + "\n")
    names = ["from all@x.example", "allow_from_override off", "domain helo.example"]
    assert imported.lines(path) == ["host one.example", "host two.example", "tls_starttls on",
                                    "user joe", 'password my "pass', *names, "run_timeout off"]
    assert imported.lines(path.parent, "three.example") == [
        "host three.example", "source_ip 192.0.2.1", "tls_trust_file /ca", "tls_crl_file /crl",
        "tls_key_file /c", "tls_cert_file /c", "auth login", "user ann", "password x y", *names]
    out = imported(path)
    assert f"# {path}:6: this protocol is not spoken here" in out and "default: root@x.example" in out


def test_nullmailer_without_verification(imported):
    path = imported.write("remotes", "mail.example.org smtp tls insecure auth-login user=u pass=p\n")
    assert imported.lines(path) == ["host mail.example.org", "tls_certcheck off", "user u",
                                    "password p", "from %U@%H"]
    assert "auth login is left out" in imported(path) and "auth_insecure on" in imported(path)


@pytest.mark.parametrize("text", ["", "\n# nothing\n", "x.example qmqp\n"])
def test_nullmailer_without_remotes(imported, text):
    assert imported.lines(imported.write("remotes", text)) == ["host localhost",
                                                                  "from %U@%H"]


ESMTP = """\
# comment
hostname = mail.example.org:submission
username="joe"
password = 'a\\'b#c\\x41'
starttls = required
helo box.example.org
qualifydomain=example.org
force reverse_path="%u@example.org"
message_id disabled
certificate_passphrase = "phrase"
preconnect = "ssh -f x"
mda "/usr/bin/procmail -d %T"

identity = ann@x.example
\thostname x.example:25 username ann
\tpassword "x y" # comment
"""


def test_esmtp(imported):
    path = imported.write(".esmtprc", ESMTP)
    assert imported.lines(path) == [
        "host mail.example.org", "tls_starttls on", "user joe", "password a'b#cA",
        "from %U@example.org", "allow_from_override off", "maildomain example.org",
        "domain box.example.org", "set_msgid_header off"]
    assert imported.lines(path, "ann@x.example") == ["host x.example", "tls off", "user ann",
                                                    "password x y", "from ann@x.example"]
    out = imported(path)
    assert '"phrase"' not in out and ":10: certificate_passphrase" in out and ":12: mda" in out


def test_esmtp_without_values(imported):
    path = imported.write("esmtprc", "hostname=:\nstarttls=\nusername= # none\nhelo a.example\n")
    assert imported.lines(path) == ["host localhost", "port 587", "from %U@%H", "domain a.example"]


def test_esmtp_default_identity(imported):
    path = imported.write("esmtprc", "identity a@x.example hostname=a.example\n"
                          "identity b@x.example hostname=b.example default\n")
    assert imported.lines(path) == ["host b.example", "port 587", "tls off", "from b@x.example"]
    assert imported.lines(path, "a@x.example")[0] == "host a.example"
    path.write_text("mda procmail\n" + path.read_text())
    out = imported(path)
    assert out.index("account a@x.example") < out.index(":1: mda") < out.index("account default")


MSMTP = """\
# mine
defaults
tls_certcheck on
auth on

account work
host mail.example.org
user joe
password "x "
from joe@example.org
tls on
keepbcc "on"
connect_timeout 5
tls_force_sslv3 on
wrong key

account home : work
host home.example
tls_nostarttls
tls_fingerprint 00:11

account default : work
"""


def test_msmtp(imported):
    path = imported.write(".msmtprc", MSMTP)
    out = imported(path)
    assert "\n# mine\ndefaults\ntls_certcheck on\nauth on\n\naccount work\ntls_starttls on\nport 25\n" \
        "host mail.example.org\nuser joe\npassword \"x \"\nfrom joe@example.org\ntls on\n" \
        "remove_bcc_headers off\ntimeout 5\n" in out
    assert f"# {path}:14: this setting has no effect" in out
    assert f"# {path}:15: unknown setting" in out and f"# {path}:20: tls_fingerprint: " in out
    assert "\naccount home : work\nport 465\nhost home.example\ntls_starttls off\n" in out


def shown_settings(text):
    """What --pretend prints, but for the file and how TLS would begin where there is none."""
    lines = text.splitlines()[1:]
    return [line for line in lines if "tls off" not in lines or "tls_starttls" not in line]


@pytest.mark.parametrize("text", [
    "account default\nhost a.example\n",
    "host a.example\ntls on\nuser x\n",
    "account default\nhost a.example\ntls on\nauth on\nuser x\n",
    "account default\nhost a.example\ntls on\ntls_starttls off\n",
    "account default\nhost localhost\nuser x\n",
    "account default\nhost localhost\ntls on\n",
    "defaults\ntls on\naccount x\nhost a.example\naccount default : x\ntls off\n",
    "account x\nhost a.example\ntls on\naccount default : x\ntls_starttls off\n",
    "account x\ntls on\naccount default : x\nhost a.example\nport 465\n"])
def test_msmtp_means_the_same(imported, text):
    path = imported.write("msmtprc", text)
    path.chmod(0o600)
    before = shown_settings(imported.program("-C", path, "-P", config=False).out)
    imported(path)
    assert shown_settings(imported.program("-P").out) == before


def secret_files(secret, port):
    """For each program a file with that password, for a server on this machine."""
    double = secret.replace("\\", "\\\\").replace('"', '\\"')
    yield "ssmtp.conf", f"mailhub=localhost:{port}\nAuthUser=joe\nAuthPass={secret}\n"
    yield "dma.conf", f"SMARTHOST localhost\nPORT {port}\nAUTHPATH {{folder}}/auth.conf\n"
    yield "remotes", f'localhost smtp port={port} user=joe pass="{double}"\n'
    yield "esmtprc", f'hostname=localhost:{port}\nusername=joe\npassword="{double}"\n'
    yield "msmtprc", (f"account default\nhost localhost\nport {port}\nauth on\nuser joe\n"
                      f'password "{secret}"\n')


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("end", sampled(["\n", "\r\n", ""], 2))
def test_secrets_arrive(imported, secret, end):
    with Smarthost(tls="off", password=secret, auth_in_clear=True) as host:
        for name, text in secret_files(secret, host.port):
            imported.write("auth.conf", f"joe|localhost:{secret}{end}")
            text = text.format(folder=imported.folder) if name == "dma.conf" else text
            path = imported.write(name, text.rstrip("\n").replace("\n", end or "\n") + end)
            imported(path)
            done = imported.program("-f", "a@x.example", "b@y.example")
            assert done.returncode == 0, (name, done.err)
            assert host.wait_message().login == "joe"


@pytest.mark.parametrize("name,text", [
    ("ssmtp", SSMTP), ("dma", "MAILNAME /etc/mailname\n"), ("nullmailer", "a.example smtp port=25\n"),
    ("esmtp", ESMTP), ("msmtp", MSMTP)])
def test_told_by_content(imported, name, text):
    path = imported.write("some file", text)
    assert f"made from what {name} had" in imported(path)
    out = imported("-", message=text.encode())
    assert f"made from what {name} had in:\n# standard input\n" in out


def test_refusals(imported):
    program = imported.program
    done = program("--import", imported.write("x", "nothing\nof use\n"), config=False)
    assert done.returncode == 65 and "ssmtp, dma, nullmailer, esmtp or msmtp" in done.err
    done = program("--import", imported.folder / "none", config=False)
    assert done.returncode == 66 and "none" in done.err
    done = program("--import", imported.folder, config=False)
    assert done.returncode == 66
    done = program("--import", imported.write("ssmtp.conf", b"#" * (4 << 20) + b"\n"), config=False)
    assert done.returncode == 66 and "larger than" in done.err
    assert program("--import", config=False).returncode == 64


def test_what_could_not_be_used(imported):
    path = imported.write(".msmtprc", "account default\nhost mail.example.org\ntls off\nauth plain\n"
                          "user joe\npassword pl4nted\n")
    done = imported.program("--import", path, config=False)
    assert done.returncode == 78 and "account default: the password would go" in done.err
    assert "password pl4nted\n" in done.out and "pl4nted" not in done.err
    assert done.out.splitlines()[-1].startswith("# account default: the password would go")


def test_odd_files(imported):
    path = imported.write("ssmtp.conf", b"\xef\xbb\xbfmailhub=mail.example.org\r\nAuthUser=\x01\r\n"
                          b"\xff\x1b=1\nhostname=a b")
    out = imported(path)
    assert "host mail.example.org" in out and "\x01" not in out and "user" not in out.split("#")[0]
    done = imported.program("--import", imported.write("remotes", b"a\0b"), config=False)
    assert done.returncode == 65 and "remotes: this is no text" in done.err
