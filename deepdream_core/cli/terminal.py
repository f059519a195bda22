"""Progress on a terminal."""

from __future__ import annotations

import sys

from deepdream_core.dreaming.progress import Progress
from deepdream_core.shared.durations import spoken

_WIDTH = 30


class ProgressBar:
    """Draws a bar on stderr if that is a terminal; otherwise stays silent."""

    def __init__(self) -> None:
        self._visible = sys.stderr.isatty()

    def __enter__(self) -> ProgressBar:
        return self

    def __exit__(self, *_: object) -> None:
        self._clear()

    def show(self, progress: Progress) -> None:
        """Draw the dream's progress."""
        if not self._visible:
            return
        filled = round(progress.fraction * _WIDTH)
        left = "" if progress.seconds_left is None else f", {spoken(progress.seconds_left)} left"
        octave, step = progress.octave + 1, progress.step + 1
        where = f"octave {octave}/{progress.octaves} step {step}/{progress.steps}"
        if progress.passes > 1:
            where = f"pass {progress.number + 1}/{progress.passes} {where}"
        print(
            f"\r\033[K[{'#' * filled:{_WIDTH}}] {progress.fraction:4.0%}  {where}{left}",
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
