"""Random weights that keep every layer of a network active, for tests and benchmarks."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, fx, nn
from torch.nn import functional as F

from deepdream_core.models.tracing import TracedGraph

_PICTURES, _SIDE = 8, 128


@torch.no_grad()
def calibrated(root: nn.Module, seed: int) -> TracedGraph:
    """Fill a network on the `meta` device with random weights, and return its graph.

    Layer by layer, convolutions get weights that give their output variance 1 on random pictures
    (Mishkin and Matas, "All you need is a good init", 2016, https://arxiv.org/abs/1511.06422);
    batch normalisations get the statistics of these pictures.
    """
    values = root.state_dict()
    for name, value in values.items():
        values[name] = torch.zeros(value.shape, dtype=value.dtype)
    root.load_state_dict(values, assign=True)
    for parameter in root.parameters():
        parameter.fill_(0.5)
    traced = TracedGraph(root)
    random = torch.Generator().manual_seed(seed)
    _Calibration(traced, random).run(_pictures(random))
    return traced


def _pictures(random: torch.Generator) -> Tensor:
    """Return noise, already normalised, with varying amounts of coarse and fine structure."""
    pictures = torch.zeros(_PICTURES, 3, _SIDE, _SIDE)
    for side in (1, 4, 16, 64, _SIDE):
        noise = torch.randn(_PICTURES, 3, side, side, generator=random)
        amount = torch.rand(_PICTURES, 1, 1, 1, generator=random)
        pictures += amount * F.interpolate(noise, size=(_SIDE, _SIDE), mode="bilinear")
    return pictures


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
            result = module(args[0])
            size = result.std()
            module.weight.div_(size)
            return result.div_(size)
        if isinstance(module, nn.BatchNorm2d):
            variance, mean = torch.var_mean(args[0], dim=(0, 2, 3), correction=0)
            module.get_buffer("running_mean").copy_(mean)
            # A channel that is flat on these pictures must not explode on others.
            module.get_buffer("running_var").copy_((variance + variance.mean()) / 2)
            module.weight.fill_(1.0)
            module.bias.zero_()
        elif isinstance(module, nn.LayerNorm):
            module.weight.fill_(1.0)
            module.bias.zero_()
        return super().call_module(target, args, kwargs)
