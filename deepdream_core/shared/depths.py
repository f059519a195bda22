"""How deep to dream, in words that work for every network.

Shallow layers respond to edges and textures, deep ones to parts of objects and whole objects. The
words come from Olah, Mordvintsev and Schubert, "Feature Visualization" (Distill, 2017).
`models.layer_depths` maps a word to a layer by the layers' strides, which grow in a similar way
in all classifiers.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

DEPTHS = ("edges", "textures", "patterns", "parts", "objects")
"""From shallow to deep."""
_LAST_BLOCKS = (0, 4, 6, 9)
"""The last block of EfficientNet-Lite0 for each word except "objects", which has all the rest."""
_FALLBACK = "parts"
"""The word for layers of unknown depth."""


def depth_of(layer: str) -> str:
    """Return the word for a layer's depth; a depth word is returned as it is."""
    if layer in DEPTHS:
        return layer
    if match := re.fullmatch(r"block(\d{1,9})", layer):
        return DEPTHS[sum(int(match[1]) > last for last in _LAST_BLOCKS)]
    return DEPTHS[0] if layer == "stem" else _FALLBACK


def nearest_depth(word: str, words: Sequence[str]) -> str:
    """Return whichever of `words` is nearest in depth to `word`; of two, the shallower one."""
    depth = DEPTHS.index
    return min(sorted(words, key=depth), key=lambda other: abs(depth(other) - depth(word)))
