"""Runs inside GIMP: changes an image at every line that inserts a dream, and reports the outcomes.

Another plug-in's changes arrive between any two calls of ours. Here they come from a trace function
in this process, as GIMP does not tell whose calls they are.
"""

# ruff: noqa: F821 - gimpfu's names are in the namespace at run time
from __future__ import annotations

import json
import sys
from pathlib import Path

from inserting import build, dream, layers, placing

folder = Path(__file__).parent
wanted = json.loads((folder / "wanted.json").read_text("utf-8"))
OUTPUTS = ("output=layer", "output=octaves;octaves=2")
CHANGES = {
    "closed": lambda image, layer: image.delete(),
    "deleted": lambda image, layer: image.remove_layer(layer),
    "group deleted": lambda image, layer: image.remove_layer(layer.parent),
    "gray": lambda image, layer: pdb["gimp-image-convert-grayscale"](image),
    "16 bits": lambda image, layer: pdb["gimp-image-convert-precision"](image, PRECISION_U16_GAMMA),
    "emptied": lambda image, layer: [image.remove_layer(one) for one in image.layers],
}
WATCHED = {placing.__file__, layers.__file__}


def names(found: list) -> list:
    return [[one.name, names(one.children) if one.is_group else []] for one in found]


def undo_is_open(image) -> bool:
    try:
        image.undo_group_end()
    except error:
        return False
    return True


def strike(change, settings: str, number: int) -> dict | None:
    """Change the image before the line `number`; return None if there is no such line."""
    image, layer = build()
    left = number

    def watch(frame, event, _argument):
        nonlocal left
        if frame.f_code.co_filename not in WATCHED:
            return None
        if event == "line":
            left -= 1
            if left == 0:
                sys.settrace(None)
                told["line"] = f"{Path(frame.f_code.co_filename).name}:{frame.f_lineno}"
                change(image, layer)
        return watch

    told: dict = {"said": ""}
    sys.settrace(watch)
    try:
        told["made"] = [one.name for one in dream(image, layer, settings) if one.is_valid()]
    except layers.LayerError as problem:
        told["said"] = str(problem)
    except Exception as problem:
        told["raw"] = repr(problem)
    finally:
        sys.settrace(None)
    told["open"] = image.is_valid() and undo_is_open(image)
    if image.is_valid():
        told["names"] = names(image.layers)
        image.delete()
    return told if "line" in told else None


bystander, _ = build()
before = names(bystander.layers)
for name in wanted["changes"]:
    for settings in OUTPUTS:
        outcomes = report[f"{name}, {settings}"] = []
        number = 1
        while told := strike(CHANGES[name], settings, number):
            outcomes.append(told)
            number += wanted["stride"]
report["bystander"] = names(bystander.layers) == before and not bystander.dirty
report["images"] = len(gimp.image_list())
bystander.delete()
