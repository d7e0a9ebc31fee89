# SPDX-License-Identifier: MIT
"""Programs that call /usr/sbin/sendmail, unchanged: what they mean arrives, and they see the result.

Each program of TALKERS sends TEXT to someone whom the smarthost takes, refuses for now or refuses for
good; those of JOBS run a job whose output they mail, and do not look at what comes of it. Of some jobs
(cronie, systemd-cron, busybox's crond, mdadm) only the call is here.
"""

import email
import email.policy
import pathlib
import shutil
import urllib.parse

import pytest

from callers import Machine
from realservers import Unavailable
from smarthost import Smarthost

TEXT = "hello\n.\nworld\n"
REPLIES = {"later@y.example": "450 4.2.1 later", "bad@y.example": "550 5.1.1 unknown"}

PATCH = """\
From 1234567890123456789012345678901234567890 Mon Sep 17 00:00:00 2001
From: me@a.example
Date: Sun, 22 Nov 2026 10:00:00 +0000
Subject: [PATCH] s

""" + TEXT

SYMFONY = r"""<?php
require "/usr/share/php/Symfony/Component/Mailer/autoload.php";
require "/usr/share/php/Symfony/Component/Mime/autoload.php";
use Symfony\Component\Mailer\{Mailer, Transport};
use Symfony\Component\Mime\Email;
$mail = (new Email())->from("me@a.example")->to($argv[1])->subject("s")->text(getenv("TEXT"));
try {
    (new Mailer(Transport::fromDsn($argv[2])))->send($mail);
} catch (Exception $error) {
    echo $error->getMessage();
    exit(1);
}
"""

PHPMAILER = r"""<?php
require "/usr/share/php/libphp-phpmailer/autoload.php";
$mail = new PHPMailer\PHPMailer\PHPMailer(true);
$argv[2] == "mail" ? $mail->isMail() : $mail->isSendmail();
$mail->setFrom("me@a.example");
$mail->addAddress($argv[1]);
$mail->Subject = "s";
$mail->Body = getenv("TEXT");
try {
    $mail->send();
} catch (Exception $error) {
    echo $error->getMessage();
    exit(1);
}
"""

EMAIL_SENDER = r"""
use Email::Sender::Simple qw(sendmail);
use Email::Sender::Transport::Sendmail;
use Email::Simple;
my @header = (From => 'me@a.example', To => $ARGV[0], Subject => 's');
sendmail(Email::Simple->create(header => \@header, body => $ENV{TEXT}),
    { transport => Email::Sender::Transport::Sendmail->new });
"""

MIME_LITE = r"""
use MIME::Lite;
my $mail = MIME::Lite->new(From => 'me@a.example', To => $ARGV[0], Subject => 's', Data => $ENV{TEXT});
$mail->send or die "not sent";
"""

MAIL_MAILER = r"""
use Mail::Mailer;
my $mail = Mail::Mailer->new("sendmail");
$mail->open({ From => 'me@a.example', To => $ARGV[0], Subject => 's' });
print $mail $ENV{TEXT};
$mail->close or die "not sent";
"""

RUBY = """
require "mail"
mail = Mail.new(from: "me@a.example", to: ARGV[0], subject: "s", body: ENV["TEXT"])
mail.delivery_method(:sendmail)
mail.deliver!
"""

NODE = """
const mailer = require("/usr/share/nodejs/nodemailer").createTransport({ sendmail: true });
const mail = { from: "me@a.example", to: process.argv[2], subject: "s", text: process.env.TEXT };
mailer.sendMail(mail, error => { if (error) { console.log(error.message); process.exit(1); } });
"""

EMACS = """
(setq user-mail-address "me@a.example" mail-interactive t message-interactive t
      send-mail-function 'sendmail-send-it
      message-send-mail-function 'message-send-mail-with-sendmail)
"""

MESSAGE_EL = EMACS + """
(require 'message)
(message-mail (getenv "TO") "s")
(goto-char (point-max))
(insert (getenv "TEXT"))
(message-send)
"""

SENDMAIL_EL = EMACS + """
(require 'sendmail)
(mail-setup (getenv "TO") "s" nil nil nil nil nil)
(goto-char (point-max))
(insert (getenv "TEXT"))
(sendmail-send-it)
"""

