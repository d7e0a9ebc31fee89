# SPDX-License-Identifier: MIT
"""A shell in a terminal emulator (tmux) of its own, driven by keys; its screen can be read."""

import os
import shutil
import subprocess
import tempfile
import time

PROMPT = "ready> "


class Tmux:
    """A tmux server with one window. `command` is what runs in it.

    environment   of the command; nothing else is there but TERM, which tmux sets
    The server ends with the context, and everything in it.
    """

    def __init__(self, command, environment, folder, columns=100, rows=40):
        # The path of a socket is short.
        self._folder = tempfile.mkdtemp(prefix="tmux-")
        self._socket = os.path.join(self._folder, "s")
        words = ["env", "-i", "TERM=screen-256color",
                 *(f"{name}={value}" for name, value in environment.items()), *command]
        self._run("-f", "/dev/null", "new-session", "-d", "-x", str(columns), "-y", str(rows),
                  "-c", str(folder), *words)

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self._run("kill-server", check=False)
        shutil.rmtree(self._folder)

    def _run(self, *args, check=True):
        done = subprocess.run(["tmux", "-S", self._socket, *args], capture_output=True, timeout=30,
                              check=check, env={**os.environ, "LC_ALL": "C.UTF-8"})
        return done.stdout.decode()

    def keys(self, *keys):
        """Press keys by their names: Tab, Enter, C-c."""
        self._run("send-keys", *keys)

    def type(self, text):
        """Type that text."""
        self._run("send-keys", "-l", text)

    def screen(self, colours=False):
        """What stands there: lines without blanks at their ends, no empty ones at the end."""
        text = self._run("capture-pane", "-p", *(["-e"] if colours else []))
        return "\n".join(line.rstrip() for line in text.splitlines()).rstrip("\n")

    def wait_for(self, condition, seconds=30):
        """Look until condition(screen) holds, or text stands there; the screen then."""
        end = time.monotonic() + seconds
        if isinstance(condition, str):
            text = condition
            condition = lambda screen: text in screen  # noqa: E731
        while True:
            screen = self.screen()
            if condition(screen):
                return screen
            if time.monotonic() > end:
                raise AssertionError("this never came; on the screen is:\n" + screen)
            time.sleep(0.02)
