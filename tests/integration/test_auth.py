# SPDX-License-Identifier: MIT
"""Authentication against servers that lie, ask too much, or prove nothing: one test a threat."""

import base64
import resource
import ssl

import pytest

from fakeserver import FakeServer, parse_text
from smarthost import Smarthost

SCRAM = ("SCRAM-SHA-256", "SCRAM-SHA-1")
EVERYTHING = ("PLAIN", "LOGIN", "CRAM-MD5", *SCRAM)
CPU_SECONDS = 0.5  # a refusal takes a hundredth of it; a million iterations more
ELSEWHERE = "0.0.0.0"  # this machine, and not written as loopback


@pytest.fixture
def host(certs):
    """A smarthost with implicit TLS; a test says which mechanisms it offers."""
    with Smarthost(certs) as running:
        yield running


@pytest.fixture
def clear_auth():
    """A smarthost without TLS that offers AUTH all the same."""
    with Smarthost(tls="off", auth_in_clear=True) as running:
        yield running


def submit(program, host, *lines, certs=None, mechanisms=None, at=None):
    """Submit a message through an account with these lines."""
    if mechanisms is not None:
        host.mechanisms = mechanisms
    program.account(host, *lines, certs=certs)
    if at:
        text = program.config.read_text().replace("host localhost", f"host {at}")
        program.write_config(text)
    return program("b@y.example")


def used(host):
    """The mechanisms that were tried, in order."""
    return [line.split()[1] for line in host.auth_lines if line.startswith("AUTH ")]


def refused(done, host, status=77):
    """It ended with that status and nothing was sent."""
    assert done.returncode == status, done.err
    assert not host.messages
    assert len(done.err.splitlines()) <= 3
    return done.err


CHOICES = {
    "on-plain": ("on", EVERYTHING, "PLAIN"),
    "on-login": ("on", ("LOGIN", "CRAM-MD5", *SCRAM), "LOGIN"),
    "on-scram": ("on", ("CRAM-MD5", *SCRAM), "SCRAM-SHA-256"),
    "on-scram-sha-1": ("on", ("CRAM-MD5", "SCRAM-SHA-1"), "SCRAM-SHA-1"),
    "scram": ("scram", EVERYTHING, "SCRAM-SHA-256"),
    "SCRAM": ("SCRAM", EVERYTHING, "SCRAM-SHA-256"),
    "scram-weaker": ("scram", ("PLAIN", "SCRAM-SHA-1"), "SCRAM-SHA-1"),
    "named-scram": ("scram-sha-1", EVERYTHING, "SCRAM-SHA-1"),
    "named-scram-256": ("SCRAM-SHA-256", EVERYTHING, "SCRAM-SHA-256"),
    "named-login": ("login", EVERYTHING, "LOGIN"),
    "named-cram": ("cram-md5", EVERYTHING, "CRAM-MD5"),
}


@pytest.mark.parametrize("name", CHOICES)
def test_choice(program, host, certs, name):
    setting, offered, wanted = CHOICES[name]
    done = submit(program, host, f"auth {setting}", certs=certs, mechanisms=offered)
    assert (done.returncode, done.err, used(host)) == (0, "", [wanted])
    assert host.wait_message().login == "joe"


@pytest.mark.parametrize("mechanism", [*SCRAM, "CRAM-MD5"])
def test_conversation_ends_well(program, host, certs, mechanism):
    """User names with what SCRAM escapes, passwords of any text; nothing of them is shown."""
    host.credentials = ("jo,e=x", 'p "ä" =,pass')
    program.account(host, f"auth {mechanism}", certs=certs)
    text = program.config.read_text().replace("user joe", "user jo,e=x")
    program.write_config(text.replace("password secret", 'password p "ä" =,pass'))
    host.mechanisms = (mechanism,)
    done = program("-v", "b@y.example")
    assert done.returncode == 0, done.err
    assert f"** authenticated with {mechanism}" in done.err
    assert "pass" not in done.err and "jo,e" not in done.err


@pytest.mark.parametrize("mechanism", [*SCRAM, "CRAM-MD5"])
def test_wrong_password(program, host, certs, mechanism):
    said = refused(submit(program, host, f"auth {mechanism}", "password wrong", certs=certs,
                          mechanisms=(mechanism,)), host)
    assert "535 5.7.8" in said and "check user and password" in said


