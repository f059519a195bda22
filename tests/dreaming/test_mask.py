"""What a mask lets dream, and the box around it."""

from __future__ import annotations

import numpy as np
import pytest

from deepdream_core.dreaming.mask import Mask, mask_of
from deepdream_core.shared.sizes import Region

SIZE = (30, 40)


def grades() -> np.ndarray:
    return np.zeros(SIZE, np.float32)


def test_a_box_encloses_all_islands() -> None:
    islands = grades()
    islands[4:7, 30] = 1
    islands[20, 5:9] = 0.1
    assert mask_of(islands, SIZE).box() == Region(5, 4, 26, 17)


@pytest.mark.parametrize(("y", "x"), [(0, 0), (0, 39), (29, 0), (29, 39)])
def test_a_box_may_be_a_single_pixel(y: int, x: int) -> None:
    pixel = grades()
    pixel[y, x] = 1
    assert mask_of(pixel, SIZE).box() == Region(x, y, 1, 1)


def test_what_8_bits_cannot_show_is_not_in_the_box() -> None:
    faint = grades()
    faint[10:20, 10:20] = 1
    faint[8] = 0.4 / 255
    faint[9] = 0.6 / 255
    assert mask_of(faint, SIZE).box() == Region(0, 9, 40, 11)


def test_without_anything_to_dream_there_is_no_box() -> None:
    assert Mask().box() is None
    assert mask_of(grades(), SIZE).box() is None


def test_a_mask_of_another_size_is_resized_before() -> None:
    small = np.zeros((3, 4), np.uint8)
    small[1, 1] = 255
    box = mask_of(small, SIZE).box()
    assert box is not None
    assert (box.x + box.width / 2, box.y + box.height / 2) == (15, 15)


def test_a_mask_counts_brightness_and_opacity_not_one_channel() -> None:
    colours = np.zeros((2, 3, 4), np.uint8)
    colours[..., 3] = 255
    colours[0, :, :3] = np.eye(3) * 255
    colours[1, :, :3] = 255
    colours[1, 1, 3], colours[1, 2, 3] = 51, 0
    grade = mask_of(colours, (2, 3)).at((2, 3))
    assert grade is not None
    wanted = [[0.2126, 0.7152, 0.0722], [1.0, 0.2, 0.0]]
    assert grade[0, 0].numpy() == pytest.approx(np.array(wanted), abs=1e-4)
