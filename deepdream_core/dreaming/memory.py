"""How large a window may be: what a gradient costs, and what to do when it was too much."""

from __future__ import annotations

import gc
import math
from dataclasses import dataclass

import torch

from deepdream_core.compute.devices import free_bytes
from deepdream_core.compute.process import release_free_memory
from deepdream_core.dreaming.scores import Objective, WindowPlace
from deepdream_core.dreaming.tiles import GRID, margin_for, smallest_tile

_PROBE_SIDE = 128
_OVERHEAD = 1.5
"""What is held at the peak, over what is kept for the way back."""
_SHARE = {"cpu": 0.25, "cuda": 0.6, "mps": 0.4}
"""How much of the free memory the windows may take; the rest is for the picture and others."""
_OUT_OF_MEMORY = (
    *("allocate memory", "could not create a primitive"),  # torch's allocator, oneDNN
    *("out of memory", "ALLOC_FAILED"),  # CUDA, HIP, MPS; cuBLAS, cuDNN, cuSOLVER and the like
    *("HOST_ALLOCATION_FAILED", "create handle failed"),  # cuDNN 9; cuBLAS's first call
)
"""What libraries say in plain `RuntimeError`s when the memory is short, in any case."""
_LARGEST_ON_CPU = 768
"""A CPU gains nothing from larger windows: they leave its caches and fill the memory."""
_LARGEST_WHOLE_ON_CPU = 1280 * 960
"""Somewhat larger pictures are better run whole: cut, up to half of the work goes to margins."""


@dataclass(frozen=True)
class MemoryBudget:
    """Of how much the gradient can be computed at once."""

    whole: int
    """Pixels of a picture that is run whole."""
    tile: int
    """Side of the windows into which larger ones are cut, in pixels."""
    windows: int
    """Pixels of all windows that are run together."""


def memory_budget(objective: Objective, tile: int = 0) -> MemoryBudget:
    """Return what fits the memory; with `tile`, windows of that side wherever they fit."""
    device = objective.network.device
    budget = free_bytes(device) * _SHARE[device.type]
    whole = windows = int(budget / (_OVERHEAD * bytes_per_pixel(objective)))
    if device.type == "cpu":
        whole, windows = min(whole, _LARGEST_WHOLE_ON_CPU), min(windows, _LARGEST_ON_CPU**2)
    if tile:
        return MemoryBudget(tile**2, tile, windows)
    side = math.isqrt(windows) // GRID * GRID
    return MemoryBudget(whole, max(smallest_tile(margin_for(objective)), side), windows)


def bytes_per_pixel(objective: Objective) -> float:
    """Measure, on a small window, what the way back keeps of every pixel."""
    kept: dict[int, int] = {}

    def keep(tensor: torch.Tensor) -> torch.Tensor:
        kept[tensor.data_ptr()] = tensor.nbytes
        return tensor

    side = max(_PROBE_SIDE, objective.network.smallest_side)
    window = torch.full((1, 3, side, side), 0.5, device=objective.network.device).requires_grad_()
    frozen = {parameter.data_ptr() for parameter in objective.network.parameters()}
    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        objective.score(window, [WindowPlace(0, 0, side, side)])
    return sum(size for pointer, size in kept.items() if pointer not in frozen) / side**2


def is_out_of_memory(error: BaseException) -> bool:
    """Tell whether an error means that memory ran out, on whatever device."""
    if isinstance(error, (MemoryError, torch.OutOfMemoryError)):
        return True
    said = str(error).lower()
    return isinstance(error, RuntimeError) and any(w.lower() in said for w in _OUT_OF_MEMORY)


def release() -> None:
    """Give back what a failed attempt still holds."""
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    release_free_memory()
