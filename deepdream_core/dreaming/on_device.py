"""Running a pass on a device, and falling back when memory runs out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import torch
from torch import Tensor

from deepdream_core.compute.devices import dtype_of, prepare_gpu
from deepdream_core.dreaming.ascent import PhotoAscent
from deepdream_core.dreaming.carried import Carried
from deepdream_core.dreaming.compositing import Composer
from deepdream_core.dreaming.gradients import Gradients
from deepdream_core.dreaming.guide import opaque
from deepdream_core.dreaming.loop import Ascent, dream_octaves
from deepdream_core.dreaming.mask import Mask
from deepdream_core.dreaming.memory import is_out_of_memory, release
from deepdream_core.dreaming.noise import NoiseAscent
from deepdream_core.dreaming.progress import ProgressTracker
from deepdream_core.dreaming.scores import Objective, bind
from deepdream_core.models import load_network
from deepdream_core.models.precision import choose_precision
from deepdream_core.pictures.picture import Pixels, take
from deepdream_core.pictures.resize import picture_size
from deepdream_core.shared.messages import Message
from deepdream_core.shared.octaves import octave_steps
from deepdream_core.shared.recipe import Recipe
from deepdream_core.shared.sizes import Size

_Done = TypeVar("_Done")
Note = Callable[[str], None]
"""Receives a sentence for the user."""


@dataclass(frozen=True)
class DeviceSetup:
    """Everything a dream needs on a device."""

    device: torch.device
    random: torch.Generator
    gradients: Gradients
    octaves: Sequence[Octave]
    mask: Mask


@dataclass(frozen=True)
class Octave:
    """What is dreamed in an octave."""

    recipe: Recipe
    objective: Objective

    @property
    def natural(self) -> bool:
        """Whether to give the gradient the frequencies and colours of photographs."""
        wanted = self.recipe.natural
        return self.objective.natural if wanted == "auto" else wanted == "yes"


def set_up(
    device: torch.device,
    recipes: Sequence[Recipe],
    mask: Mask,
    guide: Pixels | None,
    source: Tensor,
    note: Note,
    check: Callable[[], None],
    random_state: Tensor | None = None,
) -> DeviceSetup:
    """Prepare a device for a dream with a recipe for each octave.

    `random_state`: that of the generator after earlier passes; None begins with the recipe's seed.
    """
    recipe = recipes[0]
    precision = choose_precision(recipe.precision, recipe.model, device)
    if recipe.precision == "bfloat16" and precision != "bfloat16":
        note(Message("no-16-bit"))
    if device.type == "cuda":
        prepare_gpu(precision)
    network = load_network(recipe.model, device, dtype_of(precision))
    shown = None if guide is None else opaque(take(guide))
    distinct = {one.objective: one for one in recipes}
    objectives = {
        objective: bind(one.expression, network, shown, one.guide_mode, source)
        for objective, one in distinct.items()
    }
    octaves = [Octave(one, objectives[one.objective]) for one in recipes]
    random = torch.Generator().manual_seed(recipe.seed)
    if random_state is not None:
        random.set_state(random_state)
    gradients = Gradients(list(objectives.values()), recipe, random, note, check)
    return DeviceSetup(device, random, gradients, octaves, mask.to(device))


class DeviceRunner:
    """A device that is ready to dream; falls back to the CPU when the device's memory runs out."""

    def __init__(
        self, device: torch.device, set_up: Callable[[torch.device], DeviceSetup], note: Note
    ) -> None:
        self._device = device
        self._set_up = set_up
        self._note = note
        self._setup: DeviceSetup | None = None

    def random_state(self) -> Tensor | None:
        """Return the state of the generator, once there is one."""
        return self._setup.random.get_state() if self._setup else None

    def run(self, work: Callable[[DeviceSetup], _Done]) -> _Done:
        """Do `work` on the device. Raises `MemoryError`.

        When memory runs out, the work is repeated with smaller windows, then on the CPU.
        """
        while True:
            try:
                if self._setup is None:
                    self._setup = self._set_up(self._device)
                return work(self._setup)
            except (RuntimeError, MemoryError) as error:
                if not is_out_of_memory(error):
                    raise
            # Not in the except block, where the error would still hold the failed attempt's memory.
            if self._setup is not None and self._setup.gradients.use_less_memory():
                continue
            if self._device.type == "cpu":
                raise MemoryError
            self._setup = None
            release()
            self._note(Message("to-processor"))
            self._device = torch.device("cpu")


def dream_pass(
    number: int,
    initial: Tensor,
    composer: Composer,
    tracker: ProgressTracker,
    recipe: Recipe,
    sizes: Sequence[Size],
    carried: Carried | None,
    setup: DeviceSetup,
) -> tuple[Pixels, Tensor]:
    """Dream one pass into `initial` on a device; return its result, and the detail in that."""
    carried = carried.to(setup.device) if carried else None

    def begin_ascent(octave: int, picture: Tensor) -> Ascent:
        here = setup.octaves[octave]
        setup.gradients.begin(here.objective, here.recipe)
        if recipe.source == "noise" and number == 0:
            return NoiseAscent(here.recipe, setup.mask, setup.random, octave, picture)
        size = picture_size(picture)
        pace = carried.pace_at(size) if carried else None
        return PhotoAscent(here.recipe, setup.mask.at(size), here.natural, pace)

    tracker.begin_pass(number, composer)
    detail = dream_octaves(
        initial.to(setup.device),
        sizes,
        octave_steps(recipe, len(sizes)),
        setup.gradients.at,
        begin_ascent,
        setup.mask,
        tracker,
        carried.detail_at if carried else None,
    )
    if not setup.gradients.excited:  # what grew is only what might have excited a dead channel
        detail.zero_()
    return composer.result(detail), detail
