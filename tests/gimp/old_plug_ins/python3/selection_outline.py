#!/usr/bin/env python3
# The selection becomes a path, which is then stroked on a layer of its own.

from gimpfu import *


def selection_outline(image, drawable, width, name):
    if pdb.gimp_selection_is_empty(image):
        fail("Select something first.")
    pdb.plug_in_sel2path(image, drawable)
    path = image.active_vectors or image.vectors[0]
    path.name = name
    path.visible = True
    pdb.gimp_selection_none(image)
    layer = image.new_layer(name, opacity=80.0)
    pdb.gimp_context_push()
    pdb.gimp_context_set_defaults()
    pdb.gimp_context_set_foreground("#ff8000")
    pdb.gimp_context_set_stroke_method(STROKE_LINE)
    pdb.gimp_context_set_line_width(width)
    pdb.gimp_drawable_edit_stroke_item(layer, path)
    pdb.gimp_context_pop()
    return path


register(
    "selection-outline", "Outline of the selection", "", "A", "A", "2018",
    "Selection _Outline...", "RGB*",
    [
        (PF_IMAGE, "image", "Image", None),
        (PF_DRAWABLE, "drawable", "Drawable", None),
        (PF_FLOAT, "width", "Width", 4.0),
        (PF_STRING, "name", "Name", "outline"),
    ],
    [(PF_VECTORS, "path", "The path")],
    selection_outline, menu="<Image>/Select",
)
main()
