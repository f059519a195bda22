"""Converting between a dream's pictures and progress and the protocol's frames."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from deepdream_core.dreaming.progress import Progress
from deepdream_core.pictures.picture import Pixels
from deepdream_core.shared.protocol import Picture

_PREVIEW_PAUSE = 0.1
"""Minimum seconds between preview pictures, which keeps them from slowing the dream down."""


def array_of(picture: Picture) -> Pixels:
    """Return a picture's pixels as (height, width, channels), without copying."""
    pixels = np.frombuffer(picture.data, dtype=picture.sample)
    return pixels.reshape(picture.height, picture.width, picture.channels)


def picture_of(pixels: Pixels, encoding: str = "srgb") -> Picture:
    """Return float32 or uint8 pixels (height, width, channels) as a picture, without copying."""
    pixels = np.ascontiguousarray(pixels)
    height, width, channels = pixels.shape
    return Picture(width, height, channels, pixels.data.cast("B"), pixels.dtype.name, encoding)


def rounded(pixels: Pixels, levels: int) -> Pixels:
    """Return floats, limited to 0..1 and rounded to `levels` steps above 0; 0 leaves them."""
    if not levels or pixels.dtype != np.float32:
        return pixels
    return (pixels.clip(0, 1) * np.float32(levels)).round() / np.float32(levels)


class Reporter:
    """Sends progress after every step, and a preview picture now and then."""

    def __init__(self, send: Callable[..., None], longest: int) -> None:
        """`send`: like `Answers.send`; `longest`: longest side of previews, 0 for none."""
        self._send = send
        self.longest = longest
        self._last_preview = 0.0

    def report(self, progress: Progress) -> None:
        """Send progress, and a preview picture if one is due."""
        self._send(
            "progress",
            fraction=progress.fraction,
            octave=progress.octave,
            octaves=progress.octaves,
            step=progress.step,
            steps=progress.steps,
            number=progress.number,
            passes=progress.passes,
            seconds_left=progress.seconds_left,
        )
        due = time.monotonic() - self._last_preview > _PREVIEW_PAUSE
        if self.longest and (due or progress.fraction == 1.0):
            preview = picture_of(progress.picture(self.longest))
            self._send("preview", {"preview": preview}, octave=progress.octave, step=progress.step)
            self._last_preview = time.monotonic()
