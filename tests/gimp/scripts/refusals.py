"""Runs inside GIMP: tries dreams that must be refused, and reports the error messages."""

# ruff: noqa: F821 - gimpfu's names are in the namespace at run time
from __future__ import annotations

import json
from pathlib import Path

folder = Path(__file__).parent
log = folder / "data" / "logs" / "engine.log"
deepdream = pdb["python-fu-deepdream"]
IS_GIMP2 = gimp.version[0] == 2

image = gimp.Image(40, 32, RGB)
layer = gimp.Layer(image, "photo", 32, 32, RGB_IMAGE)
image.insert_layer(layer, None, 0)
image.clean_all()


def said(drawable, preset: str = "", settings: str = "steps=1;octaves=1") -> str:
    try:
        deepdream(image, drawable if IS_GIMP2 else [drawable], preset, settings)
    except error as problem:
        return str(problem)
    return "nothing was refused"


for name, (preset, settings) in json.loads((folder / "calls.json").read_text("utf-8")).items():
    report[name] = said(layer, preset, settings)
report["engine started"] = log.exists()

pdb["gimp-image-select-rectangle"](image, CHANNEL_OP_REPLACE, 34, 0, 6, 6)
report["selection elsewhere"] = said(layer)
channel = pdb["gimp-selection-save"](image)
pdb["gimp-selection-none"](image)
report["a channel"] = said(channel)
if not IS_GIMP2:
    try:
        deepdream(image, [], "", "")
    except error as problem:
        report["no layer"] = str(problem)
report["engine started by a wrong layer"] = log.exists()
image.clean_all()
report["unknown layer of the network"] = said(layer, "", "objective=block99")
report["dirty"] = image.dirty
report["layers"] = [item.name for item in image.layers]

image.delete()
