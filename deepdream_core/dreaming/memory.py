"""How much memory a gradient needs, how large windows can be, and recognising memory errors."""

from __future__ import annotations

import gc
import math
from collections.abc import Iterable
from dataclasses import astuple, dataclass
from functools import reduce

import torch

from deepdream_core.compute.devices import release_cached_memory
from deepdream_core.compute.machine_memory import free_bytes, total_bytes
from deepdream_core.compute.process import release_free_memory
from deepdream_core.dreaming.places import WindowPlace
from deepdream_core.dreaming.scores import Objective
from deepdream_core.dreaming.tiles import GRID, margin_for, smallest_tile

_PROBE_SIDE = 128
_OVERHEAD = 1.5
"""Peak memory, relative to the memory kept for the backward pass."""
_SHARE = {"cpu": 0.15, "cuda": 0.5, "mps": 0.3}
"""The share of all memory for windows; the rest is for the picture and other programs.

It is not a share of the free memory, because windows of another size give other bytes.
"""
_MOST_OF_FREE = 0.5
"""The share of the free memory that windows never exceed."""
_OUT_OF_MEMORY = (
    *("allocate memory", "could not create a primitive"),  # torch's allocator, oneDNN
    *("out of memory", "ALLOC_FAILED"),  # CUDA, HIP, MPS; cuBLAS, cuDNN, cuSOLVER and the like
    *("HOST_ALLOCATION_FAILED", "create handle failed"),  # cuDNN 9; cuBLAS's first call
)
"""How plain `RuntimeError`s from libraries say that memory ran out (compared without case)."""
_LARGEST_ON_CPU = 768
"""Larger windows gain nothing on a CPU: they do not fit its caches, and fill the memory."""
_LARGEST_WHOLE_ON_CPU = 1280 * 960
"""Up to here, pictures are faster in one piece: in windows, up to half the work is margins."""


@dataclass(frozen=True)
class MemoryBudget:
    """Limits for computing the gradient at once."""

    whole: int
    """Largest picture that is run in one piece, in pixels."""
    tile: int
    """Side of the windows that larger pictures are cut into, in pixels."""
    windows: int
    """Total size of all windows that are run together, in pixels."""


def memory_budget(objective: Objective, tile: int = 0) -> MemoryBudget:
    """Return limits that fit the memory; `tile` sets the windows' side instead, if not 0.

    They are the same each time on one machine, unless hardly any memory is free.
    """
    device = objective.network.device
    budget = min(total_bytes(device) * _SHARE[device.type], free_bytes(device) * _MOST_OF_FREE)
    whole = windows = int(budget / (_OVERHEAD * bytes_per_pixel(objective)))
    if device.type == "cpu":
        whole, windows = min(whole, _LARGEST_WHOLE_ON_CPU), min(windows, _LARGEST_ON_CPU**2)
    if tile:
        return MemoryBudget(tile**2, tile, windows)
    side = math.isqrt(windows) // GRID * GRID
    return MemoryBudget(whole, max(smallest_tile(margin_for(objective)), side), windows)


def least(budgets: Iterable[MemoryBudget]) -> MemoryBudget:
    """Return limits that are within all of these."""
    return reduce(lambda one, other: MemoryBudget(*map(min, astuple(one), astuple(other))), budgets)


def bytes_per_pixel(objective: Objective) -> float:
    """Measure, on a small window, how many bytes per pixel are kept for the backward pass."""
    kept: dict[int, int] = {}

    def keep(tensor: torch.Tensor) -> torch.Tensor:
        kept[tensor.data_ptr()] = tensor.nbytes
        # A step that kept its own result with its history would never be freed.
        return tensor.detach()

    side = max(_PROBE_SIDE, objective.network.smallest_side)
    window = torch.full((1, 3, side, side), 0.5, device=objective.network.device).requires_grad_()
    frozen = {parameter.data_ptr() for parameter in objective.network.parameters()}
    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        objective.score(window, [WindowPlace(0, 0, side, side)])
    return sum(size for pointer, size in kept.items() if pointer not in frozen) / side**2


def is_out_of_memory(error: BaseException) -> bool:
    """Return whether an error means that memory ran out, on any device."""
    if isinstance(error, (MemoryError, torch.OutOfMemoryError)):
        return True
    said = str(error).lower()
    return isinstance(error, RuntimeError) and any(w.lower() in said for w in _OUT_OF_MEMORY)


def release() -> None:
    """Free the memory that a failed attempt still holds."""
    # PyTorch keeps an interrupted backward pass, with all its memory, until the next one.
    torch.zeros((), requires_grad=True).backward()
    gc.collect()
    release_cached_memory()
    release_free_memory()
