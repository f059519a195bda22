"""The task of dreaming a picture file into another one, in a folder that all workers see."""

from __future__ import annotations

import contextlib
import os
import socket
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from deepdream_core.compute.process import prepare
from deepdream_core.farm.plain import Result, Task
from deepdream_core.shared.recipe import Recipe, recipe_from

_PART = ".dreaming"
DREAM_FILE = "deepdream_core.farm.pictures:dream_file"


def task_for(source: Path, output: Path, recipe: Recipe, *, force: bool = False) -> Task:
    """Return the task of dreaming a file; the names, those in the recipe included, are absolute.

    What exists is kept, unless `force`.
    """
    settings = recipe.as_dict()
    return {"source": str(source), "output": str(output), "recipe": settings, "force": force}


def dream_file(task: Task) -> Result:
    """Carry out a task of `task_for`; runs in a worker.

    Returns whether it "dreamed", the "seconds", what it had to tell ("told"), and where ("host").
    Raises what `dream` and reading and writing pictures raise.
    """
    started, output = time.monotonic(), Path(task["output"])
    here: Result = {"host": socket.gethostname(), "told": []}
    if output.exists() and not task["force"]:
        return {**here, "dreamed": False, "seconds": 0.0}
    prepare()
    recipe = recipe_from(task["recipe"])
    told = _dream(Path(task["source"]), output, recipe)
    return {**here, "dreamed": True, "seconds": time.monotonic() - started, "told": told}


def _dream(source: Path, output: Path, recipe: Recipe) -> list[str]:
    from deepdream_core.dreaming.dream import dream
    from deepdream_core.models.precision import with_precision
    from deepdream_core.pictures.files import numbered, read_picture, write_picture
    from deepdream_core.pictures.formats import losses
    from deepdream_core.pictures.picture import Pixels
    from deepdream_core.pictures.profiles import Profiled
    from deepdream_core.shared.recipe_notes import note_of

    picture = read_picture(source)
    profiled = Profiled(picture, output)
    told = list(map(str, (*picture.told, *profiled.told)))
    note = note_of(with_precision(recipe))
    output.parent.mkdir(parents=True, exist_ok=True)
    kept = 0

    def keep(name: str, pixels: Pixels) -> None:
        nonlocal kept
        kept += 1
        with appearing(numbered(output, kept)) as file:
            write_picture(file, profiled.dreamed(pixels), profiled.kept, note)

    result = profiled.dreamed(dream(profiled.seen, recipe, on_frame=keep, note=told.append))
    told += map(str, losses(output, result))
    with appearing(output) as file:
        write_picture(file, result, profiled.kept, note)
    return [str(text) for text in told]


def remove_leftovers(outputs: Iterable[Path]) -> None:
    """Remove what killed workers left of these files. No farm may be working on them.

    Not done by workers: listing a folder for each of ten thousand pictures in it takes long.
    """
    made: dict[Path, set[str]] = {}
    for path in outputs:
        made.setdefault(path.parent, set()).add(path.stem)
    for folder, stems in made.items():
        for left in folder.glob(f".*{_PART}.*"):
            stem = left.name[1:].partition(_PART)[0]
            if stem in stems or stem[: -len("-0001")] in stems:
                left.unlink(missing_ok=True)


@contextlib.contextmanager
def appearing(path: Path) -> Iterator[Path]:
    """Yield a name of this worker's own; the file then appears as `path`, whole.

    Two workers may write the same picture, if the scheduler took the first for dead: the last one
    counts.
    """
    worker = f"{socket.gethostname()}-{os.getpid()}"
    part = path.with_name(f".{path.stem}{_PART}.{worker}{path.suffix}")
    try:
        yield part
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
