"""Keeping the picture's own colours, luminance or histogram."""

from __future__ import annotations

import torch
from torch import Tensor

from deepdream_core.pictures.picture import luminance

_LEVELS = 4096


def recolour(mode: str, base: Tensor, detail: Tensor) -> Tensor:
    """Return the detail, changed so that `base + detail` preserves what `mode` asks for.

    `mode`: "free" (nothing), "keep" (the base's colours; the dream changes only the brightness),
    "luminance" (the base's luminance; the dream changes only the colours) or "histogram" (the
    distribution of values in each channel). Tensors are (1, 3, height, width).
    """
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
    matched = [
        _match_channel(picture[0, c], model[0, c]).reshape(picture.shape[-2:])
        for c in range(picture.shape[1])
    ]
    return torch.stack(matched)[None]


def _match_channel(values: Tensor, model: Tensor) -> Tensor:
    """Map values so that their distribution matches the model's."""
    ranks = _cumulative(values)
    model_ranks = _cumulative(model)
    target = torch.searchsorted(model_ranks, ranks).clamp_(max=_LEVELS - 1)
    return target[_level(values)] / (_LEVELS - 1)


def _cumulative(values: Tensor) -> Tensor:
    counts = torch.histc(values.float(), _LEVELS, 0, 1)
    return counts.cumsum(0) / counts.sum()


def _level(values: Tensor) -> Tensor:
    return (values * (_LEVELS - 1)).round().long().clamp_(0, _LEVELS - 1)
