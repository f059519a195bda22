"""The choice of device and precision."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
import torch

from deepdream_core import dream
from deepdream_core.compute import devices
from deepdream_core.compute.devices import (
    DeviceMissing,
    choose_device,
    choose_precision,
    has_bfloat16,
)
from deepdream_core.shared.recipe import Recipe

CPU = torch.device("cpu")


def test_reduced_precision_is_used_only_on_request() -> None:
    """A single rounding error leads to a different dream in the end; see the README on speed."""
    assert choose_precision("auto", CPU) == choose_precision("float32", CPU) == "float32"


@pytest.mark.parametrize(("capability", "precision"), [((7, 5), "float32"), ((8, 0), "tf32")])
def test_a_gpu_uses_tensor_cores_that_keep_32_bit_sums(
    capability: tuple[int, int], precision: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The GPU's answers are simulated, as tests run without one."""
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: capability)
    assert choose_precision("auto", torch.device("cuda")) == precision
    assert choose_precision("tf32", torch.device("cuda")) == precision
    assert choose_precision("float32", torch.device("cuda")) == "float32"


@pytest.fixture
def unsupported_gpu(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A GPU whose driver answers, but for which this build of PyTorch has no programs."""

    def ones(count: int, device: str) -> None:
        raise RuntimeError("CUDA error: no kernel image is available for execution\nCompile with")

    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda: "GeForce GTX 1070")
    monkeypatch.setattr(torch, "ones", ones)
    devices.gpu_failure.cache_clear()
    yield
    devices.gpu_failure.cache_clear()


def test_a_gpu_that_pytorch_cannot_use_is_passed_over(unsupported_gpu: None) -> None:
    assert choose_device("auto").type != "cuda"
    with pytest.raises(DeviceMissing, match=r"GTX 1070 \(CUDA error: no kernel image"):
        choose_device("cuda")


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
