# SPDX-License-Identifier: MIT
"""A proxy that makes the way to a server on this machine long, and counts round trips.

    with DelayProxy(server.port, delay=0.05) as proxy:
        submit(port=proxy.port)
        assert proxy.round_trips == [5]
"""

import collections
import contextlib
import math
import select
import socket
import time

from wire import READ_SIZE, Acceptor, Stopped

_CONNECT_TIME = 10
_END, _CUT = b"", None


class DelayProxy(Acceptor):
    """Listen on 127.0.0.1 and a free port; pass octets to and from 127.0.0.1:`target`.

    delay      seconds that every octet takes in each direction, from its arrival here. Order is
               kept, and any amount may be under way; only connecting takes no time
    cut_after  ("client", n) or ("server", n): both sides are closed when n octets that this one
               sent have been passed on; what is under way the other way is lost
    keep       what was passed on is kept in `passed`

    For each connection, in the order in which they came:

    bursts       how many flights the client sent. A flight begins with its first octets, and with
                 those that it sends when it was given an answer to its last flight
    round_trips  how many of them were answered before the client had closed its side, so that it
                 may have waited for that. A QUIT whose reply is not awaited is none

    passed       with keep: what each side has sent that was passed on, {"client": octets, "server":
                 octets}

    An answer is what the server sent after it had got something of the flight: octets that were
    under way already are none. Without a delay the order of events may be too close to tell.

    connections  their number. The lists are live; after the context they are complete. Its end
    closes what is open.
    """

    def __init__(self, target, delay=0.0, cut_after=None, keep=False):
        if cut_after is not None and cut_after[0] not in ("client", "server"):
            raise ValueError("cut_after: ('client' or 'server', octets), not %r" % (cut_after,))
        self.target = target
        self.delay = delay
        self.cut_after = cut_after
        self.keep = keep
        self.port = None
        self.bursts = []
        self.round_trips = []
        self.passed = []

    @property
    def connections(self):
        """How many came."""
        return len(self.bursts)

    def begin(self, sock):
        """One more connection, and its places in the lists."""
        link = _Link(self, sock, len(self.bursts), self.stop)
        self.bursts.append(0)
        self.round_trips.append(0)
        self.passed.append({"client": bytearray(), "server": bytearray()})
        return link.run


class _Way:
    """One direction of a connection: what was read and is not yet passed on.

    flight_of()    the number of the flight that octets read now belong to, or answer
    passed(flight) is called when octets of that number were passed on
    kept           a bytearray of all that was passed on, or None
    """

    def __init__(self, source, sink, delay, limit):
        self.kept = None
        self.source = source
        self.sink = sink
        self.delay = delay
        self.left = limit  # octets until the cut
        self.queue = collections.deque()  # (when it is due, octets, or _END, or _CUT; flight)
        self.reading = self.left != 0
        self.writing = True
        if not self.reading:
            self._put(_CUT, 0)

    def _put(self, what, flight):
        self.queue.append((time.monotonic() + self.delay, what, flight))

    def _take(self, octets, flight):
        """Queue octets, and the cut behind the last one before it."""
        if self.left is not None:
            octets = octets[:self.left]
            self.left -= len(octets)
        self._put(octets, flight)
        if self.left == 0:
            self._put(_CUT, flight)
            self.reading = False

    def read(self, flight_of):
        """Take what has come."""
        try:
            octets = self.source.recv(READ_SIZE)
        except BlockingIOError:
            return
        except OSError:
            octets = b""
        if octets:
            self._take(octets, flight_of())
        else:
            self._put(_END, 0)
            self.reading = False

    def wait(self):
        """Seconds until the next octets are due, 0 if they are; None: there are none."""
        return max(0, self.queue[0][0] - time.monotonic()) if self.queue else None

    def write(self, passed):
        """Pass on what is due, as far as it goes. Stopped at the cut."""
        while self.wait() == 0:
            due, octets, flight = self.queue.popleft()
            if octets is _CUT:
                raise Stopped
            try:
                sent = self._send(octets)
            except OSError:  # nobody is there any more
                self.writing = False
                self.queue.clear()
                return
            if sent:
                passed(flight)
            if sent and self.kept is not None:
                self.kept += octets[:sent]
            if sent < len(octets):
                self.queue.appendleft((due, octets[sent:], flight))
                return

    def _send(self, octets):
        """Pass on these; how many went."""
        if octets == _END:
            self.writing = False
            self.sink.shutdown(socket.SHUT_WR)
            return 0
        try:
            return self.sink.send(octets)
        except BlockingIOError:
            return 0


class _Link:
    """One connection through the proxy."""

    def __init__(self, proxy, client, number, stop):
        self._proxy = proxy
        self._client = client
        self._number = number
        self._stop = stop
        self._sent = self._arrived = self._answered = 0  # flights

    def run(self):
        """Connect and pass octets until both sides have ended, or the test has."""
        with self._client, contextlib.suppress(Stopped, OSError):
            server = socket.create_connection(("127.0.0.1", self._proxy.target), _CONNECT_TIME)
            with server:
                self._pass(server)

    def _pass(self, server):
        for sock in (self._client, server):
            sock.setblocking(False)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        limits = dict([self._proxy.cut_after or ("", None)])
        there = _Way(self._client, server, self._proxy.delay, limits.get("client"))
        back = _Way(server, self._client, self._proxy.delay, limits.get("server"))
        if self._proxy.keep:
            kept = self._proxy.passed[self._number]
            there.kept, back.kept = kept["client"], kept["server"]
        while there.writing or back.writing:
            self._wait(there, back)
            if there.reading:
                there.read(self._client_speaks)
            if back.reading:
                back.read(lambda: self._arrived)
            there.write(self._flight_arrives)
            back.write(self._answer_arrives if there.reading else lambda flight: None)

    def _client_speaks(self):
        if self._answered == self._sent:
            self._sent += 1
            self._proxy.bursts[self._number] = self._sent
        return self._sent

    def _flight_arrives(self, flight):
        self._arrived = flight

    def _answer_arrives(self, flight):
        self._answered = flight
        self._proxy.round_trips[self._number] = flight

    def _wait(self, *ways):
        """Until one can read, or has something due and can write; Stopped."""
        poll, events, waits = select.poll(), collections.defaultdict(int), []
        events[self._stop.fileno()] = select.POLLIN
        for way in ways:
            if way.reading:
                events[way.source.fileno()] |= select.POLLIN
            wait = way.wait()
            if wait == 0:
                events[way.sink.fileno()] |= select.POLLOUT
            elif wait:
                waits.append(wait)
        for descriptor, wanted in events.items():
            poll.register(descriptor, wanted)
        ready = poll.poll(math.ceil(min(waits) * 1000) if waits else None)
        if self._stop.fileno() in dict(ready):
            raise Stopped
