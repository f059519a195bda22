"""How a film's content moves from frame to frame."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from deepdream_core.pictures.picture import Pixels
from deepdream_core.video.opencv import cv2

Floats = NDArray[np.float32]

_MOST_UNLIKE = 0.01
_MOST_PIXELS_OFF = 0.5
"""Forward and backward flow may differ by this much, squared: relative to their own length, and in
pixels (Sundaram, Brox, Keutzer, 2010, https://doi.org/10.1007/978-3-642-15549-9_32)."""
_SOFT_EDGE = 1.5
"""Where trust ends, it fades over about as many pixels."""


def flow(here: Pixels, there: Pixels) -> Floats:
    """Return where each pixel of a frame lies in another one: (height, width, 2), x and y to go.

    Both are float32 (height, width, 3), 0..1. Method: dense inverse search (Kroeger, Timofte, Dai,
    Van Gool, 2016, https://arxiv.org/abs/1603.03590), in OpenCV's implementation.
    """
    search = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    return np.asarray(search.calc(_gray(here), _gray(there), None), np.float32)  # pyright: ignore


def moved(picture: Floats, by: Floats, *, sharp: bool = True) -> Floats:
    """Return a picture, (height, width[, channels]), as it looks from where `by` leads to it.

    A `sharp` picture keeps its fine detail, where others would become softer with each frame.
    """
    x, y = _places(by)
    how = cv2.INTER_LANCZOS4 if sharp else cv2.INTER_LINEAR
    return np.asarray(cv2.remap(picture, x, y, how, borderMode=cv2.BORDER_REFLECT), np.float32)


def trust(forth: Floats, back: Floats) -> Floats:
    """Return how far a flow can be trusted, (height, width), 0..1.

    `back` is the flow of the other frame to this one. Where going there and back does not return
    to the same pixel, something is covered or newly seen, and it is 0; so it is beyond the borders.
    """
    returned = moved(back, forth, sharp=False)
    off = np.square(forth + returned).sum(-1)
    length = np.square(forth).sum(-1) + np.square(returned).sum(-1)
    height, width = off.shape
    x, y = _places(forth)
    inside = (x >= 0) & (x <= width - 1) & (y >= 0) & (y <= height - 1)
    trusted = inside & (off < _MOST_UNLIKE * length + _MOST_PIXELS_OFF)
    sure = cv2.erode(trusted.astype(np.float32), np.ones((3, 3), np.uint8))
    return blurred(np.asarray(sure, np.float32), _SOFT_EDGE)


def blurred(picture: Floats, sigma: float) -> Floats:
    """Return a picture, blurred with a Gaussian of `sigma` pixels."""
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma), np.float32)


def _places(by: Floats) -> tuple[Floats, Floats]:
    height, width = by.shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    return x + by[..., 0], y + by[..., 1]


def _gray(frame: Pixels) -> NDArray[np.uint8]:
    gray = cv2.cvtColor(np.ascontiguousarray(frame, np.float32), cv2.COLOR_RGB2GRAY)
    return (np.asarray(gray) * 255).round().clip(0, 255).astype(np.uint8)
