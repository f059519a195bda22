"""Make the pictures that the dialog offers: channels, classes, presets and networks.

    deepdream models add efficientnet_lite1
    deepdream models add efficientnet_lite2
    PYTHONPATH=.:tests/support python docs/make_atlas.py    (about an hour on one CPU core)

Each channel of a few characteristic layers of two networks and each class listed in
`docs/atlas.txt` is dreamed from noise; each preset, and each network that is shown with a picture,
dreams one photograph. The results are JPEG sheets and `index.json`, the list that the dialog reads,
in `plug-ins/deepdream/pictures`. (JPEG, because GdkPixbuf cannot read WebP on many systems.) The
seeds are fixed, so the same machine makes the same pictures. Finished pictures are kept in
`build/atlas`; delete that folder to start over.
"""

from __future__ import annotations

import json
import os
import sys
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


@dataclass(frozen=True)
class Layer:
    """How many channels a layer has, and how they are dreamed."""

    channels: int
    side: int = 112
    """The side of the dream, in pixels."""
    steps: int = 24
    step_size: float = 6.0


LAYERS = {
    "efficientnet_lite0": {
        "block4": Layer(40),
        "block7": Layer(80),
        "block10": Layer(112),
        "block12": Layer(192, side=128),
    },
    "efficientnet_lite2": {
        "block14": Layer(120),
        # Looks the same as after 24 steps of 6.
        "block16": Layer(208, steps=16, step_size=8.0),
    },
}
"""The pictured layers. The other layers are variations of these."""
NETWORKS = ("efficientnet_lite0", "efficientnet_lite1", "efficientnet_lite2")
"""The networks that are shown with a picture: those that the makers of this plug-in could get."""
SIDE = 104
COLUMNS = 16
_QUALITY = {"efficientnet_lite0": 82, "efficientnet_lite2": 72}
"""The second network is chosen more rarely, and must not double the size of the plug-in."""
_GRAY = 128

Box = list[int]
"""x, y, width and height."""


@dataclass(frozen=True)
class Entry:
    """One picture: what a network dreams, its title, other words to find it by, and its group."""

    model: str
    objective: str
    title: str
    words: str
    group: str

    @property
    def sheet(self) -> str:
        """The name of the picture's sheet."""
        network = self.model.removeprefix("efficientnet_")
        return f"{network}-{self.objective.partition(':')[0]}.jpg"


def entries(model: str) -> list[Entry]:
    """Return the classes and channels of a network in the file, then all its other channels.

    `docs/atlas.txt` has lines of `objective | title | words | group`; # starts a comment. What
    follows `[network]` is for that network, what precedes it for all.
    """
    found: dict[str, Entry] = {}
    section = ""
    for line in NAMES.read_text("utf-8").splitlines():
        text = line.partition("#")[0].strip()
        if text.startswith("["):
            section = text.strip("[]")
        elif text and section in ("", model):
            objective, title, words, group = (part.strip() for part in text.split("|"))
            found[objective] = Entry(model, objective, title, words, group)
    for name, layer in LAYERS[model].items():
        for channel in range(layer.channels):
            objective = f"{name}:{channel}"
            found.setdefault(objective, Entry(model, objective, objective, "pattern", "unnamed"))
    return list(found.values())


def stimulus_recipe(entry: Entry) -> tuple[Recipe, int]:
    """Return the recipe for dreaming a picture from noise, and the picture's side in pixels."""
    name = entry.objective.partition(":")[0]
    if name == "class":
        layer, octaves = Layer(0, side=160), 3
    else:
        layer, octaves = LAYERS[entry.model][name], 2
    recipe = Recipe(
        model=entry.model,
        objective=entry.objective,
        source="noise",
        octaves=octaves,
        octave_scale=1.5,
        steps=layer.steps,
        step_size=layer.step_size,
        jitter=16,
        device="cpu",
    )
    return recipe, layer.side


