"""The note with a dream's recipe that is stored in a picture file or on a layer."""

from __future__ import annotations

import json
from collections.abc import Mapping

from deepdream_core import __version__
from deepdream_core.shared.quoting import quoted
from deepdream_core.shared.recipe import (
    PARAMETERS,
    Recipe,
    RecipeError,
    recipe_from,
)
from deepdream_core.shared.recipe_versions import RECIPE_VERSION, upgraded


def note_of(recipe: Recipe, more: Mapping[str, object] | None = None) -> str:
    """Return the note, a JSON object in ASCII with every setting of the recipe, and `more`."""
    note = {
        "version": __version__,
        "recipe_version": RECIPE_VERSION,
        "recipe": recipe.as_dict(),
        **(more or {}),
    }
    return json.dumps(note)


def recipe_in(note: Mapping[str, object]) -> Recipe:
    """Return the recipe in a note, which may come from anybody. Raises `RecipeError`.

    A recipe from a later version may have settings that are unknown here; they are left out.
    """
    settings = upgraded(object_in(note.get("recipe")), note.get("recipe_version"))
    return recipe_from({name: value for name, value in settings.items() if name in PARAMETERS})


def object_in(value: object) -> dict[str, object]:
    """Return a value that must be a JSON object. Raises `RecipeError`."""
    if not isinstance(value, dict):
        raise RecipeError("settings-not-json", reason=quoted(value))
    return value