FILES = {"text": TEXT, "patch": PATCH, "symfony.php": SYMFONY, "phpmailer.php": PHPMAILER,
         "email-sender.pl": EMAIL_SENDER, "mime-lite.pl": MIME_LITE,
         "mail-mailer.pl": MAIL_MAILER, "ruby.rb": RUBY, "node.js": NODE,
         "message.el": MESSAGE_EL,
         "sendmail.el": SENDMAIL_EL, ".gitconfig": "[user]\nname = Me\nemail = me@a.example\n",
         ".muttrc": "set from=me@a.example\nset sendmail_wait=0\nset copy=no\n",
         ".mailrc": "set sendwait\n",
         ".pinerc": "user-domain=a.example\nfeature-list=quit-without-confirm\n"
                    "last-version-used=9.99z\ninbox-path=/nonexistent\ndefault-fcc=\"\"\n"}

PHP_MAIL = 'exit(mail($argv[1], "s", getenv("TEXT"), "From: me@a.example", "-fme@a.example") ? 0 : 1);'


def symfony(command):
    """Symfony Mailer with the command of a configuration; None: its own."""
    dsn = "sendmail://default"
    if command:
        dsn += "?command=" + urllib.parse.quote(command)
    return ["php", "symfony.php", "TO", dsn]


# TO stands for the recipient; the text comes in $TEXT and on standard input.
TALKERS = {
    "bsd-mailx": ["bsd-mailx", "-s", "s", "TO"],
    "bsd-mailx-v": ["bsd-mailx", "-v", "-s", "s", "TO"],
    "s-nail": ["s-nail", "-S", "sendwait", "-s", "s", "TO"],
    "mutt": ["mutt", "-s", "s", "TO"],
    "mutt-dsn": ["mutt", "-e", "set dsn_notify='failure,delay' dsn_return=hdrs use_envelope_from",
                 "-s", "s", "TO"],
    "git-send-email": ["git", "send-email", "--from=me@a.example", "--to=TO", "--confirm=never",
                       "--suppress-cc=all", "patch"],
    "php-mail": ["php", "-r", PHP_MAIL, "TO"],
    "phpmailer-mail": ["php", "phpmailer.php", "TO", "mail"],
    "phpmailer-sendmail": ["php", "phpmailer.php", "TO", "sendmail"],
    "symfony": symfony(None),
    "symfony-bs-i": symfony("/usr/sbin/sendmail -bs -i"),
    "symfony-t-i": symfony("/usr/sbin/sendmail -t -i"),
    "email-sender": ["perl", "email-sender.pl", "TO"],
    "mime-lite": ["perl", "mime-lite.pl", "TO"],
    "mail-mailer": ["perl", "mail-mailer.pl", "TO"],
    "ruby-mail": ["ruby", "ruby.rb", "TO"],
    "nodemailer": ["node", "node.js", "TO"],
    "emacs-message": ["emacs", "-Q", "--batch", "-l", "message.el"],
    "emacs-sendmail": ["emacs", "-Q", "--batch", "-l", "sendmail.el"],
    "swaks-bs": ["swaks", "--pipe", "/usr/sbin/sendmail -bs", "-f", "me@a.example", "-t", "TO",
                 "--body", TEXT.replace("\n", "\\n"), "--h-Subject", "s"],
}
BLIND = ("ruby-mail",)  # this version of the library does not look at the status

JOB = 'cat "$HOME/text"'
HEAD = "echo 'To: to@y.example'; echo 'Subject: job'; echo"
JOBS = {
    "cron": "cron -f",
    "cronie": f"({HEAD}; {JOB}) | sendmail -FCronDaemon -i -odi -oem -oi -t -f root",
    "anacron": "anacron -d -f -n -t /etc/postrider/anacrontab",
    "at": f"echo \"{JOB}\" | at -m now; atd -s",
    "sudo": "sudo -n true",
    "logwatch": "logwatch --output mail --mailto to@y.example --service zz-disk_space --detail high",
    "systemd-cron": f"({HEAD}; {JOB}) | sendmail -i -B8BITMIME to@y.example",
    "busybox-crond": f"({HEAD}; {JOB}) | sendmail -ti",
    "mdadm": f"({HEAD}; {JOB}) | /usr/lib/sendmail -t",
}
ROOT = ("at",)  # mailed to root, who is the account's owner


@pytest.fixture(scope="module")
def host():
    """The smarthost."""
    with Smarthost(tls="off", require_auth=False, replies=REPLIES) as server:
        yield server


@pytest.fixture(scope="module")
def machine(postrider, host, tmp_path_factory):
    """A machine whose sendmail is the program."""
    config = (f"account a\nhost 127.0.0.1\nport {host.port}\nfrom me@a.example\n")
    try:
        made = Machine(tmp_path_factory.mktemp("machine") / "m", postrider, config)
    except Unavailable as reason:
        pytest.skip(str(reason))
    for name, text in FILES.items():
        made.write("home/" + name, text)
    made.write("var/spool/cron/crontabs/root", f"MAILTO=to@y.example\n@reboot {JOB}\n", 0o600)
    made.write("etc/postrider/anacrontab", f"MAILTO=to@y.example\n1 0 job {JOB}\n")
    made.write("etc/sudoers", 'Defaults mail_always, mailto="to@y.example", '
               "mailerpath=/usr/sbin/sendmail\nroot ALL=(ALL:ALL) ALL\n", 0o440)
    return made


