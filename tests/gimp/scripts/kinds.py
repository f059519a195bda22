"""Runs inside GIMP: dreams a layer of every kind and reports the result.

Pixels are written as raw float32 next to the report, as NAME.before and NAME.after.
"""

# ruff: noqa: E402, F821 - gimpfu's names are in the namespace at run time
from __future__ import annotations

import array
import contextlib
import json
import math
import sys
import time
from pathlib import Path

import gimpfu

PLUG_INS = Path(gimpfu.__file__).parents[1]
sys.path[1:1] = [str(PLUG_INS / "deepdream"), str(PLUG_INS.parent)]
from deepdream_plugin import plugin

folder = Path(__file__).parent
cases = json.loads((folder / "cases.json").read_text("utf-8"))
THROUGH_PDB = ("u8", "float-linear", "indexed")
"""These cases are dreamed by a process of its own, as other programs ask for it."""
IS_GIMP2 = gimp.version[0] == 2


def pattern(count: int, low: float, high: float) -> bytes:
    middle, swing = (low + high) / 2, (high - low) / 2
    values = (middle + swing * math.sin(i * 0.37) * math.cos(i * 0.0113) for i in range(count))
    return array.array("f", values).tobytes()


def build(case: dict) -> tuple:
    """Create the image and its layer, in nested groups if the case says so."""
    if case["made_by"]:
        return build_special(case)
    base, alpha = case["base"], case["alpha"]
    image = gimp.Image(*case["canvas"], GRAY if base == GRAY else RGB, case["precision"])
    width, height = case["size"]
    kind = (GRAY_IMAGE if base == GRAY else RGB_IMAGE) + alpha
    layer = gimp.Layer(image, "photo", width, height, kind)
    layer.set_offsets(*case["offsets"])
    parent = None
    for name in case["groups"]:
        group = gimp.GroupLayer(image, name)
        image.insert_layer(group, parent, 0)
        parent = group
    image.insert_layer(gimp.Layer(image, "below", 8, 8, kind), parent, 0)
    image.insert_layer(layer, parent, 0)
    image.insert_layer(gimp.Layer(image, "above", 8, 8, kind), parent, 0)
    channels = (1 if base == GRAY else 3) + alpha
    layer.write_pixels(case["format"], pattern(width * height * channels, *case["range"]))
    if base == INDEXED:
        to_indexed(image)
    return image, layer


def build_special(case: dict) -> tuple:
    """Create an image with a layer that only GIMP can create, or with a colour profile."""
    if case["made_by"] == "profile":
        image = load(str(folder / f"{case['name']}.png"))
        layer = image.layers[0]
    else:
        image = gimp.Image(*case["canvas"], RGB, case["precision"])
        layer = SPECIAL[case["made_by"]](image)
        image.insert_layer(layer, None, 0)
        layer.set_offsets(*case["offsets"])
    layer.name = "photo"
    return image, layer


def load(path: str):
    return pdb.gimp_file_load(path, path)


def text_layer(image):
    if IS_GIMP2:
        return pdb.gimp_text_layer_new(image, "Dream", "Sans", 24.0, 0)
    from gi.repository import Gimp

    font = Gimp.context_get_font()
    native = Gimp.TextLayer.new(image.native, "Dream", font, 24.0, Gimp.Unit.pixel())
    return gimp.Item.from_id(native.get_id())


def vector_layer(image):
    from gi.repository import Gimp

    path = Gimp.Path.new(image.native, "leaf")
    points = (4.0, 4.0, 40.0, 2.0, 36.0, 30.0, 6.0, 34.0)
    path.stroke_new_from_points(Gimp.PathStrokeType.BEZIER, [p for p in points for _ in "xyz"], 1)
    image.native.insert_path(path, None, 0)
    native = Gimp.VectorLayer.new(image.native, path)
    return gimp.Item.from_id(native.get_id())


def link_layer(image):
    from gi.repository import Gimp, Gio

    native = Gimp.LinkLayer.new(image.native, Gio.File.new_for_path(str(folder / "profiled.png")))
    return gimp.Item.from_id(native.get_id())


SPECIAL = {"text": text_layer, "vector": vector_layer, "link": link_layer}


def lock(item) -> None:
    """Set every lock on an item that this GIMP has."""
    names = ["item-set-lock-content", "item-set-lock-position", "layer-set-lock-alpha"]
    for name in names if IS_GIMP2 else [*names, "item-set-lock-visibility"]:
        with contextlib.suppress(error):  # GIMP 2.10 cannot lock a group's content
            pdb[f"gimp-{name}"](item, True)


def to_indexed(image) -> None:
    no_dither = make_palette = 0
    convert = pdb["gimp-image-convert-indexed"]
    convert(image, no_dither, make_palette, 12, False, False, "")


def save(name: str, drawable, format: str, with_filters: bool = False) -> None:
    (folder / name).write_bytes(drawable.read_pixels(format, with_filters=with_filters))


