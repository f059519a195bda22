"""Random weights under which every layer of a network is alive, for tests and benchmarks."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, fx, nn
from torch.nn import functional as F

from deepdream_core.models.tracing import TracedGraph

_SIDE = 128
_SMALLEST_SHARE = 0.01


@torch.no_grad()
def calibrate(traced: TracedGraph, seed: int) -> None:
    """Fill a network that has no values with random ones, in place.

    Each convolution, layer after layer, gets weights under which its results on a random picture
    have unit variance (Mishkin and Matas, "All you need is a good init", 2016,
    https://arxiv.org/abs/1511.06422); batch normalisations get that picture's statistics.
    """
    traced.root.to_empty(device="cpu")
    for value in traced.root.state_dict().values():
        value.zero_()
    for parameter in traced.root.parameters():
        parameter.fill_(0.5)
    random = torch.Generator().manual_seed(seed)
    _Calibration(traced, random).run(_picture(random))


def _picture(random: torch.Generator) -> Tensor:
    """Return noise with coarse and fine structure, as it would be after normalisation."""
    picture = torch.zeros(2, 3, _SIDE, _SIDE)
    for side in (4, 16, 64, _SIDE):
        noise = torch.randn(2, 3, side, side, generator=random)
        picture += F.interpolate(noise, size=(_SIDE, _SIDE), mode="bilinear") / 2
    return picture


class _Calibration(fx.Interpreter):
    def __init__(self, traced: TracedGraph, random: torch.Generator) -> None:
        super().__init__(traced.root, graph=traced.graph)
        self._random = random

    def call_module(self, target: Any, args: tuple[Any, ...], kwargs: dict) -> Any:
        module = self.fetch_attr(target)
        if isinstance(module, (nn.Conv2d, nn.Linear)):
            module.weight.normal_(generator=self._random)
            if module.bias is not None:
                module.bias.zero_()
            module.weight.div_(module(args[0]).std())
        elif isinstance(module, nn.BatchNorm2d):
            variance, mean = torch.var_mean(args[0], dim=(0, 2, 3), correction=0)
            module.running_mean.copy_(mean)
            # A channel that happens to be flat here must not explode elsewhere.
            module.running_var.copy_(variance.clamp(min=_SMALLEST_SHARE * variance.mean()))
            module.weight.fill_(1.0)
            module.bias.zero_()
        elif isinstance(module, nn.LayerNorm):
            module.weight.fill_(1.0)
            module.bias.zero_()
        return super().call_module(target, args, kwargs)
