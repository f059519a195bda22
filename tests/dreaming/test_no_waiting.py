"""The loop only queues work on the device and never waits for it.

Dreams run on torch's `meta` device here, which holds no values: reading one (with `item`,
`nonzero` or a copy to the CPU) raises an error. Copies to the device would wait too; two modes
that see every call detect them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import numpy as np
import pytest
import torch
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from deepdream_core.dreaming import dream as whole
from deepdream_core.dreaming import gradients, memory
from deepdream_core.dreaming.progress import Progress
from deepdream_core.models import load_network
from deepdream_core.shared.presets import NOISE_SETTINGS, SHIPPED
from deepdream_core.shared.recipe import Recipe

DEVICE = torch.device("meta")
PICTURE = np.zeros((160, 192, 3), np.uint8)
SMALL = {"octaves": 2, "steps": 2}
OPTIONS = {
    **{p.name: dict(p.settings) for p in SHIPPED if p.name in ("rainbow", "fish")},
    "plain": {},
    "adam, smooth, calm": {"optimiser": "adam", "smooth": 1.0, "tv": 0.1, "pull": 0.1},
    "by rms": {"normalise": "rms", "laplacian": 2},
    "by std": {"normalise": "std"},
    "by the first step": {"normalise": "none"},
    "a unit": {"objective": "block10:42@0.3,0.6"},
    "windows": {"tile": 96},
    "random views": {"random_turn": 10.0, "random_zoom": 0.1},
    "noise": dict(NOISE_SETTINGS),
}


class Waited(AssertionError):
    """Values were copied between devices in the middle of an octave."""


class LastStep(Exception):
    """The dream reached its last step without waiting."""


class NoCopies(TorchDispatchMode):
    """Refuses to copy values between devices."""

    entered = False

    def __enter__(self) -> Any:
        NoCopies.entered = True
        return super().__enter__()

    def __exit__(self, *error: Any) -> None:
        NoCopies.entered = False
        super().__exit__(*error)

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict | None = None
    ) -> Any:
        result = func(*args, **(kwargs or {}))
        if "copy" in str(func):
            tensors = tree_leaves((args, kwargs, result))
            if len({x.device for x in tensors if isinstance(x, torch.Tensor)}) > 1:
                raise Waited(str(func))
        return result


class NoNumbers(TorchFunctionMode):
    """Refuses to make tensors on the device from Python numbers, which torch copies at once."""

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict | None = None
    ) -> Any:
        result = func(*args, **(kwargs or {}))
        if func in (torch.tensor, torch.as_tensor, torch.asarray) and result.device == DEVICE:
            raise Waited(str(func))
        return result


@pytest.fixture(scope="module", autouse=True)
def forget_networks() -> Iterator[None]:
    yield
    load_network.cache_clear()


@pytest.fixture(autouse=True)
def on_meta(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whole, "choose_device", lambda name: DEVICE)
    monkeypatch.setitem(memory._SHARE, "meta", 0.5)
    # Tensors without values take no memory, so nothing can be measured.
    monkeypatch.setattr(memory, "bytes_per_pixel", lambda objective: 1000.0)
    monkeypatch.setattr(gradients, "is_zero", is_zero_in_first_steps)


def is_zero_in_first_steps(gradient: torch.Tensor) -> bool:
    """Answer as for any usual gradient, but only where a step may wait."""
    if NoCopies.entered:
        raise Waited("is_zero")
    return False


def run_to_the_last_step(recipe: Recipe, **pictures: np.ndarray) -> None:
    """Dream; from the second step of each octave on, no values may be copied."""
    modes = ExitStack()

    def watch(moment: Progress) -> None:
        if moment.step == 0:
            modes.enter_context(NoCopies())
            modes.enter_context(NoNumbers())
        if moment.step == recipe.steps - 1:
            modes.close()
            if moment.octave == moment.octaves - 1:
                raise LastStep

    with modes, pytest.raises(LastStep):
        whole.dream(PICTURE, recipe, watch=watch, **pictures)


@pytest.mark.parametrize("options", OPTIONS)
def test_no_step_waits(options: str) -> None:
    run_to_the_last_step(Recipe().changed(**{**OPTIONS[options], **SMALL}))


@pytest.mark.parametrize("mode", ["match", "statistics"])
def test_no_step_with_a_guide_and_a_mask_waits(mode: str) -> None:
    mask = np.zeros(PICTURE.shape[:2], np.float32)
    recipe = Recipe(guide_mode=mode, objective="block4 + block10").changed(**SMALL)
    run_to_the_last_step(recipe, guide=PICTURE, mask=mask)
