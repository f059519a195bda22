"""The gradient of a picture of any size, computed in windows of bounded size.

All windows of one step share one random shift, and see the picture as if it were rolled: what
leaves on one side comes in on the other (Mordvintsev et al., the original notebook's jitter; the
TensorFlow tutorial's tiled gradient). Each window sees a margin around the pixels it is asked
about, so that these get the same gradient as if the picture were run as a whole.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import EllipsisType

import torch
from torch import Tensor

from deepdream_core.objectives import Objective, Place


@dataclass(frozen=True)
class Tiling:
    """Into which windows a picture is cut. `rows` x `columns` cores of `core` pixels each."""

    core: tuple[int, int]
    rows: int
    columns: int
    margin: int

    @property
    def window(self) -> tuple[int, int]:
        """Height and width of what the network sees at once."""
        return self.core[0] + 2 * self.margin, self.core[1] + 2 * self.margin


MARGIN = 48
"""Pixels around a window's core. A border's gradient lacks what lies beyond them: with 32 it is
11 % weaker for a deep layer (block12), with 48 it is 5 %, and within 3 % for layers up to block10
(tests/benchmarks/large_pictures.py)."""
GRID = 32
"""Cores begin on multiples of this, the largest stride of the networks, so that all windows see
the picture with the same phase."""
SMALLEST_TILE = 4 * MARGIN


def tiling_for(size: tuple[int, int], tile: int) -> Tiling:
    """Cut a picture of `size` into equal windows of about `tile` pixels a side at most.

    A picture that fits is one window without margin.
    """
    if size[0] * size[1] <= tile * tile:
        return Tiling(size, 1, 1, 0)
    inner = max(tile, SMALLEST_TILE) - 2 * MARGIN
    core = tuple(_up_to_grid(side / math.ceil(side / inner)) for side in size)
    return Tiling(core, math.ceil(size[0] / core[0]), math.ceil(size[1] / core[1]), MARGIN)


def _up_to_grid(side: float) -> int:
    return math.ceil(side / GRID) * GRID


def picture_gradient(
    picture: Tensor,
    objective: Objective,
    tiling: Tiling,
    shift: tuple[int, int],
    check: Callable[[], None] = lambda: None,
) -> Tensor:
    """Return the objective's gradient at every pixel: float32, the shape of `picture`.

    `picture`: (1, 3, height, width). `shift`: where the first window's core begins (y, x).
    `check` is called before every window and may raise, to end a long step at once.
    """
    gradient = torch.empty_like(picture)
    height, width = picture.shape[-2:]
    (core_height, core_width), margin = tiling.core, tiling.margin
    for row in range(tiling.rows):
        for column in range(tiling.columns):
            check()
            top = shift[0] + row * core_height
            left = shift[1] + column * core_width
            # The last windows may reach over the first: equal sizes keep the device's plans warm.
            rows = min(core_height, height - row * core_height)
            columns = min(core_width, width - column * core_width)
            window = _read(picture, top - margin, left - margin, tiling.window)
            place = Place(top - margin, left - margin, height, width)
            part = _window_gradient(window, objective, place)
            part = part[:, :, margin : margin + rows, margin : margin + columns]
            _write(gradient, part, top, left)
    return gradient


def _window_gradient(window: Tensor, objective: Objective, place: Place) -> Tensor:
    window = window.to(objective.network.device).requires_grad_()
    score = objective.score(window, place)
    (gradient,) = torch.autograd.grad(score, window)
    return gradient


def _read(picture: Tensor, top: int, left: int, size: tuple[int, int]) -> Tensor:
    window = picture.new_empty((*picture.shape[:2], *size))
    for there, here in _pieces(top, left, size, picture):
        window[here] = picture[there]
    return window


def _write(picture: Tensor, part: Tensor, top: int, left: int) -> None:
    for there, here in _pieces(top, left, tuple(part.shape[-2:]), picture):
        picture[there] = part[here]


_Piece = tuple[EllipsisType, slice, slice]


def _pieces(
    top: int, left: int, size: tuple[int, int], picture: Tensor
) -> Iterator[tuple[_Piece, _Piece]]:
    """Yield the rectangles of a window on a picture that wraps round: in the picture, in it.

    Copied so, a window costs a fiftieth of what gathering its rows and columns by number does.
    """
    for there_y, here_y in _runs(top, size[0], picture.shape[-2]):
        for there_x, here_x in _runs(left, size[1], picture.shape[-1]):
            yield (..., there_y, there_x), (..., here_y, here_x)


def _runs(start: int, count: int, length: int) -> Iterator[tuple[slice, slice]]:
    done = 0
    while done < count:
        there = (start + done) % length
        run = min(length - there, count - done)
        yield slice(there, there + run), slice(done, done + run)
        done += run
