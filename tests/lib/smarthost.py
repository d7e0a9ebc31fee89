# SPDX-License-Identifier: MIT
"""A well-behaved smarthost: keeps what it is given. Built on aiosmtpd.

In a test:

    with Smarthost(certs, tls="starttls") as host:
        submit(port=host.port)
        message = host.wait_message()

By hand, for a demonstration; it ends on SIGTERM or at the end of standard input:

    python3 tests/lib/smarthost.py --dir DIR [--tls on|starttls|off]
"""

import argparse
import asyncio
import base64
import dataclasses
import logging
import pathlib
import select
import signal
import socket
import sys
import threading

from aiosmtpd.smtp import MISSING, SMTP, AuthResult, LoginPassword, auth_mechanism

from certs import make_certs
from scram import ScramServer, cram_md5
from wire import server_context, tls_exporter


MECHANISMS = ("PLAIN", "LOGIN", "SCRAM-SHA-256", "SCRAM-SHA-1", "CRAM-MD5", "SCRAM-SHA-256-PLUS",
              "SCRAM-SHA-1-PLUS")
logging.getLogger("mail.log").setLevel(logging.ERROR)  # a warning of aiosmtpd at each login


@dataclasses.dataclass
class Message:
    """One accepted message. `content` is what came, dots undone, line ends as they came."""
    mail_from: str
    rcpt_tos: list
    mail_options: list
    content: bytes
    login: str = ""
    chunked: bool = False


