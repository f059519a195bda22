"""The pixels of GIMP 2.10's drawables, through GEGL buffers and babl formats.

For an image with a colour profile, GIMP 2.10 returns the raw numbers as if they were sRGB. This
module converts them, as GIMP 3 does, so that plug-ins read the colours the artist sees.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from ctypes import byref
from dataclasses import dataclass

from gimpfu.errors import error
from gimpfu.gimp2.library import Rectangle, libbabl, libgegl, libgimp, libgimpcolor, libgobject
from gimpfu.objects.handles import Area, Handle, checked

_RELATIVE_COLORIMETRIC = 1
_BAND = 256
"""How many rows are converted at a time."""
_ready = False


@dataclass(frozen=True)
class _OwnColours:
    """The pixel format of a drawable whose image has its own colour profile."""

    declared: int
    """As GIMP reports it: sRGB."""
    actual: int
    """The same encoding, in the colour space of the profile."""

    @property
    def size(self) -> int:
        return libbabl.babl_format_get_bytes_per_pixel(self.declared)


def bytes_per_pixel(drawable: Handle, format: str) -> int:
    """Return the size of a pixel in a babl format. Raises `error` for an unknown format."""
    return libbabl.babl_format_get_bytes_per_pixel(_format(format))


def read_pixels(drawable: Handle, format: str, area: Area, with_filters: bool) -> bytearray:
    """Return pixels; `with_filters` has no effect, since GIMP 2.10 has no layer filters."""
    pixel = _format(format)
    size = libbabl.babl_format_get_bytes_per_pixel(pixel)
    data = bytearray(area[2] * area[3] * size)
    address = ctypes.addressof((ctypes.c_char * len(data)).from_buffer(data))
    buffer = _buffer(drawable)
    own = _own_colours(drawable, buffer)
    if own is None:
        _get(buffer, area, pixel, address)
    else:
        fish = libbabl.babl_fish(own.actual, pixel)
        for band, begin in _bands(area):
            count = band[2] * band[3]
            numbers = (ctypes.c_char * (count * own.size))()
            _get(buffer, band, own.declared, ctypes.addressof(numbers))
            libbabl.babl_process(fish, numbers, address + begin * size, count)
    libgobject.g_object_unref(buffer)
    return data


def write_pixels(drawable: Handle, format: str, area: Area, data: memoryview) -> None:
    """Replace pixels."""
    writable = memoryview(bytearray(data)) if data.readonly else data
    address = ctypes.addressof((ctypes.c_char * data.nbytes).from_buffer(writable))
    pixel, buffer = _format(format), _buffer(drawable)
    own = _own_colours(drawable, buffer)
    if own is None:
        _set(buffer, area, pixel, address)
    else:
        fish, size = libbabl.babl_fish(pixel, own.actual), bytes_per_pixel(drawable, format)
        for band, begin in _bands(area):
            count = band[2] * band[3]
            numbers = (ctypes.c_char * (count * own.size))()
            libbabl.babl_process(fish, address + begin * size, numbers, count)
            _set(buffer, band, own.declared, ctypes.addressof(numbers))
    libgegl.gegl_buffer_flush(buffer)
    libgobject.g_object_unref(buffer)


def read_own(drawable: Handle, area: Area) -> bytearray:
    """Return pixels in the drawable's own format, whatever it is."""
    buffer = _buffer(drawable)
    own = libgegl.gegl_buffer_get_format(buffer)
    size = libbabl.babl_format_get_bytes_per_pixel(own)
    data = bytearray(area[2] * area[3] * size)
    _get(buffer, area, own, ctypes.addressof((ctypes.c_char * len(data)).from_buffer(data)))
    libgobject.g_object_unref(buffer)
    return data


def write_own(
    drawable: Handle, area: Area, data: bytes | bytearray, *, shadow: bool = False
) -> None:
    """Replace pixels, or the shadow's, by data in the drawable's own format."""
    buffer = _shadow(drawable) if shadow else _buffer(drawable)
    numbers = (ctypes.c_char * len(data)).from_buffer(bytearray(data))
    own = libgegl.gegl_buffer_get_format(buffer)
    _set(buffer, area, own, ctypes.addressof(numbers))
    libgegl.gegl_buffer_flush(buffer)
    libgobject.g_object_unref(buffer)


