#!/usr/bin/env python3
# The colour table of an indexed image: turned round, and shown as a new image.

from gimpfu import *


def colour_table(image, drawable, turn, square):
    if image.base_type != INDEXED:
        raise gimp.error("The image is not indexed.")
    colours = image.colormap
    count = len(colours) // 3
    triples = [colours[3 * i : 3 * i + 3] for i in range(count)]
    if turn:
        triples.reverse()
        image.colormap = b"".join(triples)
    table = gimp.Image(count * square, square, INDEXED)
    table.colormap = b"".join(triples)
    layer = gimp.Layer(table, "table", table.width, square, INDEXED_IMAGE)
    table.add_layer(layer, 0)
    row = b"".join(bytes([i]) * square for i in range(count))
    region = layer.get_pixel_rgn(0, 0, layer.width, square)
    for y in range(square):
        region[0 : layer.width, y] = row
    layer.flush()
    layer.update(0, 0, layer.width, square)
    table.attach_new_parasite("colours", 1, str(count))
    return table


register(
    "colour-table", "Colour table", "Shows the colour table.", "A", "A", "2006",
    "Colour _Table...", "INDEXED*",
    [
        (PF_IMAGE, "image", "Image", None),
        (PF_DRAWABLE, "drawable", "Drawable", None),
        (PF_BOOL, "turn", "Turn round", True),
        (PF_INT16, "square", "Size of a square", 8),
    ],
    [(PF_IMAGE, "table", "The table")],
    colour_table, menu="<Image>/Colors/Map",
)
main()
