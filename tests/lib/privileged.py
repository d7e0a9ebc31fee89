# SPDX-License-Identifier: MIT
"""What root may not do everywhere: in a container, a chroot, where packages are built."""

import pytest

NOT_MOUNTED = 99  # what a script exits with when mount failed


def skip_where_forbidden(done):
    """Skip, with a word, if `unshare` or the mount in its script was refused; else the same run."""
    said = done.stderr if isinstance(done.stderr, bytes) else (done.stderr or "").encode()
    if done.returncode == NOT_MOUNTED or said.startswith(b"unshare: "):
        pytest.skip("namespaces and mounts are not allowed here")
    return done
