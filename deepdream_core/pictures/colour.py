"""Keeping the picture's own colours, luminance or histogram, or taking those of a guide."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from deepdream_core.pictures.picture import luminance
from deepdream_core.pictures.resize import in_bands, picture_size, resize

_QUANTILES = 1 << 16
"""How many values stand for a channel's distribution."""
_TOLD_APART = 2**-16
"""By how much equal values of a dream differ where its picture is black, and white, underneath."""
_SAMPLES = 1 << 16
"""About how many pixels stand for a picture's colours."""
_AREAS = 64
"""How many areas along the short side tell where a picture has changed."""
_LEAST_CHANGE = 4 / 255
"""What changes by this much on average takes other colours wholly."""
_LEAST_SPREAD = 1e-4
"""Added to variances: a picture of a single colour has none."""


@dataclass(frozen=True)
class Colours:
    """The colours of a picture, as statistics."""

    mean: Tensor
    """(3,), float64."""
    covariance: Tensor
    """(3, 3), float64."""


def colours_of(picture: Tensor, weight: Tensor) -> Colours:
    """Return the colours of (1, 3, height, width), each pixel weighted by (1, 1, height, width)."""
    height, width = picture_size(picture)
    every = max(1, math.isqrt(height * width // _SAMPLES))
    values = picture[0, :, ::every, ::every].flatten(1).double()
    shares = weight[0, 0, ::every, ::every].flatten().double()
    shares = shares / shares.sum().clamp(min=1e-9)
    mean = values @ shares
    centred = values - mean[:, None]
    return Colours(mean, (centred * shares) @ centred.T + _LEAST_SPREAD * torch.eye(3))


def recolour(mode: str, base: Tensor, detail: Tensor, colours: Colours | None = None) -> Tensor:
    """Return the detail, changed so that `base + detail` preserves what `mode` asks for.

    `mode`: "free" (nothing), "keep" (the base's colours; the dream changes only the brightness),
    "luminance" (the base's luminance; the dream changes only the colours), "histogram" (the
    distribution of values in each channel) or "guide" (the dream's luminance; what has changed
    takes `colours`, if given). Tensors are (1, 3, height, width).
    """
    if mode == "guide" and colours is not None:
        return _take(colours, base, detail)
    if mode == "keep":
        return _fit(base, luminance(detail).expand_as(detail))
    if mode == "luminance":
        return _fit(base, detail - luminance(detail))
    if mode == "histogram":
        return _match_histogram(base + detail, base) - base
    return detail


def _fit(base: Tensor, detail: Tensor) -> Tensor:
    return (base + detail).clamp_(0, 1) - base


def _match_histogram(picture: Tensor, model: Tensor) -> Tensor:
    """Map values so that each channel's distribution is the model's, and equal ones stay in order.

    A dream has many values that are exactly black or white: the model tells these apart, so that
    its darkest and lightest pixels are the only ones that stay so.
    """
    matched = torch.empty_like(picture)
    for channel in range(picture.shape[1]):
        wanted = model[0, channel].numpy()
        values = picture[0, channel].numpy() + wanted * np.float32(_TOLD_APART)
        at, index, count = np.unique(_quantiles(values), return_inverse=True, return_counts=True)
        means = np.bincount(index, _quantiles(wanted)) / count
        for rows in in_bands(*values.shape):
            matched[0, channel, rows] = torch.from_numpy(np.interp(values[rows], at, means))
    return matched


def _quantiles(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return some of the values in order, evenly spaced, with the least and the greatest."""
    places = np.linspace(0, values.size - 1, min(values.size, _QUANTILES)).round().astype(int)
    return np.sort(values, axis=None)[places]


def _take(colours: Colours, base: Tensor, detail: Tensor) -> Tensor:
    """Return the detail, changed so that `base + detail` takes colours, but keeps its luminance.

    Pixels that `detail` leaves alone stay as they are. The colours are moved by the linear map that
    gives them the wanted mean and covariance and moves them least (Pitié, Kokaram, 2007,
    https://doi.org/10.1049/cp:20070055).
    """
    picture = base + detail
    share = _changed(detail)
    own = colours_of(picture, share)
    root, inverse = (_power(own.covariance, p) for p in (0.5, -0.5))
    matrix = inverse @ _power(root @ colours.covariance @ root, 0.5) @ inverse
    result = torch.empty_like(detail)
    for rows in in_bands(*picture_size(detail)):
        seen = picture[:, :, rows]
        moved = torch.einsum("ij,njhw->nihw", matrix.float(), seen)
        moved += (colours.mean - matrix @ own.mean).float()[:, None, None] - seen
        moved -= luminance(moved)
        result[:, :, rows] = detail[:, :, rows] + share[:, :, rows] * moved
    return _fit(base, result)


def _power(covariance: Tensor, power: float) -> Tensor:
    values, axes = torch.linalg.eigh(covariance)
    return axes @ torch.diag(values.clamp(min=0) ** power) @ axes.T


def _changed(detail: Tensor) -> Tensor:
    """Return how far each pixel's surroundings have changed, 0..1; 0 for a pixel that has not."""
    height, width = picture_size(detail)
    area = max(1, min(height, width) // _AREAS)
    size = detail.abs().mean(1, keepdim=True)
    around = resize(size, (max(1, height // area), max(1, width // area)))
    share = resize(around, (height, width)).div_(_LEAST_CHANGE).clamp_(max=1)
    return share.mul_(size > 0)
