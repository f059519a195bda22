"""Picture sizes: (height, width) in the code, 800x600 (width first) where people write them."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from dataclasses import dataclass

Size = tuple[int, int]
"""Height and width in pixels."""


@dataclass(frozen=True)
class Region:
    """A part of a picture, in pixels."""

    x: int
    y: int
    width: int
    height: int

    @property
    def size(self) -> Size:
        """Height and width in pixels."""
        return self.height, self.width

    @property
    def rows(self) -> slice:
        return slice(self.y, self.y + self.height)

    @property
    def columns(self) -> slice:
        return slice(self.x, self.x + self.width)

    def widened(self, margin: int, size: Size) -> Region:
        """Return it with a margin on all sides, as far as a picture of that size reaches."""
        x, y = max(0, self.x - margin), max(0, self.y - margin)
        right = min(size[1], self.x + self.width + margin)
        bottom = min(size[0], self.y + self.height + margin)
        return Region(x, y, right - x, bottom - y)

    def overlap(self, other: Region) -> Region | None:
        """Return the part that both have in common, or None."""
        x, y = max(self.x, other.x), max(self.y, other.y)
        right = min(self.x + self.width, other.x + other.width)
        bottom = min(self.y + self.height, other.y + other.height)
        return Region(x, y, right - x, bottom - y) if x < right and y < bottom else None

    def relative_to(self, size: Size) -> tuple[float, float, float, float]:
        """Return x, y, width and height as parts (0..1) of a picture of that size."""
        height, width = size
        return self.x / width, self.y / height, self.width / width, self.height / height

    def scaled(self, before: Size, after: Size) -> Region:
        """Return the same part, at least a pixel, of a picture that is resized."""
        down, across = after[0] / before[0], after[1] / before[1]
        y = min(round(self.y * down), after[0] - 1)
        x = min(round(self.x * across), after[1] - 1)
        bottom = max(y + 1, round((self.y + self.height) * down))
        right = max(x + 1, round((self.x + self.width) * across))
        return Region(x, y, right - x, bottom - y)


def whole(size: Size) -> Region:
    """Return all of a picture of that size."""
    return Region(0, 0, size[1], size[0])


def scaled(size: Size, factor: float) -> Size:
    """Return the size with both sides multiplied by `factor`, at least one pixel each."""
    return max(1, round(size[0] * factor)), max(1, round(size[1] * factor))


def fit_within(size: Size, longest: int) -> Size:
    """Return the size, scaled down if its longer side exceeds `longest` pixels."""
    return scaled(size, min(1.0, longest / max(size)))


def pixel_steps(sizes: Sequence[Size], steps: Sequence[int]) -> int:
    """Return the work of taking so many steps at each size, in pixels times steps."""
    return sum(count * height * width for (height, width), count in zip(sizes, steps))


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
