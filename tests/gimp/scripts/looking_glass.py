"""Runs inside GIMP alongside its windows and answers the test's questions until it is killed.

The test writes a file `ask-NUMBER.py` to the folder. The dictionary `answer` that the file fills is
returned as `answer-NUMBER.json`, with the traceback as "error" if the file failed.
"""

# ruff: noqa: F821 - gimpfu's names are in the namespace at run time
from __future__ import annotations

import hashlib
import itertools
import json
import time
import traceback
from pathlib import Path

folder = Path(__file__).parent
names = dict(globals())


def digest(drawable) -> str:
    return hashlib.sha1(bytes(drawable.read_pixels("R'G'B'A float"))).hexdigest()


def tree(layers: list) -> list:
    """Describe everything about layers that an artist could see."""
    return [
        {
            "name": layer.name,
            "tattoo": layer.tattoo,
            "pixels": digest(layer),
            "mask": digest(layer.mask) if layer.mask else None,
            "place": [*layer.offsets, layer.width, layer.height],
            "look": [layer.visible, layer.opacity, layer.mode],
            "recipe": layer.parasite_find("deepdream-recipe") is not None,
            "children": tree(layer.children) if layer.is_group else [],
        }
        for layer in layers
    ]


for number in itertools.count(1):
    question = folder / f"ask-{number}.py"
    while not question.exists():
        time.sleep(0.02)
    answer: dict = {}
    try:
        exec(question.read_text("utf-8"), {**names, "tree": tree, "answer": answer})
    except Exception:
        answer["error"] = traceback.format_exc()
    gimp.displays_flush()
    part = folder / "answer.part"
    part.write_text(json.dumps(answer), "utf-8")
    part.rename(folder / f"answer-{number}.json")
