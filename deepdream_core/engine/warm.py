"""The warm engine, which stays for some minutes after a dream, so that the next one starts at once.

It listens on a socket in a folder that only this user can enter, runs the dreams of several GIMP
windows one at a time, frees the GPU's memory between dreams, and exits after a while without use.
"""

from __future__ import annotations

import contextlib
import os
import socket
import stat
import sys
import threading
import time
from pathlib import Path
from typing import IO

from deepdream_core.engine.jobs import JobQueue
from deepdream_core.engine.log import flush_log, log_error
from deepdream_core.engine.server import Connection
from deepdream_core.shared.file_locks import try_lock
from deepdream_core.shared.local_sockets import Listener, limit_sending
from deepdream_core.shared.own_folders import make_folder, open_private, protect
from deepdream_core.shared.protocol import PixelBytes

_FREE_AFTER = 30.0
"""Idle seconds after which memory is freed."""
_TICK = 0.5
_FULL_SECONDS = 0.5
"""How long a client that lets too many frames wait may delay the other clients."""
_STALLED_SECONDS = 30
"""A client that reads nothing of a frame for this long is disconnected."""
_OVERDUE_SECONDS = 60.0
"""A dream that has not ended this long after it was cancelled hangs in a driver, and never will."""


class WarmEngine:
    """A listening socket, its connections, and one worker."""

    def __init__(self, path: Path, idle_seconds: float) -> None:
        self._path = path
        self._idle_seconds = idle_seconds
        self._jobs = JobQueue()
        self._connections: set[Connection] = set()
        self._retiring = threading.Event()
        self._last_use = time.monotonic()
        self._listener: Listener
        self._lock: IO[str]

    def serve(self) -> None:
        """Serve until idle or asked to quit. Does nothing if another warm engine is running."""
        _make_private_folder(self._path.parent)
        lock = _lock(self._path.with_suffix(".lock"))
        if lock is None:
            return
        self._lock = lock
        self._listener = Listener(self._path)
        threading.Thread(target=self._accept, daemon=True).start()
        threading.Thread(target=self._end_if_stuck, daemon=True).start()
        try:
            self._work()
        except BaseException:
            log_error()
        finally:
            self._end()

    def _work(self) -> None:
        _warm_up()
        memory_held = True
        while not self._done():
            if self._jobs.run_next(_TICK):
                self._last_use, memory_held = time.monotonic(), True
            elif memory_held and self._idle() > _FREE_AFTER:
                _free_memory()
                memory_held = False

    def _end_if_stuck(self) -> None:
        """End the process if a cancelled dream never ends, so that a new engine takes its place."""
        while True:
            job = self._jobs.running
            if job and job.is_overdue(_OVERDUE_SECONDS):
                self._end()
            time.sleep(_TICK)

    def _end(self) -> None:
        try:
            self._retire()
        finally:
            flush_log()
            os._exit(0)

    def _done(self) -> bool:
        if self._connections:
            return False
        return self._retiring.is_set() or self._idle() > self._idle_seconds

    def _idle(self) -> float:
        return time.monotonic() - self._last_use

    def _accept(self) -> None:
        while True:
            try:
                stream = self._listener.accept()
            except OSError:
                if self._retiring.is_set():
                    return
                time.sleep(_TICK)  # too many open files, for example
                continue
            try:
                threading.Thread(target=self._serve_client, args=(stream,), daemon=True).start()
            except RuntimeError:  # no memory for another thread; the client sees the stream end
                stream.close()

    def _serve_client(self, stream: socket.socket) -> None:
        if not self._listener.admits(stream):
            stream.close()
            return
        sink = _SocketSink(stream)
        with stream, stream.makefile("rb") as frames_in:
            connection = Connection(frames_in, sink, self._jobs, _FULL_SECONDS, sink.shut)
            self._connections.add(connection)
            try:
                if connection.listen():
                    self._retire()
            finally:
                sink.shut()
                self._last_use = time.monotonic()
                self._connections.discard(connection)

    def _retire(self) -> None:
        """Stop accepting connections, so that a newer engine can take over; keep existing ones."""
        if not self._retiring.is_set():
            self._retiring.set()
            self._listener.close()
            # Windows keeps a file that is open; there the next engine locks the same one.
            with contextlib.suppress(OSError):
                self._path.with_suffix(".lock").unlink()
            self._lock.close()


class _SocketSink:
    """Writes to a socket without a buffer, and not for ever."""

    def __init__(self, stream: socket.socket) -> None:
        self._stream = stream
        limit_sending(stream, _STALLED_SECONDS)

    def write(self, data: PixelBytes, /) -> None:
        self._stream.sendall(data)

    def flush(self) -> None:
        pass

    def shut(self) -> None:
        """Wake all threads that read from or write to the socket."""
        with contextlib.suppress(OSError):
            self._stream.shutdown(socket.SHUT_RDWR)


def _make_private_folder(folder: Path) -> None:
    make_folder(folder)
    # Checked before it is changed: a link would lead to somebody else's folder.
    found = folder.lstat()
    own = sys.platform == "win32" or found.st_uid == os.geteuid()
    if not stat.S_ISDIR(found.st_mode) or not own:
        raise PermissionError(f"{folder} belongs to another user.")
    protect(folder)


def _lock(path: Path) -> IO[str] | None:
    """Return an open file that holds the lock, or None if another engine holds it.

    The file names the process that holds it.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    file = os.fdopen(open_private(str(path), flags), "a")
    locked = False
    with contextlib.suppress(OSError):
        locked = try_lock(file.fileno())
    if not locked:
        file.close()
        return None
    file.truncate(0)
    file.write(str(os.getpid()))
    file.flush()
    return file


def _warm_up() -> None:
    """Load what the first dream needs while the user is still looking at the dialog."""
    import deepdream_core.dreaming.dream  # noqa: F401
    from deepdream_core.compute.devices import choose_device, dtype_of
    from deepdream_core.models import load_network
    from deepdream_core.models.precision import with_precision
    from deepdream_core.shared.recipe import Recipe

    recipe = with_precision(Recipe())
    load_network(recipe.model, choose_device(recipe.device), dtype_of(recipe.precision))


def _free_memory() -> None:
    from deepdream_core.compute.devices import has_gpu
    from deepdream_core.dreaming.kept import kept_dreams
    from deepdream_core.dreaming.memory import release
    from deepdream_core.models import load_network

    kept_dreams().clear()
    if has_gpu():
        load_network.cache_clear()
    release()
