"""The choice of device."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch

from deepdream_core.compute import devices
from deepdream_core.compute.devices import (
    DeviceMissing,
    choose_device,
)

CPU = torch.device("cpu")


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


@pytest.mark.parametrize("name", ["cuda", "mps"])
def test_the_error_names_the_missing_device(name: str) -> None:
    there = torch.cuda.is_available() if name == "cuda" else torch.backends.mps.is_available()
    if there:
        pytest.skip(f"This machine has {name}.")
    with pytest.raises(DeviceMissing, match="set the device to auto or cpu"):
        choose_device(name)
