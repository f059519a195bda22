"""Pixels of GIMP 2.10's drawables, through GEGL's buffers and babl's formats."""

from __future__ import annotations

import ctypes
from ctypes import byref

from gimpfu.errors import error
from gimpfu.gimp2.library import Rectangle, libbabl, libgegl, libgimp, libgobject
from gimpfu.gimp2.natives import Item
from gimpfu.objects.handles import checked

_ready = False


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


def bytes_per_pixel(drawable: Item, format: str) -> int:
    """Return the size of a pixel in a babl format. Raises `error` if there is none."""
    return libbabl.babl_format_get_bytes_per_pixel(_format(format))


def read_pixels(
    drawable: Item, format: str, area: tuple[int, int, int, int], with_filters: bool
) -> bytearray:
    """Return pixels; GIMP 2.10 has no filters to see them through."""
    pixel = _format(format)
    _x, _y, width, height = area
    data = bytearray(width * height * libbabl.babl_format_get_bytes_per_pixel(pixel))
    there = (ctypes.c_char * len(data)).from_buffer(data)
    buffer = _buffer(drawable)
    place, row_length, nothing_outside = Rectangle(*area), 0, 0
    address = ctypes.addressof(there)
    libgegl.gegl_buffer_get(buffer, byref(place), 1.0, pixel, address, row_length, nothing_outside)
    libgobject.g_object_unref(buffer)
    return data


def write_pixels(
    drawable: Item, format: str, area: tuple[int, int, int, int], data: memoryview
) -> None:
    """Replace pixels."""
    writable = memoryview(bytearray(data)) if data.readonly else data
    there = (ctypes.c_char * data.nbytes).from_buffer(writable)
    pixel, buffer = _format(format), _buffer(drawable)
    place, level, row_length = Rectangle(*area), 0, 0
    address = ctypes.addressof(there)
    libgegl.gegl_buffer_set(buffer, byref(place), level, pixel, address, row_length)
    libgegl.gegl_buffer_flush(buffer)
    libgobject.g_object_unref(buffer)
