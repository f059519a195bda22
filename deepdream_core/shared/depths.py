"""How deep to dream, in words that mean something in every network.

Shallow layers know edges and textures, deep ones parts of things and whole things; the words are
those of Olah, Mordvintsev and Schubert, "Feature Visualization" (Distill, 2017). Which layer a
word means follows from the layers' strides, by which all classifiers are built alike
(`models.layer_depths`). Standard library only: GIMP's Python imports this module too.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

DEPTHS = ("edges", "textures", "patterns", "parts", "objects")
"""From shallow to deep."""
_LAST_BLOCKS = (0, 4, 6, 9)
"""The last block of EfficientNet-Lite0 for which each word but the last is right."""
_USUAL = "parts"
"""For layers of which nothing is known."""


def depth_of(layer: str) -> str:
    """Return the word for the depth of a layer, which may be such a word already."""
    if layer in DEPTHS:
        return layer
    if match := re.fullmatch(r"block(\d+)", layer):
        return DEPTHS[sum(int(match[1]) > last for last in _LAST_BLOCKS)]
    return DEPTHS[0] if layer == "stem" else _USUAL


def nearest_depth(word: str, words: Sequence[str]) -> str:
    """Return the one of some words that is nearest in depth to another; of two, the shallower."""
    depth = DEPTHS.index
    return min(sorted(words, key=depth), key=lambda other: abs(depth(other) - depth(word)))
