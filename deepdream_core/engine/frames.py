"""Between a dream and the protocol's frames: its pictures, and what is told while it grows."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from deepdream_core.dreaming.progress import Progress
from deepdream_core.pictures.picture import Pixels
from deepdream_core.shared.protocol import Picture

_PREVIEW_PAUSE = 0.1
"""Seconds between two preview pictures, so that looking does not slow the dream down."""


def array_of(picture: Picture) -> Pixels:
    """Return a picture's pixels as (height, width, channels), without copying."""
    pixels = np.frombuffer(picture.data, dtype=picture.sample)
    return pixels.reshape(picture.height, picture.width, picture.channels)


def picture_of(pixels: Pixels, encoding: str = "srgb") -> Picture:
    """Return (height, width, channels) of float32 or uint8 as a picture, without copying."""
    pixels = np.ascontiguousarray(pixels)
    height, width, channels = pixels.shape
    return Picture(width, height, channels, pixels.data.cast("B"), pixels.dtype.name, encoding)


class Reporter:
    """Sends progress after every step, and a preview picture every now and then."""

    def __init__(self, send: Callable[..., None], longest: int) -> None:
        """`send`: as `Answers.send`; `longest`: side of preview pictures in pixels, 0 for none."""
        self._send = send
        self._longest = longest
        self._last_preview = 0.0

    def tell(self, moment: Progress) -> None:
        """Report a moment of the dream."""
        self._send(
            "progress",
            fraction=moment.fraction,
            octave=moment.octave,
            octaves=moment.octaves,
            step=moment.step,
            steps=moment.steps,
            number=moment.number,
            passes=moment.passes,
            seconds_left=moment.seconds_left,
        )
        due = time.monotonic() - self._last_preview > _PREVIEW_PAUSE
        if self._longest and (due or moment.fraction == 1.0):
            shown = picture_of(moment.picture(self._longest))
            self._send("preview", {"preview": shown}, octave=moment.octave, step=moment.step)
            self._last_preview = time.monotonic()
