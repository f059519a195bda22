"""Runs inside GIMP: calls the old plug-ins; reports the images, results and files that they make.

Each case gets a fresh image of 120 x 90 pixels: `base`, above it `top`, a disc with colours. It may
set `image` to the image to report, and put what else comes out into `told`.
"""

# ruff: noqa: F821 - gimpfu's names are in the namespace at run time
from __future__ import annotations

import base64
import tempfile
import traceback
from pathlib import Path

WIDTH, HEIGHT = 120, 90
CASES = {
    "layer_effects": "pdb.python_fu_layer_effects(image, top, 6, 8, (20, 0, 60), 2, 70)",
    "contact_sheet": "image = pdb.python_fu_contact_sheet(pictures(), 2, 40, 4, True)",
    "seamless_tile": "pdb.python_fu_seamless_tile(image, base, 20, True)",
    "merged_tile": "image.remove_layer(top); pdb.python_fu_seamless_tile(image, base, 30, 0)",
    "onion_layers": "frames(image, base, 4);"
    "told['count'] = pdb.python_fu_onion_layers(image, image.layers[2], 2, True)",
    "palette_maker": "made = pdb.python_fu_palette_maker(image, base, 'Of a test', 6, 64, 'light');"
    "told['made'] = [made, colours(made[0])]; pdb.gimp_palette_delete(made[0])",
    "pixel_mosaic": "pdb.python_fu_pixel_mosaic(image, base, 0)",
    "selected_mosaic": "pdb.gimp_ellipse_select(image, 20, 10, 60, 60, 2, True, False, 0);"
    "pdb.python_fu_pixel_mosaic(image, base, 1)",
    "caption": "told['text'] = pdb.python_fu_caption(image, base, 'Ä', 'Sans', 14, 'navy', True)",
    "guide_grid": "image.add_hguide(5); pdb.python_fu_guide_grid(image, base, 4, 3, True)",
    "selection_outline": "pdb.gimp_rect_select(image, 20, 15, 60, 50, 2, False, 0);"
    "path = pdb.python_fu_selection_outline(image, base, 4.0, 'line'); told['path'] = path.name",
    "star": "layer, length = pdb.python_fu_star(image, 5, 0.4, 0);"
    "told['star'] = [layer.name, round(length)]",
    "batch_frame": "folder = tempfile.mkdtemp();"
    "told['files'] = pdb.python_fu_batch_frame(pictures(), folder, 60, 5, 'white', 2);"
    "told['there'] = sorted(path.name for path in Path(folder).iterdir());"
    "image = loaded(folder + '/framed-b.png')",
    "save_ascii": "path = tempfile.mkdtemp() + '/x.asc';"
    "pdb.gimp_file_save(image, base, path, path); told['text'] = Path(path).read_text()",
    "new_paper": "image = pdb.python_fu_new_paper(1, 'squared', 10, (250, 245, 230), '#6080c0')",
    "fade_by_mask": "told['mask'] = pdb.python_fu_fade_by_mask(image, base, 0, True).name",
    "colour_table": "old = indexed(); layer = old.layers[0];"
    "image = pdb.python_fu_colour_table(old, layer, True, 8); told['old'] = list(old.colormap);"
    "told['note'] = image.parasite_find('colours').data.decode()",
}


def pixels(tone, width: int, height: int) -> bytes:
    return bytes(part for y in range(height) for x in range(width) for part in tone(x, y))


