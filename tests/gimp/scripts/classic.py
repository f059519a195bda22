"""Runs inside GIMP: uses GIMP 2.10's procedures and objects; reports the pictures they make.

Each case changes a fresh image of two layers, `base` and, smaller and half transparent, `top`. The
report has the flattened picture (width, height, base64 of RGB bytes) or the traceback of a failure,
and what the case itself has put into `told`.
"""

# ruff: noqa: F821 - gimpfu's names are in the namespace at run time
from __future__ import annotations

import base64
import tempfile
import traceback

WIDTH, HEIGHT = 150, 100

ELLIPSE = "pdb.gimp_ellipse_select(image, 20, 20, 80, 60, CHANNEL_OP_REPLACE, True, False, 0)"
FEATHERED = "pdb.gimp_rect_select(image, 20, 20, 50, 40, 2, True, 8.0)"
# GIMP has no brush in a test, and would paint nothing.
BRUSH = "pdb.gimp_context_set_brush(pdb.gimp_brush_new('a brush'))"
SHAPE = "[10, 10, 120, 20, 100, 90, 20, 60]"
FORWARD = "TRANSFORM_FORWARD, INTERPOLATION_LINEAR, False, 3, 1"
BLEND = "NORMAL_MODE, GRADIENT_LINEAR, 100.0, 0.0, REPEAT_NONE, False, False, 3, 0.2, False"

REPEATED = BLEND.replace("REPEAT_NONE", "1")

