# SPDX-License-Identifier: MIT
"""One accepted connection for test servers: every wait has a deadline and can be called off.

Wire wraps a socket, with or without TLS. No operation waits longer than its time-out, and all of
them raise Stopped as soon as the server's Stop is set, so that a server's thread ends with its
test and needs no sleep to do so. What a client does wrong at this level (a reset, a failed
handshake, a broken record) never raises in the reading calls: it looks like the end of the
connection and `problem` says what it was.
"""

import contextlib
import ctypes
import select
import socket
import ssl
import struct
import threading
import time

READ_SIZE = 65536


class Stopped(Exception):
    """The test is over: whoever waits must return."""


class Stop:
    """A flag that wakes every poll() at once. set() may be called from any thread, repeatedly."""

    def __init__(self):
        self._waiting, self._ringing = socket.socketpair()

    def fileno(self):
        """The descriptor that becomes readable when the flag is set, and stays so."""
        return self._waiting.fileno()

    def set(self):
        """Set the flag."""
        self._ringing.close()

    def close(self):
        """Release the descriptors, once no thread waits any more."""
        self._ringing.close()
        self._waiting.close()

    def wait(self, timeout):
        """Pass `timeout` seconds; raise Stopped as soon as the flag is set."""
        if wait_for(self, None, 0, timeout):
            raise AssertionError("not reached")


def wait_for(stop, sock, events, timeout):
    """Poll `sock` for `events`; return whether they came in time. Raise Stopped when stopped."""
    poll = select.poll()
    poll.register(stop.fileno(), select.POLLIN)
    if sock is not None:
        poll.register(sock.fileno(), events)
    ready = [fd for fd, _ in poll.poll(max(0, timeout) * 1000)]
    if stop.fileno() in ready:
        raise Stopped
    return bool(ready)


def listen(address="127.0.0.1", receive_buffer=None):
    """A listening socket on a free port, or a Unix socket where the address is a path.

    `receive_buffer` octets are inherited by accept().
    """
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    family = socket.AF_UNIX if address.startswith("/") else family
    sock = socket.socket(family, socket.SOCK_STREAM)
    if receive_buffer:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    sock.bind(address if family == socket.AF_UNIX else (address, 0))
    sock.listen(64)
    sock.setblocking(False)
    return sock


