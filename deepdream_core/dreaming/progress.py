"""What a dream tells while it grows, and how it is told to stop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from deepdream_core.pictures.picture import Pixels


class StopHere(Exception):
    """Raised by a watcher to end the dream early and keep what is there."""


@dataclass(frozen=True)
class Progress:
    """How far a dream has come; handed to the watcher after every step."""

    octave: int
    octaves: int
    step: int
    steps: int
    fraction: float
    """0..1, by the work done, not by the steps: large octaves take longer."""
    seconds_left: float | None
    picture: Callable[[int], Pixels] = field(repr=False)
    """Gives the picture as it is: uint8 RGB, at most that many pixels a side."""
    number: int = 0
    """Which pass it is, from 0."""
    passes: int = 1


Watcher = Callable[[Progress], None]
Keeper = Callable[[str, Pixels], None]
"""Takes the name of a picture kept on the way, such as "octave 2", and the picture."""
