"""The number format in which a network computes."""

from __future__ import annotations

import torch

from deepdream_core.compute.devices import (
    choose_device,
    has_bfloat16,
    has_fast_bfloat16,
    has_tf32,
)
from deepdream_core.models.catalogue import entry_of
from deepdream_core.shared.recipe import Recipe


def choose_precision(name: str, model: str, device: torch.device) -> str:
    """Return "float32", "tf32" or "bfloat16" for a recipe's `precision` and `model` on a device.

    The choice for `auto` must lead to a dream as good as in float32: one that is as different from
    it as if the picture had been changed by a millionth, and reaches as much of the objective
    (tests/benchmarks/precision.py). For bfloat16 this was found for some networks, on a CPU.

    `tf32` rounds the factors of products to 19 bits, which tensor cores multiply; sums and
    everything else stay in 32 bits. A step takes two thirds of the time; its gradient has a
    signal-to-noise ratio of 16 dB (bfloat16: 2 dB, float32: 48 dB).

    Raises `RecipeError` for an unknown network.
    """
    if name == "auto" and device.type == "cpu":
        return (
            "bfloat16" if entry_of(model).dreams_in_bfloat16 and has_fast_bfloat16() else "float32"
        )
    if name in ("auto", "tf32"):
        return "tf32" if has_tf32(device) else "float32"
    return "bfloat16" if name == "bfloat16" and has_bfloat16(device) else "float32"


def with_precision(recipe: Recipe) -> Recipe:
    """Return the recipe with the precision that this machine chooses for it.

    With it, the same machine will dream the same again, whatever a later version chooses. Raises
    `DeviceMissing`.
    """
    device = choose_device(recipe.device)
    return recipe.changed(precision=choose_precision(recipe.precision, recipe.model, device))
