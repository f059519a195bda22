"""Progress on a terminal."""

from __future__ import annotations

import sys

from deepdream_core.dreaming.progress import Progress
from deepdream_core.shared.durations import spoken

_WIDTH = 30


class ProgressBar:
    """Draws a bar on stderr if that is a terminal; otherwise it is quiet."""

    def __init__(self) -> None:
        self._visible = sys.stderr.isatty()

    def __enter__(self) -> ProgressBar:
        return self

    def __exit__(self, *_: object) -> None:
        self._clear()

    def show(self, moment: Progress) -> None:
        """Draw how far the dream has come."""
        if not self._visible:
            return
        filled = round(moment.fraction * _WIDTH)
        left = "" if moment.seconds_left is None else f", {spoken(moment.seconds_left)} left"
        where = f"octave {moment.octave + 1}/{moment.octaves} step {moment.step + 1}/{moment.steps}"
        if moment.passes > 1:
            where = f"pass {moment.number + 1}/{moment.passes} {where}"
        print(
            f"\r\033[K[{'#' * filled:{_WIDTH}}] {moment.fraction:4.0%}  {where}{left}",
            end="",
            file=sys.stderr,
            flush=True,
        )

    def note(self, text: str) -> None:
        """Print a sentence for the user."""
        self._clear()
        print(f"deepdream: {text}", file=sys.stderr)

    def _clear(self) -> None:
        if self._visible:
            print("\r\033[K", end="", file=sys.stderr, flush=True)
