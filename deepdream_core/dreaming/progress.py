"""What a dream tells while it grows, and how it is told to stop."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from torch import Tensor

from deepdream_core.compute.clock import Clock
from deepdream_core.dreaming.compositing import Composer
from deepdream_core.pictures.picture import Pixels
from deepdream_core.shared.messages import Message
from deepdream_core.shared.recipe import Recipe
from deepdream_core.shared.sizes import Size


class StopHere(Exception):
    """Raised by a watcher to end the dream early and keep what is there."""


@dataclass(frozen=True)
class Progress:
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
    number: int = 0
    """Which pass it is, from 0."""
    passes: int = 1


Watcher = Callable[[Progress], None]
Keeper = Callable[[str, Pixels], None]
"""Takes the name of a picture kept on the way, such as "octave 2", and the picture."""


class Teller:
    """Tells of every step, and hands over the pictures that the recipe keeps."""

    def __init__(
        self,
        recipe: Recipe,
        sizes: Sequence[Size],
        watch: Watcher | None,
        keep: Keeper | None,
    ) -> None:
        """`sizes`: those of the octaves of each pass."""
        self._recipe = recipe
        self._octaves = len(sizes)
        self._clock = Clock(sizes, recipe.steps, recipe.passes)
        self._watch = watch
        self._keep = keep
        self._handed_over: set[str] = set()
        self._number = 0
        self._composer: Composer
        self.stopped = False
        """Whether the watcher ended the dream early."""

    def begin_pass(self, number: int, composer: Composer) -> None:
        """Begin a pass, the first is 0; it may be begun again if it had to end in the middle.

        `composer` lays what it dreams over the artist's picture.
        """
        self._number, self._composer = number, composer
        self._clock.begin_pass(number)

    def step_taken(self, octave: int, step: int, picture: Tensor, base: Tensor) -> bool:
        """Return whether the dream goes on."""
        estimate = self._clock.tick(octave)
        if self._recipe.keep == "steps" and (step + 1) % self._recipe.keep_every == 0:
            name = Message("octave-step", octave=octave + 1, step=step + 1)
            self._hand_over(name, picture - base)
        if self._watch is None:
            return True

        def picture_now(longest: int) -> Pixels:
            return self._composer.preview(picture - base, longest)

        progress = Progress(
            octave,
            self._octaves,
            step,
            self._recipe.steps,
            estimate.fraction,
            estimate.seconds_left,
            picture_now,
            self._number,
            self._recipe.passes,
        )
        try:
            self._watch(progress)
        except StopHere:
            self.stopped = True
        return not self.stopped

    def octave_finished(self, octave: int, detail: Tensor) -> None:
        """Hand the octave's picture over, if the recipe keeps it."""
        if self._recipe.keep == "octaves":
            self._hand_over(Message("octave", octave=octave + 1), detail)

    def pass_finished(self, result: Pixels) -> None:
        """Hand the pass's picture over, if there are several passes."""
        if self._keep is not None and self._recipe.passes > 1:
            self._keep(Message("pass", number=self._number + 1), result)

    def _hand_over(self, name: Message, detail: Tensor) -> None:
        if self._keep is None:
            return
        if self._recipe.passes > 1:
            name = Message("in-pass", number=self._number + 1, name=name)
        if name not in self._handed_over:
            self._handed_over.add(name)
            self._keep(name, self._composer.result(detail))
