"""A dream's progress and remaining time."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from deepdream_core.shared.sizes import Size, pixel_steps


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
        self._ticks: list[tuple[float, int]] = []

    def begin_pass(self, number: int) -> None:
        """Continue from the beginning of pass `number` (from 0); a pass may be restarted."""
        begun = number * self._work_of_a_pass
        if begun != self._done:
            self._done = begun
            self._ticks.clear()

    def tick(self, octave: int) -> Estimate:
        """Count one step in an octave."""
        self._done += self._work[octave]
        self._ticks.append((time.monotonic(), self._done))
        return Estimate(min(1.0, self._done / self._total), self._seconds_left())

    def _seconds_left(self) -> float | None:
        # Measured from the end of the first step, which also loads and plans.
        (start, before), (now, done) = self._ticks[0], self._ticks[-1]
        if done == before:
            return None
        return (now - start) / (done - before) * max(0, self._total - self._done)
