"""Selections with settings as arguments."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager

from gi.repository import Gimp

from gimpfu.colours import ColourLike
from gimpfu.enums import CHANNEL_OP_REPLACE, SELECT_CRITERION_COMPOSITE
from gimpfu.gimp3.converted.context import context
from gimpfu.gimp3.database import call_native
from gimpfu.gimp3.values import item_of, native_enum
from gimpfu.objects.handles import checked
from gimpfu.objects.images import Image
from gimpfu.objects.items import Channel, Drawable, Item, Layer


def gimp_rect_select(
    image: Image,
    x: float,
    y: float,
    width: float,
    height: float,
    operation: int,
    feather: bool,
    feather_radius: float,
) -> None:
    with context(feather=feather, feather_radius=(feather_radius, feather_radius)):
        call_native("gimp-image-select-rectangle", image, operation, x, y, width, height)


def gimp_round_rect_select(
    image: Image,
    x: float,
    y: float,
    width: float,
    height: float,
    corner_radius_x: float,
    corner_radius_y: float,
    operation: int,
    antialias: bool,
    feather: bool,
    feather_radius_x: float,
    feather_radius_y: float,
) -> None:
    radius = (feather_radius_x, feather_radius_y)
    shape = (x, y, width, height, corner_radius_x, corner_radius_y)
    with context(antialias=antialias, feather=feather, feather_radius=radius):
        call_native("gimp-image-select-round-rectangle", image, operation, *shape)


def gimp_ellipse_select(
    image: Image,
    x: float,
    y: float,
    width: float,
    height: float,
    operation: int,
    antialias: bool,
    feather: bool,
    feather_radius: float,
) -> None:
    radius = (feather_radius, feather_radius)
    with context(antialias=antialias, feather=feather, feather_radius=radius):
        call_native("gimp-image-select-ellipse", image, operation, x, y, width, height)


def gimp_free_select(
    image: Image,
    count: int,
    segs: Sequence[float],
    operation: int,
    antialias: bool,
    feather: bool,
    feather_radius: float,
) -> None:
    radius = (feather_radius, feather_radius)
    with context(antialias=antialias, feather=feather, feather_radius=radius):
        gimp_image_select_polygon(image, operation, count, segs)


def gimp_image_select_polygon(
    image: Image, operation: int, count: int, segs: Sequence[float]
) -> None:
    how = native_enum(Gimp.ChannelOps.__gtype__, operation)
    checked(image.native.select_polygon(how, list(map(float, segs))))


def gimp_by_color_select(
    drawable: Drawable,
    color: ColourLike,
    threshold: int,
    operation: int,
    antialias: bool,
    feather: bool,
    feather_radius: float,
    sample_merged: bool,
) -> None:
    radius = (feather_radius, feather_radius)
    how = (threshold, operation, antialias, feather, *radius, sample_merged)
    gimp_by_color_select_full(drawable, color, *how, False, SELECT_CRITERION_COMPOSITE)


def gimp_by_color_select_full(
    drawable: Drawable,
    color: ColourLike,
    threshold: int,
    operation: int,
    antialias: bool,
    feather: bool,
    feather_radius_x: float,
    feather_radius_y: float,
    sample_merged: bool,
    select_transparent: bool,
    select_criterion: int,
) -> None:
    edge = (antialias, feather, feather_radius_x, feather_radius_y)
    with _sampling(*edge, sample_merged, select_transparent, select_criterion, threshold):
        call_native("gimp-image-select-color", drawable.image, operation, drawable, color)


def gimp_fuzzy_select(
    drawable: Drawable,
    x: float,
    y: float,
    threshold: int,
    operation: int,
    antialias: bool,
    feather: bool,
    feather_radius: float,
    sample_merged: bool,
) -> None:
    radius = (feather_radius, feather_radius)
    how = (threshold, operation, antialias, feather, *radius, sample_merged)
    gimp_fuzzy_select_full(drawable, x, y, *how, False, SELECT_CRITERION_COMPOSITE)


def gimp_fuzzy_select_full(
    drawable: Drawable,
    x: float,
    y: float,
    threshold: int,
    operation: int,
    antialias: bool,
    feather: bool,
    feather_radius_x: float,
    feather_radius_y: float,
    sample_merged: bool,
    select_transparent: bool,
    select_criterion: int,
) -> None:
    edge = (antialias, feather, feather_radius_x, feather_radius_y)
    with _sampling(*edge, sample_merged, select_transparent, select_criterion, threshold):
        name = "gimp-image-select-contiguous-color"
        call_native(name, drawable.image, operation, drawable, x, y)


def _sampling(
    antialias: bool,
    feather: bool,
    radius_x: float,
    radius_y: float,
    merged: bool,
    transparent: bool,
    criterion: int,
    threshold: int,
) -> AbstractContextManager[None]:
    """Return the context for selecting by colour."""
    return context(
        antialias=antialias,
        feather=feather,
        feather_radius=(radius_x, radius_y),
        sample_merged=merged,
        sample_transparent=transparent,
        sample_criterion=criterion,
        sample_threshold_int=threshold,
    )


def gimp_selection_load(channel: Channel) -> None:
    _select_item(channel, CHANNEL_OP_REPLACE)


def gimp_selection_layer_alpha(layer: Layer) -> None:
    _select_item(layer, CHANNEL_OP_REPLACE)


def gimp_selection_combine(channel: Channel, operation: int) -> None:
    _select_item(channel, operation)


def gimp_vectors_to_selection(
    vectors: Item,
    operation: int,
    antialias: bool,
    feather: bool,
    feather_radius_x: float,
    feather_radius_y: float,
) -> None:
    radius = (feather_radius_x, feather_radius_y)
    with context(antialias=antialias, feather=feather, feather_radius=radius):
        call_native("gimp-image-select-item", vectors.image, operation, vectors)


def _select_item(item: Item, operation: int) -> None:
    with context(antialias=True, feather=False):
        call_native("gimp-image-select-item", item.image, operation, item)


def gimp_selection_float(drawable: Drawable, offx: int, offy: int) -> Item | None:
    image = drawable.image.native
    return item_of(checked(Gimp.Selection.float(image, [drawable.native], offx, offy)))
