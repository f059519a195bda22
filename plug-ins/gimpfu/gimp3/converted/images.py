"""Images and layers: what is selected, what they are made of, and their colours."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from gi.repository import Gimp, Gio, GLib

from gimpfu.colours import RGB
from gimpfu.database import before_the_next_call
from gimpfu.enums import GRAY, INDEXED, LAYER_MODE_NORMAL
from gimpfu.errors import error
from gimpfu.gimp3.colours import colour_from
from gimpfu.gimp3.database import call_native
from gimpfu.gimp3.values import file
from gimpfu.objects.handles import checked
from gimpfu.objects.images import Image
from gimpfu.objects.items import Channel, Drawable, GroupLayer, Item, Layer
from gimpfu.objects.regions import PixelRgn

_linked: set[Item] = set()
"""The items that this plug-in has linked: GIMP 3 itself has no links any more."""
_regions: dict[Drawable, PixelRgn] = {}
_filenames: dict[Image, str] = {}


def _first(items: Sequence[Any]) -> Any:
    return items[0] if items else None


def gimp_image_get_active_layer(image: Image) -> Layer | None:
    return _first(call_native("gimp-image-get-selected-layers", image))


def gimp_image_set_active_layer(image: Image, layer: Layer) -> None:
    call_native("gimp-image-set-selected-layers", image, [layer])


def gimp_image_get_active_channel(image: Image) -> Channel | None:
    return _first(call_native("gimp-image-get-selected-channels", image))


def gimp_image_set_active_channel(image: Image, channel: Channel) -> None:
    call_native("gimp-image-set-selected-channels", image, [channel])


def gimp_image_unset_active_channel(image: Image) -> None:
    """Select the topmost layer instead: GIMP 3 cannot be told to select nothing."""
    if image.native.get_selected_channels():
        image.selected_layers = image.layers[:1]


def gimp_image_get_active_drawable(image: Image) -> Drawable | None:
    """Return the selected drawable; a mask that is being edited instead of its layer."""
    drawable = _first(call_native("gimp-image-get-selected-drawables", image))
    edits_mask = isinstance(drawable, Layer) and drawable.mask and drawable.edit_mask
    return drawable.mask if edits_mask else drawable


gimp_image_active_drawable = gimp_image_get_active_drawable


def gimp_layer_new(
    image: Image, width: int, height: int, kind: int, name: str, opacity: float, mode: int
) -> Layer:
    return call_native("gimp-layer-new", image, name, width, height, kind, opacity, mode)


def gimp_channel_new(
    image: Image, width: int, height: int, name: str, opacity: float, color: RGB
) -> Channel:
    return call_native("gimp-channel-new", image, name, width, height, opacity, color)


def gimp_layer_group_new(image: Image) -> GroupLayer:
    return call_native("gimp-group-layer-new", image, "Layer Group")


def gimp_layer_copy(layer: Layer, add_alpha: bool) -> Layer:
    copy = call_native("gimp-layer-copy", layer)
    if add_alpha and not copy.has_alpha:
        copy.add_alpha()
    return copy


def gimp_layer_translate(layer: Layer, offx: int, offy: int) -> None:
    """Move a layer, and all that are linked with it."""
    together = {item for item in _linked if item.is_valid() and item.image == layer.image}
    for item in together if layer in together else {layer}:
        call_native("gimp-item-transform-translate", item, offx, offy)


def gimp_item_get_linked(item: Item) -> int:
    return int(item in _linked)


def gimp_item_set_linked(item: Item, linked: bool) -> None:
    if linked:
        _linked.add(item)
    else:
        _linked.discard(item)


gimp_channel_get_linked = gimp_drawable_get_linked = gimp_layer_get_linked = gimp_item_get_linked
gimp_vectors_get_linked = gimp_item_get_linked
gimp_channel_set_linked = gimp_drawable_set_linked = gimp_layer_set_linked = gimp_item_set_linked
gimp_vectors_set_linked = gimp_item_set_linked


def gimp_image_add_layer(image: Image, layer: Layer, position: int) -> None:
    call_native("gimp-image-insert-layer", image, layer, None, position)


def gimp_image_add_channel(image: Image, channel: Channel, position: int) -> None:
    call_native("gimp-image-insert-channel", image, channel, None, position)


def gimp_edit_paste(drawable: Drawable, paste_into: bool) -> Layer:
    """Paste a floating selection, which has an alpha channel in GIMP 2.10 even without a need."""
    floating = _first(call_native("gimp-edit-paste", drawable, paste_into))
    if floating is None:
        raise error("There is nothing to paste.")
    if not floating.has_alpha:
        floating.add_alpha()
    return floating


def gimp_image_add_layer_mask(image: Image, layer: Layer, mask: Channel) -> None:
    layer.add_mask(mask)


def gimp_image_remove_layer_mask(image: Image, layer: Layer, mode: int) -> None:
    layer.remove_mask(mode)


def gimp_image_free_shadow(image: Image) -> None:
    """Do nothing: a shadow belongs to a drawable."""


def gimp_drawable_get_pixel(drawable: Drawable, x: int, y: int) -> tuple[int, tuple[int, ...]]:
    with _checked_pixel():
        pixel = tuple(_region(drawable)[x, y])
    return len(pixel), pixel


def gimp_drawable_set_pixel(
    drawable: Drawable, x: int, y: int, count: int, pixel: Sequence[int]
) -> None:
    with _checked_pixel():
        _region(drawable)[x, y] = bytes(pixel)


@contextlib.contextmanager
def _checked_pixel() -> Iterator[None]:
    """Raise `error` for a pixel outside of a drawable, or with too few or too many values."""
    try:
        yield
    except (IndexError, TypeError) as problem:
        raise error(str(problem)) from None


def _region(drawable: Drawable) -> PixelRgn:
    """Return all pixels of a drawable, which stay open until the next procedure runs."""
    if drawable not in _regions:
        _regions[drawable] = drawable.get_pixel_rgn(0, 0, drawable.width, drawable.height)
        before_the_next_call(_close_regions)
    return _regions[drawable]


def _close_regions() -> None:
    while _regions:
        drawable, region = _regions.popitem()
        drawable.native.update(0, 0, region.w, region.h)


def gimp_image_get_colormap(image: Image) -> tuple[int, tuple[int, ...]]:
    palette = image.native.get_palette()
    colours = palette.get_colors() if palette else []
    numbers = tuple(part for colour in colours for part in RGB(*colour_from(colour))[:3])
    return len(numbers), numbers


def gimp_image_set_colormap(image: Image, count: int, colormap: Sequence[int]) -> None:
    if image.base_type != INDEXED:
        raise error("Only an indexed image has a colour map.")
    palette = call_native("gimp-palette-new", "gimpfu")
    for i in range(0, count, 3):
        call_native("gimp-palette-add-entry", palette, "", RGB(*colormap[i : i + 3]))
    call_native("gimp-image-set-palette", image, palette)
    checked(Gimp.Palette.get_by_name(palette).delete())


gimp_image_get_cmap, gimp_image_set_cmap = gimp_image_get_colormap, gimp_image_set_colormap


def gimp_image_set_filename(image: Image, filename: str) -> None:
    """Set an image's file; GIMP 3 lets a plug-in set only XCF files, so others are kept here."""
    if ".xcf" in Path(filename).suffixes[-2:]:
        call_native("gimp-image-set-file", image, filename)
    else:
        _filenames[image] = filename


