"""How large a window may be: what a gradient costs, and what to do when it was too much."""

from __future__ import annotations

import gc
import math

import torch

from deepdream_core.devices import free_bytes
from deepdream_core.objectives import Objective, Place
from deepdream_core.process import give_back
from deepdream_core.tiles import GRID, SMALLEST_TILE

_PROBE_SIDE = 128
_OVERHEAD = 1.5
"""What is held at the peak, over what is kept for the way back."""
_SHARE = {"cpu": 0.25, "cuda": 0.6, "mps": 0.4}
"""How much of the free memory the windows may take; the rest is for the picture and others."""
_LARGEST_ON_CPU = 768
"""A CPU gains nothing from larger windows: they leave its caches and fill the memory."""


def choose_tile(objective: Objective) -> int:
    """Return the side, in pixels, of the largest window whose gradient fits the memory."""
    device = objective.network.device
    budget = free_bytes(device) * _SHARE[device.type]
    side = math.isqrt(int(budget / (_OVERHEAD * bytes_per_pixel(objective))))
    if device.type == "cpu":
        side = min(side, _LARGEST_ON_CPU)
    return max(SMALLEST_TILE, side // GRID * GRID)


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
        objective.score(window, Place(0, 0, side, side))
    return sum(size for pointer, size in kept.items() if pointer not in frozen) / side**2


def is_out_of_memory(error: BaseException) -> bool:
    """Tell whether an error means that memory ran out, on whatever device."""
    if isinstance(error, (MemoryError, torch.OutOfMemoryError)):
        return True
    # The CPU's allocator raises a plain RuntimeError.
    return isinstance(error, RuntimeError) and "allocate memory" in str(error)


def release() -> None:
    """Give back what a failed attempt still holds."""
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    give_back()
