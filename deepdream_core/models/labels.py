"""The 1000 classes of ImageNet, and finding them by name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache, reduce
from importlib.resources import files

from deepdream_core.shared.messages import Message
from deepdream_core.shared.objective import TargetError
from deepdream_core.shared.quoting import listed, shortened
from deepdream_core.shared.suggestions import nearest

_MOST_DIGITS = 9
_MOST_LISTED = 170
"""Characters: whatever one word can mean, in a sentence that is still short."""


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
    found = _named(name)
    if not found:
        near = _similar(name)
        if not near:
            raise ClassUnknown("no-class", name=shortened(name))
        raise ClassUnknown("no-class-near", name=shortened(name), near=either(near))
    if len(found) > 1:
        shown = listed((f"{labels()[i]} ({i})" for i in found), _MOST_LISTED)
        raise ClassUnknown("class-ambiguous", name=shortened(name), classes=shown)
    return found[0]


def classes_like(name: str, most: int = 3) -> list[str]:
    """Return the labels, at most `most`, that an artist who types `name` could mean."""
    return ([labels()[i] for i in _named(name)] or _similar(name))[:most]


def either(names: Sequence[str]) -> str:
    """Return a choice between names, of which there is at least one."""
    return reduce(lambda first, second: Message("either", first=first, second=second), names)


def _named(name: str) -> list[int]:
    """Return the classes with this label or, if there is none, with all of its words."""
    wanted = name.lower()
    exact = [i for i, label in enumerate(labels()) if label.lower() == wanted]
    words = _words(wanted)
    return exact or [i for i, label in enumerate(labels()) if words and words <= _words(label)]


def _similar(name: str) -> list[str]:
    """Return the labels that resemble a misspelt name as a whole or in one of their words."""
    by_word: dict[str, list[str]] = {}
    for label in labels():
        for word in {label.lower(), *_words(label)}:
            by_word.setdefault(word, []).append(label)
    near = nearest(name.lower(), by_word, most=3, similarity=0.7)
    return list(dict.fromkeys(label for word in near for label in by_word[word][:3]))


def _words(label: str) -> set[str]:
    return set(re.findall(r"[a-z0-9]+", label.lower()))
