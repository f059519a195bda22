#!/usr/bin/env python
# Make a layer tile: its edges fade into a copy that is offset by half.

from gimpfu import *
import math

def seamless_tile(img, layer, overlap, keep):
    img.disable_undo()
    width, height = layer.width, layer.height
    copy = layer.copy(True)
    copy.name = "middle"
    img.add_layer(copy, -1)
    pdb.gimp_drawable_offset(layer, True, 0, width / 2, height / 2)
    mask = copy.create_mask(ADD_BLACK_MASK)
    copy.add_mask(mask)
    border_x = int(math.floor(width * overlap / 100))
    border_y = int(math.floor(height * overlap / 100))
    pdb.gimp_rect_select(img, border_x, border_y, width - 2 * border_x, height - 2 * border_y,
                         CHANNEL_OP_REPLACE, False, 0)
    gimp.set_background("white")
    pdb.gimp_edit_fill(mask, BACKGROUND_FILL)
    pdb.gimp_selection_none(img)
    pdb.plug_in_gauss_iir(img, mask, max(border_x, border_y), True, True)
    if not keep:
        img.merge_down(copy, CLIP_TO_IMAGE)
    img.enable_undo()

register(
    "seamless-tile", "Make seamless", "Makes a layer tile.", "A", "A", "2005",
    "<Image>/Filters/Map/Seamless Tile...", "RGB*, GRAY*",
    [
        (PF_SLIDER, "overlap", "Overlap in percent", 20, (5, 45, 1)),
        (PF_TOGGLE, "keep", "Keep layers", 1),
    ],
    [], seamless_tile)

main()
