"""How deep to dream, in words that mean something in every network.

Shallow layers know edges and textures, deep ones parts of things and whole things; the words are
those of Olah, Mordvintsev and Schubert, "Feature Visualization" (Distill, 2017). Which layer a
word means follows from the layers' strides, by which all classifiers are built alike.
Standard library only: GIMP's Python imports this module too.
"""

from __future__ import annotations

import re

from deepdream_core.shared.objective import Term, parse_objective

DEPTHS = ("edges", "textures", "patterns", "parts", "objects")
"""From shallow to deep."""
_LAST_BLOCKS = (0, 4, 6, 9)
"""The last block of EfficientNet-Lite0 for which each word but the last is right."""
_USUAL = "parts"
"""For layers of which nothing is known."""


def without_layer_names(objective: str) -> str:
    """Return an objective without the names of one network's layers, for another network.

    Layers become words, channels and units the layer that they are in; classes stay. What comes
    to the same word as a term before it is left out.
    """
    factors: dict[str, float] = {}
    for term in parse_objective(objective):
        factors.setdefault(_word(term), term.weight)
    written = ""
    for word, factor in factors.items():
        sign = "-" if factor < 0 else "+" if written else ""
        written += f" {sign} " if written else sign
        written += word if abs(factor) == 1 else f"{abs(factor):g}*{word}"
    return written


def _word(term: Term) -> str:
    if term.class_name:
        return f"class:{term.class_name}"
    if term.layer in DEPTHS:
        return term.layer
    if match := re.fullmatch(r"block(\d+)", term.layer):
        return DEPTHS[sum(int(match[1]) > last for last in _LAST_BLOCKS)]
    return DEPTHS[0] if term.layer == "stem" else _USUAL
