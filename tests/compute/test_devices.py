"""The choice of device and precision."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from deepdream_core import dream
from deepdream_core.compute.devices import DeviceMissing, choose_device, choose_dtype, has_bfloat16
from deepdream_core.shared.recipe import Recipe

CPU = torch.device("cpu")


def test_reduced_precision_is_used_only_on_request() -> None:
    """A single rounding error leads to a different dream in the end; see the README on speed."""
    assert choose_dtype("auto", CPU) == choose_dtype("float32", CPU) == torch.float32
    assert choose_dtype("bfloat16", torch.device("cuda")) == torch.bfloat16


@pytest.mark.parametrize("has", [True, False])
def test_a_processor_without_reduced_precision_says_so_and_dreams(
    has: bool, photo: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other kind of CPU is simulated, but only in `has_bfloat16`."""
    if has and not has_bfloat16(CPU):
        pytest.skip("This processor has no bfloat16.")
    monkeypatch.setattr("deepdream_core.compute.devices.has_bfloat16", lambda device: has)
    recipe, notes = Recipe(octaves=1, steps=1, device="cpu"), []
    reduced = dream(photo, recipe.changed(precision="bfloat16"), note=notes.append)
    assert np.array_equal(reduced, dream(photo, recipe)) == (not has)
    assert [note for note in notes if "16-bit" in note] == (
        [] if has else ["This processor has no 16-bit arithmetic; using 32 bits instead."]
    )


@pytest.mark.parametrize("name", ["cuda", "mps"])
def test_the_error_names_the_missing_device(name: str) -> None:
    there = torch.cuda.is_available() if name == "cuda" else torch.backends.mps.is_available()
    if there:
        pytest.skip(f"This machine has {name}.")
    with pytest.raises(DeviceMissing, match="set the device to auto or cpu"):
        choose_device(name)
