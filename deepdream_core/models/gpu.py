"""Convolutions on a GPU, forward and backward, without recording gradients.

cuDNN compiles a program for each new shape of a depthwise convolution, which takes 0.2 s; with the
dozens of such layers in a network and an octave's new sizes, the first dream took 39 s, and each
later one 0.4 s (H200, EfficientNet-Lite0). PyTorch's own depthwise code needs no time to start, but
only knows NCHW, so networks with such layers stay in that layout. A pointwise convolution is a
matrix product, which needs no plan for each shape either.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor
from torch.nn import functional as F

from deepdream_core.models.backward import (
    Backward,
    Convolution,
    by_phases,
    by_pytorch,
    has_phases,
    is_depthwise,
    transposed,
)


def forward(conv: Convolution, activation: str) -> Callable[[Tensor], Tensor]:
    """Return a function that convolves and applies the activation ("relu", "relu6" or "")."""
    if activation == "relu" and conv.groups == 1 and _has_cudnn(conv.weight.device):
        bias = conv.bias
        if bias is None:
            bias = conv.weight.new_zeros(conv.weight.shape[0])
        options = (conv.stride, conv.padding, (1, 1), conv.groups)
        return lambda x: torch.cudnn_convolution_relu(x, conv.weight, bias, *options)
    convolved = _convolution(conv)

    def run(x: Tensor) -> Tensor:
        y = convolved(x)
        if activation == "relu":
            return F.relu_(y)
        return F.hardtanh_(y, 0.0, 6.0) if activation else y

    return run


def backward(conv: Convolution) -> Backward:
    """Return a convolution's backward pass, which keeps its own copy of the weights."""
    if is_depthwise(conv) and conv.stride == (1, 1):
        weight, padding = transposed(conv)
        weight = weight.contiguous()
        return lambda gradient, size: _depthwise(
            gradient, weight, padding=padding, groups=conv.groups
        )
    if is_depthwise(conv) and conv.stride[0] == conv.stride[1] and _is_square(conv):
        return by_phases(conv, _depthwise)
    if has_phases(conv):
        return by_phases(conv, F.conv2d)
    if _is_pointwise(conv):
        weight = conv.weight.detach()[:, :, 0, 0].T.contiguous()
        return lambda gradient, size: _pointwise(gradient, weight, None)
    return by_pytorch(conv)


def _has_cudnn(device: torch.device) -> bool:
    return device.type == "cuda" and torch.version.hip is None and torch.backends.cudnn.enabled


def _is_square(conv: Convolution) -> bool:
    return conv.weight.shape[2] == conv.weight.shape[3] and conv.padding[0] == conv.padding[1]


def _is_pointwise(conv: Convolution) -> bool:
    one = conv.weight.shape[2:] == (1, 1) and conv.stride == (1, 1) and conv.padding == (0, 0)
    return one and conv.groups == 1


def _convolution(conv: Convolution) -> Callable[[Tensor], Tensor]:
    if is_depthwise(conv):
        weight = conv.weight.contiguous()
        return lambda x: _depthwise(x, weight, conv.bias, conv.stride, conv.padding, conv.groups)
    if _is_pointwise(conv):
        weight = conv.weight[:, :, 0, 0].contiguous()
        return partial(_pointwise, weight=weight, bias=conv.bias)
    options = (conv.stride, conv.padding, (1, 1), conv.groups)
    return lambda x: F.conv2d(x, conv.weight, conv.bias, *options)


def _depthwise(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: tuple[int, int] = (1, 1),
    padding: tuple[int, int] = (0, 0),
    groups: int = 1,
) -> Tensor:
    """Convolve each channel with its own filters, in PyTorch's code instead of cuDNN's."""
    with torch.backends.cudnn.flags(enabled=False):
        return F.conv2d(x.contiguous(), weight, bias, stride, padding, groups=groups)


def _pointwise(x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    """Multiply every position by `weight`, (outputs, inputs), in the layout of `x`."""
    if not x.is_contiguous():
        return F.linear(x.permute(0, 2, 3, 1), weight, bias).permute(0, 3, 1, 2)
    count, _, height, width = x.shape
    positions, weights = x.flatten(2), weight.expand(count, -1, -1)
    if bias is None:
        product = torch.bmm(weights, positions)
    else:
        product = torch.baddbmm(bias[:, None], weights, positions)
    return product.view(count, -1, height, width)
