"""Sizes: people write width x height, the code uses (height, width)."""

from __future__ import annotations

import argparse

import pytest

from deepdream_core.shared.sizes import Region, format_size, parse_size, pixel_steps, scaled


@pytest.mark.parametrize("text", ["800x600", "800X600", "0800x600"])
def test_people_write_width_first(text: str) -> None:
    assert parse_size(text) == (600, 800)
    assert format_size(parse_size(text)) == "800x600"


@pytest.mark.parametrize(
    "text", ["", "800", "800x", "x600", "0x600", "800x-6", "8x6x4", "²x6", "a"]
)
def test_an_invalid_size_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="does not have the form 800x600"):
        parse_size(text)


def test_a_side_has_at_least_one_pixel() -> None:
    assert scaled((600, 801), 0.5) == (300, 400)
    assert scaled((3, 600), 0.1) == (1, 60)


def test_work_is_pixels_times_steps() -> None:
    assert pixel_steps([(2, 3), (4, 5)], [10, 5]) == 160
    assert pixel_steps([], []) == 0


def test_a_region_is_widened_within_the_picture() -> None:
    assert Region(20, 30, 10, 5).widened(8, (100, 200)) == Region(12, 22, 26, 21)
    assert Region(20, 30, 10, 5).widened(25, (50, 40)) == Region(0, 5, 40, 45)


def test_regions_overlap() -> None:
    region = Region(20, 30, 10, 5)
    assert region.overlap(Region(0, 0, 25, 33)) == Region(20, 30, 5, 3)
    assert region.overlap(Region(22, 31, 90, 2)) == Region(22, 31, 8, 2)
    assert region.overlap(Region(30, 30, 10, 5)) is None


def test_a_region_is_scaled_with_its_picture() -> None:
    assert Region(20, 30, 10, 6).scaled((100, 200), (50, 100)) == Region(10, 15, 5, 3)
    assert Region(0, 0, 200, 100).scaled((100, 200), (33, 67)) == Region(0, 0, 67, 33)
    assert Region(199, 99, 1, 1).scaled((100, 200), (5, 10)) == Region(9, 4, 1, 1)
