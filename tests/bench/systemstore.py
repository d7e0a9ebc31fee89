# SPDX-License-Identifier: MIT
"""A machine that trusts one authority more: a chain of usual keys under it, and its store.

A program runs in a mount namespace of its own, in which /etc/ssl/certs has the system's
authorities, each with its hashed name, and ours among them. Outside nothing is changed.
"""

import os
import pathlib
import shutil
import subprocess

from pki import Pki, new_key

ENTER = 'mount --bind "$0" /etc/ssl/certs && exec "$@"'


class SystemStore:
    """RuntimeError where it cannot be had.

    chain   the paths of the server's chain and key
    enter   the command that runs another one on that machine
    """

    def __init__(self, folder):
        if os.geteuid() != 0:
            raise RuntimeError("private mounts need root")
        pki = Pki(pathlib.Path(folder) / "system")
        root = pki.authority("bench root", key=new_key(4096))
        middle = pki.authority("bench issuer", root, new_key("p384"))
        pki.store("chain", pki.leaf(middle), middle)
        self.chain = [pki.paths["chain"], pki.paths["chain.key"]]
        self._store = pki.folder / "certs"
        shutil.copytree("/etc/ssl/certs", self._store, symlinks=True)
        (self._store / "bench.pem").write_bytes(root.pem())
        subprocess.run(["openssl", "rehash", str(self._store)], check=True, timeout=60,
                       capture_output=True)
        with open(self._store / "ca-certificates.crt", "ab") as bundle:
            bundle.write(root.pem())
        self.enter = ["unshare", "-m", "sh", "-c", ENTER, str(self._store)]
