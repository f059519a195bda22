#!/usr/bin/env python
# -*- coding: utf-8 -*-
# Drop shadow and outline of a layer, below it in a group.

from gimpfu import *

def effect_layer(image, source, name, color, grow, blur, position):
    "A layer with the shape of another one, in one colour"
    layer = gimp.Layer(image, name, image.width, image.height, RGBA_IMAGE, 100, NORMAL_MODE)
    layer.fill(TRANSPARENT_FILL)
    image.add_layer(layer, position)
    pdb.gimp_selection_layer_alpha(source)
    if grow > 0:
        pdb.gimp_selection_grow(image, grow)
    gimp.set_foreground(color)
    pdb.gimp_edit_fill(layer, FOREGROUND_FILL)
    pdb.gimp_selection_none(image)
    if blur > 0:
        pdb.plug_in_gauss_rle2(image, layer, blur, blur)
    return layer

def layer_effects(image, drawable, distance, blur, shadow_color, outline, opacity):
    print "Effects for %s" % drawable.name
    pdb.gimp_context_push()
    image.undo_group_start()
    position = list(image.layers).index(drawable) + 1
    line = effect_layer(image, drawable, drawable.name + " outline", (255, 255, 255), outline,
                        0, position)
    shadow = effect_layer(image, drawable, drawable.name + " shadow", shadow_color, 0, blur,
                          position + 1)
    shadow.set_offsets(shadow.offsets[0] + distance, shadow.offsets[1] + distance / 2)
    shadow.opacity = opacity
    shadow.mode = MULTIPLY_MODE
    group = pdb.gimp_layer_group_new(image)
    group.name = "Effects"
    image.insert_layer(group, None, position)
    for layer in (shadow, line):
        pdb.gimp_image_reorder_item(image, layer, group, 0)
    image.active_layer = drawable
    image.undo_group_end()
    pdb.gimp_context_pop()
    gimp.displays_flush()

register(
    "layer-effects", "Shadow and outline", "Adds a shadow and an outline.", "A", "A", "2009",
    "Layer _Effects...", "RGBA",
    [
        (PF_IMAGE, "image", "Image", None),
        (PF_DRAWABLE, "drawable", "Drawable", None),
        (PF_ADJUSTMENT, "distance", "_Distance", 6, (0, 50, 1)),
        (PF_SPINNER, "blur", "_Blur", 8, (0, 50, 1)),
        (PF_COLOR, "color", "_Colour", (20, 0, 60)),
        (PF_SPINNER, "outline", "_Outline", 2, (0, 10, 1)),
        (PF_SLIDER, "opacity", "O_pacity", 70, (0, 100, 5)),
    ],
    [], layer_effects, menu="<Image>/Filters/Light and Shadow")

main()
