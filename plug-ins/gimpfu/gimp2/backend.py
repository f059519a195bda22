"""`gimpfu.objects.handles.Backend` for GIMP 2.10."""

from __future__ import annotations

from ctypes import byref, c_int

from gimpfu.gimp2.library import libgimp, libglib
from gimpfu.gimp2.natives import Display, Image, Item, image, item, numbers
from gimpfu.gimp2.parasites import native_parasite, parasite_from  # noqa: F401
from gimpfu.gimp2.pixels import bytes_per_pixel, read_pixels, write_pixels  # noqa: F401
from gimpfu.objects.handles import checked


def last_error() -> str:
    return (libgimp.gimp_get_pdb_error() or b"").decode("utf-8", "replace")


def new_image(width: int, height: int, type: int, precision: int) -> Image | None:
    return image(libgimp.gimp_image_new_with_precision(width, height, type, precision))


def new_layer(
    image: Image, name: str, width: int, height: int, type: int, opacity: float, mode: int
) -> Item | None:
    properties = (width, height, type, opacity, mode)
    return item(libgimp.gimp_layer_new(image.identifier, name.encode(), *properties))


def new_group(image: Image, name: str | None) -> Item | None:
    group = item(libgimp.gimp_layer_group_new(image.identifier))
    if group and name:
        checked(group.set_name(name))
    return group


def new_display(image: Image) -> Display | None:
    identifier = libgimp.gimp_display_new(image.identifier)
    return Display(identifier) if identifier > 0 else None


def images() -> list[Image]:
    return [Image(identifier) for identifier in numbers(libgimp.gimp_image_list)]


def layer_of_mask(mask: Item) -> Item | None:
    return item(libgimp.gimp_layer_from_mask(mask.identifier))


def file_name(image: Image) -> str:
    return libgimp.gimp_image_get_filename(image.identifier)


def palette(image: Image) -> bytes:
    count = c_int()
    array = libgimp.gimp_image_get_colormap(image.identifier, byref(count))
    colours = bytes(array[: 3 * count.value]) if array else b""
    libglib.g_free(array)
    return colours


def selection_bounds(image: Image) -> tuple[int, int, int, int] | None:
    non_empty, *edges = (c_int() for _ in range(5))
    checked(libgimp.gimp_selection_bounds(image.identifier, byref(non_empty), *map(byref, edges)))
    x1, y1, x2, y2 = (edge.value for edge in edges)
    return (x1, y1, x2, y2) if non_empty.value else None
