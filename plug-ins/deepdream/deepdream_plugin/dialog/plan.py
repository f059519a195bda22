"""Planning what the preview dreams, so that it resembles the result.

A network's motifs have a certain size in pixels, so dreaming a thumbnail with the layer's own
recipe would make them too large, by the same factor as the thumbnail is smaller. Instead, the
preview dreams the first octaves of the real dream at their real sizes, with the same pixels, seed
and shifts: the picture is reduced to the size of one of the octaves and dreamed up to that one.
The detail of the omitted octaves is finer, mostly finer than a pixel of the preview.

Measured on `docs/photo.jpg` (1024 x 768, classic preset): correlation of the change in the preview
with the change in the result, both scaled to 512 x 384 and blurred by 2 and by 8 pixels. With two
of four octaves, it is 0.68 and 0.86, with all of them 1.00. The same recipe on a thumbnail of
480 x 360 gives 0.26 and 0.43.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from deepdream_core.shared.octaves import octave_factors
from deepdream_core.shared.recipe import PARAMETERS, Recipe
from deepdream_core.shared.sizes import Size, pixel_steps, scaled

FIRST_GUESS = 6e6
"""How many pixel-steps a preview may take before this machine's speed is known."""
_LARGEST_FIRST_OCTAVE = 2.5e6
"""In pixels. A larger first octave would keep the artist waiting for the first change."""


@dataclass(frozen=True)
class Plan:
    """The size and recipe of a preview."""

    width: int
    height: int
    recipe: Recipe
    octaves: int
    """The number of octaves of the real dream that the preview shows."""
    left_out: int
    """The number of octaves that it omits."""
    sketch: float = 1.0
    """How many times too large the motifs are, if their real sizes would take too long."""


def plan_preview(width: int, height: int, recipe: Recipe, work: float = FIRST_GUESS) -> Plan:
    """Choose how many octaves of a dream of a `width` x `height` picture a preview shows.

    It takes at most `work` pixel-steps, but always shows the first octave.
    """
    recipe = recipe.changed(keep="result", passes=1)
    size = (height, width)
    factors = octave_factors(size, recipe)
    sizes = [scaled(size, factor) for factor in factors]
    if math.prod(sizes[0]) > _LARGEST_FIRST_OCTAVE:
        return _sketch(size, recipe, factors, work)
    shown = 1
    while shown < len(sizes) and pixel_steps(sizes[: shown + 1], recipe.steps) <= work:
        shown += 1
    # Octaves larger than the layer keep their size relative to it.
    factor = min(1.0, factors[shown - 1])
    changed = _with_octaves(recipe, factors, shown, factors[shown - 1] / factor)
    return _plan(scaled(size, factor), changed, shown, len(factors) - shown)


def _sketch(size: Size, recipe: Recipe, factors: list[float], work: float) -> Plan:
    """Plan all octaves, but scale them down to fit `work`."""
    sizes = [scaled(size, factor) for factor in factors]
    shrink = min(1.0, work / pixel_steps(sizes, max(1, recipe.steps))) ** 0.5
    changed = _with_octaves(recipe, factors, len(factors), factors[-1])
    return _plan(scaled(size, shrink), changed, len(factors), 0, sketch=1 / shrink)


def _with_octaves(recipe: Recipe, factors: list[float], shown: int, largest: float) -> Recipe:
    """Return the recipe for the first `shown` of the octaves, whatever the picture's size."""
    changed = recipe.changed(octaves=shown, largest_octave=_within(largest))
    if recipe.octaves or len(factors) == 1:
        return changed
    limits = PARAMETERS["octave_scale"]
    scale = factors[1] / factors[0]
    return changed.changed(octave_scale=min(max(scale, limits.low), limits.high))


def _plan(size: Size, recipe: Recipe, octaves: int, left_out: int, sketch: float = 1.0) -> Plan:
    height, width = size
    return Plan(width, height, recipe, octaves, left_out, sketch)


def _within(largest: float) -> float:
    return min(4.0, max(0.1, largest))


@dataclass(frozen=True)
class Region:
    """A part of the layer, in pixels."""

    x: int
    y: int
    width: int
    height: int


def region_around(
    centre: tuple[float, float], shown: tuple[int, int], layer: tuple[int, int]
) -> Region:
    """Return the part of a layer that fills the preview at 1:1.

    `centre` is a relative position (0..1) in the layer; `shown` and `layer` are (width, height) in
    pixels.
    """
    width, height = min(shown[0], layer[0]), min(shown[1], layer[1])
    x = round(centre[0] * layer[0] - width / 2)
    y = round(centre[1] * layer[1] - height / 2)
    return Region(
        max(0, min(layer[0] - width, x)), max(0, min(layer[1] - height, y)), width, height
    )
