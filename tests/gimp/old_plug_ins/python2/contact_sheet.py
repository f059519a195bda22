#!/usr/bin/env python
# A contact sheet of the pictures in a folder.

import os, string
from gimpfu import *

def pictures(folder):
    names = filter(lambda name: os.path.splitext(name)[1].lower() in (".png", ".jpg"),
                   os.listdir(folder))
    names.sort()
    return names

def contact_sheet(folder, columns, size, gap, frame):
    names = pictures(folder)
    if not names:
        raise RuntimeError, "No pictures in %s" % folder
    columns = int(columns)
    cell = int(size + gap)
    rows = (len(names) + columns - 1) / columns
    sheet = gimp.Image(columns * cell + int(gap), rows * cell + int(gap), RGB)
    paper = gimp.Layer(sheet, "paper", sheet.width, sheet.height, RGB_IMAGE, 100, NORMAL_MODE)
    sheet.add_layer(paper, 0)
    gimp.set_background(60, 60, 70)
    paper.fill(BACKGROUND_FILL)
    gimp.progress_init("Making a contact sheet")
    for i, name in enumerate(names):
        path = os.path.join(folder, name)
        try:
            picture = pdb.gimp_file_load(path, path)
        except RuntimeError, e:
            print "Left out:", e
            continue
        scale = float(size) / max(picture.width, picture.height)
        picture.scale(int(picture.width * scale), int(picture.height * scale))
        layer = pdb.gimp_layer_new_from_drawable(picture.flatten(), sheet)
        layer.name = string.join(name.split(".")[:-1], ".")
        sheet.add_layer(layer, -1)
        x, y = i % columns, i / columns
        layer.set_offsets(int(gap) + x * cell + (int(size) - layer.width) / 2,
                          int(gap) + y * cell + (int(size) - layer.height) / 2)
        if frame:
            layer.resize(layer.width + 4, layer.height + 4, 2, 2)
        gimp.delete(picture)
        gimp.progress_update(float(i + 1) / len(names))
    gimp.Display(sheet)
    return sheet

register(
    "python_fu_contact_sheet", "Contact sheet", "Shows the pictures of a folder.", "A", "A", "2008",
    "<Toolbox>/Xtns/Contact Sheet...", None,
    [
        (PF_DIRNAME, "folder", "Folder", "/tmp"),
        (PF_SPINNER, "columns", "Columns", 3, (1, 20, 1)),
        (PF_SPINNER, "size", "Size of a picture", 40, (16, 512, 1)),
        (PF_INT, "gap", "Gap", 4),
        (PF_BOOL, "frame", "Frame", True),
    ],
    [(PF_IMAGE, "sheet", "The sheet")], contact_sheet)

main()
