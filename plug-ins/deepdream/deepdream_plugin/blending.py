"""How a dream is laid over what is below it: GIMP's layer modes by the names in settings."""

from __future__ import annotations

from gimpfu import (
    LAYER_MODE_DARKEN_ONLY,
    LAYER_MODE_DIFFERENCE,
    LAYER_MODE_GRAIN_MERGE,
    LAYER_MODE_HARDLIGHT,
    LAYER_MODE_LCH_COLOR,
    LAYER_MODE_LCH_LIGHTNESS,
    LAYER_MODE_LIGHTEN_ONLY,
    LAYER_MODE_LUMINANCE,
    LAYER_MODE_MULTIPLY,
    LAYER_MODE_NORMAL,
    LAYER_MODE_OVERLAY,
    LAYER_MODE_SCREEN,
    LAYER_MODE_SOFTLIGHT,
    RGB,
    RGB_IMAGE,
)
from gimpfu.objects.images import Image
from gimpfu.objects.items import Layer

from deepdream_core.shared.outputs import Output
from deepdream_core.shared.protocol import Picture

MODES = {
    "normal": LAYER_MODE_NORMAL,
    "lighten": LAYER_MODE_LIGHTEN_ONLY,
    "screen": LAYER_MODE_SCREEN,
    "darken": LAYER_MODE_DARKEN_ONLY,
    "multiply": LAYER_MODE_MULTIPLY,
    "overlay": LAYER_MODE_OVERLAY,
    "soft-light": LAYER_MODE_SOFTLIGHT,
    "hard-light": LAYER_MODE_HARDLIGHT,
    "difference": LAYER_MODE_DIFFERENCE,
    "grain-merge": LAYER_MODE_GRAIN_MERGE,
    "colour": LAYER_MODE_LCH_COLOR,
    "lightness": LAYER_MODE_LCH_LIGHTNESS,
    "luminance": LAYER_MODE_LUMINANCE,
}


def blend_as_chosen(layer: Layer, output: Output) -> None:
    """Give a new layer the mode and opacity that were chosen for it."""
    layer.mode, layer.opacity = MODES[output.mode], output.opacity


def blended(below: Picture, above: Picture, output: Output) -> Picture:
    """Return how a picture looks above another one in GIMP. All are 8-bit RGB, of one size."""
    size = below.width, below.height
    image = Image(*size, RGB)
    try:
        for position, picture in enumerate((below, above)):
            layer = Layer(image, "", *size, RGB_IMAGE)
            layer.write_pixels("R'G'B' u8", picture.data)
            if position:
                blend_as_chosen(layer, output)
            image.insert_layer(layer, None, 0)
        data = image.flatten().read_pixels("R'G'B' u8")
    finally:
        image.delete()
    return Picture(*size, 3, data, sample="uint8")
