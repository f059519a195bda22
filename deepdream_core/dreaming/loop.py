"""The dream loop.

DeepDream (Mordvintsev, Olah, Tyka, 2015, https://github.com/google/deepdream): run a picture
forward to a layer of a trained network, take the activations themselves as gradient, go back to
the pixels, step; from small sizes of the picture to large ones, carrying along only what was
dreamed, so that the picture's own detail is never blurred.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from deepdream_core.compute.clock import Clock
from deepdream_core.compute.devices import choose_device, choose_dtype
from deepdream_core.dreaming.ascent import Stepper
from deepdream_core.dreaming.cuda_graphs import Pace
from deepdream_core.dreaming.feedback import moved, moves
from deepdream_core.dreaming.gradients import Gradients
from deepdream_core.dreaming.guide import opaque
from deepdream_core.dreaming.noise import LARGEST_PIXELS, Stimulus
from deepdream_core.dreaming.progress import Keeper, Progress, StopHere, Watcher
from deepdream_core.dreaming.scores import bind
from deepdream_core.models import load_network
from deepdream_core.pictures.colour import recolour
from deepdream_core.pictures.files import read_picture
from deepdream_core.pictures.palette import dither
from deepdream_core.pictures.picture import (
    Pixels,
    SourcePicture,
    dreamable,
    lay_over,
    preview,
    take,
)
from deepdream_core.pictures.resize import resize
from deepdream_core.shared.messages import Message
from deepdream_core.shared.octaves import Size, octave_sizes
from deepdream_core.shared.recipe import Recipe


def dream(
    image: Pixels,
    recipe: Recipe | None = None,
    *,
    linear: bool = False,
    mask: Pixels | None = None,
    guide: Pixels | None = None,
    palette: Sequence[Sequence[int]] | None = None,
    watch: Watcher | None = None,
    on_frame: Keeper | None = None,
    note: Callable[[str], None] | None = None,
    check: Callable[[], None] = lambda: None,
) -> Pixels:
    """Dream a picture and return it, in the shape and type in which it came.

    `image`: (height, width[, channels]); 1 gray, 2 gray and alpha, 3 RGB, 4 RGB and alpha; uint8
    and uint16 over their full range, floats with 0..1 as black..white (values beyond survive), in
    sRGB's encoding or in linear light (`linear`). `mask`: (height, width), same types, how much
    each pixel may dream, and `guide`: a picture of any size whose features steer the dream; without
    them, the files that the recipe names. `palette`: the colours (0..255, up to 256) that the
    result may have, for float RGB pictures. `watch` is called after every step and may raise:
    `StopHere` keeps what is there, anything else passes through. `on_frame` receives the pictures
    that the recipe's `passes` and `keep` ask for, like the result. `note` receives sentences for
    the user. `check` is called even within long steps; what it raises ends the dream at once.

    The same picture, recipe and seed give the same bytes on the same CPU. Raises `PictureError`,
    `RecipeError`, `ObjectiveError`, `WeightsMissing`, `DeviceMissing`.
    """
    recipe = recipe or Recipe()
    note = note or (lambda text: None)
    source = take(image, linear)
    base = dreamable(source)
    mask = _picture_or_file(mask, recipe.mask)
    guide = _picture_or_file(guide, recipe.guide)

    def finished(begun: Tensor, over: Tensor, detail: Tensor) -> Pixels:
        detail = recolour(recipe.colour, begun, detail)
        if begun is not over:
            detail += begun - over
        detail *= recipe.strength
        if over is not base:
            detail += over - base
        result = lay_over(source, base, detail)
        return result if palette is None else dither(result, source.pixels, palette)

    def keep(name: str, detail: Tensor) -> None:
        if on_frame is not None:
            on_frame(name, finished(begun, over, detail))

    session = _Session(recipe, source.size, mask, guide, watch, keep, note, check)
    if recipe.source == "noise" or moves(recipe):
        share = 1.0 if moves(recipe) else recipe.strength
        source = within_range(source, share, session.mask)
    result = source.pixels
    for number in range(recipe.passes):
        over = base
        if number:
            over = session.moved(base, dreamable(replace(source, pixels=result)))
        begun = over
        if recipe.source == "noise" and number == 0:
            begun = session.blank(base)
        result = finished(begun, over, session.dream(begun, number))
        if on_frame is not None and recipe.passes > 1:
            on_frame(Message("pass", number=number + 1), result)
        if session.stopped:
            break
    return result


def within_range(source: SourcePicture, share: float, mask: Tensor | None) -> SourcePicture:
    """Return the picture without the values beyond 0..1 of what another picture replaces.

    `share`: how much of it is replaced, `mask`: (1, 1, height, width), and where.
    """
    pixels = source.pixels
    if not np.issubdtype(pixels.dtype, np.floating):
        return source
    beyond = (pixels - pixels.clip(0, 1)) * pixels.dtype.type(share)
    if mask is not None:
        beyond *= mask[0, 0, :, :, None].cpu().numpy()
    return replace(source, pixels=pixels - beyond)


def _picture_or_file(picture: Pixels | None, file: str) -> Pixels | None:
    return read_picture(Path(file)).pixels if picture is None and file else picture


class _Session:
    """One dream: what stays the same over its octaves and passes."""

    def __init__(
        self,
        recipe: Recipe,
        size: Size,
        mask: Pixels | None,
        guide: Pixels | None,
        watch: Watcher | None,
        keep: Callable[[str, Tensor], None],
        note: Callable[[str], None],
        check: Callable[[], None],
    ) -> None:
        """`size`: of the picture. `keep` takes a name and the change dreamed so far in a pass."""
        self.recipe = recipe
        self.size = size
        self.device = choose_device(recipe.device)
        dtype = choose_dtype(recipe.precision, self.device)
        if recipe.precision == "bfloat16" and dtype != torch.bfloat16:
            note(Message("no-16-bit"))
        network = load_network(recipe.model, self.device, dtype)
        shown = None if guide is None else opaque(take(guide))
        self.objective = bind(recipe.expression, network, shown, recipe.guide_mode)
        self.mask = None
        if mask is not None:
            self.mask = resize(dreamable(take(mask))[:, :1].to(self.device), size)
        self.random = torch.Generator().manual_seed(recipe.seed)
        self.gradients = Gradients(self.objective, recipe, self.random, note, check)
        largest = recipe.largest_octave
        if recipe.source == "noise":
            largest = min(largest, math.sqrt(LARGEST_PIXELS / (size[0] * size[1])))
        self.sizes, dropped = octave_sizes(
            size, recipe.octaves, recipe.octave_scale, largest, network.smallest_side
        )
        if dropped:
            note(Message("octaves-left-out", dropped=dropped, octaves=recipe.octaves))
        self.pace = Pace(self.device)
        self.clock = Clock(self.sizes * recipe.passes, recipe.steps)
        self.watch = watch
        self.keep = keep
        self.stopped = False
        self.number = 0

    def moved(self, base: Tensor, picture: Tensor) -> Tensor:
        """Return the picture as the next pass begins with it; outside the mask it stays."""
        if not moves(self.recipe):
            return picture
        picture = moved(picture, self.recipe)
        return picture if self.mask is None else base.lerp(picture, self.mask.cpu())

    def blank(self, base: Tensor) -> Tensor:
        """Return gray, of which nothing shows in the end; outside the mask the picture stays."""
        gray = torch.full_like(base, 0.5)
        return gray if self.mask is None else base.lerp(gray, self.mask.cpu())

    def dream(self, source: Tensor, number: int) -> Tensor:
        """Return what is dreamed into the source, as a change of it, of the source's size."""
        self.number = number
        self.source = source.to(self.device)
        from_noise = self.recipe.source == "noise" and number == 0
        octave_of = self.stimulus_octave if from_noise else self.dream_octave
        detail = torch.zeros(1, 3, 1, 1, device=self.device)
        try:
            for octave, size in enumerate(self.sizes):
                base = resize(self.source, size)
                picture = base + self.within_mask(resize(detail, size))
                try:
                    octave_of(octave, picture, base)
                finally:
                    detail = picture.sub_(base)
                if self.recipe.keep == "octaves":
                    self.hand_over(Message("octave", octave=octave + 1), detail)
        except StopHere:
            self.stopped = True
        return self.full_size(detail)

    def full_size(self, detail: Tensor) -> Tensor:
        return self.within_mask(resize(detail, self.size)).cpu()

    def hand_over(self, name: str, detail: Tensor) -> None:
        if self.recipe.passes > 1:
            name = Message("in-pass", number=self.number + 1, name=name)
        self.keep(name, self.full_size(detail))

    def dream_octave(self, octave: int, picture: Tensor, base: Tensor) -> None:
        size = tuple(picture.shape[-2:])
        mask = None if self.mask is None else resize(self.mask, size)
        natural = self.recipe.natural
        stepper = Stepper(
            self.recipe, mask, self.objective.natural if natural == "auto" else natural == "yes"
        )
        for step in range(self.recipe.steps):
            stepper.step(picture, base, self.gradients.at(picture))
            self.tell(octave, step, picture, base)

    def stimulus_octave(self, octave: int, picture: Tensor, base: Tensor) -> None:
        """Let the picture grow from noise, as far as the mask lets it replace the base."""
        size = tuple(picture.shape[-2:])
        stimulus = Stimulus(size, self.recipe.step_size, self.random, self.device)
        if octave:
            stimulus.begin_with(picture)
        for step in range(self.recipe.steps):
            stimulus.climb(self.gradients.at(stimulus.look()))
            picture.copy_(stimulus.picture().detach())
            if self.mask is not None:
                picture.copy_(base.lerp(picture, resize(self.mask, size)))
            self.tell(octave, step, picture, base)

    def within_mask(self, detail: Tensor) -> Tensor:
        """Take away what resizing has carried over the mask's edge."""
        if self.mask is None:
            return detail
        return detail * (resize(self.mask, tuple(detail.shape[-2:])) > 0)

    def tell(self, octave: int, step: int, picture: Tensor, base: Tensor) -> None:
        self.pace.keep()
        progress = self.clock.tick(octave)
        if self.recipe.keep == "steps" and (step + 1) % self.recipe.keep_every == 0:
            self.hand_over(Message("octave-step", octave=octave + 1, step=step + 1), picture - base)
        if self.watch is None:
            return

        def picture_now(longest: int) -> Pixels:
            detail = recolour(self.recipe.colour, base, picture - base)
            return preview(self.source, detail * self.recipe.strength, longest)

        self.watch(
            Progress(
                octave,
                len(self.sizes),
                step,
                self.recipe.steps,
                progress.fraction,
                progress.seconds_left,
                picture_now,
                self.number,
                self.recipe.passes,
            )
        )
