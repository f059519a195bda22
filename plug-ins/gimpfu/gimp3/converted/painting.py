"""Strokes of the painting tools."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from gi.repository import Gimp

from gimpfu.enums import STROKE_PAINT_METHOD
from gimpfu.gimp3.converted.context import context
from gimpfu.gimp3.database import call_native
from gimpfu.gimp3.values import native_enum
from gimpfu.objects.handles import Handle, checked
from gimpfu.objects.items import Drawable, Item

Strokes = Sequence[float]


def _paint(function: Callable[..., bool], *kinds: Any) -> Callable[..., None]:
    """Return a tool's procedure.

    `kinds` says for each argument after the drawable what it is: an enumeration, float, or None
    for an object. `list` stands for the strokes, which come after their number.
    """

    def paint(drawable: Drawable, *values: Any) -> None:
        given = iter(values)
        natives = []
        for kind in kinds:
            if kind is list:
                next(given)
                natives.append(list(map(float, next(given))))
            else:
                natives.append(_native(kind, next(given)))
        checked(function(drawable.native, *natives))

    return paint


def _native(kind: Any, value: Any) -> Any:
    if isinstance(value, Handle):
        return value.native
    return float(value) if kind is float else native_enum(kind.__gtype__, int(value))


gimp_airbrush = _paint(Gimp.airbrush, float, list)
gimp_airbrush_default = _paint(Gimp.airbrush_default, list)
gimp_clone = _paint(Gimp.clone, None, Gimp.CloneType, float, float, list)
gimp_clone_default = _paint(Gimp.clone_default, list)
gimp_convolve = _paint(Gimp.convolve, float, Gimp.ConvolveType, list)
gimp_convolve_default = _paint(Gimp.convolve_default, list)
gimp_dodgeburn = _paint(Gimp.dodgeburn, float, Gimp.DodgeBurnType, Gimp.TransferMode, list)
gimp_dodgeburn_default = _paint(Gimp.dodgeburn_default, list)
gimp_eraser = _paint(Gimp.eraser, list, Gimp.BrushApplicationMode, Gimp.PaintApplicationMode)
gimp_eraser_default = _paint(Gimp.eraser_default, list)
gimp_heal = _paint(Gimp.heal, None, float, float, list)
gimp_heal_default = _paint(Gimp.heal_default, list)
gimp_paintbrush = _paint(Gimp.paintbrush, float, list, Gimp.PaintApplicationMode, float)
gimp_paintbrush_default = _paint(Gimp.paintbrush_default, list)
gimp_pencil = _paint(Gimp.pencil, list)
gimp_smudge = _paint(Gimp.smudge, float, list)
gimp_smudge_default = _paint(Gimp.smudge_default, list)


def gimp_context_set_line_dash_pattern(count: int, dashes: Strokes) -> None:
    checked(Gimp.context_set_line_dash_pattern(list(map(float, dashes))))


def gimp_context_get_line_dash_pattern() -> tuple[int, tuple[float, ...]]:
    found = Gimp.context_get_line_dash_pattern()
    dashes = tuple(found[-1] if isinstance(found, tuple) else found)
    return len(dashes), dashes


def gimp_edit_stroke(drawable: Drawable) -> None:
    with context(stroke_method=STROKE_PAINT_METHOD):
        call_native("gimp-drawable-edit-stroke-selection", drawable)


def gimp_edit_stroke_vectors(drawable: Drawable, vectors: Item) -> None:
    with context(stroke_method=STROKE_PAINT_METHOD):
        call_native("gimp-drawable-edit-stroke-item", drawable, vectors)
