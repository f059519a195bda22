"""Sizes: people write width x height, the code uses (height, width)."""

from __future__ import annotations

import argparse

import pytest

from deepdream_core.shared.sizes import format_size, parse_size, pixel_steps, scaled


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
    assert pixel_steps([(2, 3), (4, 5)], 10) == 260
    assert pixel_steps([], 10) == 0
