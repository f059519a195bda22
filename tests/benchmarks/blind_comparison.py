"""Dream photos with Classic and with other programs' recipes, for judges who do not know which.

    python tests/benchmarks/blind_comparison.py dream FOLDER PHOTO... [--longest 512] [--seed 1]
    python tests/benchmarks/blind_comparison.py count FOLDER RANKING.json...

`dream` writes a sheet for each photo, the photo first and then its dreams, labelled A, B, … in
random order, and `key.json`. Finished dreams are kept in FOLDER/dreams and used again as long as
their recipe and their photo stay the same. A judge sees the sheets only and writes a ranking, the
best first: {"cat": "CADBFE", …}. `count` says how often Classic was preferred to each of the
others.

All of them dream with the same network. Settings that only we have are set to what the other
programs do.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from deepdream_core.dreaming.dream import dream
from deepdream_core.shared.presets import make_recipe
from deepdream_core.shared.recipe import Recipe, Value, recipe_from
from deepdream_core.shared.recipe_versions import upgraded

OURS = "classic"
_LETTERS = "ABCDEFGH"
_COLUMNS = 3
_GAP, _CAPTION = 8, 26

_WITHOUT_OUR_OWN: Mapping[str, Value] = {
    "objective": "block10",
    "natural": "no",
    "balance": "start",
    "headroom": 0.0,
    "largest_octave": 1.0,
}
_OTHERS: Mapping[str, Mapping[str, Value]] = {
    # dream.ipynb of 2015: four octaves from small to large, ten steps divided by the mean.
    "google-2015": {"octaves": 4, "octave_scale": 1.4, "steps": 10, "step_size": 1.5},
    # pytorch-deepdream: a steeper pyramid, standardised and blurred gradients, larger steps.
    "pytorch-deepdream": {
        "octaves": 4,
        "octave_scale": 1.8,
        "steps": 10,
        "step_size": 5.2,
        "normalise": "std",
        "smooth": 0.6,
    },
    # neural-dream: two octaves and Adam, which moves every pixel by about its rate.
    "neural-dream": {
        "octaves": 2,
        "octave_scale": 1.67,
        "steps": 50,
        "step_size": 1.5,
        "optimiser": "adam",
    },
    # The infinite patterns of lucid: gradients with the frequencies and colours of photographs.
    "lucid-patterns": {
        "octaves": 6,
        "octave_scale": 1.5,
        "steps": 16,
        "step_size": 2.0,
        "natural": "yes",
        "colourfulness": 0.3,
        "crispness": 1.0,
    },
}
_CLASSIC_OF_0_1: Mapping[str, Value] = {
    "objective": "block10 + 0.7*block12",
    "octaves": 7,
    "step_size": 2.2,
    "natural": "yes",
    "strength": 0.92,
}


def contestants() -> dict[str, Recipe]:
    """Return the recipes by name; the first is ours."""
    others = {name: recipe_from({**_WITHOUT_OUR_OWN, **own}) for name, own in _OTHERS.items()}
    before = recipe_from(upgraded(_CLASSIC_OF_0_1, 1))
    return {OURS: make_recipe(OURS), "classic-0.1": before, **others}


def dreamed(folder: Path, photo: Image.Image, recipe: Recipe) -> Image.Image:
    """Return the dream of a photo, which is kept in a folder."""
    made_from = json.dumps(recipe.as_dict()).encode() + photo.tobytes()
    finished = folder / "dreams" / f"{hashlib.sha256(made_from).hexdigest()[:16]}.png"
    if not finished.exists():
        finished.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(dream(np.asarray(photo), recipe)).save(finished)
    return Image.open(finished)


def opened(photo: Path, longest: int) -> Image.Image:
    """Return a photo with its longer side scaled to `longest` pixels."""
    picture = Image.open(photo).convert("RGB")
    scale = longest / max(picture.size)
    size = round(picture.width * scale), round(picture.height * scale)
    return picture.resize(size, Image.Resampling.LANCZOS)


def sheet(pictures: Mapping[str, Image.Image]) -> Image.Image:
    """Return pictures of one size side by side, with their captions."""
    width, height = next(iter(pictures.values())).size
    step = width + _GAP, height + _CAPTION + _GAP
    rows = -(-len(pictures) // _COLUMNS)
    made = Image.new("RGB", (_COLUMNS * step[0], rows * step[1]), "white")
    draw, font = ImageDraw.Draw(made), ImageFont.load_default(20)
    for index, (caption, picture) in enumerate(pictures.items()):
        left, top = index % _COLUMNS * step[0], index // _COLUMNS * step[1]
        draw.text((left, top), caption, "black", font)
        made.paste(picture, (left, top + _CAPTION))
    return made


def write_sheets(folder: Path, photos: list[Path], longest: int, seed: int) -> None:
    """Write a sheet for each photo, and which letter is which."""
    shuffled, key = random.Random(seed), {}
    recipes = contestants()
    for file in photos:
        names = list(recipes)
        shuffled.shuffle(names)
        key[file.stem] = dict(zip(_LETTERS, names))
        photo = opened(file, longest)
        dreams = {
            letter: dreamed(folder, photo, recipes[name]) for letter, name in key[file.stem].items()
        }
        sheet({"photo": photo, **dreams}).save(folder / f"{file.stem}.png")
        print(file.stem, flush=True)
    (folder / "key.json").write_text(json.dumps(key, indent=1), "utf-8")


def count(folder: Path, rankings: list[Path]) -> None:
    """Print how often ours was ranked before each of the others, for each judge."""
    key = json.loads((folder / "key.json").read_text("utf-8"))
    for file in rankings:
        ranking = json.loads(file.read_text("utf-8"))
        print(f"{file.stem}: ours preferred on … of {len(ranking)}")
        orders = [[key[photo][letter] for letter in letters] for photo, letters in ranking.items()]
        for other in contestants():
            if other != OURS:
                won = sum(order.index(OURS) < order.index(other) for order in orders)
                print(f"  {other:20}{won:3}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    dreaming = commands.add_parser("dream")
    dreaming.add_argument("folder", type=Path)
    dreaming.add_argument("photos", type=Path, nargs="+")
    dreaming.add_argument("--longest", type=int, default=512)
    dreaming.add_argument("--seed", type=int, default=1)
    counting = commands.add_parser("count")
    counting.add_argument("folder", type=Path)
    counting.add_argument("rankings", type=Path, nargs="+")
    options = parser.parse_args()
    if options.command == "dream":
        write_sheets(options.folder, options.photos, options.longest, options.seed)
    else:
        count(options.folder, options.rankings)


if __name__ == "__main__":
    main()
