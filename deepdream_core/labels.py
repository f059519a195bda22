"""The 1000 classes of ImageNet, found by their names."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

_CANDIDATES_SHOWN = 12


@cache
def labels() -> tuple[str, ...]:
    """Return the label of each class, in the order of the classifiers' outputs."""
    text = files("deepdream_core").joinpath("data/imagenet_labels.txt").read_text("utf-8")
    return tuple(text.splitlines())


def find_class(name: str) -> int:
    """Return the number of the class of that number, label, or word of a label.

    Raises `LookupError` if there is none, or more than one (it lists them).
    """
    if name.isdigit():
        if int(name) >= len(labels()):
            raise LookupError(f"Classes are numbered 0 to {len(labels()) - 1}")
        return int(name)
    wanted = name.lower()
    exact = [i for i, label in enumerate(labels()) if label.lower() == wanted]
    found = exact or [i for i, label in enumerate(labels()) if _words(wanted) <= _words(label)]
    if not found:
        raise LookupError(f'No class is called "{name}" (`deepdream classes` lists them)')
    if len(found) > 1:
        shown = ", ".join(f"{labels()[i]} ({i})" for i in found[:_CANDIDATES_SHOWN])
        more = ", …" if len(found) > _CANDIDATES_SHOWN else ""
        raise LookupError(f'"{name}" could be {shown}{more}: name one')
    return found[0]


def _words(label: str) -> set[str]:
    return set(re.findall(r"[a-z0-9]+", label.lower()))
