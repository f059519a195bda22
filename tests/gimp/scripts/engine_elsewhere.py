"""Stands in for the plug-in's engine and forwards its frames to an engine that is already running.

Arguments: the socket of that engine, followed by the engine's own arguments.
"""

from __future__ import annotations

import os
import socket
import sys
import threading
from collections.abc import Callable


def forward(place: str, before: Callable[[bytes], None] = lambda data: None) -> None:
    """Forward frames in both directions; `before` receives what is about to be sent."""
    with socket.socket(socket.AF_UNIX) as engine:
        engine.connect(place)
        threading.Thread(target=_forward_requests, args=(engine, before), daemon=True).start()
        with os.fdopen(1, "wb") as output:
            while data := engine.recv(1 << 20):
                output.write(data)
                output.flush()


def _forward_requests(engine: socket.socket, before: Callable[[bytes], None]) -> None:
    while data := os.read(0, 1 << 20):
        before(data)
        engine.sendall(data)
    engine.shutdown(socket.SHUT_WR)


if __name__ == "__main__":
    forward(sys.argv[1])
