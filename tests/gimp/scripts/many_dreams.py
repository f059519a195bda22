"""Runs inside GIMP: dreams one layer again and again, and reports how each dream ended.

Every dream must leave the image as it was, except for a new layer if nothing went wrong, which is
deleted again.
"""

# ruff: noqa: F821 - gimpfu's names are in the namespace at run time
from __future__ import annotations

import json
from pathlib import Path

plan = json.loads((Path(__file__).parent / "plan.json").read_text("utf-8"))
SIDE = 256
PIXELS = bytes(i * 7 % 251 for i in range(SIDE * SIDE * 3))
U8 = "R'G'B' u8"

image = gimp.Image(SIDE, SIDE, RGB)
layer = gimp.Layer(image, "photo", SIDE, SIDE, RGB_IMAGE)
image.insert_layer(layer)
layer.write_pixels(U8, PIXELS)
image.clean_all()
drawable = layer if gimp.version[0] == 2 else [layer]
outcomes = []
for number in range(plan["dreams"] + 1):
    print(f"dream {number}", flush=True)
    last = number == plan["dreams"]
    if last:
        # From here on, nothing is killed any more.
        Path(plan["peace"]).touch()
    try:
        pdb["python-fu-deepdream"](image, drawable, "", "steps=1" if last else plan["settings"])
        said = ""
    except error as problem:
        said = str(problem)
    outcome = {"said": said, "dirty": image.dirty, "layers": len(image.layers)}
    if not said:
        image.remove_layer(image.layers[0])
        image.clean_all()
    outcome["same"] = layer.read_pixels(U8) == PIXELS and len(image.layers) == 1
    outcomes.append(outcome)
report["outcomes"] = outcomes
image.delete()
