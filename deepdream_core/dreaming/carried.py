"""A dream that is carried over to another picture, such as a film's next frame."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from deepdream_core.pictures.resize import resize
from deepdream_core.shared.sizes import Size


@dataclass(frozen=True)
class Carried:
    """What a dream begins with instead of nothing, and how fast it grows from there."""

    detail: Tensor
    """The change to the picture, sRGB, (1, 3, height, width), of the picture's size."""
    pace: Tensor
    """Scales each pixel's steps, (1, 1, height, width): 0 keeps what is carried, 1 is the usual."""

    def to(self, device: torch.device) -> Carried:
        """Return the same on a device."""
        return Carried(self.detail.to(device), self.pace.to(device))

    def detail_at(self, size: Size) -> Tensor:
        """Return the detail, resized."""
        return resize(self.detail, size)

    def pace_at(self, size: Size) -> Tensor:
        """Return the pace, resized."""
        return resize(self.pace, size)
