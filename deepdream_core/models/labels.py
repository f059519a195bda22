"""The 1000 classes of ImageNet, found by their names."""

from __future__ import annotations

import difflib
import re
from functools import cache
from importlib.resources import files

_CANDIDATES_SHOWN = 12


@cache
def labels() -> tuple[str, ...]:
    """Return the label of each class, in the order of the classifiers' outputs."""
    text = files("deepdream_core.models").joinpath("imagenet_labels.txt").read_text("utf-8")
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
        near = _similar(wanted)
        hint = f"did you mean {near}?" if near else "`deepdream classes` lists them"
        raise LookupError(f'No class is called "{name}" ({hint})')
    if len(found) > 1:
        shown = ", ".join(f"{labels()[i]} ({i})" for i in found[:_CANDIDATES_SHOWN])
        more = ", …" if len(found) > _CANDIDATES_SHOWN else ""
        raise LookupError(f'"{name}" could be {shown}{more}: name one')
    return found[0]


def _similar(wanted: str) -> str:
    """Return the labels nearest to a misspelt name, by the whole or by one of their words."""
    by_word: dict[str, list[str]] = {}
    for label in labels():
        for name in {label.lower(), *_words(label)}:
            by_word.setdefault(name, []).append(label)
    near = difflib.get_close_matches(wanted, by_word, n=3, cutoff=0.7)
    return " or ".join(dict.fromkeys(label for name in near for label in by_word[name][:3]))


def _words(label: str) -> set[str]:
    return set(re.findall(r"[a-z0-9]+", label.lower()))
