# SPDX-License-Identifier: MIT
"""A network of our own: a namespace with addresses, a name service and a firewall of the test's.

    with Lab(folder) as lab:
        lab.addresses("192.0.2.1", "2001:db8::1")
        lab.write("hosts", "192.0.2.1 mail.example\\n")
        with lab.inside():
            server = ...          # sockets that are made here are the namespace's
        program(..., preexec_fn=lab.enter)

Outside nothing is changed. The namespace ends with the context. Raises Unavailable where it is not
to be had.
"""

import contextlib
import ctypes
import os
import pathlib
import shutil
import subprocess
import threading

_LIBC = ctypes.CDLL(None, use_errno=True)
_FILES = {"hosts": "127.0.0.1 localhost\n::1 localhost\n", "resolv.conf": "",
          "nsswitch.conf": "hosts: files dns\n"}
_HOLD = """\
set -e
ip link set lo up
for name in %s; do mount --bind "$0/$name" "/etc/$name"; done
echo ready
exec cat
"""


class Unavailable(Exception):
    """This machine does not let us; the text says why."""


def _set_namespace(fd):
    if _LIBC.setns(fd, 0) != 0:
        raise OSError(ctypes.get_errno(), "setns")


class Lab:
    """folder: for its files, which stand in /etc inside: hosts, resolv.conf, nsswitch.conf."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)

    def __enter__(self):
        if os.geteuid() != 0:
            raise Unavailable("namespaces need root")
        for tool in ("ip", "nft", "unshare"):
            if not shutil.which(tool):
                raise Unavailable("no %s here" % tool)
        self.folder.mkdir(parents=True, exist_ok=True)
        for name, text in _FILES.items():
            self.write(name, text)
        # pylint: disable-next=consider-using-with
        self._holder = subprocess.Popen(
            ["unshare", "-n", "-m", "sh", "-c", _HOLD % " ".join(_FILES), str(self.folder)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if self._holder.stdout.readline() != b"ready\n":
            said = self._holder.communicate()[1].decode()
            raise Unavailable("no namespace: " + said.strip())
        self._fds = [os.open("/proc/%d/ns/%s" % (self._holder.pid, kind), os.O_RDONLY)
                     for kind in ("net", "mnt")]
        return self

    def __exit__(self, *exception):
        for fd in self._fds:
            os.close(fd)
        self._holder.communicate()

    def write(self, name, text):
        """Write a file of /etc, in place: it is mounted."""
        (self.folder / name).write_text(text, encoding="ascii")

    def enter(self):
        """For preexec_fn: the process moves into the namespaces."""
        for fd in self._fds:
            _set_namespace(fd)

    @contextlib.contextmanager
    def inside(self):
        """This thread's new sockets are the namespace's."""
        home = os.open("/proc/self/task/%d/ns/net" % threading.get_native_id(), os.O_RDONLY)
        try:
            _set_namespace(self._fds[0])
            yield
        finally:
            _set_namespace(home)
            os.close(home)

    def run(self, *command, lines=""):
        """Run a command inside, which reads the lines; what it printed."""
        done = subprocess.run(command, preexec_fn=self.enter, check=False, timeout=60,
                              input=lines.encode(), capture_output=True)
        if done.returncode:
            raise RuntimeError("%s: %s" % (" ".join(command), done.stderr.decode()))
        return done.stdout.decode()

    def addresses(self, *addresses):
        """Addresses of this machine, inside."""
        self.run("ip", "-batch", "-", lines="".join(
            "addr add %s dev lo%s\n" % ((address + "/128", " nodad") if ":" in address
                                        else (address + "/32", ""))
            for address in addresses))

    def drop(self, *addresses):
        """No packet to any of these arrives."""
        self.run("nft", "-f", "-", lines="add table inet lab\n"
                 "add chain inet lab in { type filter hook input priority 0 ; }\n" + "".join(
                     "add rule inet lab in %s daddr %s drop\n"
                     % ("ip6" if ":" in address else "ip", address) for address in addresses))

    def order(self, name):
        """The addresses of a name in the order of the resolver."""
        script = ("import socket, sys; print(*[a[4][0] for a in socket.getaddrinfo("
                  "sys.argv[1], 25, type=socket.SOCK_STREAM)])")
        return self.run("/usr/bin/python3", "-c", script, name).split()