class _Server(SMTP):
    """aiosmtpd's server, and PIPELINING, CHUNKING (RFC 3030) and more AUTH mechanisms."""

    def __init__(self, host, require_auth, **more):
        if host.long_lines:
            self.line_length_limit = 1 << 20
        super().__init__(host, **more)
        self._auth_required = require_auth  # as an argument it warns when TLS is implicit
        self._host = host
        self._chunks = bytearray()

    async def smtp_AUTH(self, arg):
        mechanism, _, rest = (arg or "").partition(" ")
        self._host.auth_lines.append(("AUTH " + (arg or "")).strip())
        if mechanism.upper() in self._host.auth_replies:
            await self.push(self._host.auth_replies[mechanism.upper()])
            return
        await super().smtp_AUTH((mechanism.upper() + " " + rest).strip() or None)

    async def challenge_auth(self, challenge, encode_to_b64=True, log_client_response=False):
        """Ask, as the host's `twist` wants it; the answer, or MISSING after a reply was sent."""
        text = challenge.encode() if isinstance(challenge, str) else challenge
        return await self._ask(self._host.twist(text))

    async def _ask(self, challenge):
        """Send octets as a challenge, a str as the whole line; read the answer."""
        if isinstance(challenge, bytes):
            challenge = "334 " + base64.b64encode(challenge).decode()
        await self.push(challenge)
        line = (await self._reader.readline()).decode().rstrip("\r\n")
        self._host.auth_lines.append(line)
        if line == "*":
            await self.push("501 5.7.0 cancelled")
            return MISSING
        return base64.b64decode(line, validate=True)

    @auth_mechanism("CRAM-MD5")
    async def auth_cram_md5(self, _, args):
        challenge = "<%d.1@localhost>" % id(args)
        answer = await self.challenge_auth(challenge)
        if answer is MISSING:
            return AuthResult(success=False)
        user, password = self._host.credentials
        return self._host.judge(answer == cram_md5(user, password, challenge))

    @auth_mechanism("SCRAM-SHA-1")
    async def auth_scram_sha_1(self, _, args):
        return await self._scram("sha1", args)

    @auth_mechanism("SCRAM-SHA-256")
    async def auth_scram_sha_256(self, _, args):
        return await self._scram("sha256", args)

    @auth_mechanism("SCRAM-SHA-1-PLUS")
    async def auth_scram_sha_1_plus(self, _, args):
        return await self._scram("sha1", args, self._binding())

    @auth_mechanism("SCRAM-SHA-256-PLUS")
    async def auth_scram_sha_256_plus(self, _, args):
        return await self._scram("sha256", args, self._binding())

    def _binding(self):
        """What this connection is told from others by."""
        channel = self.transport.get_extra_info("ssl_object")
        if channel.version() != "TLSv1.3":
            return self._host.meddle("tls-unique", channel.get_channel_binding("tls-unique"))
        return self._host.meddle("tls-exporter", tls_exporter(channel))

    async def _scram(self, algorithm, args, binding=None):
        """An exchange whose last words come in a 334, which wants an empty answer."""
        user, password = self._host.credentials
        exchange = ScramServer(algorithm, password, iterations=self._host.iterations,
                               binding=binding)
        try:
            first = exchange.first(base64.b64decode(args[1], validate=True))
        except ValueError:
            return self._host.judge(False)
        sent = self._host.twist(first.encode())
        exchange.server_first = sent.decode() if isinstance(sent, bytes) else ""
        answer = await self._ask(sent)
        if answer is MISSING:
            return AuthResult(success=False)
        try:
            last = exchange.final(answer)
        except ValueError:
            return self._host.judge(False)
        if self._host.without_final:
            return AuthResult(success=True, message=self._host.without_final.format(last))
        if await self.challenge_auth(last) is MISSING:
            return AuthResult(success=False)
        return self._host.judge(exchange.user == user)

    async def smtp_RSET(self, arg):
        self._chunks.clear()
        await super().smtp_RSET(arg)

    async def smtp_BDAT(self, arg):
        """Take one chunk; its octets are read whatever the answer will be."""
        size, _, last = (arg or "").partition(" ")
        self._host.bdats.append(arg)
        if self._host.bdat_reply:
            await self.push(self._host.bdat_reply)
            return
        if not self._host.chunking or not size.isdigit() or last.upper() not in ("", "LAST"):
            await self.push("501 5.5.4 syntax: BDAT size [LAST]")
            return
        chunk = await self._reader.readexactly(int(size))
        if not self.envelope.rcpt_tos:
            await self.push("503 5.5.1 need RCPT command")
            return
        self._chunks += chunk
        await self.push(self._chunk_reply(bool(last)))

    def _chunk_reply(self, last):
        """The reply to a chunk that belongs to a transaction; the last one ends it."""
        if self.data_size_limit and len(self._chunks) > self.data_size_limit:
            reply, last = "552 5.3.4 message too big", True
        elif last:
            reply = self._host.take(self, bytes(self._chunks), chunked=True)
        else:
            reply = "250 2.0.0 %d octets" % len(self._chunks)
        if last:
            self._chunks.clear()
            self._set_post_data_state()
        return reply


