"""Convolutions with weights in oneDNN's own order."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional as F

from deepdream_core.models.onednn import PackedConvolution, convolve


@pytest.mark.parametrize(("groups", "kernel", "stride"), [(1, 1, 1), (1, 3, 1), (24, 5, 2)])
def test_weights_fit_every_shape_of_the_input(groups: int, kernel: int, stride: int) -> None:
    random = torch.Generator().manual_seed(1)
    weight = torch.randn(24, 24 // groups, kernel, kernel, generator=random)
    bias = torch.randn(24, generator=random)
    options = (stride, stride), (kernel // 2, kernel // 2), groups
    packed = PackedConvolution(weight, bias, *options, "relu6")
    for count, height, width in [(1, 9, 14), (2, 40, 33), (1, 9, 14), (1, 14, 9)]:
        x = torch.randn(count, 24, height, width, generator=random)
        x = x.contiguous(memory_format=torch.channels_last)
        y = packed(x)
        assert torch.equal(y, convolve(x, weight, bias, *options, "relu6"))
        plain = F.conv2d(x, weight, bias, *options[:2], groups=groups).clamp(0, 6)
        torch.testing.assert_close(y, plain, rtol=1e-4, atol=1e-4)
        assert y.is_contiguous(memory_format=torch.channels_last)


def test_weights_are_packed_once_for_a_shape() -> None:
    """Packing at each call, or for another shape, would take longer than it saves."""
    packed = PackedConvolution(torch.randn(8, 8, 1, 1))
    small, large = torch.randn(1, 8, 4, 4), torch.randn(1, 8, 40, 40)
    orders = []
    for x in (small, small, large, large, small):
        packed(x)
        orders.append(packed._packed)
    assert orders[0] is orders[1] is not orders[2]
    assert orders[2] is orders[3] is not orders[4]
