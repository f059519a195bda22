"""Picture sizes: (height, width) in the code, 800x600 (width first) where people write them."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable

Size = tuple[int, int]
"""Height and width in pixels."""


def scaled(size: Size, factor: float) -> Size:
    """Return the size with both sides multiplied by `factor`, at least one pixel each."""
    return max(1, round(size[0] * factor)), max(1, round(size[1] * factor))


def fit_within(size: Size, longest: int) -> Size:
    """Return the size, scaled down if its longer side exceeds `longest` pixels."""
    return scaled(size, min(1.0, longest / max(size)))


def pixel_steps(sizes: Iterable[Size], steps: int) -> int:
    """Return the work of taking `steps` steps at each size, in pixels times steps."""
    return steps * sum(height * width for height, width in sizes)


def parse_size(text: str) -> Size:
    """Parse a size such as `800x600` (width x height); a type for `argparse`.

    Raises `argparse.ArgumentTypeError`.
    """
    sides = re.fullmatch(r"0*([1-9]\d{0,5})x0*([1-9]\d{0,5})", text.lower(), re.ASCII)
    if not sides:
        raise argparse.ArgumentTypeError(f'"{text}" does not have the form 800x600')
    return int(sides[2]), int(sides[1])


def format_size(size: Size) -> str:
    """Return a size as people write it, such as `800x600` (width x height)."""
    return f"{size[1]}x{size[0]}"
