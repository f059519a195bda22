"""The objective's gradient at a picture of any size, within the memory there is."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

import torch
from torch import Tensor
from torch.nn import functional as F

from deepdream_core.compute.process import release_free_memory
from deepdream_core.dreaming.cuda_graphs import Pace, Replays, recorder_for
from deepdream_core.dreaming.memory import (
    MemoryBudget,
    is_out_of_memory,
    least,
    memory_budget,
    release,
)
from deepdream_core.dreaming.natural import magnitude
from deepdream_core.dreaming.places import WindowPlace
from deepdream_core.dreaming.scores import Objective
from deepdream_core.dreaming.tiles import (
    GRID,
    Part,
    Tiling,
    WindowGradients,
    margin_for,
    picture_gradient,
    smallest_tile,
    tiling_for,
    window_gradients,
)
from deepdream_core.dreaming.views import View, draw_view
from deepdream_core.models.blocked_units import opened_units
from deepdream_core.pictures.resize import picture_size
from deepdream_core.shared.messages import Message
from deepdream_core.shared.octaves import Size
from deepdream_core.shared.recipe import Recipe

_NOTHING_YET: Size = (0, 0)


class Gradients:
    """Computes the gradient at a picture, with a new random shift each time."""

    def __init__(
        self,
        objectives: Sequence[Objective],
        recipe: Recipe,
        random: torch.Generator,
        note: Callable[[str], None],
        check: Callable[[], None],
    ) -> None:
        """`objectives`: all that will begin; the first one has begun.

        `note` receives a sentence when memory runs low, saying what is done about it.

        `check` is called often and may raise to end the dream at once.
        """
        self._asked = objectives[0]
        """With the artist's weights."""
        self._objective = self._asked
        """With weights for the picture's present size."""
        self._balanced = False
        self._alive = False
        """Whether a gradient at the present size was not 0."""
        self.excited = False
        """Whether any gradient was not 0 without help, so that the objective has been reached."""
        self._recipe = recipe
        self._random = random
        self._note = note
        self._check = check
        self._margin = max(map(margin_for, objectives))
        self._budget = least(memory_budget(one, recipe.tile) for one in objectives)
        self._replays = Replays(recorder_for(self._asked.network.device))
        self._pace = Pace(self._asked.network.device)
        self._size = _NOTHING_YET

    def begin(self, objective: Objective, recipe: Recipe) -> None:
        """Go on with one of the objectives, and with a recipe that is alike but for its numbers."""
        self._recipe = recipe
        if objective is not self._asked:
            self._asked = self._objective = objective
            self._size, self._balanced = _NOTHING_YET, False

    def at(self, picture: Tensor) -> Tensor:
        """Return the gradient at `picture`, (1, 3, height, width). Raises `MemoryError`."""
        view = self._view(picture_size(picture))
        surrounded, inside = self._surround(view.show(picture) if view else picture)
        size = picture_size(surrounded)
        place = WindowPlace(-inside.top, -inside.left, inside.rows, inside.columns, size)
        place = view.place(place) if view else place
        if size != self._size:
            self._size = size
            self._replays.forget()
            self._alive = False
            self._balanced = self._balanced and self._recipe.balance == "start"
        if math.prod(size) <= self._budget.whole:
            gradient = self._lively_gradient(surrounded, place)
        else:
            # Steps on the whole picture and steps in windows use blocks of very different sizes;
            # neither can reuse what the other has freed.
            release_free_memory()
            gradient = self._lively_gradient(surrounded, place)
            release_free_memory()
        gradient = inside.of(gradient)
        gradient = view.bring_back(gradient) if view else gradient
        self._pace.keep()
        return gradient

    def _view(self, size: Size) -> View | None:
        """Draw how the network sees a picture in this step; None for just as it is.

        A picture that grows from noise comes as such a view already.
        """
        turn, zoom = self._recipe.random_turn, self._recipe.random_zoom
        if self._recipe.source == "noise" or not (turn or zoom):
            return None
        return draw_view(size, turn, zoom, self._random)

    def _surround(self, picture: Tensor) -> tuple[Tensor, Part]:
        """Surround a picture with its mirror image; return it, and where in it the picture lies.

        How much lies on either side is the jitter. If the picture wrapped around, as only one that
        grows from noise does, opposite borders would meet in an edge and a band would stay calm.
        """
        height, width = picture_size(picture)
        if self._wraps((height, width)):
            return picture, Part(0, 0, height, width)
        top, left = (self._jitter() % GRID for _ in range(2))
        around = (left, GRID - 1 - left, top, GRID - 1 - top)
        inside = Part(top, left, height, width)
        return F.pad(picture, around, mode="reflect"), inside

    def _wraps(self, size: Size) -> bool:
        return self._recipe.source == "noise" or min(size) <= GRID

    def _lively_gradient(self, picture: Tensor, place: WindowPlace) -> Tensor:
        """Return the gradient; where all units are blocked, so that it is 0, let it through them.

        Only a size's steps up to the first that is not 0 are looked at, as looking waits for the
        device.
        """
        gradient = self._gradient(picture, place)
        if self._alive or not is_zero(gradient):
            self._alive = self.excited = True
            return gradient
        with opened_units():
            return self._gradient(picture, place, window_gradients)

    def _gradient(
        self, picture: Tensor, place: WindowPlace, of_windows: WindowGradients | None = None
    ) -> Tensor:
        size = picture_size(picture)
        while True:
            tiling, at_once = self._tiling(size), self._at_once(size)
            shift = self._shift(tiling, wraps=self._wraps(size))
            try:
                if not self._balanced:
                    self._objective = balance(self._asked, picture, tiling, place)
                    self._balanced = True
                return picture_gradient(
                    picture,
                    self._objective,
                    tiling,
                    shift,
                    at_once,
                    self._check,
                    of_windows or self._replays.gradients,
                    place,
                )
            except (RuntimeError, MemoryError) as error:
                if not is_out_of_memory(error):
                    raise
            if not self.use_less_memory():
                raise MemoryError

    def _tiling(self, size: Size) -> Tiling:
        return tiling_for(size, self._budget.tile, self._margin, self._budget.whole)

    def _at_once(self, size: Size) -> int:
        """Return how many windows to run together."""
        return max(1, self._budget.windows // math.prod(self._tiling(size).window))

    def use_less_memory(self) -> bool:
        """Run fewer windows at once, or smaller ones. Return False if neither is possible."""
        self._replays.forget()
        release()
        if self._size == _NOTHING_YET:
            return False
        tiling, at_once = self._tiling(self._size), self._at_once(self._size)
        smaller = max(tiling.window) // 2
        if at_once > 1 and tiling.windows > 1:
            fewer = min(at_once, tiling.windows) // 2
            self._budget = replace(self._budget, windows=fewer * math.prod(tiling.window))
            self._note(Message("fewer-tiles"))
        elif smaller >= smallest_tile(self._margin):
            self._budget = MemoryBudget(smaller**2, smaller, smaller**2)
            self._note(Message("smaller-tiles", side=smaller))
        else:
            return False
        return True

    def _shift(self, tiling: Tiling, wraps: bool) -> tuple[int, int]:
        """Draw the position of this step's first window.

        With several windows it is anywhere, to hide seams. A picture that `wraps` is jittered here.
        """
        down, across = (
            GRID * self._draw(0, side // GRID) if count > 1 else 0
            for side, count in zip(tiling.core, (tiling.rows, tiling.columns), strict=True)
        )
        return (down + self._jitter(), across + self._jitter()) if wraps else (down, across)

    def _jitter(self) -> int:
        return self._draw(-self._recipe.jitter, self._recipe.jitter)

    def _draw(self, low: int, high: int) -> int:
        return int(torch.randint(low, high + 1, (), generator=self._random))


def is_zero(gradient: Tensor) -> bool:
    """Return whether a gradient is 0 everywhere, which waits for the device."""
    return not gradient.any()


def balance(
    objective: Objective, picture: Tensor, tiling: Tiling, place: WindowPlace | None = None
) -> Objective:
    """Return the objective with its terms scaled so that equal weights have equal influence.

    Each term is divided by the mean absolute value of its own gradient at the picture. `place`:
    see `picture_gradient`.
    """
    if len(objective.terms) == 1:
        return objective
    weights = []
    for index, term in enumerate(objective.terms):
        single = objective.single(index)
        gradient = picture_gradient(picture, single, tiling, (0, 0), place=place)
        size = magnitude(gradient, 1)
        weights.append(term.weight / torch.where(size > 0, size, 1.0))
    return objective.reweighted(weights)
