"""Conversion between the artist's pixels and the network's input.

The network sees sRGB values in 0..1 (`dreamable`). A dream is a change to them (`detail`), and
only this change is added to the original values: pixels that are not dreamed keep every bit,
whatever their type, and values outside 0..1 (HDR) survive.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from deepdream_core.pictures.resize import in_bands
from deepdream_core.shared.messages import Argument, DreamError
from deepdream_core.shared.quoting import shortened

Pixels = NDArray[np.integer | np.floating]

_LUMINANCE = (0.2126, 0.7152, 0.0722)
"""Rec. 709 weights of sRGB's primaries."""


_MOST_QUOTED = 120


class PictureError(DreamError, ValueError):
    """The array or file is not a picture."""

    def __init__(self, code: str, /, **arguments: Argument) -> None:
        short = {
            name: shortened(value, _MOST_QUOTED) if type(value) is str else value
            for name, value in arguments.items()
        }
        super().__init__(code, **short)


@dataclass(frozen=True)
class SourcePicture:
    """The artist's picture in its original type, with what is needed to dream it."""

    pixels: Pixels
    """(height, width, channels), channels 1 gray, 2 gray and alpha, 3 RGB, 4 RGB and alpha."""
    linear: bool
    """Whether values are linear light rather than sRGB."""
    flat: bool
    """Whether the original array was (height, width), without channels."""

    @property
    def size(self) -> tuple[int, int]:
        """Height and width in pixels."""
        return self.pixels.shape[0], self.pixels.shape[1]

    @property
    def colours(self) -> int:
        """Channels without alpha: 1 or 3."""
        return 1 if self.pixels.shape[2] <= 2 else 3


def take(image: Pixels, linear: bool = False) -> SourcePicture:
    """Check a picture: (height, width[, channels]) of uint8, uint16 or a float type.

    The full range of integers stands for 0..1; `linear` means that floats are linear light.
    Raises `PictureError`.
    """
    pixels = np.asarray(image)
    flat = pixels.ndim == 2
    if flat:
        pixels = pixels[:, :, None]
    if pixels.ndim != 3 or not 1 <= pixels.shape[2] <= 4 or 0 in pixels.shape:
        raise PictureError("picture-shape", shape=str(image.shape))
    if pixels.dtype not in (np.uint8, np.uint16) and not np.issubdtype(pixels.dtype, np.floating):
        raise PictureError("picture-type", type=str(pixels.dtype))
    if np.issubdtype(pixels.dtype, np.floating) and not np.isfinite(pixels).all():
        raise PictureError("picture-not-finite")
    return SourcePicture(pixels, linear, flat)


def dreamable(source: SourcePicture) -> Tensor:
    """Return the network's input: float32 (1, 3, height, width), sRGB in 0..1."""
    seen = torch.empty(1, 3, *source.size)
    for rows in in_bands(*source.size):
        band = _unit_range(source.pixels[rows, :, : source.colours]).permute(2, 0, 1).clamp_(0, 1)
        seen[0, :, rows] = encode_srgb(band).clamp_(0, 1) if source.linear else band
    return seen


def visibility(source: SourcePicture) -> Tensor | None:
    """Return how visible each pixel is, 0..1, (1, 1, height, width); None if all are opaque."""
    if source.pixels.shape[2] == source.colours:
        return None
    alpha = SourcePicture(source.pixels[:, :, -1:], linear=False, flat=False)
    visible = dreamable(alpha)[:, :1]
    return None if bool((visible == 1).all()) else visible


def lay_over(source: SourcePicture, base: Tensor, change: Callable[[slice], Tensor]) -> Pixels:
    """Return the artist's picture with a change added, in its original type, shape and encoding.

    `base`: as from `dreamable`; `change` returns the change to it in some rows, (1, 3, rows,
    width). Where the change is zero, the result equals the source bit for bit.
    """
    result = source.pixels.copy()
    for rows in in_bands(*source.size):
        band = result[rows, :, : source.colours]
        _add(band, _in_source_encoding(source, base[:, :, rows], change(rows)))
    return result[:, :, 0] if source.flat else result


def _in_source_encoding(source: SourcePicture, base: Tensor, detail: Tensor) -> Tensor:
    """Return the change to the source's values, (rows, width, channels)."""
    if source.colours == 1:
        detail = luminance(detail)
        base = base[:, :1]
    if source.linear:
        detail = decode_srgb(base + detail) - decode_srgb(base)
    return detail[0].permute(1, 2, 0)


def _add(pixels: Pixels, change: Tensor) -> None:
    """Add a change, in units of the full range, to pixels, in place."""
    if np.issubdtype(pixels.dtype, np.floating):
        pixels += change.numpy()
        return
    full = _full_range(pixels)
    values = torch.from_numpy(pixels)
    # PyTorch computes this with all cores, NumPy with one.
    values.copy_((change * full).add_(values.float()).round_().clamp_(0, full))


def luminance(x: Tensor) -> Tensor:
    """Return an RGB tensor's luminance, (n, 1, height, width); for encoded values, its luma."""
    weights = torch.tensor(_LUMINANCE, dtype=x.dtype, device=x.device)
    return (x * weights[:, None, None]).sum(1, keepdim=True)


def encode_srgb(linear: Tensor) -> Tensor:
    """Apply the sRGB transfer function (IEC 61966-2-1) to linear light in 0..1."""
    curve = 1.055 * linear.clamp(min=0.0031308) ** (1 / 2.4) - 0.055
    return torch.where(linear <= 0.0031308, linear * 12.92, curve)


def decode_srgb(encoded: Tensor) -> Tensor:
    """Return the linear light of sRGB values in 0..1."""
    curve = ((encoded.clamp(min=0.04045) + 0.055) / 1.055) ** 2.4
    return torch.where(encoded <= 0.04045, encoded / 12.92, curve)


def _unit_range(pixels: Pixels) -> Tensor:
    """Return a float32 copy in which the full range is 0..1."""
    if np.issubdtype(pixels.dtype, np.floating):
        return torch.from_numpy(pixels.astype(np.float32))
    return torch.from_numpy(np.divide(pixels, _full_range(pixels), dtype=np.float32))


def _full_range(pixels: Pixels) -> int:
    return np.iinfo(pixels.dtype.name).max
