"""Recipes that were saved by earlier versions keep the rules they were made with."""

from __future__ import annotations

from collections.abc import Mapping

from deepdream_core.shared.recipe import Value

RECIPE_VERSION = 3
"""Saved with every recipe. 1, without a number: octaves counted down from the picture's size. 2:
`auto` as precision meant TF32 on GPUs that have it, and 32 bits everywhere else; the tones of
moving dreams were free."""

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
_PRECISION_UNTIL_2 = "tf32"


def upgraded(settings: Mapping[str, object], version: object) -> dict[str, object]:
    """Return settings that were saved with `version`, with the rules that they relied on."""
    number = version if isinstance(version, int) else 1
    result = dict(settings)
    if number < 2:
        result = {**_DEFAULTS_OF_1, **result}
    if number < 3:
        result = {"tones": "free", **result}
        if result.get("precision", "auto") == "auto":
            result["precision"] = _PRECISION_UNTIL_2
    return result
