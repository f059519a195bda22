"""Between the protocol's pictures and arrays."""

from __future__ import annotations

import numpy as np

from deepdream_core.pictures.picture import Pixels
from deepdream_core.shared.protocol import Picture


def array_of(picture: Picture) -> Pixels:
    """Return a picture's pixels as (height, width, channels), without copying."""
    pixels = np.frombuffer(picture.data, dtype=picture.sample)
    return pixels.reshape(picture.height, picture.width, picture.channels)


def picture_of(pixels: Pixels, encoding: str = "srgb") -> Picture:
    """Return (height, width, channels) of float32 or uint8 as a picture, without copying."""
    pixels = np.ascontiguousarray(pixels)
    height, width, channels = pixels.shape
    data = memoryview(pixels).cast("B")
    return Picture(width, height, channels, data, pixels.dtype.name, encoding)
