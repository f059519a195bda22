"""The gradient of a picture of any size, computed in windows of limited size.

A window consists of a core, whose gradient is wanted, and a margin around it, which gives the core
the same gradient as in the whole picture. All windows in a step share one random shift, and the
picture wraps around at its borders (the jitter in the original notebook by Mordvintsev et al., and
the tiled gradient in the TensorFlow tutorial).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from types import EllipsisType

import torch
from torch import Tensor

from deepdream_core.dreaming.places import WindowPlace
from deepdream_core.dreaming.scores import Objective
from deepdream_core.pictures.resize import picture_size


@dataclass(frozen=True)
class Tiling:
    """How a picture is cut into windows: `rows` x `columns` cores of `core` pixels each."""

    core: tuple[int, int]
    rows: int
    columns: int
    margin: int

    @property
    def windows(self) -> int:
        """The number of windows."""
        return self.rows * self.columns

    @property
    def window(self) -> tuple[int, int]:
        """Height and width of a window, in pixels."""
        return self.core[0] + 2 * self.margin, self.core[1] + 2 * self.margin


GRID = 32
"""Cores start at multiples of this, the largest stride of the networks, so that all windows see
the picture with the same phase."""
_POSITIONS_AROUND = 7
"""Margin in positions of the layer. Near its border, a core's gradient lacks the influence of
positions outside the window. With this margin, a step's gradient differs from that of the whole
picture by 5 % at a stride of 16."""
_SMALLEST_MARGIN = 48
_LARGEST_MARGIN = 112
"""Wider margins cost more than they gain: at a stride of 32, 96 pixels leave a difference of 20 to
35 %, 192 pixels one of 10 to 15 % at three times the work. As windows lie elsewhere at each step,
no seam is seen."""


def margin_for(objective: Objective) -> int:
    """Return the margin that a window needs around its core: pixels, a multiple of the stride."""
    wanted = min(_POSITIONS_AROUND * objective.stride, _LARGEST_MARGIN)
    return max(_SMALLEST_MARGIN, wanted // objective.stride * objective.stride)


def smallest_tile(margin: int) -> int:
    """Return the side of the smallest reasonable window, a quarter of which is core."""
    return 4 * margin


def tiling_for(size: tuple[int, int], tile: int, margin: int, whole: int = 0) -> Tiling:
    """Cut a picture of `size` into equal windows with sides of up to about `tile` pixels.

    A picture that fits into one window, or has up to `whole` pixels, is not cut and has no margin.
    """
    if size[0] * size[1] <= max(whole, tile * tile):
        return Tiling(size, 1, 1, 0)
    inner = max(tile, smallest_tile(margin)) - 2 * margin
    core = _core_side(size[0], inner), _core_side(size[1], inner)
    return Tiling(core, math.ceil(size[0] / core[0]), math.ceil(size[1] / core[1]), margin)


def _core_side(side: int, inner: int) -> int:
    """Return the side of equal cores of up to about `inner` pixels, a multiple of the grid."""
    return math.ceil(side / math.ceil(side / inner) / GRID) * GRID


WindowGradients = Callable[[Tensor, Objective, Sequence[WindowPlace]], Tensor]


def window_gradients(
    windows: Tensor, objective: Objective, places: Sequence[WindowPlace]
) -> Tensor:
    """Return the objective's gradient at every pixel of windows, float32 (n, 3, height, width)."""
    windows = windows.detach().to(objective.network.device).requires_grad_()
    score = objective.score(windows, places)
    (gradients,) = torch.autograd.grad(score, windows)
    return gradients


@dataclass(frozen=True)
class Part:
    """A rectangle of a picture, in pixels."""

    top: int
    left: int
    rows: int
    columns: int

    def of(self, picture: Tensor) -> Tensor:
        """Return a copy of this part of a picture, (…, height, width)."""
        rows = slice(self.top, self.top + self.rows)
        columns = slice(self.left, self.left + self.columns)
        return picture[..., rows, columns].contiguous()


def picture_gradient(
    picture: Tensor,
    objective: Objective,
    tiling: Tiling,
    shift: tuple[int, int],
    at_once: int = 1,
    check: Callable[[], None] = lambda: None,
    gradients_of: WindowGradients = window_gradients,
    place: WindowPlace | None = None,
) -> Tensor:
    """Return the objective's gradient at every pixel, float32 in the shape of `picture`.

    `picture`: (1, 3, height, width). `shift`: position of the first window's core (y, x).
    `at_once`: number of windows in a batch. `check` is called before each batch and may raise to
    end a long step at once. `gradients_of` may overwrite its previous result. `place`: where
    `picture` lies relative to the one that is dreamed, if it surrounds it.
    """
    height, width = picture.shape[-2:]
    place = place or WindowPlace(0, 0, height, width)
    if tiling.windows == 1 and shift == (0, 0):
        check()
        return gradients_of(picture, objective, [place]).clone()
    gradient = torch.empty_like(picture)
    margin = tiling.margin
    cores = _cores(tiling, (height, width), shift)
    for first in range(0, len(cores), at_once):
        check()
        batch = cores[first : first + at_once]
        places = [
            replace(place, top=place.top + core.top - margin, left=place.left + core.left - margin)
            for core in batch
        ]
        windows = torch.cat(
            [_read(picture, c.top - margin, c.left - margin, tiling.window) for c in batch]
        )
        for core, part in zip(batch, gradients_of(windows, objective, places), strict=True):
            inner = part[:, margin : margin + core.rows, margin : margin + core.columns]
            _write(gradient, inner[None], core.top, core.left)
    return gradient


def _cores(tiling: Tiling, size: tuple[int, int], shift: tuple[int, int]) -> list[Part]:
    # The last windows may overlap the first: with equal sizes, libraries can reuse their plans.
    return [
        Part(
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
    for in_picture, in_window in _pieces(top, left, size, picture):
        window[in_window] = picture[in_picture]
    return window


def _write(picture: Tensor, part: Tensor, top: int, left: int) -> None:
    for in_picture, in_window in _pieces(top, left, picture_size(part), picture):
        picture[in_picture] = part[in_window]


_Piece = tuple[EllipsisType, slice, slice]


def _pieces(
    top: int, left: int, size: tuple[int, int], picture: Tensor
) -> Iterator[tuple[_Piece, _Piece]]:
    """Yield the rectangles of a window on a picture that wraps around: (in picture, in window).

    Copying rectangles takes a fiftieth of the time of indexing rows and columns one by one.
    """
    for picture_rows, window_rows in _runs(top, size[0], picture.shape[-2]):
        for picture_columns, window_columns in _runs(left, size[1], picture.shape[-1]):
            yield (..., picture_rows, picture_columns), (..., window_rows, window_columns)


def _runs(start: int, count: int, length: int) -> Iterator[tuple[slice, slice]]:
    done = 0
    while done < count:
        at = (start + done) % length
        run = min(length - at, count - done)
        yield slice(at, at + run), slice(done, done + run)
        done += run
