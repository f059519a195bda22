"""Convolutions by oneDNN, on a CPU, without recording gradients."""

from __future__ import annotations

import torch
from torch import Tensor

_ACTIVATIONS = {"": ("none", []), "relu": ("relu", []), "relu6": ("hardtanh", [0.0, 6.0])}
_NO_DILATION = (1, 1)
_NOTHING_YET = torch.Size()


def convolve(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: tuple[int, int] = (1, 1),
    padding: tuple[int, int] = (0, 0),
    groups: int = 1,
    activation: str = "",
) -> Tensor:
    """Convolve and apply the activation, "relu", "relu6" or "", in one pass over the memory."""
    name, limits = _ACTIVATIONS[activation]
    return torch.ops.mkldnn._convolution_pointwise.default(
        x, weight, bias, padding, stride, _NO_DILATION, groups, name, limits, None
    )


class PackedConvolution:
    """A convolution whose weights are kept in the order that suits the shape of its last input.

    oneDNN would otherwise reorder them at each call, which takes longer than the convolution itself
    where the input is small. The order for another shape would be far worse than none.
    """

    def __init__(
        self,
        weight: Tensor,
        bias: Tensor | None = None,
        stride: tuple[int, int] = (1, 1),
        padding: tuple[int, int] = (0, 0),
        groups: int = 1,
        activation: str = "",
    ) -> None:
        """`weight`: (outputs, inputs / groups, height, width)."""
        self._weight = weight.detach()
        self._packed = self._weight
        self._packed_for = _NOTHING_YET
        self._bias = bias
        self._options = stride, padding, groups, activation

    def __call__(self, x: Tensor) -> Tensor:
        """`x`: (n, inputs, height, width), of the weights' type."""
        if x.shape != self._packed_for:
            stride, padding, groups, _ = self._options
            self._packed = torch.ops.mkldnn._reorder_convolution_weight(
                self._weight, padding, stride, _NO_DILATION, groups, x.shape
            )
            self._packed_for = x.shape
        return convolve(x, self._packed, self._bias, *self._options)
