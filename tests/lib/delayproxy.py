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
import threading
import time

from wire import READ_SIZE, Stop, Stopped, listen, wait_for

_CONNECT_TIME = 10
_END, _CUT = b"", None


class DelayProxy:
    """Listen on 127.0.0.1 and a free port; pass octets to and from 127.0.0.1:`target`.

    delay      seconds that every octet takes in each direction, from its arrival here. Order is
               kept, and any amount may be under way; only connecting takes no time
    cut_after  ("client", n) or ("server", n): both sides are closed when n octets that this one
               sent have been passed on; what is under way the other way is lost

    For each connection, in the order in which they came:

    bursts       how often the client sent octets after it was given some by the server. Its first
                 octets are a burst as well
    round_trips  those bursts that were answered: the server's octets came before the client had
                 closed its side, so it may have waited for them. A QUIT whose reply is not
                 awaited is none. (With a delay of next to nothing that may be too close to tell.)

    connections  their number. The lists are live; after the context they are complete. Its end
    closes what is open.
    """

    def __init__(self, target, delay=0.0, cut_after=None):
        if cut_after is not None and cut_after[0] not in ("client", "server"):
            raise ValueError("cut_after: ('client' or 'server', octets), not %r" % (cut_after,))
        self.target = target
        self.delay = delay
        self.cut_after = cut_after
        self.port = None
        self.bursts = []
        self.round_trips = []

    @property
    def connections(self):
        """How many came."""
        return len(self.bursts)

    def __enter__(self):
        self._stop = Stop()
        self._listener = listen()
        self.port = self._listener.getsockname()[1]
        self._threads = []
        self._acceptor = threading.Thread(target=self._accept, name="delayproxy", daemon=True)
        self._acceptor.start()
        return self

    def __exit__(self, *exception):
        self._stop.set()
        self._acceptor.join()
        for thread in self._threads:
            thread.join()
        self._listener.close()
        self._stop.close()

    def _accept(self):
        """Start a thread for each connection until stopped."""
        with contextlib.suppress(Stopped):
            while True:
                wait_for(self._stop, self._listener, select.POLLIN, 3600)
                client, _ = self._listener.accept()
                link = _Link(self, client, len(self.bursts), self._stop)
                self.bursts.append(0)
                self.round_trips.append(0)
                thread = threading.Thread(target=link.run, daemon=True)
                self._threads.append(thread)
                thread.start()


class _Way:
    """One direction of a connection: what was read and is not yet passed on."""

    def __init__(self, source, sink, delay, limit=None):
        self.source = source
        self.sink = sink
        self.delay = delay
        self.left = limit  # octets until the cut
        self.queue = collections.deque()  # (when it is due, octets, or _END, or _CUT)
        self.reading = True
        self.writing = True
        self._put(b"")  # the cut, if it comes at once

    def _put(self, octets):
        """Queue octets, and the cut behind the last one before it."""
        now = time.monotonic()
        if self.left is not None:
            octets = octets[:self.left]
            self.left -= len(octets)
        if octets:
            self.queue.append((now + self.delay, octets))
        if self.left == 0:
            self.queue.append((now + self.delay, _CUT))
            self.reading = False

    def read(self):
        """Take what has come; whether that were octets."""
        try:
            octets = self.source.recv(READ_SIZE)
        except BlockingIOError:
            return False
        except OSError:
            octets = b""
        if octets:
            self._put(octets)
        else:
            self.queue.append((time.monotonic() + self.delay, _END))
            self.reading = False
        return bool(octets)

    def wait(self):
        """Seconds until the next octets are due, 0 if they are; None: there are none."""
        return max(0, self.queue[0][0] - time.monotonic()) if self.queue else None

    def write(self):
        """Pass on what is due, as far as it goes; whether that were octets. Stopped at the cut."""
        passed = False
        while self.wait() == 0:
            due, octets = self.queue.popleft()
            if octets is _CUT:
                raise Stopped
            try:
                if octets == _END:
                    self.writing = False
                    self.sink.shutdown(socket.SHUT_WR)
                    continue
                sent = self.sink.send(octets)
            except BlockingIOError:
                sent = 0
            except OSError:  # nobody is there any more
                self.writing = False
                self.queue.clear()
                break
            passed = passed or sent > 0
            if sent < len(octets):
                self.queue.appendleft((due, octets[sent:]))
                break
        return passed


class _Link:
    """One connection through the proxy."""

    def __init__(self, proxy, client, number, stop):
        self._proxy = proxy
        self._client = client
        self._number = number
        self._stop = stop
        self._may_start_burst = True
        self._may_be_answered = False

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
        while there.writing or back.writing:
            self._wait(there, back)
            if there.reading and there.read():
                self._client_spoke()
            if back.reading:
                back.read()
            there.write()
            if back.write() and there.reading:
                self._server_spoke()

    def _client_spoke(self):
        if self._may_start_burst:
            self._proxy.bursts[self._number] += 1
            self._may_start_burst = False
            self._may_be_answered = True

    def _server_spoke(self):
        self._may_start_burst = True
        if self._may_be_answered:
            self._proxy.round_trips[self._number] += 1
            self._may_be_answered = False

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
