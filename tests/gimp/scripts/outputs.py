"""Runs inside GIMP: dreams into every kind of output and reports what is in the image."""

# ruff: noqa: E402, F821 - gimpfu's names are in the namespace at run time
from __future__ import annotations

import array
import json
import math
import os
import sys
from pathlib import Path

import gimpfu

PLUG_INS = Path(gimpfu.__file__).parents[1]
sys.path[1:1] = [str(PLUG_INS / "deepdream"), str(PLUG_INS.parent)]
from deepdream_plugin import plugin
from deepdream_plugin.choice import choice_from
from deepdream_plugin.engine import Engine

folder = Path(__file__).parent
deepdream, again = plugin.dream, plugin.dream_again  # each in a process of its own through the PDB
IS_GIMP2 = gimp.version[0] == 2
SIZE = 64
FAST = "octaves=2;steps=2;"


def build(selected: bool = False) -> tuple:
    image = gimp.Image(SIZE + 16, SIZE, RGB)
    layer = gimp.Layer(image, "photo", SIZE, SIZE, RGB_IMAGE)
    values = (0.5 + 0.4 * math.sin(i * 0.37) * math.cos(i * 0.011) for i in range(SIZE * SIZE * 3))
    layer.write_pixels("R'G'B' float", array.array("f", values).tobytes())
    layer.set_offsets(8, 0)
    image.insert_layer(layer, None, 0)
    if selected:
        pdb["gimp-image-select-rectangle"](image, CHANNEL_OP_REPLACE, 8, 0, SIZE // 2, SIZE)
    image.clean_all()
    return image, layer


def tree(layers: list) -> list:
    return [
        {
            "name": layer.name,
            "mask": layer.mask is not None,
            "offsets": layer.offsets,
            "size": [layer.width, layer.height],
            "recipe": layer.parasite_find("deepdream-recipe") is not None,
            "children": tree(layer.children) if layer.is_group else [],
        }
        for layer in layers
    ]


def call(procedure, image, layer, *arguments) -> list:
    return procedure(image, [layer], *arguments)


def through_pdb(name: str):
    """Return the procedure as other programs call it."""

    def procedure(image, layers: list, *arguments) -> list:
        made = pdb[name](image, layers[0] if IS_GIMP2 else layers, *arguments)
        return [made] if IS_GIMP2 else made

    return procedure


def run(name: str, settings: str, selected: bool = False, dream=deepdream) -> tuple:
    image, layer = build(selected)
    made = call(dream, image, layer, "", FAST + settings)
    report[name] = {"tree": tree(image.layers), "made": [one.name for one in made]}
    return image, layer, made


def change(made, layer) -> list:
    """Return the mean change in the left and right halves."""
    after = memoryview(bytes(made.read_pixels("R'G'B' float"))).cast("f")
    before = memoryview(bytes(layer.read_pixels("R'G'B' float"))).cast("f")
    halves = [0.0, 0.0]
    for i, (a, b) in enumerate(zip(after, before)):
        halves[(i // 3 % SIZE) >= SIZE // 2] += abs(a - b)
    return [half / (SIZE * SIZE * 1.5) for half in halves]


image, layer, made = run("layer", "", selected=True, dream=through_pdb("python-fu-deepdream"))
report["layer"]["change"] = change(made[0], layer)
image, layer, made = run("masked", "output=masked", selected=True)
report["masked"]["change"] = change(made[0], layer)
mask = memoryview(bytes(made[0].mask.read_pixels("Y float"))).cast("f")
report["masked"]["mask"] = [mask[0], mask[SIZE - 1]]
for name, settings in {"layer": "", "group": "output=octaves"}.items():
    image, layer, made = run(f"blended {name}", f"layer_mode=soft-light;opacity=40;{settings}")
    found = [made[0].mode == LAYER_MODE_SOFTLIGHT, round(made[0].opacity)]
    report[f"blended {name}"]["found"] = found
run("octaves", "output=octaves", selected=True)
run("steps", "output=steps;keep_every=1")
run("features", "output=features;features=block4|block6")
run("frames", "output=frames;passes=3;zoom=1.1")

image, guide = build()
image, layer, made = run("guided", f"objective=block4;guide_layer={guide.ID}")
report["guided"]["change"] = change(made[0], layer)
try:
    run("lost guide", "guide_layer=99999")
except error as problem:
    report["lost guide"] = str(problem)
try:
    run("unknown output", "output=elsewhere", dream=through_pdb("python-fu-deepdream"))
except error as problem:
    report["unknown output"] = str(problem)

image, layer, made = run("again", "objective=block4;seed=5;strength=0.5")
first = bytes(made[0].read_pixels("R'G'B' float"))
repeated = call(through_pdb("python-fu-deepdream-again"), image, made[0], "")[0]
report["again"]["same"] = bytes(repeated.read_pixels("R'G'B' float")) == first
report["again"]["tree"] = tree(image.layers)
stronger = call(again, image, made[0], "strength=1")[0]
report["again"]["changes"] = [sum(change(one, layer)) for one in (repeated, stronger)]
path = str(folder / "kept.xcf")
if IS_GIMP2:
    pdb["gimp-xcf-save"](0, image, layer, path, path)
else:
    import gi

    gi.require_version("Gimp", "3.0")
    from gi.repository import Gimp, Gio

    Gimp.file_save(Gimp.RunMode.NONINTERACTIVE, image.native, Gio.File.new_for_path(path), None)
if IS_GIMP2:
    loaded = pdb["gimp-file-load"](path, path)
else:
    native = Gimp.file_load(Gimp.RunMode.NONINTERACTIVE, Gio.File.new_for_path(path))
    loaded = gimp.Image.from_id(native.get_id())
kept = next(one for one in loaded.layers if one.name == made[0].name)
reloaded = call(again, loaded, kept, "")[0]
report["again"]["after loading"] = bytes(reloaded.read_pixels("R'G'B' float")) == first
try:
    call(through_pdb("python-fu-deepdream-again"), image, layer, "")
except error as problem:
    report["again"]["not a dream"] = str(problem)
pipe = folder / "pipe.png"  # opening it would never end
os.mkfifo(pipe)
note = json.loads(kept.parasite_find("deepdream-recipe").data)
note["recipe"]["guide"] = str(pipe)
kept.attach_new_parasite("deepdream-recipe", PARASITE_PERSISTENT, json.dumps(note))
for name, start in {
    "script": lambda: call(again, loaded, kept, "steps=1"),
    "repeated": lambda: plugin.choose_again(RUN_WITH_LAST_VALS, loaded, [kept]),
}.items():
    try:
        start()
    except error as problem:
        report["again"][f"foreign file, {name}"] = str(problem)
unguided = call(again, loaded, kept, "guide=")[0]
report["again"]["without foreign file"] = bytes(unguided.read_pixels("R'G'B' float")) == first

image, layer = build()
wanted = [plugin.Wanted(layer, choice_from("", FAST))]
made = plugin.dream_wanted(image, wanted, RUN_NONINTERACTIVE)
plugin.dream_wanted(image, wanted, RUN_NONINTERACTIVE, None, made)
report["after earlier ones"] = tree(image.layers)


def look(layer) -> dict:
    return {
        "name": layer.name,
        "opacity": round(layer.opacity),
        "mode": layer.mode,
        "offsets": layer.offsets,
        "mask": layer.mask and layer.mask.get_pixel(SIZE - 1, 0)[0],
        "enabled": layer.mask and layer.apply_mask,
        "visible": layer.visible,
    }


def replacing(
    name: str, settings: str, prepare=None, selected: bool = False, changed: str = ""
) -> tuple:
    """Dream, let `prepare(image, source, made)` change something, and replace the dream."""
    image, layer = build(selected)
    made = call(deepdream, image, layer, "", FAST + settings)
    old = (prepare and prepare(image, layer, made)) or made[0]
    before = tree(image.layers)
    looks = [look(one) for one in (old, *old.children)]
    new = call(again, image, old, f"again=replace;seed=9;{changed}")
    report[f"replaced {name}"] = {
        "before": before,
        "after": tree(image.layers),
        "looks before": looks,
        "looks": [look(one) for one in (new[0], *new[0].children)],
        "made": [one.name for one in new],
        "again": json.loads(new[0].parasite_find("deepdream-recipe").data)["output"]["again"],
    }
    return image, layer, new


def style(image, layer, made) -> None:
    top = made[0]
    top.name, top.opacity, top.mode = "Mine", 40.0, LAYER_MODE_MULTIPLY
    top.set_offsets(3, 1)
    top.visible = top.apply_mask = False
    other = gimp.Layer(image, "above", SIZE, SIZE, RGB_IMAGE)
    image.insert_layer(other, None, 0)
    pdb["gimp-selection-none"](image)


def paint_masks(image, layer, made):
    made[0].opacity = 70.0
    for child in made[0].children[:-1]:
        child.mask.set_pixel(SIZE - 1, 0, [90])
        child.opacity = 50.0
    return made[0].children[0]  # dreaming one of its layers again dreams the group again


def lock(image, layer, made) -> None:
    pdb["gimp-item-set-lock-content"](made[0], True)


def add_own(image, layer, made) -> None:
    image.insert_layer(gimp.Layer(image, "own", SIZE, SIZE, RGB_IMAGE), made[0], 0)


def delete_source(image, layer, made) -> None:
    image.remove_layer(layer)


def select_a_part(image, layer, made) -> None:
    pdb["gimp-image-select-rectangle"](image, CHANNEL_OP_REPLACE, 8, 0, SIZE // 4, SIZE)


replacing("layer", "", style, selected=True)
replacing("where it is selected", "", selected=True)
replacing("group", "output=octaves", paint_masks)
replacing("frames", "output=frames;passes=2;zoom=1.1", lambda image, *_: image.layers[1])
replacing("frames by a layer", "output=frames;passes=2", changed="output=layer;passes=1")
replacing("locked", "", lock)
replacing("with own layers", "output=octaves", add_own)
replacing("without source", "", delete_source)
replacing("beyond selection", "", select_a_part)
dream_all = plugin._dream_all
image, layer = build()
made = call(deepdream, image, layer, "", FAST)
wanted = plugin._origins(image, made)
wanted = [plugin._replacing(one) for one in wanted]
plugin._dream_all = lambda *given: (image.remove_layer(made[0]), dream_all(*given))[1]
plugin.dream_wanted(image, wanted, RUN_NONINTERACTIVE)
plugin._dream_all = dream_all
report["replaced meanwhile deleted"] = {"after": tree(image.layers)}


def cut_out(name: str, settings: str, selected: bool = False, enabled: bool = True) -> None:
    """Dream a layer of whose four quarters, from left to right, its mask shows the first three."""
    image, layer = build(selected)
    mask = layer.create_mask(ADD_MASK_WHITE)
    row = [1.0] * (SIZE // 2) + [0.5] * (SIZE // 4) + [0.0] * (SIZE // 4)
    mask.write_pixels("Y float", array.array("f", row * SIZE).tobytes())
    layer.add_mask(mask)
    layer.apply_mask = enabled
    made = call(deepdream, image, layer, "", FAST + settings)[0]
    pixels = [bytes(one.read_pixels("R'G'B' float")) for one in (made, layer)]
    after, before = (memoryview(data).cast("f") for data in pixels)
    changed = [False] * 4
    for i, (a, b) in enumerate(zip(after, before)):
        changed[i // 3 % SIZE // (SIZE // 4)] |= a != b
    top = made.mask and memoryview(bytes(made.mask.read_pixels("Y float"))).cast("f")
    report[f"cut-out, {name}"] = {
        "changed": changed,
        "mask": top and [round(top[x], 2) for x in range(0, SIZE, SIZE // 4)],
        "enabled": made.apply_mask,
        "own": layer.mask is not None and layer.apply_mask == enabled,
    }


cut_out("copied", "")
cut_out("copied and selected", "", selected=True)
cut_out("disabled", "", enabled=False)
cut_out("disabled and selected", "", selected=True, enabled=False)
cut_out("limited", "layer_mask=limit")
cut_out("limited and selected", "layer_mask=limit", selected=True)
cut_out("limited, with a mask", "layer_mask=limit;output=masked", selected=True)
cut_out("disabled and limited", "layer_mask=limit", enabled=False)


def graded(output: str, grade: float, locked: int) -> list:
    """Dream with a selection that lets this much of every pixel dream.

    Return the layer's pixels and what its mask has everywhere.
    """
    image, layer = build()
    pdb["gimp-item-set-lock-content"](layer, locked)
    if grade < 1:
        pdb["gimp-selection-all"](image)
        grades = array.array("f", [grade] * image.width * image.height)
        image.selection.write_pixels("Y float", grades.tobytes())
    made = call(deepdream, image, layer, "", f"{FAST}output={output}")[0]
    pixels = list(memoryview(bytes(made.read_pixels("R'G'B' u8"))))
    shown = made.mask and {*memoryview(bytes(made.mask.read_pixels("Y float"))).cast("f")}
    return [pixels, shown and [round(one, 2) for one in shown]]


for output, locked in (("layer", 0), ("octaves", 0), ("in-place", 0), ("in-place", 1)):
    (whole, _), (half, mask) = (graded(output, grade, locked) for grade in (1, 0.5))
    name = "locked" if locked else output
    report[f"half selected, {name}"] = {"equal": half == whole, "mask": mask}


def lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


image, layer = build()
wanted = [plugin.Wanted(layer, choice_from("", FAST))]
python = os.environ["DEEPDREAM_PYTHON"]
os.environ["DEEPDREAM_PYTHON"] = os.environ["PYTHON_WITH_THE_ENGINE"]
of_a_dialog, of_another = Engine.start(), Engine.start()
report["handed over"] = {"lived": lives(of_a_dialog.pid) and lives(of_another.pid)}
os.environ["DEEPDREAM_PYTHON"] = str(folder / "nobody else can dream")
made = plugin.dream_wanted(image, wanted, RUN_WITH_LAST_VALS, of_a_dialog)
report["handed over"]["made"] = [one.name for one in made]
report["handed over"]["lives"] = lives(of_a_dialog.pid)
try:
    plugin.dream_wanted(image, wanted, RUN_WITH_LAST_VALS)
except error as problem:
    report["handed over"]["without it"] = str(problem)
image.delete()
try:
    plugin.dream_wanted(image, wanted, RUN_WITH_LAST_VALS, of_another)
except error as problem:
    report["handed over"]["refused"] = str(problem)
report["handed over"]["lives when refused"] = lives(of_another.pid)
os.environ["DEEPDREAM_PYTHON"] = python
