"""Recipes that were saved by earlier versions keep the rules they were made with."""

from __future__ import annotations

from collections.abc import Mapping

from deepdream_core.shared.recipe import Value

RECIPE_VERSION = 2
"""Saved with every recipe. 1, without a number: octaves counted down from the picture's size."""

_DEFAULTS_OF_1: Mapping[str, Value] = {
    "octaves": 4,
    "largest_octave": 1.0,
    "crispness": 1.0,
    "balance": "start",
    "headroom": 0.0,
    "fine_steps": 1.0,
    "colourfulness": 0.3,
}
"""What 1 did where its recipes say nothing."""


def upgraded(settings: Mapping[str, object], version: object) -> dict[str, object]:
    """Return settings that were saved with `version`, with the rules that they relied on."""
    is_current = isinstance(version, int) and version >= RECIPE_VERSION
    return dict(settings) if is_current else {**_DEFAULTS_OF_1, **settings}
