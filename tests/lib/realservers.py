# SPDX-License-Identifier: MIT
"""Real mail servers for interoperability tests: unpacked, never installed.

The servers themselves are in postfix.py, dovecot.py, exim.py and opensmtpd.py; here is what they
share, and the class that they are made of.

The packages are downloaded with apt-get and unpacked into a cache folder. A server runs in a
mount and a process namespace of its own, in which

    /usr           is the cache folder's usr laid over the machine's (overlay, read-only), so that
                   all paths compiled into the server hold
    /etc/passwd, /etc/group   are copies with the server's accounts added
    /var           is an empty folder of the server's own
    /mnt           is the server's folder: configuration, queue, sockets, logs

Outside nothing is changed, and when the context ends the kernel kills every process of the
namespace. The network is the machine's: servers listen on 127.0.0.1.

This needs root (CAP_SYS_ADMIN), overlayfs, util-linux and, for the first run, a package mirror;
Unavailable says what is missing.
"""

import contextlib
import os
import pathlib
import re
import select
import shutil
import socket
import subprocess
import tempfile

from smarthost import Smarthost

USER, PASSWORD = "joe", "secret"
REFUSED = "bad@refused.example"
SIZE_LIMIT = 50 * 1024 * 1024

# name: user id and group id; ids that a distribution gives to nobody
ACCOUNTS = {"postfix": 61001, "dovecot": 61002, "dovenull": 61003, "vmail": 61004,
            "Debian-exim": 61006, "opensmtpd": 61007, "opensmtpq": 61008}
GROUPS = {**ACCOUNTS, "postdrop": 61005}

_TRIES = 200
_PAUSE = 0.05
_END_TIME = 10
_VAR = ("lib", "log", "mail", "run", "spool", "tmp")

_ENTER = """\
set -e
mount -t overlay -o "ro,lowerdir=$1/usr:/usr" overlay /usr
mount --bind "$2/passwd" /etc/passwd
mount --bind "$2/group" /etc/group
mount --bind "$2/var" /var
mount --bind "$2" /mnt
cd /mnt
shift 2
"$@"
exit
"""


class Unavailable(Exception):
    """The servers cannot be had on this machine; the text says why."""


# Unpacking

def cache_folder():
    """Where unpacked packages are kept. Remove it to fetch newer ones."""
    cache = os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache"
    return pathlib.Path(cache) / "postrider-interop"