def dream(image, drawables: list, settings: str) -> list:
    """Call the procedure with the arguments of each GIMP; always return a list of layers."""
    given = drawables[0] if IS_GIMP2 else drawables
    made = pdb["python-fu-deepdream"](image, given, "", settings)
    return [made] if IS_GIMP2 else made


def facts(image, layer) -> dict:
    note = layer.parasite_find("deepdream-recipe")
    siblings = layer.parent.children if layer.parent else image.layers
    return {
        "name": layer.name,
        "type": layer.type,
        "offsets": layer.offsets,
        "size": [layer.width, layer.height],
        "parent": layer.parent.name if layer.parent else None,
        "siblings": [sibling.name for sibling in siblings],
        "selected": [chosen.name for chosen in image.selected_layers],
        "visible": layer.visible,
        "opacity": layer.opacity,
        "mode": layer.mode,
        "has_mask": layer.mask is not None,
        "note": json.loads(note.data) if note else None,
        "note_flags": note.flags if note else None,
    }


def run_case(case: dict) -> None:
    name = case["name"]
    image, layer = build(case)
    if case["selection"]:
        pdb["gimp-context-set-feather"](1)
        pdb["gimp-context-set-feather-radius"](6.0, 6.0)
        pdb["gimp-image-select-ellipse"](image, CHANNEL_OP_REPLACE, *case["selection"])
        x, y = layer.offsets
        data = image.selection.read_pixels("Y float", x, y, layer.width, layer.height)
        (folder / f"{name}.selection").write_bytes(data)
    if case["mask"]:
        layer.add_mask(layer.create_mask(ADD_MASK_BLACK))
    target = layer
    if case["target"] == "mask":
        target = layer.mask
    elif case["target"] == "group":
        layer = target = layer.parent
    if case["locked"]:
        for item in (layer, layer.parent):
            lock(item)
    if case["filter"]:
        from gi.repository import Gimp

        filter = Gimp.DrawableFilter.new(layer.native, case["filter"], "")
        save(f"{name}.unfiltered", layer, case["format"])
        layer.native.append_filter(filter)
        filter.update()
    palette = list(image.colormap) if image.base_type == INDEXED else []
    report_case = {"palette": palette, "width": layer.width, "height": layer.height}
    save(f"{name}.before", layer, case["format"], with_filters=True)
    image.clean_all()
    layer.read_pixels(case["format"], with_filters=True)
    report_case["dirty_by_reading"] = image.dirty
    started = time.monotonic()
    if name in THROUGH_PDB:
        made = dream(image, [target], case["settings"])
    else:
        made = plugin.dream(image, [target], "", case["settings"])
    report_case["seconds"] = time.monotonic() - started
    report_case["made"] = [facts(image, new) for new in made]
    report_case["tattoo"] = layer.tattoo
    report_case["locked"] = bool(pdb["gimp-item-get-lock-content"](layer))
    save(f"{name}.after", made[0], case["format"])
    save(f"{name}.source", layer, case["format"], with_filters=True)
    if made[0].mask:
        (folder / f"{name}.mask").write_bytes(made[0].mask.read_pixels("Y float"))
    report_case["images"] = len(gimp.image_list())
    report_case["filters"] = 0 if IS_GIMP2 else len(layer.native.get_filters())
    image.delete()
    report[name] = report_case


def several_layers() -> None:
    """Dream two layers at once, in GIMP 3 only."""
    image = gimp.Image(40, 32, RGB)
    layers = []
    for name in ("one", "two", "three"):
        layer = gimp.Layer(image, name, 32, 32, RGB_IMAGE)
        layer.write_pixels("R'G'B' float", pattern(32 * 32 * 3, 0.1, 0.9))
        image.insert_layer(layer, None, 0)
        layers.append(layer)
    made = dream(image, [layers[0], layers[2]], "steps=1;octaves=1")
    report["several"] = {
        "made": [layer.name for layer in made],
        "stack": [layer.name for layer in image.layers],
        "selected": [layer.name for layer in image.selected_layers],
        "notes": [
            json.loads(layer.parasite_find("deepdream-recipe").data)["source"]["name"]
            for layer in made
        ],
    }
    image.delete()


def through_a_file() -> None:
    """Save an image with a dream and load it again, to see that the recipe is preserved."""
    image = gimp.Image(32, 32, RGB, PRECISION_U16_LINEAR)
    layer = gimp.Layer(image, "photo", 32, 32, RGB_IMAGE)
    image.insert_layer(layer, None, 0)
    made = dream(image, [layer], "steps=1;octaves=1;seed=77")[0]
    path = str(folder / "kept.xcf")
    pdb.gimp_file_save(image, made, path, path)
    opened = pdb.gimp_file_load(path, path)
    note = opened.layers[0].parasite_find("deepdream-recipe")
    report["file"] = {
        "layers": [layer.name for layer in opened.layers],
        "note": json.loads(note.data),
        "tattoo": opened.layers[1].tattoo,
    }
    image.delete()
    opened.delete()


for case in cases:
    if gimp.version[:2] >= tuple(case["since"]):
        run_case(case)
if not IS_GIMP2:
    several_layers()
through_a_file()
report["images_left"] = len(gimp.image_list())
