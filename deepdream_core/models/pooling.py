"""Max pooling without stride, as in Inception's branches, in bfloat16 on a CPU.

Its way back adds up overlapping windows. In bfloat16, this takes PyTorch 1.7 times as long as in
float32, conversions included, and rounds each sum.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from deepdream_core.models.tracing import pair

_Options = tuple[tuple[int, int], tuple[int, int], tuple[int, int], tuple[int, int], bool]
"""Kernel size, stride, padding, dilation, and whether the size of the result is rounded up."""


class UnstridedMaxPool(nn.Module):
    """A max pooling that `fits`."""

    def __init__(self, pool: nn.MaxPool2d) -> None:
        super().__init__()
        self._options: _Options = (
            pair(pool.kernel_size),
            pair(pool.stride),
            pair(pool.padding),
            pair(pool.dilation),
            pool.ceil_mode,
        )

    def forward(self, x: Tensor) -> Tensor:
        if x.dtype == torch.bfloat16 and x.device.type == "cpu":
            return _Pool.apply(x, self._options)
        return torch.max_pool2d(x, *self._options)


def fits(pool: nn.MaxPool2d) -> bool:
    """Return whether a max pooling has no stride."""
    return pair(pool.stride) == (1, 1)


class _Pool(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, options: _Options) -> Tensor:
        y, places = torch.ops.aten.max_pool2d_with_indices(x, *options)
        ctx.save_for_backward(places)
        ctx.options, ctx.size = options, x.shape
        return y

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        (places,) = ctx.saved_tensors
        # PyTorch reads only the shape and memory layout of the input.
        stand_in = torch.empty(ctx.size, memory_format=torch.channels_last)
        result = torch.ops.aten.max_pool2d_with_indices_backward(
            gradients[0].float(), stand_in, *ctx.options, places
        )
        return result.bfloat16(), None
