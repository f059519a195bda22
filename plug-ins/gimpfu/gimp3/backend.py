"""`gimpfu.objects.handles.Backend` for GIMP 3."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gi.repository import Gimp

from gimpfu.errors import error
from gimpfu.gimp3.classic import pdb
from gimpfu.gimp3.database import last_error
from gimpfu.gimp3.pixels import (  # noqa: F401
    bytes_per_pixel,
    is_generated,
    open_numbers,
    read_own,
    read_pixels,
    write_own,
    write_pixels,
)
from gimpfu.gimp3.values import item_of, natives_of
from gimpfu.objects.handles import Handle
from gimpfu.objects.items import Item

_SPACES = {"image": Gimp.Image, "item": Gimp.Item, "display": Gimp.Display}


def call(name: str, *values: Any) -> Any:
    return pdb[name](*values)


def item(identifier: int) -> Item | None:
    exists = identifier > 0 and Gimp.Item.id_is_valid(identifier)
    return item_of(Gimp.Item.get_by_id(identifier)) if exists else None


def native(handle: Handle) -> Any:
    kind = _SPACES[handle.space]
    # Gimp.Image.get_by_id alone returns an object for any number.
    if not kind.id_is_valid(handle.ID):
        raise error(f"The {handle.space} with the number {handle.ID} does not exist any more.")
    return kind.get_by_id(handle.ID)


def selected_layers(image: Handle) -> Sequence[int]:
    return [layer.get_id() for layer in image.native.get_selected_layers()]


def select_layers(image: Handle, layers: Sequence[Handle]) -> None:
    if not image.native.set_selected_layers(natives_of(layers)):
        raise error(last_error() or "GIMP could not select the layers.")
