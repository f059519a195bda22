"""Scripts of GIMP 2.10 that plug-ins call: GIMP 3.0 cannot run its own ones without windows."""

from __future__ import annotations

from gimpfu.colours import ColourLike, rgb
from gimpfu.enums import (
    CHANNEL_OP_REPLACE,
    FILL_BACKGROUND,
    FILL_TRANSPARENT,
    LAYER_MODE_NORMAL,
)
from gimpfu.gimp3.converted.context import context
from gimpfu.gimp3.converted.filters import FILTERS
from gimpfu.gimp3.database import call_native
from gimpfu.objects.images import Image
from gimpfu.objects.items import Layer


def script_fu_drop_shadow(
    image: Image,
    drawable: Layer,
    offset_x: float,
    offset_y: float,
    blur: float,
    color: ColourLike,
    opacity: float,
    allow_resizing: bool,
) -> None:
    """Add a layer with the shadow of the selection, or of a layer, below the layer."""
    image.undo_group_start()
    try:
        with context():
            call_native("gimp-context-set-defaults")
            call_native("gimp-context-set-background", rgb(color))
            _drop_shadow(image, drawable, offset_x, offset_y, max(0, blur), opacity, allow_resizing)
    finally:
        image.undo_group_end()


def _drop_shadow(
    image: Image, layer: Layer, dx: float, dy: float, blur: float, opacity: float, resize: bool
) -> None:
    image.active_layer = layer
    layer.add_alpha()
    selection = None
    if image.selection_bounds():
        selection = call_native("gimp-selection-save", image)
    else:
        call_native("gimp-image-select-item", image, CHANNEL_OP_REPLACE, layer)
    left, top, right, bottom = image.selection_bounds() or (0, 0, image.width, image.height)
    x, y = left - blur, top - blur
    width, height = right - left + 2 * blur, bottom - top + 2 * blur
    if resize:
        x, y = _make_room(image, x, y, width, height, dx, dy)
    opacity = min(100.0, max(0.0, opacity))
    shape = (int(width), int(height), layer.type_with_alpha, opacity, LAYER_MODE_NORMAL)
    shadow = Layer(image, "Drop Shadow", *shape)
    image.active_layer = layer
    image.insert_layer(shadow)
    shadow.set_offsets(int(x), int(y))
    shadow.fill(FILL_TRANSPARENT)
    call_native("gimp-drawable-edit-fill", shadow, FILL_BACKGROUND)
    call_native("gimp-selection-none", image)
    if blur >= 1:
        FILTERS["plug-in-gauss-rle"](image, shadow, blur, True, True)
    call_native("gimp-item-transform-translate", shadow, dx, dy)
    if selection:
        call_native("gimp-image-select-item", image, CHANNEL_OP_REPLACE, selection)
        call_native("gimp-drawable-edit-clear", shadow)
        image.remove_channel(selection)
    elif not layer.is_floating_sel:
        image.raise_layer(layer)
    image.active_layer = layer


def _make_room(
    image: Image, x: float, y: float, width: float, height: float, dx: float, dy: float
) -> tuple[float, float]:
    """Let the image hold the moved shadow; return where the shadow is before it is moved."""
    left, top = max(0, -(x + dx)), max(0, -(y + dy))
    x, y = x + left, y + top
    right = max(image.width + left, x + dx + width)
    bottom = max(image.height + top, y + dy + height)
    image.resize(int(right), int(bottom), int(left), int(top))
    return x, y
