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
from deepdream_core.shared.recipe_versions import upgraded

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
    untested: bool = False
    """Whether its makers never saw its dreams, because they could not get its network's weights."""


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


def _as_published(objective: str) -> dict[str, Value]:
    """Return the settings of the notebook with which deep dreams began, for a layer of GoogLeNet.

    https://github.com/google/deepdream. It had no settings for dark areas and large pictures.
    """
    return {
        "model": "googlenet",
        "objective": objective,
        "octaves": 4,
        "octave_scale": 1.4,
        "largest_octave": 1.0,
        "steps": 10,
        "step_size": 1.5,
        "jitter": 32,
        "headroom": 0.0,
    }


SHIPPED: tuple[Preset, ...] = (
    Preset(
        "whisper",
        "Whisper",
        "A photo with a hint: look twice, and something looks back.",
        _natural("block12 + 0.5*block10", motif=0.3, steps=12, step_size=2.0, strength=0.55),
    ),
    Preset(
        "classic",
        "Classic",
        "Animals, eyes and towers grow out of whatever is there.",
        _natural(
            "block10 + 0.7*block12 + 0.4*block14",
            steps=16,
            step_size=2.4,
            crispness=0.45,
            plain_areas=0.4,
        ),
    ),
    Preset(
        "bestiary",
        "Bestiary",
        "Whole animals everywhere, and birds between them.",
        _natural(
            "block10 + 0.5*block12",
            motif=0.33,
            steps=18,
            step_size=2.6,
            crispness=0.5,
            colourfulness=0.7,
        ),
    ),
    Preset(
        "2015",
        "2015",
        "Curls, eyes and dogs in rainbow colours, as in the first dreams of all.",
        {
            "objective": "block10 + 0.6*block12 + 0.5*block8",
            "motif": 0.3,
            "smooth": 0.4,
            "laplacian": 3,
            "steps": 14,
            "step_size": 2.6,
            "strength": _ALMOST_FULL_STRENGTH,
        },
    ),
    Preset(
        "rainbow",
        "Rainbow",
        "Curls and eyes in shimmering colours, like light on oil.",
        {
            "objective": "block8 + block10",
            "motif": 0.3,
            "smooth": 0.5,
            "steps": 14,
            "step_size": 2.3,
            "strength": 0.9,
        },
    ),
    Preset(
        "scales",
        "Woven scales",
        "A fine woven skin follows the picture's own lines.",
        _natural("block6", motif=0.16, smooth=0.6, steps=14, step_size=2.4, strength=0.85),
    ),
    Preset(
        "engraving",
        "Engraving",
        "Ribs and grooves, as if cut by hand; the picture keeps its colours.",
        {
            "objective": "block3",
            "motif": 0.12,
            "steps": 12,
            "step_size": 2.6,
            "colour": "keep",
            "strength": 0.82,
        },
    ),
    Preset(
        "crystal",
        "Crystal",
        "Folded paper, cut glass: large smooth facets.",
        _natural("block10:102", motif=0.22, steps=14, step_size=2.4, strength=0.9),
    ),
    Preset(
        "brush",
        "Brush",
        "Curling strokes of a loaded brush; paint thick enough to touch.",
        _natural("block10:48 + block10:34 + block10:6", motif=0.25, smooth=1.0, steps=12),
    ),
    Preset(
        "shells",
        "Shells",
        "Domes and shells, each overlapping the next.",
        _natural("block10:3 + block7:44", motif=0.25, steps=16, step_size=2.6),
    ),
    Preset(
        "tentacles",
        "Tentacles",
        "Soft ringed arms and suckers, from the deep sea.",
        _natural(
            "block8", motif=0.3, smooth=2.5, laplacian=5, steps=16, step_size=2.4, strength=0.9
        ),
    ),
    Preset(
        "eyes",
        "Thousand eyes",
        "Streams of round eyes peer out of every edge.",
        _natural("block10:21 + block10:24 + block12:0", motif=0.25, steps=16, step_size=2.6),
    ),
    Preset(
        "city",
        "City of dreams",
        "Domes, gates and arcades grow from anything; best of all from skies.",
        _natural(
            "class:palace + class:mosque + class:triumphal arch + 0.7*block14",
            steps=18,
            step_size=3.0,
        ),
    ),
    Preset(
        "castles",
        "Castles in the air",
        "Towers, walls and windows rise, best of all from clouds.",
        _natural("class:castle + 0.6*class:church + 0.5*block14", steps=18, step_size=3.0),
    ),
    Preset(
        "garden",
        "Garden",
        "Flowers and leaves unfold; bees and butterflies settle on them.",
        _natural("class:daisy + class:monarch + class:bee + 0.5*block14", steps=18, step_size=3.0),
    ),
    Preset(
        "birds",
        "Birds of paradise",
        "Peacocks, parrots, an eagle's eye; plumage everywhere.",
        _natural("class:peacock + class:macaw + class:bald eagle", steps=18, step_size=3.0),
    ),
    Preset(
        "fish",
        "Under water",
        "Fins, gills and scales of fish as large as the picture.",
        _natural("class:goldfish + class:coral reef + 0.5*block12:169", steps=18, step_size=3.0),
    ),
    Preset(
        "zoo",
        "Zoo",
        "Great beasts stare back: lion, panda and tiger in one.",
        _natural("block13 + class:lion + class:giant panda + class:tiger", steps=18, step_size=3.0),
    ),
    Preset(
        "reptiles",
        "Dragons",
        "Scales, frills and claws: every line becomes a lizard.",
        _natural(
            "class:frilled lizard + class:African chameleon + 0.5*block12",
            steps=18,
            step_size=3.0,
        ),
    ),
    Preset(
        "mushrooms",
        "Mushrooms",
        "Caps and gills push through, as after a warm rain.",
        _natural("class:agaric + class:mushroom + 0.4*block12", steps=18, step_size=3.0),
    ),
    Preset(
        "harvest",
        "Harvest",
        "Fruit, berries and blossoms ripen; fur turns to a leopard's.",
        _natural("block12 + 0.8*block13 + 0.7*block14", steps=18, step_size=3.2),
    ),
    Preset(
        "trip",
        "Trip",
        "Full hallucination: little is left of what you saw.",
        _natural("block10 + block12 + block13", motif=0.4, steps=16, step_size=4.5),
    ),
    Preset(
        "jewels",
        "Jewels",
        "Glass beads, goblets and dogs of enamel. Needs the network efficientnet_lite2.",
        _natural(
            "block14 + 0.7*block16",
            model="efficientnet_lite2",
            motif=0.35,
            steps=16,
            step_size=3.0,
            colourfulness=0.65,
        ),
    ),
    Preset(
        "inceptionism",
        "Inceptionism",
        "Dogs, eyes and pagodas by Google's recipe of 2015. Untested; needs the network googlenet.",
        _as_published("inception4c"),
        untested=True,
    ),
    Preset(
        "strokes",
        "Inceptionism: strokes",
        "Curls and strokes by Google's recipe of 2015. Untested; needs the network googlenet.",
        # Caffe's inception_3b/5x5_reduce.
        _as_published("inception3b.branch3.0"),
        untested=True,
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
    settings = upgraded(settings, saved.get("recipe_version"))
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
