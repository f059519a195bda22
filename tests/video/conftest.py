"""A film whose motion is known."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

STEP = 3
"""Pixels by which the film moves to the right in each frame."""
SIZE = (96, 128)


@pytest.fixture(scope="session")
def pan(photo: np.ndarray) -> Callable[[int], list[np.ndarray]]:
    """Frames cut from a photograph, each further to the right: uint8 (96, 128, 3)."""
    large = np.array(Image.fromarray(photo).resize((340, 226)))

    def frames(count: int) -> list[np.ndarray]:
        height, width = SIZE
        return [
            np.ascontiguousarray(large[60 : 60 + height, 40 + STEP * n : 40 + STEP * n + width])
            for n in range(count)
        ]

    return frames
