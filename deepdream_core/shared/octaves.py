"""At which sizes a picture is dreamed."""

from __future__ import annotations

Size = tuple[int, int]
"""Height and width in pixels."""


def octave_sizes(
    size: Size, octaves: int, scale: float, largest: float, smallest_side: int
) -> tuple[list[Size], int]:
    """Return the sizes from small to large, and how many were dropped as too small.

    The last one is `largest` times the picture; the others are `scale` times smaller each.
    At least one remains, enlarged to `smallest_side` if need be.
    """
    wanted = [_scaled(size, largest / scale**n) for n in reversed(range(octaves))]
    fitting = [s for s in wanted if min(s) >= smallest_side]
    if not fitting:
        fitting = [_scaled(size, smallest_side / min(size))]
    return fitting, len(wanted) - len(fitting)


def _scaled(size: Size, factor: float) -> Size:
    return max(1, round(size[0] * factor)), max(1, round(size[1] * factor))
