#!/usr/bin/env python
# Pixel regions: swap red and blue, and invert every second tile.

from gimpfu import *
from array import array

TILE = 16

def pixel_mosaic(image, drawable, mode):
    width, height, bpp = drawable.width, drawable.height, drawable.bpp
    source = drawable.get_pixel_rgn(0, 0, width, height, False, False)
    target = drawable.get_pixel_rgn(0, 0, width, height, True, True)
    pixels = array("B", source[0:width, 0:height])
    gimp.progress_init("Mosaic")
    for top in range(0, height, TILE):
        for left in range(0, width, TILE):
            if (left / TILE + top / TILE) % 2:
                continue
            for y in xrange(top, min(top + TILE, height)):
                for x in xrange(left, min(left + TILE, width)):
                    at = (y * width + x) * bpp
                    for channel in range(3):
                        pixels[at + channel] = 255 - pixels[at + channel]
        gimp.progress_update(float(top) / height)
    if mode == 0:
        for at in xrange(0, len(pixels), bpp):
            pixels[at], pixels[at + 2] = pixels[at + 2], pixels[at]
    target[0:width, 0:height] = pixels.tostring()
    for x in range(0, width, 10):
        target[x, height / 2] = "".join(map(chr, [255, 255, 0, 255][:bpp]))
    drawable.flush()
    drawable.merge_shadow(True)
    drawable.update(0, 0, width, height)

register(
    "pixel-mosaic", "Mosaic", "Swaps and inverts pixels.", "A", "A", "2007",
    "<Image>/Filters/Distorts/_Pixel Mosaic...", "RGB*",
    [(PF_OPTION, "mode", "Colours", 0, ("swap", "keep"))],
    [], pixel_mosaic)

main()