def test_weaker_mechanism_after_a_504(program, host, certs):
    host.auth_replies = {"SCRAM-SHA-256": "504 5.5.4 not today"}
    done = submit(program, host, "auth scram", certs=certs, mechanisms=EVERYTHING)
    assert (done.returncode, used(host)) == (0, list(SCRAM))


@pytest.mark.parametrize("offered", [("PLAIN", "LOGIN"), ("PLAIN",), ("CRAM-MD5",)])
def test_auth_01_stripped_without_tls(program, clear_auth, offered):
    said = refused(submit(program, clear_auth, mechanisms=offered, at=ELSEWHERE), clear_auth)
    assert "only this is allowed: auth scram" in said and "tls on" in said
    assert clear_auth.auth_lines == []


def test_auth_01_not_verified(program, host, certs):
    said = refused(submit(program, host, "tls_certcheck off", at=ELSEWHERE, certs=certs), host)
    assert "only this is allowed: auth scram" in said
    assert host.auth_lines == []


@pytest.mark.parametrize("lines", [(), ("auth on",), ("auth scram",), ("auth scram-sha-1",)])
def test_auth_01_scram_is_what_on_means_there(program, clear_auth, lines):
    done = submit(program, clear_auth, *lines, mechanisms=EVERYTHING, at=ELSEWHERE)
    assert (done.returncode, done.err) == (0, "")
    assert used(clear_auth)[0].startswith("SCRAM") and len(used(clear_auth)) == 1
    shown = program("-P").out
    assert lines[-1:] == ("auth scram-sha-1",) or "\nauth scram\n" in shown


@pytest.mark.parametrize("name", ["plain", "login", "cram-md5"])
def test_auth_01_named_is_refused_there(program, clear_auth, name):
    done = submit(program, clear_auth, f"auth {name}", mechanisms=EVERYTHING, at=ELSEWHERE)
    said = refused(done, clear_auth, 78)
    assert "auth scram" in said and "auth_insecure" in said
    assert submit(program, clear_auth, f"auth {name}", "auth_insecure on",
                  at=ELSEWHERE).returncode == 0


def test_auth_02_scram_can_be_demanded(program, host, certs):
    said = refused(submit(program, host, "auth scram", certs=certs,
                          mechanisms=("PLAIN", "LOGIN", "CRAM-MD5")), host)
    assert "only this is allowed: auth scram" in said and host.auth_lines == []


def test_auth_03_weak_mechanisms_only_when_named(program, host, certs):
    weak = ("CRAM-MD5", "DIGEST-MD5", "NTLM", "GSSAPI", "EXTERNAL", "ANONYMOUS")
    refused(submit(program, host, certs=certs, mechanisms=weak), host)
    assert host.auth_lines == []
    assert submit(program, host, "auth cram-md5", certs=certs).returncode == 0


@pytest.mark.parametrize("name", [
    "kerberos_v4", "gs2-krb5", "securid", "scram-sha-512", "anonymous", "scra", "onn"])
def test_auth_03_unknown_mechanism(program, name):
    program.write_config("account default\nhost localhost\nport 1\nfrom a@x.example\nuser joe\n"
                         f"password x\nauth {name}\n")
    done = program("b@y.example")
    assert done.returncode == 78
    assert f'auth: "{name}" is not known here' in done.err
    assert "on, off, scram, plain, login, scram-sha-256-plus, " in done.err


def attributes(text):
    """The attributes of a SCRAM message by letter."""
    return {part[:1]: part for part in text.decode().split(",")}


def with_count(count):
    """What the server sends with that iteration count."""
    return lambda a: f"{a['r']},{a['s']},i={count}"


def other(letter):
    """Any letter but that."""
    return "x" if letter != "x" else "y"


