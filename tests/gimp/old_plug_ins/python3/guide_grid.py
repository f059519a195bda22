#!/usr/bin/env python3
# Guides in a grid, and lines along them.

from gimpfu import *


def guide_grid(image, drawable, columns, rows, draw):
    guide = image.find_next_guide(0)
    while guide:
        image.delete_guide(guide)
        guide = image.find_next_guide(0)
    for i in range(1, int(columns)):
        image.add_vguide(i * image.width // int(columns))
    for i in range(1, int(rows)):
        image.add_hguide(i * image.height // int(rows))
    if not draw:
        return
    pdb.gimp_context_push()
    brush = pdb.gimp_brush_new("line of a grid")
    pdb.gimp_brush_set_hardness(brush, 1.0)
    pdb.gimp_context_set_brush(brush)
    pdb.gimp_context_set_brush_size(3.0)
    pdb.gimp_context_set_foreground((255, 0, 0))
    guide = image.find_next_guide(0)
    while guide:
        at = image.get_guide_position(guide)
        if image.get_guide_orientation(guide) == ORIENTATION_VERTICAL:
            line = [at, 0, at, image.height]
        else:
            line = [0, at, image.width, at]
        pdb.gimp_pencil(drawable, 4, line)
        guide = image.find_next_guide(guide)
    pdb.gimp_context_pop()
    pdb.gimp_brush_delete(brush)


register(
    "guide_grid", "Grid of guides", "Adds guides.", "A", "A", "2011",
    "<Image>/Image/Guides/Guide Grid...", "*",
    [
        (PF_SPINNER, "columns", "Columns", 3, (1, 20, 1)),
        (PF_SPINNER, "rows", "Rows", 3, (1, 20, 1)),
        (PF_TOGGLE, "draw", "Draw lines", False),
    ],
    [], guide_grid,
)
main()
