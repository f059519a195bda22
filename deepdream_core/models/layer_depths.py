"""Choosing the layer of a network for each depth word (`deepdream_core.shared.depths`).

The choice is based on the layers' strides, which grow in a similar way in all classifiers.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from deepdream_core.models.network import LayerInfo
from deepdream_core.shared.depths import DEPTHS

_POOL = re.compile(r"pool|drop|avg", re.IGNORECASE)
_BEFORE_ACTIVATION = re.compile(r"(?:^|[._])(?:conv|norm|bn)[\d_]*$")
_ENOUGH = 3
"""Enough layers of one stride to choose a first, a middle and a last one."""


def with_depths(layers: Sequence[LayerInfo]) -> tuple[LayerInfo, ...]:
    """Return a network's layers with the five depth words added as aliases.

    In a network with few layers, one layer may get several words.
    """
    first = min((layer.stride for layer in layers if layer.stride > 1), default=1)
    shallow, medium = _main_layers(layers, first, 1), _main_layers(layers, 8, 1)
    deep = _main_layers(layers, 16, _ENOUGH)
    if len(deep) < _ENOUGH:
        deep = [*medium[len(medium) // 2 + 1 :], *deep]
    chosen = (shallow[-1], medium[len(medium) // 2], deep[0], deep[len(deep) // 2], deep[-1])
    words: dict[str, tuple[str, ...]] = {}
    for word, layer in zip(DEPTHS, chosen, strict=True):
        words[layer.name] = (*words.get(layer.name, ()), word)
    return tuple(
        replace(layer, aliases=(*layer.aliases, *words.get(layer.name, ()))) for layer in layers
    )


def _main_layers(layers: Sequence[LayerInfo], stride: int, enough: int) -> list[LayerInfo]:
    """Return the main layers of a stride: whole groups rather than the layers inside them.

    If there are fewer than `enough` groups, the layers inside them are included. If the network
    has no layer of this stride, the next smaller stride is used.
    """
    present = {layer.stride for layer in layers}
    nearest = max((s for s in present if s <= stride), default=min(present))
    candidates = [layer for layer in layers if layer.stride == nearest]
    groups = [
        _path(layer) for layer in candidates if any("." not in alias for alias in layer.aliases)
    ]
    named = [layer for layer in candidates if any(_is_in(layer.name, group) for group in groups)]
    final = [layer for layer in named or candidates if not _is_intermediate(layer)] or candidates
    for depth in sorted({layer.name.count(".") for layer in final}):
        outer = [layer for layer in final if layer.name.count(".") <= depth]
        if len(outer) >= enough:
            return outer
    return final


def _path(layer: LayerInfo) -> str:
    """Return the layer's shortest name with a dot; one without might be the whole body's."""
    names = (layer.name, *layer.aliases)
    return min(
        (name for name in names if "." in name), key=lambda n: n.count("."), default=names[0]
    )


def _is_in(name: str, group: str) -> bool:
    return name == group or name.startswith(f"{group}.")


def _is_intermediate(layer: LayerInfo) -> bool:
    """Return whether a layer is a pooling or dropout layer or a pre-activation output."""
    names = (layer.name, *layer.aliases)
    return any(_POOL.search(name) or _BEFORE_ACTIVATION.search(name) for name in names)
