"""Bucket fills and gradients with settings as arguments."""

from __future__ import annotations

from gimpfu.enums import (
    BLEND_FG_BG_HSV,
    BLEND_FG_BG_RGB,
    BLEND_FG_TRANSPARENT,
    FILL_BACKGROUND,
    FILL_FOREGROUND,
    FILL_PATTERN,
    SELECT_CRITERION_COMPOSITE,
)
from gimpfu.gimp3.converted.context import context
from gimpfu.gimp3.database import call_native
from gimpfu.objects.items import Drawable

_FILLS = (FILL_FOREGROUND, FILL_BACKGROUND, FILL_PATTERN)
"""By the number of the old fill mode."""
_GRADIENTS = {
    BLEND_FG_BG_RGB: "gimp-context-set-gradient-fg-bg-rgb",
    BLEND_FG_BG_HSV: "gimp-context-set-gradient-fg-bg-hsv-cw",
    BLEND_FG_TRANSPARENT: "gimp-context-set-gradient-fg-transparent",
}


def gimp_edit_bucket_fill(
    drawable: Drawable,
    fill_mode: int,
    paint_mode: int,
    opacity: float,
    threshold: float,
    sample_merged: bool,
    x: float,
    y: float,
) -> None:
    gimp_edit_bucket_fill_full(
        *(drawable, fill_mode, paint_mode, opacity, threshold, sample_merged),
        *(False, SELECT_CRITERION_COMPOSITE, x, y),
    )


gimp_bucket_fill = gimp_edit_bucket_fill


def gimp_edit_bucket_fill_full(
    drawable: Drawable,
    fill_mode: int,
    paint_mode: int,
    opacity: float,
    threshold: float,
    sample_merged: bool,
    fill_transparent: bool,
    select_criterion: int,
    x: float,
    y: float,
) -> None:
    """Fill the selection; without one, fill around a pixel."""
    fill = _FILLS[fill_mode]
    with context(
        opacity=opacity,
        paint_mode=paint_mode,
        sample_threshold=threshold / 255,
        sample_merged=sample_merged,
        sample_transparent=fill_transparent,
        sample_criterion=select_criterion,
    ):
        if drawable.image.selection_bounds():
            call_native("gimp-drawable-edit-fill", drawable, fill)
        else:
            call_native("gimp-drawable-edit-bucket-fill", drawable, fill, x, y)


def gimp_edit_blend(
    drawable: Drawable,
    blend_mode: int,
    paint_mode: int,
    gradient_type: int,
    opacity: float,
    offset: float,
    repeat: int,
    reverse: bool,
    supersample: bool,
    max_depth: int,
    threshold: float,
    dither: bool,
    x1: float,
    y1: float,
    x2: float,
    y2: float,
) -> None:
    with context(
        opacity=opacity,
        paint_mode=paint_mode,
        gradient_repeat_mode=repeat,
        gradient_reverse=reverse,
    ):
        if blend_mode in _GRADIENTS:
            call_native(_GRADIENTS[blend_mode])
        how = (gradient_type, offset, supersample, max(1, max_depth), threshold, dither)
        call_native("gimp-drawable-edit-gradient-fill", drawable, *how, x1, y1, x2, y2)


gimp_blend = gimp_edit_blend


def gimp_drawable_offset(
    drawable: Drawable, wrap_around: bool, fill_type: int, offset_x: int, offset_y: int
) -> None:
    colour = call_native("gimp-context-get-background")
    where = (offset_x, offset_y)
    call_native("gimp-drawable-offset", drawable, wrap_around, fill_type, colour, *where)


gimp_channel_ops_offset = gimp_drawable_offset
