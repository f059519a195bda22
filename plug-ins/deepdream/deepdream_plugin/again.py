"""Dreaming a dreamed layer again: its recipe is on it, and its source may still be there."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from deepdream_core.shared.presets import DEFAULT_PRESET, make_recipe, presets
from deepdream_core.shared.recipe import PARAMETERS, RecipeError, recipe_from
from deepdream_plugin.layers import RECIPE_PARASITE, LayerError
from deepdream_plugin.outputs import split_settings
from deepdream_plugin.settings import Choice
from deepdream_plugin.texts import _


@dataclass(frozen=True)
class Kept:
    """What is known about how a layer was dreamed."""

    choice: Choice
    source: Any | None
    """The layer it was dreamed from, if that still exists."""


def kept_with(image: Any, layer: Any) -> Kept:
    """Read what is kept on a dreamed layer. Raises `LayerError` if it is none."""
    parasite = layer.parasite_find(RECIPE_PARASITE)
    if parasite is None:
        raise LayerError(
            _(
                '"{name}" is not a dream: no recipe is kept on it. '
                "Select a layer that DeepDream made."
            ).format(name=layer.name)
        )
    try:
        note = json.loads(parasite.data)
        # A recipe from a later version may know more than we do.
        known = {n: v for n, v in note["recipe"].items() if n in PARAMETERS}
        recipe = recipe_from(known).as_dict()
        output, _rest = split_settings(note.get("output", {}))
        tattoo = int(note["source"]["tattoo"])
    except (ValueError, KeyError, TypeError, AttributeError, RecipeError):
        raise LayerError(
            _('The recipe on "{name}" cannot be read; it may come from a newer DeepDream.').format(
                name=layer.name
            )
        ) from None
    preset = note.get("preset") if note.get("preset") in presets() else DEFAULT_PRESET
    base = make_recipe(preset).as_dict()
    settings = {n: v for n, v in recipe.items() if v != base[n]}
    output.pop("guide_layer", None)
    return Kept(Choice(preset, settings, output), _layer_with(image.layers, tattoo))


def _layer_with(layers: list[Any], tattoo: int) -> Any | None:
    for layer in layers:
        if layer.tattoo == tattoo:
            return layer
        if layer.is_group and (found := _layer_with(layer.children, tattoo)):
            return found
    return None
