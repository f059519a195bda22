"""The warm engine, which stays for some minutes after a dream, so that the next one starts at once.

It listens on a socket in a folder that only this user can enter, runs the dreams of several GIMP
windows one at a time, frees the GPU's memory between dreams, and exits after a while without use.
"""

from __future__ import annotations

import fcntl
import os
import socket
import stat
import sys
import threading
import time
from pathlib import Path

from deepdream_core.engine.jobs import JobQueue
from deepdream_core.engine.server import Connection

_FREE_AFTER = 30.0
"""Idle seconds after which memory is freed."""
_TICK = 0.5


class WarmEngine:
    """A listening socket, its connections, and one worker."""

    def __init__(self, path: Path, idle_seconds: float) -> None:
        self._path = path
        self._idle_seconds = idle_seconds
        self._jobs = JobQueue()
        self._connections: set[Connection] = set()
        self._retiring = threading.Event()
        self._last_use = time.monotonic()
        self._listener: socket.socket

    def serve(self) -> None:
        """Serve until idle or asked to quit. Does nothing if another warm engine is running."""
        _make_private_folder(self._path.parent)
        lock = _lock(self._path.with_suffix(".lock"))
        if lock is None:
            return
        self._path.unlink(missing_ok=True)
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(str(self._path))
        self._listener.listen()
        threading.Thread(target=self._accept, daemon=True).start()
        try:
            self._work()
        finally:
            self._retire()
            sys.stderr.flush()
            os._exit(0)

    def _work(self) -> None:
        _warm_up()
        memory_held = True
        while not self._done():
            job = self._jobs.get(_TICK)
            if job:
                job.run()
                self._last_use, memory_held = time.monotonic(), True
            elif memory_held and self._idle() > _FREE_AFTER:
                _free_memory()
                memory_held = False

    def _done(self) -> bool:
        if self._connections:
            return False
        return self._retiring.is_set() or self._idle() > self._idle_seconds

    def _idle(self) -> float:
        return time.monotonic() - self._last_use

    def _accept(self) -> None:
        while True:
            try:
                stream, _ = self._listener.accept()
            except OSError:
                return
            try:
                threading.Thread(target=self._serve_client, args=(stream,), daemon=True).start()
            except RuntimeError:  # no memory for another thread; the client sees the stream end
                stream.close()

    def _serve_client(self, stream: socket.socket) -> None:
        with stream, stream.makefile("rb") as frames_in, stream.makefile("wb") as frames_out:
            connection = Connection(frames_in, frames_out, self._jobs)
            self._connections.add(connection)
            try:
                if connection.listen():
                    self._retire()
            finally:
                self._last_use = time.monotonic()
                self._connections.discard(connection)

    def _retire(self) -> None:
        """Stop accepting connections, so that a newer engine can take over; keep existing ones."""
        if not self._retiring.is_set():
            self._retiring.set()
            self._path.unlink(missing_ok=True)
            self._path.with_suffix(".lock").unlink(missing_ok=True)
            self._listener.close()


def _make_private_folder(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise PermissionError(f"{folder} belongs to another user.")


def _lock(path: Path) -> object | None:
    """Return an open file that holds the lock, or None if another engine holds it."""
    file = path.open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        return None
    return file


def _warm_up() -> None:
    """Load what the first dream needs while the user is still looking at the dialog."""
    import deepdream_core.dreaming.dream  # noqa: F401
    from deepdream_core.compute.devices import choose_device, choose_precision, dtype_of
    from deepdream_core.models import load_network
    from deepdream_core.shared.recipe import Recipe

    recipe = Recipe()
    device = choose_device(recipe.device)
    load_network(recipe.model, device, dtype_of(choose_precision(recipe.precision, device)))


def _free_memory() -> None:
    import torch

    from deepdream_core.dreaming.memory import release
    from deepdream_core.models import load_network

    if torch.cuda.is_available():
        load_network.cache_clear()
    release()