def _run(*command, cwd=None):
    """Run a tool and return what it printed; Unavailable when it is missing or fails."""
    try:
        done = subprocess.run(command, cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, timeout=600, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unavailable("%s: %s" % (command[0], error)) from error
    if done.returncode != 0:
        raise Unavailable("%s: %s" % (" ".join(command[:3]), done.stderr.strip()))
    return done.stdout


def _download(packages, folder):
    """Fetch packages; where the lists are stale or missing, with new ones."""
    command = ["apt-get", "-q", "-o", "APT::Sandbox::User=root"]
    try:
        _run(*command, "download", *packages, cwd=folder)
    except Unavailable:
        _run(*command, "update")
        _run(*command, "download", *packages, cwd=folder)


def _fetch(packages, root, scratch):
    """Download packages and add their files to `root`."""
    with tempfile.TemporaryDirectory(dir=scratch) as debs:
        _download(packages, debs)
        for deb in pathlib.Path(debs).glob("*.deb"):
            _run("dpkg-deb", "-x", str(deb), str(root))
    if (root / "lib").is_dir():
        shutil.copytree(root / "lib", root / "usr" / "lib", symlinks=True, dirs_exist_ok=True)
        shutil.rmtree(root / "lib")


def _is_elf(path):
    if path.is_symlink() or not path.is_file():
        return False
    with open(path, "rb") as file:
        return file.read(4) == b"\x7fELF"


def _missing_libraries(root):
    """Names of shared libraries that are neither below `root` nor on the machine."""
    programs = [str(path) for path in root.rglob("*") if _is_elf(path)]
    folders = {str(path.parent) for path in root.rglob("*.so*")}
    environment = {**os.environ, "LC_ALL": "C", "LD_LIBRARY_PATH": ":".join(sorted(folders))}
    listed = subprocess.run(["ldd", *programs], env=environment, capture_output=True, text=True,
                            timeout=600, check=False)
    return sorted(set(re.findall(r"^\s*(\S+) => not found", listed.stdout, re.MULTILINE)))


def _library_packages(packages):
    """Library packages that these depend on, directly, and that are not installed."""
    listed = _run("apt-cache", "depends", "--important", "--no-recommends", "--no-conflicts",
                  "--no-breaks", "--no-replaces", *packages)
    wanted = set(re.findall(r"^\s+\|?(?:Pre)?Depends: (lib[\w.+-]+)$", listed, re.MULTILINE))
    query = ["dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\n", *sorted(wanted)]
    known = subprocess.run(query, capture_output=True, text=True, timeout=60, check=False).stdout
    return sorted(wanted - set(re.findall(r"^(\S+) installed$", known, re.MULTILINE)))


def _complete(packages, root, scratch):
    """Fetch packages and, as long as libraries are missing, those that they depend on."""
    fetched, wanted = set(), list(packages)
    while wanted:
        _fetch(wanted, root, scratch)
        fetched.update(wanted)
        missing = _missing_libraries(root)
        if not missing:
            return
        wanted = [name for name in _library_packages(wanted) if name not in fetched]
    raise Unavailable("no package has %s" % ", ".join(missing))


def unpack(packages, folder=None):
    """Have `packages` unpacked below `folder` (default: cache_folder()); return their root.

    A root that is there is used as it is. A new one appears complete or not at all, so parallel
    runs do not disturb each other. Unavailable when a package cannot be had.
    """
    folder = pathlib.Path(folder or cache_folder())
    root = folder / "+".join(packages)
    if root.is_dir():
        return root
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        made = pathlib.Path(scratch) / "root"
        made.mkdir(mode=0o755)
        _complete(packages, made, scratch)
        made.chmod(0o755)
        with contextlib.suppress(OSError):  # another run was faster
            made.rename(root)
    return root


def package_scripts(package, folder):
    """Have the scripts that install `package` in `folder`. Unavailable as above."""
    with tempfile.TemporaryDirectory() as debs:
        _download([package], debs)
        for deb in pathlib.Path(debs).glob("*.deb"):
            _run("dpkg-deb", "-e", str(deb), str(folder))


# Running

def free_ports(count):
    """Port numbers that are free now, on 127.0.0.1."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for sock in sockets:
            sock.bind(("127.0.0.1", 0))
        return [sock.getsockname()[1] for sock in sockets]


def _write_accounts(folder):
    """Write copies of passwd and group with our accounts, to be mounted over the real ones."""
    passwd = pathlib.Path("/etc/passwd").read_text(encoding="utf-8")
    group = pathlib.Path("/etc/group").read_text(encoding="utf-8")

    def others(text, names):
        return [line for line in text.splitlines() if line.split(":")[0] not in names]

    users = others(passwd, ACCOUNTS) + ["%s:x:%d:%d::/nonexistent:/usr/sbin/nologin"
                                         % (name, uid, uid) for name, uid in ACCOUNTS.items()]
    groups = others(group, GROUPS) + ["%s:x:%d:" % pair for pair in GROUPS.items()]
    (folder / "passwd").write_text("\n".join(users) + "\n", encoding="utf-8")
    (folder / "group").write_text("\n".join(groups) + "\n", encoding="utf-8")


def _child(pid):
    """A descriptor (pidfd) of the only child of process `pid`; None if it has none."""
    try:
        children = pathlib.Path("/proc/%d/task/%d/children" % (pid, pid)).read_text()
        return os.pidfd_open(int(children.split()[0]))
    except (OSError, IndexError):
        return None


class Server:
    """A server in its namespaces. Subclasses prepare files and name the command.

    folder      its files; `folder` is /mnt for the server
    ports       {"starttls": number, "implicit": number}, what it listens on
    mechanisms  what it offers inside TLS, of those that the program knows too; USER and PASSWORD
                are right
    smtputf8    whether it offers SMTPUTF8; pipelining and chunking likewise
    sink        a Smarthost that keeps what the server accepts, from whomever to whomever. To
                REFUSED the server answers RCPT with 5yz
    log()       what it wrote so far
    """

    packages = ()
    logs = ("output.log",)
    mechanisms = ("PLAIN", "LOGIN")
    smtputf8 = pipelining = chunking = False

    def __init__(self, folder, certs):
        self.folder = pathlib.Path(folder)
        self.certs = certs
        self.ports = {}
        self.sink = None
        self._process = None
        self._stack = contextlib.ExitStack()

    def prepare(self):
        """Write the configuration; return the command."""
        raise NotImplementedError

    def ready(self):
        """Whether the server answers: here, whether it greets."""
        return self.greets(self.ports["starttls"])

    def relay(self):
        """For prepare(): start the sink and choose the ports; what configurations have to say."""
        refused = {REFUSED: "550 5.1.1 no such mailbox"}
        self.sink = self._stack.enter_context(
            Smarthost(tls="off", require_auth=False, chunking=True, replies=refused))
        self.ports = dict(zip(("starttls", "implicit"), free_ports(2)))
        return {"sink": self.sink.port, "size": SIZE_LIMIT, "refused": REFUSED, "user": USER,
                "password": PASSWORD, **self.ports}

    def folders(self, owner, *paths):
        """Make folders below the server's own that belong to one of ACCOUNTS alone."""
        for path in paths:
            made = self.folder / path
            made.mkdir(parents=True, exist_ok=True)
            made.chmod(0o700)
            os.chown(made, ACCOUNTS[owner], GROUPS[owner])

    def give(self, owner, name, path):
        """Copy a file below the server's folder to one that belongs to one of ACCOUNTS alone."""
        made = shutil.copy(self.folder / name, self.folder / path)
        made.chmod(0o600)
        os.chown(made, ACCOUNTS[owner], GROUPS[owner])

    def __enter__(self):
        with self._stack:
            self._start()
            self._stack = self._stack.pop_all()
        return self

    def __exit__(self, *exception):
        self._stack.close()

    def _start(self):
        if os.geteuid() != 0:
            raise Unavailable("real servers need root")
        root = unpack(self.packages)
        if re.search("[,:\\\\]", str(root)):
            raise Unavailable("overlayfs cannot take the path %s" % root)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o755)
        _write_accounts(self.folder)
        for name in _VAR:
            (self.folder / "var" / name).mkdir(parents=True, exist_ok=True)
        shutil.copy(self.certs["server"], self.folder / "server.pem")
        shutil.copy(self.certs["server.key"], self.folder / "server.key")
        self._spawn(root, self.prepare())
        self._wait_until_ready()

    def _spawn(self, root, command):
        """Start the process; the stack ends it."""
        output = self._stack.enter_context(open(self.folder / "output.log", "wb"))
        self._process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", "unshare", "--mount", "--pid", "--fork",
             "--kill-child", "--mount-proc", "sh", "-c", _ENTER, "sh", root, self.folder,
             *command],
            stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True,
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8"})
        self._stack.callback(self._end)

    def _end(self):
        """Kill the namespace's first process, whereupon the kernel kills all others; await it.

        That process is the shell: a server may drop the wish to die with its parent when it
        changes its user.
        """
        first = _child(self._process.pid)
        self._process.kill()
        self._process.wait()
        if first is not None:
            select.select([first], [], [], _END_TIME)
            os.close(first)

    def _wait_until_ready(self):
        """Try until it answers; RuntimeError with the log when it dies or takes too long."""
        for _ in range(_TRIES):
            if self.ready():
                return
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_PAUSE)
                break
        text = self.log()
        if "mount: " in text or "unshare: " in text:
            raise Unavailable("no private mounts on this machine: %s" % text.strip())
        raise RuntimeError("%s did not start\n%s" % (type(self).__name__, text))

    def greets(self, port):
        """Whether an SMTP greeting comes from `port`."""
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=2) as sock:
                return sock.recv(4) == b"220 "
        except OSError:
            return False

    def log(self):
        """All that the server wrote to its logs."""
        texts = []
        for name in self.logs:
            with contextlib.suppress(FileNotFoundError):
                texts.append((self.folder / name).read_text(encoding="utf-8", errors="replace"))
        return "".join(texts)
