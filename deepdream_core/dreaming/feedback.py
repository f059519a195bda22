"""Moving a dream between passes (zoom, rotation and shift), and holding its tones."""

from __future__ import annotations

import math
from dataclasses import dataclass

from torch import Tensor

from deepdream_core.pictures.picture import Pixels
from deepdream_core.pictures.resize import picture_size
from deepdream_core.pictures.turning import turned
from deepdream_core.shared.recipe import Recipe
from deepdream_core.shared.schedules import PASSES, changes_over

_STILL = {"zoom": 1.0, "rotate": 0.0, "shift_x": 0.0, "shift_y": 0.0}


def moves(recipe: Recipe) -> bool:
    """Return whether the picture moves between passes."""
    motion = {name: getattr(recipe, name) for name in _STILL}
    return motion != _STILL or any(name in _STILL for name in changes_over(PASSES, recipe.schedule))


def moved(picture: Tensor, recipe: Recipe) -> Tensor:
    """Return a picture, (1, 3, height, width), zoomed and rotated about its centre, then shifted.

    Areas from outside are filled with the picture's mirror image.
    """
    angle, shift = math.radians(recipe.rotate), (recipe.shift_x, recipe.shift_y)
    return turned(picture, angle, recipe.zoom, picture_size(picture), shift).clamp_(0, 1)


_TINY = 1e-6


@dataclass(frozen=True)
class Passed:
    """What the next pass needs to know of those before it."""

    count: int
    """How many have been dreamed, at least one."""
    first: Pixels
    """The result of the first one."""
    last: Pixels
    """The result of the last one."""
    random_state: Tensor | None
    """The state of the generator of random numbers after it."""


@dataclass(frozen=True)
class Tones:
    """A picture's brightness and contrast."""

    means: Tensor
    """The mean of each channel, (1, 3, 1, 1)."""
    spreads: Tensor
    """The standard deviation of each channel, (1, 3, 1, 1)."""

    def hold(self, picture: Tensor) -> Tensor:
        """Return a picture with these tones, (1, 3, height, width)."""
        own = tones_of(picture)
        factor = self.spreads / (own.spreads + _TINY)
        return ((picture - own.means) * factor + self.means).clamp_(0, 1)


def tones_of(picture: Tensor) -> Tones:
    """Return the tones of a picture, (1, 3, height, width)."""
    return Tones(picture.mean((2, 3), keepdim=True), picture.std((2, 3), keepdim=True))
