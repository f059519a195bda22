"""At which sizes a picture is dreamed."""

from __future__ import annotations

from deepdream_core.shared.sizes import Size, scaled


def octave_factors(octaves: int, scale: float, largest: float) -> list[float]:
    """Return how large each octave is beside the picture, from small to large, by its sides.

    The last one is `largest`; the others are `scale` times smaller each.
    """
    return [largest / scale**n for n in reversed(range(octaves))]


def octave_sizes(
    size: Size, octaves: int, scale: float, largest: float, smallest_side: int = 1
) -> tuple[list[Size], int]:
    """Return the sizes from small to large, and how many were dropped as too small.

    The last one is `largest` times the picture; the others are `scale` times smaller each.
    At least one remains, enlarged to `smallest_side` if need be.
    """
    wanted = [scaled(size, factor) for factor in octave_factors(octaves, scale, largest)]
    fitting = [s for s in wanted if min(s) >= smallest_side]
    if not fitting:
        fitting = [scaled(size, smallest_side / min(size))]
    return fitting, len(wanted) - len(fitting)
