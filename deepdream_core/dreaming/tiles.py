"""The gradient of a picture of any size, computed in windows of bounded size.

All windows of one step share one random shift, and see the picture as if it were rolled: what
leaves on one side comes in on the other (Mordvintsev et al., the original notebook's jitter; the
TensorFlow tutorial's tiled gradient). Each window sees a margin around the pixels it is asked
about, so that these get the same gradient as if the picture were run as a whole.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from types import EllipsisType

import torch
from torch import Tensor

from deepdream_core.dreaming.scores import Objective, WindowPlace


@dataclass(frozen=True)
class Tiling:
    """Into which windows a picture is cut. `rows` x `columns` cores of `core` pixels each."""

    core: tuple[int, int]
    rows: int
    columns: int
    margin: int

    @property
    def windows(self) -> int:
        """How many there are."""
        return self.rows * self.columns

    @property
    def window(self) -> tuple[int, int]:
        """Height and width of what the network sees at once."""
        return self.core[0] + 2 * self.margin, self.core[1] + 2 * self.margin


GRID = 32
"""Cores begin on multiples of this, the largest stride of the networks, so that all windows see
the picture with the same phase."""
_POSITIONS_AROUND = 3
"""A border's gradient lacks what the layer's positions beyond the window would say. With so many
around the core, it is within 3 % of elsewhere (tests/benchmarks/large_pictures.py)."""
_SMALLEST_MARGIN = 48


def margin_for(objective: Objective) -> int:
    """Return how many pixels a window needs around its core."""
    return max(_SMALLEST_MARGIN, _POSITIONS_AROUND * objective.stride)


def smallest_tile(margin: int) -> int:
    """Return the side of the smallest window of which a fair part is core."""
    return 4 * margin


def tiling_for(size: tuple[int, int], tile: int, margin: int, whole: int = 0) -> Tiling:
    """Cut a picture of `size` into equal windows of about `tile` pixels a side at most.

    A picture of up to `whole` pixels, or that fits a window, is one window without margin.
    """
    if size[0] * size[1] <= max(whole, tile * tile):
        return Tiling(size, 1, 1, 0)
    inner = max(tile, smallest_tile(margin)) - 2 * margin
    core = tuple(_up_to_grid(side / math.ceil(side / inner)) for side in size)
    return Tiling(core, math.ceil(size[0] / core[0]), math.ceil(size[1] / core[1]), margin)


def _up_to_grid(side: float) -> int:
    return math.ceil(side / GRID) * GRID


WindowGradients = Callable[[Tensor, Objective, Sequence[WindowPlace]], Tensor]


def window_gradients(
    windows: Tensor, objective: Objective, places: Sequence[WindowPlace]
) -> Tensor:
    """Return the objective's gradient at every pixel of windows: float32, (n, 3, height, width)."""
    windows = windows.detach().to(objective.network.device).requires_grad_()
    score = objective.score(windows, places)
    (gradients,) = torch.autograd.grad(score, windows)
    return gradients


@dataclass(frozen=True)
class _Core:
    """The pixels that one window is asked about: where they begin, and how many."""

    top: int
    left: int
    rows: int
    columns: int


def picture_gradient(
    picture: Tensor,
    objective: Objective,
    tiling: Tiling,
    shift: tuple[int, int],
    at_once: int = 1,
    check: Callable[[], None] = lambda: None,
    gradients_of: WindowGradients = window_gradients,
) -> Tensor:
    """Return the objective's gradient at every pixel: float32, the shape of `picture`.

    `picture`: (1, 3, height, width). `shift`: where the first window's core begins (y, x).
    `at_once`: so many windows are run together. `check` is called before each such batch and may
    raise, to end a long step at once. `gradients_of` may overwrite what it has returned before.
    """
    gradient = torch.empty_like(picture)
    height, width = picture.shape[-2:]
    margin = tiling.margin
    cores = _cores(tiling, (height, width), shift)
    for first in range(0, len(cores), at_once):
        check()
        batch = cores[first : first + at_once]
        places = [
            WindowPlace(core.top - margin, core.left - margin, height, width) for core in batch
        ]
        windows = torch.cat([_read(picture, p.top, p.left, tiling.window) for p in places])
        for core, part in zip(batch, gradients_of(windows, objective, places), strict=True):
            inner = part[:, margin : margin + core.rows, margin : margin + core.columns]
            _write(gradient, inner[None], core.top, core.left)
    return gradient


def _cores(tiling: Tiling, size: tuple[int, int], shift: tuple[int, int]) -> list[_Core]:
    # The last windows may reach over the first: equal sizes keep the device's plans warm.
    return [
        _Core(
            shift[0] + top,
            shift[1] + left,
            min(tiling.core[0], size[0] - top),
            min(tiling.core[1], size[1] - left),
        )
        for top in range(0, size[0], tiling.core[0])
        for left in range(0, size[1], tiling.core[1])
    ]


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
