"""A dream that moves with a film and does not boil.

If each frame were dreamed by itself, the forms would be others in each frame. Here the change that
the dream made to a frame is carried along the optical flow to the next one, where it is the start
of that frame's dream, and grows by a few steps only. Where the flow cannot be trusted, because
something is newly seen, the dream grows anew, faster.

Left alone, such a dream would grow without end, or fade. So it grows slower where it is larger than
the scene's first dream, and faster where it is smaller; and the first frame is dreamed on until it
is as far as those that follow. It also grows slower while it reaches more of its objective than the
first dream did, and faster while it reaches less: dreams that are refined in every frame would
become ever more intense, at the same size. What a frame shows by itself counts, because single
dreams, too, reach more where the frame has more of what is dreamed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import torch

from deepdream_core.dreaming.carried import Carried
from deepdream_core.dreaming.dream import dream
from deepdream_core.dreaming.progress import Watcher
from deepdream_core.dreaming.reached import reached
from deepdream_core.pictures.picture import Pixels
from deepdream_core.shared.recipe import MAX_SEED, Recipe
from deepdream_core.video.flow import Floats, blurred, flow, moved, trust
from deepdream_core.video.raft import raft_for

_STEPS_SHARE = 0.2
"""The share of the recipe's steps that a carried dream takes in each frame."""
_PACE, _PACE_ANEW = 0.4, 3.0
"""How long these steps are, relative to the recipe's: where a dream is carried, and elsewhere."""
_FASTEST = 2.0
_ANSWER, _SLOWEST_ANSWER, _FASTEST_ANSWER = 8.0, 0.05, 2.0
"""The power with which the pace answers to what a dream reaches, and its limits."""
_GIVEN = 0.75
"""What single dreams reach grows with this power of what their pictures reach undreamed. Measured
on frames of films, for layers: between 0.5 and 1."""
_LONGEST = 1.05
"""How much larger than the scene's first dream a carried one may be before it is reduced."""
RUN_IN = 13
"""How many times the first frame of a scene is dreamed on."""
_AREA = 1 / 12
"""How large areas are whose dreams are kept at one size, relative to the frame's height."""
_CUT = 0.25
"""With less trust than this in a whole frame, another scene has begun."""
_TINY = 1e-6
_SEEDS = MAX_SEED + 1


@dataclass
class FilmState:
    """What the next frame's dream needs to know of those before."""

    number: int = 0
    """How many frames have been dreamed."""
    frame: Floats | None = None
    """The last frame, float32 (height, width, 3), 0..1; None before the first."""
    change: Floats | None = None
    """What its dream changed, of the same shape."""
    size: float = 0.0
    """The mean absolute change in the first frame of the scene."""
    first: Floats | None = None
    """What that frame reached undreamed and dreamed, (2, terms); None if that does not count."""
    ahead: float = 1.0
    """How much the last dream reached, relative to what was to be expected from the first one."""


