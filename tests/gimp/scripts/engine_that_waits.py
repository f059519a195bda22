"""Stands in for the engine: while it dreams, somebody else changes the image in GIMP.

Arguments: the socket of a running engine, followed by the engine's own arguments. Forwards frames
like engine_elsewhere.py, but holds back the dream until the plug-in `bystander` has run the file
`meanwhile.py`, if there is one.
"""

from __future__ import annotations

import itertools
import os
import socket
import sys
import threading
import time
from pathlib import Path

# The engine leaves the plug-in's current folder, but this folder is on its path.
folder = Path(os.environ["BYSTANDER_SCRIPT"]).parent


def forward_requests(engine: socket.socket) -> None:
    while data := os.read(0, 1 << 20):
        if b'"dream"' in data:
            somebody_else_acts()
        engine.sendall(data)
    engine.shutdown(socket.SHUT_WR)


def somebody_else_acts() -> None:
    what = folder / "meanwhile.py"
    if not what.exists():
        return
    number = next(n for n in itertools.count(1) if not (folder / f"asked-{n}").exists())
    (folder / f"asked-{number}").touch()
    what.rename(folder / f"ask-{number}.py")
    answer = folder / f"answer-{number}.json"
    until = time.monotonic() + 60
    while not answer.exists() and time.monotonic() < until:
        time.sleep(0.01)


with socket.socket(socket.AF_UNIX) as engine:
    engine.connect(sys.argv[1])
    threading.Thread(target=forward_requests, args=(engine,), daemon=True).start()
    with os.fdopen(1, "wb") as output:
        while data := engine.recv(1 << 20):
            output.write(data)
            output.flush()
