"""Brightness, curves, levels and other adjustments of colours."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from gi.repository import Gimp

from gimpfu.colours import ColourLike, rgb
from gimpfu.enums import (
    DESATURATE_LIGHTNESS,
    DESATURATE_LUMA,
    FILL_FOREGROUND,
    HISTOGRAM_VALUE,
    LAYER_MODE_MULTIPLY_LEGACY,
)
from gimpfu.gimp3.converted.context import context
from gimpfu.gimp3.converted.merging import apply_operation, on_numbers
from gimpfu.gimp3.database import call_native
from gimpfu.gimp3.values import native_enum
from gimpfu.objects.handles import checked
from gimpfu.objects.images import Image
from gimpfu.objects.items import Drawable, Layer

_WHOLE = 255
"""The largest number in GIMP 2.10's arguments for a share of the full brightness."""


def gimp_brightness_contrast(drawable: Drawable, brightness: int, contrast: int) -> None:
    gimp_drawable_brightness_contrast(drawable, brightness / 127, contrast / 127)


def gimp_drawable_brightness_contrast(
    drawable: Drawable, brightness: float, contrast: float
) -> None:
    _adjust("gimp-drawable-brightness-contrast", drawable, brightness, contrast)


def _adjust(name: str, drawable: Drawable, *values: Any) -> None:
    """Adjust the numbers of pixels: by default GIMP 3 adjusts linear light."""
    on_numbers(drawable, lambda layer: call_native(name, layer, *values))


def _where_linear(drawable: Drawable, change: Callable[[Drawable], Any]) -> None:
    """Adjust the numbers of pixels: GIMP 3.0 adjusts linear light, later ones the numbers."""
    if Gimp.MINOR_VERSION == 0:
        on_numbers(drawable, change, everywhere=True)
    else:
        change(drawable)


def gimp_curves_spline(drawable: Drawable, channel: int, count: int, points: Sequence[int]) -> None:
    gimp_drawable_curves_spline(drawable, channel, count, [point / _WHOLE for point in points])


def gimp_curves_explicit(
    drawable: Drawable, channel: int, count: int, curve: Sequence[int]
) -> None:
    gimp_drawable_curves_explicit(drawable, channel, count, [value / _WHOLE for value in curve])


def gimp_drawable_curves_spline(
    drawable: Drawable, channel: int, count: int, points: Sequence[float]
) -> None:
    given = (_channel(channel), list(map(float, points)))
    _where_linear(drawable, lambda layer: checked(layer.native.curves_spline(*given)))


def gimp_drawable_curves_explicit(
    drawable: Drawable, channel: int, count: int, values: Sequence[float]
) -> None:
    given = (_channel(channel), list(map(float, values)))
    _where_linear(drawable, lambda layer: checked(layer.native.curves_explicit(*given)))


def _channel(number: int) -> Any:
    return native_enum(Gimp.HistogramChannel.__gtype__, number)


def gimp_desaturate(drawable: Drawable) -> None:
    call_native("gimp-drawable-desaturate", drawable, DESATURATE_LIGHTNESS)


def gimp_hue_saturation(
    drawable: Drawable, hue_range: int, hue_offset: float, lightness: float, saturation: float
) -> None:
    gimp_drawable_hue_saturation(drawable, hue_range, hue_offset, lightness, saturation, 0.0)


def gimp_drawable_hue_saturation(
    drawable: Drawable,
    hue_range: int,
    hue_offset: float,
    lightness: float,
    saturation: float,
    overlap: float,
) -> None:
    """Change hues; the lightness counts half, as in GIMP 2.10."""
    values = (hue_range, hue_offset, lightness / 2, saturation, overlap)
    call_native("gimp-drawable-hue-saturation", drawable, *values)


def gimp_drawable_colorize_hsl(
    drawable: Drawable, hue: float, saturation: float, lightness: float
) -> None:
    _adjust("gimp-drawable-colorize-hsl", drawable, hue, saturation, lightness)


gimp_colorize = gimp_drawable_colorize_hsl


def gimp_drawable_equalize(drawable: Drawable, mask_only: bool) -> None:
    name = "gimp-drawable-equalize"
    _where_linear(drawable, lambda layer: call_native(name, layer, mask_only))


gimp_equalize = gimp_drawable_equalize


def gimp_drawable_levels_stretch(drawable: Drawable) -> None:
    _adjust("gimp-drawable-levels-stretch", drawable)


gimp_levels_auto = gimp_levels_stretch = gimp_drawable_levels_stretch


def gimp_invert(drawable: Drawable) -> None:
    call_native("gimp-drawable-invert", drawable, False)


def gimp_levels(
    drawable: Drawable,
    channel: int,
    low_input: int,
    high_input: int,
    gamma: float,
    low_output: int,
    high_output: int,
) -> None:
    clamps = True
    inputs = (low_input / _WHOLE, high_input / _WHOLE, clamps)
    outputs = (low_output / _WHOLE, high_output / _WHOLE, clamps)
    gimp_drawable_levels(drawable, channel, *inputs, gamma, *outputs)


def gimp_drawable_levels(drawable: Drawable, channel: int, *values: float) -> None:
    _adjust("gimp-drawable-levels", drawable, channel, *values)


def gimp_threshold(drawable: Drawable, low_threshold: int, high_threshold: int) -> None:
    shares = (low_threshold / _WHOLE, high_threshold / _WHOLE)
    call_native("gimp-drawable-threshold", drawable, HISTOGRAM_VALUE, *shares)


def gimp_histogram(
    drawable: Drawable, channel: int, start_range: int, end_range: int
) -> tuple[float, ...]:
    shares = (start_range / _WHOLE, end_range / _WHOLE)
    return call_native("gimp-drawable-histogram", drawable, channel, *shares)


def plug_in_colorify(image: Image, drawable: Drawable, color: ColourLike) -> None:
    """Multiply how bright each pixel is with a colour."""
    call_native("gimp-drawable-desaturate", drawable, DESATURATE_LUMA)
    with context(foreground=rgb(color), paint_mode=LAYER_MODE_MULTIPLY_LEGACY, opacity=100.0):
        call_native("gimp-drawable-edit-fill", drawable, FILL_FOREGROUND)


def plug_in_colortoalpha(image: Image, drawable: Layer, color: ColourLike) -> None:
    if not drawable.has_alpha:
        drawable.add_alpha()
    apply_operation(drawable, "gegl:color-to-alpha", {"color": rgb(color)}, {})
