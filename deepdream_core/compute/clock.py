"""A dream's progress and remaining time."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from deepdream_core.shared.sizes import Size, pixel_steps

_LAST_STEPS = 15
"""How many steps the remaining time is judged by."""


@dataclass(frozen=True)
class Estimate:
    """A dream's progress."""

    fraction: float
    """0..1."""
    seconds_left: float | None
    """None while unknown."""


class Clock:
    """Counts work in pixel-steps, as a step's time grows with its octave's number of pixels."""

    def __init__(self, sizes: Sequence[Size], steps: Sequence[int], passes: int = 1) -> None:
        """`sizes`, `steps`: of the octaves in each pass."""
        self._work = [height * width for height, width in sizes]
        self._work_of_a_pass = pixel_steps(sizes, steps)
        self._total = max(1, self._work_of_a_pass * passes)
        self._done = 0
        self._last_tick: float | None = None
        self._paces: deque[float] = deque(maxlen=_LAST_STEPS)
        """Seconds per pixel-step."""

    def begin_pass(self, number: int) -> None:
        """Continue from the beginning of pass `number` (from 0); a pass may be restarted."""
        begun = number * self._work_of_a_pass
        if begun != self._done:
            self._done = begun
            self._last_tick = None
            self._paces.clear()

    def tick(self, octave: int) -> Estimate:
        """Count one step in an octave."""
        self._done += self._work[octave]
        now = time.monotonic()
        # The first step also loads and plans.
        if self._last_tick is not None:
            self._paces.append((now - self._last_tick) / self._work[octave])
        self._last_tick = now
        return Estimate(min(1.0, self._done / self._total), self._seconds_left())

    def _seconds_left(self) -> float | None:
        # A pause, or a preview that is dreamed in between, makes a step long, but not the median.
        if not self._paces:
            return None
        return median(self._paces) * max(0, self._total - self._done)
