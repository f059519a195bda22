"""`gimpfu.objects.handles.Backend` for GIMP 3."""

from __future__ import annotations

import contextlib

from gi.repository import Gimp

from gimpfu.gimp3.colours import colour_from
from gimpfu.gimp3.pixels import bytes_per_pixel, read_pixels, write_pixels  # noqa: F401
from gimpfu.objects.parasites import Parasite

new_display = Gimp.Display.new
images = Gimp.get_images
item = Gimp.Item.get_by_id
layer_of_mask = Gimp.Layer.from_mask


def new_image(width: int, height: int, type: int, precision: int) -> Gimp.Image | None:
    # PyGObject raises TypeError for the kind of an image that has been closed.
    with contextlib.suppress(TypeError):
        return Gimp.Image.new_with_precision(width, height, type, precision)
    return None


def new_layer(
    image: Gimp.Image, name: str, width: int, height: int, type: int, opacity: float, mode: int
) -> Gimp.Layer | None:
    # PyGObject raises TypeError where GIMP returns nothing.
    with contextlib.suppress(TypeError):
        return Gimp.Layer.new(image, name, width, height, type, opacity, mode)
    return None


def new_group(image: Gimp.Image, name: str | None) -> Gimp.GroupLayer | None:
    with contextlib.suppress(TypeError):
        return Gimp.GroupLayer.new(image, name)
    return None


def image(identifier: int) -> Gimp.Image | None:
    # Gimp.Image.get_by_id alone returns an object for any number.
    return Gimp.Image.get_by_id(identifier) if Gimp.Image.id_is_valid(identifier) else None


def last_error() -> str:
    return Gimp.get_pdb().get_last_error() or ""


def file_name(image: Gimp.Image) -> str:
    file = image.get_file()
    return (file.get_path() or "") if file else ""


def palette(image: Gimp.Image) -> bytes:
    found = image.get_palette()
    if found is None:
        return b""
    colours = [colour_from(colour)[:3] for colour in found.get_colors()]
    return bytes(max(0, min(255, round(255 * part))) for colour in colours for part in colour)


def selection_bounds(image: Gimp.Image) -> tuple[int, int, int, int] | None:
    _, non_empty, x1, y1, x2, y2 = Gimp.Selection.bounds(image)
    return (x1, y1, x2, y2) if non_empty else None


def parasite_from(native: Gimp.Parasite | None) -> Parasite | None:
    if native is None:
        return None
    data = bytes(byte & 255 for byte in native.get_data())
    return Parasite(native.get_name(), int(native.get_flags()), data)


def native_parasite(parasite: Parasite) -> Gimp.Parasite:
    # GIMP's typelib declares a parasite's bytes as signed.
    signed = memoryview(parasite.data).cast("b").tolist()
    return Gimp.Parasite.new(parasite.name, parasite.flags, signed)
