"""The whole dream: a picture in, passes of the octave loop, a picture out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from deepdream_core.compute.devices import choose_device, choose_dtype
from deepdream_core.dreaming.ascent import PhotoAscent
from deepdream_core.dreaming.compositing import Composer, Start
from deepdream_core.dreaming.feedback import moved, moves
from deepdream_core.dreaming.gradients import Gradients
from deepdream_core.dreaming.guide import opaque
from deepdream_core.dreaming.loop import Ascent, dream_octaves
from deepdream_core.dreaming.mask import Mask, mask_of
from deepdream_core.dreaming.memory import is_out_of_memory, release
from deepdream_core.dreaming.noise import NoiseAscent, largest_scale
from deepdream_core.dreaming.progress import Keeper, Teller, Watcher
from deepdream_core.dreaming.scores import bind
from deepdream_core.models import load_network
from deepdream_core.models.catalogue import entry_of
from deepdream_core.pictures.files import read_picture
from deepdream_core.pictures.picture import Pixels, SourcePicture, dreamable, take
from deepdream_core.shared.messages import Message
from deepdream_core.shared.octaves import octave_sizes
from deepdream_core.shared.recipe import Recipe
from deepdream_core.shared.sizes import Size

Note = Callable[[str], None]


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
    note: Note = lambda text: None,
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
    `RecipeError`, `ObjectiveError`, `WeightsMissing`, `DeviceMissing`, `MemoryError`.
    """
    recipe = recipe or Recipe()
    source = take(image, linear)
    base = dreamable(source)
    where = mask_of(_picture_or_file(mask, recipe.mask), source.size)
    guide = _picture_or_file(guide, recipe.guide)
    sizes = _octave_sizes(source.size, recipe, note)
    teller = Teller(recipe, sizes, watch, on_frame)

    def set_up(device: torch.device) -> _Setup:
        return _set_up(device, recipe, where, guide, note, check)

    machine = _Machine(choose_device(recipe.device), set_up, note)
    if recipe.source == "noise" or moves(recipe):
        share = 1.0 if moves(recipe) else recipe.strength
        source = _within_range(source, share, where)
    result = source.pixels
    for number in range(recipe.passes):
        if number == 0:
            start = _first_start(base, recipe, where)
        else:
            start = _next_start(base, dreamable(take(result, linear)), recipe, where)
        composer = Composer(source, start, where, recipe, palette)
        work = partial(_dream_pass, number, start.begun, composer, teller, recipe, sizes)
        result = machine.run(work)
        teller.pass_finished(result)
        if teller.stopped:
            break
    return result


def _picture_or_file(picture: Pixels | None, file: str) -> Pixels | None:
    return read_picture(Path(file)).pixels if picture is None and file else picture


def _within_range(source: SourcePicture, share: float, mask: Mask) -> SourcePicture:
    """Return the picture without the values beyond 0..1 of what another picture replaces.

    `share`: how much of it is replaced; the mask says where.
    """
    pixels = source.pixels
    if not np.issubdtype(pixels.dtype, np.floating):
        return source
    beyond = (pixels - pixels.clip(0, 1)) * pixels.dtype.type(share)
    grade = mask.at(source.size)
    if grade is not None:
        beyond *= grade[0, 0, :, :, None].numpy()
    return replace(source, pixels=pixels - beyond)


def _first_start(base: Tensor, recipe: Recipe, mask: Mask) -> Start:
    if recipe.source == "noise":
        return Start(base, under=base, begun=mask.mix(base, torch.full_like(base, 0.5)))
    return Start(base, under=base, begun=base)


def _next_start(base: Tensor, result: Tensor, recipe: Recipe, mask: Mask) -> Start:
    """Return how a pass begins with the result of the one before; outside the mask it stays."""
    if moves(recipe):
        result = mask.mix(base, moved(result, recipe))
    return Start(base, under=result, begun=result)


@dataclass(frozen=True)
class _Setup:
    """What a dream has on a device."""

    device: torch.device
    random: torch.Generator
    gradients: Gradients
    natural: bool
    """Whether the gradient gets the frequencies and colours of photographs."""
    mask: Mask


def _set_up(
    device: torch.device,
    recipe: Recipe,
    mask: Mask,
    guide: Pixels | None,
    note: Note,
    check: Callable[[], None],
) -> _Setup:
    dtype = choose_dtype(recipe.precision, device)
    if recipe.precision == "bfloat16" and dtype != torch.bfloat16:
        note(Message("no-16-bit"))
    network = load_network(recipe.model, device, dtype)
    shown = None if guide is None else opaque(take(guide))
    objective = bind(recipe.expression, network, shown, recipe.guide_mode)
    random = torch.Generator().manual_seed(recipe.seed)
    gradients = Gradients(objective, recipe, random, note, check)
    natural = objective.natural if recipe.natural == "auto" else recipe.natural == "yes"
    return _Setup(device, random, gradients, natural, mask.to(device))


class _Machine:
    """A device that is ready to dream; the processor, once the device's memory has run out."""

    def __init__(
        self, device: torch.device, set_up: Callable[[torch.device], _Setup], note: Note
    ) -> None:
        self._device = device
        self._set_up = set_up
        self._note = note
        self._setup: _Setup | None = None

    def run(self, work: Callable[[_Setup], Pixels]) -> Pixels:
        """Do some work on the device. Raises `MemoryError`.

        Where memory runs out, all of it is done again: in smaller tiles, then on the processor.
        """
        while True:
            try:
                if self._setup is None:
                    self._setup = self._set_up(self._device)
                return work(self._setup)
            except (RuntimeError, MemoryError) as error:
                if not is_out_of_memory(error):
                    raise
            # Only here does the error no longer hold what has failed.
            if self._setup is not None and self._setup.gradients.use_less_memory():
                continue
            if self._device.type == "cpu":
                raise MemoryError
            self._setup = None
            release()
            self._note(Message("to-processor"))
            self._device = torch.device("cpu")


def _dream_pass(
    number: int,
    begun: Tensor,
    composer: Composer,
    teller: Teller,
    recipe: Recipe,
    sizes: Sequence[Size],
    setup: _Setup,
) -> Pixels:
    """Dream one pass into `begun` on a device, and return its result."""

    def begin_ascent(octave: int, picture: Tensor) -> Ascent:
        if recipe.source == "noise" and number == 0:
            return NoiseAscent(recipe, setup.mask, setup.random, octave, picture)
        size = picture.shape[-2], picture.shape[-1]
        return PhotoAscent(recipe, setup.mask.at(size), setup.natural)

    teller.begin_pass(number, composer)
    detail = dream_octaves(
        begun.to(setup.device),
        sizes,
        recipe.steps,
        setup.gradients.at,
        begin_ascent,
        setup.mask,
        teller,
    )
    return composer.result(detail)


def _octave_sizes(size: Size, recipe: Recipe, note: Note) -> list[Size]:
    largest = recipe.largest_octave
    if recipe.source == "noise":
        largest = min(largest, largest_scale(size))
    smallest_side = entry_of(recipe.model).smallest_side
    sizes, dropped = octave_sizes(size, recipe.octaves, recipe.octave_scale, largest, smallest_side)
    if dropped:
        note(Message("octaves-left-out", dropped=dropped, octaves=recipe.octaves))
    return sizes
