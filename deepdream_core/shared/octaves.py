"""The sizes at which a picture is dreamed."""

from __future__ import annotations

import math

from deepdream_core.shared.recipe import PARAMETERS, Recipe
from deepdream_core.shared.sizes import Size, scaled

_MOTIF_PIXELS = 45
"""The size of a large motif of the usual networks, which were trained on about 224 pixels."""
_MOST_ENLARGED = 2.0
"""How much a small picture is enlarged at most to have room for its motifs."""
_FULL_DETAIL_PIXELS = 8e6
"""Up to here, a picture is dreamed at its own size unless the recipe says otherwise."""
_MOST_OCTAVES = int(PARAMETERS["octaves"].high)


def octave_factors(size: Size, recipe: Recipe, limit: float = math.inf) -> list[float]:
    """Return each octave's side length relative to the picture's, from small to large.

    Each is the same factor larger than the one before. The last is the recipe's `largest_octave`,
    at most `limit`. The first is where a motif fills the recipe's share of the short side, unless
    the recipe says how many octaves there are.
    """
    largest = min(recipe.largest_octave or _full_detail(size), limit)
    if recipe.octaves:
        return [largest / recipe.octave_scale**n for n in reversed(range(recipe.octaves))]
    first = _MOTIF_PIXELS / recipe.motif / min(size)
    if first >= largest:
        return [min(first, _MOST_ENLARGED * largest, limit)]
    growth = math.log(largest / first)
    intervals = min(round(growth / math.log(recipe.octave_scale)), _MOST_OCTAVES - 1)
    return [largest / math.exp(growth * n / max(1, intervals)) for n in range(intervals, -1, -1)]


def _full_detail(size: Size) -> float:
    return min(1.0, math.sqrt(_FULL_DETAIL_PIXELS / (size[0] * size[1])))


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
