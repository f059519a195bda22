"""Putting dreams into the image: one layer, a group, or frames. Always one undo step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gimpfu import ADD_MASK_WHITE, PARASITE_PERSISTENT, error, gimp

from deepdream_core.shared.protocol import Picture
from deepdream_plugin.dialog.pictures import name_of
from deepdream_plugin.dreaming import Dreamed
from deepdream_plugin.layers import (
    RECIPE_PARASITE,
    LayerError,
    SourceLayer,
    check_all_there,
    new_layer,
)
from deepdream_plugin.texts import _

_FRAME_MILLISECONDS = 100


@dataclass(frozen=True)
class Finished:
    """Everything that was dreamed for one layer, and what is kept with it."""

    source: SourceLayer
    dreams: Sequence[Dreamed]
    note: str
    """The recipe as it is attached to the new layers, JSON."""
    dream_notes: Sequence[str]
    """The same for each of several dreams, which differ."""
    title: str
    """Name of the new layer or group."""


def place(image: Any, finished: Sequence[Finished], kind: str) -> list[Any]:
    """Put dreams above their sources and select them; return the new layers (or groups).

    `kind` is a value of the setting `output`. Raises `LayerError` if image or layer were closed
    meanwhile; then, and at any error, the image is as it was.
    """
    check_all_there(image, [one.source for one in finished])
    # Made whole before they enter the image: that costs no undo memory.
    ready = [(one, _layers(image, one, kind)) for one in finished]
    placed: list[Any] = []
    image.undo_group_start()
    try:
        for one, layers in ready:
            _insert(image, one, layers, kind, placed)
        tops = [layer for layer in placed if layer.parent not in placed]
        image.selected_layers = tops[-1:] if kind == "frames" else tops
    except BaseException as problem:
        for layer in reversed(placed):
            image.remove_layer(layer)
        if isinstance(problem, error):
            raise LayerError(
                _(
                    "GIMP did not take the new layer ({reason}). If the group or the layer is "
                    "locked, unlock it and dream again."
                ).format(reason=problem)
            ) from problem
        raise
    finally:
        image.undo_group_end()
    return tops


def _layers(image: Any, one: Finished, kind: str) -> list[Any]:
    """Return the new layers for one source, from the bottom to the top."""
    return [
        new_layer(image, one.source, picture, name, note)
        for name, picture, note in _pictures(one, kind)
    ]


def _pictures(one: Finished, kind: str) -> list[tuple[str, Picture, str]]:
    """Return name, picture and note of each new layer, from the bottom to the top."""
    if kind == "features":
        return [
            (name_of(dreamed.task.recipe.objective), dreamed.result, note)
            for dreamed, note in zip(one.dreams, one.dream_notes)
        ]
    kept = one.dreams[0].frames if kind in ("octaves", "steps", "frames") else []
    if kind == "frames" and kept:
        name = _("Frame {number} ({time}ms)")
        return [
            (name.format(number=i, time=_FRAME_MILLISECONDS), picture, one.note)
            for i, (_name, picture) in enumerate(kept, 1)
        ]
    layers = [(name[:1].upper() + name[1:], picture, one.note) for name, picture in kept]
    if not kept or kept[-1][1].data != one.dreams[0].result.data:
        layers.append((one.title, one.dreams[0].result, one.note))
    return layers


def _insert(image: Any, one: Finished, layers: Sequence[Any], kind: str, placed: list[Any]) -> None:
    source = one.source.layer
    parent, position = source.parent, image.item_position(source)
    grouped = kind in ("octaves", "steps", "features") and len(layers) > 1
    if grouped:
        group = gimp.GroupLayer(image, one.title)
        # Attached later, it could not be undone, nor could anything before it.
        group.attach_new_parasite(RECIPE_PARASITE, PARASITE_PERSISTENT, one.note)
        image.insert_layer(group, parent, position)
        placed.append(group)
        parent, position = group, 0
    for number, layer in enumerate(layers):
        # Each goes in at the place of the one before, which moves down.
        image.insert_layer(layer, parent, position)
        placed.append(layer)
        if grouped and number > 0:
            layer.add_mask(layer.create_mask(ADD_MASK_WHITE))
    if one.source.mask is not None:
        for layer in [group] if grouped else layers:
            _add_mask(layer, one.source.mask)


def _add_mask(layer: Any, selected: Picture) -> None:
    """Put on what was selected when the dream began: the artist may have gone on since."""
    mask = layer.create_mask(ADD_MASK_WHITE)
    mask.write_pixels("Y float", selected.data)
    layer.add_mask(mask)
