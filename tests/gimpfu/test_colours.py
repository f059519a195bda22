"""Colours in every form that gimpfu plug-ins use."""

from __future__ import annotations

import pytest
from gimpfu.colours import CMYK, HSL, HSV, RGB, ColourLike, rgb


@pytest.mark.parametrize(
    ("given", "parts"),
    [
        ((240, 180, 70), (240, 180, 70, 255)),
        ((1.0, 0.5, 0.0), (255, 128, 0, 255)),
        ((255, 0, 0, 128), (255, 0, 0, 128)),
        ("orange", (255, 165, 0, 255)),
        ("#f80", (255, 136, 0, 255)),
        ("#ff8800", (255, 136, 0, 255)),
        ("rgb(10%, 20%, 255)", (26, 51, 255, 255)),
        ("rgba(0, 0, 0, 0.5)", (0, 0, 0, 128)),
        ("hsl(120, 100%, 50%)", (0, 255, 0, 255)),
        (HSV(120, 1.0, 1.0), (0, 255, 0, 255)),
        (HSL(0, 1.0, 0.5), (255, 0, 0, 255)),
        (CMYK(0.0, 1.0, 1.0, 0.0), (255, 0, 0, 255)),
        (RGB(1, 2, 3), (1, 2, 3, 255)),
    ],
)
def test_whole_numbers_count_to_255_and_floats_to_1(
    given: ColourLike, parts: tuple[int, ...]
) -> None:
    assert tuple(rgb(given)) == parts


@pytest.mark.parametrize("given", ["nothing", "#12", (1, 2), ("a", "b", "c"), "rgb(1, 2)"])
def test_what_is_no_colour_is_refused(given: ColourLike) -> None:
    with pytest.raises((TypeError, ValueError)):
        rgb(given)


def test_models_are_converted_there_and_back() -> None:
    colour = RGB(240, 180, 70)
    for other in (colour.to_hsv(), colour.to_hsl(), colour.to_cmyk()):
        assert other.to_rgb().parts() == pytest.approx(colour.parts())


def test_an_attribute_that_a_colour_does_not_have_cannot_be_set() -> None:
    with pytest.raises(AttributeError):
        RGB(1, 2, 3).hue = 5  # pyright: ignore[reportAttributeAccessIssue]
