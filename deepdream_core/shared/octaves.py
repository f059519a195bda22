"""The sizes at which a picture is dreamed, and which part of it."""

from __future__ import annotations

import math

from deepdream_core.shared.drift import at_octave
from deepdream_core.shared.recipe import PARAMETERS, Recipe
from deepdream_core.shared.sizes import Region, Size, scaled, whole

_MOTIF_PIXELS = 45
"""The size of a large motif of the usual networks, which were trained on about 224 pixels."""
_MOST_ENLARGED = 2.0
"""How much a small picture is enlarged at most to have room for its motifs."""
_SMALLEST_GROWTH = 2.0
"""How much larger than its first octave the last octave of a part is at least: one alone, or two
that are alike, give texture rather than animals."""
_FULL_DETAIL_PIXELS = 8e6
"""Up to here, a picture is dreamed at its own size unless the recipe says otherwise."""
_OCTAVES_WITH_ALL_STEPS = 5
"""So many fill a picture of about 1000 pixels with medium motifs."""
_MOST_OCTAVES = int(PARAMETERS["octaves"].high)


def octave_factors(size: Size, recipe: Recipe, limit: float = math.inf) -> list[float]:
    """Return each octave's side length relative to the picture's, from small to large.

    Each is the same factor larger than the one before. The last is the recipe's `largest_octave`,
    at most `limit`. The first is where a motif fills the recipe's share of the short side, unless
    the recipe says how many octaves there are.
    """
    largest = min(_detail(size, recipe), limit)
    if recipe.octaves:
        return [largest / recipe.octave_scale**n for n in reversed(range(recipe.octaves))]
    first = _MOTIF_PIXELS / recipe.motif / min(size)
    if first >= largest:
        return [min(first, _MOST_ENLARGED * largest, limit)]
    growth = math.log(largest / first)
    intervals = min(round(growth / math.log(recipe.octave_scale)), _MOST_OCTAVES - 1)
    return [largest / math.exp(growth * n / max(1, intervals)) for n in range(intervals, -1, -1)]


def octave_steps(recipe: Recipe, octaves: int) -> list[int]:
    """Return how many steps each octave takes, from the smallest octave on.

    Fine octaves take fewer: with all steps, crowds of small motifs would cover the large ones.
    """
    steps = []
    for octave in range(octaves):
        wanted = at_octave(recipe, octave, octaves).steps
        finer = max(0, octave + 1 - _OCTAVES_WITH_ALL_STEPS)
        steps.append(min(wanted, max(1, round(wanted * recipe.fine_steps**finer))))
    return steps


def _detail(size: Size, recipe: Recipe) -> float:
    return recipe.largest_octave or min(1.0, _room(size))


def _room(size: Size) -> float:
    """Return the largest factor of a picture of that size that is not left out."""
    return math.sqrt(_FULL_DETAIL_PIXELS / (size[0] * size[1]))


def part_to_dream(size: Size, box: Region | None, recipe: Recipe) -> tuple[Region, Recipe]:
    """Return the part of a picture that is dreamed to change only `box`, and the part's recipe.

    The part is the box with a margin as wide as a large motif, where the network sees what lies
    around. In the part, motifs are as large as if the box were the picture; a box too small for
    them begins at its own size and is enlarged. A recipe that says how many octaves there are, or
    where a unit lies, is about the whole picture; so is a box of None.
    """
    if box is None or box.size == size or recipe.octaves or recipe.expression.placed:
        return whole(size), recipe
    first = min(_MOTIF_PIXELS / recipe.motif / min(box.size), _detail(box.size, recipe))
    part = box.widened(math.ceil(_MOTIF_PIXELS / first), size)
    enlarged = min(_SMALLEST_GROWTH * first, _room(part.size))
    wanted = {
        "motif": _MOTIF_PIXELS / first / min(part.size),
        "largest_octave": max(_detail(part.size, recipe), enlarged),
    }
    return part, recipe.changed(**{name: _allowed(name, x) for name, x in wanted.items()})


def _allowed(name: str, number: float) -> float:
    return min(max(number, PARAMETERS[name].low), PARAMETERS[name].high)


def octave_sizes(
    size: Size, recipe: Recipe, smallest_side: int = 1, limit: float = math.inf
) -> tuple[list[Size], int]:
    """Return the sizes from small to large, and how many were dropped as too small.

    At least one remains, enlarged to `smallest_side` if necessary. `limit`: see `octave_factors`.
    """
    wanted = [scaled(size, factor) for factor in octave_factors(size, recipe, limit)]
    fitting = [s for s in wanted if min(s) >= smallest_side]
    if not fitting:
        fitting = [scaled(size, smallest_side / min(size))]
    return fitting, len(wanted) - len(fitting)
