"""Whether dreams of films boil, run away, or leave what is newly seen undreamed.

    python tests/benchmarks/films.py [--frames 300] [--size 240x180] [--film bikes.mp4]

Three ways to dream are compared: each frame by itself; blending, where each frame's dream begins
with the frame and half of the last dreamed frame, as in DeepDreamVideo; and `dream_video`. They
dream a pan and a turn with a zoom over a photograph, whose motion is known exactly, and a film,
whose motion is estimated.

boiling: the mean difference of the dream's change from the last one's, moved along; of 255.
size: the mean absolute change, relative to the first frame's: the smallest and the largest.
new: the change in what has just come into view, relative to the first frame's.
objective: what is reached, relative to the first frame's, divided by the same of single dreams.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from deepdream_core.compute.process import prepare
from deepdream_core.dreaming.dream import dream
from deepdream_core.dreaming.places import WindowPlace
from deepdream_core.dreaming.scores import bind
from deepdream_core.models import load_network
from deepdream_core.shared.presets import make_recipe
from deepdream_core.shared.recipe import Recipe
from deepdream_core.shared.sizes import Size, parse_size
from deepdream_core.video import dream_video
from deepdream_core.video.clip import Cut, open_clip
from deepdream_core.video.flow import Floats, flow, moved
from deepdream_core.video.opencv import cv2

PHOTO = Path(__file__).parents[2] / "docs" / "photo.jpg"
EVERY = 12
"""Of so many frames, one is dreamed by itself, with the one before it, for comparison."""


@dataclass(frozen=True)
class Film:
    """Frames, float32 0..1, and for each where its pixels lay in the one before."""

    name: str
    frames: Sequence[Floats]
    flows: Sequence[Floats | None]


def over_photo(name: str, count: int, size: Size, place: Callable[[int], np.ndarray]) -> Film:
    """Return a film whose frame n shows the photo through the 3 x 3 matrix `place(n)`."""
    photo = np.asarray(Image.open(PHOTO).convert("RGB"), np.float32) / 255
    width = round(size[1] * 2.5)
    photo = cv2.resize(photo, (width, width * photo.shape[0] // photo.shape[1]), interpolation=3)
    middle = np.array([[1, 0, photo.shape[1] / 2], [0, 1, photo.shape[0] / 2], [0, 0, 1]])
    own = np.array([[1, 0, -size[1] / 2], [0, 1, -size[0] / 2], [0, 0, 1]])
    places = [middle @ place(n) @ own for n in range(count)]
    how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    frames = [
        np.asarray(
            cv2.warpAffine(photo, m[:2], size[::-1], flags=how, borderMode=cv2.BORDER_REFLECT)
        )
        for m in places
    ]
    y, x = np.mgrid[0 : size[0], 0 : size[1]].astype(np.float64)
    here = np.stack([x, y, np.ones_like(x)], -1)
    flows: list[Floats | None] = [None]
    for before, now in zip(places, places[1:], strict=False):
        there = here @ (np.linalg.inv(before) @ now).T
        flows.append((there - here)[..., :2].astype(np.float32))
    return Film(name, frames, flows)


def panned(number: int) -> np.ndarray:
    """Move to and fro, by two pixels and one in each frame."""
    x = 100 * abs((number * 2 / 100 + 1) % 4 - 2) - 100
    y = 50 * abs((number / 50 + 1) % 4 - 2) - 50
    return np.array([[1, 0, x], [0, 1, y], [0, 0, 1]])


def turned_and_zoomed(number: int) -> np.ndarray:
    """Turn by up to 12 degrees and zoom by up to a quarter."""
    angle, zoom = math.radians(12) * math.sin(number / 25), 1 + 0.25 * math.sin(number / 18)
    cos, sin = math.cos(angle) / zoom, math.sin(angle) / zoom
    return np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]])


def from_file(path: Path, count: int, size: Size) -> Film:
    """Return the beginning of a film, with its motion as estimated."""
    clip = open_clip(path, Cut(room=size))
    frames = [np.divide(f, 255, dtype=np.float32) for f in islice(clip.frames(), count)]
    flows = [None, *(flow(b, a) for a, b in zip(frames, frames[1:], strict=False))]
    return Film(path.name, frames, flows)


def blended(frames: Sequence[Floats], recipe: Recipe) -> list[Floats]:
    """Dream each frame, mixed with half of the last dream."""
    dreams: list[Floats] = []
    for number, frame in enumerate(frames):
        start = (frame + dreams[-1]) / 2 if dreams else frame
        steps = recipe.steps if not dreams else max(1, recipe.steps // 5)
        dreams.append(dream(start, recipe.changed(steps=steps, seed=1 + number)))
    return dreams


class Judge:
    """Measures dreams of one film."""

    def __init__(self, film: Film, recipe: Recipe) -> None:
        self.film = film
        network = load_network(recipe.model, torch.device("cpu"), torch.float32)
        self._objective = bind(recipe.expression, network)
        self.sampled = list(range(0, len(film.frames), EVERY))
        pairs = [(n - 1, n) for n in self.sampled if n]
        self._alone = {
            n: dream(film.frames[n], recipe.changed(seed=1 + n)) for n in {0, *sum(pairs, ())}
        }
        self._reached = {n: self._score(self._alone[n]) for n in self.sampled}
        self._first_alone = self._change(self._alone[0], 0)

    def alone(self) -> str:
        """Return the table's row for frames dreamed by themselves."""
        boils = [self._boiling(self._alone[n - 1], self._alone[n], n) for n in self.sampled if n]
        sizes = [np.abs(self._change(self._alone[n], n)).mean() for n in self.sampled]
        return self._row("frame by frame", boils, sizes, [], [1.0])

    def judge(self, name: str, dreams: Sequence[Floats]) -> str:
        """Return the table's row for the dreams of all frames."""
        cuts = {n for n in range(1, len(dreams)) if self._is_cut(n)}
        numbers = [n for n in range(1, len(dreams)) if n not in cuts]
        boils = [self._boiling(dreams[n - 1], dreams[n], n) for n in numbers]
        sizes = [float(np.abs(self._change(d, n)).mean()) for n, d in enumerate(dreams)]
        new = []
        for n in numbers:
            unseen = ~self._seen_before(n)
            if unseen.sum() > 20:
                new.append(np.abs(self._change(dreams[n], n))[unseen].mean() / sizes[0])
        first = self._score(dreams[0]) / self._reached[0]
        reached = [
            float(np.mean(self._score(dreams[n]) / self._reached[n] / first)) for n in self.sampled
        ]
        return self._row(name, boils, sizes, new, reached)

    def _row(
        self,
        name: str,
        boils: Sequence[float],
        sizes: Sequence[float],
        new: Sequence[float],
        reached: Sequence[float],
    ) -> str:
        relative = np.array(sizes) / sizes[0]
        seen = f"{np.mean(new):5.2f}" if new else "    -"
        return (
            f"{self.film.name:14} {name:15} {np.mean(boils):7.2f} {relative.min():7.2f} "
            f"{relative.max():5.2f} {seen} {min(reached):9.2f} {np.mean(reached):5.2f} "
            f"{max(reached):5.2f}"
        )

    def _change(self, dreamed: Floats, number: int) -> Floats:
        return (dreamed - self.film.frames[number]) * 255

    def _boiling(self, before: Floats, now: Floats, number: int) -> float:
        along = self.film.flows[number]
        assert along is not None
        expected = moved(self._change(before, number - 1), along, sharp=False)
        seen = self._seen_before(number)
        return float(np.abs(self._change(now, number) - expected)[seen].mean())

    def _seen_before(self, number: int) -> np.ndarray:
        along = self.film.flows[number]
        assert along is not None
        height, width = along.shape[:2]
        y, x = np.mgrid[0:height, 0:width] + along.transpose(2, 0, 1)[::-1]
        return (x >= 0) & (x <= width - 1) & (y >= 0) & (y <= height - 1)

    def _is_cut(self, number: int) -> bool:
        along = self.film.flows[number]
        assert along is not None
        last = moved(self.film.frames[number - 1], along, sharp=False)
        return bool(np.abs(last - self.film.frames[number]).mean() > 0.1)

    def _score(self, picture: Floats) -> np.ndarray:
        window = torch.from_numpy(picture).permute(2, 0, 1)[None].contiguous().requires_grad_()
        places = [WindowPlace(0, 0, *picture.shape[:2])]
        terms = range(len(self._objective.terms))
        return np.array([self._objective.single(n).score(window, places).item() for n in terms])


def main() -> None:
    prepare()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, default=300)
    parser.add_argument("--size", type=parse_size, default=(180, 240), metavar="WxH")
    parser.add_argument("--film", type=Path)
    parser.add_argument("--preset", default="classic")
    options = parser.parse_args()
    recipe = make_recipe(options.preset)
    films = [
        over_photo("pan", options.frames, options.size, panned),
        over_photo("turn and zoom", options.frames, options.size, turned_and_zoomed),
    ]
    if options.film:
        films.append(from_file(options.film, options.frames, options.size))
    print(f"{'':30} boiling    size: from, to   new   objective: from, mean, to")
    for film in films:
        judge = Judge(film, recipe)
        print(judge.alone(), flush=True)
        print(judge.judge("blending", blended(film.frames, recipe)), flush=True)
        print(judge.judge("dream_video", list(dream_video(film.frames, recipe))), flush=True)


if __name__ == "__main__":
    main()
