"""Brushes, gradients, palettes and patterns by name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from gi.repository import Gegl

from gimpfu.colours import RGB, ColourLike, rgb
from gimpfu.gimp3.colours import colour_from
from gimpfu.gimp3.database import call_native
from gimpfu.gimp3.values import resource
from gimpfu.objects.handles import checked

Samples = tuple[int, tuple[float, ...]]


def _duplicate(kind: str) -> Callable[[str], str]:
    return lambda name: checked(resource(kind, name).duplicate()).get_name()


def _rename(kind: str) -> Callable[[str, str], str]:
    def rename(name: str, new_name: str) -> str:
        found = resource(kind, name)
        checked(found.rename(new_name))
        return found.get_name()

    return rename


def _delete(kind: str) -> Callable[[str], None]:
    return lambda name: checked(resource(kind, name).delete()) and None


def _is_editable(kind: str) -> Callable[[str], int]:
    return lambda name: int(resource(kind, name).is_editable())


gimp_brush_delete = _delete("GimpBrush")
gimp_brush_duplicate = _duplicate("GimpBrush")
gimp_brush_is_editable = _is_editable("GimpBrush")
gimp_brush_rename = _rename("GimpBrush")
gimp_gradient_delete = _delete("GimpGradient")
gimp_gradient_duplicate = _duplicate("GimpGradient")
gimp_gradient_is_editable = _is_editable("GimpGradient")
gimp_gradient_rename = _rename("GimpGradient")
gimp_palette_delete = _delete("GimpPalette")
gimp_palette_duplicate = _duplicate("GimpPalette")
gimp_palette_is_editable = _is_editable("GimpPalette")
gimp_palette_rename = _rename("GimpPalette")


def gimp_palette_get_colors(name: str) -> tuple[int, tuple[RGB, ...]]:
    found = resource("GimpPalette", name).get_colors()
    colours = tuple(RGB(*colour_from(colour)) for colour in found)
    return len(colours), colours


def gimp_palettes_get_palette() -> tuple[str, int]:
    name = call_native("gimp-context-get-palette")
    return name, call_native("gimp-palette-get-color-count", name)


def gimp_palettes_get_palette_entry(name: str, entry: int) -> tuple[str, int, RGB]:
    name = name or call_native("gimp-context-get-palette")
    count = call_native("gimp-palette-get-color-count", name)
    return name, count, call_native("gimp-palette-get-entry-color", name, entry)


def gimp_gradient_get_uniform_samples(name: str, count: int, reverse: bool) -> Samples:
    gradient = resource("GimpGradient", name)
    return _numbers(gradient.get_uniform_samples(count, bool(reverse)))


def gimp_gradient_get_custom_samples(
    name: str, count: int, positions: Sequence[float], reverse: bool
) -> Samples:
    gradient = resource("GimpGradient", name)
    return _numbers(gradient.get_custom_samples(list(map(float, positions)), bool(reverse)))


def gimp_gradients_sample_uniform(count: int, reverse: bool) -> Samples:
    return gimp_gradient_get_uniform_samples(_gradient(), count, reverse)


def gimp_gradients_sample_custom(count: int, positions: Sequence[float], reverse: bool) -> Samples:
    return gimp_gradient_get_custom_samples(_gradient(), count, positions, reverse)


def gimp_gradients_get_gradient_data(
    name: str, count: int, reverse: bool
) -> tuple[str, int, tuple[float, ...]]:
    name = name or _gradient()
    return name, *gimp_gradient_get_uniform_samples(name, count, reverse)


def _gradient() -> str:
    return call_native("gimp-context-get-gradient")


def _numbers(found: Any) -> Samples:
    colours: Sequence[Gegl.Color] = found[-1] if isinstance(found, tuple) else found
    numbers = tuple(part for colour in colours for part in colour_from(colour))
    return len(numbers), numbers


def gimp_gradient_segment_get_left_color(name: str, segment: int) -> tuple[RGB, float]:
    return _with_opacity(call_native("gimp-gradient-segment-get-left-color", name, segment))


def gimp_gradient_segment_get_right_color(name: str, segment: int) -> tuple[RGB, float]:
    return _with_opacity(call_native("gimp-gradient-segment-get-right-color", name, segment))


def _with_opacity(colour: RGB) -> tuple[RGB, float]:
    return colour, 100 * colour.a


def gimp_gradient_segment_set_left_color(
    name: str, segment: int, color: ColourLike, opacity: float
) -> None:
    colour = _faded(color, opacity)
    call_native("gimp-gradient-segment-set-left-color", name, segment, colour)


def gimp_gradient_segment_set_right_color(
    name: str, segment: int, color: ColourLike, opacity: float
) -> None:
    colour = _faded(color, opacity)
    call_native("gimp-gradient-segment-set-right-color", name, segment, colour)


def _faded(color: ColourLike, opacity: float) -> RGB:
    return RGB(*rgb(color).parts()[:3], opacity / 100)


def gimp_brushes_get_brush() -> tuple[str, int, int, int]:
    name = call_native("gimp-context-get-brush")
    width, height, *_ = call_native("gimp-brush-get-info", name)
    return name, width, height, call_native("gimp-brush-get-spacing", name)


def gimp_brushes_get_spacing() -> int:
    return call_native("gimp-brush-get-spacing", call_native("gimp-context-get-brush"))


def gimp_brushes_set_spacing(spacing: int) -> None:
    call_native("gimp-brush-set-spacing", call_native("gimp-context-get-brush"), spacing)


def gimp_patterns_get_pattern() -> tuple[str, int, int]:
    name = call_native("gimp-context-get-pattern")
    width, height, _ = call_native("gimp-pattern-get-info", name)
    return name, width, height


def _on_segments(name: str) -> Callable[..., Any]:
    """Return `gimp-gradient-segment-range-NAME`; -1 is the last segment."""

    def run(gradient: str, start: int, end: int, *values: Any) -> Any:
        if end < 0:
            end = call_native("gimp-gradient-get-number-of-segments", gradient) - 1
        return call_native(f"gimp-gradient-segment-range-{name}", gradient, start, end, *values)

    return run


gimp_gradient_segment_range_blend_colors = _on_segments("blend-colors")
gimp_gradient_segment_range_blend_opacity = _on_segments("blend-opacity")
gimp_gradient_segment_range_delete = _on_segments("delete")
gimp_gradient_segment_range_flip = _on_segments("flip")
gimp_gradient_segment_range_move = _on_segments("move")
gimp_gradient_segment_range_redistribute_handles = _on_segments("redistribute-handles")
gimp_gradient_segment_range_replicate = _on_segments("replicate")
gimp_gradient_segment_range_set_blending_function = _on_segments("set-blending-function")
gimp_gradient_segment_range_set_coloring_type = _on_segments("set-coloring-type")
gimp_gradient_segment_range_split_midpoint = _on_segments("split-midpoint")
gimp_gradient_segment_range_split_uniform = _on_segments("split-uniform")
