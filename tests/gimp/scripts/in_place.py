"""Runs inside GIMP: puts dreams into their own layers and into new images; reports what is there.

Most dreams are not from an engine: they are the layer's negative.
"""

# ruff: noqa: F821 - gimpfu's names are in the namespace at run time
from __future__ import annotations

import array
import json
import math
from dataclasses import replace
from pathlib import Path

from inserting import Dreamed, Task, again, choice_from, layers, placing, recipe_parasite
from trees import tree

folder = Path(__file__).parent
plan = json.loads((folder / "plan.json").read_text("utf-8"))
IS_GIMP2 = gimp.version[0] == 2
WIDTH, HEIGHT = 30, 22


def build(base: int = RGB, precision: int = PRECISION_U8_GAMMA, alpha: bool = False) -> tuple:
    """Return an image and its layer, of which a part with soft edges is selected."""
    image = gimp.Image(40, 30, GRAY if base == GRAY else RGB, precision)
    if (folder / "profile.icc").exists() and precision == PRECISION_U16_GAMMA:
        profile = (folder / "profile.icc").read_bytes()
        image.attach_new_parasite("icc-profile", PARASITE_PERSISTENT | PARASITE_UNDOABLE, profile)
    image.resolution = 150.0, 120.0
    kind = (GRAY_IMAGE if base == GRAY else RGB_IMAGE) + alpha
    layer = gimp.Layer(image, "photo", WIDTH, HEIGHT, kind)
    layer.set_offsets(4, 3)
    image.insert_layer(layer, None, 0)
    colours = 1 if base == GRAY else 3
    # More digits than a float holds.
    values = [
        0.05 + 0.9 * abs(math.sin(1 / 3 + i * 0.37))
        for i in range(WIDTH * HEIGHT * (colours + alpha))
    ]
    model = "Y'" if base == GRAY else "R'G'B'"
    layer.write_pixels(f"{model}{'A' * alpha} double", array.array("d", values).tobytes())
    if base == INDEXED:
        pdb["gimp-image-convert-indexed"](image, 0, 0, 12, False, False, "")
    pdb["gimp-context-set-feather"](1)
    pdb["gimp-context-set-feather-radius"](3.0, 3.0)
    pdb["gimp-image-select-ellipse"](image, CHANNEL_OP_REPLACE, 8, 6, 17, 15)
    image.clean_all()
    return image, layer


def negative(source) -> tuple:
    values = array.array("f", bytes(source.picture.data))
    channels = source.picture.channels
    has_alpha = channels in (2, 4)
    for i, value in enumerate(values):
        if not (has_alpha and i % channels == channels - 1):
            values[i] = 1 - value
    if source.palette:
        colours = [[c / 255 for c in colour] for colour in source.palette]
        for i in range(0, len(values), channels):
            near = min(colours, key=lambda c: sum(abs(a - b) for a, b in zip(c, values[i:])))
            values[i : i + 3] = array.array("f", near)
    return replace(source.picture, data=values.tobytes())


def place(
    image, layer, settings: str, meanwhile=lambda image, layer: None, old=None, why=""
) -> tuple:
    choice = choice_from("", settings)
    source = layers.take_source(image, layer)
    dream = negative(source)
    meanwhile(image, layer)
    dreamed = [Dreamed(Task(source, choice.recipe), dream)]
    made = placing.place_dreams(image, [placing.Placement(source, choice, dreamed, old, why)])
    return made, source, dream


def as_gimp_holds(image, source, dream) -> bytes:
    scratch = gimp.Layer(image, "", WIDTH, HEIGHT, source.layer.type)
    scratch.write_pixels(source.format, dream.data)
    data = bytes(scratch.read_own())
    scratch.delete()
    return data


def save(name: str, data) -> None:
    (folder / name).write_bytes(bytes(data))


def note_of(layer) -> dict:
    return json.loads(layer.parasite_find("deepdream-recipe").data)