CASES = {
    "invert": "pdb.gimp_invert(base)",
    "brightness": "pdb.gimp_brightness_contrast(base, 40, -30)",
    "levels of a channel": "pdb.gimp_levels(base, HISTOGRAM_RED, 0, 128, 0.7, 0, 255)",
    "levels of the value": "pdb.gimp_levels(base, HISTOGRAM_VALUE, 20, 220, 1.4, 10, 240)",
    "hue and lightness": "pdb.gimp_hue_saturation(base, 0, 30.0, 10.0, -20.0)",
    "curve": "pdb.gimp_curves_spline(base, HISTOGRAM_VALUE, 6, [0, 30, 128, 90, 255, 255])",
    "threshold": "pdb.gimp_threshold(base, 100, 200)",
    "desaturate": "pdb.gimp_desaturate(base)",
    "colorize": "pdb.gimp_colorize(base, 200.0, 60.0, 5.0)",
    "stretch": "pdb.gimp_levels_stretch(base)",
    "equalize": "pdb.gimp_equalize(base, False)",
    "white by name": "pdb.gimp_edit_fill(base, WHITE_FILL)",
    "white by number": "pdb.gimp_edit_fill(base, 2)",
    "transparent by number": "top.fill(3)",
    "clear": "pdb.gimp_edit_clear(top)",
    "bucket": "pdb.gimp_edit_bucket_fill(base, FG_BUCKET_FILL, NORMAL_MODE, 60.0, 40.0, 0, 10, 10)",
    "gradient": f"pdb.gimp_edit_blend(base, FG_BG_RGB_MODE, {BLEND}, 0, 0, 150, 100)",
    "repeated gradient": f"pdb.gimp_edit_blend(base, 0, {REPEATED}, 30, 30, 80, 60)",
    "ellipse": f"{ELLIPSE}; pdb.gimp_invert(base)",
    "feathered": f"{FEATHERED}; pdb.gimp_invert(base)",
    "polygon": f"pdb.gimp_free_select(image, 8, {SHAPE}, 2, True, False, 0); pdb.gimp_invert(base)",
    "by colour": "pdb.gimp_by_color_select(base, (200, 60, 60), 60, 2, False, False, 0, False);"
    "pdb.gimp_invert(base)",
    "saved selection": f"{ELLIPSE}; channel = pdb.gimp_selection_save(image);"
    "pdb.gimp_selection_none(image); pdb.gimp_selection_load(channel); pdb.gimp_invert(base)",
    "rotate": f"base.transform_rotate(0.3, True, 0, 0, {FORWARD})",
    "perspective": f"base.transform_perspective(10, 0, 140, 10, 0, 100, 150, 90, {FORWARD})",
    "item rotated": "pdb.gimp_item_transform_rotate(base, 0.3, True, 0, 0)",
    "item rotated without interpolation": "pdb.gimp_context_set_interpolation(0);"
    "pdb.gimp_item_transform_rotate(base, 0.3, True, 0, 0); told['alpha'] = base.has_alpha",
    "selection rotated": f"{ELLIPSE}; pdb.gimp_item_transform_rotate(base, 0.3, True, 0, 0)",
    "default rotation": "pdb.gimp_context_set_interpolation(0);"
    "base.transform_rotate_default(0.3, True, 0, 0, True, 1)",
    "oldest rotation": "pdb.gimp_context_set_interpolation(3); pdb.gimp_rotate(base, True, 0.3)",
    "flip": "pdb.gimp_flip(base, ORIENTATION_VERTICAL)",
    "scale": "image.scale(80, 60)",
    "crop": "image.crop(80, 60, 10, 20)",
    "offset": "base.offset(False, OFFSET_BACKGROUND, 30, 20)",
    "translate": "top.translate(15, -10)",
    "pencil": f"{BRUSH}; pdb.gimp_context_set_brush_size(7.0);"
    "pdb.gimp_pencil(base, 4, [10, 10, 120, 80])",
    "stroked path": "path = gimp.Vectors(image, 'p'); image.add_vectors(path);"
    "stroke = gimp.VectorsBezierStroke.new_moveto(path, 20, 20); stroke.lineto(100, 30);"
    f"stroke.cubicto(120, 80, 60, 90, 40, 70); {BRUSH}; pdb.gimp_context_set_brush_size(5.0);"
    "pdb.gimp_edit_stroke_vectors(base, path); told['closed'] = stroke.points[1]",
    "selected path": "path = gimp.Vectors(image, 'p'); image.add_vectors(path);"
    "gimp.VectorsBezierStroke.new_ellipse(path, 70, 50, 40, 25, 0.3); path.to_selection();"
    "pdb.gimp_invert(base)",
    "paste": "pdb.gimp_rect_select(image, 20, 20, 50, 40, 2, False, 0); pdb.gimp_edit_copy(base);"
    "pdb.gimp_selection_none(image); floating = pdb.gimp_edit_paste(base, False);"
    "floating.set_offsets(80, 50); pdb.gimp_floating_sel_anchor(floating)",
    "pasted layer made larger": "pdb.gimp_edit_copy(base); top = pdb.gimp_edit_paste(base, True);"
    "pdb.gimp_floating_sel_to_layer(top); top.scale(80, 50, True); top.resize(140, 90, 20, 10)",
    "mode": "top.mode = MULTIPLY_MODE; top.opacity = 60.0",
    "mask": "mask = top.create_mask(ADD_WHITE_MASK); top.add_mask(mask);"
    f"pdb.gimp_edit_blend(mask, FG_BG_RGB_MODE, {BLEND}, 0, 0, 150, 0)",
    "group": "group = pdb.gimp_layer_group_new(image); image.insert_layer(group, None, 0);"
    "pdb.gimp_image_reorder_item(image, top, group, 0); group.opacity = 50.0;"
    "told['names'] = [[item.name for item in items] for items in (image.layers, group.layers)]",
    "feathered after flattening": f"base = image.flatten(); {FEATHERED}; pdb.gimp_invert(base)",
    "feathered after merging": f"base = image.merge_visible_layers(0); {FEATHERED};"
    "pdb.gimp_invert(base)",
    "merged into a group": "group = pdb.gimp_layer_group_new(image);"
    "image.insert_layer(group, None, 0); pdb.gimp_image_reorder_item(image, top, group, 0);"
    "pdb.gimp_image_reorder_item(image, base, group, 1); last = gimp.Layer(image, 'last', 9, 9);"
    "image.insert_layer(last, None, 1); merged = image.merge_down(top, EXPAND_AS_NECESSARY);"
    f"{FEATHERED}; pdb.gimp_invert(merged);"
    "told['names'] = [[item.name for item in items] for items in (image.layers, group.layers)]",
    "drop shadow": "pdb.script_fu_drop_shadow(image, top, -30, 8, 15, (0, 0, 80), 70, True);"
    "told['layers'] = [(layer.name, *layer.offsets) for layer in image.layers]",
    "locked alpha": "top.lock_alpha = True; pdb.gimp_edit_fill(top, FOREGROUND_FILL)",
    "region": "region = base.get_pixel_rgn(0, 0, 150, 100, True, True);"
    "source = base.get_pixel_rgn(0, 0, 150, 100, False, False);"
    "region[10:60, 20:50] = bytes(255 - byte for byte in source[10:60, 20:50]);"
    "told['pixel'] = list(source[3, 4]);"
    f"{ELLIPSE}; base.merge_shadow(True); base.update(0, 0, 150, 100)",
    "pixel": "base.set_pixel(3, 4, (1, 2, 3)); told['pixel'] = base.get_pixel(3, 4)",
    "pixels in turn": "base.set_pixel(3, 4, (1, 2, 3)); pdb.gimp_invert(base);"
    "told['pixel'] = base.get_pixel(3, 4); base.set_pixel(5, 6, (9, 8, 7)); image.scale(80, 60);"
    "base.set_pixel(79, 59, (6, 5, 4)); told['outside'] = said(base.get_pixel, 80, 0)",
    "blur": "pdb.plug_in_gauss(image, base, 12, 6, 0)",
    "blur in a selection": f"{ELLIPSE}; pdb.plug_in_gauss(image, base, 12, 6, 0)",
    "motion blur": "pdb.plug_in_mblur(image, base, 0, 10, 45, 0, 0);"
    "told['place'] = [base.width, base.height, base.offsets]",
    "waves in a selection": f"{ELLIPSE}; pdb.plug_in_waves(image, base, 10, 0, 10, 0, 0)",
    "polar coordinates": "pdb.plug_in_polar_coords(image, base, 100, 0, False, True, True)",
    "bump map": "pdb.plug_in_bump_map(image, base, top, 135, 45, 5, 3, 2, 0, 0, True, False, 0)",
    "unsharp mask": "pdb.plug_in_unsharp_mask(image, base, 4, 0.8, 3)",
    "edge": "pdb.plug_in_edge(image, base, 2.0, 1, 0)",
    "whirl": "pdb.plug_in_whirl_pinch(image, base, 60, 0.3, 1.0)",
    "grid without crossings": "pdb.plug_in_grid(image, base, 1, 10, 0, (0, 0, 0), 255, 1, 10, 0,"
    "(0, 0, 0), 255, 0, 0, 0, (0, 0, 0), 255)",
    "lighting": "pdb.plug_in_lighting(image, base, top, None, True, False, 1, 0, (255, 255, 255),"
    "0.5, 0.5, 1, -1, -1, 1, 0.3, 0.5, 0.4, 0.1, 30, True, False, False)",
    "mapped on a sphere": "pdb.plug_in_map_object(image, base, 1, 0.5, 0.5, 2, 0.5, 0.5, -0.9, 1,"
    "0, 0, 0, 1, 0, 20, 30, 10, 0, (255, 255, 255), -0.5, -0.5, 2, -1, -1, 1, 0.3, 1, 0.5, 0, 27,"
    "True, False, False, True, 0.3, 0.5, 0.4, 0.6, 1, *[base] * 8)",
    "normalize": "pdb.plug_in_normalize(image, base)",
    "plasma": "pdb.plug_in_plasma(image, base, 7, 2.0)",
    "solid noise": "pdb.plug_in_solid_noise(image, base, False, False, 7, 3, 4, 4)",
    "one drawable in a file": "path = new_file(); pdb.gimp_file_save(image, top, path, path);"
    "image = pdb.gimp_file_load(path, path)",
    "new file": "path = new_file();"
    "pdb.file_png_save(image, base, path, path, 0, 9, 0, 0, 0, 0, 0);"
    "image = pdb.gimp_file_load(path, path)",
    "palette": "name = pdb.gimp_palette_new('p'); pdb.gimp_palette_add_entry(name, 'red', 'red');"
    "told['palette'] = [pdb.gimp_palette_get_info(name),"
    "list(pdb.gimp_palette_entry_get_color(name, 0))]; pdb.gimp_palette_delete(name)",
    "edited gradient": "name = pdb.gimp_gradient_new('g');"
    "pdb.gimp_gradient_segment_range_split_uniform(name, 0, -1, 4);"
    "pdb.gimp_gradient_segment_set_left_color(name, 2, 'red', 100.0);"
    "pdb.gimp_gradient_segment_range_flip(name, 0, -1);"
    "told['samples'] = [round(part, 3) for part in "
    "pdb.gimp_gradient_get_uniform_samples(name, 5, False)[1]]; pdb.gimp_gradient_delete(name)",
    "numbers as texts": "pdb.plug_in_gauss(image, base, '12', '6', 0); top.opacity = '40'",
    "file of another kind": "image.filename = '/a/b.plt'; told['file'] = [image.filename,"
    "image.name, pdb.gimp_image_get_uri(image)]",
    "no display": "pdb.gimp_display_delete(gimp.Display(image)); pdb.gimp_display_delete(None)",
    "size of a text": "told['sizes'] = [(text.width, text.height) for text in ("
    "pdb.gimp_text_fontname(image, None, 0, 0, 'Text', 0, True, size, kind, 'Sans')"
    "for size, kind in ((18, PIXELS), (18.9, PIXELS), (18, POINTS)))];"
    "told['extents'] = pdb.gimp_text_get_extents_fontname('Text', 18.9, POINTS, 'Sans');"
    "[image.remove_layer(layer) for layer in image.layers if 'Text' in layer.name]",
    "guides": "guide = image.add_vguide(30); told['guide'] = [image.find_next_guide(0) == guide,"
    "image.get_guide_position(guide), image.get_guide_orientation(guide)]",
    "lists": "told['lists'] = [pdb.gimp_image_get_layers(image)[0], pdb.gimp_image_list()[0],"
    "image.layers[0].name, pdb.gimp_item_is_layer(top), pdb.gimp_drawable_offsets(top)]",
    "data": "pdb.gimp_procedural_db_set_data('d', 3, [1, 2, 3]);"
    "told['data'] = pdb.gimp_procedural_db_get_data('d')",
}


