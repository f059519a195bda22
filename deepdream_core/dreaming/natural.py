"""Giving a gradient the statistics of photographs, which makes it readable for the eye.

A gradient is noise at every frequency and in every colour. Photographs are not: each octave of
their frequencies carries the same energy (Field, 1987, https://doi.org/10.1364/JOSAA.4.002379),
and their colours vary mostly together, from dark to light (Ruderman, Cronin, Chiao, 1998,
https://doi.org/10.1364/JOSAA.15.002036). Lucid ascends in coordinates with these statistics (Olah,
Mordvintsev, Schubert, 2017, https://distill.pub/2017/feature-visualization); here the gradient
itself is transformed.
"""

from __future__ import annotations

import math
from functools import lru_cache

import torch
from torch import Tensor

from deepdream_core.pictures.resize import in_bands, picture_size, resize

LEVELS = 4
"""Octaves of frequencies that are given equal weight, from single pixels to 8 pixels."""

_TINY = 1e-12
_SMALL = 1 << 23
"""Fewer values than this take so little memory that all channels are resized together."""
_SMALLEST_LEVEL = 8

_COLOUR_AXES = ((1.0, 1.0, 1.0), (1.0, 0.0, -1.0), (1.0, -2.0, 1.0))
"""Light and dark, orange and blue, magenta and green: photographs vary along them independently."""
_COLOUR_SPREADS = (1.0, 0.38, 0.10)
"""Standard deviations along the axes, measured on photographs, relative to the first."""


@lru_cache(maxsize=8)  # copying numbers to a device waits for it
def colour_matrix(power: float, device: torch.device) -> Tensor:
    """Return the (3, 3) covariance of the colours of photographs, raised to a power."""
    axes = torch.tensor(_COLOUR_AXES, device=device)
    axes = axes / torch.linalg.vector_norm(axes, dim=1, keepdim=True)
    variances = torch.tensor(_COLOUR_SPREADS, device=device).square()
    return axes.T @ torch.diag(variances**power) @ axes


def naturalise(gradient: Tensor, levels: int, colourfulness: float, crispness: float) -> Tensor:
    """Return a gradient with the colours and frequencies of photographs. Overwrites `gradient`.

    `levels` and `crispness`: see `normalise_bands`. `colourfulness`: from 0, only as colourful as
    photographs, to 1, all of the gradient's own colours. The mean is removed, as it would only
    tint the picture.
    """
    gradient -= gradient.mean((2, 3), keepdim=True)
    matrix = colour_matrix(1 - colourfulness, gradient.device)
    for rows in in_bands(*picture_size(gradient)):
        band = gradient[:, :, rows]
        gradient[:, :, rows] = torch.einsum("ij,njhw->nihw", matrix, band)
    return normalise_bands(gradient, levels, crispness)


def normalise_bands(gradient: Tensor, levels: int, crispness: float = 1.0) -> Tensor:
    """Scale each level of the gradient's Laplacian pyramid to the same rms, and add them up.

    `crispness`: the rms of the finest level; that of each coarser level is the square root of the
    one before, and that of the coarsest is 1. Overwrites `gradient`. Method: Mordvintsev's
    Laplacian pyramid gradient normalisation, TensorFlow DeepDream tutorial.
    """
    size = picture_size(gradient)
    if levels == 1 or min(size) < 2 * _SMALLEST_LEVEL:
        return gradient.div_(magnitude(gradient, 2) + _TINY)
    coarse = resize(gradient, (size[0] // 2, size[1] // 2))
    fine = _add_resized(gradient, coarse, -1)
    fine *= crispness / (magnitude(fine, 2) + _TINY)
    return _add_resized(fine, normalise_bands(coarse, levels - 1, math.sqrt(crispness)), 1)


def _add_resized(x: Tensor, other: Tensor, factor: float) -> Tensor:
    """Add `other`, resized to the size of `x`, in place; if large, one channel at a time."""
    together = x.shape[1] if x.numel() <= _SMALL else 1
    for part, other_part in zip(x.split(together, 1), other.split(together, 1), strict=True):
        part.add_(resize(other_part, picture_size(x)), alpha=factor)
    return x


def magnitude(x: Tensor, order: int) -> Tensor:
    """Return the mean absolute value (order 1) or the root mean square (order 2), as a tensor.

    A tensor, as reading its value would wait for the device.
    """
    # In bands, because a float32 sum of 10**8 values loses digits.
    bands = in_bands(*picture_size(x))
    sizes = [torch.linalg.vector_norm(x[:, :, rows].float(), order) for rows in bands]
    return (torch.stack(sizes).pow_(order).sum() / x.numel()) ** (1 / order)
