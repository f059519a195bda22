"""What travels between the computers of a farm: names and plain data, no objects of ours.

A task is a dictionary that JSON can hold: file names, numbers, a recipe as a dictionary. The work
on it is a function of this project, by name: `deepdream_core.farm.pictures:dream_file`. It takes a
task and returns a dictionary of the same kind.
"""

from __future__ import annotations

import importlib
import json
import threading
from collections.abc import Mapping
from typing import Any

Task = Mapping[str, Any]
Result = dict[str, Any]

_OURS = "deepdream_core."
_one_at_a_time = threading.Lock()


def plain(task: Task) -> dict[str, Any]:
    """Return a copy of a task that holds plain data only. Raises `TypeError` for anything else."""
    return json.loads(json.dumps(dict(task)))


def carry_out(work: str, task: Task) -> Result:
    """Do work on a task, in a worker. What it raises becomes text, under the name "error".

    A process does one task at a time, however many threads its worker has: a dream uses all the
    processor's cores, or all of a GPU's memory.
    """
    module, _, name = work.partition(":")
    if not module.startswith(_OURS):
        raise ValueError(f"{work} is no work of this project")
    with _one_at_a_time:
        try:
            return plain(getattr(importlib.import_module(module), name)(task))
        except Exception as error:
            from deepdream_core.engine.errors import explain

            failure = explain(error)
            # The hint for a picture is for artists in GIMP, who could choose another layer.
            hint = "" if failure.code == "bad-picture" else failure.hint
            return {"error": f"{failure.message} {hint}".strip()}
