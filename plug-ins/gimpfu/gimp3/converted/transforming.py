"""Transformations with settings as arguments."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

from gimpfu.colours import RGB
from gimpfu.enums import (
    INTERPOLATION_CUBIC,
    INTERPOLATION_LINEAR,
    INTERPOLATION_NONE,
    TRANSFORM_FORWARD,
    TRANSFORM_RESIZE_ADJUST,
)
from gimpfu.errors import error
from gimpfu.gimp3.converted.context import context
from gimpfu.gimp3.database import call_native
from gimpfu.objects.images import Image
from gimpfu.objects.items import Drawable, Item, Layer

Transform = Callable[..., Item]


def _full(kind: str) -> Transform:
    """Return `gimp-drawable-transform-KIND`, which takes all settings after the shape."""

    def transform(drawable: Drawable, *values: Any) -> Item:
        *shape, direction, interpolation, _supersample, _recursion_level, resize = values
        with context(
            transform_direction=direction, interpolation=interpolation, transform_resize=resize
        ):
            return _transform(f"gimp-item-transform-{kind}", drawable, *shape)

    return transform


def _transform(name: str, item: Item, *shape: Any) -> Item:
    """Transform; a layer gets an alpha channel for what is empty then, unless pixels are copied.

    GIMP 3.0 never adds the channel itself, GIMP 3.2 always does.
    """
    if not isinstance(item, Layer) or item.has_alpha or item.image.selection_bounds():
        return call_native(name, item, *shape)
    if call_native("gimp-context-get-interpolation") != INTERPOLATION_NONE:
        item.add_alpha()
        return call_native(name, item, *shape)
    made = call_native(name, item, *shape)
    if item.has_alpha:
        with context(background=RGB(0, 0, 0)):
            call_native("gimp-layer-flatten", item)
    return made


def _item(kind: str) -> Transform:
    """Return `gimp-item-transform-KIND`."""
    return lambda item, *shape: _transform(f"gimp-item-transform-{kind}", item, *shape)


def _default(kind: str, quality: int = INTERPOLATION_CUBIC) -> Transform:
    """Return `gimp-drawable-transform-KIND-default`, which takes whether to interpolate."""

    def transform(drawable: Drawable, *values: Any) -> Item:
        *shape, interpolate, resize = values
        with context(
            transform_direction=TRANSFORM_FORWARD,
            interpolation=quality if interpolate else INTERPOLATION_NONE,
            transform_resize=resize,
        ):
            return _transform(f"gimp-item-transform-{kind}", drawable, *shape)

    return transform


def _simple(kind: str) -> Transform:
    """Return `gimp-drawable-transform-KIND-simple`."""

    def transform(drawable: Drawable, *values: Any) -> Item:
        *shape, resize = values
        with context(transform_resize=resize):
            return call_native(f"gimp-item-transform-{kind}-simple", drawable, *shape)

    return transform


def _oldest(kind: str, *before: Any) -> Transform:
    """Return `gimp-KIND`, which takes whether to interpolate before the shape."""

    def transform(drawable: Drawable, interpolation: bool, *shape: Any) -> Item:
        how = (interpolation, TRANSFORM_RESIZE_ADJUST)
        return _default(kind, INTERPOLATION_LINEAR)(drawable, *shape, *before, *how)

    return transform


gimp_drawable_transform_2d = _full("2d")
gimp_drawable_transform_flip = _full("flip")
gimp_drawable_transform_matrix = _full("matrix")
gimp_drawable_transform_perspective = _full("perspective")
gimp_drawable_transform_rotate = _full("rotate")
gimp_drawable_transform_scale = _full("scale")
gimp_drawable_transform_shear = _full("shear")

gimp_drawable_transform_2d_default = _default("2d")
gimp_drawable_transform_flip_default = _default("flip")
gimp_drawable_transform_matrix_default = _default("matrix")
gimp_drawable_transform_perspective_default = _default("perspective")
gimp_drawable_transform_rotate_default = _default("rotate")
gimp_drawable_transform_scale_default = _default("scale")
gimp_drawable_transform_shear_default = _default("shear")

gimp_item_transform_2d = _item("2d")
gimp_item_transform_flip = _item("flip")
gimp_item_transform_matrix = _item("matrix")
gimp_item_transform_perspective = _item("perspective")
gimp_item_transform_rotate = _item("rotate")
gimp_item_transform_scale = _item("scale")
gimp_item_transform_shear = _item("shear")

gimp_drawable_transform_flip_simple = _simple("flip")
gimp_drawable_transform_rotate_simple = _simple("rotate")

gimp_perspective = _oldest("perspective")
gimp_rotate = _oldest("rotate", True, 0, 0)
gimp_scale = _oldest("scale")
gimp_shear = _oldest("shear")
gimp_transform_2d = _oldest("2d")


def gimp_flip(drawable: Drawable, flip_type: int) -> Item:
    with context(transform_resize=TRANSFORM_RESIZE_ADJUST):
        return call_native("gimp-item-transform-flip-simple", drawable, flip_type, True, 0.0)


def gimp_image_scale_full(image: Image, width: int, height: int, interpolation: int) -> None:
    with context(interpolation=interpolation):
        call_native("gimp-image-scale", image, width, height)


def gimp_layer_scale_full(
    layer: Drawable, width: int, height: int, local_origin: bool, interpolation: int
) -> None:
    with context(interpolation=interpolation):
        call_native("gimp-layer-scale", layer, width, height, local_origin)


def plug_in_rotate(image: Image, drawable: Drawable, angle: int, everything: bool) -> None:
    """Rotate by `angle` times 90 degrees."""
    turn = angle - 1
    if everything:
        call_native("gimp-image-rotate", image, turn)
    else:
        call_native("gimp-item-transform-rotate-simple", drawable, turn, True, 0.0, 0.0)


def plug_in_autocrop(image: Image, drawable: Drawable) -> None:
    call_native("gimp-image-autocrop", image, drawable)


def plug_in_autocrop_layer(image: Image, drawable: Drawable) -> None:
    """Crop the selected layer to what another drawable contains."""
    # GIMP 3 calls it an error if there is nothing to crop.
    with contextlib.suppress(error):
        call_native("gimp-image-autocrop-selected-layers", image, drawable)
