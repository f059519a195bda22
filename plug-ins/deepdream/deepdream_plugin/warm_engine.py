"""Find the engine that stays between dreams, or start one."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import time
from pathlib import Path

from deepdream_core.shared.paths import data_folder
from deepdream_plugin.engine_process import engine_environment, open_log

_LONGEST_SOCKET_PATH = 100
"""Bytes; the systems' limits are 104 (macOS) and 108 (Linux)."""
_START_SECONDS = 10.0


def socket_path() -> Path | None:
    """Return where the warm engine listens, or None if there can be none on this system."""
    path = data_folder() / "run" / "engine.sock"
    if not hasattr(socket, "AF_UNIX") or os.name == "nt":
        return None
    return path if len(os.fsencode(path)) <= _LONGEST_SOCKET_PATH else None


def connect(path: Path) -> socket.socket | None:
    """Return a connection to the engine at `path`, or None if nobody answers."""
    stream = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        # Somebody else's socket must not get the picture.
        if path.stat().st_uid != os.geteuid():
            raise PermissionError
        stream.connect(str(path))
    except OSError:
        stream.close()
        return None
    return stream


def start(path: Path, python: Path) -> socket.socket | None:
    """Start a warm engine in a session of its own and connect to it; None if that fails."""
    command = [str(python), "-I", "-m", "deepdream_core.engine", "--socket", str(path)]
    with contextlib.suppress(OSError), open_log() as log:
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=engine_environment(),
            start_new_session=True,
        )
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            if stream := connect(path):
                return stream
            # One that ends with 0 has found another starting at the same moment.
            if child.poll():
                return None
            time.sleep(0.01)
    return None
