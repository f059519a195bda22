#!/usr/bin/env python
# Onion skins for animations: the frames before and after the active one shine through.

from gimpfu import *

KEYS = {"hidden": 0, "last": 40.0, "before": 20.0, "after": 15.0}

def onion_layers(image, drawable, depth, tint):
    frames = list(image.layers)
    frames.reverse()
    if not drawable in frames:
        raise gimp.error, "Choose a frame."
    now = frames.index(drawable)
    image.undo_group_start()
    for number, frame in enumerate(frames):
        distance = number - now
        if abs(distance) > depth:
            frame.visible = KEYS["hidden"]
        else:
            frame.visible = True
            if distance == 0:
                frame.opacity = 100.0
            elif distance == -1:
                frame.opacity = KEYS["last"]
            else:
                key = distance < 0 and "before" or "after"
                frame.opacity = KEYS[key] / (abs(distance) / 2 + 1)
        frame.name = "frame %02d%s" % (number, "*" * (distance == 0))
        if tint and distance <> 0 and frame.visible:
            color = distance < 0 and (255, 0, 0) or (0, 0, 255)
            pdb.gimp_colorize(frame, gimpcolor.RGB(*color).to_hsv().h * 360, 80, 0)
    image.active_layer = frames[min(now + 1, len(frames) - 1)]
    image.undo_group_end()
    return len(frames)

register(
    "python-fu-onion-layers", "Onion layers", "Shows the frames around one.", "A", "A", "2012",
    "_Onion Layers", "*",
    [
        (PF_IMAGE, "image", "Image", None),
        (PF_LAYER, "layer", "Frame", None),
        (PF_INT8, "depth", "Depth", 2),
        (PF_TOGGLE, "tint", "Tint", False),
    ],
    [(PF_INT, "count", "Number of frames")],
    onion_layers, menu="<Image>/Layer/Animation",
    domain=("gimp20-python", gimp.locale_directory))

main()
