"""Colours: linear light in GIMP 3, sRGB-encoded in plug-ins.

The transfer curves are those of IEC 61966-2-1.
"""

from __future__ import annotations

from gi.repository import Gegl

from gimpfu.colours import RGB


def colour_from(native: Gegl.Color) -> tuple[float, float, float, float]:
    """Return sRGB-encoded red, green, blue, and alpha, 0..1."""
    red, green, blue, alpha = native.get_rgba()
    return _encoded(red), _encoded(green), _encoded(blue), alpha


def native_colour(colour: RGB) -> Gegl.Color:
    """Convert a colour for GIMP."""
    red, green, blue, alpha = colour.parts()
    native = Gegl.Color.new("black")
    native.set_rgba(_linear(red), _linear(green), _linear(blue), alpha)
    return native


def _encoded(linear: float) -> float:
    return 12.92 * linear if linear <= 0.0031308 else 1.055 * linear ** (1 / 2.4) - 0.055


def _linear(encoded: float) -> float:
    return encoded / 12.92 if encoded <= 0.04045 else ((encoded + 0.055) / 1.055) ** 2.4
