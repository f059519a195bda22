"""From the gradient of a convolution's results to that of its input, on a CPU.

No gradients of weights are needed, so that the way back is a plain convolution again, with the
weights transposed; that is up to three times as fast as PyTorch's own. Where the convolution has a
stride, each phase of the input's grid has filters of its own: for the first layer of a network,
whose input has three channels, a third of the time; for depthwise filters in bfloat16, which
oneDNN leaves to a reference code, an eighth.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import torch
from torch import Tensor
from torch.nn import functional as F

from deepdream_core.models.winograd import Winograd, pays

_ONEDNN = {"": ("none", []), "relu": ("relu", []), "relu6": ("hardtanh", [0.0, 6.0])}
_FEW_CHANNELS = 4

Backward = Callable[[Tensor, torch.Size], Tensor]
"""Takes the gradient of the results and the size of the input; returns the input's gradient."""


class Convolution(Protocol):
    """What is asked of a convolution; `weight`: (outputs, inputs / groups, height, width)."""

    @property
    def weight(self) -> Tensor: ...
    @property
    def stride(self) -> tuple[int, int]: ...
    @property
    def padding(self) -> tuple[int, int]: ...
    @property
    def groups(self) -> int: ...


def convolve(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: tuple[int, int] = (1, 1),
    padding: tuple[int, int] = (0, 0),
    groups: int = 1,
    activation: str = "",
) -> Tensor:
    """Convolve and activate in one pass; no gradients are kept."""
    name, limits = _ONEDNN[activation]
    return torch.ops.mkldnn._convolution_pointwise(
        x, weight, bias, padding, stride, (1, 1), groups, name, limits, None
    )


def backward(conv: Convolution) -> Backward:
    """Return what takes a gradient back through a convolution; it keeps weights of its own."""
    _, inputs, *kernel = conv.weight.shape
    depthwise = inputs == 1 and conv.groups > 1
    if conv.stride == (1, 1) and (conv.groups == 1 or depthwise):
        return _turned(conv, depthwise)
    even = kernel[0] == kernel[1] and conv.stride[0] == conv.stride[1]
    if conv.groups == 1 and inputs <= _FEW_CHANNELS and even:
        return _in_phases(conv)
    if depthwise and conv.weight.dtype == torch.bfloat16 and _halves(conv):
        return _in_rows(conv)
    return _plain(conv)


def _turned(conv: Convolution, depthwise: bool) -> Backward:
    weight = conv.weight.detach().flip(2, 3)
    weight = weight if depthwise else weight.transpose(0, 1)
    height, width = weight.shape[-2:]
    padding = height - 1 - conv.padding[0], width - 1 - conv.padding[1]
    if pays(weight, (1, 1), padding, conv.groups):
        winograd = Winograd(weight)
        return lambda gradient, size: winograd(gradient)
    weight = weight.contiguous(memory_format=torch.channels_last)
    return lambda gradient, size: convolve(gradient, weight, padding=padding, groups=conv.groups)


def _plain(conv: Convolution) -> Backward:
    options = (conv.stride, conv.padding, (1, 1), False, (0, 0), conv.groups)

    def back(gradient: Tensor, size: torch.Size) -> Tensor:
        # Only its size and layout are read.
        there = gradient.new_empty((size[0], *size[2:], size[1])).permute(0, 3, 1, 2)
        result, _, _ = torch.ops.aten.convolution_backward(
            gradient, there, conv.weight, None, *options, (True, False, False)
        )
        return result

    return back


def _in_phases(conv: Convolution) -> Backward:
    """With stride s, the s x s phases of the input's grid are made as so many more channels."""
    weight, stride, padding = conv.weight.detach(), conv.stride[0], conv.padding[0]
    outputs, inputs, kernel, _ = weight.shape
    # Row stride * a + phase of the input meets row phase + padding - stride * t of the filter in
    # row a + t of the results, for t from `first` to `last`.
    first, last = -((kernel - 1 - padding) // stride), (stride - 1 + padding) // stride
    taps = range(first, last + 1)
    filters = weight.new_zeros(inputs, stride, stride, outputs, len(taps), len(taps))
    for down in range(stride):
        for across in range(stride):
            for i, t in enumerate(taps):
                for j, u in enumerate(taps):
                    y, x = down + padding - stride * t, across + padding - stride * u
                    if 0 <= y < kernel and 0 <= x < kernel:
                        filters[:, down, across, :, i, j] = weight[:, :, y, x].T
    filters = filters.flatten(0, 2).contiguous(memory_format=torch.channels_last)

    def back(gradient: Tensor, size: torch.Size) -> Tensor:
        rows, columns = (-(-side // stride) for side in size[2:])
        beyond = max(rows - gradient.shape[2], columns - gradient.shape[3])
        around = max(-first, last + beyond)
        phases = convolve(gradient, filters, padding=(around, around))
        phases = phases[:, :, around + first :, around + first :][:, :, :rows, :columns]
        return F.pixel_shuffle(phases, stride)[:, :, : size[2], : size[3]]

    return back


def _halves(conv: Convolution) -> bool:
    kernel = conv.weight.shape[-1]
    return kernel in (3, 5) and conv.stride == (2, 2) and conv.padding == (kernel // 2,) * 2


def _in_rows(conv: Convolution) -> Backward:
    """A strided depthwise convolution's way back, as two convolutions without stride.

    Channels come last in memory: two columns' channels side by side are two columns.
    """
    filters = [_row_filters(conv.weight.detach(), row) for row in (0, 1)]

    def back(gradient: Tensor, size: torch.Size) -> Tensor:
        count, channels, height, width = gradient.shape
        twice = torch.cat([gradient, gradient], 1)
        rows = [
            convolve(twice, row, padding=(1, 1), groups=2 * channels)
            .permute(0, 2, 3, 1)
            .reshape(count, height, -1)
            for row in filters
        ]
        whole = torch.cat(rows, 2).view(count, 2 * height, 2 * width, channels)
        return whole.permute(0, 3, 1, 2)[:, :, : size[2], : size[3]]

    return back


def _row_filters(weight: Tensor, row: int) -> Tensor:
    """Return the filters that make the even or the odd rows of the input's gradient.

    Even and odd columns are made side by side, as twice as many channels: (2 * channels, 1, 3, 3).
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
