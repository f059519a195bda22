#!/usr/bin/env python3
# All pictures of a folder, smaller and with a frame, into another folder.

import glob
import os

from gimpfu import *


def frame(image, border, colour):
    gimp.set_background(colour)
    image.resize(image.width + 2 * border, image.height + 2 * border, border, border)
    return image.flatten()


def batch_frame(source, target, size, border, colour, kind):
    written = []
    for path in sorted(glob.glob(os.path.join(source, "*.png"))):
        image = pdb.gimp_file_load(path, path, run_mode=RUN_NONINTERACTIVE)
        pdb.gimp_image_undo_disable(image)
        if image.width > size:
            pdb.gimp_image_scale(image, size, int(image.height * size / image.width))
        drawable = frame(image, border, colour)
        pdb.plug_in_unsharp_mask(image, drawable, 2.0, 0.3, 0)
        name = os.path.splitext(os.path.basename(path))[0] + ("", ".bmp", ".png")[kind]
        new = os.path.join(target, "framed-" + name)
        if kind == 2:
            pdb.file_png_save(image, drawable, new, new, 0, 9, 0, 0, 0, 0, 0)
        else:
            pdb.gimp_file_save(image, drawable, new, new)
        pdb.gimp_image_delete(image)
        written.append(os.path.basename(new))
    return len(written), written


register(
    "batch-frame", "Frame pictures", "Frames all pictures of a folder.", "A", "A", "2014",
    "_Batch Frame...", "",
    [
        (PF_DIRNAME, "source", "From", ""),
        (PF_DIRNAME, "target", "To", ""),
        (PF_INT, "size", "Width", 60),
        (PF_INT, "border", "Border", 5),
        (PF_COLOR, "colour", "Colour", (1.0, 1.0, 1.0)),
        (PF_OPTION, "kind", "Format", 2, ("as it is", "BMP", "PNG")),
    ],
    [(PF_INT, "count", "Number of pictures"), (PF_STRINGARRAY, "names", "Their names")],
    batch_frame, menu="<Image>/File",
)
main()
