#!/usr/bin/env python3
# File > Create: an image with ruled or squared paper.

from gimpfu import *

SIZES = ((120, 80), (80, 120))


def new_paper(size, pattern, spacing, paper, ink):
    image = gimp.Image(*SIZES[size], type=RGB)
    image.disable_undo()
    image.resolution = (150, 150)
    layer = gimp.Layer(image, "Paper", image.width, image.height, RGB_IMAGE, 100, NORMAL_MODE)
    image.add_layer(layer, 0)
    gimp.set_background(paper)
    layer.fill(BACKGROUND_FILL)
    gimp.set_foreground(ink)
    spacing = int(spacing)
    for y in range(spacing, image.height, spacing):
        pdb.gimp_rect_select(image, 0, y, image.width, 1, CHANNEL_OP_REPLACE, False, 0)
        pdb.gimp_edit_fill(layer, FOREGROUND_FILL)
    if pattern == "squared":
        for x in range(spacing, image.width, spacing):
            pdb.gimp_image_select_rectangle(image, CHANNEL_OP_ADD, x, 0, 1, image.height)
        pdb.gimp_edit_fill(layer, FOREGROUND_FILL)
    pdb.gimp_selection_none(image)
    image.enable_undo()
    image.clean_all()
    gimp.Display(image)
    return image


register(
    "new-paper", "New paper", "Creates paper.", "A", "A", "2012", "_Paper...", "",
    [
        (PF_OPTION, "size", "_Size", 0, ("landscape", "portrait")),
        (PF_RADIO, "pattern", "Pa_ttern", "squared", (("Ruled", "ruled"), ("Squared", "squared"))),
        (PF_SPINNER, "spacing", "Sp_acing", 10, (2, 100, 1)),
        (PF_COLOR, "paper", "Pape_r", (250, 245, 230)),
        (PF_COLOR, "ink", "_Ink", "#6080c0"),
    ],
    [(PF_IMAGE, "image", "The image")],
    new_paper, menu="<Image>/File/Create",
)
main()