def of_kind(name: str, base: int, precision: int, alpha: bool) -> None:
    image, layer = build(base, precision, alpha)
    save(f"{name}.before", layer.read_own())
    save(f"{name}.selection", image.selection.read_pixels("Y float", 4, 3, WIDTH, HEIGHT))
    (apart,), source, dream = place(image, layer, "output=image")
    save(f"{name}.dreamed", as_gimp_holds(image, source, dream))
    save(f"{name}.apart", apart.read_own())
    new = apart.image
    unchanged = {"layers": tree(image.layers), "dirty": image.dirty}
    facts = [
        [
            *(one.base_type, one.precision, *one.resolution, one.unit),
            str(one.parasite_find("icc-profile") and one.parasite_find("icc-profile").data),
            str(one.colormap) if base == INDEXED else "",
        ]
        for one in (image, new)
    ]
    (made,), _, _ = place(image, layer, "output=in-place;seed=9")
    save(f"{name}.after", layer.read_own())
    report[name] = {
        "pixels": WIDTH * HEIGHT,
        "itself": made == layer,
        "layers": [one.name for one in image.layers],
        "unchanged": [unchanged["dirty"], [one["name"] for one in unchanged["layers"]]],
        "note": note_of(layer),
        "facts": facts,
        "new": [
            *(new.width, new.height, new.dirty, apart.offsets, apart.type == layer.type),
            [one.name for one in new.layers],
            note_of(apart)["source"]["tattoo"],
        ],
    }
    new.delete()
    image.delete()


def instead(name: str, prepare=lambda image, layer: None, **more) -> None:
    """Have a dream in place become a new layer."""
    image, layer = build(alpha=True)
    layer = prepare(image, layer) or layer
    (made,), _, _ = place(image, layer, "output=in-place", **more)
    report[name] = {
        "itself": made == layer,
        "layers": [one.name for one in image.layers],
        "note": note_of(made),
        "tattoo": layer.is_valid() and layer.tattoo,
    }
    image.delete()


def lock(image, layer) -> None:
    pdb["gimp-item-set-lock-content"](layer, True)


def put_into_group(image, layer):
    group = gimp.GroupLayer(image, "group")
    image.insert_layer(group, None, 0)
    pdb["gimp-image-reorder-item"](image, layer, group, 0)
    return group


def add_text(image, layer):
    if IS_GIMP2:
        text = pdb.gimp_text_layer_new(image, "Dream", "Sans", 12.0, 0)
    else:
        from gi.repository import Gimp

        font, unit = Gimp.context_get_font(), Gimp.Unit.pixel()
        native = Gimp.TextLayer.new(image.native, "Dream", font, 12.0, unit)
        text = gimp.Item.from_id(native.get_id())
    image.insert_layer(text, None, 0)
    text.name = "text"
    text.set_offsets(9, 7)
    return text


def add_filter(image, layer) -> None:
    from gi.repository import Gimp

    filter = Gimp.DrawableFilter.new(layer.native, "gegl:invert-gamma", "")
    layer.native.append_filter(filter)
    filter.update()


def add_path_layer(image, layer):
    from gi.repository import Gimp

    path = Gimp.Path.new(image.native, "leaf")
    points = (4.0, 4.0, 30.0, 2.0, 26.0, 20.0, 6.0, 24.0)
    path.stroke_new_from_points(Gimp.PathStrokeType.BEZIER, [p for p in points for _ in "xyz"], 1)
    image.native.insert_path(path, None, 0)
    made = gimp.Item.from_id(Gimp.VectorLayer.new(image.native, path).get_id())
    image.insert_layer(made, None, 0)
    made.name = "leaf"
    return made


def paint(image, layer) -> None:
    layer.set_pixel(0, 0, [1, 2, 3, 255])


def select_all(image, layer) -> None:
    pdb["gimp-selection-all"](image)


def remove(image, layer) -> None:
    image.insert_layer(gimp.Layer(image, "other", 5, 5, RGB_IMAGE), None, 0)
    image.remove_layer(layer)


