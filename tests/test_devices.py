"""Which device and precision a dream gets."""

from __future__ import annotations

import pytest
import torch

from deepdream_core.devices import DeviceMissing, choose_device, choose_dtype


def test_reduced_precision_is_only_for_those_who_ask() -> None:
    """A rounding error in one value is another dream in the end; see the README on speed."""
    assert choose_dtype("auto") == choose_dtype("float32") == torch.float32
    assert choose_dtype("bfloat16") == torch.bfloat16


@pytest.mark.parametrize("name", ["cuda", "mps"])
def test_a_device_that_is_not_there_is_named(name: str) -> None:
    there = torch.cuda.is_available() if name == "cuda" else torch.backends.mps.is_available()
    if there:
        pytest.skip(f"This machine has {name}.")
    with pytest.raises(DeviceMissing, match="choose the device auto or cpu"):
        choose_device(name)
