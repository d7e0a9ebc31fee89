# SPDX-License-Identifier: MIT
"""A server that follows a transcript, and (from silentserver) one that falls silent.

    with FakeServer(parse_transcript(path), certs) as server:
        run_the_client(port=server.port)
        assert server.wait() == []

The server is strict: a client line that differs, comes too early or too late is an error, and the
first one that makes the rest meaningless ends the connection. Errors are sentences with the
transcript's file and line.
"""

import select
import ssl
import threading

from silentserver import SilentServer
from transcript import Item, Transcript, message_bytes, parse_text, parse_transcript, read_cases
from wire import Stop, Stopped, Wire, listen, server_context, wait_for

__all__ = ["FakeServer", "Item", "SilentServer", "Transcript", "message_bytes", "parse_text",
           "parse_transcript", "read_cases"]

SHOWN = 200


def _shown(data):
    """Octets for a reader: quoted, and cut when long."""
    text = ascii(bytes(data[:SHOWN]))[1:]
    return text if len(data) <= SHOWN else "%s... (%d octets)" % (text, len(data))


class _GiveUp(Exception):
    """The rest of the script makes no sense any more; an error has been recorded."""


class FakeServer:
    """Serve connections by transcript, one after the other, on 127.0.0.1 and a free port.

    transcript   a Transcript, or a list with one for each connection; or a function of the port
                 that returns either
    certs, cert  what make_certs() returned and the certificate to show, where TLS is used
    connections  how many to serve; default: as many as there are transcripts
    grace        seconds in which unasked octets count as "spoke early"
    tls_may_fail the client is expected to refuse the handshake: no error, the session ends
    address      where to listen; a path: a Unix socket there

    port          where it listens
    errors        sentences, empty when all went as written
    received      all octets that clients sent, decrypted; waits for the end of a connection
    tls_failures  why handshakes failed
    tls_versions, tls_resumed   one entry for each handshake that succeeded
    """

    def __init__(self, transcript, certs=None, cert="server", *, connections=None, timeout=10,
                 grace=0.01, tls_may_fail=False, address="127.0.0.1"):
        self._transcript = transcript
        self._connections = connections
        self._context = server_context(certs, cert) if certs else None
        self._timeout = timeout
        self._grace = grace
        self._tls_may_fail = tls_may_fail
        self._address = address
        self.errors = []
        self._received = bytearray()
        self._serving = threading.Lock()
        self.tls_failures = []
        self.tls_versions = []
        self.tls_resumed = []

    def __enter__(self):
        self._stop = Stop()
        self._listener = listen(self._address)
        name = self._listener.getsockname()
        self.port = name[1] if isinstance(name, tuple) else None
        script = self._transcript(self.port) if callable(self._transcript) else self._transcript
        self._scripts = script if isinstance(script, list) else [script]
        self._connections = self._connections or len(self._scripts)
        self._thread = threading.Thread(target=self._run, name="fakeserver", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *exception):
        """End at once, wherever the script stands; to let it finish, wait() before."""
        self._stop.set()
        self._thread.join()
        self._listener.close()
        self._stop.close()

    def wait(self):
        """Wait until all connections have been served (bounded: see timeout); return errors."""
        self._thread.join()
        return self.errors

    def _run(self):
        """The thread: serve, and turn whatever goes wrong into an error."""
        try:
            for number in range(self._connections):
                script = self._scripts[min(number, len(self._scripts) - 1)]
                if not wait_for(self._stop, self._listener, select.POLLIN, self._timeout):
                    self.errors.append("%s: connection %d: no client came within %g s"
                                       % (script.path, number + 1, self._timeout))
                    return
                with self._serving:
                    sock, _ = self._listener.accept()
                    self._serve(Wire(sock, self._stop, self._timeout), script)
        except Stopped:
            self.errors.append("the test ended before the transcript did")
        except Exception as error:  # a bug here must fail the test, not hang it
            self.errors.append("fakeserver: %r" % error)

    def _serve(self, wire, script):
        """One connection from greeting to end."""
        session = _Session(self, wire, script)
        try:
            session.play()
        finally:
            self._received += wire.received
            wire.close()

    @property
    def received(self):
        """What clients sent; a client may be over before we have read the last of it."""
        with self._serving:
            return bytes(self._received)

    def handshake(self, wire):
        """TLS on this connection; return None or why it failed."""
        if not self._context:
            return "the transcript has T: but the server no certificates"
        if not wire.start_tls(self._context):
            self.tls_failures.append(wire.problem)
            return wire.problem
        self.tls_versions.append(wire.sock.version())
        self.tls_resumed.append(wire.sock.session_reused)
        return None

    @property
    def grace(self):
        """Seconds in which unasked octets count as "spoke early"."""
        return self._grace

    @property
    def tls_may_fail(self):
        """Whether a refused handshake is what the test wants."""
        return self._tls_may_fail