FIRST = {
    "not-extended": lambda a: f"{a['r'][:-6]},{a['s']},{a['i']}",
    "other-nonce": lambda a: f"r={other(a['r'][2])}{a['r'][3:]},{a['s']},{a['i']}",
    "empty-nonce": lambda a: f"r=,{a['s']},{a['i']}",
    "nonce-with-space": lambda a: f"{a['r']} x,{a['s']},{a['i']}",
    "no-nonce": lambda a: f"{a['s']},{a['i']}",
    "extension": lambda a: f"m=x,{a['r']},{a['s']},{a['i']}",
    "error": lambda a: "e=unknown-user",
    "salt-not-base64": lambda a: f"{a['r']},s=!!!!,{a['i']}",
    "salt-cut": lambda a: f"{a['r']},{a['s'][:-1]},{a['i']}",
    "salt-empty": lambda a: f"{a['r']},s=,{a['i']}",
    "no-salt": lambda a: f"{a['r']},{a['i']}",
    "no-count": lambda a: f"{a['r']},{a['s']}",
    "other-order": lambda a: f"{a['s']},{a['r']},{a['i']}",
    "empty": lambda a: "",
    "nul": lambda a: f"{a['r']},{a['s']},i=4096\0",
    "garbage": lambda a: "\x01\x02,,,=",
    **{f"i={count}": with_count(count) for count in (
        0, 1, 4095, 1000001, 2**31, 2**32 + 1, 2**32 + 4096, 2**64, 10**30, "4096x", "x", "",
        "-1", "+4096", " 4096", "04096", "0x1000", "4e3", "4096.0")},
}


@pytest.mark.parametrize("name", FIRST)
@pytest.mark.parametrize("mechanism", SCRAM)
def test_auth_04_first_message(program, host, certs, mechanism, name):
    def twist(challenge):
        return FIRST[name](attributes(challenge)).encode()

    host.twist = twist
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    done = submit(program, host, certs=certs, mechanisms=(mechanism,))
    spent = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before
    assert "SCRAM: " in refused(done, host)
    assert host.auth_lines[1:] == ["*"]
    assert spent < CPU_SECONDS


@pytest.mark.parametrize("count", [4096, 4097, 20000])
def test_auth_04_allowed_counts(program, host, certs, count):
    host.iterations = count
    done = submit(program, host, certs=certs, mechanisms=("SCRAM-SHA-256",))
    assert (done.returncode, done.err) == (0, "")


def final(text):
    """A twist that replaces the server's last message."""
    return lambda challenge: text if challenge.startswith(b"v=") else challenge


WRONG = base64.b64encode(b"x" * 32)
FINAL = {
    "wrong": (final(b"v=" + WRONG), "signature is wrong"),
    "short": (final(b"v=eHh4"), "signature is wrong"),
    "not-base64": (final(b"v=!!!"), "signature is wrong"),
    "empty-signature": (final(b"v="), "signature is wrong"),
    "error": (final(b"e=invalid-proof"), 'refused with "invalid-proof"'),
    "error-escapes": (final(b"e=\x1b[31m"), r'refused with "\x1B[31m"'),
    "other": (final(b"x=y"), "no signature"),
    "empty": (final(b""), "no signature"),
    "extension": (final(b"m=x"), "extension that is not supported"),
}


@pytest.mark.parametrize("name", FINAL)
@pytest.mark.parametrize("mechanism", SCRAM)
def test_auth_05_last_message(program, host, certs, mechanism, name):
    host.twist, wanted = FINAL[name]
    done = submit(program, host, certs=certs, mechanisms=(mechanism,))
    assert wanted in refused(done, host)
    assert host.auth_lines[-1] == "*"


@pytest.mark.parametrize("reply", ["235 2.7.0 welcome", "235 2.7.0 {}", "235 {}"])
@pytest.mark.parametrize("mechanism", SCRAM)
def test_auth_05_no_proof_before_235(program, host, certs, mechanism, reply):
    """Additional data in the text of 235 does not count (RFC 4954 section 4)."""
    host.without_final = reply
    done = submit(program, host, certs=certs, mechanisms=(mechanism,))
    assert "before it was complete" in refused(done, host)


@pytest.mark.parametrize("mechanism", SCRAM)
def test_auth_05_proof_at_once(program, host, certs, mechanism):
    """A server that needs no password and asks nothing."""
    host.auth_replies = {mechanism: "235 2.7.0 come in"}
    done = submit(program, host, certs=certs, mechanisms=(mechanism,))
    assert "before it was complete" in refused(done, host)


def test_auth_06_plus_needs_a_channel(program, clear_auth):
    """Without TLS there is nothing to be bound to."""
    offered = ("SCRAM-SHA-256-PLUS", "SCRAM-SHA-1-PLUS")
    refused(submit(program, clear_auth, "auth scram", mechanisms=offered), clear_auth)
    done = submit(program, clear_auth, "auth scram", mechanisms=(*offered, *SCRAM))
    assert (done.returncode, used(clear_auth)) == (0, ["SCRAM-SHA-256"])


PLUS = ("SCRAM-SHA-256-PLUS", "SCRAM-SHA-1-PLUS")


