"""The 1000 classes of ImageNet, or those of the user's own networks, and finding them by name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache, reduce
from importlib.resources import files

from deepdream_core.shared.messages import Message
from deepdream_core.shared.objective import TargetError
from deepdream_core.shared.own_networks import own_network
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


def labels_of(network: str) -> tuple[str, ...]:
    """Return the label of each of a network's classes."""
    own = own_network(network)
    return own.classes if own else labels()


def find_class(name: str, network: str = "") -> int:
    """Return a class's number, given its number, its label or words from its label.

    `network`: the name of the network, if it may be one of the user's own.

    Raises `ClassUnknown` if no class matches, or several do (the message lists them).
    """
    known = labels_of(network)
    if name.isdecimal():
        if len(name) > _MOST_DIGITS or int(name) >= len(known):
            raise ClassUnknown("class-number", last=len(known) - 1)
        return int(name)
    found = _named(name, known)
    if not found:
        near = _similar(name, known)
        if not near:
            raise ClassUnknown("no-class", name=shortened(name))
        raise ClassUnknown("no-class-near", name=shortened(name), near=either(near))
    if len(found) > 1:
        shown = listed((f"{known[i]} ({i})" for i in found), _MOST_LISTED)
        raise ClassUnknown("class-ambiguous", name=shortened(name), classes=shown)
    return found[0]


def classes_like(name: str, network: str = "", most: int = 3) -> list[str]:
    """Return the labels, at most `most`, that an artist who types `name` could mean."""
    known = labels_of(network)
    return ([known[i] for i in _named(name, known)] or _similar(name, known))[:most]


def either(names: Sequence[str]) -> str:
    """Return a choice between names, of which there is at least one."""
    return reduce(lambda first, second: Message("either", first=first, second=second), names)


def _named(name: str, known: Sequence[str]) -> list[int]:
    """Return the classes with this label or, if there is none, with all of its words."""
    wanted = name.lower()
    # Two labels differ only in case: Cardigan is a dog, a cardigan is not.
    exact = [i for i, label in enumerate(known) if label == name]
    exact = exact or [i for i, label in enumerate(known) if label.lower() == wanted]
    words = _words(wanted)
    return exact or [i for i, label in enumerate(known) if words and words <= _words(label)]


def _similar(name: str, known: Sequence[str]) -> list[str]:
    """Return the labels that resemble a misspelt name as a whole or in one of their words."""
    by_word: dict[str, list[str]] = {}
    for label in known:
        for word in {label.lower(), *_words(label)}:
            by_word.setdefault(word, []).append(label)
    near = nearest(name.lower(), by_word, most=3, similarity=0.7)
    return list(dict.fromkeys(label for word in near for label in by_word[word][:3]))


def _words(label: str) -> set[str]:
    return set(re.findall(r"[a-z0-9]+", label.lower()))
