"""`import gimpcolor`: colours as GIMP 2.10's own Python module of this name offered them."""

from gimpfu.colours import (  # noqa: F401
    CMYK,
    HSL,
    HSV,
    RGB,
    RGB_COMPOSITE_BEHIND,
    RGB_COMPOSITE_NONE,
    RGB_COMPOSITE_NORMAL,
    RGB_LUMINANCE_BLUE,
    RGB_LUMINANCE_GREEN,
    RGB_LUMINANCE_RED,
    bilinear,
    bilinear_rgb,
    bilinear_rgba,
    rgb_names,
    rgb_parse_css,
    rgb_parse_hex,
    rgb_parse_name,
)
