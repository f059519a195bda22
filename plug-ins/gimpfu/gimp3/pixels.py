"""The pixels of GIMP 3's drawables, with or without their non-destructive filters."""

from __future__ import annotations

from gi.repository import Gegl, Gimp

from gimpfu.enums import GRAY, RGB
from gimpfu.objects.handles import checked

Area = tuple[int, int, int, int]


def bytes_per_pixel(drawable: Gimp.Drawable, format: str) -> int:
    """Return the size of a pixel in a babl format."""
    return len(_read(drawable, format, (0, 0, 1, 1)))


def read_pixels(drawable: Gimp.Drawable, format: str, area: Area, with_filters: bool) -> bytes:
    """Return pixels, either raw or as seen through the drawable's filters."""
    if with_filters and drawable.get_filters():
        return _read_filtered(drawable, format, area)
    return _read(drawable, format, area)


def write_pixels(drawable: Gimp.Drawable, format: str, area: Area, data: memoryview) -> None:
    """Replace pixels."""
    whole = data.obj if isinstance(data.obj, bytes) else bytes(data)
    buffer = checked(drawable.get_buffer())
    buffer.set(Gegl.Rectangle.new(*area), format, whole)
    buffer.flush()


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
