"""Suggestions for mistyped names."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from deepdream_core.shared.messages import Message


def nearest(name: str, known: Iterable[str], most: int = 1, similarity: float = 0.6) -> list[str]:
    """Return up to `most` known names similar to `name`, the most similar first.

    `similarity` is the minimum, from 0 (anything) to 1 (equal names).
    """
    return difflib.get_close_matches(name, list(known), most, similarity)


def did_you_mean(name: str, known: Iterable[str], more: Message) -> Message:
    """Return a suggestion followed by `more`, or only `more` if no known name is similar."""
    near = nearest(name, known)
    return Message("did-you-mean", near=near[0], more=more) if near else more
