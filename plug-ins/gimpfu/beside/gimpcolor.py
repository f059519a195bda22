"""`import gimpcolor`: colours as GIMP 2.10's own Python module of this name offered them."""

from gimpfu.colours import (  # noqa: F401
    CMYK,
    HSL,
    HSV,
    RGB,
    rgb_list_names,
    rgb_parse_css,
    rgb_parse_hex,
    rgb_parse_name,
    rgba_add_names,
)
