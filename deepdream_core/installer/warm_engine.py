"""The engine that stays between dreams: it has to go before its files do."""

from __future__ import annotations

import contextlib
import os
import socket
from pathlib import Path

from deepdream_core.shared.protocol import Frame, send

_SECONDS = 10.0


def running_folder(data: Path) -> Path:
    """Return the folder where the engine listens."""
    return data / "run"


def dismiss(data: Path) -> None:
    """Ask the engine to end once nobody dreams, and wait until it listens no more."""
    if os.name == "nt":
        return
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as stream:
        stream.settimeout(_SECONDS)
        stream.connect(str(running_folder(data) / "engine.sock"))
        with stream.makefile("wb") as frames:
            send(frames, Frame("quit"))
        while stream.recv(1024):
            pass
