"""The warm engine, which keeps running between dreams: reaching, starting and replacing it."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
from pathlib import Path

from deepdream_core.shared.paths import warm_engine_socket
from deepdream_core.shared.peers import is_same_user
from deepdream_core.shared.protocol import SILENT_SECONDS
from deepdream_plugin.engine_processes import clean_environment, open_engine_log
from deepdream_plugin.engine_watch import LONGEST_SECONDS, seems_at_work, state_of

_CONNECT_SECONDS = 5.0
_KILL_SECONDS = 5.0
_PAUSE = 0.01
_LONGEST_SOCKET_PATH = 100
"""In bytes; the limit is 104 on macOS and 108 on Linux."""
_ENDED = ("", "Z", "X")
"""States of a process that has ended."""


def warm_socket() -> Path | None:
    """Return the path of the warm engine's socket, or None if this system does not support it."""
    path = warm_engine_socket()
    if not hasattr(socket, "AF_UNIX") or os.name == "nt":
        return None
    return path if len(os.fsencode(path)) <= _LONGEST_SOCKET_PATH else None


def connect_to_warm(path: Path) -> socket.socket | None:
    """Connect to the engine at `path`; return None if it does not answer."""
    stream = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        # Never send the picture to a socket of another user.
        if path.stat().st_uid != os.geteuid():
            raise PermissionError
        stream.settimeout(_CONNECT_SECONDS)
        stream.connect(str(path))
        stream.settimeout(None)
        if not is_same_user(stream):
            raise PermissionError
    except OSError:
        stream.close()
        return None
    return stream


def start_warm(path: Path, python: Path) -> socket.socket | None:
    """Start a warm engine in its own session and connect to it; return None on failure."""
    command = [str(python), "-I", "-m", "deepdream_core.engine", "--socket", str(path)]
    with contextlib.suppress(OSError), open_engine_log() as log:
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=clean_environment(),
            start_new_session=True,
        )
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


def end_warm(path: Path, process: int) -> None:
    """Make room for a new warm engine: end the one that no longer answers.

    `process` is killed only if it is this user's engine at this socket. Where that cannot be known,
    or it cannot be killed, the new engine takes over its socket.
    """
    if process and Path("/proc/self").exists():
        if not _is_engine(process, path):
            return  # it has ended meanwhile
        with contextlib.suppress(OSError):
            os.kill(process, signal.SIGKILL)
        if _ends_soon(process):
            return
    for file in (path, path.with_suffix(".lock")):
        with contextlib.suppress(OSError):
            file.unlink()


def _is_engine(process: int, path: Path) -> bool:
    """Return whether a process is this user's warm engine at `path`."""
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


def _ends_soon(process: int) -> bool:
    """Return whether a killed process ends; one that hangs in a driver does not."""
    for _ in range(round(_KILL_SECONDS / _PAUSE)):
        if state_of(process) in _ENDED:
            return True
        time.sleep(_PAUSE)
    return False


def _holder_of_lock(path: Path) -> int:
    """Return the process that holds the lock of the socket at `path`, or 0."""
    try:
        return int(path.with_suffix(".lock").read_text("ascii"))
    except (OSError, ValueError):
        return 0
