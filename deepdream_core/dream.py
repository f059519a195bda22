"""The dream loop.

DeepDream (Mordvintsev, Olah, Tyka, 2015, https://github.com/google/deepdream): run a picture
forward to a layer of a trained network, take the activations themselves as gradient, go back to
the pixels, step; from small sizes of the picture to large ones, carrying along only what was
dreamed, so that the picture's own detail is never blurred.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from types import ModuleType

import torch
from torch import Tensor

from deepdream_core.ascent import Stepper, size_of
from deepdream_core.clock import Clock
from deepdream_core.colour import recolour
from deepdream_core.devices import choose_device, choose_dtype
from deepdream_core.memory import choose_tile, is_out_of_memory, release
from deepdream_core.models import load_network
from deepdream_core.objectives import Objective, bind
from deepdream_core.octaves import octave_sizes
from deepdream_core.palette import dither
from deepdream_core.picture import Pixels, dreamable, lay_over, preview, take
from deepdream_core.recipe import Recipe
from deepdream_core.resize import resize
from deepdream_core.tiles import GRID, SMALLEST_TILE, Tiling, picture_gradient, tiling_for


class StopHere(Exception):
    """Raised by a watcher to end the dream early and keep what is there."""


@dataclass(frozen=True)
class Moment:
    """How far a dream has come; handed to the watcher after every step."""

    octave: int
    octaves: int
    step: int
    steps: int
    fraction: float
    """0..1, by the work done, not by the steps: large octaves take longer."""
    seconds_left: float | None
    picture: Callable[[int], Pixels] = field(repr=False)
    """Gives the picture as it is: uint8 RGB, at most that many pixels a side."""


Watcher = Callable[[Moment], None]


def dream(
    image: Pixels,
    recipe: Recipe | None = None,
    *,
    linear: bool = False,
    mask: Pixels | None = None,
    palette: Sequence[Sequence[int]] | None = None,
    watch: Watcher | None = None,
    note: Callable[[str], None] | None = None,
) -> Pixels:
    """Dream a picture and return it, in the shape and type in which it came.

    `image`: (height, width[, channels]); 1 gray, 2 gray and alpha, 3 RGB, 4 RGB and alpha; uint8
    and uint16 over their full range, floats with 0..1 as black..white (values beyond survive), in
    sRGB's encoding or in linear light (`linear`). `mask`: (height, width), same types, how much
    each pixel may dream. `palette`: the colours (0..255, up to 256) that the result may have, for
    float RGB pictures. `watch` is called after every step and may raise: `StopHere` keeps what
    is there, anything else passes through. `note` receives sentences for the user.

    The same picture, recipe and seed give the same bytes on the same CPU. Raises `PictureError`,
    `RecipeError`, `ObjectiveError`, `WeightsMissing`, `DeviceMissing`.
    """
    recipe = recipe or Recipe()
    source = take(image, linear)
    base = dreamable(source)
    session = _Session(recipe, base, mask, watch, note or (lambda text: None))
    detail = recolour(recipe.colour, base, session.dream().cpu())
    result = lay_over(source, base, detail.mul_(recipe.strength))
    return result if palette is None else dither(result, source.pixels, palette)


class _Session:
    """One dream: what stays the same over its octaves."""

    def __init__(
        self,
        recipe: Recipe,
        source: Tensor,
        mask: Pixels | None,
        watch: Watcher | None,
        note: Callable[[str], None],
    ) -> None:
        self.recipe = recipe
        self.device = choose_device(recipe.device)
        self.source = source.to(self.device)
        dtype = choose_dtype(recipe.precision, self.device)
        self.network = load_network(recipe.model, self.device, dtype)
        self.objective = bind(recipe.objective, self.network)
        self.tile = recipe.tile or choose_tile(self.objective)
        self.mask = None if mask is None else dreamable(take(mask))[:, :1].to(self.device)
        self.random = torch.Generator().manual_seed(recipe.seed)
        self.sizes, dropped = octave_sizes(
            tuple(source.shape[-2:]),
            recipe.octaves,
            recipe.octave_scale,
            recipe.largest_octave,
            self.network.smallest_side,
        )
        if dropped:
            note(f"{dropped} of {recipe.octaves} octaves would be too small and are left out.")
        self.clock = Clock(self.sizes, recipe.steps)
        self.watch = watch
        self.note = note

    def dream(self) -> Tensor:
        """Return what is dreamed into the source, as a change of it, of the source's size."""
        detail = torch.zeros(1, 3, 1, 1, device=self.device)
        try:
            for octave, size in enumerate(self.sizes):
                base = resize(self.source, size)
                picture = base + self.within_mask(resize(detail, size))
                if octave == 0:
                    self.objective = balance(self.objective, picture, tiling_for(size, self.tile))
                try:
                    self.dream_octave(octave, picture, base)
                finally:
                    detail = picture.sub_(base)
        except StopHere:
            pass
        return self.within_mask(resize(detail, tuple(self.source.shape[-2:])))

    def dream_octave(self, octave: int, picture: Tensor, base: Tensor) -> None:
        size = tuple(picture.shape[-2:])
        stepper = Stepper(self.recipe, None if self.mask is None else resize(self.mask, size))
        for step in range(self.recipe.steps):
            stepper.step(picture, base, self.gradient(picture))
            self.tell(octave, step, picture, base)

    def gradient(self, picture: Tensor) -> Tensor:
        while True:
            tiling = tiling_for(tuple(picture.shape[-2:]), self.tile)
            try:
                return picture_gradient(picture, self.objective, tiling, self.shift(tiling))
            except (RuntimeError, MemoryError) as error:
                if not is_out_of_memory(error):
                    raise
            self.use_less_memory(max(tiling.window))

    def use_less_memory(self, window: int) -> None:
        """Halve the windows, down to a floor; then compute on the processor. Or give up."""
        release()
        if window // 2 >= SMALLEST_TILE:
            self.tile = window // 2
            self.note(f"The memory is short: going on in windows of {self.tile} pixels.")
        elif self.network.device.type != "cpu":
            cpu = torch.device("cpu")
            self.network = load_network(self.recipe.model, cpu, torch.float32)
            self.objective = replace(self.objective, network=self.network)
            self.tile = choose_tile(self.objective)
            self.note("The GPU's memory is too short: going on with the processor.")
        else:
            raise MemoryError

    def shift(self, tiling: Tiling) -> tuple[int, int]:
        """Draw where this step's windows begin: anywhere, if there are several, to hide seams."""
        jitter = self.recipe.jitter
        return tuple(
            self.draw(-jitter, jitter) + (GRID * self.draw(0, side // GRID) if count > 1 else 0)
            for side, count in zip(tiling.core, (tiling.rows, tiling.columns), strict=True)
        )

    def draw(self, low: int, high: int) -> int:
        return int(torch.randint(low, high + 1, (), generator=self.random))

    def within_mask(self, detail: Tensor) -> Tensor:
        """Take away what resizing has carried over the mask's edge."""
        if self.mask is None:
            return detail
        return detail * (resize(self.mask, tuple(detail.shape[-2:])) > 0)

    def tell(self, octave: int, step: int, picture: Tensor, base: Tensor) -> None:
        progress = self.clock.tick(octave)
        if self.watch is None:
            return

        def picture_now(longest: int) -> Pixels:
            detail = recolour(self.recipe.colour, base, picture - base)
            return preview(self.source, detail * self.recipe.strength, longest)

        self.watch(
            Moment(
                octave,
                len(self.sizes),
                step,
                self.recipe.steps,
                progress.fraction,
                progress.seconds_left,
                picture_now,
            )
        )


def balance(objective: Objective, picture: Tensor, tiling: Tiling) -> Objective:
    """Return the objective with its terms scaled so that equal weights have equal say.

    What a term would do alone is measured on the picture: the mean absolute value of its gradient.
    """
    if len(objective.terms) == 1:
        return objective
    weights = []
    for index, term in enumerate(objective.terms):
        gradient = picture_gradient(picture, objective.single(index), tiling, (0, 0))
        size = size_of(gradient, 1)
        weights.append(term.weight / size if size else term.weight)
    return objective.reweighted(weights)


class _CallableModule(ModuleType):
    # `deepdream_core.dream` is this module as well as the function that people call by that name.
    __call__ = staticmethod(dream)


sys.modules[__name__].__class__ = _CallableModule
