"""Plug-ins that draw patterns and kept their names, but not their arguments."""

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
        values += [width, space, offset, _faded(color, opacity)]
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
