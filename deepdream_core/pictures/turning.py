"""Turning and zooming pictures about their centre."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from deepdream_core.pictures.resize import in_bands, picture_size
from deepdream_core.shared.sizes import Size


def turned(
    picture: Tensor,
    angle: float,
    zoom: float,
    size: Size,
    shift: tuple[float, float] = (0.0, 0.0),
    mode: str = "bicubic",
) -> Tensor:
    """Return (1, channels, height, width) turned and zoomed about its centre, then shifted.

    `angle`: counter-clockwise, in radians. `size`: of the result, around the same centre. `shift`:
    to the right and down, in pixels. `mode`: how values between pixels are interpolated; "bicubic"
    keeps a picture sharp over many turns, "bilinear" is faster. Areas from outside are filled with
    the picture's mirror image.
    """
    height, width = picture_size(picture)
    cos, sin, device = math.cos(angle) / zoom, math.sin(angle) / zoom, picture.device
    x = torch.arange(size[1], device=device) - (size[1] - 1) / 2 - shift[0]
    result = picture.new_empty(*picture.shape[:2], *size)
    for rows in in_bands(*size):
        y = torch.arange(rows.start, rows.stop, device=device) - (size[0] - 1) / 2 - shift[1]
        from_x = (x[None] * cos - y[:, None] * sin) * (2 / width)
        from_y = (x[None] * sin + y[:, None] * cos) * (2 / height)
        result[:, :, rows] = F.grid_sample(
            picture,
            torch.stack([from_x, from_y], dim=-1)[None],
            mode=mode,
            padding_mode="reflection",
            align_corners=False,
        )
    return result
