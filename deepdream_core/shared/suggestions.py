"""What somebody may have meant by a name that does not exist."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from deepdream_core.shared.messages import Message


def nearest(name: str, known: Iterable[str], most: int = 1, likeness: float = 0.6) -> list[str]:
    """Return the known names that are most like `name`, the likest first.

    `likeness`: from 0, anything, to 1, the same.
    """
    return difflib.get_close_matches(name, list(known), most, likeness)


def did_you_mean(name: str, known: Iterable[str], more: Message) -> Message:
    """Return the known name that was probably meant, if there is one, and then `more`."""
    near = nearest(name, known)
    return Message("did-you-mean", near=near[0], more=more) if near else more
