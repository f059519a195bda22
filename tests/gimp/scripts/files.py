"""Runs inside GIMP: saves and loads with the plug-in `tiny`, and uses GIMP's shelf and modules."""

# ruff: noqa: F821 - gimpfu's names are in the namespace at run time
from __future__ import annotations

from pathlib import Path

import gimpcolor
import gimpenums
from gimpshelf import shelf

image = gimp.Image(5, 3)
layer = gimp.Layer(image, "a", 5, 3, RGB_IMAGE)
image.add_layer(layer, 0)
numbers = bytes(range(45))
layer.get_pixel_rgn(0, 0, 5, 3)[0:5, 0:3] = numbers
path = str(Path(__file__).with_name("picture.tiny"))
pdb.gimp_file_save(image, layer, path, path)
report["saved"] = Path(path).read_bytes()[8:] == numbers
loaded = pdb.gimp_file_load(path, path)
found = loaded.layers[0]
report["loaded"] = [found.name, bytes(found.read_pixels("R'G'B' u8")) == numbers]

shelf["kept"] = {"pair": (1, "two"), "image": image, "colour": gimpcolor.RGB(1, 2, 3)}
kept = shelf["kept"]
report["shelf"] = [
    *(kept["pair"] == (1, "two"), kept["image"] == image, list(kept["colour"])),
    *(shelf.has_key("kept"), shelf.has_key("nothing")),
]
report["enums"] = gimpenums.MULTIPLY_MODE
try:
    import gtk  # noqa: F401
except ImportError as problem:
    report["gtk"] = str(problem)
