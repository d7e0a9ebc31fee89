# SPDX-License-Identifier: MIT
"""The measurements. Each yields {case: {client: value}} for cases of limits.ROWS.

What else a machine does only ever adds to a run: so the programs take turns, and the fastest run
of each counts. Where a limit does not hold after the fewest turns there are more, up to a bound.
"""

import contextlib
import os
import re
import statistics
import subprocess

import gauge
import limits
from clients import Server
from delayproxy import DelayProxy
from systemstore import SystemStore

DELAY = 0.05  # seconds, each way
RCPTS = [f"r{number}@y.example" for number in range(10000)]
HEADER = b"From: a@x.example\nTo: b@y.example\nSubject: large\n\n"
LINE = b"The quick brown fox jumps over the lazy dog, and then it does so once again.\n"


class Bench:
    """What the measurements work with.

    clients  a Clients
    small    path of a message of a few octets; kb, mb and large hold 1 kB, 1 MB and 106 MB
    """

    def __init__(self, clients, sink, certs, folder):
        self.clients = clients
        self._sink = [sink, certs["server"], certs["server.key"]]
        self._folder = folder
        self.small = self._message("small", 10)
        self.kb = self._message("kb", 1000)
        self.mb = self._message("mb", 1000 * 1000)
        self.large = self._message("large", 106 * 1000 * 1000)

    def _message(self, name, size):
        """Write a message of that size, with LF at the line ends; its path."""
        path = os.path.join(self._folder, name)
        with open(path, "wb") as file:
            file.write(HEADER)
            for _ in range(size // len(LINE)):
                file.write(LINE)
            file.write(b"." * (size % len(LINE)) + b"\n")
        return path

    @contextlib.contextmanager
    def server(self, starttls=False, nagle=False, chain=None, clear=False, refuses=False):
        """A sink as a Server, until the context ends; sink.c says what the two are.

        chain: paths of a certificate chain and its key, in place of the usual ones
        """
        options = ["-s"] * starttls + ["-n"] * nagle + ["-c"] * clear + ["-r"] * refuses
        with subprocess.Popen([self._sink[0], *options, *(chain or self._sink[1:])],
                              stdout=subprocess.PIPE, text=True) as sink:
            try:
                port = re.match(r"port=(\d+)", sink.stdout.readline()).group(1)
                yield Server(int(port), starttls)
            finally:
                sink.kill()

    def seconds(self, command, source=None):
        """How long a command takes with a message, the small one unless another is named."""
        return gauge.seconds(command, source or self.small, self.clients.environment)

    def piped_seconds(self, command):
        """How long it takes with the large message from a pipe."""
        return gauge.piped_seconds(command, [self.large], self.clients.environment)

    def memory(self, command, *sources, status=0):
        """Its KiB with messages, one behind the other, from a pipe."""
        return gauge.piped_memory(command, sources, self.clients.environment, status)

    def instructions(self, command, within=()):
        """How many it takes for the small message."""
        return gauge.instructions(command, self.small, self.clients.environment, within)


def compete(case, contestants, fewest=3, most=9, best=min):
    """{client: its best value}; contestants: {client: a function that makes one run}."""
    taken = {name: [] for name in contestants}
    values = {}
    for turn in range(1, most + 1):
        for name, run in contestants.items():
            taken[name].append(run())
        values = {name: best(of_one) for name, of_one in taken.items()}
        if turn >= fewest and limits.hold({case: values}):
            break
    return {case: values}


# --- round trips -------------------------------------------------------------------------------

def flights(bench, starttls=False):
    """Round trips and time of one message behind the proxy, first contact and later.

    The greeting of a server that speaks first is the answer to nothing that the proxy sees. The
    client waits for it all the same: it counts as one.
    """
    greeting = 1 if starttls else 0
    trips, times, measured = {}, {}, {}
    with bench.server(starttls) as server:
        for _ in range(3):
            order = []
            with DelayProxy(server.port, DELAY) as proxy:
                for name, taken in _flights_turn(bench, Server(proxy.port, starttls)):
                    order.append(name)
                    times[name] = min(times.get(name, taken), taken)
            for name, count in zip(order, proxy.round_trips, strict=True):
                trips[name] = min(trips.get(name, count + greeting), count + greeting)
            measured = {f"{what}-{'starttls' if starttls else 'tls'}-{contact}":
                        _of_contact(values, contact)
                        for what, values in (("trips", trips), ("time", times))
                        for contact in ("first", "later")}
            if limits.hold(measured):
                break
    return measured


def _flights_turn(bench, server):
    """Two turns of everybody: names and seconds in the order of the connections."""
    clients = bench.clients
    for _ in range(2):
        clients.forget()
        for name, command in (("first", clients.postrider(server)),
                              ("later", clients.postrider(server)),
                              ("msmtp", clients.msmtp(server)),
                              ("curl", clients.curl(server, bench.small))):
            yield name, bench.seconds(command)


def _of_contact(values, contact):
    return {limits.OURS: values[contact], "msmtp": values["msmtp"], "curl": values["curl"]}


def flights_starttls(bench):
    """The same with STARTTLS."""
    return flights(bench, starttls=True)


def other_flights(bench):
    """Round trips where AUTH goes alone, as on port 25, and where there is none. curl has no LMTP."""
    measured = {}
    for name, knobs in (("basic", {"more": "pipelining basic\n"}), ("clear", {"clear": True}),
                        ("lmtp", {"clear": True, "protocol": "lmtp"})):
        greeting = 1 if "clear" in knobs else 0
        with bench.server(clear="clear" in knobs) as sink, DelayProxy(sink.port, DELAY) as proxy:
            server, clients = Server(proxy.port, **knobs), bench.clients
            clients.forget()
            for command in (clients.postrider(server), clients.postrider(server),
                            clients.msmtp(server)):
                bench.seconds(command)
        first, later, msmtp = (count + greeting for count in proxy.round_trips)
        for contact, count in (("first", first), ("later", later)):
            measured[f"trips-{name}-{contact}"] = {limits.OURS: count, "msmtp": msmtp}
    return measured


# --- time --------------------------------------------------------------------------------------

def fifty(bench, nagle=False):
    """The median of 50 runs with a small message."""
    with bench.server(nagle=nagle) as server:
        clients = bench.clients
        return compete("fifty-nagle" if nagle else "fifty", {
            "postrider": lambda: bench.seconds(clients.postrider(server)),
            "msmtp": lambda: bench.seconds(clients.msmtp(server)),
            "curl": lambda: bench.seconds(clients.curl(server, bench.small)),
        }, fewest=50, most=100, best=statistics.median)


def fifty_nagle(bench):
    """The same with a server that has Nagle's algorithm on and writes reply by reply."""
    return fifty(bench, nagle=True)


def body(bench):
    """106 MB: from a pipe, but for curl, which uploads the file as it is."""
    with bench.server() as server:
        clients = bench.clients
        return compete("body", {
            "postrider": lambda: bench.piped_seconds(clients.postrider(server)),
            "msmtp": lambda: bench.piped_seconds(clients.msmtp(server)),
            "curl": lambda: bench.seconds(clients.curl(server, bench.large)),
        }, most=6)


def recipients(bench):
    """10,000 of them behind the proxy."""
    with bench.server() as sink, DelayProxy(sink.port, DELAY) as proxy:
        server, clients = Server(proxy.port), bench.clients
        return compete("recipients", {
            "postrider": lambda: bench.seconds(clients.postrider(server, RCPTS)),
            "msmtp": lambda: bench.seconds(clients.msmtp(server, RCPTS)),
        }, fewest=2, most=4)


# --- instructions and memory -------------------------------------------------------------------

def instructions(bench):
    """The whole process, for a small message."""
    with bench.server() as server:
        clients = bench.clients
        return compete("instructions", {
            "postrider": lambda: bench.instructions(clients.postrider(server)),
            "msmtp": lambda: bench.instructions(clients.msmtp(server)),
            "curl": lambda: bench.instructions(clients.curl(server)),
        }, fewest=2, most=3)


def authorities(bench):
    """A P-256 leaf, its P-384 issuer and RSA-4096 root among the system's authorities.

    What was learnt before is there in both cases; a session is in the second alone.
    """
    clients = bench.clients
    system = SystemStore(clients.folder)
    with bench.server(chain=system.chain) as server:
        command = clients.postrider(server, trust="system")
        bench.seconds([*system.enter, *command])
        found = {}
        for case in ("authorities", "resumed"):
            counts = []
            for _ in range(3):
                if case == "authorities":
                    clients.forget("*.session")
                counts.append(bench.instructions(command, system.enter) / 1e6)
            found[case] = {limits.OURS: round(min(counts), 2)}
        return found


def memory(bench):
    """The highest peak counts; of the small message, to which others are compared, the lowest."""
    with bench.server() as server:
        clients = bench.clients
        command = clients.postrider(server)
        gb = [bench.large] * 10
        small = min(bench.memory(command, bench.kb) for _ in range(3))
        ours_mb = [bench.memory(command, bench.mb) for _ in range(3)]
        large = max(bench.memory(command, bench.large) for _ in range(3))
        ours_gb = bench.memory(command, *gb)
        return {
            "memory-mb": {
                "postrider": max(ours_mb),
                "msmtp": bench.memory(clients.msmtp(server), bench.mb),
                "curl": bench.memory(clients.curl(server), bench.mb),
            },
            "memory-gb": {
                "postrider": ours_gb,
                "curl": bench.memory(clients.curl(server), *gb),
            },
            "memory-attached": {"postrider": bench.memory(
                [*command, "--body", "x", "--attach", "-;name=large.bin"], *gb)},
            "memory-gb-above": {"postrider": max(0, ours_gb - min(ours_mb))},
            "memory-106-above": {"postrider": max(0, large - small)},
        }


def refused(bench):
    """Every recipient is refused, each with words of its own."""
    everybody = [f"r{number}@y.example" for number in range(40000)]
    with bench.server(refuses=True) as server:
        command = bench.clients.postrider(server, everybody)
        return {"memory-refused": {limits.OURS: bench.memory(command, bench.kb, status=67)}}


ALL = (flights, flights_starttls, other_flights, fifty, fifty_nagle, instructions, authorities, body,
       recipients, memory, refused)
