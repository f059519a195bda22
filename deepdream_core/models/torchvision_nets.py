"""torchvision's classifiers, GoogLeNet first: the network of the first dreams."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import torch
import torchvision
from torch import Tensor, fx, nn
from torch.overrides import TorchFunctionMode

from deepdream_core.models.fields import fields
from deepdream_core.models.network import LOGITS, LayerInfo, Network
from deepdream_core.models.tracing import (
    TracedGraph,
    classify_everywhere,
    cut,
    fold_batch_norm,
    keep_features,
)
from deepdream_core.models.untrained import calibrate

_CUTS_KEPT = 8
_BUILT_SLOWLY = ("googlenet", "inception_v3")
"""They draw random weights unless told not to, and bring a change of their input of their own."""


@dataclass(frozen=True)
class _Normalisation:
    """What the network was trained on: (x - mean) / deviation for each colour, x in 0..1."""

    mean: tuple[float, float, float]
    deviation: tuple[float, float, float]


class TracedNetwork(Network):
    """A network that runs the part of its graph that leads to the layers wanted."""

    def __init__(
        self, name: str, traced: TracedGraph, normalisation: _Normalisation, smallest_side: int
    ) -> None:
        """`traced`: with its values in place; it is used up."""
        super().__init__()
        self.name = name
        self.smallest_side = smallest_side
        fold_batch_norm(traced)
        classify_everywhere(traced)
        self.body = keep_features(traced).requires_grad_(False)
        self.layers, self._nodes = _layers(name, traced)
        self._normalisation = normalisation
        self._normalising: dict[torch.device, tuple[Tensor, Tensor]] = {}
        self._cuts: OrderedDict[frozenset[str], fx.GraphModule] = OrderedDict()

    def activations(self, picture: Tensor, wanted: Collection[str]) -> dict[str, Tensor]:
        factor, offset = self._on(picture.device)
        return self._cut(frozenset(wanted))(torch.addcmul(offset, picture, factor).to(self.dtype))

    def _on(self, device: torch.device) -> tuple[Tensor, Tensor]:
        if device not in self._normalising:
            mean = torch.tensor(self._normalisation.mean, dtype=torch.float64).view(1, 3, 1, 1)
            factor = 1 / torch.tensor(self._normalisation.deviation).double().view(1, 3, 1, 1)
            pair = factor.float().to(device), (-mean * factor).float().to(device)
            self._normalising[device] = pair
        return self._normalising[device]

    def _cut(self, wanted: frozenset[str]) -> fx.GraphModule:
        if wanted not in self._cuts:
            nodes = {name: self._nodes[name] for name in sorted(wanted)}
            self._cuts[wanted] = cut(self.body, nodes)
            if len(self._cuts) > _CUTS_KEPT:
                self._cuts.popitem(last=False)
        self._cuts.move_to_end(wanted)
        return self._cuts[wanted]

    def _apply(self, *args: Any, **kwargs: Any) -> TracedNetwork:
        # The parts hold weights as they were on the last device.
        self._cuts.clear()
        return super()._apply(*args, **kwargs)


def _layers(name: str, traced: TracedGraph) -> tuple[tuple[LayerInfo, ...], dict[str, fx.Node]]:
    found = fields(traced)
    names: dict[fx.Node, list[str]] = {}
    for path, node in traced.results:
        names.setdefault(node, []).append(path)
    layers, nodes = [], {}
    for node in traced.graph.nodes:
        if node not in names:
            continue
        # A group of modules is called by the group's name rather than by its last module's.
        main, *others = sorted(names[node], key=lambda path: (path != LOGITS, path.count(".")))
        field = found[node]
        layers.append(
            LayerInfo(
                main,
                traced.channels(node),
                field.stride,
                field.side,
                aliases=tuple(others),
                sees_all=field.whole,
            )
        )
        nodes[main] = node
    return tuple(layers), nodes


class _WithoutValues(TorchFunctionMode):
    """Builds modules whose parameters take no memory until they are loaded."""

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict | None = None
    ) -> Any:
        kwargs = dict(kwargs or {})
        if func in (torch.empty, torch.ones, torch.zeros):
            kwargs["device"] = "meta"
        return func(*args, **kwargs)


def build(name: str) -> nn.Module:
    """Build torchvision's network without values, as it classifies."""
    options = {"init_weights": False} if name in _BUILT_SLOWLY else {}
    with _WithoutValues():
        return torchvision.models.get_model(name, weights=None, **options).eval()


def _normalisation(name: str) -> _Normalisation:
    if name in _BUILT_SLOWLY:
        # transform_input turns torchvision's usual normalisation into -1..1, for weights that
        # come from TensorFlow.
        return _Normalisation((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
    preset = weights_of(name).transforms()
    return _Normalisation(tuple(preset.mean), tuple(preset.std))


def weights_of(name: str) -> torchvision.models.WeightsEnum:
    """Return the weights that are used: the first published, those of most pictures made."""
    return next(iter(torchvision.models.get_model_weights(name)))


def load_untrained(name: str, seed: int = 0) -> Network:
    """Return a network with random weights under which every layer is alive; not for dreams."""
    traced = TracedGraph(build(name))
    calibrate(traced, seed)
    return TracedNetwork(name, traced, _normalisation(name), 32)
