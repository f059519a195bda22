"""torchvision's classifiers, among them GoogLeNet, the network of the first dreams."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch
from torch import Tensor, fx, nn
from torch.overrides import TorchFunctionMode

from deepdream_core.models.aliases import aliases
from deepdream_core.models.catalogue import entry_of
from deepdream_core.models.fused import fuse
from deepdream_core.models.layer_depths import with_depths
from deepdream_core.models.network import LOGITS, LayerInfo, Network
from deepdream_core.models.receptive_fields import fields
from deepdream_core.models.tracing import (
    TracedGraph,
    classify_everywhere,
    cut,
    fold_batch_norm,
    keep_features,
)
from deepdream_core.models.untrained import calibrated
from deepdream_core.models.weights import damaged, weights_file
from deepdream_core.models.without_compiler import without_compiler
from deepdream_core.shared.own_networks import INPUTS, own_network

with without_compiler():
    import torchvision

_CUTS_KEPT = 8
_OLD_NAME = re.compile(r"(denselayer\d+\.(?:norm|relu|conv))\.([12])(?=\.)")
UNREADABLE = (OSError, EOFError, RuntimeError, ValueError, KeyError, UnpicklingError)
"""What loading a damaged file raises."""
_FROM_TENSORFLOW = ("googlenet", "inception_v3")
"""They initialise weights unless told not to, and transform their input themselves."""


@dataclass(frozen=True)
class Normalisation:
    """The network's input: (x - mean) / deviation for each colour, x in 0..1."""

    mean: tuple[float, float, float]
    deviation: tuple[float, float, float]


class TracedNetwork(Network):
    """A network that runs only the part of its graph that leads to the wanted layers."""

    def __init__(
        self,
        name: str,
        traced: TracedGraph,
        normalisation: Normalisation,
        smallest_side: int,
        architecture: str = "",
    ) -> None:
        """`traced`: a graph with its weights loaded, which must not be used afterwards.

        `architecture`: the name of torchvision's network that is built the same way, if not `name`.
        """
        super().__init__()
        self.name = name
        self.smallest_side = smallest_side
        fold_batch_norm(traced)
        classify_everywhere(traced)
        self.body = keep_features(traced).requires_grad_(False)
        self.layers, self._nodes = _layers(architecture or name, traced)
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
            self._cuts[wanted] = fuse(cut(self.body, nodes))
            if len(self._cuts) > _CUTS_KEPT:
                self._cuts.popitem(last=False)
        self._cuts.move_to_end(wanted)
        return self._cuts[wanted]

    def _apply(self, *args: Any, **kwargs: Any) -> TracedNetwork:
        # They hold the weights on the old device and in the old type.
        self._cuts.clear()
        return super()._apply(*args, **kwargs)


def _layers(
    architecture: str, traced: TracedGraph
) -> tuple[tuple[LayerInfo, ...], dict[str, fx.Node]]:
    """Return the layers, from shallow to deep, and each one's node."""
    also = aliases(architecture, traced.root)
    names: dict[fx.Node, list[str]] = {}
    for path, node in traced.results:
        known = [alias for alias, of in also.items() if of == path]
        # In an objective, a hyphen would be a minus sign.
        names.setdefault(node, []).extend((path.replace("-", "_"), *known))
    layers, nodes = [], {}
    for node, field in fields(traced).items():
        channels = traced.channels(node)
        if channels is None or node not in names:
            continue
        # Prefer the name of a group of modules to that of its last module.
        main, *others = sorted(names[node], key=lambda n: (n != LOGITS, n in also, n.count(".")))
        others.sort(key=lambda n: n not in also)
        layers.append(
            LayerInfo(
                *(main, channels, field.stride, field.side, tuple(others), field.whole),
                centre=field.centre,
            )
        )
        nodes[main] = node
    return with_depths(layers), nodes


class _WithoutValues(TorchFunctionMode):
    """Makes modules whose parameters take no memory and no time until weights are loaded."""

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict | None = None
    ) -> Any:
        kwargs = dict(kwargs or {})
        if func is torch.empty:
            kwargs["device"] = "meta"
        elif _in_place(func):
            tensor = args[0] if args else kwargs["tensor"]
            if tensor.is_meta:
                return tensor
        return func(*args, **kwargs)


