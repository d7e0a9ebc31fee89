# SPDX-License-Identifier: MIT
"""A name server for tests: a table of records, or one of the ways to be a bad one."""

import contextlib
import ipaddress
import select
import socket
import struct
import threading

from wire import Stop, Stopped, wait_for

_TYPES = {1: "A", 5: "CNAME", 28: "AAAA", 33: "SRV"}
_RCODES = {"servfail": 2, "nxdomain": 3, "refused": 5}
MANNERS = ("good", "mute", "no AAAA", "garbage", "short", "cut", "another name", *_RCODES)


def wire_name(name):
    """A domain name, not compressed; "." is the root."""
    return b"".join(bytes([len(label)]) + label.encode("latin-1")
                    for label in name.split(".") if label) + b"\0"


def _data(kind, value):
    if kind in ("A", "AAAA"):
        return ipaddress.ip_address(value).packed
    if kind == "CNAME":
        return wire_name(value)
    return struct.pack("!HHH", *value[:3]) + wire_name(value[3])


class DnsServer:
    """Answers UDP on `address` and `port`.

    records  (name, type): [value...]; SRV: (priority, weight, port, target)
    manner   one of MANNERS; no AAAA: such questions get no answer; another name: SRV records are those of someone else
    proved   whether AD is set
    asked    (name, type) of all questions; was_asked is set from the first one on
    """

    def __init__(self, records=None, manner="good", *, proved=False, address="127.0.0.53",
                 port=53):
        self.records = records or {}
        self.manner = manner
        self.proved = proved
        self.asked = []
        self.was_asked = threading.Event()
        self._at = (address, port)

    def __enter__(self):
        self._stop = Stop()
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(self._at)
        self._socket.setblocking(False)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *exception):
        self._stop.set()
        self._thread.join()
        self._socket.close()
        self._stop.close()

    def _run(self):
        with contextlib.suppress(Stopped):
            while True:
                wait_for(self._stop, self._socket, select.POLLIN, 3600)
                query, client = self._socket.recvfrom(4096)
                answer = self._answer(query)
                if answer:
                    self._socket.sendto(answer, client)

    def _answer(self, query):
        at, labels = 12, []
        while query[at]:
            labels.append(query[at + 1:at + 1 + query[at]].decode("latin-1").lower())
            at += query[at] + 1
        name, question = ".".join(labels), query[12:at + 5]
        kind = _TYPES.get(struct.unpack_from("!H", query, at + 1)[0], "other")
        self.asked.append((name, kind))
        self.was_asked.set()
        if self.manner == "mute" or (self.manner == "no AAAA" and kind == "AAAA"):
            return None
        if self.manner == "garbage" and kind == "SRV":
            return query[:2] + b"\x81\x80\0\1\0\x09\0\0\0\0" + question + b"\xff" * 40
        if self.manner in _RCODES and kind == "SRV":
            return self._message(query, question, b"", 0, _RCODES[self.manner])
        return self._records(query, question, name, kind)

    def _records(self, query, question, name, kind):
        records, count, owner = b"", 0, name
        if (name, "CNAME") in self.records and kind != "CNAME":
            values = [("CNAME", self.records[name, "CNAME"][0])]
            owner = self.records[name, "CNAME"][0]
        else:
            values = []
        values += [(kind, value) for value in self.records.get((owner, kind), [])]
        known = any(key[0] == name for key in self.records)
        for what, value in values:
            data = _data(what, value)
            about = "_x._tcp.other.example" if self.manner == "another name" else (
                name if what == "CNAME" else owner)
            number = {text: code for code, text in _TYPES.items()}[what]
            records += wire_name(about) + struct.pack("!HHIH", number, 1, 60, len(data)) + data
            count += 1
        if self.manner == "short" and kind == "SRV":
            records = records[:-3]
        return self._message(query, question, records, count, 0 if known else 3,
                             cut=self.manner == "cut" and kind == "SRV")

    def _message(self, query, question, records, count, rcode, cut=False):
        flags = 0x8180 | rcode | (0x20 if self.proved else 0) | (0x200 if cut else 0)
        more = 1 if cut else 0
        return (query[:2] + struct.pack("!HHHHH", flags, 1, count + more, 0, 0) + question
                + records)
