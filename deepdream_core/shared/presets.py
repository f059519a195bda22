"""Named recipes: the ones that ship, and the ones that the user saved."""

from __future__ import annotations

import errno
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from deepdream_core.shared.paths import presets_folder
from deepdream_core.shared.quoting import shortened
from deepdream_core.shared.recipe import (
    Recipe,
    RecipeError,
    Value,
    allowed_names,
    parse_settings,
    read_json_object,
    recipe_from,
)

DEFAULT_PRESET = "classic"

_MAX_FILE_BYTES = 1 << 20
_MAX_WORDS = 300
"""Characters in the title and in the description of a preset from a file."""


@dataclass(frozen=True)
class Preset:
    """A named recipe: the name is for scripts, the title and description are for people."""

    name: str
    title: str
    description: str
    settings: Mapping[str, Value] = field(default_factory=dict)
    """What differs from the default recipe."""


_ALMOST_FULL_STRENGTH = 0.92
"""Leaves a trace of the picture where the dream would be clipped to pure black or white."""


def _natural(objective: str, **settings: Value) -> dict[str, Value]:
    """Return settings for the large, calm forms of a natural gradient."""
    shared: dict[str, Value] = {
        "natural": "yes",
        "step_size": 2.0,
        "strength": _ALMOST_FULL_STRENGTH,
    }
    return {"objective": objective, **shared, **settings}


SHIPPED: tuple[Preset, ...] = (
    Preset(
        "whisper",
        "Whisper",
        "A photo with a hint: look twice, and something looks back.",
        _natural("block12 + 0.5*block10", octaves=7, steps=8, step_size=1.6, strength=0.5),
    ),
    Preset(
        "classic",
        "Classic",
        "Eyes, dogs and fur grow out of whatever is there.",
        _natural("block10 + 0.7*block12", octaves=7, step_size=2.2),
    ),
    Preset(
        "rainbow",
        "Rainbow",
        "Curls and eyes in the shimmering colours of the first dreams of 2015.",
        {
            "objective": "block8 + block10",
            "octaves": 6,
            "smooth": 0.5,
            "step_size": 1.8,
            "strength": 0.9,
        },
    ),
    Preset(
        "scales",
        "Woven scales",
        "A fine woven skin follows the picture's own lines.",
        _natural("block6", octaves=4, smooth=0.6, steps=8, step_size=1.75, strength=0.82),
    ),
    Preset(
        "engraving",
        "Engraving",
        "Ribs and grooves, as if cut by hand; the picture keeps its colours.",
        {
            "objective": "block3",
            "octaves": 3,
            "step_size": 2.4,
            "colour": "keep",
            "strength": 0.82,
        },
    ),
    Preset(
        "crystal",
        "Crystal",
        "Folded paper, cut glass: large smooth facets.",
        _natural("block10:102", octaves=5, strength=0.9),
    ),
    Preset(
        "brush",
        "Brush",
        "Curling strokes of a loaded brush; paint thick enough to touch.",
        _natural("block10:48 + block10:34 + block10:6", octaves=5, octave_scale=1.5, smooth=1.0),
    ),
    Preset(
        "shells",
        "Shells",
        "Domes and shells, each overlapping the next.",
        _natural("block10:3 + block7:44", octaves=5),
    ),
    Preset(
        "tentacles",
        "Tentacles",
        "Soft ringed arms and suckers, from the deep sea.",
        _natural("block8", octaves=6, smooth=2.5, laplacian=5, step_size=1.7, strength=0.86),
    ),
    Preset(
        "eyes",
        "Thousand eyes",
        "Streams of round eyes peer out of every edge.",
        _natural("block10:21 + block10:24 + block12:0", octaves=6, step_size=2.2),
    ),
    Preset(
        "castles",
        "Castles in the air",
        "Towers, walls and windows rise, best of all from clouds.",
        _natural("class:castle + 0.6*class:palace", octaves=5, steps=12, step_size=2.5),
    ),
    Preset(
        "garden",
        "Garden",
        "Daisies open, butterflies spread their wings.",
        _natural(
            "class:daisy + class:monarch + class:cabbage butterfly + 0.5*block10",
            octaves=6,
            step_size=2.4,
        ),
    ),
    Preset(
        "birds",
        "Birds of paradise",
        "Peacocks, parrots, an eagle's eye; plumage everywhere.",
        _natural("class:peacock + class:macaw + class:bald eagle + block10", octaves=6),
    ),
    Preset(
        "fish",
        "Under water",
        "Fins, gills and scales of fish as large as the picture.",
        _natural("class:goldfish + 0.5*block12:169 + 0.5*block12:34", octaves=6, step_size=2.4),
    ),
    Preset(
        "zoo",
        "Zoo",
        "Great beasts stare back: lion, panda and husky in one.",
        _natural(
            "block13 + class:lion + class:giant panda + class:Siberian husky",
            octaves=6,
            step_size=2.4,
        ),
    ),
    Preset(
        "trip",
        "Trip",
        "Full hallucination: little is left of what you saw.",
        _natural(
            "block10 + block12 + block13",
            octaves=8,
            octave_scale=1.35,
            steps=12,
            step_size=4.0,
        ),
    ),
)


NOISE_SETTINGS: Mapping[str, Value] = {
    "source": "noise",
    "objective": "block8:20",
    "octaves": 3,
    "steps": 40,
    "step_size": 3.0,
    "jitter": 16,
}
"""Defaults for a dream without a picture; the objective is only a first taste."""


def presets() -> dict[str, Preset]:
    """Return all presets by name: the shipped ones, then the user's own."""
    return {preset.name: preset for preset in (*SHIPPED, *_saved())}


def _saved() -> list[Preset]:
    found = []
    # Hidden files are still being written.
    for path in sorted(presets_folder().glob("[!.]*.json")):
        try:
            found.append(read_preset_file(path))
        except (OSError, RecipeError):
            continue
    return found


def read_preset_file(path: Path) -> Preset:
    """Read a preset, which may come from anybody. Raises `OSError` and `RecipeError`."""
    if not path.is_file():  # a pipe would never end
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL), str(path))
    with path.open("rb") as file:
        content = file.read(_MAX_FILE_BYTES + 1)
    if len(content) > _MAX_FILE_BYTES:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG), str(path))
    saved = read_json_object(content)
    settings: Any = saved.get("settings")
    recipe_from(settings)
    title, description = _words(saved.get("title", path.stem)), _words(saved.get("description", ""))
    return Preset(path.stem, title or path.stem, description, dict(settings))


def _words(text: object) -> str:
    return shortened(text, _MAX_WORDS) if isinstance(text, str) else ""


def make_recipe(preset: str = "", settings: str | Mapping[str, object] = "") -> Recipe:
    """Return the recipe of a preset (the default one if empty) with `settings` applied.

    `settings` is text (`name=value; …` or JSON) or a mapping. Raises `RecipeError`, which says
    what is wrong and what is allowed.
    """
    known = presets()
    name = preset.strip() or DEFAULT_PRESET
    if name not in known:
        known_names = allowed_names(name, known)
        raise RecipeError("unknown-preset", name=shortened(name), help=known_names)
    base = recipe_from(known[name].settings)
    return recipe_from(parse_settings(settings) if isinstance(settings, str) else settings, base)
