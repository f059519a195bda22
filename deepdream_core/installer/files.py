"""Files and folders that are there whole or not at all, and by one installer at a time."""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from deepdream_core.installer.places import CHECKOUT
from deepdream_core.installer.words import say


def write_atomically(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.new")
    unfinished.write_text(text, "utf-8")
    unfinished.replace(path)


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[int]:
    """Keep other installers, and what an interrupted one left running, out of `folder`.

    Gives the lock's descriptor: a child that inherits it holds the lock until it ends.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".install.lock").open("a+b") as lock:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(lock.fileno(), msvcrt.LK_LOCK, 1)
        else:
            import fcntl

            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                say("  another installation is at work here; waiting for its end")
                fcntl.flock(lock, fcntl.LOCK_EX)
        yield lock.fileno()


def fingerprint(paths: Sequence[Path], *also: object) -> str:
    digest = hashlib.sha256(json.dumps(also, default=str).encode())
    for path in sorted(paths):
        digest.update(str(path.relative_to(CHECKOUT)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:32]


def remove_leftovers(parent: Path) -> None:
    """Remove what an interrupted installation left."""
    for folder in (*parent.glob(".project-*"), *parent.glob("*.new"), parent / "tmp"):
        remove_tree(folder)


def remove_tree(path: Path) -> None:
    """Remove a folder with all that is in it, or a file; a link, but not what it leads to."""
    if path.is_symlink() or path.is_file():
        path.unlink()
    elif path.exists():
        shutil.rmtree(path)


def remove_if_empty(folder: Path) -> None:
    with contextlib.suppress(OSError):
        folder.rmdir()