class Smarthost:
    """Listen on 127.0.0.1 and a free port, in a thread, until the context ends.

    certs, cert   what make_certs() returned and which one to show; not needed with tls='off'
    tls           'on' (implicit), 'starttls' or 'off'
    user, password, require_auth
                  AUTH is offered inside TLS alone, or with auth_in_clear everywhere
    mechanisms    what to offer; those of MECHANISMS are there, others are refused with 504
    auth_replies  {mechanism: reply} to AUTH of that mechanism, in place of an exchange
    iterations    SCRAM's
    twist         twist(challenge) returns the challenge to send instead, or a whole line as str
    meddle        meddle(name, octets) returns the channel binding that the server believes in
    without_final the reply to SCRAM's proof at once, {} for what belongs into a challenge before
    size          the SIZE limit in octets; 0: not announced, no limit
    eightbit, smtputf8, pipelining, chunking
                  extensions to offer. BODY=8BITMIME without the offer is refused
    bdat_reply    the reply to BDAT, whose octets are then read as commands: a server that does not
                  know it behind something that offers CHUNKING
    long_lines    lines over 998 octets are taken
    replies       {recipient: reply} instead of 250
    data_reply    the reply to every message instead of 250; nothing is kept if it is not 2yz
    folder        also write each message there, as message-1.eml and so on

    port, messages (a list of Message, in order of arrival), auth_lines (all that clients said to
    authenticate), bdats (what stood behind each BDAT). A knob may be changed between connections;
    it holds for the next one.
    """

    def __init__(self, certs=None, tls="on", user="joe", password="secret", require_auth=True, *,
                 size=0, eightbit=True, smtputf8=True, pipelining=True, chunking=False,
                 long_lines=False, replies=None, data_reply=None, folder=None, cert="server",
                 mechanisms=("PLAIN", "LOGIN"), auth_in_clear=False):
        if tls not in ("on", "starttls", "off"):
            raise ValueError("tls: on, starttls or off, not %r" % tls)
        self.context = server_context(certs, cert) if tls != "off" else None
        self.tls = tls
        self.credentials = (user, password)
        self.require_auth = require_auth
        self.mechanisms = mechanisms
        self.auth_in_clear = auth_in_clear
        self.auth_replies = {}
        self.iterations = 4096
        self.twist = lambda challenge: challenge
        self.without_final = None
        self.meddle = lambda name, data: (name, data)
        self.auth_lines = []
        self.bdats = []
        self.bdat_reply = None
        self.size = size
        self.eightbit = eightbit
        self.smtputf8 = smtputf8
        self.pipelining = pipelining
        self.chunking = chunking
        self.long_lines = long_lines
        self.replies = dict(replies or {})
        self.data_reply = data_reply
        self._folder = pathlib.Path(folder) if folder else None
        self.port = None
        self.messages = []
        self._arrival = threading.Condition()

    # The context

    def __enter__(self):
        self._loop = asyncio.new_event_loop()
        context = self.context if self.tls == "on" else None
        self._server = self._loop.run_until_complete(
            self._loop.create_server(self._protocol, "127.0.0.1", 0, ssl=context))
        self.port = self._server.sockets[0].getsockname()[1]
        self._thread = threading.Thread(target=self._run, name="smarthost", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *exception):
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def _run(self):
        """The thread: run the loop until it is stopped, then end all that is left in it."""
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()
        self._server.close()
        tasks = asyncio.all_tasks(self._loop)
        for task in tasks:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.close()

    def wait_message(self, number=1, timeout=30):
        """The message of that number (from 1), waiting for it; TimeoutError."""
        with self._arrival:
            if not self._arrival.wait_for(lambda: len(self.messages) >= number, timeout):
                raise TimeoutError("smarthost: %d messages within %g s, not %d"
                                   % (len(self.messages), timeout, number))
            return self.messages[number - 1]

    def wait_idle(self, timeout=30):
        """Wait until the connections at hand have ended: what `messages` holds then is final."""
        asyncio.run_coroutine_threadsafe(self._settle(), self._loop).result(timeout)

    async def _settle(self):
        others = asyncio.all_tasks() - {asyncio.current_task()}
        if others:
            await asyncio.wait(others)

    def _protocol(self):
        """The server object for one connection."""
        unwanted = [name for name in MECHANISMS if name not in self.mechanisms]
        return _Server(self, self.require_auth, data_size_limit=self.size or None,
                       enable_SMTPUTF8=self.smtputf8, hostname="localhost", ident="ESMTP",
                       loop=self._loop, authenticator=self._authenticate,
                       tls_context=self.context if self.tls == "starttls" else None,
                       auth_require_tls=self.tls != "on" and not self.auth_in_clear,
                       auth_exclude_mechanism=unwanted)

    # Called by aiosmtpd, in the loop's thread

    def _authenticate(self, server, session, envelope, mechanism, data):
        """Decide on a password."""
        return self.judge(data == self._login())

    def _login(self):
        return LoginPassword(*(text.encode() for text in self.credentials))

    def judge(self, good):
        """The result of an exchange."""
        if good:
            return AuthResult(success=True, auth_data=self._login())
        return AuthResult(success=False, handled=False)

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        """Trim and extend what aiosmtpd offers."""
        session.host_name = hostname
        offers = [line[4:] for line in responses if line[4:] != "HELP"]
        if not self.eightbit:
            offers.remove("8BITMIME")
        if any(offer.startswith("AUTH") for offer in offers):
            offers = [offer for offer in offers if not offer.startswith("AUTH")]
            if self.tls != "off" or self.auth_in_clear:
                offers += ["AUTH " + " ".join(self.mechanisms)] if self.mechanisms else []
        offers += ["PIPELINING"] if self.pipelining else []
        offers += ["CHUNKING"] if self.chunking else []
        offers += ["ENHANCEDSTATUSCODES"]
        return ["250-" + offer for offer in offers[:-1]] + ["250 " + offers[-1]]

    async def handle_MAIL(self, server, session, envelope, address, options):
        """Accept any sender; the null one is kept as an empty text."""
        if "BODY=8BITMIME" in options and not self.eightbit:
            return "555 5.5.4 BODY not offered"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 sender ok"

    async def handle_RCPT(self, server, session, envelope, address, options):
        """Accept, or answer as `replies` has it."""
        reply = self.replies.get(address, "250 2.1.5 recipient ok")
        if reply.startswith("2"):
            envelope.rcpt_tos.append(address)
        return reply

    async def handle_DATA(self, server, session, envelope):
        """The end of a message."""
        return self.take(server, envelope.content, chunked=False)

    def take(self, server, content, chunked):
        """Keep a message, unless `data_reply` refuses it; return the reply."""
        envelope, login = server.envelope, getattr(server.session.auth_data, "login", b"")
        if self.data_reply and not self.data_reply.startswith("2"):
            return self.data_reply
        sender = "" if envelope.mail_from == "<>" else envelope.mail_from
        message = Message(sender, list(envelope.rcpt_tos), list(envelope.mail_options),
                          bytes(content), login.decode("utf-8", "replace"), chunked)
        with self._arrival:
            if self._folder:
                name = "message-%d.eml" % (len(self.messages) + 1)
                (self._folder / name).write_bytes(message.content)
            self.messages.append(message)
            self._arrival.notify_all()
        return self.data_reply or "250 2.0.0 stored as %d" % len(self.messages)


