"""Text with the name of a font."""

from __future__ import annotations

from gimpfu.gimp3.database import call_native
from gimpfu.objects.images import Image
from gimpfu.objects.items import Drawable, Layer

_HINT_STYLES = {(False, False): 0, (True, False): 1, (True, True): 1, (False, True): 2}


def gimp_text_fontname(
    image: Image,
    drawable: Drawable | None,
    x: float,
    y: float,
    text: str,
    border: int,
    antialias: bool,
    size: float,
    size_type: int,
    fontname: str,
) -> Layer | None:
    """Add a text layer, or a floating selection if there is a drawable.

    As in GIMP 2.10 the size counts pixels, whatever its type says, and whole ones.
    """
    how = (x, y, text, border, antialias, max(1, int(size)), fontname)
    return call_native("gimp-text-font", image, drawable, *how)


def gimp_text_get_extents_fontname(
    text: str, size: float, size_type: int, fontname: str
) -> tuple[int, int, int, int]:
    found = call_native("gimp-text-get-extents-font", text, max(1, int(size)), fontname)
    width, height, ascent, descent = found
    return width, height, ascent, -abs(descent)


def gimp_text(
    image: Image,
    drawable: Drawable | None,
    x: float,
    y: float,
    text: str,
    border: int,
    antialias: bool,
    size: float,
    size_type: int,
    foundry: str,
    family: str,
    *_: str,
) -> Layer | None:
    """Add text as with an X11 font, of which only the family counts."""
    how = (x, y, text, border, antialias, size, size_type)
    return gimp_text_fontname(image, drawable, *how, family)


def gimp_text_get_extents(
    text: str, size: float, size_type: int, foundry: str, family: str, *_: str
) -> tuple[int, int, int, int]:
    return gimp_text_get_extents_fontname(text, size, size_type, family)


def gimp_text_layer_get_hinting(layer: Layer) -> tuple[int, int]:
    style = call_native("gimp-text-layer-get-hint-style", layer)
    return int(style in (1, 3)), int(style == 2)


def gimp_text_layer_set_hinting(layer: Layer, hinting: bool, autohint: bool) -> None:
    style = _HINT_STYLES[bool(hinting), bool(autohint)]
    call_native("gimp-text-layer-set-hint-style", layer, style)
