"""Pixels of GIMP 2.10's drawables, through GEGL's buffers and babl's formats.

GIMP 2.10 hands out the plain numbers of an image that has a colour profile of its own, as if they
were sRGB. Here they are converted, as GIMP 3 does: what is read is what the artist sees.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from ctypes import byref
from dataclasses import dataclass

from gimpfu.errors import error
from gimpfu.gimp2.library import Rectangle, libbabl, libgegl, libgimp, libgimpcolor, libgobject
from gimpfu.gimp2.natives import Item
from gimpfu.objects.handles import checked

Area = tuple[int, int, int, int]

_RELATIVE_COLORIMETRIC = 1
_BAND = 256
"""Rows that are converted at once."""
_ready = False


@dataclass(frozen=True)
class _OwnColours:
    """The format of a drawable's numbers: as GIMP names it, and with the space they mean."""

    plain: int
    meant: int

    @property
    def size(self) -> int:
        return libbabl.babl_format_get_bytes_per_pixel(self.plain)


def bytes_per_pixel(drawable: Item, format: str) -> int:
    """Return the size of a pixel in a babl format. Raises `error` if there is none."""
    return libbabl.babl_format_get_bytes_per_pixel(_format(format))


def read_pixels(drawable: Item, format: str, area: Area, with_filters: bool) -> bytearray:
    """Return pixels; GIMP 2.10 has no filters to see them through."""
    pixel = _format(format)
    size = libbabl.babl_format_get_bytes_per_pixel(pixel)
    data = bytearray(area[2] * area[3] * size)
    address = ctypes.addressof((ctypes.c_char * len(data)).from_buffer(data))
    buffer = _buffer(drawable)
    own = _own_colours(drawable, buffer)
    if own is None:
        _get(buffer, area, pixel, address)
    else:
        fish = libbabl.babl_fish(own.meant, pixel)
        for band, begin in _bands(area):
            count = band[2] * band[3]
            numbers = (ctypes.c_char * (count * own.size))()
            _get(buffer, band, own.plain, ctypes.addressof(numbers))
            libbabl.babl_process(fish, numbers, address + begin * size, count)
    libgobject.g_object_unref(buffer)
    return data


def write_pixels(drawable: Item, format: str, area: Area, data: memoryview) -> None:
    """Replace pixels."""
    writable = memoryview(bytearray(data)) if data.readonly else data
    address = ctypes.addressof((ctypes.c_char * data.nbytes).from_buffer(writable))
    pixel, buffer = _format(format), _buffer(drawable)
    own = _own_colours(drawable, buffer)
    if own is None:
        _set(buffer, area, pixel, address)
    else:
        fish, size = libbabl.babl_fish(pixel, own.meant), bytes_per_pixel(drawable, format)
        for band, begin in _bands(area):
            count = band[2] * band[3]
            numbers = (ctypes.c_char * (count * own.size))()
            libbabl.babl_process(fish, address + begin * size, numbers, count)
            _set(buffer, band, own.plain, ctypes.addressof(numbers))
    libgegl.gegl_buffer_flush(buffer)
    libgobject.g_object_unref(buffer)


def _prepare() -> None:
    global _ready
    if not _ready:
        libgegl.gegl_init(None, None)
        _ready = True


def _format(name: str) -> int:
    _prepare()
    if not libbabl.babl_format_exists(name.encode()):
        raise error(f'babl knows no pixel format "{name}".')
    return libbabl.babl_format(name.encode())


def _buffer(drawable: Item) -> int:
    _prepare()
    return checked(libgimp.gimp_drawable_get_buffer(drawable.identifier))


def _get(buffer: int, area: Area, pixel: int, address: int) -> None:
    place, row_length, nothing_outside = Rectangle(*area), 0, 0
    libgegl.gegl_buffer_get(buffer, byref(place), 1.0, pixel, address, row_length, nothing_outside)


def _set(buffer: int, area: Area, pixel: int, address: int) -> None:
    place, level, row_length = Rectangle(*area), 0, 0
    libgegl.gegl_buffer_set(buffer, byref(place), level, pixel, address, row_length)


def _own_colours(drawable: Item, buffer: int) -> _OwnColours | None:
    """Return the format of the image's own colours, None where it is sRGB or nobody knows it."""
    plain = libgegl.gegl_buffer_get_format(buffer)
    if not libgimp.gimp_item_is_layer(drawable.identifier) or libbabl.babl_format_is_palette(plain):
        return None
    image = libgimp.gimp_item_get_image(drawable.identifier)
    profile = libgimp.gimp_image_get_color_profile(image)
    if not profile:
        return None
    space = libgimpcolor.gimp_color_profile_get_space(profile, _RELATIVE_COLORIMETRIC, None)
    libgobject.g_object_unref(profile)
    if not space:
        return None
    encoding = libbabl.babl_format_get_encoding(plain)
    return _OwnColours(plain, libbabl.babl_format_with_space(encoding, space))


def _bands(area: Area) -> Iterator[tuple[Area, int]]:
    """Yield parts of an area, each with the number of pixels before it."""
    x, y, width, height = area
    for row in range(0, height, _BAND):
        yield (x, y + row, width, min(_BAND, height - row)), row * width
