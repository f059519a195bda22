"""Convolutions fused with the activations that follow them, forward and backward.

PyTorch runs a convolution and a clamp separately; oneDNN on a CPU and cuDNN on a GPU compute both
in one pass over the memory, which is what limits the early layers. Consecutive convolutions are a
single step for autograd: nothing else uses their intermediate gradients, so these can be changed in
place, and only the activations' results are kept for the backward pass.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, fx, nn
from torch.nn import functional as F

from deepdream_core.compute.devices import has_bfloat16
from deepdream_core.models import gpu
from deepdream_core.models.backward import Backward, backward
from deepdream_core.models.blocked_units import units_are_open
from deepdream_core.models.onednn import PackedConvolution
from deepdream_core.models.pooling import UnstridedMaxPool, fits
from deepdream_core.models.tracing import called_module, first_input, pair
from deepdream_core.models.winograd import Winograd, is_faster


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
        self._forward: Callable[[Tensor], Tensor] | None = None
        self._backward: Backward | None = None

    def forward(self, x: Tensor) -> Tensor:
        return run(x, [self])

    def plain(self, x: Tensor) -> Tensor:
        """Convolve and apply the activation with plain PyTorch, recording gradients."""
        y = F.conv2d(x, self.weight, self.bias, self.stride, self.padding, groups=self.groups)
        if self.activation == "relu":
            return F.relu(y, inplace=True)
        return F.hardtanh(y, 0.0, 6.0, inplace=True) if self.activation else y

    def fused(self, x: Tensor) -> Tensor:
        """Convolve and apply the activation in one step, without recording gradients."""
        if self._forward is None:
            self._forward = self._fastest()
        return self._forward(x)

    def _fastest(self) -> Callable[[Tensor], Tensor]:
        if self.weight.device.type != "cpu":
            return gpu.forward(self, self.activation)
        options = self.stride, self.padding, self.groups
        if is_faster(self.weight, *options):
            return Winograd(self.weight, self.bias, self.activation)
        return PackedConvolution(self.weight, self.bias, *options, self.activation)

    def backward(self) -> Backward:
        """Return the backward pass; it is created once."""
        if self._backward is None:
            on_cpu = self.weight.device.type == "cpu"
            self._backward = backward(self) if on_cpu else gpu.backward(self)
        return self._backward

    def _apply(self, *args: Any, **kwargs: Any) -> FusedConv:
        # Both hold copies of the weights on the old device and in the old type.
        self._forward = self._backward = None
        return super()._apply(*args, **kwargs)


class FusedChain(nn.Sequential):
    """Fused convolutions in sequence."""

    def __init__(self, *chain: FusedConv) -> None:
        super().__init__(*chain)
        self._chain = chain

    def forward(self, input: Tensor) -> Tensor:
        return run(input, self._chain)


def best_layout(network: nn.Module, device: torch.device) -> torch.memory_format:
    """Return the memory layout in which a network runs fastest on a device."""
    if device.type == "cpu":
        return torch.channels_last
    convolutions = (m for m in network.modules() if isinstance(m, (nn.Conv2d, FusedConv)))
    depthwise = any(m.groups > 1 and m.weight.shape[1] == 1 for m in convolutions)
    return torch.contiguous_format if depthwise else torch.channels_last


def run(x: Tensor, chain: Sequence[FusedConv]) -> Tensor:
    """Run convolutions in sequence."""
    if x.device.type != "cpu" or _onednn_supports(x):
        return _Steps.apply(x, chain)
    for conv in chain:
        x = conv.plain(x)
    return x


def _onednn_supports(x: Tensor) -> bool:
    if not torch.backends.mkldnn.is_available():
        return False
    return x.dtype == torch.float32 or (x.dtype == torch.bfloat16 and has_bfloat16(x.device))


class _Steps(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, chain: Sequence[FusedConv]) -> Tensor:
        ctx.chain, ctx.sizes, active = chain, [], []
        ctx.open = units_are_open()
        for conv in chain:
            ctx.sizes.append(x.shape)
            x = conv.fused(x)
            if conv.activation and not ctx.open:
                active.append(x)
        ctx.save_for_backward(*active)
        return x

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        (gradient,) = gradients
        # The incoming gradient belongs to autograd; only our own may be changed in place.
        active, in_place = list(ctx.saved_tensors), False
        for conv, size in zip(reversed(ctx.chain), reversed(ctx.sizes), strict=True):
            if conv.activation and not ctx.open:
                gradient = _through_activation(gradient, active.pop(), conv.activation, in_place)
            gradient, in_place = conv.backward()(gradient, size), True
        return gradient, None


def _through_activation(gradient: Tensor, y: Tensor, activation: str, in_place: bool) -> Tensor:
    result = gradient if in_place else torch.empty_like(y)
    if activation == "relu":
        return torch.ops.aten.threshold_backward(gradient, y, 0, grad_input=result)
    return torch.ops.aten.hardtanh_backward(gradient, y, 0, 6, grad_input=result)


def fuse(part: fx.GraphModule) -> fx.GraphModule:
    """Replace a traced network's convolutions, with their activations, and poolings by faster ones.

    An activation is fused if it is the only user of the convolution's result; a convolution whose
    only user is another convolution joins its chain. Changes the graph, but not its modules.
    """
    chains: dict[fx.Node, list[FusedConv]] = {}
    for node in list(part.graph.nodes):
        convolution = called_module(part, node)
        if isinstance(convolution, nn.MaxPool2d) and fits(convolution):
            node.target = f"pool_{node.name}"
            part.add_module(node.target, UnstridedMaxPool(convolution))
        if not isinstance(convolution, nn.Conv2d) or not _fits(convolution):
            continue
        user = next(iter(node.users))
        activation = _activation(part, user) if len(node.users) == 1 else ""
        if activation:
            user.replace_all_uses_with(node)
            part.graph.erase_node(user)
        chains[node] = [_fused(convolution, activation)]
        before = first_input(node)
        if before in chains and len(before.users) == 1:
            chains[node] = chains.pop(before) + chains[node]
            node.args = before.args
            part.graph.erase_node(before)
    for node, chain in chains.items():
        node.target = f"fused_{node.name}"
        part.add_module(node.target, FusedChain(*chain))
    part.recompile()
    return part


def _fused(convolution: nn.Conv2d, activation: str) -> FusedConv:
    return FusedConv(
        convolution.weight,
        convolution.bias,
        pair(convolution.stride),
        pair(convolution.padding),
        convolution.groups,
        activation,
    )


def _fits(convolution: nn.Conv2d) -> bool:
    return (
        convolution.padding_mode == "zeros"
        and not isinstance(convolution.padding, str)
        and set(convolution.dilation) == {1}
    )


def _activation(part: fx.GraphModule, node: fx.Node) -> str:
    module = called_module(part, node)
    if isinstance(module, nn.ReLU6):
        return "relu6"
    name = getattr(node.target, "__name__", node.target)
    return "relu" if isinstance(module, nn.ReLU) or name in ("relu", "relu_") else ""
