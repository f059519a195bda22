"""The recipe stored on a dreamed layer as a parasite, so that it can be dreamed again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from gimpfu.objects.images import GroupLayer, Image, Layer

from deepdream_core import __version__
from deepdream_core.shared.outputs import Output
from deepdream_core.shared.presets import DEFAULT_PRESET, presets
from deepdream_core.shared.recipe import PARAMETERS, recipe_from
from deepdream_plugin.choice import Choice
from deepdream_plugin.layers import LayerError, SourceLayer
from deepdream_plugin.texts import _

PARASITE_NAME = "deepdream-recipe"


@dataclass(frozen=True)
class Origin:
    """How a layer was dreamed."""

    choice: Choice
    source: Layer | None
    """The layer it was dreamed from, or None if that no longer exists."""


def write_note(choice: Choice, source: SourceLayer) -> str:
    """Return the JSON to store on a dreamed layer, which XCF files preserve."""
    note = {
        "version": __version__,
        "preset": choice.preset,
        "recipe": choice.recipe.as_dict(),
        "output": choice.output.as_settings(),
        "source": {"name": source.name, "tattoo": source.tattoo},
    }
    return json.dumps(note)


def origin_of(image: Image, layer: Layer) -> Origin:
    """Read how a layer was dreamed. Raises `LayerError` if it is not a dream."""
    parasite = layer.parasite_find(PARASITE_NAME)
    if parasite is None:
        raise LayerError(
            _(
                '"{name}" is not a dream: it has no saved recipe. '
                "Select a layer that DeepDream created."
            ).format(name=layer.name)
        )
    try:
        choice, tattoo = read_note(parasite.data)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise LayerError(
            _(
                'The recipe of "{name}" cannot be read. '
                "It may come from a newer version of DeepDream."
            ).format(name=layer.name)
        ) from None
    return Origin(choice, _layer_with(image.layers, tattoo))


def read_note(note: bytes | str) -> tuple[Choice, int]:
    """Return how a layer was dreamed, and the tattoo of its source layer.

    Raises `ValueError`, `KeyError`, `TypeError` or `AttributeError` if the note is invalid.
    """
    kept = json.loads(note)
    # A recipe from a later version may have settings that are unknown here.
    known = {n: v for n, v in kept["recipe"].items() if n in PARAMETERS}
    preset = kept.get("preset")
    # Layer IDs are only valid in the same GIMP session.
    output = replace(Output.from_settings(kept.get("output", {})), guide_layer=0)
    choice = Choice(preset if preset in presets() else DEFAULT_PRESET, recipe_from(known), output)
    return choice, int(kept["source"]["tattoo"])


def _layer_with(layers: Sequence[Layer], tattoo: int) -> Layer | None:
    for layer in layers:
        if layer.tattoo == tattoo:
            return layer
        if isinstance(layer, GroupLayer) and (found := _layer_with(layer.layers, tattoo)):
            return found
    return None
