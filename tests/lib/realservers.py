# SPDX-License-Identifier: MIT
"""Real mail servers for interoperability tests: unpacked, never installed.

The packages are downloaded with apt-get and unpacked into a cache folder. A server runs in a
mount and a process namespace of its own, in which

    /usr           is the cache folder's usr laid over the machine's (overlay, read-only), so that
                   all paths compiled into the server hold
    /etc/passwd, /etc/group   are copies with the server's accounts added
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
PACKAGES = {"postfix": ["postfix"], "dovecot": ["dovecot-core", "dovecot-submissiond"]}

_TRIES = 200
_PAUSE = 0.05
_END_TIME = 10
_SIZE_LIMIT = 50 * 1024 * 1024

# name: (user id, group id); ids that a distribution gives to nobody
_ACCOUNTS = {"postfix": 61001, "dovecot": 61002, "dovenull": 61003, "vmail": 61004}
_GROUPS = {**_ACCOUNTS, "postdrop": 61005}

_ENTER = """\
set -e
mount -t overlay -o "ro,lowerdir=$1/usr:/usr" overlay /usr
mount --bind "$2/passwd" /etc/passwd
mount --bind "$2/group" /etc/group
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


def _fetch(packages, root, scratch):
    """Download packages and add their files to `root`."""
    with tempfile.TemporaryDirectory(dir=scratch) as debs:
        _run("apt-get", "-q", "-o", "APT::Sandbox::User=root", "download", *packages, cwd=debs)
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

    users = others(passwd, _ACCOUNTS) + ["%s:x:%d:%d::/nonexistent:/usr/sbin/nologin"
                                         % (name, uid, uid) for name, uid in _ACCOUNTS.items()]
    groups = others(group, _GROUPS) + ["%s:x:%d:" % pair for pair in _GROUPS.items()]
    (folder / "passwd").write_text("\n".join(users) + "\n", encoding="utf-8")
    (folder / "group").write_text("\n".join(groups) + "\n", encoding="utf-8")


def _child(pid):
    """A descriptor (pidfd) of the only child of process `pid`; None if it has none."""
    try:
        children = pathlib.Path("/proc/%d/task/%d/children" % (pid, pid)).read_text()
        return os.pidfd_open(int(children.split()[0]))
    except (OSError, IndexError):
        return None


class _Server:
    """A server in its namespaces. Subclasses prepare files and name the command.

    folder   its files; `folder` is /mnt for the server
    ports    {"starttls": number, "implicit": number}, what it listens on
    log()    what it wrote so far
    """

    packages = ()
    logs = ("output.log",)

    def __init__(self, folder, certs):
        self.folder = pathlib.Path(folder)
        self.certs = certs
        self.ports = {}
        self._process = None
        self._stack = contextlib.ExitStack()

    def prepare(self):
        """Write the configuration; return the command."""
        raise NotImplementedError

    def ready(self):
        """Whether the server answers."""
        raise NotImplementedError

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
        for name in ("server", "server.key"):
            shutil.copy(self.certs[name], self.folder)
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


_DOVECOT = """\
base_dir = /mnt/run
state_dir = /mnt/state
log_path = /mnt/dovecot.log
listen = 127.0.0.1
ssl = yes
ssl_cert = </mnt/server.pem
ssl_key = </mnt/server.key
auth_mechanisms = plain login scram-sha-256 scram-sha-1 cram-md5
passdb {{
  driver = passwd-file
  args = /mnt/users
}}
userdb {{
  driver = static
  args = uid=vmail gid=vmail home=/mnt/home
}}
mail_location = maildir:~/Maildir
protocols = {protocols}
"""

_DOVECOT_AUTH = """\
service auth {
  unix_listener /mnt/auth {
    mode = 0666
  }
}
"""

_DOVECOT_SUBMISSION = """\
hostname = localhost
submission_relay_host = 127.0.0.1
submission_relay_port = {sink}
submission_max_mail_size = {size}
service submission-login {{
  inet_listener submission {{
    port = {starttls}
  }}
  inet_listener submissions {{
    port = {implicit}
    ssl = yes
  }}
}}
"""


class Dovecot(_Server):
    """Dovecot as Postfix needs it: nothing but the authentication socket, `folder`/auth."""

    packages = PACKAGES["dovecot"]
    logs = ("output.log", "dovecot.log")

    def configuration(self):
        """The text of dovecot.conf."""
        return _DOVECOT.format(protocols="") + _DOVECOT_AUTH

    def prepare(self):
        shutil.copy(self.certs["server"], self.folder / "server.pem")
        (self.folder / "users").write_text("%s:{PLAIN}%s\n" % (USER, PASSWORD))
        (self.folder / "dovecot.conf").write_text(self.configuration())
        (self.folder / "home").mkdir(exist_ok=True)
        os.chown(self.folder / "home", _ACCOUNTS["vmail"], _GROUPS["vmail"])
        return ["dovecot", "-F", "-c", "/mnt/dovecot.conf"]

    def ready(self):
        """The authentication server greets with its version."""
        path = os.path.relpath(self.folder / "auth")  # the absolute one may be too long
        with socket.socket(socket.AF_UNIX) as sock:
            sock.settimeout(2)
            try:
                sock.connect(path)
                return sock.recv(8) == b"VERSION\t"
            except OSError:
                return False


