"""The 1000 classes of ImageNet, and finding them by name."""

from __future__ import annotations

import re
from functools import cache, reduce
from importlib.resources import files

from deepdream_core.shared.messages import Message
from deepdream_core.shared.objective import TargetError
from deepdream_core.shared.quoting import listed, shortened
from deepdream_core.shared.suggestions import nearest

_MOST_DIGITS = 9


class ClassUnknown(TargetError):
    """A name that matches no class, or more than one."""


@cache
def labels() -> tuple[str, ...]:
    """Return the label of each class, in the order of the classifiers' outputs."""
    text = files("deepdream_core.models").joinpath("imagenet_labels.txt").read_text("utf-8")
    return tuple(text.splitlines())


def find_class(name: str) -> int:
    """Return a class's number, given its number, its label or words from its label.

    Raises `ClassUnknown` if no class matches, or several do (the message lists them).
    """
    if name.isdecimal():
        if len(name) > _MOST_DIGITS or int(name) >= len(labels()):
            raise ClassUnknown("class-number", last=len(labels()) - 1)
        return int(name)
    wanted = name.lower()
    exact = [i for i, label in enumerate(labels()) if label.lower() == wanted]
    words = _words(wanted)
    found = exact or [i for i, x in enumerate(labels()) if words and words <= _words(x)]
    if not found:
        near = _similar(wanted)
        if near is None:
            raise ClassUnknown("no-class", name=shortened(name))
        raise ClassUnknown("no-class-near", name=shortened(name), near=near)
    if len(found) > 1:
        shown = listed(f"{labels()[i]} ({i})" for i in found)
        raise ClassUnknown("class-ambiguous", name=shortened(name), classes=shown)
    return found[0]


def _similar(wanted: str) -> str | None:
    """Return the labels that resemble a misspelt name as a whole or in one of their words."""
    by_word: dict[str, list[str]] = {}
    for label in labels():
        for name in {label.lower(), *_words(label)}:
            by_word.setdefault(name, []).append(label)
    near = nearest(wanted, by_word, most=3, similarity=0.7)
    candidates = list(dict.fromkeys(label for name in near for label in by_word[name][:3]))
    return reduce(_either, candidates) if candidates else None


def _either(first: str, second: str) -> Message:
    return Message("either", first=first, second=second)


def _words(label: str) -> set[str]:
    return set(re.findall(r"[a-z0-9]+", label.lower()))