BASE = pixels(lambda x, y: (2 * x, 255 - 2 * y, (x * y // 20) % 256), WIDTH, HEIGHT)
DISC = pixels(
    lambda x, y: (250 - 3 * x, 4 * y, 160, 255 * ((x - 30) ** 2 + (y - 22) ** 2 < 400)), 60, 45
)


def fresh() -> dict:
    image = gimp.Image(WIDTH, HEIGHT)
    base = gimp.Layer(image, "base", WIDTH, HEIGHT, RGB_IMAGE)
    top = gimp.Layer(image, "top", 60, 45, RGBA_IMAGE)
    for layer, format, data in ((base, "R'G'B' u8", BASE), (top, "R'G'B'A u8", DISC)):
        image.add_layer(layer, 0)
        layer.write_pixels(format, data)
    top.set_offsets(20, 10)
    image.active_layer = base
    return {"image": image, "base": base, "top": top, "told": {}}


def pictures() -> str:
    """Return a folder with three pictures and another file."""
    folder = Path(tempfile.mkdtemp())
    for name, size in (("a", (60, 90)), ("b", (90, 40)), ("c", (50, 50))):
        things = fresh()
        things["image"].crop(*size, 10, 0)
        path = str(folder / f"{name}.png")
        flat = things["image"].flatten()
        pdb.file_png_save(things["image"], flat, path, path, 0, 9, 0, 0, 0, 0, 0)
        things["image"].delete()
    (folder / "d.jpg").write_text("no picture")
    return str(folder)


def frames(image, base, count: int) -> None:
    for i in range(count):
        layer = base.copy(True)
        image.add_layer(layer, 0)
        layer.set_offsets(5 * i, 4 * i)


def indexed():
    image = gimp.Image(8, 4, INDEXED)
    image.colormap = bytes(range(0, 240, 10))
    image.add_layer(gimp.Layer(image, "numbers", 8, 4, INDEXED_IMAGE))
    image.layers[0].get_pixel_rgn(0, 0, 8, 4)[0:8, 0:4] = bytes(i % 8 for i in range(32))
    return image


def loaded(path: str):
    return pdb.gimp_file_load(path, path)


def colours(palette: str) -> list:
    count = pdb.gimp_palette_get_info(palette)
    return [
        [pdb.gimp_palette_entry_get_name(palette, i), *pdb.gimp_palette_entry_get_color(palette, i)]
        for i in range(count)
    ]


def structure(image) -> dict:
    """Return what an artist sees in the image's docks."""
    guides, guide = [], image.find_next_guide(0)
    while guide:
        guides.append([image.get_guide_orientation(guide), image.get_guide_position(guide)])
        guide = image.find_next_guide(guide)
    active = image.active_layer
    return {
        "size": [image.width, image.height, image.base_type],
        "resolution": [round(number) for number in image.resolution],
        "layers": [layer_of(layer) for layer in image.layers],
        "active": active and active.name,
        "channels": [[c.name, round(c.opacity, 1), list(c.color)] for c in image.channels],
        "paths": [
            [path.name, path.visible, [points_of(stroke) for stroke in path.strokes]]
            for path in image.vectors
        ],
        "guides": sorted(guides),
        "selected": image.selection_bounds(),
    }


def layer_of(layer) -> dict:
    told = {
        "name": layer.name,
        "place": [*layer.offsets, layer.width, layer.height],
        "look": [layer.type, layer.mode, round(layer.opacity, 1), layer.visible],
    }
    if layer.mask:
        told["mask"] = [layer.mask.name, layer.edit_mask, layer.apply_mask]
    if isinstance(layer, gimp.GroupLayer):
        told["layers"] = [layer_of(child) for child in layer.layers]
    return told


def points_of(stroke) -> list:
    coordinates, closed = stroke.points
    return [[round(number, 1) for number in coordinates], closed]


def picture(image) -> list:
    flat = image.duplicate()
    if flat.base_type == INDEXED:
        pdb.gimp_image_convert_rgb(flat)
    layer = flat.flatten()
    data = base64.b64encode(bytes(layer.read_pixels("R'G'B' u8"))).decode()
    size = [layer.width, layer.height]
    flat.delete()
    return [*size, data]


for name, code in CASES.items():
    gimp.context_push()
    gimp.set_foreground(0, 0, 0)
    gimp.set_background(255, 255, 255)
    things = fresh()
    try:
        exec(code, {**globals(), **things}, things)
        image = things["image"]
        report[name] = {
            "picture": picture(image),
            "structure": structure(image),
            "told": things["told"],
        }
    except Exception:
        report[name] = {"failure": traceback.format_exc()}
    for left in gimp.image_list():
        left.delete()
    gimp.context_pop()
