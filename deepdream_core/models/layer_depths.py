"""Which layers of a network the words for depths mean (`deepdream_core.shared.depths`).

It follows from the layers' strides, by which all classifiers are built alike.
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
"""As many layers of one stride are told apart as first, middle and last."""


def with_depths(layers: Sequence[LayerInfo]) -> tuple[LayerInfo, ...]:
    """Return a network's layers, five of them with a word for their depth as a further alias.

    A layer may have several words where a network has few.
    """
    first = min((layer.stride for layer in layers if layer.stride > 1), default=1)
    shallow, medium = _telling(layers, first, 1), _telling(layers, 8, 1)
    deep = _telling(layers, 16, _ENOUGH)
    if len(deep) < _ENOUGH:
        deep = [*medium[len(medium) // 2 + 1 :], *deep]
    meant = (shallow[-1], medium[len(medium) // 2], deep[0], deep[len(deep) // 2], deep[-1])
    words: dict[str, tuple[str, ...]] = {}
    for word, layer in zip(DEPTHS, meant, strict=True):
        words[layer.name] = (*words.get(layer.name, ()), word)
    return tuple(
        replace(layer, aliases=(*layer.aliases, *words.get(layer.name, ()))) for layer in layers
    )


def _telling(layers: Sequence[LayerInfo], stride: int, enough: int) -> list[LayerInfo]:
    """Return the layers of a stride that show the most: groups rather than what is inside them.

    `enough`: how many are wanted at least. Without any of that stride it is the next smaller one.
    """
    present = {layer.stride for layer in layers}
    nearest = max((s for s in present if s <= stride), default=min(present))
    there = [layer for layer in layers if layer.stride == nearest]
    groups = [_path(layer) for layer in there if any("." not in alias for alias in layer.aliases)]
    named = [layer for layer in there if any(_is_in(layer.name, group) for group in groups)]
    finished = [layer for layer in named or there if not _is_unfinished(layer)] or there
    for depth in sorted({layer.name.count(".") for layer in finished}):
        outer = [layer for layer in finished if layer.name.count(".") <= depth]
        if len(outer) >= enough:
            return outer
    return finished


def _path(layer: LayerInfo) -> str:
    """Return the shortest path of a layer that is not the whole body's, as `features` would be."""
    names = (layer.name, *layer.aliases)
    return min(
        (name for name in names if "." in name), key=lambda n: n.count("."), default=names[0]
    )


def _is_in(name: str, group: str) -> bool:
    return name == group or name.startswith(f"{group}.")


def _is_unfinished(layer: LayerInfo) -> bool:
    """Tell whether a layer only hands on, or shows sums that no activation has judged yet."""
    names = (layer.name, *layer.aliases)
    return any(_POOL.search(name) or _BEFORE_ACTIVATION.search(name) for name in names)