def limit_tls(host, version):
    """From now on the host speaks no newer TLS."""
    host.context.maximum_version = version


@pytest.mark.parametrize("version", ["TLSv1_3", "TLSv1_2"])
@pytest.mark.parametrize("mechanism", PLUS)
def test_auth_06_bound_to_the_channel(program, host, certs, mechanism, version):
    """tls-exporter with TLS 1.3, tls-unique before."""
    limit_tls(host, ssl.TLSVersion[version])
    seen = []
    host.meddle = lambda name, data: seen.append(name) or (name, data)
    done = submit(program, host, "auth scram", certs=certs, mechanisms=(*SCRAM, mechanism))
    assert (done.returncode, done.err, used(host)) == (0, "", [mechanism])
    assert seen == ["tls-exporter" if version == "TLSv1_3" else "tls-unique"]


@pytest.mark.parametrize("version", ["TLSv1_3", "TLSv1_2"])
def test_auth_06_somebody_in_between(program, host, certs, version):
    """The server believes in another channel than we: no message, and no other mechanism."""
    limit_tls(host, ssl.TLSVersion[version])
    host.meddle = lambda name, data: (name, bytes(len(data)))
    refused(submit(program, host, "auth scram", certs=certs, mechanisms=(*PLUS, *SCRAM)), host)
    assert used(host) == [PLUS[0]]


def test_auth_07_plus_is_taken_out(program, host, certs):
    """Whoever names it is not content with less."""
    said = refused(submit(program, host, f"auth {PLUS[0]}", certs=certs, mechanisms=SCRAM), host)
    assert "only this is allowed" in said and host.auth_lines == []


def converse(program, script, certs=None, **account):
    """Play the script of one session; the run."""
    head = "S: 220 hi\nC: EHLO client.example\nS: 250-hi\n"
    with FakeServer(parse_text(head + script), certs) as server:
        lines = {"host": "localhost", "port": server.port, "from": "a@x.example",
                 "domain": "client.example", "user": "joe", "password": "secret", **account}
        program.write_config("account default\n"
                             + "".join(f"{key} {value}\n" for key, value in lines.items()))
        done = program("b@y.example")
        assert server.wait() == []
    return done


def test_auth_09_endless_challenges(program):
    """LOGIN would answer twice, CRAM-MD5 once: whoever asks on is left."""
    script = ("S: 250 AUTH LOGIN\nC: AUTH LOGIN\nS: 334 VXNlcm5hbWU6\nC: am9l\n"
              "S: 334 UGFzc3dvcmQ6\nC: c2VjcmV0\nS: 334 QWdhaW46\nC: *\nS- 334 QWdhaW46\\r\\n\n")
    done = converse(program, script)
    assert done.returncode == 77 and "goes on asking" in done.err


CHALLENGES = {
    "not-base64": "334 !!!!",
    "padding": "334 YWJj=",
    "only-padding": "334 =",
    "spaces": "334 YW Jj",
    "trailing-space": "334 YWJj ",
    "nul": "334 YW\\0Jj",
    "two-lines": "334-YWJj\\r\\n334 YWJj",
    "too-long": "334 " + "A" * 12288,
    "60-kB": "334 " + "A" * 60000,
}


@pytest.mark.parametrize("name", CHALLENGES)
@pytest.mark.parametrize("mechanism, answer", [
    ("LOGIN", "C: AUTH LOGIN"), ("CRAM-MD5", "C: AUTH CRAM-MD5")])
def test_auth_10_malformed_challenge(program, mechanism, answer, name):
    script = (f"S: 250 AUTH {mechanism}\n{answer}\nS- {CHALLENGES[name]}\\r\\n\n"
              "C: *\nS: 501 5.7.0 cancelled\n")
    done = converse(program, script, auth=mechanism)
    assert done.returncode == 77 and "AUTH challenge" in done.err


def test_auth_10_more_than_any_line(program):
    """100 kB are not read to their end."""
    script = "S: 250 AUTH LOGIN\nC: AUTH LOGIN\nS- 334 " + "A" * 100000 + "\\r\\n\n"
    done = converse(program, script)
    assert done.returncode == 76 and "does not end" in done.err