class Numbers:
    """`gimpfu.objects.handles.Numbers` for GIMP 2.10."""

    def __init__(self, drawable: Handle, shadow: bool) -> None:
        self._buffer = _shadow(drawable) if shadow else _buffer(drawable)
        self._format = _raw_format(self._buffer)
        self._size = libbabl.babl_format_get_bytes_per_pixel(self._format)
        self._changed = False

    def read(self, area: Area) -> bytearray:
        data = bytearray(area[2] * area[3] * self._size)
        address = ctypes.addressof((ctypes.c_char * len(data)).from_buffer(data))
        _get(self._buffer, area, self._format, address)
        return data

    def write(self, area: Area, data: bytes) -> None:
        numbers = ctypes.create_string_buffer(data, len(data))
        _set(self._buffer, area, self._format, ctypes.addressof(numbers))
        self._changed = True

    def close(self) -> None:
        if self._changed:
            libgegl.gegl_buffer_flush(self._buffer)
        libgobject.g_object_unref(self._buffer)


def open_numbers(drawable: Handle, shadow: bool) -> Numbers:
    return Numbers(drawable, shadow)


def _raw_format(buffer: int) -> int:
    """Return the buffer's format, with 8 bits per channel."""
    declared = libgegl.gegl_buffer_get_format(buffer)
    if libbabl.babl_format_is_palette(declared):
        return declared
    model = libbabl.babl_format_get_encoding(declared).decode().split()[0]
    return _format(f"{model} u8")


def _shadow(drawable: Handle) -> int:
    _prepare()
    return checked(libgimp.gimp_drawable_get_shadow_buffer(drawable.ID))


def _prepare() -> None:
    global _ready
    if not _ready:
        libgegl.gegl_init(None, None)
        _ready = True


def _format(name: str) -> int:
    _prepare()
    if not libbabl.babl_format_exists(name.encode()):
        raise error(f'"{name}" is not a babl pixel format.')
    return libbabl.babl_format(name.encode())


def _buffer(drawable: Handle) -> int:
    _prepare()
    return checked(libgimp.gimp_drawable_get_buffer(drawable.ID))


def _get(buffer: int, area: Area, pixel: int, address: int) -> None:
    rectangle, stride, abyss_none = Rectangle(*area), 0, 0
    libgegl.gegl_buffer_get(buffer, byref(rectangle), 1.0, pixel, address, stride, abyss_none)


def _set(buffer: int, area: Area, pixel: int, address: int) -> None:
    rectangle, level, stride = Rectangle(*area), 0, 0
    libgegl.gegl_buffer_set(buffer, byref(rectangle), level, pixel, address, stride)


def _own_colours(drawable: Handle, buffer: int) -> _OwnColours | None:
    """Return the format in the image's own colour space, or None if that is sRGB or unknown."""
    declared = libgegl.gegl_buffer_get_format(buffer)
    is_layer = libgimp.gimp_item_is_layer(drawable.ID)
    if not is_layer or libbabl.babl_format_is_palette(declared):
        return None
    image = libgimp.gimp_item_get_image(drawable.ID)
    profile = libgimp.gimp_image_get_color_profile(image)
    if not profile:
        return None
    space = libgimpcolor.gimp_color_profile_get_space(profile, _RELATIVE_COLORIMETRIC, None)
    libgobject.g_object_unref(profile)
    if not space:
        return None
    encoding = libbabl.babl_format_get_encoding(declared)
    return _OwnColours(declared, libbabl.babl_format_with_space(encoding, space))


def _bands(area: Area) -> Iterator[tuple[Area, int]]:
    """Split an area into bands of rows; yield each with the number of pixels before it."""
    x, y, width, height = area
    for row in range(0, height, _BAND):
        yield (x, y + row, width, min(_BAND, height - row)), row * width