def _wait_for_end():
    """Return after SIGTERM, SIGINT or the end of standard input."""
    receiving, ringing = _signal_pipe()
    poll = select.poll()
    poll.register(receiving, select.POLLIN)
    if sys.stdin is not None:
        poll.register(sys.stdin.fileno(), select.POLLIN)
    while True:
        ready = [fd for fd, _ in poll.poll()]
        if receiving.fileno() in ready or not sys.stdin.buffer.read1(65536):
            ringing.close()
            return


def _signal_pipe():
    """Sockets of which the first becomes readable when SIGTERM or SIGINT arrives."""
    receiving, ringing = socket.socketpair()
    ringing.setblocking(False)
    signal.set_wakeup_fd(ringing.fileno())
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    return receiving, ringing


def main(arguments=None):
    """Run from the command line: see the head of this file."""
    parser = argparse.ArgumentParser(description="a smarthost for a demonstration")
    parser.add_argument("--dir", required=True, help="for certificates and messages")
    parser.add_argument("--tls", choices=("on", "starttls", "off"), default="on")
    parser.add_argument("--user", default="joe")
    parser.add_argument("--password", default="secret")
    chosen = parser.parse_args(arguments)
    folder = pathlib.Path(chosen.dir)
    certs = make_certs(folder)
    with Smarthost(certs, chosen.tls, chosen.user, chosen.password, chosen.tls != "off",
                   chunking=True, folder=folder) as host:
        print("port=%d ca=%s" % (host.port, certs["ca"]), flush=True)
        _wait_for_end()
    return 0


if __name__ == "__main__":
    sys.exit(main())
