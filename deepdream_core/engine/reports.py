"""What is told about a dream while it grows."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from deepdream_core.dreaming.progress import Progress
from deepdream_core.engine.pixels import picture_of

if TYPE_CHECKING:
    from deepdream_core.engine.jobs import DreamJob

_PREVIEW_PAUSE = 0.1
"""Seconds between two preview pictures, so that looking does not slow the dream down."""


class Reporter:
    """Sends progress after every step, and a preview picture every now and then."""

    def __init__(self, job: DreamJob, longest: int) -> None:
        """`longest`: side of preview pictures in pixels, 0 for none."""
        self._job = job
        self._longest = longest
        self._last_preview = 0.0

    def tell(self, moment: Progress) -> None:
        """Report a moment of the dream."""
        self._job.send(
            "progress",
            text=_where(moment),
            fraction=moment.fraction,
            octave=moment.octave,
            octaves=moment.octaves,
            step=moment.step,
            steps=moment.steps,
            seconds_left=moment.seconds_left,
        )
        due = time.monotonic() - self._last_preview > _PREVIEW_PAUSE
        if self._longest and (due or moment.fraction == 1.0):
            shown = picture_of(moment.picture(self._longest))
            self._job.send("preview", {"preview": shown}, octave=moment.octave, step=moment.step)
            self._last_preview = time.monotonic()


def _where(moment: Progress) -> str:
    where = (
        f"octave {moment.octave + 1} of {moment.octaves}, step {moment.step + 1} of {moment.steps}"
    )
    if moment.passes > 1:
        where = f"pass {moment.number + 1} of {moment.passes}, {where}"
    return where[0].upper() + where[1:]
