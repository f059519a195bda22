"""Sizes: written as width x height, kept as height and width."""

from __future__ import annotations

import argparse

import pytest

from deepdream_core.shared.sizes import format_size, parse_size, pixel_steps, scaled


@pytest.mark.parametrize("text", ["800x600", "800X600", "0800x600"])
def test_a_size_is_width_and_height_where_people_write_it(text: str) -> None:
    assert parse_size(text) == (600, 800)
    assert format_size(parse_size(text)) == "800x600"


@pytest.mark.parametrize(
    "text", ["", "800", "800x", "x600", "0x600", "800x-6", "8x6x4", "²x6", "a"]
)
def test_what_is_no_size_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="is not of the form 800x600"):
        parse_size(text)


def test_a_side_has_a_pixel_at_least() -> None:
    assert scaled((600, 801), 0.5) == (300, 400)
    assert scaled((3, 600), 0.1) == (1, 60)


def test_the_work_counts_each_pixel_as_often_as_it_is_stepped() -> None:
    assert pixel_steps([(2, 3), (4, 5)], 10) == 260
    assert pixel_steps([], 10) == 0
