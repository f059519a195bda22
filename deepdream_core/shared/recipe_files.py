"""The files that a recipe names: its guide and its mask."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from deepdream_core.shared.recipe import Recipe

FILE_SETTINGS = ("guide", "mask")


def files_named(settings: Mapping[str, object]) -> dict[str, str]:
    """Return the settings that name a file, with the names."""
    named = {name: settings.get(name) for name in FILE_SETTINGS}
    return {name: file for name, file in named.items() if isinstance(file, str) and file.strip()}


def without_files(recipe: Recipe) -> Recipe:
    """Return the recipe without its guide and mask."""
    return recipe.changed(**dict.fromkeys(files_named(recipe.as_dict()), ""))


def with_absolute_files(recipe: Recipe, folder: Path) -> Recipe:
    """Return the recipe for a process in another current folder. Looks at no file."""
    files = files_named(recipe.as_dict())
    return recipe.changed(**{name: str(folder / file) for name, file in files.items()})
