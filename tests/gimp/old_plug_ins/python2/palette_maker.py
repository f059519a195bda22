#!/usr/bin/env python
# A palette of an image's most frequent colours.

from gimpfu import *
import gettext
gettext.install("gimp20-python", gimp.locale_directory, unicode=True)

def palette_maker(image, drawable, name, count, step, sort):
    "Count the colours, rounded to steps"
    region = drawable.get_pixel_rgn(0, 0, drawable.width, drawable.height, False, False)
    found = {}
    for y in xrange(0, drawable.height):
        row = region[0:drawable.width, y]
        for x in xrange(0, len(row), drawable.bpp):
            color = tuple(ord(c) / step * step for c in row[x:x + 3])
            if found.has_key(color):
                found[color] += 1
            else:
                found[color] = 1
    colors = found.items()
    colors.sort(lambda a, b: cmp(b[1], a[1]) or cmp(a[0], b[0]))
    colors = [color for color, n in colors[:count]]
    if sort == "light":
        colors.sort(key=lambda color: gimpcolor.RGB(*color).luminance())
    palette = pdb.gimp_palette_new(name)
    pdb.gimp_palette_set_columns(palette, 4)
    for i, color in enumerate(colors):
        pdb.gimp_palette_add_entry(palette, "%s %d" % (_("Color"), i + 1), color)
    return palette, len(colors)

register(
    "palette-maker", "Palette from image", "Makes a palette.", "A", "A", "2010",
    "Palette _Maker...", "RGB*",
    [
        (PF_IMAGE, "image", "Image", None),
        (PF_DRAWABLE, "drawable", "Drawable", None),
        (PF_STRING, "name", "Name", "Made"),
        (PF_INT, "count", "Colours", 8),
        (PF_INT, "step", "Step", 64),
        (PF_RADIO, "sort", "Sort", "light", (("By number", "number"), ("By lightness", "light"))),
    ],
    [(PF_PALETTE, "palette", "Palette"), (PF_INT, "count", "Colours")],
    palette_maker, menu="<Image>/Colors/Info")

main()
