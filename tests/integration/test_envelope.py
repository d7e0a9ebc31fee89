# SPDX-License-Identifier: MIT
"""Who gets the message, and from whom it comes."""

import pytest

LISTS = {
    "plain": ("To: b@y.example", ["b@y.example"]),
    "names": ('To: "Doe, John" <b@y.example>, Ann (who (ever)) <c@y.example>',
              ["b@y.example", "c@y.example"]),
    "folded": ("To: b@y.example,\n\t c@y.example\nCc:\n d@y.example",
               ["b@y.example", "c@y.example", "d@y.example"]),
    "group": ("To: friends: b@y.example, c@y.example;, d@y.example",
              ["b@y.example", "c@y.example", "d@y.example"]),
    "empty-elements": ("To: , b@y.example,, nobody:;,", ["b@y.example"]),
    "quoted-local": ('To: "john doe"@y.example', ['"john doe"@y.example']),
    "needless-quotes": ('To: "john"@y.example', ["john@y.example"]),
    "route": ("To: <@one.example,@two.example:b@y.example>", ["b@y.example"]),
    "spaced": ("To: b @ y . example", ["b@y.example"]),
    "all-three": ("To: b@y.example\nCc: c@y.example\nBcc: d@y.example",
                  ["b@y.example", "c@y.example", "d@y.example"]),
    "odd-colon": ("To : b@y.example\nbcc : c@y.example", ["b@y.example", "c@y.example"]),
    "twice": ("To: b@y.example, b@Y.EXAMPLE\nCc: b@y.example, B@y.example",
              ["b@y.example", "B@y.example"]),
    "from-is-nobody": ("From: a@x.example, z@x.example\nTo: b@y.example", ["b@y.example"]),
    "resent": ("Resent-To: r@y.example\nResent-Bcc: s@y.example\nTo: b@y.example",
               ["r@y.example", "s@y.example"]),
}


@pytest.mark.parametrize("name", LISTS)
def test_recipients_of_the_header(program, clear_host, name):
    fields, wanted = LISTS[name]
    program.account(clear_host)
    done = program("-t", message=f"{fields}\nSubject: t\n\nhello\n".encode())
    assert (done.returncode, done.err) == (0, "")
    assert clear_host.wait_message().rcpt_tos == wanted


def test_arguments_and_header_add_up(program, clear_host):
    program.account(clear_host)
    done = program("-t", "c@y.example", "d@y.example, e@y.example",
                   message=b"To: b@y.example, c@y.example\n\nhi\n")
    assert done.returncode == 0
    assert clear_host.wait_message().rcpt_tos == ["c@y.example", "d@y.example", "e@y.example",
                                                  "b@y.example"]


def test_without_t_the_header_names_nobody(program, clear_host):
    program.account(clear_host)
    assert program("b@y.example", message=b"To: z@y.example\n\nhi\n").returncode == 0
    assert clear_host.wait_message().rcpt_tos == ["b@y.example"]


