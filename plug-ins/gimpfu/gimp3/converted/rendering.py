"""Plug-ins that kept their names, but not their arguments."""

from __future__ import annotations

from typing import Any

from gimpfu.colours import RGB, ColourLike, rgb
from gimpfu.enums import RUN_NONINTERACTIVE
from gimpfu.gimp3.converted.merging import apply_operation
from gimpfu.gimp3.database import call_native
from gimpfu.objects.images import Image
from gimpfu.objects.items import Drawable


def plug_in_grid(image: Image, drawable: Drawable, *lines: Any) -> None:
    """Draw horizontal and vertical lines and crossings: width, space, offset, colour, opacity."""
    values: list[Any] = []
    for i in range(0, len(lines), 5):
        width, space, offset, color, opacity = lines[i : i + 5]
        # GIMP 3 does not take 0, with which GIMP 2.10 drew no lines of width 0.
        values += [width, max(1, space), offset, _faded(color, opacity)]
    call_native("plug-in-grid", RUN_NONINTERACTIVE, image, [drawable], *values)


def _faded(color: ColourLike, opacity: int) -> RGB:
    return RGB(*rgb(color).parts()[:3], opacity / 255)


def plug_in_checkerboard(image: Image, drawable: Drawable, mode: int, size: int) -> None:
    if mode:
        call_native("plug-in-checkerboard", RUN_NONINTERACTIVE, image, [drawable], True, size)
        return
    settings = {
        **{"x": size, "y": size, "color1": call_native("gimp-context-get-background")},
        "color2": call_native("gimp-context-get-foreground"),
    }
    apply_operation(drawable, "gegl:checkerboard", settings, {})


def plug_in_lighting(
    image: Image, drawable: Drawable, bump_map: Any, environment: Any, *values: Any
) -> None:
    use_bumps, use_environment, bump_type, light_type, color, *rest = values
    place, shine, (antialiasing, new_image, transparent) = rest[:6], rest[6:11], rest[11:]
    bumps = (bump_map, environment, use_bumps, use_environment, bump_type, 0.1)
    light = (light_type, rgb(color), 1.0, *place, *shine, False)
    how = (*bumps, *light, antialiasing, new_image, transparent)
    call_native("plug-in-lighting", RUN_NONINTERACTIVE, image, [drawable], *how)


def plug_in_map_object(image: Image, drawable: Drawable, *values: Any) -> None:
    """Map a picture to a plane, a sphere, a box or a cylinder."""
    *shape, light_type, color = values[:18]
    light, (antialiasing, tiled, new_image, transparent) = values[18:29], values[29:33]
    radius, x_scale, y_scale, z_scale, length, *drawables = values[33:]
    how = (
        *(*shape, light_type, rgb(color), *light, antialiasing, 3.0, 0.25, tiled, new_image, False),
        *(transparent, radius, *drawables[:6], x_scale, y_scale, z_scale),
        *(*drawables[6:], radius, length),
    )
    call_native("plug-in-map-object", RUN_NONINTERACTIVE, image, [drawable], *how)


def plug_in_pagecurl(
    image: Image, drawable: Drawable, colors: int, edge: int, orientation: int, shade: bool
) -> Drawable:
    how = (colors, edge, orientation, shade, 1.0)
    return call_native("plug-in-pagecurl", RUN_NONINTERACTIVE, image, [drawable], *how)
