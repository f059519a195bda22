"""The choice of the number format in which a network computes."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from deepdream_core import dream
from deepdream_core.compute.devices import has_bfloat16
from deepdream_core.models.precision import choose_precision, with_precision
from deepdream_core.shared.recipe import Recipe

CPU, GPU = torch.device("cpu"), torch.device("cuda")
LITE = Recipe().model


@pytest.mark.parametrize("native", [True, False])
def test_a_processor_with_its_own_instructions_dreams_in_bfloat16(
    native: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The processor's answer is simulated, because tests run on any."""
    monkeypatch.setattr("deepdream_core.models.precision.has_fast_bfloat16", lambda: native)
    chosen = "bfloat16" if native else "float32"
    assert choose_precision("auto", LITE, CPU) == chosen
    assert with_precision(Recipe(device="cpu")).precision == chosen
    assert choose_precision("auto", "resnet50", CPU) == "float32"
    assert choose_precision("float32", LITE, CPU) == "float32"
    assert choose_precision("tf32", LITE, CPU) == "float32"


@pytest.mark.parametrize(("capability", "precision"), [((7, 5), "float32"), ((8, 0), "tf32")])
def test_a_gpu_uses_tensor_cores_that_keep_32_bit_sums(
    capability: tuple[int, int], precision: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The GPU's answers are simulated, as tests run without one."""
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: capability)
    assert choose_precision("auto", LITE, GPU) == precision
    assert choose_precision("tf32", LITE, GPU) == precision
    assert choose_precision("float32", LITE, GPU) == "float32"


@pytest.mark.parametrize("has", [True, False])
def test_a_processor_without_reduced_precision_says_so_and_dreams(
    has: bool, photo: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other kind of CPU is simulated, but only in `has_bfloat16`."""
    if has and not has_bfloat16(CPU):
        pytest.skip("This processor has no bfloat16.")
    monkeypatch.setattr("deepdream_core.models.precision.has_bfloat16", lambda device: has)
    recipe, notes = Recipe(octaves=1, steps=1, device="cpu", precision="float32"), []
    reduced = dream(photo, recipe.changed(precision="bfloat16"), note=notes.append)
    assert np.array_equal(reduced, dream(photo, recipe)) == (not has)
    assert [note for note in notes if "16-bit" in note] == (
        [] if has else ["This processor has no 16-bit arithmetic; using 32 bits instead."]
    )