def text_of(message):
    """The body, decoded, with the line ends of this system."""
    parsed = email.message_from_bytes(message.content, policy=email.policy.default)
    return parsed.get_body().get_content().replace("\r\n", "\n")


def new_messages(host, count):
    """Those that came since there were `count`."""
    return host.messages[count:]


def call(machine, name, recipient):
    """Run one of TALKERS."""
    command = [word.replace("TO", recipient) if word in ("TO", "--to=TO") else word
               for word in TALKERS[name]]
    if not shutil.which(command[0]) and command[0] != "bsd-mailx":
        pytest.skip(f"{command[0]} is not installed")
    return machine.run(*command, text=TEXT, env={"TO": recipient, "TEXT": TEXT})


@pytest.mark.parametrize("name", TALKERS)
def test_accepted(machine, host, name):
    """What arrives is what was meant, once, and the caller is content."""
    before = len(host.messages)
    done = call(machine, name, "to@y.example")
    assert done.returncode == 0, done.out
    [message] = new_messages(host, before)
    assert message.mail_from == "me@a.example"
    assert message.rcpt_tos == ["to@y.example"]
    assert text_of(message).rstrip("\n").endswith(TEXT.rstrip("\n"))
    head = email.message_from_bytes(message.content)
    assert head["Subject"] in ("s", "[PATCH] s")
    assert head["Date"] and head["Message-ID"] and "me@a.example" in head["From"]


@pytest.mark.parametrize("recipient", REPLIES)
@pytest.mark.parametrize("name", TALKERS)
def test_refused(machine, host, name, recipient):
    """Nothing arrives, and the caller knows; all but a few show why."""
    before = len(host.messages)
    done = call(machine, name, recipient)
    assert (done.returncode != 0) != (name in BLIND), done.out
    if name not in ("git-send-email", "emacs-message", "emacs-sendmail", "nodemailer"):
        assert REPLIES[recipient].split()[2] in done.out
    assert new_messages(host, before) == []


@pytest.mark.parametrize("name", JOBS)
def test_job(machine, host, name):
    """The output of a job is mailed."""
    before = len(host.messages)
    process = machine.start("sh", "-c", JOBS[name] + "\nexec sleep 600")
    try:
        host.wait_message(before + 1)
    finally:
        process.kill()
        process.wait()
    message = host.messages[before]
    assert message.rcpt_tos == ["me@a.example" if name in ROOT else "to@y.example"]
    assert message.mail_from == "me@a.example"
    text = text_of(message)
    if name == "sudo":
        assert "COMMAND=" in text
    elif name == "logwatch":
        assert "Logwatch End" in text
    else:
        assert text.endswith(TEXT)
    head = email.message_from_bytes(message.content)
    assert "@" in head["From"] and "@" in head["To"]


@pytest.mark.parametrize("recipient", ["to@y.example", *REPLIES])
def test_alpine(machine, host, recipient):
    """A mail reader at a terminal, which speaks SMTP with -bs; it ends when the mail is sent."""
    if not shutil.which("alpine"):
        pytest.skip("alpine is not installed")
    before = len(host.messages)
    url = f"mailto:{recipient}?" + urllib.parse.urlencode(
        {"subject": "s", "body": TEXT}, quote_via=urllib.parse.quote)
    seen = machine.type("alpine", "-url", url, ends=["Mail not sent"],
                        steps=[("world", "\x18"), ("Send message", "y")])
    assert seen == (REPLIES.get(recipient) and "Mail not sent")
    messages = new_messages(host, before)
    assert [m.rcpt_tos for m in messages] == [[recipient]] * (recipient not in REPLIES)
    for message in messages:
        assert message.mail_from == "root@a.example"
        assert text_of(message).rstrip("\n") == TEXT.rstrip("\n")


def test_queue_and_aliases(machine):
    """mailq and newaliases are there, and content."""
    done = machine.run("sh", "-c", "mailq; sendmail -bp; newaliases; sendmail -bi; sendmail -I")
    assert done.out == "Mail queue is empty\n" * 2
    assert done.returncode == 0


def test_the_machine_is_as_it_was():
    """Nothing of all this is seen outside."""
    assert not pathlib.Path("/etc/postrider/anacrontab").exists()
