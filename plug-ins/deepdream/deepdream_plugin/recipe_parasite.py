"""The recipe stored on a dreamed layer as a parasite, so that it can be dreamed again."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from gimpfu.objects.images import Image
from gimpfu.objects.items import GroupLayer, Layer

from deepdream_core.shared.outputs import Output
from deepdream_core.shared.presets import DEFAULT_PRESET, make_recipe, presets
from deepdream_core.shared.quoting import shortened
from deepdream_core.shared.recipe import Parameter, Recipe, RecipeError, read_json_object
from deepdream_core.shared.recipe_notes import note_of, object_in, recipe_in
from deepdream_plugin.choice import Choice
from deepdream_plugin.layers import LayerError, SourceLayer
from deepdream_plugin.texts import _, sentence

PARASITE_NAME = "deepdream-recipe"
_TATTOO = Parameter("tattoo", "int", 0, "", "", "", low=0, high=2**32 - 1)
_MOST_OF_A_PROBLEM = 200


@dataclass(frozen=True)
class Origin:
    """How a layer was dreamed."""

    choice: Choice
    source: Layer | None
    """The layer it was dreamed from, or None if that no longer exists."""


def write_note(choice: Choice, source: SourceLayer) -> str:
    """Return the JSON to store on a dreamed layer, which XCF files preserve."""
    # A dream that is no new layer has no source in its image to be dreamed from again.
    tattoo = source.tattoo if choice.output.kind.is_beside_source else 0
    more = {
        "preset": choice.preset,
        "preset_objective": choice.preset_then or make_recipe(choice.preset).objective,
        "output": choice.output.as_settings(),
        "source": {"name": source.name, "tattoo": tattoo},
    }
    return note_of(choice.recipe, more)


def origin_of(image: Image, layer: Layer) -> Origin:
    """Read how a layer was dreamed. Raises `LayerError` if it is not a dream."""
    parasite = layer.parasite_find(PARASITE_NAME)
    if parasite is None:
        raise LayerError(
            _(
                '"{name}" is not a dream: it has no saved recipe. '
                "Select a layer that DeepDream created."
            ).format(name=shortened(layer.name))
        )
    try:
        choice, tattoo = read_note(parasite.data, layer.name)
    except RecipeError as problem:
        text = _('The recipe of "{name}" cannot be read: {problem}')
        reason = shortened(sentence(problem), _MOST_OF_A_PROBLEM)
        raise LayerError(text.format(name=shortened(layer.name), problem=reason)) from None
    return Origin(choice, _layer_with(image.layers, tattoo))


def read_note(note: bytes | str, name: str = "") -> tuple[Choice, int]:
    """Return how a layer called `name` was dreamed, and the tattoo of its source layer.

    The note may come from anybody. Raises `RecipeError` if it is invalid.
    """
    kept = read_json_object(note)
    recipe, preset, then = recipe_in(kept), kept.get("preset"), ""
    if isinstance(preset, str) and preset in presets():
        then = _objective_then(preset, kept.get("preset_objective"), recipe, name)
    else:
        preset = DEFAULT_PRESET
    output = Output.from_settings(object_in(kept.get("output", {})))
    # Layer IDs are only valid in the same GIMP session; what happened to an old dream is past.
    output = replace(output, guide_layer=0, replaces=False)
    tattoo = _TATTOO.parse(object_in(kept.get("source")).get("tattoo"))
    return Choice(preset, recipe, output, then), int(tattoo)


def _objective_then(preset: str, noted: object, recipe: Recipe, name: str) -> str:
    """Return a preset's objective at the time of a dream, or "" if it is the same today."""
    # Earlier versions did not note it, but named the layer after the preset.
    if noted is None and without_number(name) == Choice(preset, make_recipe(preset)).title:
        noted = recipe.objective
    return noted if isinstance(noted, str) and noted != make_recipe(preset).objective else ""


def without_number(name: str) -> str:
    """Return a layer's name without the number with which GIMP makes equal names differ."""
    return re.sub(r" #\d+$", "", name)


def _layer_with(layers: Sequence[Layer], tattoo: int) -> Layer | None:
    for layer in layers:
        if layer.tattoo == tattoo:
            return layer
        if isinstance(layer, GroupLayer) and (found := _layer_with(layer.layers, tattoo)):
            return found
    return None