def server_context(certs, cert="server"):
    """A TLS server context with certificate `cert` of what make_certs() returned.

    It may be a weak one: whether it will do is the client's to say.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    context.load_cert_chain(certs[cert], certs[cert + ".key"])
    return context


class Acceptor:
    """The life of a test server as a context: it listens, and serves each connection in a thread.

    Subclasses have begin(sock), which returns what that thread runs, and may have listener(). The
    end of the context sets `stop` and waits for all threads.

    port   where it listens
    """

    def listener(self):
        """The socket to listen on."""
        return listen()

    def begin(self, sock):
        """Called in the order in which connections come; what is run for this one."""
        raise NotImplementedError

    def __enter__(self):
        self.stop = Stop()
        self._listener = self.listener()
        self.port = self._listener.getsockname()[1]
        self._threads = []
        self._acceptor = threading.Thread(target=self._accept, daemon=True)
        self._acceptor.start()
        return self

    def __exit__(self, *exception):
        self.stop.set()
        self._acceptor.join()
        for thread in self._threads:
            thread.join()
        self._listener.close()
        self.stop.close()

    def _accept(self):
        """Start a thread for each connection until stopped."""
        with contextlib.suppress(Stopped):
            while True:
                wait_for(self.stop, self._listener, select.POLLIN, 3600)
                sock, _ = self._listener.accept()
                thread = threading.Thread(target=self._until_stopped, args=[self.begin(sock)],
                                          daemon=True)
                self._threads.append(thread)
                thread.start()

    @staticmethod
    def _until_stopped(serve):
        """Serve one connection; the end of the test may come at any time."""
        with contextlib.suppress(Stopped):
            serve()


class Wire:
    """An accepted connection.

    buffer    octets read and not yet taken by line() or exactly()
    received  all octets read so far, decrypted
    eof       the client has closed, reset or broken the connection
    problem   None, or in words what broke it
    """

    def __init__(self, sock, stop, timeout=10):
        sock.setblocking(False)
        if sock.family != socket.AF_UNIX:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock = sock
        self.stop = stop
        self.timeout = timeout
        self.buffer = bytearray()
        self.received = bytearray()
        self.eof = False
        self.problem = None

    def _until(self, operation, events, timeout):
        """Call `operation` until it does not want to wait; TimeoutError after `timeout` s."""
        deadline = time.monotonic() + timeout
        while True:
            try:
                return operation()
            except ssl.SSLWantReadError:
                wanted = select.POLLIN
            except ssl.SSLWantWriteError:
                wanted = select.POLLOUT
            except BlockingIOError:
                wanted = events
            if not wait_for(self.stop, self.sock, wanted, deadline - time.monotonic()):
                raise TimeoutError("nothing within %g s" % timeout)

    def fill(self, timeout=None):
        """Read what is there, waiting for the first octet; False at the end. TimeoutError."""
        if self.eof:
            return False
        try:
            data = self._until(lambda: self.sock.recv(READ_SIZE), select.POLLIN,
                               self.timeout if timeout is None else timeout)
        except TimeoutError:
            raise
        except (ssl.SSLError, OSError) as error:
            self.problem = str(error)
            data = b""
        self.eof = not data
        self.buffer += data
        self.received += data
        return bool(data)

    def arrives(self, grace):
        """Whether unread octets are here, or come within `grace` seconds."""
        if not self.buffer:
            try:
                self.fill(grace)
            except TimeoutError:
                pass
        return bool(self.buffer)

    def line(self):
        """Take one line with its line end, or what there is at the end. TimeoutError."""
        end = self.buffer.find(b"\n")
        while end < 0:
            seen = len(self.buffer)
            if not self.fill():
                return self._take(seen)
            end = self.buffer.find(b"\n", seen)
        return self._take(end + 1)

    def exactly(self, count):
        """Take `count` octets, fewer only at the end. TimeoutError."""
        while len(self.buffer) < count and self.fill():
            pass
        return self._take(min(count, len(self.buffer)))

    def _take(self, count):
        data = bytes(self.buffer[:count])
        del self.buffer[:count]
        return data

    def write(self, data):
        """Write all of `data`. TimeoutError, or OSError when the client is gone."""
        view = memoryview(data)
        while view:
            sent = self._until(lambda: self.sock.send(view), select.POLLOUT, self.timeout)
            view = view[sent:]

    def start_tls(self, context):
        """Make the handshake as the server. False, and `problem` set, when it fails."""
        self.sock = context.wrap_socket(self.sock, server_side=True, do_handshake_on_connect=False)
        try:
            self._until(self.sock.do_handshake, select.POLLIN, self.timeout)
        except (ssl.SSLError, OSError) as error:
            self.problem = str(error)
            self.eof = True
            return False
        return True

    def finish(self):
        """Say that we shall send no more: close_notify inside TLS, then FIN. Reading goes on."""
        try:
            if isinstance(self.sock, ssl.SSLSocket):
                self._notify()
            self.sock.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def _notify(self):
        """Send close_notify and wait for none. (The FIN that follows must not wait either.)"""
        try:
            self.sock.unwrap()
        except (ssl.SSLError, OSError, ValueError):
            pass

    def reset(self):
        """Close with a TCP reset."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()

    def close(self):
        """Close the socket; nothing is sent but what the kernel sends."""
        self.sock.close()


def tls_exporter(channel):
    """The tls-exporter channel binding (RFC 9266) of an ssl.SSLObject, which Python does not tell.

    The octets come from OpenSSL's SSL_export_keying_material(). The SSL pointer is the second
    member of the object that ssl.SSLObject wraps, behind its head.
    """
    library = ctypes.CDLL("libssl.so.3")
    wrapped = ctypes.cast(id(channel._sslobj), ctypes.POINTER(ctypes.c_void_p))
    label, out = b"EXPORTER-Channel-Binding", ctypes.create_string_buffer(32)
    done = library.SSL_export_keying_material(
        ctypes.c_void_p(wrapped[3]), out, ctypes.c_size_t(32), label, ctypes.c_size_t(len(label)),
        b"", ctypes.c_size_t(0), 1)
    if done != 1:
        raise ssl.SSLError("no keying material")
    return out.raw
