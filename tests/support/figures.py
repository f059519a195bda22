"""What a dream does to a picture, in figures that docs and tests share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image
from skimage.color import rgb2lab
from skimage.metrics import structural_similarity


@dataclass(frozen=True)
class Figures:
    """Measurements of what a preset does to a picture."""

    clipped: float
    """Percentage of pixels with a channel at 0 or 255, but without one in the source."""
    colour: float
    """Distance between the mean colours in CIELAB; 2 is just visible side by side."""
    similarity: float
    """Structural similarity to the source (Wang et al., 2004); 1 for identical pictures."""


def measure(before: Image.Image, after: Image.Image) -> Figures:
    """Compare two 8-bit RGB pictures of the same size."""
    a, b = np.asarray(before), np.asarray(after)
    new = _at_limit(b) & ~_at_limit(a)
    means = [rgb2lab(x / 255.0).mean((0, 1)) for x in (a, b)]
    return Figures(
        100 * float(new.mean()),
        float(np.linalg.norm(means[1] - means[0])),
        float(structural_similarity(a, b, channel_axis=-1)),
    )


def _at_limit(picture: np.ndarray) -> np.ndarray:
    return ((picture == 0) | (picture == 255)).any(-1)
