"""The warm engine, which keeps running between dreams: reaching, starting and replacing it."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import IO

from deepdream_core.shared.child_processes import BREAKAWAY, NO_WINDOW
from deepdream_core.shared.file_locks import try_lock
from deepdream_core.shared.local_sockets import connect
from deepdream_core.shared.peers import peer_of
from deepdream_core.shared.protocol import SILENT_SECONDS
from deepdream_plugin.engine_processes import clean_environment, open_engine_log
from deepdream_plugin.engine_watch import LONGEST_SECONDS, seems_at_work, state_of

_CONNECT_SECONDS = 5.0
_KILL_SECONDS = 5.0
_PAUSE = 0.01
_KILL = getattr(signal, "SIGKILL", signal.SIGTERM)
"""On Windows, SIGTERM ends a process at once."""
_SHOWS_PROCESSES = Path("/proc/self").exists()
"""Elsewhere, the lock that an engine holds tells whether it still runs."""
_ENDED = ("", "Z", "X")
"""States of a process that has ended."""


def connect_to_warm(path: Path) -> socket.socket | None:
    """Connect to the engine at `path`; return None if it does not answer."""
    try:
        return connect(path, _CONNECT_SECONDS)
    except OSError:
        return None


def process_at(stream: socket.socket, path: Path) -> int:
    """Return the process of the engine at the other end, or 0 if it is unknown."""
    peer = peer_of(stream)
    return (peer and peer.process) or _holder_of_lock(path)


def start_warm(path: Path, python: Path) -> socket.socket | None:
    """Start a warm engine in its own session and connect to it; return None on failure."""
    command = [str(python), "-I", "-m", "deepdream_core.engine", "--socket", str(path)]
    with contextlib.suppress(OSError), open_engine_log() as log:
        child = _start(command, log)
        waited = 0.0
        while waited < SILENT_SECONDS or (waited < LONGEST_SECONDS and seems_at_work(child.pid)):
            if stream := connect_to_warm(path):
                return stream
            # Exit code 0 means that another engine is starting at the same time.
            if child.poll():
                return None
            time.sleep(_PAUSE)
            waited += _PAUSE
        child.kill()
        end_warm(path, _holder_of_lock(path))
    return None


def _start(command: list[str], log: IO[bytes]) -> subprocess.Popen[bytes]:
    def start(flags: int) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=clean_environment(),
            start_new_session=True,
            creationflags=flags,
        )

    try:
        return start(NO_WINDOW | BREAKAWAY)
    except PermissionError:
        # Windows may forbid it to leave the job that GIMP was started in, and ends it with GIMP.
        return start(NO_WINDOW)


def end_warm(path: Path, process: int) -> None:
    """Make room for a new warm engine: end the one that no longer answers.

    `process` is killed only if it is this user's engine at this socket. Where that cannot be known,
    or it cannot be killed, the new engine takes over its socket.
    """
    if process:
        if not _is_engine(process, path):
            return  # it has ended meanwhile
        with contextlib.suppress(OSError):
            os.kill(process, _KILL)
        if _ends_soon(process, path):
            return
    for file in (path, path.with_suffix(".lock")):
        with contextlib.suppress(OSError):
            file.unlink()


def _is_engine(process: int, path: Path) -> bool:
    """Return whether a process is this user's warm engine at `path`."""
    if not _SHOWS_PROCESSES:
        return _holder_of_lock(path) == process and _is_locked(path)
    folder = Path(f"/proc/{process}")
    try:
        arguments = (folder / "cmdline").read_bytes().split(b"\0")
        return (
            folder.stat().st_uid == os.geteuid()
            and os.fsencode(path) in arguments
            and any(b"deepdream_core.engine" in argument for argument in arguments)
        )
    except OSError:
        return False


def _ends_soon(process: int, path: Path) -> bool:
    """Return whether a killed process ends; one that hangs in a driver does not."""
    for _ in range(round(_KILL_SECONDS / _PAUSE)):
        if (state_of(process) in _ENDED) if _SHOWS_PROCESSES else not _is_locked(path):
            return True
        time.sleep(_PAUSE)
    return False


def _is_locked(path: Path) -> bool:
    """Return whether an engine holds the lock of the socket at `path`."""
    try:
        with path.with_suffix(".lock").open("r+b") as lock:
            return not try_lock(lock.fileno())
    except OSError:
        return False


def _holder_of_lock(path: Path) -> int:
    """Return the process that holds the lock of the socket at `path`, or 0."""
    try:
        return int(path.with_suffix(".lock").read_text("ascii"))
    except (OSError, ValueError):
        return 0
