"""Moving a dream between passes: zoom, rotation and shift."""

from __future__ import annotations

import math

from torch import Tensor

from deepdream_core.pictures.resize import picture_size
from deepdream_core.pictures.turning import turned
from deepdream_core.shared.recipe import Recipe


def moves(recipe: Recipe) -> bool:
    """Return whether the picture moves between passes."""
    return (recipe.zoom, recipe.rotate, recipe.shift_x, recipe.shift_y) != (1, 0, 0, 0)


def moved(picture: Tensor, recipe: Recipe) -> Tensor:
    """Return a picture, (1, 3, height, width), zoomed and rotated about its centre, then shifted.

    Areas from outside are filled with the picture's mirror image.
    """
    angle, shift = math.radians(recipe.rotate), (recipe.shift_x, recipe.shift_y)
    return turned(picture, angle, recipe.zoom, picture_size(picture), shift).clamp_(0, 1)
