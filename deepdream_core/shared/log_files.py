"""Log files: readable only by their user, and never longer than a limit.

Several processes append to the same log, some of them for hours. A log that has become too long is
therefore shortened in place, by whichever process notices: its last part stays, and every process
goes on appending to the same file.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import IO

from deepdream_core.shared.own_folders import make_folder

MAX_LOG_BYTES = 1 << 20
_KEPT_BYTES = 1 << 18
_NO_TRAPS = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


def open_log(path: Path) -> IO[bytes]:
    """Open a log for appending and reading, shortened if it is too long.

    Raises `OSError`, also if `path` is a link or not a regular file.
    """
    make_folder(path.parent)
    flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0) | _NO_TRAPS
    descriptor = os.open(path, flags, 0o600)
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise OSError(f"{path} is not a regular file.")
        if hasattr(os, "fchmod"):
            os.fchmod(descriptor, 0o600)
        shorten(descriptor)
        return os.fdopen(descriptor, "a+b")
    except BaseException:
        os.close(descriptor)
        raise


def shorten(descriptor: int) -> None:
    """Drop all but the last part of a log that is too long. Raises `OSError`."""
    size = os.fstat(descriptor).st_size
    if size <= MAX_LOG_BYTES:
        return
    os.lseek(descriptor, size - _KEPT_BYTES, os.SEEK_SET)
    kept = os.read(descriptor, _KEPT_BYTES)
    os.ftruncate(descriptor, 0)
    os.write(descriptor, kept[kept.find(b"\n") + 1 :])


def is_the_file(descriptor: int, path: Path) -> bool:
    """Return whether an open file is the one at `path`, and not reached through a link."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.lstat())
    except OSError:
        return False
