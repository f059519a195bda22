"""The sizes at which a picture is dreamed."""

from __future__ import annotations

from deepdream_core.shared.sizes import Size, scaled


def octave_factors(octaves: int, scale: float, largest: float) -> list[float]:
    """Return each octave's side length relative to the picture's, from small to large.

    The last is `largest`; each of the others is `scale` times smaller than the next.
    """
    return [largest / scale**n for n in reversed(range(octaves))]


def octave_sizes(
    size: Size, octaves: int, scale: float, largest: float, smallest_side: int = 1
) -> tuple[list[Size], int]:
    """Return the sizes from small to large, and how many were dropped as too small.

    The last is `largest` times the picture; each of the others is `scale` times smaller than the
    next. At least one remains, enlarged to `smallest_side` if necessary.
    """
    wanted = [scaled(size, factor) for factor in octave_factors(octaves, scale, largest)]
    fitting = [s for s in wanted if min(s) >= smallest_side]
    if not fitting:
        fitting = [scaled(size, smallest_side / min(size))]
    return fitting, len(wanted) - len(fitting)
