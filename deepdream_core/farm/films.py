"""The task of dreaming one scene of a film, in a folder that all workers see."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import islice
from pathlib import Path

from deepdream_core.compute.process import prepare
from deepdream_core.farm.pictures import appearing
from deepdream_core.farm.plain import Result, Task
from deepdream_core.shared.recipe import Recipe, recipe_from
from deepdream_core.video.clip import Clip, Cut, open_clip
from deepdream_core.video.film_dream import (
    FilmDream,
    FilmState,
    as_floats,
    begins_scene,
    in_type,
)
from deepdream_core.video.unfinished import Workplace, save_frame

DREAM_SCENE = "deepdream_core.farm.films:dream_scene"


def scenes(clip: Clip, carry: float) -> Iterator[tuple[int, int]]:
    """Yield each scene's first frame, and the one after its last; without carrying, each frame."""
    begun, last = 0, None
    number = 0
    for number, frame in enumerate(clip.frames(), 1):
        now = as_floats(frame)
        if last is not None and (not carry or begins_scene(now, last)):
            yield begun, number - 1
            begun = number - 1
        last = now
    if number:
        yield begun, number


def task_for(
    source: Path, folder: Path, cut: Cut, recipe: Recipe, carry: float, scene: tuple[int, int]
) -> Task:
    """Return the task of dreaming a scene into a folder; the names are absolute."""
    return {
        "source": str(source),
        "folder": str(folder),
        "cut": [cut.start, cut.end, cut.every, cut.room, str(cut.rate) if cut.rate else None],
        "recipe": recipe.as_dict(),
        "carry": carry,
        "scene": scene,
    }


def dream_scene(task: Task) -> Result:
    """Carry out a task of `task_for`; runs in a worker. Returns what it had to tell ("told")."""
    prepare()
    start, end, every, room, rate = task["cut"]
    cut = Cut(start, end, every, tuple(room) if room else None, Fraction(rate) if rate else None)
    told: list[str] = []
    film = FilmDream(recipe_from(task["recipe"]), task["carry"], note=told.append)
    place, (first, last) = Workplace(Path(task["folder"]), {}), task["scene"]
    if all(place.frame(number + 1).exists() for number in range(first, last)):
        return {"told": []}
    state = FilmState(first)
    for frame in islice(open_clip(Path(task["source"]), cut).frames(), first, last):
        dreamed, state = film.next(frame, state)
        with appearing(place.frame(state.number)) as file:
            save_frame(file, in_type(dreamed, frame.dtype))
    return {"told": [str(text) for text in told]}
