"""Stands where the plug-in wants an engine, and passes its frames to one that runs already.

Arguments: the socket of that engine, then those that the plug-in gives its own.
"""

from __future__ import annotations

import os
import socket
import sys
import threading


def pass_on_what_is_asked(engine: socket.socket) -> None:
    while asked := os.read(0, 1 << 20):
        engine.sendall(asked)
    engine.shutdown(socket.SHUT_WR)


with socket.socket(socket.AF_UNIX) as engine:
    engine.connect(sys.argv[1])
    threading.Thread(target=pass_on_what_is_asked, args=(engine,), daemon=True).start()
    with os.fdopen(1, "wb") as answers:
        while answered := engine.recv(1 << 20):
            answers.write(answered)
            answers.flush()
