"""Fast backward passes of convolutions on a CPU, from the output's gradient to the input's.

As the weights need no gradient, the backward pass is itself a convolution, with the weights
transposed; this is up to three times as fast as PyTorch's own. For a convolution with a stride,
each phase of the input's grid gets its own filters. That takes a third of the time for a network's
first layer, whose input has three channels, and an eighth for depthwise filters in bfloat16, for
which oneDNN has only reference code.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import torch
from torch import Tensor
from torch.nn import functional as F

from deepdream_core.models.onednn import PackedConvolution, convolve
from deepdream_core.models.winograd import Winograd, is_faster

_FEW_CHANNELS = 4

Backward = Callable[[Tensor, torch.Size], Tensor]
"""Takes the output's gradient and the input's shape; returns the input's gradient."""


class Convolution(Protocol):
    """A convolution's parameters; `weight`: (outputs, inputs / groups, height, width)."""

    @property
    def weight(self) -> Tensor: ...
    @property
    def bias(self) -> Tensor | None: ...
    @property
    def stride(self) -> tuple[int, int]: ...
    @property
    def padding(self) -> tuple[int, int]: ...
    @property
    def groups(self) -> int: ...


def backward(conv: Convolution) -> Backward:
    """Return a convolution's backward pass, which keeps its own copy of the weights."""
    depthwise = is_depthwise(conv)
    if conv.stride == (1, 1) and (conv.groups == 1 or depthwise):
        return _transposed(conv)
    if has_phases(conv):
        return by_phases(conv, convolve)
    if depthwise and conv.weight.dtype == torch.bfloat16 and _halves(conv):
        return _by_rows(conv)
    return by_pytorch(conv)


def transposed(conv: Convolution) -> tuple[Tensor, tuple[int, int]]:
    """Return the weights and padding of the convolution that is the backward pass of `conv`.

    `conv` has no stride, and one group or is depthwise.
    """
    weight = conv.weight.detach().flip(2, 3)
    weight = weight if is_depthwise(conv) else weight.transpose(0, 1)
    height, width = weight.shape[-2:]
    return weight, (height - 1 - conv.padding[0], width - 1 - conv.padding[1])


def _transposed(conv: Convolution) -> Backward:
    weight, padding = transposed(conv)
    if is_faster(weight, (1, 1), padding, conv.groups):
        winograd = Winograd(weight)
        return lambda gradient, size: winograd(gradient)
    convolution = PackedConvolution(weight, padding=padding, groups=conv.groups)
    return lambda gradient, size: convolution(gradient)


def by_pytorch(conv: Convolution) -> Backward:
    """Return PyTorch's own backward pass, on any device."""
    options = (conv.stride, conv.padding, (1, 1), False, (0, 0), conv.groups)

    def back(gradient: Tensor, size: torch.Size) -> Tensor:
        # PyTorch reads only the shape and memory layout of the input.
        channels_last = not gradient.is_contiguous()
        layout = torch.channels_last if channels_last else torch.contiguous_format
        stand_in = torch.empty(
            size, dtype=gradient.dtype, device=gradient.device, memory_format=layout
        )
        result, _, _ = torch.ops.aten.convolution_backward(
            gradient, stand_in, conv.weight, None, *options, (True, False, False)
        )
        return result

    return back


def is_depthwise(conv: Convolution) -> bool:
    """Return whether each channel has one filter of its own."""
    return conv.groups > 1 and conv.weight.shape[:2] == (conv.groups, 1)


def has_phases(conv: Convolution) -> bool:
    """Return whether `by_phases` computes a convolution's backward pass faster than PyTorch."""
    _, inputs, *kernel = conv.weight.shape
    square = kernel[0] == kernel[1] and conv.stride[0] == conv.stride[1]
    return conv.groups == 1 and inputs <= _FEW_CHANNELS and square


def by_phases(conv: Convolution, convolve: Callable[..., Tensor]) -> Backward:
    """With stride s, compute the s x s phases of the input's grid as separate channels.

    `conv` has one group or is depthwise. `convolve` takes an input, filters, `padding` and
    `groups`.
    """
    weight, stride, padding = conv.weight.detach(), conv.stride[0], conv.padding[0]
    # To (inputs, outputs for each, height, width).
    weight = weight if is_depthwise(conv) else weight.transpose(0, 1)
    inputs, outputs, kernel, _ = weight.shape
    # Input row stride * a + phase contributes to output row a + t through filter row
    # phase + padding - stride * t, for t from `first` to `last`.
    first, last = -((kernel - 1 - padding) // stride), (stride - 1 + padding) // stride
    taps = range(first, last + 1)
    filters = weight.new_zeros(inputs, stride, stride, outputs, len(taps), len(taps))
    for down in range(stride):
        for across in range(stride):
            for i, t in enumerate(taps):
                for j, u in enumerate(taps):
                    y, x = down + padding - stride * t, across + padding - stride * u
                    if 0 <= y < kernel and 0 <= x < kernel:
                        filters[:, down, across, :, i, j] = weight[:, :, y, x]
    filters = filters.flatten(0, 2).contiguous(memory_format=torch.channels_last)

    def back(gradient: Tensor, size: torch.Size) -> Tensor:
        rows, columns = (-(-side // stride) for side in size[2:])
        beyond = max(rows - gradient.shape[2], columns - gradient.shape[3])
        around = max(-first, last + beyond)
        phases = convolve(gradient, filters, padding=(around, around), groups=conv.groups)
        phases = phases[:, :, around + first :, around + first :][:, :, :rows, :columns]
        return F.pixel_shuffle(phases, stride)[:, :, : size[2], : size[3]]

    return back


def _halves(conv: Convolution) -> bool:
    kernel = conv.weight.shape[-1]
    return kernel in (3, 5) and conv.stride == (2, 2) and conv.padding == (kernel // 2,) * 2


def _by_rows(conv: Convolution) -> Backward:
    """Split a strided depthwise backward pass into two convolutions without stride.

    One makes the even rows, the other the odd ones. Each makes even and odd columns as separate
    channels; as channels come last in memory, these already lie in the order of the columns.
    """
    twice_as_many = 2 * conv.groups
    rows = [
        PackedConvolution(
            _row_filters(conv.weight.detach(), row), None, (1, 1), (1, 1), twice_as_many
        )
        for row in (0, 1)
    ]

    def back(gradient: Tensor, size: torch.Size) -> Tensor:
        count, channels, height, width = gradient.shape
        twice = torch.cat([gradient, gradient], 1)
        parts = [row(twice).permute(0, 2, 3, 1).reshape(count, height, -1) for row in rows]
        whole = torch.cat(parts, 2).view(count, 2 * height, 2 * width, channels)
        return whole.permute(0, 3, 1, 2)[:, :, : size[2], : size[3]]

    return back


def _row_filters(weight: Tensor, row: int) -> Tensor:
    """Return the filters for the even (0) or odd (1) rows of the input's gradient.

    Shape (2 * channels, 1, 3, 3): first the filters for even columns, then those for odd ones.
    """
    channels, _, kernel, _ = weight.shape
    filters = weight.new_zeros(2, channels, 3, 3)
    for column in (0, 1):
        for y in (-1, 0, 1):
            for x in (-1, 0, 1):
                from_y, from_x = kernel // 2 + row - 2 * y, kernel // 2 + column - 2 * x
                if 0 <= from_y < kernel and 0 <= from_x < kernel:
                    filters[column, :, y + 1, x + 1] = weight[:, 0, from_y, from_x]
    return filters.reshape(2 * channels, 1, 3, 3)
