"""What the installer says."""

from __future__ import annotations


class Problem(Exception):
    """Something that the user has to know; the text says what happened and what to do."""


def say(text: str = "") -> None:
    print(text, flush=True)
