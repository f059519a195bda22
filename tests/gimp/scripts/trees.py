"""For scripts inside GIMP: describing what an artist could see in an image."""

from __future__ import annotations

import hashlib
from typing import Any


def digest(drawable: Any) -> str:
    """Return a short text that is the same only for the same pixels."""
    return hashlib.sha1(bytes(drawable.read_pixels("R'G'B'A float"))).hexdigest()


def tree(layers: list) -> list[dict[str, Any]]:
    """Describe everything about layers that an artist could see."""
    return [
        {
            "name": layer.name,
            "tattoo": layer.tattoo,
            "pixels": digest(layer),
            "mask": digest(layer.mask) if layer.mask else None,
            "place": [*layer.offsets, layer.width, layer.height],
            "look": [layer.visible, layer.opacity, layer.mode],
            "recipe": layer.parasite_find("deepdream-recipe") is not None,
            "children": tree(layer.children) if layer.is_group else [],
        }
        for layer in layers
    ]
