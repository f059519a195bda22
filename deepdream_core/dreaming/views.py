"""Random views: the network sees a picture turned and zoomed a little differently in every step.

What grows then fits more than one size and direction: "transformation robustness" (Olah,
Mordvintsev, Schubert, 2017, https://distill.pub/2017/feature-visualization).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from deepdream_core.dreaming.places import WindowPlace
from deepdream_core.pictures.turning import turned
from deepdream_core.shared.sizes import Size


@dataclass(frozen=True)
class View:
    """How the network sees a picture in one step: turned and zoomed about its centre."""

    size: Size
    """The picture's height and width."""
    canvas: Size
    """The view's height and width. The picture lies in the middle, in its mirror image."""
    angle: float
    """Counter-clockwise, in radians."""
    zoom: float

    def show(self, picture: Tensor) -> Tensor:
        """Return the view of a picture, (1, 3, height, width)."""
        return turned(picture, self.angle, self.zoom, self.canvas, mode="bilinear")

    def bring_back(self, gradient: Tensor) -> Tensor:
        """Return the gradient at the picture, given the gradient at its view."""
        # Sampled, not summed up as autograd would: on a GPU, such sums differ from time to time.
        return turned(gradient, -self.angle, 1 / self.zoom, self.size, mode="bilinear")

    def place(self, window: WindowPlace) -> WindowPlace:
        """Return a window's place relative to the picture, given its place in the view."""
        height, width = (round(side * self.zoom) for side in self.size)
        top = window.top - (self.canvas[0] - height) // 2
        left = window.left - (self.canvas[1] - width) // 2
        return replace(window, top=top, left=left, height=height, width=width, angle=self.angle)


def draw_view(size: Size, turn: float, zoom: float, random: torch.Generator) -> View:
    """Draw a view turned by up to `turn` degrees, and up to 1 + `zoom` times larger or smaller."""
    by_turn, by_zoom = (2 * torch.rand(2, generator=random) - 1).tolist()
    # The canvas is as large as the largest view: libraries make plans for each size.
    height, width = size
    canvas = _extent(height, width, turn, zoom), _extent(width, height, turn, zoom)
    return View(size, canvas, math.radians(turn) * by_turn, (1 + zoom) ** by_zoom)


def _extent(along: int, across: int, turn: float, zoom: float) -> int:
    """Return the largest extent of a turned and zoomed rectangle in the direction of one side."""
    angle = min(math.radians(turn), math.atan2(across, along))
    return math.ceil((1 + zoom) * (along * math.cos(angle) + across * math.sin(angle)))
