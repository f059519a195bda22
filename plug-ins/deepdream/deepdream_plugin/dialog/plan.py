"""What the preview dreams, so that it shows what OK gives.

A network knows motifs of a certain size in pixels: dreaming a thumbnail with the layer's own recipe
would show them as many times too large as the thumbnail is smaller. So the preview dreams the
first octaves of the real dream, at their real sizes: same pixels, same seed, same shifts. The
picture is reduced to the size of one of the octaves and dreamed up to that one. What the octaves
left out would add is finer than what was dreamed, and mostly finer than a pixel of the preview.

Measured on `docs/photo.jpg` (1024 x 768, classic preset), as the correlation of the change in the
preview with the change in the result, both seen at 512 x 384 and blurred by 2 and by 8 pixels:
0.68 and 0.86 with two of four octaves, 1.00 with all; the same recipe on a thumbnail of 480 x 360
gives 0.26 and 0.43.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from deepdream_core.shared.octaves import octave_factors
from deepdream_core.shared.recipe import Recipe
from deepdream_core.shared.sizes import Size, pixel_steps, scaled

FIRST_GUESS = 6e6
"""Pixel-steps that a preview may take before this machine's speed is known."""
_LARGEST_FIRST_OCTAVE = 2.5e6
"""Pixels. A first octave that is larger would keep the artist waiting for the first change."""


@dataclass(frozen=True)
class Plan:
    """The size at which to dream a preview, and with which recipe."""

    width: int
    height: int
    recipe: Recipe
    octaves: int
    """How many octaves of the real dream the preview shows, of `recipe.octaves` + `left_out`."""
    left_out: int
    sketch: float = 1.0
    """How many times too large the motifs are, where the real sizes would take too long."""


def plan_preview(width: int, height: int, recipe: Recipe, work: float = FIRST_GUESS) -> Plan:
    """Choose how much of a dream of a `width` x `height` picture a preview can show.

    `work`: pixel-steps that it may take. The first octave is always there.
    """
    recipe = recipe.changed(keep="result", passes=1)
    size = (height, width)
    factors = octave_factors(recipe.octaves, recipe.octave_scale, recipe.largest_octave)
    sizes = [scaled(size, factor) for factor in factors]
    if math.prod(sizes[0]) > _LARGEST_FIRST_OCTAVE:
        return _sketch(size, recipe, sizes, work)
    shown = 1
    while shown < len(sizes) and pixel_steps(sizes[: shown + 1], recipe.steps) <= work:
        shown += 1
    # Every size of the real dream up to this one; an octave larger than the layer stays larger.
    factor = min(1.0, factors[shown - 1])
    changed = recipe.changed(octaves=shown, largest_octave=_within(factors[shown - 1] / factor))
    return _plan(scaled(size, factor), changed, shown, recipe.octaves - shown)


def _sketch(size: Size, recipe: Recipe, sizes: list[Size], work: float) -> Plan:
    """All octaves, each as many times too small as it takes."""
    shrink = min(1.0, work / pixel_steps(sizes, max(1, recipe.steps))) ** 0.5
    return _plan(scaled(size, shrink), recipe, recipe.octaves, 0, sketch=1 / shrink)


def _plan(size: Size, recipe: Recipe, octaves: int, left_out: int, sketch: float = 1.0) -> Plan:
    height, width = size
    return Plan(width, height, recipe, octaves, left_out, sketch)


def _within(largest: float) -> float:
    return min(4.0, max(0.1, largest))


@dataclass(frozen=True)
class Region:
    """A part of the layer, in its pixels."""

    x: int
    y: int
    width: int
    height: int


def region_around(
    centre: tuple[float, float], shown: tuple[int, int], layer: tuple[int, int]
) -> Region:
    """Return the part of a layer that fills the preview at 1:1.

    `centre`: relative position (0..1) in the layer; `shown`, `layer`: width and height in pixels.
    """
    width, height = min(shown[0], layer[0]), min(shown[1], layer[1])
    x = round(centre[0] * layer[0] - width / 2)
    y = round(centre[1] * layer[1] - height / 2)
    return Region(
        max(0, min(layer[0] - width, x)), max(0, min(layer[1] - height, y)), width, height
    )