def with_own_mask(limited: str) -> None:
    """Dream a layer, of which nothing is selected, whose own mask hides its left half."""
    image, layer = build()
    pdb["gimp-selection-none"](image)
    mask = layer.create_mask(ADD_MASK_WHITE)
    row = [0.0] * (WIDTH // 2) + [1.0] * (WIDTH // 2)
    mask.write_pixels("Y float", array.array("f", row * HEIGHT).tobytes())
    layer.add_mask(mask)
    before, hidden = bytes(layer.read_own()), bytes(mask.read_own())
    (apart,), _, _ = place(image, layer, f"output=image;layer_mask={limited}")
    place(image, layer, f"output=in-place;layer_mask={limited}")
    after = bytes(layer.read_own())
    changed = [a != b for a, b in zip(before, after)]
    report[f"own mask, {limited}"] = {
        "kept": bytes(layer.mask.read_own()) == hidden,
        "copied": bytes(apart.mask.read_own()) == hidden,
        "changed": [
            any(changed[x * 3 + y * WIDTH * 3] for y in range(HEIGHT)) for x in (2, WIDTH - 2)
        ],
    }
    apart.image.delete()
    image.delete()


def again_in_place() -> None:
    """Dream a layer in place again, and dream the source of a dream in place."""
    image, layer = build()
    before = bytes(layer.read_own())
    place(image, layer, "output=in-place")
    origin = recipe_parasite.origin_of(image, layer)
    old = again.old_dream(image, layer, origin.choice, whole=origin.source is not None)
    why = again.why_kept(image, old, layer)
    (made,), _, _ = place(image, layer, "output=in-place;again=replace", old=old, why=why)
    told = {"source": origin.source is None, "why": why, "itself": made == layer}
    told["twice"] = bytes(layer.read_own()) != before
    (dream,), _, _ = place(image, layer, "")
    origin = recipe_parasite.origin_of(image, dream)
    told["source of the other"] = origin.source == layer
    old = again.old_dream(image, dream, origin.choice, whole=True)
    place(image, layer, "output=in-place;again=replace", old=old)
    told["layers"] = [one.name for one in image.layers]
    report["again"] = told
    image.delete()


def several() -> None:
    """Place dreams of two layers, one of them locked, and reach the edge of the canvas."""
    image, layer = build(alpha=True)
    other = layer.copy()
    image.insert_layer(other, None, 0)
    other.name = "locked"
    other.set_offsets(-7, -5)
    layer.set_offsets(20, 15)
    lock(image, other)
    pdb["gimp-selection-none"](image)
    choice = choice_from("", "output=in-place")
    placements = []
    for one in (layer, other):
        source = layers.take_source(image, one)
        dream = Dreamed(Task(source, choice.recipe), negative(source))
        placements.append(placing.Placement(source, choice, [dream]))
    dreamed = as_gimp_holds(image, placements[0].source, placements[0].dreams[0].result)
    made = placing.place_dreams(image, placements)
    report["several"] = {
        "made": sorted(one.name for one in made),
        "layers": [one.name for one in image.layers],
        "beyond the canvas": bytes(layer.read_own()) == dreamed,
    }
    image.delete()


def closed() -> None:
    image, layer = build()
    try:
        place(image, layer, "output=image", lambda image, layer: image.delete())
    except layers.LayerError as problem:
        report["closed"] = str(problem)


def through_the_procedures() -> None:
    """Dream with an engine, as a script does."""
    deepdream, once_more = pdb["python-fu-deepdream"], pdb["python-fu-deepdream-again"]
    fast = "octaves=1;steps=1;output="

    def call(procedure, image, layer, *arguments):
        made = procedure(image, layer if IS_GIMP2 else [layer], *arguments)
        return made if IS_GIMP2 else made[0]

    image, layer = build()
    states = [bytes(layer.read_own())]
    told = report["procedures"] = {
        "itself": call(deepdream, image, layer, "", fast + "in-place") == layer
    }
    states.append(bytes(layer.read_own()))
    told["again itself"] = call(once_more, image, layer, "") == layer
    states.append(bytes(layer.read_own()))
    told["states"] = len(set(states))
    made = call(deepdream, image, layer, "", fast + "image")
    told["apart"] = made.image != image
    told["images"] = len(gimp.image_list())
    made.image.delete()
    image.delete()


for case in plan:
    of_kind(**case)
instead("locked", lock)
instead("group", put_into_group)
instead("text", add_text)
if not IS_GIMP2:
    instead("filter", add_filter)
if gimp.version[:2] >= (3, 2):
    instead("path", add_path_layer)
instead("painted", meanwhile=paint)
instead("other selection", meanwhile=select_all)
instead("deleted", meanwhile=remove)
for limited in ("copy", "limit"):
    with_own_mask(limited)
again_in_place()
several()
closed()
through_the_procedures()
report["images left"] = len(gimp.image_list())
