"""Runs inside GIMP: starts a dream that takes minutes, and reports how it ended."""

# ruff: noqa: F821 - gimpfu's names are in the namespace at run time
from __future__ import annotations

image = gimp.Image(256, 256, RGB)
layer = gimp.Layer(image, "photo", 256, 256, RGB_IMAGE)
image.insert_layer(layer, None, 0)
image.clean_all()
drawable = layer if gimp.version[0] == 2 else [layer]
try:
    pdb["python-fu-deepdream"](image, drawable, "", "steps=1000;octaves=1")
    report["said"] = "nothing went wrong"
except error as problem:
    report["said"] = str(problem)
report["layers"] = [item.name for item in image.layers]
report["dirty"] = image.dirty
image.delete()