BAD = {
    "two-words": ("john doe@y.example", "it contains a space; separate addresses with commas"),
    "no-domain": ("b@", "there is no domain after the '@'"),
    "no-local": ("@y.example", "there is no local part"),
    "dash": ("-oQ/tmp@y.example", "begins with '-'"),
    "open-quote": ('"b@y.example', "does not end"),
    "open-angle": ("<b@y.example", "the '>' is missing"),
    "behind-angle": ("<b@y.example> c@y.example", "something follows the '>'"),
    "8-bit": ("jörg@☃.example", "may be registered"),
    "parameters": ("b@y.example> SIZE=1", "malformed"),
    "long": ("x" * 2000 + "@y.example", "too long"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_address_in_the_header(program, clear_host, name):
    address, why = BAD[name]
    program.account(clear_host)
    done = program("-t", message=f"To: ok@y.example\nCc: {address}\n\nhi\n".encode())
    assert (done.returncode, clear_host.messages) == (65, [])
    assert done.err.startswith("postrider: field Cc: address ") and why in done.err


@pytest.mark.parametrize("name", BAD)
def test_bad_address_as_an_argument(program, clear_host, name):
    address, why = BAD[name]
    program.account(clear_host)
    done = program("--", "ok@y.example", address)
    assert (done.returncode, clear_host.messages) == (65, [])
    assert done.err.startswith("postrider: recipient: address ") and why in done.err


@pytest.mark.parametrize("args", [["-t"], []])
def test_no_recipient(program, clear_host, args):
    program.account(clear_host)
    done = program(*args, message=b"Subject: t\nTo: nobody:;\n\nhi\n")
    assert (done.returncode, clear_host.messages) == (64, [])
    assert done.err.startswith("postrider: there is no recipient\n  hint: ")


SENDERS = {
    "account": ([], "a@x.example"),
    "glued": (["-fz@x.example"], "z@x.example"),
    "separate": (["-f", "z@x.example"], "z@x.example"),
    "long": (["--from=z@x.example"], "z@x.example"),
    "minus-r": (["-r", "z@x.example"], "z@x.example"),
    "null": (["-f", "<>"], ""),
    "empty": (["-f", ""], ""),
    "daemon": (["-f", "MAILER-DAEMON"], ""),
    "bare": (["-f", "root"], "a@x.example"),
    "named": (["-f", "Zoe <z@x.example>"], "z@x.example"),
}


@pytest.mark.parametrize("name", SENDERS)
def test_sender(program, clear_host, name):
    args, wanted = SENDERS[name]
    program.account(clear_host)
    done = program(*args, "b@y.example", message=b"\nhi\n")
    assert (done.returncode, done.err) == (0, "")
    message = clear_host.wait_message()
    assert (message.mail_from or "") == wanted
    shown = {"named": "Zoe <z@x.example>"}.get(name, wanted or "a@x.example")
    assert message.content.startswith(f"From: {shown}\r\n".encode())


@pytest.mark.parametrize("sender", ["a@x> SIZE=1", "a@x\r\nRCPT TO:<evil@x>", "a@x.example, b@x"])
def test_sender_is_one_address(program, clear_host, sender):
    program.account(clear_host)
    done = program("-f", sender, "b@y.example")
    assert done.returncode in (64, 65) and not clear_host.messages
    assert len(done.err.splitlines()) <= 3 and "\r" not in done.err


def test_bare_recipient_goes_to_the_owner(program, clear_host):
    program.account(clear_host)
    assert program("root").returncode == 0
    assert clear_host.wait_message().rcpt_tos == ["a@x.example"]


def test_bare_recipient_without_an_owner(program, clear_host):
    program.write_config(f"account a\nhost localhost\nport {clear_host.port}\n")
    done = program("-f", "z@x.example", "root")
    assert (done.returncode, clear_host.messages) == (67, [])
    assert "recipient root has no domain" in done.err and "from ADDRESS" in done.err


def test_no_sender(program, clear_host):
    program.write_config(f"account a\nhost localhost\nport {clear_host.port}\nfrom *@x.example\n")
    done = program("b@y.example")
    assert (done.returncode, clear_host.messages) == (78, [])
    assert "no sender is known" in done.err
    assert program("-f", "me@X.example", "b@y.example").returncode == 0


def test_many_recipients(program, clear_host):
    program.account(clear_host)
    names = [f"user{n}@y.example" for n in range(2500)]
    done = program("-t", message=("To: " + ",\n ".join(names) + "\n\nhi\n").encode())
    assert done.returncode == 0
    assert clear_host.wait_message().rcpt_tos == names


def test_partial(program, clear_host):
    """The others get it; the status and the lines are those of who was refused."""
    clear_host.replies.update({"bad@y.example": "550 5.1.1 no such user",
                               "gone@y.example": "550 5.1.1 moved away"})
    program.account(clear_host)
    done = program("b@y.example", "bad@y.example", "gone@y.example", "c@y.example")
    assert done.returncode == 67
    assert clear_host.wait_message().rcpt_tos == ["b@y.example", "c@y.example"]
    assert done.err.splitlines() == [
        "postrider: account default: recipient <bad@y.example> was refused",
        "  the server said: 550 5.1.1 no such user",
        "  hint: the message was accepted for the other 2 recipients; send it again to corrected "
        "addresses alone, naming them on the command line without -t",
        "postrider: recipient <gone@y.example> was refused: 550 5.1.1 moved away",
    ]


def test_temporary_refusal_stops_it(program, clear_host):
    clear_host.replies["slow@y.example"] = "450 4.2.0 greylisted"
    program.account(clear_host)
    done = program("b@y.example", "slow@y.example")
    assert (done.returncode, clear_host.messages) == (75, [])
    assert "greylisted" in done.err


def test_many_refusals_are_counted(program, clear_host):
    names = [f"u{n}@y.example" for n in range(40)]
    clear_host.replies.update({name: "550 5.1.1 no" for name in names})
    program.account(clear_host)
    done = program(*names)
    assert done.returncode == 67
    assert len(done.err.splitlines()) == 3 + 20 + 1
    assert done.err.splitlines()[-1] == "postrider: and 19 more recipients were refused"