def test_auth_10_longest_line(program):
    """12,288 octets are read (RFC 4954 section 4)."""
    challenge = base64.b64encode(b"x" * 9210).decode()
    script = (f"S: 250 AUTH LOGIN\nC: AUTH LOGIN\nS: 334 {challenge}\nC: am9l\n"
              "S: 334 UGFzc3dvcmQ6\nC: c2VjcmV0\nS: 535 5.7.8 no\n")
    assert len(challenge) == 12280
    assert converse(program, script).returncode == 77


def test_auth_10_empty_cram_challenge(program):
    script = "S: 250 AUTH CRAM-MD5\nC: AUTH CRAM-MD5\nS- 334 \\r\\n\nC: *\nS: 501 cancelled\n"
    done = converse(program, script, auth="cram-md5")
    assert done.returncode == 77 and "challenge is empty" in done.err


@pytest.mark.parametrize("challenge", ["", "VXNlcm5hbWU6"])
def test_auth_11_challenge_after_plain(program, challenge):
    script = ("S: 250 AUTH PLAIN\nC: AUTH PLAIN AGpvZQBzZWNyZXQ=\n"
              f"S- 334 {challenge}\\r\\n\nC: *\nS: 501 5.7.0 cancelled\n")
    assert converse(program, script).returncode == 77


@pytest.mark.parametrize("script", [
    "S: 250 AUTH LOGIN\nC: AUTH LOGIN\nS: 235 2.7.0 welcome\n",
    "S: 250 AUTH LOGIN\nC: AUTH LOGIN\nS: 334 VXNlcm5hbWU6\nC: am9l\nS: 235 2.7.0 welcome\n",
    "S: 250 AUTH CRAM-MD5\nC: AUTH CRAM-MD5\nS: 235 2.7.0 welcome\n"])
def test_auth_12_success_before_the_end(program, script):
    mechanism = script.split()[3]
    done = converse(program, script, auth=mechanism)
    assert done.returncode == 77 and "before it was complete" in done.err


def test_auth_13_long_initial_response_waits(program):
    password = "p" * 1000
    secret = base64.b64encode(b"\0joe\0" + password.encode()).decode()
    script = (f"S: 250 AUTH PLAIN\nC: AUTH PLAIN\nS- 334 \\r\\n\nC: {secret}\n"
              "S: 535 5.7.8 no\n")
    done = converse(program, script, password=password)
    assert done.returncode == 77 and "535 5.7.8 no" in done.err


def test_auth_15_nothing_follows_before_the_reply(program):
    """Not even where everything may be sent in groups; here the exchange has several rounds."""
    script = ("S: 250-PIPELINING\nS: 250 AUTH LOGIN\nC: AUTH LOGIN\nS: 334 VXNlcm5hbWU6\n"
              "C: am9l\nS: 334 UGFzc3dvcmQ6\nC: c2VjcmV0\nS: 535 5.7.8 no\n")
    assert converse(program, script).returncode == 77


TOO_LONG = "x" * 9000
BAD = {
    "nul": (b"user joe\npasswordeval printf 'a\\0b'\n", "NUL"),
    "octet-1": (b"user joe\npasswordeval printf 'a\\001b'\n", "control character"),
    "cr": (b"user joe\npasswordeval printf 'a\\rb\\n'\n", "line end"),
    "latin-1": (b"user joe\npasswordeval printf 'a\\344b'\n", "the password is not UTF-8"),
    "latin-1-user": (b"user j\xf6\npassword x\n", "the user name is not UTF-8"),
    "long-password": (b"user joe\npassword " + TOO_LONG.encode() + b"\n", "too long"),
    "long-user": (b"user " + TOO_LONG.encode() + b"\npassword x\n", "too long"),
    "too-long-together": (b"user " + TOO_LONG[:4500].encode() + b"\npassword "
                          + TOO_LONG[:4499].encode() + b"\n", "too long"),
    "over-64-kB": (b"user joe\npasswordeval head -c 70000 /dev/zero | tr '\\0' x\n", "65536"),
}


@pytest.mark.parametrize("name", BAD)
def test_auth_18_what_cannot_be_carried(program, name):
    """Before anything is connected: nobody listens at that port."""
    lines, wanted = BAD[name]
    program.write_config("")
    program.config.write_bytes(b"account default\nhost localhost\nport 1\nfrom a@x.example\n"
                               + lines)
    done = program("b@y.example")
    assert done.returncode == 78 and wanted in done.err


