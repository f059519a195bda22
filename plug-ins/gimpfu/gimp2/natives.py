"""GIMP 2.10's images, items and displays, with the methods that they have in GIMP 3's binding."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from ctypes import byref, c_int
from typing import Any

from gimpfu.gimp2.library import libgimp, libglib


class Native:
    """An object that GIMP identifies by a number."""

    def __init__(self, identifier: int) -> None:
        self.identifier = identifier

    def get_id(self) -> int:
        return self.identifier


def _c_value(value: Any) -> Any:
    """Convert a value to what a C function expects."""
    if isinstance(value, Native):
        return value.identifier
    return value.encode() if isinstance(value, str) else value


def _calls(function: str, convert: Callable[[int], Any] | None = None) -> Any:
    """Return a method that calls a C function with the object's number and its own arguments."""
    call = getattr(libgimp, f"gimp_{function}")

    def method(self: Native, *arguments: Any) -> Any:
        answer = call(self.identifier, *map(_c_value, arguments))
        return convert(answer) if convert else answer

    return method


def _lists(function: str) -> Any:
    """Return a method that returns the items a C function lists."""
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
    """Return the item with this number, or None."""
    return Item(identifier) if identifier > 0 and libgimp.gimp_item_is_valid(identifier) else None


def image(identifier: int) -> Image | None:
    """Return the image with this number, or None."""
    exists = identifier > 0 and libgimp.gimp_image_is_valid(identifier)
    return Image(identifier) if exists else None


class Item(Native):
    """A layer, channel, mask or path; the C functions are the same for all of them."""

    is_valid = _calls("item_is_valid")
    is_drawable = _calls("item_is_drawable")
    is_layer = _calls("item_is_layer")
    is_group = _calls("item_is_group")
    is_channel = _calls("item_is_channel")
    is_layer_mask = _calls("item_is_layer_mask")
    delete = _calls("item_delete")
    get_name = _calls("item_get_name")
    set_name = _calls("item_set_name")
    get_image = _calls("item_get_image", image)
    get_parent = _calls("item_get_parent", item)
    get_children = _lists("item_get_children")
    get_visible = _calls("item_get_visible")
    set_visible = _calls("item_set_visible")
    get_tattoo = _calls("item_get_tattoo")
    get_parasite = _calls("item_get_parasite")
    attach_parasite = _calls("item_attach_parasite")
    detach_parasite = _calls("item_detach_parasite")

    get_width = _calls("drawable_width")
    get_height = _calls("drawable_height")
    type = _calls("drawable_type")
    has_alpha = _calls("drawable_has_alpha")
    update = _calls("drawable_update")

    def get_offsets(self) -> tuple[bool, int, int]:
        x, y = c_int(), c_int()
        succeeded = libgimp.gimp_drawable_offsets(self.identifier, byref(x), byref(y))
        return bool(succeeded), x.value, y.value

    get_opacity = _calls("layer_get_opacity")
    set_opacity = _calls("layer_set_opacity")
    get_mode = _calls("layer_get_mode")
    set_mode = _calls("layer_set_mode")
    get_mask = _calls("layer_get_mask", item)
    create_mask = _calls("layer_create_mask", item)
    add_mask = _calls("layer_add_mask")
    remove_mask = _calls("layer_remove_mask")
    add_alpha = _calls("layer_add_alpha")
    set_offsets = _calls("layer_set_offsets")
    copy = _calls("layer_copy", item)


class Image(Native):
    """An open image."""

    is_valid = _calls("image_is_valid")
    delete = _calls("image_delete")
    duplicate = _calls("image_duplicate", image)
    get_name = _calls("image_get_name")
    get_width = _calls("image_width")
    get_height = _calls("image_height")
    get_base_type = _calls("image_base_type")
    get_precision = _calls("image_get_precision")
    is_dirty = _calls("image_is_dirty")
    clean_all = _calls("image_clean_all")
    get_layers = _lists("image_get_layers")
    get_channels = _lists("image_get_channels")
    get_floating_sel = _calls("image_get_floating_sel", item)
    get_selection = _calls("image_get_selection", item)
    get_item_position = _calls("image_get_item_position")
    remove_layer = _calls("image_remove_layer")
    undo_group_start = _calls("image_undo_group_start")
    undo_group_end = _calls("image_undo_group_end")
    get_parasite = _calls("image_get_parasite")
    attach_parasite = _calls("image_attach_parasite")
    detach_parasite = _calls("image_detach_parasite")

    def insert_layer(self, layer: Item, parent: Item | None, position: int) -> int:
        group = parent.identifier if parent else 0
        return libgimp.gimp_image_insert_layer(self.identifier, layer.identifier, group, position)

    def get_selected_layers(self) -> list[Item | None]:
        return [item(libgimp.gimp_image_get_active_layer(self.identifier))]

    def set_selected_layers(self, layers: Sequence[Item]) -> int:
        """Select the last of `layers`: in GIMP 2.10 exactly one layer is always selected."""
        if not layers:
            return 1
        return libgimp.gimp_image_set_active_layer(self.identifier, layers[-1].identifier)

    def get_selected_drawables(self) -> list[Item | None]:
        return [item(libgimp.gimp_image_get_active_drawable(self.identifier))]


class Display(Native):
    """A window that shows an image."""

    delete = _calls("display_delete")
