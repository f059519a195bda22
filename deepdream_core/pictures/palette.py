"""Mapping a dream onto the palette of an indexed picture."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image

from deepdream_core.pictures.picture import Pixels


def dither(pixels: Pixels, source: Pixels, palette: Sequence[Sequence[int]]) -> Pixels:
    """Return `pixels` reduced to the palette's colours by Floyd-Steinberg dithering.

    `pixels`, `source`: floats, (height, width, 3 or 4) sRGB in 0..1; pixels equal to those in
    `source` are left alone. `palette`: up to 256 colours of three values 0..255.
    """
    colours = np.asarray(palette, dtype=np.uint8)
    model = Image.new("P", (1, 1))
    # Pillow pads a short palette with black, which may not be one of the picture's colours.
    padding = np.repeat(colours[-1:], 256 - len(colours), axis=0)
    model.putpalette(np.concatenate([colours, padding]).tobytes())
    rgb = Image.fromarray(np.rint(pixels[:, :, :3].clip(0, 1) * 255).astype(np.uint8))
    numbers = np.asarray(rgb.quantize(palette=model, dither=Image.Dither.FLOYDSTEINBERG))
    result = pixels.copy()
    result[:, :, :3] = colours[numbers.clip(max=len(colours) - 1)].astype(np.float32) / 255
    unchanged = (pixels == source).all(axis=2, keepdims=True)
    return np.where(unchanged, source, result)
