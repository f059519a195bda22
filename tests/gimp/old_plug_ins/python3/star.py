#!/usr/bin/env python3
# A star as a path of strokes, filled on a new layer.

import math

from gimpfu import *


def corner(i, count, radius, x, y):
    angle = 2 * math.pi * i / count - math.pi / 2
    return x + radius * math.cos(angle), y + radius * math.sin(angle)


def star(image, points, inner, rounded):
    x, y, radius = image.width / 2, image.height / 2, min(image.width, image.height) * 0.45
    path = gimp.Vectors(image, "star")
    pdb.gimp_image_add_vectors(image, path, 0)
    corners = []
    for i in range(2 * points):
        at = corner(i, 2 * points, radius * (inner if i % 2 else 1.0), x, y)
        corners += list(at) * 3
    gimp.VectorsBezierStroke(path, corners, True)
    hole = gimp.VectorsBezierStroke.new_moveto(path, x - 8, y)
    hole.lineto(x, y + 8)
    hole.cubicto(x + 4, y + 8, x + 8, y + 4, x + 8, y)
    hole.lineto(x, y - 8)
    hole.close()
    hole.translate(1, 1)
    layer = gimp.Layer(image, "star", image.width, image.height, RGBA_IMAGE)
    pdb.gimp_drawable_fill(layer, TRANSPARENT_FILL)
    image.add_layer(layer, 0)
    path.to_selection(CHANNEL_OP_REPLACE, True, rounded > 0, rounded, rounded)
    gimp.set_foreground(gimpcolor.HSV(0.14, 0.9, 1.0).to_rgb())
    pdb.gimp_edit_bucket_fill(layer, FG_BUCKET_FILL, NORMAL_MODE, 100, 0, False, 0, 0)
    pdb.gimp_selection_none(image)
    return layer, path.strokes[0].get_length(0.1)


register(
    "star", "Star", "Draws a star.", "A", "A", "2015", "_Star...", "RGB*",
    [
        (PF_IMAGE, "image", "Image", None),
        (PF_INT, "points", "_Points", 5),
        (PF_SLIDER, "inner", "Inner radius", 0.4, (0.1, 1.0, 0.05)),
        (PF_FLOAT, "rounded", "Rounded", 0.0),
    ],
    [(PF_LAYER, "layer", "The star"), (PF_FLOAT, "length", "The length of its outline")],
    star, menu="<Image>/Filters/Render",
)
main()
