"""Stands in for the plug-in's engine and forwards its frames to an engine that is already running.

Arguments: the socket of that engine, followed by the engine's own arguments.
"""

from __future__ import annotations

import os
import socket
import sys
import threading


def forward_requests(engine: socket.socket) -> None:
    while data := os.read(0, 1 << 20):
        engine.sendall(data)
    engine.shutdown(socket.SHUT_WR)


with socket.socket(socket.AF_UNIX) as engine:
    engine.connect(sys.argv[1])
    threading.Thread(target=forward_requests, args=(engine,), daemon=True).start()
    with os.fdopen(1, "wb") as output:
        while data := engine.recv(1 << 20):
            output.write(data)
            output.flush()