def said(function, *values) -> str:
    """Return the kind of what a call raises."""
    try:
        function(*values)
    except Exception as problem:
        return type(problem).__name__
    return ""


def new_file() -> str:
    return tempfile.mkdtemp() + "/x.png"


def tone(x: int, y: int) -> bytes:
    if (x - 75) ** 2 + (y - 50) ** 2 < 900:
        return bytes([200, 60, 60])
    return bytes([255 * x // 149, 255 * y // 99, (x * 7 + y * 3) % 256])


def checks(x: int, y: int) -> bytes:
    alpha = 255 if (x // 10 + y // 10) % 2 else x * 2 % 256
    return bytes([x * 5 % 256, y * 9 % 256, 128, alpha])


BASE = b"".join(tone(x, y) for y in range(HEIGHT) for x in range(WIDTH))
TOP = b"".join(checks(x, y) for y in range(70) for x in range(100))


def fresh() -> dict:
    image = gimp.Image(WIDTH, HEIGHT)
    base = gimp.Layer(image, "base", WIDTH, HEIGHT, RGB_IMAGE)
    image.add_layer(base, 0)
    base.write_pixels("R'G'B' u8", BASE)
    top = gimp.Layer(image, "top", 100, 70, RGBA_IMAGE)
    image.add_layer(top, 0)
    top.write_pixels("R'G'B'A u8", TOP)
    top.set_offsets(20, 10)
    image.active_layer = base
    return {"image": image, "base": base, "top": top, "told": {}}


def picture(image) -> list:
    flat = image.duplicate()
    layer = flat.flatten()
    pixels = base64.b64encode(bytes(layer.read_pixels("R'G'B' u8"))).decode()
    size = [layer.width, layer.height]
    flat.delete()
    return [*size, pixels]


for name, code in CASES.items():
    gimp.context_push()
    gimp.set_foreground(230, 120, 20)
    gimp.set_background(20, 60, 200)
    things = fresh()
    made = things["image"]
    try:
        exec(code, {**globals(), **things}, things)
        report[name] = [picture(things["image"]), things["told"]]
    except Exception:
        report[name] = traceback.format_exc()
    made.delete()
    gimp.context_pop()
