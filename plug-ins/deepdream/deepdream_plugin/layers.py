"""From a layer to the picture that the engine gets, and from its answer to a new layer."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gimpfu import (
    ADD_MASK_SELECTION,
    GRAY,
    INDEXED,
    PARASITE_PERSISTENT,
    gimp,
)

from deepdream_core import __version__
from deepdream_core.protocol import Picture
from deepdream_core.recipe import Recipe

RECIPE_PARASITE = "deepdream-recipe"

_FORMATS = {
    # (gray, alpha, linear): babl's name
    (False, False, False): "R'G'B' float",
    (False, True, False): "R'G'B'A float",
    (False, False, True): "RGB float",
    (False, True, True): "RGBA float",
    (True, False, False): "Y' float",
    (True, True, False): "Y'A float",
    (True, False, True): "Y float",
    (True, True, True): "YA float",
}


class LayerError(Exception):
    """The layer cannot be dreamed; the text says why and what to do."""


@dataclass(frozen=True)
class Source:
    """A layer as it was when the dream began."""

    layer: Any
    """`gimp.Layer`"""
    name: str
    picture: Picture
    format: str
    """The babl format of `picture`; the dream comes back in the same."""
    mask: Picture | None
    """The selection over the layer, None if nothing is selected."""
    palette: list[list[int]] | None
    """The colours of an indexed image."""

    @property
    def pictures(self) -> dict[str, Picture]:
        """The pictures of a `dream` request."""
        return {"image": self.picture, **({"mask": self.mask} if self.mask else {})}


def layers_of(drawables: Sequence[Any]) -> list[Any]:
    """Return the layers that are meant: for a layer's mask its layer. Raises `LayerError`."""
    layers: list[Any] = []
    for drawable in drawables:
        layer = drawable
        if isinstance(drawable, gimp.Channel):
            layer = drawable.masked_layer if drawable.is_layer_mask else None
            if layer is None:
                raise LayerError(
                    f'"{drawable.name}" is a channel; DeepDream needs a layer. '
                    "Select a layer and try again."
                )
        if layer not in layers:
            layers.append(layer)
    if not layers:
        raise LayerError("No layer is selected. Select a layer and try again.")
    return layers


def take_source(image: Any, layer: Any) -> Source:
    """Read what the user sees of a layer, but for its mask. Raises `LayerError`."""
    if image.floating_selection is not None:
        raise LayerError(
            "The image has a floating selection. Anchor it or make it a layer, then try again."
        )
    linear = image.base_type != INDEXED and image.precision % 100 == 0
    gray = image.base_type == GRAY
    format = _FORMATS[gray, layer.has_alpha, linear]
    channels = (1 if gray else 3) + layer.has_alpha
    picture = Picture(
        layer.width,
        layer.height,
        channels,
        layer.read_pixels(format, with_filters=True),
        encoding="linear" if linear else "srgb",
    )
    return Source(layer, layer.name, picture, format, _selection(image, layer), _palette(image))


def _selection(image: Any, layer: Any) -> Picture | None:
    bounds = image.selection_bounds()
    if bounds is None:
        return None
    x, y = layer.offsets
    width, height = layer.width, layer.height
    x1, y1, x2, y2 = bounds
    if x2 <= x or y2 <= y or x1 >= x + width or y1 >= y + height:
        raise LayerError(
            f'The selection does not touch the layer "{layer.name}". '
            "Select a part of it, or nothing (Select > None)."
        )
    data = image.selection.read_pixels("Y float", x, y, width, height)
    return Picture(width, height, 1, data)


def _palette(image: Any) -> list[list[int]] | None:
    if image.base_type != INDEXED:
        return None
    colours = image.colormap
    return [list(colours[i : i + 3]) for i in range(0, len(colours), 3)]


def recipe_note(recipe: Recipe, preset: str, source: Source) -> str:
    """Return what is kept with a dreamed layer, so that it can be dreamed again: JSON."""
    note = {
        "version": __version__,
        "preset": preset,
        "recipe": recipe.as_dict(),
        "source": {"name": source.name, "tattoo": source.layer.tattoo},
    }
    return json.dumps(note)


def add_dreams(
    image: Any, dreams: Sequence[tuple[Source, Picture]], name: str, notes: Sequence[str]
) -> list[Any]:
    """Put each dream as a new layer right above its source, in one undo step; return the layers.

    The new layers are selected. Raises `LayerError` if image or layer were closed meanwhile.
    """
    _check_all_there(image, dreams)
    layers = [
        _new_layer(image, source, dream, name, note) for (source, dream), note in zip(dreams, notes)
    ]
    inserted = []
    image.undo_group_start()
    try:
        for (source, _), layer in zip(dreams, layers):
            image.insert_layer(layer, source.layer.parent, image.item_position(source.layer))
            inserted.append(layer)
            if source.mask is not None:
                layer.add_mask(layer.create_mask(ADD_MASK_SELECTION))
        image.selected_layers = layers
    except BaseException:
        for layer in inserted:
            image.remove_layer(layer)
        raise
    finally:
        image.undo_group_end()
    return layers


def _new_layer(image: Any, source: Source, dream: Picture, name: str, note: str) -> Any:
    """Make the layer whole before it enters the image: that costs no undo memory."""
    old = source.layer
    layer = gimp.Layer(image, name, dream.width, dream.height, old.type)
    layer.write_pixels(source.format, dream.data)
    layer.set_offsets(*old.offsets)
    layer.attach_new_parasite(RECIPE_PARASITE, PARASITE_PERSISTENT, note)
    return layer


def _check_all_there(image: Any, dreams: Sequence[tuple[Source, Picture]]) -> None:
    if not image.is_valid():
        raise LayerError("The image was closed while the dream was made; there is no place for it.")
    for source, _ in dreams:
        if not source.layer.is_valid() or source.layer.image != image:
            raise LayerError(
                f'The layer "{source.name}" was deleted while it was dreamed; '
                "there is no place for the dream."
            )
