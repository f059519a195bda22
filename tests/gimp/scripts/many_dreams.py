"""Runs inside GIMP: dreams one layer until the test says so, and reports how each dream ended.

A dream leaves the image as it was, except for a new layer, which is deleted again.
"""

# ruff: noqa: F821 - gimpfu's names are in the namespace at run time
from __future__ import annotations

import json
import time
from pathlib import Path

plan = json.loads((Path(__file__).parent / "plan.json").read_text("utf-8"))
SIDE = 96
PIXELS = bytes(i * 7 % 251 for i in range(SIDE * SIDE * 3))
U8 = "R'G'B' u8"

image = gimp.Image(SIDE, SIDE, RGB)
layer = gimp.Layer(image, "photo", SIDE, SIDE, RGB_IMAGE)
image.insert_layer(layer)
layer.write_pixels(U8, PIXELS)
image.clean_all()
drawable = layer if gimp.version[0] == 2 else [layer]
mode = RUN_WITH_LAST_VALS if plan["warm"] else RUN_NONINTERACTIVE
enough = Path(plan["enough"])
outcomes = []
last = False
while not last:
    print(f"dream {len(outcomes)}", flush=True)
    last = enough.exists()
    settings = "steps=1" if last else plan["settings"]
    try:
        pdb["python-fu-deepdream"](image, drawable, "", settings, run_mode=mode)
        said = ""
    except error as problem:
        said = str(problem)
    outcome = {"said": said, "dirty": image.dirty, "layers": len(image.layers)}
    for dreamed in image.layers[:-1]:
        outcome["whole"] = dreamed.parasite_find("deepdream-recipe") is not None
        image.remove_layer(dreamed)
    image.clean_all()
    outcome["same"] = layer.read_pixels(U8) == PIXELS and len(image.layers) == 1
    outcomes.append(outcome)
report["outcomes"] = outcomes
# A warm engine ends when it has been idle for some time.
socket = Path(plan["socket"])
until = time.monotonic() + 30
while socket.exists() and time.monotonic() < until:
    time.sleep(0.1)
image.delete()
