"""Locks on open files, which end with the process that holds them."""

from __future__ import annotations

import os
import sys

_BEHIND = 1 << 30
"""Where Windows locks a byte: other processes cannot read what is locked."""


def try_lock(file: int) -> bool:
    """Lock an open file, until it is closed; return False if somebody else holds its lock.

    Raises `OSError` where the file system has no locks.
    """
    if sys.platform == "win32":
        import msvcrt

        os.lseek(file, _BEHIND, os.SEEK_SET)
        try:
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        except PermissionError:
            return False
        return True
    import fcntl

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
