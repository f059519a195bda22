#!/usr/bin/env python3
# Saves pictures as text: a character for the brightness of each block.

from gimpfu import *

SHADES = " .:-=+*#%@"


def save_ascii(image, drawable, filename, raw_filename):
    copy = pdb.gimp_image_duplicate(image)
    layer = copy.flatten()
    pdb.gimp_desaturate_full(layer, DESATURATE_LUMINOSITY)
    copy.scale(copy.width // 4, copy.height // 8)
    region = layer.get_pixel_rgn(0, 0, layer.width, layer.height, False, False)
    lines = []
    for y in range(layer.height):
        row = region[0:layer.width, y]
        greys = row[0 :: layer.bpp]
        lines.append("".join(SHADES[grey * len(SHADES) // 256] for grey in bytearray(greys)))
    with open(filename, "w") as out:
        out.write("\n".join(lines) + "\n")
    gimp.delete(copy)


def register_handler():
    gimp.register_save_handler("file-ascii-save", "asc", "")
    pdb.gimp_register_file_handler_mime("file-ascii-save", "text/plain")


register(
    "file-ascii-save", "Save as text", "Saves as text.", "A", "A", "2016", "Text picture", "*",
    [
        (PF_IMAGE, "image", "Image", None),
        (PF_DRAWABLE, "drawable", "Drawable", None),
        (PF_STRING, "filename", "The file", None),
        (PF_STRING, "raw-filename", "The name entered", None),
    ],
    [], save_ascii, on_query=register_handler, menu="<Save>",
)
main()
