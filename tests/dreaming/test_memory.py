"""When memory runs out: smaller tiles, then the CPU, then a clear error."""

from __future__ import annotations

import contextlib
import re
import weakref
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from deepdream_core.dreaming import dream as whole
from deepdream_core.dreaming import gradients, memory, on_device
from deepdream_core.dreaming.ascent import PhotoAscent
from deepdream_core.dreaming.scores import bind
from deepdream_core.engine.errors import explain
from deepdream_core.models import load_network
from deepdream_core.shared.recipe import Recipe

CPU = torch.device("cpu")
RECIPE = Recipe(octaves=2, steps=2, precision="float32")
SAID = [
    "CUDA out of memory. Tried to allocate 1.00 GiB. GPU 0 has a total capacity of 7.79 GiB",
    "CUDA error: out of memory\nCUDA kernel errors might be asynchronously reported",
    "HIP out of memory. Tried to allocate 20.00 MiB",
    "CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`",
    "cuDNN error: CUDNN_STATUS_ALLOC_FAILED",
    "cuDNN error: CUDNN_STATUS_INTERNAL_ERROR_HOST_ALLOCATION_FAILED",
    "cusolver error: CUSOLVER_STATUS_ALLOC_FAILED, when calling `cusolverDnCreate(handle)`",
    "MPS backend out of memory (MPS allocated: 8.00 GB, other allocations: 1.00 GB)",
    "[enforce fail at alloc_cpu.cpp:118] err == 0. DefaultCPUAllocator: can't allocate memory: "
    "you tried to allocate 4000000 bytes. Error code 12 (Cannot allocate memory)",
    "could not create a primitive",
]


@pytest.mark.parametrize("text", SAID)
def test_memory_errors_of_libraries_are_recognised(text: str) -> None:
    assert memory.is_out_of_memory(RuntimeError(text))


def test_other_errors_are_not_mistaken_for_memory_errors() -> None:
    assert memory.is_out_of_memory(MemoryError())
    assert memory.is_out_of_memory(torch.OutOfMemoryError("…"))
    assert not memory.is_out_of_memory(RuntimeError("CUDA error: an illegal memory access"))
    assert not memory.is_out_of_memory(ValueError("out of memory"))


@pytest.fixture
def small_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    """A device with too little memory: torch's `meta` device, which has all operations."""
    monkeypatch.setattr(whole, "choose_device", lambda name: torch.device("meta"))
    monkeypatch.setitem(memory._SHARE, "meta", 0.5)
    monkeypatch.setattr(memory, "bytes_per_pixel", lambda objective: 1000.0)
    monkeypatch.setattr(gradients, "is_zero", lambda gradient: False)
    load_network.cache_clear()


@pytest.mark.parametrize("where", ["loading", "outside the gradient", "in the gradient"])
def test_the_cpu_takes_over(
    photo: np.ndarray, small_gpu: None, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    """Wherever a GPU's memory runs out, the result is the same as on the CPU."""
    expected = Recipe(device="cpu", **{k: v for k, v in RECIPE.as_dict().items() if k != "device"})
    with monkeypatch.context() as real:
        real.setattr(whole, "choose_device", torch.device)
        expected_picture = whole.dream(photo, expected)

    def fail_on_gpu(function, device_of):
        def run(*args, **options):
            if device_of(*args).type == "meta":
                raise RuntimeError("CUDA error: out of memory")
            return function(*args, **options)

        return run

    if where == "loading":
        load = fail_on_gpu(load_network, lambda name, device, dtype: device)
        monkeypatch.setattr(on_device, "load_network", load)
    elif where == "outside the gradient":
        step = fail_on_gpu(PhotoAscent.step, lambda self, picture, *_: picture.device)
        monkeypatch.setattr(PhotoAscent, "step", step)
    else:
        compute = fail_on_gpu(gradients.picture_gradient, lambda picture, *_: picture.device)
        monkeypatch.setattr(gradients, "picture_gradient", compute)
    notes: list[str] = []
    kept: list[str] = []
    result = whole.dream(
        photo,
        RECIPE.changed(keep="octaves"),
        note=notes.append,
        on_frame=lambda name, picture: kept.append(name),
    )
    assert np.array_equal(result, expected_picture)
    assert "The GPU is out of memory: continuing on the processor." in notes
    assert kept == ["octave 1", "octave 2"]


def test_a_step_that_runs_out_of_memory_is_repeated_with_smaller_tiles(
    photo: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The memory that tiles leave allocated may be missing in the rest of the step."""
    step, tries = PhotoAscent.step, iter(range(3))

    def second_time(self: PhotoAscent, *given: Tensor) -> None:
        if next(tries, 3) < 2:
            raise RuntimeError("DefaultCPUAllocator: can't allocate memory")
        step(self, *given)

    monkeypatch.setattr(PhotoAscent, "step", second_time)
    notes: list[str] = []
    picture = np.tile(photo, (5, 5, 1))
    recipe = Recipe(objective="block4", octaves=1, steps=1, tile=1024)
    result = whole.dream(picture, recipe, note=notes.append)
    assert not np.array_equal(result, picture)
    sides = [int(side) for text in notes for side in re.findall(r"tiles \((\d+) pixels\)", text)]
    assert len(sides) == len(notes) == 2 and sides[0] > sides[1]


def test_if_nothing_helps_the_error_is_one_sentence(
    photo: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    def step(self: PhotoAscent, picture: Tensor, base: Tensor, gradient: Tensor) -> None:
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory")

    monkeypatch.setattr(PhotoAscent, "step", step)
    with pytest.raises(MemoryError) as caught:
        whole.dream(photo, RECIPE)
    assert explain(caught.value).message == "There was not enough memory for this dream."


class Token:
    """Stands for the memory of a step."""


class Keeps(torch.autograd.Function):
    """A step that keeps a token for its backward pass."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, token: Token) -> Tensor:
        ctx.token = token
        return x.clone()

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        return gradients[0], None


class Fails(torch.autograd.Function):
    """A step in whose backward pass memory runs out."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        return x.clone()

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory")


def test_windows_do_not_depend_on_free_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows of another size give other bytes."""
    objective = bind(Recipe().expression, load_network("efficientnet_lite0", CPU, torch.float32))
    budgets = []
    for free in (8 << 30, 5 << 30, 1 << 29):
        monkeypatch.setattr(memory, "total_bytes", lambda device: 8 << 30)
        monkeypatch.setattr(memory, "free_bytes", lambda device, free=free: free)
        budgets.append(memory.memory_budget(objective))
    assert budgets[0] == budgets[1]
    # Where hardly any is free, smaller windows are better than none.
    assert budgets[2].whole < budgets[1].whole
    assert memory.memory_budget(objective, tile=256).tile == 256


def test_an_interrupted_backward_pass_is_freed() -> None:
    token = Token()
    kept = weakref.ref(token)

    def interrupted(token: Token) -> None:
        x = torch.ones(4, requires_grad=True)
        waiting = Keeps.apply(x, token)
        with contextlib.suppress(RuntimeError):
            torch.autograd.grad((waiting + Fails.apply(x)).sum(), x)

    interrupted(token)
    del token
    memory.release()
    assert kept() is None