def stimulus(entry: Entry) -> Image.Image:
    """Return the picture that excites the objective most, SIDE x SIDE."""
    finished = UNFINISHED / entry.model / f"{entry.objective.replace(':', '_')}.png"
    if not finished.exists():
        print(f"\r{entry.model} {entry.objective:40}", end="", file=sys.stderr)
        recipe, side = stimulus_recipe(entry)
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


def network_picture(name: str) -> Image.Image:
    """Return a photograph dreamed by a network, at a depth that all have; SIDE x SIDE."""
    photo = photograph("raccoon", 400)
    settings = f"model={name}; objective=parts + 0.7*objects; motif=large; device=cpu"
    dreamed = Image.fromarray(dream(np.asarray(photo), make_recipe("classic", settings)))
    square = dreamed.crop((dreamed.width - dreamed.height, 0, dreamed.width, dreamed.height))
    return square.resize((SIDE, SIDE), Image.Resampling.LANCZOS)


def boxes(count: int) -> list[Box]:
    """Return the places of a sheet's pictures."""
    return [[i % COLUMNS * SIDE, i // COLUMNS * SIDE, SIDE, SIDE] for i in range(count)]


def write_sheet(name: str, pictures: list[Image.Image], quality: int) -> None:
    """Write a sheet of pictures."""
    places = boxes(len(pictures))
    sheet = Image.new("RGB", (min(len(places), COLUMNS) * SIDE, places[-1][1] + SIDE))
    for picture, (left, top, *_size) in zip(pictures, places, strict=True):
        sheet.paste(picture, (left, top))
    sheet.save(FOLDER / name, quality=quality, optimize=True)


def sheets(model: str) -> dict[str, list[Entry]]:
    """Return a network's sheets and what is on each: channels by number, so that names can change.

    Classes stay in the file's order.
    """
    found: dict[str, list[Entry]] = {}
    for entry in entries(model):
        found.setdefault(entry.sheet, []).append(entry)
    return {name: sorted(members, key=_channel) for name, members in found.items()}


def _channel(entry: Entry) -> int:
    number = entry.objective.partition(":")[2]
    return int(number) if number.isdecimal() else 0


def write_sheets(model: str) -> None:
    """Write a network's sheets."""
    for name, members in sheets(model).items():
        write_sheet(name, [stimulus(entry) for entry in members], _QUALITY[model])


def write_presets() -> None:
    """Write the sheet of the presets that can be seen here."""
    pictures = [preset_picture(preset.name) for preset in SHIPPED if not preset.untested]
    write_sheet("presets.jpg", pictures, 82)


def write_networks() -> None:
    """Write the sheet of the networks."""
    write_sheet("networks.jpg", [network_picture(name) for name in NETWORKS], 82)


def index() -> list[dict[str, object]]:
    """Return the list of all pictures."""
    seen = [preset for preset in SHIPPED if not preset.untested]
    found: list[dict[str, object]] = []
    for preset, box in zip(seen, boxes(len(seen)), strict=True):
        found.append({"preset": preset.name, "picture": "presets.jpg", "box": box})
    for model in LAYERS:
        places = {}
        for members in sheets(model).values():
            places.update(zip(members, boxes(len(members)), strict=True))
        for entry in entries(model):
            row = {"objective": entry.objective, "title": entry.title, "words": entry.words}
            place = {"picture": entry.sheet, "box": places[entry]}
            found.append({**row, "group": entry.group, "model": model, **place})
    for name, box in zip(NETWORKS, boxes(len(NETWORKS)), strict=True):
        found.append({"network": name, "picture": "networks.jpg", "box": box})
    return found


def main() -> None:
    """Make everything that is missing."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    write_presets()
    write_networks()
    for model in LAYERS:
        write_sheets(model)
    lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in index())
    (FOLDER / "index.json").write_text(f"[\n{lines}\n]\n", "utf-8")


if __name__ == "__main__":
    main()
