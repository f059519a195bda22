"""Moving a dream between passes: zoom, rotation and shift."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from deepdream_core.pictures.resize import in_bands
from deepdream_core.shared.recipe import Recipe


def moves(recipe: Recipe) -> bool:
    """Return whether the picture moves between passes."""
    return (recipe.zoom, recipe.rotate, recipe.shift_x, recipe.shift_y) != (1, 0, 0, 0)


def moved(picture: Tensor, recipe: Recipe) -> Tensor:
    """Return a picture, (1, 3, height, width), zoomed and rotated about its centre, then shifted.

    Areas from outside are filled with the picture's mirror image. Cubic interpolation keeps the
    picture sharp over many passes.
    """
    height, width = picture.shape[-2:]
    angle, device = math.radians(recipe.rotate), picture.device
    cos, sin = math.cos(angle) / recipe.zoom, math.sin(angle) / recipe.zoom
    x = torch.arange(width, device=device) - (width - 1) / 2 - recipe.shift_x
    result = torch.empty_like(picture)
    for rows in in_bands(height, width):
        y = torch.arange(rows.start, rows.stop, device=device) - (height - 1) / 2 - recipe.shift_y
        from_x = (x[None] * cos - y[:, None] * sin) * (2 / width)
        from_y = (x[None] * sin + y[:, None] * cos) * (2 / height)
        result[:, :, rows] = F.grid_sample(
            picture,
            torch.stack([from_x, from_y], dim=-1)[None],
            mode="bicubic",
            padding_mode="reflection",
            align_corners=False,
        )
    return result.clamp_(0, 1)
