"""Stands in for the engine: while it dreams, somebody else changes the image in GIMP.

Arguments: the socket of a running engine, followed by the engine's own arguments. Forwards frames
like engine_elsewhere.py, but holds back the dream until the plug-in `bystander` has run the file
`meanwhile.py`, if there is one.
"""

from __future__ import annotations

import itertools
import os
import sys
import time
from pathlib import Path

# It runs with -I, which leaves out the folder of the script.
sys.path.insert(0, str(Path(__file__).parent))
from engine_elsewhere import forward

folder = Path(os.environ["BYSTANDER_SCRIPT"]).parent


def let_somebody_else_act(data: bytes) -> None:
    what = folder / "meanwhile.py"
    if b'"dream"' not in data or not what.exists():
        return
    number = next(n for n in itertools.count(1) if not (folder / f"asked-{n}").exists())
    (folder / f"asked-{number}").touch()
    what.rename(folder / f"ask-{number}.py")
    answer = folder / f"answer-{number}.json"
    until = time.monotonic() + 60
    while not answer.exists() and time.monotonic() < until:
        time.sleep(0.01)


forward(sys.argv[1], let_somebody_else_act)
