"""The pixels of GIMP 3's drawables, with or without their non-destructive filters."""

from __future__ import annotations

from gi.repository import Babl, Gegl, Gimp

from gimpfu.enums import GRAY, INDEXED_IMAGE, RGB
from gimpfu.objects.handles import Area, Handle, checked


def bytes_per_pixel(drawable: Handle, format: str) -> int:
    """Return the size of a pixel in a babl format."""
    return len(_read(drawable.native, format, (0, 0, 1, 1)))


def read_pixels(drawable: Handle, format: str, area: Area, with_filters: bool) -> bytes:
    """Return pixels, either raw or as seen through the drawable's filters."""
    native = drawable.native
    if with_filters and native.get_filters():
        return _read_filtered(native, format, area)
    return _read(native, format, area)


def write_pixels(drawable: Handle, format: str, area: Area, data: memoryview) -> None:
    """Replace pixels."""
    whole = data.obj if isinstance(data.obj, bytes) else bytes(data)
    buffer = checked(drawable.native.get_buffer())
    buffer.set(Gegl.Rectangle.new(*area), format, whole)
    buffer.flush()


def read_own(drawable: Handle, area: Area) -> bytes:
    """Return pixels in the drawable's own format, whatever it is."""
    return _get(drawable, area, _own_format(drawable), False)


def write_own(
    drawable: Handle, area: Area, data: bytes | bytearray, *, shadow: bool = False
) -> None:
    """Replace pixels, or the shadow's, by data in the drawable's own format."""
    _set(drawable, area, _own_format(drawable), bytes(data), shadow)


def is_generated(drawable: Handle) -> bool:
    """Return whether GIMP makes the pixels from text, a path, a file, layers or filters."""
    native = drawable.native
    kinds = ("is_group_layer", "is_text_layer", "is_vector_layer", "is_link_layer")
    # The last two are new in GIMP 3.2.
    found = any(getattr(native, kind)() for kind in kinds if hasattr(native, kind))
    return found or bool(native.get_filters())


class Numbers:
    """`gimpfu.objects.handles.Numbers` for GIMP 3."""

    def __init__(self, drawable: Handle, shadow: bool) -> None:
        self._buffer, self._format = _buffer(drawable, shadow), _raw_format(drawable)
        self._changed = False

    def read(self, area: Area) -> bytes:
        rectangle = Gegl.Rectangle.new(*area)
        return self._buffer.get(rectangle, 1.0, self._format, Gegl.AbyssPolicy.NONE)

    def write(self, area: Area, data: bytes) -> None:
        self._buffer.set(Gegl.Rectangle.new(*area), self._format, data)
        self._changed = True

    def close(self) -> None:
        if self._changed:
            self._buffer.flush()


def open_numbers(drawable: Handle, shadow: bool) -> Numbers:
    return Numbers(drawable, shadow)


def _own_format(drawable: Handle) -> str:
    """Return the name of the drawable's format, which contains its colour space or palette."""
    return Babl.get_name(drawable.native.get_format())


def _raw_format(drawable: Handle) -> str:
    """Return the drawable's format, with 8 bits per channel."""
    name = _own_format(drawable)
    if int(drawable.native.type()) >= INDEXED_IMAGE:
        return name
    model, rest = name.split(" ", 1)
    _, dash, space = rest.partition("-")
    return f"{model} u8{dash}{space}"


def _get(drawable: Handle, area: Area, format: str, shadow: bool) -> bytes:
    rectangle = Gegl.Rectangle.new(*area)
    return _buffer(drawable, shadow).get(rectangle, 1.0, format, Gegl.AbyssPolicy.NONE)


def _set(drawable: Handle, area: Area, format: str, data: bytes, shadow: bool) -> None:
    buffer = _buffer(drawable, shadow)
    buffer.set(Gegl.Rectangle.new(*area), format, data)
    buffer.flush()


def _buffer(drawable: Handle, shadow: bool) -> Gegl.Buffer:
    native = drawable.native
    return checked(native.get_shadow_buffer() if shadow else native.get_buffer())


def _read(drawable: Gimp.Drawable, format: str, area: Area) -> bytes:
    rectangle = Gegl.Rectangle.new(*area)
    buffer = checked(drawable.get_buffer())
    return buffer.get(rectangle, 1.0, format, Gegl.AbyssPolicy.NONE)


def _read_filtered(drawable: Gimp.Drawable, format: str, area: Area) -> bytes:
    """Copy the drawable to a scratch image, merge its filters there and read the result."""
    image = checked(drawable.get_image())
    # A layer of an indexed image is copied as RGB.
    base_type = GRAY if int(image.get_base_type()) == GRAY else RGB
    scratch = Gimp.Image.new_with_precision(
        image.get_width(), image.get_height(), base_type, image.get_precision()
    )
    try:
        scratch.undo_disable()
        profile = image.get_color_profile()
        if profile:
            scratch.set_color_profile(profile)
        copy = Gimp.Layer.new_from_drawable(drawable, scratch)
        scratch.insert_layer(copy, None, 0)
        if copy.is_group():
            copy = copy.merge()
        else:
            copy.merge_filters()
        checked(copy)
        # A filter such as a blur or a drop shadow may have made the copy larger.
        _, left, top = drawable.get_offsets()
        _, copy_left, copy_top = copy.get_offsets()
        x, y, width, height = area
        return _read(copy, format, (x + left - copy_left, y + top - copy_top, width, height))
    finally:
        scratch.delete()
