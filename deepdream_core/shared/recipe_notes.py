"""The note with a dream's recipe that is stored in the picture file."""

from __future__ import annotations

import json

from deepdream_core import __version__
from deepdream_core.shared.quoting import quoted
from deepdream_core.shared.recipe import (
    PARAMETERS,
    Recipe,
    RecipeError,
    read_json_object,
    recipe_from,
)
from deepdream_core.shared.recipe_versions import RECIPE_VERSION, upgraded


def note_of(recipe: Recipe) -> str:
    """Return the note, a JSON object in ASCII with every setting of the recipe."""
    note = {
        "version": __version__,
        "recipe_version": RECIPE_VERSION,
        "recipe": recipe.as_dict(),
    }
    return json.dumps(note)


def recipe_in(note: str | bytes) -> Recipe:
    """Return the recipe in a note, which may come from anybody; unknown settings are left out.

    The plug-in's notes, which say more, can be read as well. Raises `RecipeError`.
    """
    kept = read_json_object(note)
    settings = kept.get("recipe")
    if not isinstance(settings, dict):
        raise RecipeError("settings-not-json", reason=quoted(settings))
    wanted = upgraded(settings, kept.get("recipe_version"))
    return recipe_from({name: value for name, value in wanted.items() if name in PARAMETERS})