@pytest.mark.parametrize("mechanism", ["scram", "scram-sha-1", "cram-md5"])
@pytest.mark.parametrize("password, wanted", [
    ("a\u0627b", "forbids"),  # right-to-left among left-to-right (RFC 3454 section 6)
    ("\ue000", "forbids"),  # for private use
    ("\u00ad", "empty"),  # nothing is left of it
    ('""', "empty")])
def test_auth_19_preparation_fails(program, mechanism, password, wanted):
    """Also before anything is connected, where only such mechanisms may be used."""
    program.write_config("account default\nhost localhost\nport 1\nfrom a@x.example\nuser joe\n"
                         f"auth {mechanism}\npassword {password}\n")
    done = program("b@y.example")
    assert done.returncode == 78 and wanted in done.err and "hint: SASLprep" in done.err


def test_auth_19_preparation_fails_when_chosen(program, host, certs):
    done = submit(program, host, "password \ue000", certs=certs, mechanisms=SCRAM)
    assert "forbids" in refused(done, host, 78)
    assert host.auth_lines == []


@pytest.mark.parametrize("typed, stored", [
    ("I\u00adX", "IX"), ("\u00aa", "a"), ("\u2168", "IX"), ("a\u00a0b", "a b"), ("\U0001f600", None)])
@pytest.mark.parametrize("mechanism", SCRAM)
def test_auth_19_preparation(program, host, certs, mechanism, typed, stored):
    """RFC 4013 section 3; what Unicode 3.2 did not know yet is allowed in a query."""
    host.credentials = ("joe", stored or typed)
    done = submit(program, host, f"password {typed}", certs=certs, mechanisms=(mechanism,))
    assert (done.returncode, done.err) == (0, "")


@pytest.mark.parametrize("reply", ["454 4.7.0 later", "432 4.7.12 change it", "421 4.3.2 down"])
def test_auth_20_for_now(program, host, certs, reply):
    host.auth_replies = {"PLAIN": reply}
    done = submit(program, host, certs=certs, mechanisms=EVERYTHING)
    assert reply in refused(done, host, 75)
    assert used(host) == ["PLAIN"]


@pytest.mark.parametrize("reply", ["535 5.7.8 no", "534 5.7.9 too weak", "530 5.7.0 no",
                                   "538 5.7.11 no", "550 5.7.1 no"])
def test_auth_21_no_second_mechanism(program, host, certs, reply):
    host.auth_replies = {"PLAIN": reply}
    done = submit(program, host, certs=certs, mechanisms=EVERYTHING)
    assert reply in refused(done, host)
    assert used(host) == ["PLAIN"]


@pytest.mark.parametrize("reply", ["500 5.5.1 no", "502 5.5.1 no", "503 5.5.1 no"])
def test_c2_out_of_step_and_then_refused(program, host, certs, reply):
    """AUTH was sent in a group: once more alone, and then it is a refusal; no other mechanism."""
    host.auth_replies = {"PLAIN": reply}
    done = submit(program, host, certs=certs, mechanisms=EVERYTHING)
    assert reply in refused(done, host)
    assert used(host) == ["PLAIN", "PLAIN"]


@pytest.mark.parametrize("end", ["535 5.7.8 no", "504 5.5.4 no", "454 4.7.0 later"])
def test_auth_22_never_without(program, end):
    """The script ends with the refusal: whatever else is said is an error of its."""
    done = converse(program, "S: 250 AUTH PLAIN\nC: AUTH PLAIN AGpvZQBzZWNyZXQ=\n"
                    f"S: {end}\n")
    assert done.returncode == (75 if end[0] == "4" else 77)


@pytest.mark.parametrize("name", ["digest-md5", "gssapi", "ntlm", "external", "xoauth2"])
def test_auth_23_only_when_named(program, host, certs, name):
    """The mechanisms that may have a security layer, and the others that must be named."""
    refused(submit(program, host, certs=certs, mechanisms=(name.upper(),)), host)
    assert host.auth_lines == []


def test_auth_24_one_exchange_after_another(program, host, certs):
    """Each ends before the next begins."""
    host.auth_replies = {name: "504 5.5.4 no" for name in EVERYTHING}
    refused(submit(program, host, certs=certs, mechanisms=EVERYTHING), host)
    assert used(host) == ["PLAIN", "LOGIN", *SCRAM]


def test_auth_25_external_is_not_offered(program, host, certs):
    refused(submit(program, host, certs=certs, mechanisms=("EXTERNAL",)), host)
    assert host.auth_lines == []
    assert submit(program, host, "auth external", certs=certs).returncode == 78