@dataclass(frozen=True)
class FilmDream:
    """Dreams one frame after the other."""

    recipe: Recipe
    carry: float = 1.0
    """How much of a frame's dream is carried to the next, 0..1; 0 dreams each by itself."""
    watch: Watcher | None = None
    note: Callable[[str], None] = lambda text: None
    guide: Pixels | None = None
    """The picture whose features steer the dream; by default, the recipe's file."""
    check: Callable[[], None] = lambda: None
    """Called often; may raise to end the dream at once."""

    def next(self, frame: Pixels, state: FilmState) -> tuple[Floats, FilmState]:
        """Dream a frame: uint8 or float32 0..1, (height, width, 3), all of one size.

        Return the dream, float32 0..1, and the state for the next frame. The same frame, recipe
        and state give the same bytes. Raises what `dream` raises.
        """
        now = as_floats(frame)
        change = self._carried(now, state)
        size, first = state.size, state.first
        if change is None:
            change, size = self._first(now, state.number)
            first = None
        scores = self._reached(now, change)
        first = scores if first is None else first
        ahead = _ahead(scores, first)
        return now + change, FilmState(state.number + 1, now, change, size, first, ahead)

    def _carried(self, now: Floats, state: FilmState) -> Floats | None:
        """Return the change that grew from the last frame's; None where a scene begins."""
        if not self.carry or state.frame is None or state.change is None:
            return None
        to_last, trusted = _motion(now, state.frame)
        if trusted.mean() < _CUT:
            return None
        if raft := raft_for(self.recipe.device):
            to_last, trusted = _motion(now, state.frame, raft.flow)
        carried = moved(state.change, to_last) * (trusted[..., None] * np.float32(self.carry))
        answer = float(np.clip(state.ahead**-_ANSWER, _SLOWEST_ANSWER, _FASTEST_ANSWER))
        return self._grown(now, carried, trusted, state.size, state.number, answer)

    def _first(self, now: Floats, number: int) -> tuple[Floats, float]:
        """Dream the first frame of a scene."""
        change = self._dream(now, self._seeded(number)) - now
        size = float(np.abs(change).mean())
        if self.carry:
            everywhere = np.ones(now.shape[:2], np.float32)
            for run in range(RUN_IN):
                change = self._grown(now, change, everywhere, size, number + _SEEDS - 1 - run)
        return change, size

    def _grown(
        self,
        now: Floats,
        carried: Floats,
        trusted: Floats,
        size: float,
        seed: int,
        answer: float = 1.0,
    ) -> Floats:
        """Return the change after a few more steps."""
        sigma = now.shape[0] * _AREA
        around = np.maximum(blurred(trusted, sigma), 0.2)
        local = blurred(np.abs(carried).mean(-1), sigma) / around
        missing = size / np.maximum(local, max(size / 20, _TINY))
        carried = carried * np.minimum(1, _LONGEST * missing)[..., None]
        pace = trusted * np.minimum(_PACE * answer * np.square(missing), _FASTEST)
        pace += (1 - trusted) * _PACE_ANEW
        steps = max(1, round(self.recipe.steps * _STEPS_SHARE))
        start = Carried(_as_tensor(carried / max(self.recipe.strength, _TINY)), _as_tensor(pace))
        recipe = self._seeded(seed).changed(steps=steps)
        return self._dream(now, recipe, start) - now

    def _reached(self, now: Floats, change: Floats) -> Floats | None:
        """Return what a frame reaches undreamed and dreamed, if that can be compared."""
        if not self.carry or self.guide is not None or self.recipe.guide:
            return None
        frame = _as_tensor(now)
        return reached([frame, frame + _as_tensor(change)], self.recipe, frame)

    def _dream(self, now: Floats, recipe: Recipe, start: Carried | None = None) -> Pixels:
        return dream(
            now,
            recipe,
            guide=self.guide,
            carried=start,
            watch=self.watch,
            note=self.note,
            check=self.check,
        )

    def _seeded(self, number: int) -> Recipe:
        """Return the recipe with a seed of the frame's own, so that jitter does not repeat."""
        return self.recipe.changed(seed=(self.recipe.seed + number) % _SEEDS)


def dream_video(
    frames: Iterable[Pixels],
    recipe: Recipe | None = None,
    carry: float = 1.0,
    note: Callable[[str], None] = lambda text: None,
) -> Iterator[Pixels]:
    """Yield the dream of each frame, in its type: uint8, or float32 0..1, (height, width, 3).

    All frames have one size. `carry`: how much of a frame's dream is carried along the film's
    motion to the next, 0..1; 0 dreams each by itself. `note` receives sentences for the user.
    Raises what `dream` raises.
    """
    film, state = FilmDream(recipe or Recipe(), carry, note=note), FilmState()
    for frame in frames:
        dreamed, state = film.next(frame, state)
        yield in_type(dreamed, frame.dtype)


def _ahead(scores: Floats | None, first: Floats | None) -> float:
    """Return how much is reached, relative to what is to be expected after a scene's first dream.

    The arguments are as in `FilmState.first`. What cannot be compared is as expected.
    """
    if scores is None or first is None or not scores.size:
        return 1.0
    if min(scores.min(), first.min()) <= 0:
        return 1.0
    expected = first[1] * (scores[0] / first[0]) ** _GIVEN
    return float(np.mean(scores[1] / expected))


def begins_scene(now: Floats, last: Floats) -> bool:
    """Return whether a frame shows another scene than the last one; both are as for `flow`."""
    _, trusted = _motion(now, last)
    return bool(trusted.mean() < _CUT)


def _motion(
    now: Floats, last: Floats, flow: Callable[[Pixels, Pixels], Floats] = flow
) -> tuple[Floats, Floats]:
    """Return the flow to the last frame, and how far it can be trusted."""
    to_last = flow(now, last)
    return to_last, trust(to_last, flow(last, now))


def in_type(dreamed: Floats, dtype: np.dtype) -> Pixels:
    """Return a picture of 0..1 in 8 bits, or as it is."""
    if dtype != np.uint8:
        return dreamed
    return (dreamed.clip(0, 1) * 255).round().astype(np.uint8)


def as_floats(frame: Pixels) -> Floats:
    """Return a frame, uint8 or floats, as float32 in 0..1."""
    if frame.dtype == np.uint8:
        return np.divide(frame, 255, dtype=np.float32)
    return frame.astype(np.float32)


def _as_tensor(picture: Floats) -> torch.Tensor:
    planes = picture[None] if picture.ndim == 2 else picture.transpose(2, 0, 1)
    return torch.from_numpy(np.ascontiguousarray(planes, np.float32))[None]
