"""Runs inside GIMP alongside its windows and answers the test's questions until it is killed.

The test writes a file `ask-NUMBER.py` to the folder. The dictionary `answer` that the file fills is
returned as `answer-NUMBER.json`, with the traceback as "error" if the file failed.
"""

# ruff: noqa: F821 - gimpfu's names are in the namespace at run time
from __future__ import annotations

import itertools
import json
import time
import traceback
from pathlib import Path

from trees import tree

folder = Path(__file__).parent


def photo():
    """Return the image that was opened first. Plug-ins may create others while they work."""
    return min(gimp.image_list(), key=lambda image: image.ID)


names = dict(globals())


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
