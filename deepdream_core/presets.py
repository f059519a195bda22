"""Named recipes: those that ship, and those that the user saved.

Standard library only: GIMP's Python imports this module too.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from deepdream_core import data_folder
from deepdream_core.recipe import Recipe, RecipeError, Value, parse_settings, recipe_from, unknown

DEFAULT_PRESET = "classic"
NOISE_PRESET = "stimulus"

_CLASS = {"octaves": 5, "steps": 20, "step_size": 2.0}
"""A class needs large forms first, and steps enough to make them out of anything."""


@dataclass(frozen=True)
class Preset:
    """A name for scripts, a title and a sentence for people, and what it changes in the recipe."""

    name: str
    title: str
    description: str
    settings: Mapping[str, Value] = field(default_factory=dict)


SHIPPED: tuple[Preset, ...] = (
    Preset(
        "classic",
        "Classic",
        "Eyes, dogs and fur grow out of whatever is there.",
        {"objective": "block10"},
    ),
    Preset(
        "scales",
        "Woven scales",
        "A fine woven skin follows the picture's own lines.",
        {"objective": "block6"},
    ),
    Preset(
        "castles",
        "Castles in the air",
        "Towers, battlements and bare trees.",
        {"objective": "class:castle", **_CLASS},
    ),
    Preset(
        "peacocks",
        "Peacocks",
        "Plumage, crowned heads and fans of feathers.",
        {"objective": "class:peacock", **_CLASS},
    ),
    Preset(
        NOISE_PRESET,
        "Out of nothing",
        "What excites the network most, without the picture.",
        {
            "objective": "block8:20",
            "source": "noise",
            "octaves": 3,
            "steps": 40,
            "step_size": 3.0,
            "jitter": 16,
        },
    ),
)


def presets() -> dict[str, Preset]:
    """Return every preset by name: the shipped ones, then the user's own."""
    return {preset.name: preset for preset in (*SHIPPED, *_saved())}


def _saved() -> list[Preset]:
    found = []
    for path in sorted((data_folder() / "presets").glob("*.json")):
        try:
            saved = json.loads(path.read_text("utf-8"))
            settings = dict(saved["settings"])
            recipe_from(settings)
        except (OSError, ValueError, KeyError, TypeError):
            continue
        title = str(saved.get("title", path.stem))
        found.append(Preset(path.stem, title, str(saved.get("description", "")), settings))
    return found


def make_recipe(preset: str = "", settings: str | Mapping[str, object] = "") -> Recipe:
    """Lay `settings` (text or mapping) over a preset, the default one if `preset` is empty.

    Raises `RecipeError`, naming what is wrong and what is allowed.
    """
    known = presets()
    name = preset.strip() or DEFAULT_PRESET
    if name not in known:
        raise RecipeError(unknown("preset", name, known))
    base = recipe_from(known[name].settings)
    return recipe_from(parse_settings(settings) if isinstance(settings, str) else settings, base)
