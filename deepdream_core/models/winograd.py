"""3 x 3 convolutions with a quarter of the multiplications.

Winograd's minimal filtering, F(4 x 4, 3 x 3) (Lavin and Gray, 2015, https://arxiv.org/abs/1509.09308):
tiles of 6 x 6 positions are transformed, multiplied by transformed filters (one matrix product for
each of the 36 values), and transformed back to 4 x 4 results. oneDNN no longer offers this for
float32 on x86. Rounding errors are about five times those of a direct convolution.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

_INPUT = (
    (4, 0, -5, 0, 1, 0),
    (0, -4, -4, 1, 1, 0),
    (0, 4, -4, -1, 1, 0),
    (0, -2, -1, 2, 1, 0),
    (0, 2, -1, -2, 1, 0),
    (0, 4, 0, -5, 0, 1),
)
_FILTER = (
    (1 / 4, 0, 0),
    (-1 / 6, -1 / 6, -1 / 6),
    (-1 / 6, 1 / 6, -1 / 6),
    (1 / 24, 1 / 12, 1 / 6),
    (1 / 24, -1 / 12, 1 / 6),
    (0, 0, 1),
)
_OUTPUT = ((1, 1, 1, 1, 1, 0), (0, 1, -1, 2, -2, 0), (0, 1, 1, 4, 4, 0), (0, 1, -1, 8, -8, 1))
_TILE, _SEEN = 4, 6
_LEAST_CHANNELS = 96
"""With fewer channels, the transformations cost more than they save."""
_LIMITS = {"": (None, None), "relu": (0, None), "relu6": (0, 6)}


def is_faster(
    weight: Tensor, stride: tuple[int, int], padding: tuple[int, int], groups: int
) -> bool:
    """Return whether this module can compute a convolution, and does so faster than oneDNN."""
    outputs, inputs, *kernel = weight.shape
    supported = (kernel, stride, padding, groups) == ([3, 3], (1, 1), (1, 1), 1)
    return supported and weight.dtype == torch.float32 and min(outputs, inputs) >= _LEAST_CHANNELS


class Winograd:
    """A float32 3 x 3 convolution with padding 1, for tensors in channels-last layout."""

    def __init__(self, weight: Tensor, bias: Tensor | None = None, activation: str = "") -> None:
        """`weight`: (outputs, inputs, 3, 3)."""
        outputs, inputs = weight.shape[:2]
        taps = weight.detach().permute(2, 3, 1, 0).reshape(9, inputs * outputs)
        self._filters = (_both_ways(_FILTER) @ taps).view(_SEEN**2, inputs, outputs)
        self._forth, self._back = _both_ways(_INPUT), _both_ways(_OUTPUT)
        self._bias = bias
        self._limits = _LIMITS[activation]

    def __call__(self, x: Tensor) -> Tensor:
        """`x`: (n, inputs, height, width). Returns (n, outputs, height, width)."""
        count, channels, height, width = x.shape
        down, across = -(-height // _TILE), -(-width // _TILE)
        beyond = down * _TILE - height + 1, across * _TILE - width + 1
        x = F.pad(x.permute(0, 2, 3, 1), (0, 0, 1, beyond[1], 1, beyond[0])).contiguous()
        image, row, column, _ = x.stride()
        tiles = x.as_strided(
            (_SEEN, _SEEN, count, down, across, channels),
            (row, column, image, _TILE * row, _TILE * column, 1),
        )
        values = self._forth @ tiles.reshape(_SEEN**2, -1)
        products = torch.bmm(values.view(_SEEN**2, -1, channels), self._filters)
        y = (self._back @ products.flatten(1)).view(_TILE, _TILE, count, down, across, -1)
        y = y.permute(2, 3, 0, 4, 1, 5).reshape(count, down * _TILE, across * _TILE, -1)
        y = y[:, :height, :width].contiguous()
        if self._bias is not None:
            y += self._bias
        if self._limits != (None, None):
            y.clamp_(*self._limits)
        return y.permute(0, 3, 1, 2)


def _both_ways(matrix: tuple[tuple[float, ...], ...]) -> Tensor:
    """Return the matrix that transforms the rows and columns of a flattened tile."""
    one_way = torch.tensor(matrix, dtype=torch.float32)
    return torch.kron(one_way, one_way)
