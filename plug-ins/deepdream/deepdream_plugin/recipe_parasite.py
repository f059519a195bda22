"""The recipe on a dreamed layer: written when it is made, read when it is dreamed again."""

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
    """The layer it was dreamed from, if that still exists."""


def write_note(choice: Choice, source: SourceLayer) -> str:
    """Return what is kept with a dreamed layer, also in XCF files: JSON."""
    note = {
        "version": __version__,
        "preset": choice.preset,
        "recipe": choice.recipe.as_dict(),
        "output": choice.output.as_settings(),
        "source": {"name": source.name, "tattoo": source.tattoo},
    }
    return json.dumps(note)


def origin_of(image: Image, layer: Layer) -> Origin:
    """Read how a layer was dreamed. Raises `LayerError` if it is no dream."""
    parasite = layer.parasite_find(PARASITE_NAME)
    if parasite is None:
        raise LayerError(
            _(
                '"{name}" is not a dream: no recipe is kept on it. '
                "Select a layer that DeepDream made."
            ).format(name=layer.name)
        )
    try:
        choice, tattoo = read_note(parasite.data)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise LayerError(
            _('The recipe on "{name}" cannot be read; it may come from a newer DeepDream.').format(
                name=layer.name
            )
        ) from None
    return Origin(choice, _layer_with(image.layers, tattoo))


def read_note(note: bytes | str) -> tuple[Choice, int]:
    """Return what was dreamed, and the tattoo of the layer that it was dreamed from.

    Raises `ValueError`, `KeyError`, `TypeError` or `AttributeError` if it is no such note.
    """
    kept = json.loads(note)
    # A recipe from a later version may know more than we do.
    known = {n: v for n, v in kept["recipe"].items() if n in PARAMETERS}
    preset = kept.get("preset")
    # The numbers of layers mean nothing in another GIMP.
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
