#!/usr/bin/env python3
# Masks and channels: the brightness of a layer becomes a channel and, with a gradient, its mask.

from gimpfu import *


def fade_by_mask(image, layer, direction, keep_channel):
    image.undo_group_start()
    pdb.gimp_context_push()
    pdb.gimp_context_set_default_colors()
    bright = pdb.gimp_channel_new_from_component(image, GREEN_CHANNEL, "bright")
    image.add_channel(bright, 0)
    bright.color = gimpcolor.RGB(0.0, 0.5, 1.0)
    bright.opacity = 30.0
    fade = gimp.Channel(image, "fade", image.width, image.height, 50.0, (255, 0, 0))
    image.add_channel(fade, 0)
    ends = ((0, 0, image.width, 0), (0, 0, 0, image.height))[direction]
    pdb.gimp_edit_blend(
        fade, FG_BG_RGB_MODE, NORMAL_MODE, GRADIENT_LINEAR, 100, 0, REPEAT_NONE, False, False,
        3, 0.2, False, *ends
    )
    both = bright.copy()
    both.name = "both"
    image.add_channel(both, 0)
    both.combine_masks(fade, CHANNEL_OP_INTERSECT, 0, 0)
    pdb.gimp_selection_load(both)
    if not layer.has_alpha:
        pdb.gimp_layer_add_alpha(layer)
    mask = layer.create_mask(ADD_SELECTION_MASK)
    layer.add_mask(mask)
    pdb.gimp_selection_none(image)
    layer.edit_mask = False
    if not keep_channel:
        image.remove_channel(fade)
    image.active_layer = layer
    pdb.gimp_context_pop()
    image.undo_group_end()
    return mask


register(
    "fade-by-mask", "Fade by mask", "Adds a mask.", "A", "A", "2017", "_Fade by Mask...", "RGB*",
    [
        (PF_IMAGE, "image", "Image", None),
        (PF_LAYER, "layer", "Layer", None),
        (PF_OPTION, "direction", "Direction", 0, ("across", "down")),
        (PF_TOGGLE, "keep-channel", "Keep channel", False),
    ],
    [(PF_CHANNEL, "mask", "The mask")],
    fade_by_mask, menu="<Image>/Layer/Mask",
)
main()
