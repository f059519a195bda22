"""Where the network's windows lie in the picture."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from deepdream_core.shared.sizes import Size


@dataclass(frozen=True)
class WindowPlace:
    """A window's position relative to the picture, which is `height` x `width` pixels."""

    top: int
    left: int
    height: int
    width: int
    period: Size | None = None
    """After how many pixels, down and across, the picture repeats; its own size if None."""
    angle: float = 0.0
    """By how much the picture is turned about its centre, counter-clockwise, in radians."""

    def find(self, x: float, y: float) -> tuple[int, int]:
        """Return the window's row and column at a relative position in the picture, 0 to 1."""
        row, column = y * (self.height - 1), x * (self.width - 1)
        if self.angle:
            cos, sin = math.cos(self.angle), math.sin(self.angle)
            middle = (self.height - 1) / 2, (self.width - 1) / 2
            down, across = row - middle[0], column - middle[1]
            row, column = (
                middle[0] + cos * down - sin * across,
                middle[1] + cos * across + sin * down,
            )
        period = self.period or (self.height, self.width)
        return (int(row) - self.top) % period[0], (int(column) - self.left) % period[1]

    def in_picture(self, rows: Tensor, columns: Tensor) -> tuple[Tensor, Tensor]:
        """Return where in the picture some rows and columns of the window lie.

        What lies beyond the picture's borders is outside 0..height and 0..width.
        """
        period = self.period or (self.height, self.width)
        row = _unrolled(rows + self.top, self.height, period[0])
        column = _unrolled(columns + self.left, self.width, period[1])
        row, column = torch.broadcast_tensors(row, column)
        if not self.angle:
            return row, column
        cos, sin = math.cos(self.angle), math.sin(self.angle)
        middle = (self.height - 1) / 2, (self.width - 1) / 2
        down, across = row - middle[0], column - middle[1]
        return middle[0] + cos * down + sin * across, middle[1] + cos * across - sin * down


def _unrolled(pixels: Tensor, side: int, period: int) -> Tensor:
    """Return pixels of a picture that repeats, as near to its own `side` as they can be."""
    pixels = pixels % period
    return torch.where(pixels > (side + period) / 2, pixels - period, pixels)
