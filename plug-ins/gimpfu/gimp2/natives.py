"""GIMP 2.10's images, items and displays, with the methods that GIMP 3's binding gives them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from ctypes import byref, c_int
from typing import Any

from gimpfu.gimp2.library import libgimp, libglib


class Native:
    """Anything that GIMP knows by a number."""

    def __init__(self, identifier: int) -> None:
        self.identifier = identifier

    def get_id(self) -> int:
        return self.identifier


def _plain(value: Any) -> Any:
    """Return a value as C takes it."""
    if isinstance(value, Native):
        return value.identifier
    return value.encode() if isinstance(value, str) else value


def _asks(function: str, gives: Callable[[int], Any] | None = None) -> Any:
    """Return a method that calls a C function with the object's number and what it is given."""
    call = getattr(libgimp, f"gimp_{function}")

    def method(self: Native, *given: Any) -> Any:
        answer = call(self.identifier, *map(_plain, given))
        return gives(answer) if gives else answer

    return method


def _lists(function: str) -> Any:
    """Return a method that gives the items which a C function counts."""
    call = getattr(libgimp, f"gimp_{function}")

    def method(self: Native) -> list[Item | None]:
        return [item(identifier) for identifier in numbers(call, self.identifier)]

    return method


def numbers(function: Any, *arguments: Any) -> list[int]:
    """Call a C function that returns an array and its length."""
    count = c_int()
    array = function(*arguments, byref(count))
    found = array[: count.value] if array else []
    libglib.g_free(array)
    return found


def item(identifier: int) -> Item | None:
    """Return an item by its number, None if there is none."""
    return Item(identifier) if identifier > 0 and libgimp.gimp_item_is_valid(identifier) else None


def image(identifier: int) -> Image | None:
    """Return an image by its number, None if there is none."""
    there = identifier > 0 and libgimp.gimp_image_is_valid(identifier)
    return Image(identifier) if there else None


class Item(Native):
    """A layer, a channel, a mask or a path: C's functions are the same for all."""

    is_valid = _asks("item_is_valid")
    is_drawable = _asks("item_is_drawable")
    is_layer = _asks("item_is_layer")
    is_group = _asks("item_is_group")
    is_channel = _asks("item_is_channel")
    is_layer_mask = _asks("item_is_layer_mask")
    delete = _asks("item_delete")
    get_name = _asks("item_get_name")
    set_name = _asks("item_set_name")
    get_image = _asks("item_get_image", image)
    get_parent = _asks("item_get_parent", item)
    get_children = _lists("item_get_children")
    get_visible = _asks("item_get_visible")
    set_visible = _asks("item_set_visible")
    get_tattoo = _asks("item_get_tattoo")
    get_parasite = _asks("item_get_parasite")
    attach_parasite = _asks("item_attach_parasite")
    detach_parasite = _asks("item_detach_parasite")

    get_width = _asks("drawable_width")
    get_height = _asks("drawable_height")
    type = _asks("drawable_type")
    has_alpha = _asks("drawable_has_alpha")
    update = _asks("drawable_update")

    def get_offsets(self) -> tuple[bool, int, int]:
        x, y = c_int(), c_int()
        worked = libgimp.gimp_drawable_offsets(self.identifier, byref(x), byref(y))
        return bool(worked), x.value, y.value

    get_opacity = _asks("layer_get_opacity")
    set_opacity = _asks("layer_set_opacity")
    get_mode = _asks("layer_get_mode")
    set_mode = _asks("layer_set_mode")
    get_mask = _asks("layer_get_mask", item)
    create_mask = _asks("layer_create_mask", item)
    add_mask = _asks("layer_add_mask")
    remove_mask = _asks("layer_remove_mask")
    add_alpha = _asks("layer_add_alpha")
    set_offsets = _asks("layer_set_offsets")
    copy = _asks("layer_copy", item)


class Image(Native):
    """An open image."""

    is_valid = _asks("image_is_valid")
    delete = _asks("image_delete")
    duplicate = _asks("image_duplicate", image)
    get_name = _asks("image_get_name")
    get_width = _asks("image_width")
    get_height = _asks("image_height")
    get_base_type = _asks("image_base_type")
    get_precision = _asks("image_get_precision")
    is_dirty = _asks("image_is_dirty")
    clean_all = _asks("image_clean_all")
    get_layers = _lists("image_get_layers")
    get_channels = _lists("image_get_channels")
    get_floating_sel = _asks("image_get_floating_sel", item)
    get_selection = _asks("image_get_selection", item)
    get_item_position = _asks("image_get_item_position")
    remove_layer = _asks("image_remove_layer")
    undo_group_start = _asks("image_undo_group_start")
    undo_group_end = _asks("image_undo_group_end")
    get_parasite = _asks("image_get_parasite")
    attach_parasite = _asks("image_attach_parasite")
    detach_parasite = _asks("image_detach_parasite")

    def insert_layer(self, layer: Item, parent: Item | None, position: int) -> int:
        group = parent.identifier if parent else 0
        return libgimp.gimp_image_insert_layer(self.identifier, layer.identifier, group, position)

    def get_selected_layers(self) -> list[Item | None]:
        return [item(libgimp.gimp_image_get_active_layer(self.identifier))]

    def set_selected_layers(self, layers: Sequence[Item]) -> int:
        """Select the last: GIMP 2.10 has one selected layer, and cannot have none."""
        if not layers:
            return 1
        return libgimp.gimp_image_set_active_layer(self.identifier, layers[-1].identifier)

    def get_selected_drawables(self) -> list[Item | None]:
        return [item(libgimp.gimp_image_get_active_drawable(self.identifier))]


class Display(Native):
    """A window that shows an image."""

    delete = _asks("display_delete")
