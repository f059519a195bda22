"""Runs inside GIMP: dreams one layer until the test says so, and reports how each dream ended.

A dream leaves the image as it was, except for what it inserts, which is deleted again.
"""

# ruff: noqa: F821 - gimpfu's names are in the namespace at run time
from __future__ import annotations

import itertools
import json
import time
from pathlib import Path

from trees import digest, tree

plan = json.loads((Path(__file__).parent / "plan.json").read_text("utf-8"))
SIDE = 96
mode = RUN_WITH_LAST_VALS if plan["warm"] else RUN_NONINTERACTIVE


def build(kind: dict) -> tuple:
    image = gimp.Image(SIDE, SIDE, RGB)
    layer = gimp.Layer(image, "photo", SIDE, SIDE, RGBA_IMAGE if kind["alpha"] else RGB_IMAGE)
    image.insert_layer(layer, None, 0)
    layer.write_pixels("R'G'B' u8", bytes(i * 7 % 251 for i in range(SIDE * SIDE * 3)))
    if kind["selected"]:
        pdb["gimp-image-select-rectangle"](image, CHANNEL_OP_REPLACE, 20, 10, 50, 60)
    image.clean_all()
    return image, layer, digest(layer)


built = {name: build(kind) for name, kind in plan["kinds"].items()}
last_settings, enough = Path(plan["last-settings"]), Path(plan["enough"])
outcomes = []
last = False
for name in itertools.cycle(plan["dreams"]):
    print(f"dream {len(outcomes)}: {name}", flush=True)
    last = enough.exists()
    image, layer, before = built[name]
    drawable = layer if gimp.version[0] == 2 else [layer]
    last_settings.write_text(plan["kinds"][name]["remembered"], "utf-8")
    settings = plan["kinds"][name]["settings"]
    try:
        pdb["python-fu-deepdream"](image, drawable, "", settings, run_mode=mode)
        errors = []
    except error as problem:
        errors = [str(problem)]
    outcome = {"kind": name, "errors": errors, "dirty": image.dirty}
    outcome["dreamed"] = tree(image.layers[:-1])
    for dreamed in image.layers[:-1]:
        image.remove_layer(dreamed)
    image.clean_all()
    outcome["same"] = digest(layer) == before and image.layers == [layer]
    outcomes.append(outcome)
    if last:
        break
report["outcomes"] = outcomes
# A warm engine ends when it has been idle for some time.
socket = Path(plan["socket"])
until = time.monotonic() + 60
while socket.exists() and time.monotonic() < until:
    time.sleep(0.1)
for image, _, _ in built.values():
    image.delete()
