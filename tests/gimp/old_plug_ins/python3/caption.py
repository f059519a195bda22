#!/usr/bin/env python3
# A caption on a bar at the bottom of an image.

from gimpfu import *


def caption(image, drawable, text, font, size, colour, bar):
    image.undo_group_start()
    old_height = image.height
    if bar:
        image.resize(image.width, image.height + int(size * 2), 0, 0)
        layer = gimp.Layer(image, "bar", image.width, int(size * 2), RGB_IMAGE)
        layer.fill(WHITE_FILL)
        layer.set_offsets(0, old_height)
        image.add_layer(layer)
    pdb.gimp_context_set_foreground(colour)
    written = pdb.gimp_text_fontname(image, None, 5, old_height, text, -1, True, size, PIXELS, font)
    width, height, ascent, descent = pdb.gimp_text_get_extents_fontname(text, size, PIXELS, font)
    written.set_offsets((image.width - width) // 2, image.height - height - 2)
    written.name = "caption"
    image.undo_group_end()
    return pdb.gimp_text_layer_get_text(written)


register(
    "caption", "Caption", "Writes a caption.", "A", "A", "2013", "_Caption...", "RGB*",
    [
        (PF_IMAGE, "image", "Image", None),
        (PF_DRAWABLE, "drawable", "Drawable", None),
        (PF_TEXT, "text", "Text", "A caption"),
        (PF_FONT, "font", "Font", "Sans"),
        (PF_FLOAT, "size", "Size", 14.0),
        (PF_COLOUR, "colour", "Colour", "black"),
        (PF_BOOL, "bar", "Bar below", True),
    ],
    [(PF_STRING, "text", "What was written")],
    caption, menu="<Image>/Filters/Render",
)
main()
