"""Progress reports, intermediate pictures and stopping early."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from torch import Tensor

from deepdream_core.compute.clock import Clock, Estimate
from deepdream_core.dreaming.compositing import Composer
from deepdream_core.pictures.picture import Pixels
from deepdream_core.shared.messages import Message
from deepdream_core.shared.octaves import octave_steps
from deepdream_core.shared.recipe import Recipe
from deepdream_core.shared.sizes import Size


class StopHere(Exception):
    """Raised by a watcher to end the dream early with the result so far."""


@dataclass(frozen=True)
class Progress:
    """A dream's progress; passed to the watcher after every step."""

    octave: int
    octaves: int
    step: int
    steps: int
    fraction: float
    """0..1, the share of work done; steps in larger octaves count for more."""
    seconds_left: float | None
    picture: Callable[[int], Pixels] = field(repr=False)
    """Takes the longest side in pixels; returns a preview of the result so far, uint8 RGB."""
    number: int = 0
    """The number of the pass, from 0."""
    passes: int = 1


Watcher = Callable[[Progress], None]
Keeper = Callable[[str, Pixels], None]
"""Takes the name of an intermediate picture, such as "octave 2", and the picture."""


class ProgressTracker:
    """Reports every step, and passes on the intermediate pictures that the recipe keeps."""

    def __init__(
        self,
        recipe: Recipe,
        sizes: Sequence[Size],
        watch: Watcher | None,
        keep: Keeper | None,
    ) -> None:
        """`sizes`: the sizes of the octaves in each pass."""
        self._recipe = recipe
        self._steps = octave_steps(recipe, len(sizes))
        self._clock = Clock(sizes, self._steps, recipe.passes)
        self._watch = watch
        self._keep = keep
        self._kept: set[str] = set()
        self._number = 0
        self._composer: Composer
        self.stopped = False
        """Whether the watcher ended the dream early."""

    def begin_pass(self, number: int, composer: Composer) -> None:
        """Begin pass `number` (from 0); a pass that ran out of memory is begun again.

        `composer` makes the artist's picture from the pass's dream.
        """
        self._number, self._composer = number, composer
        self._clock.begin_pass(number)

    def step_taken(self, octave: int, step: int, picture: Tensor, base: Tensor) -> bool:
        """Report a step; return whether to continue."""
        estimate = self._clock.tick(octave)
        is_last = step + 1 == self._steps[octave]
        if self._recipe.keep == "steps" and not is_last and self._is_kept(step):
            self._keep_step(octave, step, picture - base)
        self._report(octave, step, estimate, lambda: picture - base)
        return not self.stopped

    def is_there(self, detail: Tensor) -> None:
        """Report the end of a pass whose dream is there already."""
        octave = len(self._steps) - 1
        self._report(octave, self._steps[octave] - 1, Estimate(1.0, 0.0), lambda: detail)

    def _report(
        self, octave: int, step: int, estimate: Estimate, detail: Callable[[], Tensor]
    ) -> None:
        if self._watch is None:
            return

        def picture_now(longest: int) -> Pixels:
            return self._composer.preview(detail(), longest)

        progress = Progress(
            octave,
            len(self._steps),
            step,
            self._steps[octave],
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

    def octave_finished(self, octave: int, detail: Tensor) -> None:
        """Pass on the octave's picture, if the recipe keeps octaves, or steps and this one too.

        The last step of the last octave is always kept, because it is the result.
        """
        is_last, step = octave + 1 == len(self._steps), self._steps[octave] - 1
        if self._recipe.keep == "octaves":
            self._keep_once(Message("octave", octave=octave + 1), detail)
        elif self._recipe.keep == "steps" and step >= 0 and (is_last or self._is_kept(step)):
            self._keep_step(octave, step, detail)

    def _is_kept(self, step: int) -> bool:
        return (step + 1) % self._recipe.keep_every == 0

    def _keep_step(self, octave: int, step: int, detail: Tensor) -> None:
        self._keep_once(Message("octave-step", octave=octave + 1, step=step + 1), detail)

    def pass_finished(self, result: Pixels) -> None:
        """Pass on the pass's picture, if there are several passes."""
        if self._keep is not None and self._recipe.passes > 1:
            self._keep(Message("pass", number=self._number + 1), result)

    def _keep_once(self, name: Message, detail: Tensor) -> None:
        """Pass on a picture, unless that was done before the pass was begun again."""
        if self._keep is None:
            return
        if self._recipe.passes > 1:
            name = Message("in-pass", number=self._number + 1, name=name)
        if name not in self._kept:
            self._kept.add(name)
            self._keep(name, self._composer.result(detail))
