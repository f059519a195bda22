"""Make the pictures that the dialog offers: channels, classes and presets.

    PYTHONPATH=.:tests/support python docs/make_atlas.py    (about twelve minutes on one CPU core)

Each channel of a few characteristic layers and each class listed in `docs/atlas.txt` is dreamed
from noise, and each preset dreams one photograph. The results are JPEG sheets and `index.json`,
the list that the dialog reads, in `plug-ins/deepdream/pictures`. (JPEG, because GdkPixbuf cannot
read WebP on many systems.) The seeds are fixed, so the same machine makes the same pictures.
Finished pictures are kept in `build/atlas`; delete that folder to start over.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

# These pictures are too small for several threads, which wait for each other on a busy machine.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from PIL import Image
from samples import photograph

from deepdream_core.dreaming.dream import dream
from deepdream_core.shared.presets import SHIPPED, make_recipe
from deepdream_core.shared.recipe import Recipe

ROOT = Path(__file__).parents[1]
NAMES = ROOT / "docs" / "atlas.txt"
FOLDER = ROOT / "plug-ins" / "deepdream" / "pictures"
UNFINISHED = ROOT / "build" / "atlas"

MODEL = "efficientnet_lite0"
LAYERS = {"block4": 40, "block7": 80, "block10": 112, "block12": 192}
"""The number of channels of each layer. The other layers are variations of these."""

SIDE = 104
COLUMNS = 16
_QUALITY = 82
_GRAY = 128


@dataclass(frozen=True)
class Entry:
    """One picture: what is dreamed, its title, and other words to find it by."""

    objective: str
    title: str
    words: str


def named() -> Iterator[Entry]:
    """Read `docs/atlas.txt`: lines of `objective | title | words`; # starts a comment."""
    for line in NAMES.read_text("utf-8").splitlines():
        text = line.partition("#")[0].strip()
        if text:
            objective, title, words = (part.strip() for part in text.split("|"))
            yield Entry(objective, title, words)


def entries() -> list[Entry]:
    """Return the classes and channels in the file, followed by all other channels."""
    found = {entry.objective: entry for entry in named()}
    for layer, channels in LAYERS.items():
        for channel in range(channels):
            objective = f"{layer}:{channel}"
            found.setdefault(objective, Entry(objective, objective, "pattern"))
    return list(found.values())


def stimulus_recipe(objective: str) -> tuple[Recipe, int]:
    """Return the recipe for dreaming a picture from noise, and the picture's side in pixels."""
    if objective.startswith("class:"):
        side, octaves = 160, 3
    else:
        side, octaves = (128 if objective.startswith("block12") else 112), 2
    recipe = Recipe(
        model=MODEL,
        objective=objective,
        source="noise",
        octaves=octaves,
        octave_scale=1.5,
        steps=24,
        step_size=6.0,
        jitter=16,
        device="cpu",
    )
    return recipe, side


def stimulus(objective: str) -> Image.Image:
    """Return the picture that excites the objective most, SIDE x SIDE."""
    finished = UNFINISHED / f"{objective.replace(':', '_')}.png"
    if not finished.exists():
        recipe, side = stimulus_recipe(objective)
        dreamed = dream(np.full((side, side, 3), _GRAY, np.uint8), recipe)
        finished.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(dreamed).save(finished)
    return Image.open(finished).resize((SIDE, SIDE), Image.Resampling.LANCZOS)


def preset_picture(name: str) -> Image.Image:
    """Return the centre of a photograph dreamed with a preset, SIDE x SIDE."""
    photo = photograph("raccoon", 400)
    dreamed = Image.fromarray(dream(np.asarray(photo), make_recipe(name, "device=cpu")))
    left, top, side = 205, 35, 190
    face = dreamed.crop((left, top, left + side, top + side))
    return face.resize((SIDE, SIDE), Image.Resampling.LANCZOS)


def write_sheet(name: str, pictures: list[Image.Image]) -> list[list[int]]:
    """Write a sheet of pictures; return each picture's box: x, y, width, height."""
    boxes = [[i % COLUMNS * SIDE, i // COLUMNS * SIDE, SIDE, SIDE] for i in range(len(pictures))]
    size = (min(len(boxes), COLUMNS) * SIDE, boxes[-1][1] + SIDE)
    sheet = Image.new("RGB", size)
    for picture, box in zip(pictures, boxes, strict=True):
        sheet.paste(picture, box[:2])
    sheet.save(FOLDER / name, quality=_QUALITY, optimize=True)
    return boxes


def main() -> None:
    """Make everything that is missing."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    index: list[dict[str, object]] = []
    boxes = write_sheet("presets.jpg", [preset_picture(preset.name) for preset in SHIPPED])
    for preset, box in zip(SHIPPED, boxes, strict=True):
        index.append({"preset": preset.name, "picture": "presets.jpg", "box": box})
    sheets: dict[str, list[Entry]] = {}
    for entry in entries():
        sheets.setdefault(entry.objective.partition(":")[0], []).append(entry)
    places = {}
    for sheet, members in sheets.items():
        pictures = []
        for entry in members:
            pictures.append(stimulus(entry.objective))
            print(f"\r{entry.objective:40}", end="", file=sys.stderr)
        for entry, box in zip(members, write_sheet(f"{sheet}.jpg", pictures), strict=True):
            places[entry] = {"picture": f"{sheet}.jpg", "box": box}
    for entry in entries():
        row = {"objective": entry.objective, "title": entry.title, "words": entry.words}
        index.append({**row, "model": MODEL, **places[entry]})
    lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in index)
    (FOLDER / "index.json").write_text(f"[\n{lines}\n]\n", "utf-8")


if __name__ == "__main__":
    main()
