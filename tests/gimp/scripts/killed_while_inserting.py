"""Runs inside GIMP: has a plug-in killed at lines that inserts a dream; reports what is left."""

# ruff: noqa: F821 - gimpfu's names are in the namespace at run time
from __future__ import annotations

import itertools
import json
from pathlib import Path

from inserting import build, dream
from trees import tree

folder = Path(__file__).parent
plan = json.loads((folder / "plan.json").read_text("utf-8"))
survived = folder / "survived.json"


def strike(settings: str, number: int) -> dict | None:
    """Kill a plug-in before the line `number`; return None if there is no such line."""
    image, layer = build()
    wanted = {"image": image.ID, "layer": layer.ID, "settings": settings}
    wanted |= {"line": number, "from": plan["function"]}
    (folder / "wanted.json").write_text(json.dumps(wanted), "utf-8")
    try:
        pdb["python-fu-run-file"](str(folder / "insert_and_die.py"), str(survived))
    except error:
        told = {"line": (folder / "line.txt").read_text("utf-8"), "dirty": image.dirty}
        return {**told, "layers": tree(image.layers)}
    finally:
        image.delete()
    assert json.loads(survived.read_text("utf-8")) == {}
    survived.unlink()
    return None


for settings in plan["outputs"]:
    image, layer = build()
    before = tree(image.layers)
    dream(image, layer, settings)
    report[settings] = {"before": before, "after": tree(image.layers), "killed": []}
    image.delete()
    for number in itertools.count(1, plan["stride"]):
        told = strike(settings, number)
        if told is None:
            break
        report[settings]["killed"].append(told)
