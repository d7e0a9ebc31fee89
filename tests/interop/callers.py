# SPDX-License-Identifier: MIT
"""A machine on which postrider is /usr/sbin/sendmail, for the programs that call it.

Programs run in a mount and a process namespace of their own, in which

    /usr/sbin/sendmail, /usr/lib/sendmail   are the program; mailq and newaliases too
    /usr, /etc    hold the unpacked PACKAGES as well, which could not be installed without a mail
                  server or would start to run
    /etc/postrider/config    is the account; root's home is a folder of the machine's own
    /var, /run    are empty but for what is prepared here

Outside nothing is changed, and all processes end with the namespace.
"""

import os
import pathlib
import pty
import select
import shutil
import subprocess
import time

from realservers import Unavailable, unpack

PACKAGES = ("cron", "cron-daemon-common", "at", "anacron", "bsd-mailx", "logwatch")

_ENTER = """\
set -e
mount -t overlay -o "ro,lowerdir=$2/usr:$1/usr:/usr" overlay /usr
mount -t overlay -o "ro,lowerdir=$2/etc:$1/etc:/etc" overlay /etc
mount --bind "$2/var" /var
mount --bind "$2/run" /run
cd "$2/home"
shift 2
"$@"
"""


class Machine:
    """folder: its files. `config` is the account file's text."""

    def __init__(self, folder, program, config):
        if os.geteuid() != 0:
            raise Unavailable("private mounts need root")
        self._root = unpack(PACKAGES)
        self.folder = pathlib.Path(folder)
        self.home = self.folder / "home"
        for name in ("usr/sbin", "usr/lib", "usr/bin", "etc/postrider", "var/spool/cron/crontabs",
                     "var/spool/cron/atjobs", "var/spool/cron/atspool", "var/spool/anacron",
                     "var/log", "var/tmp", "var/lib", "var/cache/logwatch", "run", "home"):
            (self.folder / name).mkdir(parents=True)
        self.folder.chmod(0o755)
        (self.folder / "var/run").symlink_to("/run")
        self._install(program)
        self.write("etc/postrider/config", config, 0o600)
        self._accounts()

    def _install(self, program):
        sendmail = self.folder / "usr/sbin/sendmail"
        shutil.copy(program, sendmail)
        (self.folder / "usr/lib/sendmail").symlink_to("../sbin/sendmail")
        for name in ("mailq", "newaliases"):
            (self.folder / "usr/bin" / name).symlink_to("../sbin/sendmail")

    def _accounts(self):
        """Root's home is ours; at and cron have their groups and folders."""
        lines = pathlib.Path("/etc/passwd").read_text(encoding="utf-8").splitlines()
        lines = [f"root:x:0:0:root:{self.home}:/bin/sh" if line.startswith("root:") else line
                 for line in lines]
        self.write("etc/passwd", "\n".join(lines) + "\n")
        groups = pathlib.Path("/etc/group").read_text(encoding="utf-8")
        self.write("etc/group", groups.rstrip("\n") + "\ncrontab:x:61020:\n")
        for name in ("atjobs", "atspool"):
            folder = self.folder / "var/spool/cron" / name
            os.chown(folder, 1, 1)  # daemon
            folder.chmod(0o1770)
        jobs = self.write("var/spool/cron/atjobs/.SEQ", "", 0o600)
        os.chown(jobs, 1, 1)

    def write(self, path, text, mode=0o644):
        """Write a file of the machine."""
        path = self.folder / path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        path.chmod(mode)
        return path

    def _command(self, command):
        return ["setpriv", "--pdeathsig", "KILL", "unshare", "--mount", "--pid", "--fork",
                "--kill-child", "--mount-proc", "sh", "-c", _ENTER, "sh", self._root,
                self.folder, *map(str, command)]

    def _environment(self, more):
        return {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": str(self.home), "TERM": "dumb",
                "LC_ALL": "C.UTF-8", "USER": "root", "LOGNAME": "root", **more}

    def run(self, *command, text="", env=None):
        """Run a command to its end; the completed process, output as text."""
        done = subprocess.run(self._command(command), input=text.encode(), capture_output=True,
                              env=self._environment(env or {}), timeout=120, check=False)
        done.out = done.stdout.decode(errors="replace") + done.stderr.decode(errors="replace")
        return done

    def start(self, *command):
        """Start a command that does not end by itself; the caller kills it."""
        with open(self.folder / "output.log", "wb") as output:
            return subprocess.Popen(self._command(command), stdin=subprocess.DEVNULL,
                                    stdout=output, stderr=output, env=self._environment({}))

    def type(self, *command, steps, ends):
        """Run a command at a terminal: (seen, keys) one after the other; which of `ends` was seen.

        None: it ended by itself. TimeoutError with the screen where nothing of that comes.
        """
        pid, terminal = pty.fork()
        if not pid:
            words = list(map(str, self._command(command)))
            os.execvpe(words[0], words, self._environment({"TERM": "vt100", "LINES": "24",
                                                           "COLUMNS": "80"}))
        try:
            return _converse(terminal, list(steps), ends)
        finally:
            os.kill(pid, 9)
            os.waitpid(pid, 0)
            os.close(terminal)


def _converse(terminal, steps, ends):
    """Read the screen and type what is due, until one of `ends` is seen or the program is gone."""
    screen = b""
    until = time.monotonic() + 60
    while True:
        if steps and steps[0][0].encode() in screen:
            os.write(terminal, steps.pop(0)[1].encode())
        for end in ends:
            if end.encode() in screen and not steps:
                return end
        if not select.select([terminal], [], [], max(0, until - time.monotonic()))[0]:
            raise TimeoutError(repr(screen[-2000:]))
        try:
            screen += os.read(terminal, 65536)
        except OSError:  # nobody has the other end any more
            return None