class _Session:
    """One connection's walk through one transcript."""

    def __init__(self, server, wire, script):
        self._server = server
        self._wire = wire
        self._script = script
        self._early = False
        self._closed = False

    def play(self):
        """Do all items, then see the client off."""
        try:
            for item in _coalesced(self._script.items):
                self._step(item)
            self._see_off()
        except _GiveUp:
            self._wire.finish()
            self._drain()

    def _step(self, item):
        if item.mark == "S":
            self._say(item)
        elif item.mark == "T":
            self._handshake(item)
        elif item.mark == "X":
            self._wire.finish()
            self._closed = True
        else:
            self._expect(item)

    def _error(self, line, text):
        self._server.errors.append("%s:%d: %s" % (self._script.path, line, text))

    def _fail(self, line, text):
        self._error(line, text)
        raise _GiveUp

    def _gone(self, line, text):
        """The client left: an error, but where it was expected to refuse our certificate."""
        if not (self._server.tls_may_fail and self._server.tls_versions):
            self._error(line, text)
        raise _GiveUp

    def _say(self, item):
        """Send; but first look whether the client said more than it should have by now."""
        wire = self._wire
        if wire.arrives(self._server.grace) and not self._early:
            self._early = True
            self._error(item.line, "client spoke early: got %s before this reply"
                        % _shown(wire.buffer))
        if wire.eof:
            self._gone(item.line, "client closed%s before this reply" % self._reason())
        try:
            wire.write(item.data)
        except (TimeoutError, ssl.SSLError, OSError) as error:
            self._fail(item.line, "cannot send: %s" % error)

    def _expect(self, item):
        """Read one line and compare."""
        kind = "command" if item.mark == "C" else "line of the message"
        try:
            got = self._wire.line()
        except TimeoutError as error:
            self._fail(item.line, "expected %s %s, got %s%s" % (
                kind, _shown(item.data), error, self._rest()))
        if not got:
            self._gone(item.line, "expected %s %s, got the end%s" % (
                kind, _shown(item.data), self._reason()))
        if got != item.data:
            self._fail(item.line, "expected %s %s, got %s" % (
                kind, _shown(item.data), _shown(got)))

    def _handshake(self, item):
        if self._wire.buffer:
            self._fail(item.line, "client sent %s in clear where TLS begins"
                       % _shown(self._wire.buffer))
        problem = self._server.handshake(self._wire)
        if problem:
            if not self._server.tls_may_fail:
                self._error(item.line, "TLS handshake: %s" % problem)
            raise _GiveUp

    def _reason(self):
        return " (%s)" % self._wire.problem if self._wire.problem else ""

    def _rest(self):
        return " but %s" % _shown(self._wire.buffer) if self._wire.buffer else ""

    def _see_off(self):
        """After the last item: nothing or QUIT, then the end."""
        last = self._script.items[-1].line if self._script.items else 0
        rest = self._drain()
        if rest is None:
            self._error(last, "the script is over, but the client did not close")
        elif rest.upper() not in (b"", b"QUIT\r\n") and not self._closed:
            self._error(last, "after the last line: expected QUIT or the end, got %s"
                        % _shown(rest))

    def _drain(self):
        """Read to the end, answering a QUIT; return what came, None after a time-out.

        What comes after the answer does not count: inside TLS it may be a record that nothing
        decrypts any more.
        """
        wire = self._wire
        came = None
        try:
            while True:
                asked = wire.buffer.upper().endswith(b"QUIT\r\n")
                if asked and came is None and not self._closed:
                    came = bytes(wire.buffer)
                    self._farewell()
                if not wire.fill():
                    return bytes(wire.buffer) if came is None else came
        except TimeoutError:
            return None

    def _farewell(self):
        try:
            self._wire.write(b"221 2.0.0 bye\r\n")
        except (TimeoutError, ssl.SSLError, OSError):
            pass
        self._wire.finish()


def _coalesced(items):
    """The items with neighbouring server lines joined, so that they are one write."""
    joined = []
    for item in items:
        if item.mark == "S" and joined and joined[-1].mark == "S":
            joined[-1] = Item("S", joined[-1].data + item.data, joined[-1].line)
        else:
            joined.append(item)
    return joined