def gimp_image_get_filename(image: Image) -> str | None:
    return _filenames.get(image) or call_native("gimp-image-get-file", image)


def gimp_image_get_name(image: Image) -> str:
    if image in _filenames:
        return Path(_filenames[image]).name
    return call_native("gimp-image-get-name", image)


def gimp_image_get_uri(image: Image) -> str | None:
    if image in _filenames:
        return _uri(file(_filenames[image]))
    return _uri(image.native.get_file())


def gimp_image_get_xcf_uri(image: Image) -> str | None:
    return _uri(image.native.get_xcf_file())


def gimp_image_get_imported_uri(image: Image) -> str | None:
    return _uri(image.native.get_imported_file())


def gimp_image_get_exported_uri(image: Image) -> str | None:
    return _uri(image.native.get_exported_file())


def _uri(found: Gio.File | None) -> str | None:
    return found.get_uri() if found else None


def gimp_image_get_color_profile(image: Image) -> tuple[int, tuple[int, ...]]:
    return _profile_bytes(image.native.get_color_profile())


def gimp_image_get_effective_color_profile(image: Image) -> tuple[int, tuple[int, ...]]:
    return _profile_bytes(image.native.get_effective_color_profile())


def _profile_bytes(profile: Gimp.ColorProfile | None) -> tuple[int, tuple[int, ...]]:
    data = tuple(profile.get_icc_profile()) if profile else ()
    return len(data), data


