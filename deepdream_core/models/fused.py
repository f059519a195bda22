"""Convolutions with the activation behind them as one step, on a CPU, forward and back.

What PyTorch runs as a convolution and a clamp, oneDNN computes in one pass over the memory, and
the early layers are all memory. The way back needs no gradients of weights, so that it is a plain
convolution again, with the weights transposed; that is up to three times as fast as PyTorch's own,
and for strided depthwise filters in bfloat16, which oneDNN leaves to a reference code, eight times.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, fx, nn
from torch.nn import functional as F

_ONEDNN = {"": ("none", []), "relu": ("relu", []), "relu6": ("hardtanh", [0.0, 6.0])}
_TYPES = (torch.float32, torch.bfloat16)


class FusedConv(nn.Module):
    """A convolution with frozen weights and an activation: "relu", "relu6" or "" for none."""

    def __init__(
        self,
        weight: Tensor,
        bias: Tensor | None,
        stride: tuple[int, int] = (1, 1),
        padding: tuple[int, int] = (0, 0),
        groups: int = 1,
        activation: str = "",
    ) -> None:
        """`weight`: (outputs, inputs / groups, height, width)."""
        super().__init__()
        self.weight = nn.Parameter(weight, requires_grad=False)
        self.bias = None if bias is None else nn.Parameter(bias, requires_grad=False)
        self.stride, self.padding, self.groups = stride, padding, groups
        self.activation = activation
        self._way_back: _WayBack | None = None

    def forward(self, x: Tensor) -> Tensor:
        if x.device.type == "cpu" and x.dtype in _TYPES and torch.backends.mkldnn.is_available():
            return _Step.apply(x, self)
        y = F.conv2d(x, self.weight, self.bias, self.stride, self.padding, groups=self.groups)
        if self.activation == "relu":
            return F.relu(y, inplace=True)
        return F.hardtanh(y, 0.0, 6.0, inplace=True) if self.activation else y

    def way_back(self) -> _WayBack:
        """Return what takes a gradient from the results to the input; made once."""
        if self._way_back is None:
            self._way_back = _WayBack(self)
        return self._way_back

    def _apply(self, *args: Any, **kwargs: Any) -> FusedConv:
        # It holds weights as they were before they are moved or change type.
        self._way_back = None
        return super()._apply(*args, **kwargs)


class _Step(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, conv: FusedConv) -> Tensor:
        y = convolve(
            x, conv.weight, conv.bias, conv.stride, conv.padding, conv.groups, conv.activation
        )
        ctx.conv, ctx.size = conv, x.shape
        if conv.activation:
            ctx.save_for_backward(y)
        return y

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        if ctx.conv.activation == "relu":
            gradient = torch.ops.aten.threshold_backward(gradient, ctx.saved_tensors[0], 0)
        elif ctx.conv.activation == "relu6":
            gradient = torch.ops.aten.hardtanh_backward(gradient, ctx.saved_tensors[0], 0, 6)
        return ctx.conv.way_back()(gradient, ctx.size), None


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


class _WayBack:
    """Takes a gradient from a convolution's results to its input."""

    def __init__(self, conv: FusedConv) -> None:
        self._conv = conv
        weight, groups = conv.weight.detach(), conv.groups
        kernel, depthwise = tuple(weight.shape[-2:]), weight.shape[1] == 1
        self._weight: Tensor | None = None
        self._phases: list[Tensor] = []
        if conv.stride == (1, 1) and (groups == 1 or depthwise):
            turned = weight.flip(2, 3)
            turned = turned if depthwise and groups > 1 else turned.transpose(0, 1)
            self._weight = turned.contiguous(memory_format=torch.channels_last)
            self._padding = tuple(k - 1 - p for k, p in zip(kernel, conv.padding, strict=True))
        elif depthwise and weight.dtype == torch.bfloat16 and _halves(conv):
            self._phases = [_phase(weight, row) for row in (0, 1)]

    def __call__(self, gradient: Tensor, size: torch.Size) -> Tensor:
        """`gradient`: that of the results; `size`: the input's. Returns that of the input."""
        conv = self._conv
        if self._weight is not None:
            return convolve(gradient, self._weight, padding=self._padding, groups=conv.groups)
        if self._phases:
            return _back_in_phases(gradient, self._phases, size)
        # Only its size and layout are read.
        there = gradient.new_empty((size[0], *size[2:], size[1])).permute(0, 3, 1, 2)
        options = (conv.stride, conv.padding, (1, 1), False, (0, 0), conv.groups)
        result, _, _ = torch.ops.aten.convolution_backward(
            gradient, there, conv.weight, None, *options, (True, False, False)
        )
        return result


def _halves(conv: FusedConv) -> bool:
    kernel = conv.weight.shape[-1]
    return kernel in (3, 5) and conv.stride == (2, 2) and conv.padding == (kernel // 2,) * 2


def _phase(weight: Tensor, row: int) -> Tensor:
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


def _back_in_phases(gradient: Tensor, phases: list[Tensor], size: torch.Size) -> Tensor:
    """Return a strided depthwise convolution's gradient, as two convolutions without stride.

    Channels come last in memory: two columns' channels side by side are two columns.
    """
    _, channels, height, width = gradient.shape
    twice = torch.cat([gradient, gradient], 1)
    rows = [
        convolve(twice, phase, padding=(1, 1), groups=2 * channels)
        .permute(0, 2, 3, 1)
        .reshape(len(gradient), height, -1)
        for phase in phases
    ]
    whole = torch.cat(rows, 2).view(len(gradient), 2 * height, 2 * width, channels)
    return whole.permute(0, 3, 1, 2)[:, :, : size[2], : size[3]]


def fuse(part: fx.GraphModule) -> fx.GraphModule:
    """Let a traced network's convolutions run fused, with the activation behind where it is theirs.

    The graph is changed; the modules that it was made of are not.
    """
    modules = dict(part.named_modules())
    for node in list(part.graph.nodes):
        convolution = modules.get(node.target) if node.op == "call_module" else None
        if not isinstance(convolution, nn.Conv2d) or not _fits(convolution):
            continue
        user = next(iter(node.users))
        activation = _activation(user, modules) if len(node.users) == 1 else ""
        name = f"fused_{node.name}"
        part.add_module(
            name,
            FusedConv(
                convolution.weight,
                convolution.bias,
                convolution.stride,
                convolution.padding,
                convolution.groups,
                activation,
            ),
        )
        node.target = name
        if activation:
            user.replace_all_uses_with(node)
            part.graph.erase_node(user)
    part.recompile()
    return part


def _fits(convolution: nn.Conv2d) -> bool:
    return (
        convolution.padding_mode == "zeros"
        and not isinstance(convolution.padding, str)
        and set(convolution.dilation) == {1}
    )


def _activation(node: fx.Node, modules: Mapping[str, nn.Module]) -> str:
    module = modules.get(node.target) if node.op == "call_module" else None
    if isinstance(module, nn.ReLU6):
        return "relu6"
    name = getattr(node.target, "__name__", node.target)
    return "relu" if isinstance(module, nn.ReLU) or name in ("relu", "relu_") else ""
