"""Letting gradients through units that their activation blocks, to bring dead channels to life.

A unit behind a ReLU has no gradient while its input is negative, so a channel that nothing in the
picture excites cannot be dreamed. Lucid redirects gradients through such units as well (Olah,
Mordvintsev, Schubert, 2017, https://distill.pub/2017/feature-visualization).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F
from torch.overrides import TorchFunctionMode

_ACTIVATIONS = (F.relu, torch.relu, torch.relu_, Tensor.relu, Tensor.relu_, F.relu6, F.hardtanh)


@contextmanager
def opened_units() -> Iterator[None]:
    """Let gradients pass every ReLU and ReLU6 unchanged, blocked or not; values stay the same."""
    with _Opened():
        yield


def units_are_open() -> bool:
    """Return whether gradients pass blocked units at present."""
    return _Opened.entered > 0


class _Opened(TorchFunctionMode):
    entered = 0

    def __enter__(self) -> Any:
        _Opened.entered += 1
        return super().__enter__()

    def __exit__(self, *error: Any) -> None:
        _Opened.entered -= 1
        super().__exit__(*error)

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict | None = None
    ) -> Any:
        if func not in _ACTIVATIONS:
            return func(*args, **(kwargs or {}))
        x, *limits = args
        # A copy, because some activations work in place.
        return _Straight.apply(x, func(x.detach().clone(), *limits, **(kwargs or {})))


class _Straight(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, activated: Tensor) -> Tensor:
        return activated

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        return gradients[0], None