def gimp_image_set_color_profile(image: Image, count: int, profile: Sequence[int]) -> None:
    checked(image.native.set_color_profile(_profile(profile)))


def gimp_image_convert_color_profile(
    image: Image, count: int, profile: Sequence[int], intent: int, bpc: bool
) -> None:
    how = Gimp.ColorRenderingIntent(intent)
    checked(image.native.convert_color_profile(_profile(profile), how, bool(bpc)))


def _profile(data: Sequence[int]) -> Gimp.ColorProfile:
    try:
        return Gimp.ColorProfile.new_from_icc_profile(bytes(data))
    except GLib.Error as problem:
        raise error(f"This is not a colour profile: {problem.message}.") from None


def gimp_image_get_metadata(image: Image) -> str:
    metadata = image.native.get_metadata()
    return metadata.serialize() if metadata else ""


def gimp_image_set_metadata(image: Image, text: str) -> None:
    image.native.set_metadata(Gimp.Metadata.deserialize(text) if text else None)


def gimp_image_thumbnail(image: Image, width: int, height: int) -> tuple[Any, ...]:
    return _thumbnail(image.native.get_thumbnail_data(width, height))


def gimp_drawable_thumbnail(drawable: Drawable, width: int, height: int) -> tuple[Any, ...]:
    return _thumbnail(drawable.native.get_thumbnail_data(width, height))


def gimp_drawable_sub_thumbnail(drawable: Drawable, *values: int) -> tuple[Any, ...]:
    return _thumbnail(drawable.native.get_sub_thumbnail_data(*values))


def _thumbnail(found: tuple[Any, ...]) -> tuple[Any, ...]:
    data, width, height, bpp = found
    pixels = tuple(data.get_data() if isinstance(data, GLib.Bytes) else data)
    return width, height, bpp, len(pixels), pixels


def gimp_file_save_thumbnail(image: Image, filename: str) -> None:
    call_native("gimp-file-create-thumbnail", image, file(filename))


def single_layer(image: Image, drawable: Drawable) -> Image:
    """Return a new image with nothing but a copy of a drawable."""
    base_type = drawable.type // 2
    copy = Image(drawable.width, drawable.height, base_type, image.precision)
    copy.disable_undo()
    if base_type == INDEXED:
        copy.colormap = image.colormap
    copy.resolution = image.resolution
    profile = image.native.get_color_profile()
    if profile and base_type != GRAY:
        copy.native.set_color_profile(profile)
    layer = call_native("gimp-layer-new-from-drawable", drawable, copy)
    copy.insert_layer(layer, None, 0)
    layer.set_offsets(0, 0)
    layer.opacity, layer.mode, layer.visible = 100.0, LAYER_MODE_NORMAL, True
    return copy
