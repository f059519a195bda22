"""The best possible time of a dream, from the machine's arithmetic and memory speed (roofline)."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import FlopCounterMode

from deepdream_core.compute.devices import wait_for
from deepdream_core.dreaming.places import WindowPlace
from deepdream_core.dreaming.scores import Objective

_TRIAL_SIDE = 256
_SECONDS = 0.5


@dataclass(frozen=True)
class Need:
    """The work in one step for each pixel of the picture."""

    flops: float
    bytes: float


@dataclass(frozen=True)
class Machine:
    """What a device achieves per second."""

    flops: float
    bytes: float

    def seconds(self, need: Need, pixel_steps: float) -> float:
        """Return the least time for a number of pixel-steps."""
        return pixel_steps * max(need.flops / self.flops, need.bytes / self.bytes)


def measure_machine(device: torch.device, dtype: torch.dtype) -> Machine:
    """Measure the best rates of matrix multiplication and copying, for half a second each."""
    side = 8192 if device.type == "cuda" else 1536
    a = torch.randn(side, side, device=device).to(dtype)
    count = (1 << 29) if device.type == "cuda" else (1 << 26)
    source = torch.zeros(count, dtype=torch.uint8, device=device)
    target = torch.empty_like(source)
    multiply = _best(lambda: a @ a, device)
    copy = _best(lambda: target.copy_(source), device)
    return Machine(2 * side**3 / multiply, 2 * count / copy)


def _best(work: Callable[[], object], device: torch.device) -> float:
    work()
    best, until = float("inf"), time.perf_counter() + _SECONDS
    while time.perf_counter() < until:
        wait_for(device)
        started = time.perf_counter()
        work()
        wait_for(device)
        best = min(best, time.perf_counter() - started)
    return best


def measure_need(objective: Objective, dtype: torch.dtype) -> Need:
    """Count the work of a step's forward and backward pass, computed in `dtype`.

    `objective`: bound to a network in float64, which runs without fused steps. Only the bytes that
    convolutions, matrix products and pooling read and write are counted; everything else could be
    fused with these.
    """
    window = torch.rand(1, 3, _TRIAL_SIDE, _TRIAL_SIDE, device=objective.network.device)
    window.requires_grad_()
    with FlopCounterMode(display=False) as counter, _Traffic() as traffic:
        score = objective.score(window, [WindowPlace(0, 0, _TRIAL_SIDE, _TRIAL_SIDE)])
        torch.autograd.grad(score, window)
    pixels = _TRIAL_SIDE**2
    return Need(counter.get_total_flops() / pixels, traffic.values * dtype.itemsize / pixels)


class _Traffic(TorchDispatchMode):
    """Counts the values read and written by heavy operations."""

    def __init__(self) -> None:
        super().__init__()
        self.values = 0

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Sequence[Any] = (), kwargs: dict | None = None
    ) -> Any:
        result = func(*args, **(kwargs or {}))
        if any(word in str(func) for word in ("conv", "pool", "mm")):
            # The backward pass reads the gradient and the weights, but not the activations.
            read = [args[0], args[2]] if "convolution_backward" in str(func) else args
            written = result if isinstance(result, tuple) else (result,)
            self.values += sum(x.numel() for x in (*read, *written[:1]) if isinstance(x, Tensor))
        return result
