"""Planning what the preview dreams, so that it resembles the result.

A network's motifs have a certain size in pixels, so a thumbnail dreamed with a recipe that says how
many octaves there are would have motifs too large, by the same factor as it is smaller. Instead,
the preview dreams the first octaves of the real dream at their real sizes, with the same pixels,
seed and shifts: the picture is reduced to the size of one of the octaves and dreamed up to that
one. The detail of the omitted octaves is finer, mostly finer than a pixel of the preview. If only a
part of the layer is dreamed, around a selection, the preview dreams that part in the same way.

Measured on `docs/photo.jpg` (1024 x 768, preset Classic): correlation of the change in the preview
with the change in the result, both scaled to 512 x 384 and blurred by 2 and by 8 pixels. With two
of five octaves, it is 0.58 and 0.66; with three, which is what `FIRST_GUESS` allows, 0.66 and 0.76;
with four 0.68 and 0.79, and with all of them 1.00. A thumbnail of 480 x 360 gives 0.63 and 0.73, as
Classic's octaves follow from the picture's size.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from deepdream_core.shared.drift import in_first_octaves
from deepdream_core.shared.octaves import octave_factors, octave_steps, part_to_dream
from deepdream_core.shared.recipe import PARAMETERS, Recipe
from deepdream_core.shared.sizes import Region, Size, pixel_steps, scaled

FIRST_GUESS = 6e6
"""How many pixel-steps a preview may take before this machine's speed is known."""
_LARGEST_FIRST_OCTAVE = 2.5e6
"""In pixels. A larger first octave would keep the artist waiting for the first change."""

_ENLARGED = 3.0
"""How much larger motifs are in small pictures for choosing, in which they would be specks."""
_LARGEST_MOTIF = PARAMETERS["motif"].high


@dataclass(frozen=True)
class Plan:
    """What a preview dreams: a part of the layer, its size, and the recipe."""

    part: Region
    width: int
    height: int
    recipe: Recipe
    octaves: int
    """The number of octaves of the real dream that the preview shows."""
    left_out: int
    """The number of octaves that it omits."""
    sketch: float = 1.0
    """How many times too large the motifs are, if their real sizes would take too long."""


def recipe_for_choosing(recipe: Recipe) -> Recipe:
    """Return what dreams a small picture that shows at a glance what a recipe is like.

    At its own motif size, hardly more than one octave fits, and all recipes look alike.
    """
    motif = min(_LARGEST_MOTIF, recipe.motif * _ENLARGED)
    return recipe.changed(motif=motif, keep="result", passes=1)


def plan_preview(
    width: int,
    height: int,
    recipe: Recipe,
    work: float = FIRST_GUESS,
    box: Region | None = None,
) -> Plan:
    """Choose how many octaves of a dream of a `width` x `height` layer a preview shows.

    It takes at most `work` pixel-steps, but always shows the first octave. `box`: the rectangle
    around the selection that limits the dream, if there is one.
    """
    recipe = recipe.changed(keep="result", passes=1)
    part, factors = _octaves((height, width), recipe, box)
    size = part.size
    sizes = [scaled(size, factor) for factor in factors]
    if math.prod(sizes[0]) > _LARGEST_FIRST_OCTAVE:
        return _sketch(part, recipe, factors, work)
    shown, steps = 1, octave_steps(recipe, len(sizes))
    while shown < len(sizes) and pixel_steps(sizes[: shown + 1], steps) <= work:
        shown += 1
    # Octaves larger than the layer keep their size relative to it.
    factor = min(1.0, factors[shown - 1])
    changed = _with_octaves(recipe, factors, shown, factors[shown - 1] / factor)
    return _plan(part, scaled(size, factor), changed, shown, len(factors) - shown)


def recipe_at_full_size(
    width: int, height: int, recipe: Recipe, box: Region | None = None
) -> Recipe:
    """Return the recipe with which any part of a layer, at 1:1, is dreamed as in the whole layer.

    The arguments are those of `plan_preview`.
    """
    recipe = recipe.changed(keep="result", passes=1)
    _, factors = _octaves((height, width), recipe, box)
    return _with_octaves(recipe, factors, len(factors), factors[-1])


def _octaves(size: Size, recipe: Recipe, box: Region | None) -> tuple[Region, list[float]]:
    """Return the part of a layer that is dreamed, and its octaves' factors."""
    part, part_recipe = part_to_dream(size, box, recipe)
    return part, octave_factors(part.size, part_recipe)


def _sketch(part: Region, recipe: Recipe, factors: list[float], work: float) -> Plan:
    """Plan all octaves, but scale them down to fit `work`."""
    size = part.size
    sizes = [scaled(size, factor) for factor in factors]
    steps = octave_steps(recipe, len(sizes))
    shrink = min(1.0, work / max(1, pixel_steps(sizes, steps))) ** 0.5
    changed = _with_octaves(recipe, factors, len(factors), factors[-1])
    return _plan(part, scaled(size, shrink), changed, len(factors), 0, sketch=1 / shrink)


def _with_octaves(recipe: Recipe, factors: list[float], shown: int, largest: float) -> Recipe:
    """Return the recipe for the first `shown` of the octaves, whatever the picture's size."""
    recipe = in_first_octaves(recipe, shown, len(factors))
    changed = recipe.changed(octaves=shown, largest_octave=_within(largest))
    if recipe.octaves or len(factors) == 1:
        return changed
    limits = PARAMETERS["octave_scale"]
    scale = factors[1] / factors[0]
    return changed.changed(octave_scale=min(max(scale, limits.low), limits.high))


def _plan(
    part: Region, size: Size, recipe: Recipe, octaves: int, left_out: int, sketch: float = 1.0
) -> Plan:
    height, width = size
    return Plan(part, width, height, recipe, octaves, left_out, sketch)


def _within(largest: float) -> float:
    return min(4.0, max(0.1, largest))


def box_around(grades: bytes | bytearray, width: int, height: int) -> Region | None:
    """Return the smallest rectangle around all bytes of a selection that are not zero."""
    rows = [grades[y * width : (y + 1) * width] for y in range(height)]
    ends = {y: len(row.rstrip(b"\0")) for y, row in enumerate(rows)}
    filled = [y for y, end in ends.items() if end]
    if not filled:
        return None
    left = min(width - len(rows[y].lstrip(b"\0")) for y in filled)
    return Region(left, filled[0], max(ends.values()) - left, filled[-1] + 1 - filled[0])