class DovecotSubmission(Dovecot):
    """Dovecot's submission service; `sink` (a Smarthost) keeps what it passes on."""

    def configuration(self):
        self.sink = self._stack.enter_context(Smarthost(tls="off", require_auth=False))
        self.ports = dict(zip(("starttls", "implicit"), free_ports(2)))
        return _DOVECOT.format(protocols="submission") + _DOVECOT_SUBMISSION.format(
            sink=self.sink.port, size=_SIZE_LIMIT, **self.ports)

    def ready(self):
        return self.greets(self.ports["starttls"])


_MAIN_CF = """\
compatibility_level = 3.6
config_directory = /mnt/config
meta_directory = /mnt/config
queue_directory = /mnt/queue
data_directory = /mnt/data
maillog_file = /mnt/postfix.log
maillog_file_prefixes = /mnt
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = localhost.example
mydestination =
alias_maps =
alias_database =
local_recipient_maps =
local_header_rewrite_clients =
smtpd_peername_lookup = no
smtpd_tls_cert_file = /mnt/server.pem
smtpd_tls_key_file = /mnt/server.key
smtpd_tls_security_level = may
smtpd_tls_auth_only = yes
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = /mnt/dovecot/auth
smtpd_relay_restrictions = permit_sasl_authenticated, reject
message_size_limit = {size}
relayhost = [127.0.0.1]:{sink}
smtp_tls_security_level = none
"""

_MASTER_CF = """\
127.0.0.1:{starttls} inet n - n - - smtpd
127.0.0.1:{implicit} inet n - n - - smtpd
    -o smtpd_tls_wrappermode=yes
cleanup   unix  n - n - 0 cleanup
qmgr      unix  n - n 300 1 qmgr
tlsmgr    unix  - - n 1000? 1 tlsmgr
rewrite   unix  - - n - - trivial-rewrite
bounce    unix  - - n - 0 bounce
defer     unix  - - n - 0 bounce
trace     unix  - - n - 0 bounce
proxymap  unix  - - n - - proxymap
smtp      unix  - - n - - smtp
relay     unix  - - n - - smtp
error     unix  - - n - - error
retry     unix  - - n - - error
discard   unix  - - n - - discard
anvil     unix  - - n - 1 anvil
scache    unix  - - n - 1 scache
postlog   unix-dgram n - n - 1 postlogd
"""

_QUEUES = ("active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming",
           "maildrop", "pid", "private", "public", "saved", "trace")


class Postfix(_Server):
    """Postfix, its passwords checked by Dovecot; `sink` (a Smarthost) keeps what it passes on."""

    packages = PACKAGES["postfix"]
    logs = ("output.log", "postfix.log", "dovecot/dovecot.log")

    def prepare(self):
        self._stack.enter_context(Dovecot(self.folder / "dovecot", self.certs))
        self.sink = self._stack.enter_context(Smarthost(tls="off", require_auth=False))
        self.ports = dict(zip(("starttls", "implicit"), free_ports(2)))
        shutil.copy(self.certs["server"], self.folder / "server.pem")
        self._make_folders()
        config = self.folder / "config"
        (config / "main.cf").write_text(_MAIN_CF.format(sink=self.sink.port, size=_SIZE_LIMIT))
        (config / "master.cf").write_text(_MASTER_CF.format(**self.ports))
        return ["/usr/lib/postfix/sbin/master", "-s", "-c", "/mnt/config"]

    def _make_folders(self):
        """What installation would make: the queue, owned as Postfix wants it."""
        owner, drop = _ACCOUNTS["postfix"], _GROUPS["postdrop"]
        for name in ("config", "queue", "data"):
            (self.folder / name).mkdir(exist_ok=True)
        os.chown(self.folder / "data", owner, owner)
        for name in _QUEUES:
            path = self.folder / "queue" / name
            path.mkdir(exist_ok=True)
            os.chown(path, 0 if name == "pid" else owner, drop if name in ("public", "maildrop")
                     else 0)
            path.chmod(0o755 if name == "pid" else 0o730 if name == "maildrop"
                       else 0o710 if name == "public" else 0o700)

    def ready(self):
        return self.greets(self.ports["starttls"])