def _in_place(func: Any) -> bool:
    return func.__name__.endswith("_") and not func.__name__.startswith("_")


def build(name: str, classes: int | None = None) -> nn.Module:
    """Build torchvision's classifier in evaluation mode, with parameters on the `meta` device.

    `classes`: how many it knows, if other than ImageNet's; then it has no auxiliary classifiers.
    """
    options: dict[str, Any] = {"init_weights": False} if name in _FROM_TENSORFLOW else {}
    if classes is not None:
        options["num_classes"] = classes
        if name in _FROM_TENSORFLOW:
            options["aux_logits"] = False
    with _WithoutValues():
        return torchvision.models.get_model(name, weights=None, **options).eval()


_USUAL = Normalisation((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
_CENTRED = Normalisation((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
_AS_IT_IS = Normalisation((0.0, 0.0, 0.0), (1.0, 1.0, 1.0))
_OF_INPUT: dict[str, Normalisation] = dict(zip(INPUTS, (_USUAL, _CENTRED, _AS_IT_IS), strict=True))


def _normalisation_of(name: str) -> Normalisation:
    if own := own_network(name):
        return _OF_INPUT.get(own.input) or _normalisation_of(own.architecture)
    if name in _FROM_TENSORFLOW:
        # Weights from TensorFlow expect -1..1; transform_input converts torchvision's usual
        # normalisation to that.
        return _CENTRED
    preset = weights_of(name).transforms()
    return Normalisation(tuple(preset.mean), tuple(preset.std))


def weights_of(name: str) -> torchvision.models.WeightsEnum:
    """Return the weights to use: the ones published first, with which most dreams were made."""
    return next(iter(torchvision.models.get_model_weights(name)))


def load(name: str) -> Network:
    """Load a network with its trained weights. Raises `WeightsMissing`."""
    path, own = weights_file(name), own_network(name)
    root = build(own.architecture, len(own.classes)) if own else build(name)
    try:
        if own:
            load_values(root, read_safetensors(path))
        else:
            values = torch.load(path, map_location="cpu", weights_only=True)
            root.load_state_dict(as_built(values), assign=True)
    except UNREADABLE as error:
        raise damaged(path, name) from error
    return network_of(name, TracedGraph(root))


def read_safetensors(path: Path) -> dict[str, Tensor]:
    """Read a file of parameters. Raises `OSError` and `ValueError`."""
    import safetensors.torch

    try:
        return safetensors.torch.load_file(path)
    except safetensors.SafetensorError as error:
        raise ValueError(str(error)) from None


def load_values(root: nn.Module, values: Mapping[str, Tensor]) -> None:
    """Give a network parameters under the names of this version of torchvision.

    Raises `RuntimeError` if any is missing, is one too many, or has another shape.
    """
    complete = _Values(values)
    complete._metadata = getattr(root.state_dict(), "_metadata", {})
    root.load_state_dict(complete, assign=True)


def load_untrained(name: str, seed: int = 0) -> Network:
    """Return a network with random weights that keep every layer active; not for dreams."""
    return network_of(name, calibrated(build(name), seed))


def describe(name: str) -> tuple[LayerInfo, ...]:
    """Return a network's layers without loading its weights."""
    own = own_network(name)
    root = build(own.architecture, len(own.classes)) if own else build(name)
    return network_of(name, TracedGraph(root.to("meta"))).layers


def network_of(name: str, traced: TracedGraph) -> Network:
    """Return a network made from a traced graph, which must not be used afterwards."""
    entry = entry_of(name)
    return TracedNetwork(
        name, traced, _normalisation_of(name), entry.smallest_side, entry.architecture
    )


def as_built(values: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
    """Rename parameters from older weights files, such as DenseNet's `norm.1` to `norm1`."""
    renamed = _Values((_OLD_NAME.sub(r"\1\2", name), value) for name, value in values.items())
    renamed._metadata = getattr(values, "_metadata", {})
    return renamed


class _Values(OrderedDict[str, Tensor]):
    """A state dict with the metadata that torch attaches to it."""

    _metadata: dict[str, dict[str, Any]]
    """The version that wrote each module's values; some modules need it for loading."""
