"""Runs inside GIMP: uses the shim's objects and procedures and reports what they do."""

# ruff: noqa: F821 - gimpfu's names are in the namespace at run time
from __future__ import annotations

import array
import os
from pathlib import Path

asked = os.environ["ASK_FILE"]

IS_GIMP2 = gimp.version[0] == 2
WIDTH, HEIGHT = 8, 4


def floats(data) -> list:
    return [round(value, 5) for value in memoryview(bytes(data)).cast("f")]


def said(function, *arguments) -> str:
    try:
        function(*arguments)
    except error as problem:
        return str(problem)
    return "nothing"


def new_layer(name: str, parent=None, position: int = 0):
    layer = gimp.Layer(image, name, WIDTH, HEIGHT, RGBA_IMAGE)
    image.insert_layer(layer, parent, position)
    return layer


image = gimp.Image(32, 16, RGB, PRECISION_FLOAT_LINEAR)
bottom = new_layer("bottom")
top = new_layer("top")
middle = new_layer("middle", None, 1)
group = gimp.GroupLayer(image, "group", 50.0)
image.insert_layer(group, None, 0)
inner = new_layer("inner", group)

# Pixels beyond 0..1 and finer than 8 bits, as a whole and in part.
values = array.array("f", (i / 7 - 1 for i in range(WIDTH * HEIGHT * 4)))
top.write_pixels("RGBA float", values.tobytes())
patch = array.array("f", range(100, 124))
top.write_pixels("RGBA float", patch.tobytes(), 5, 1, 3, 2)
report["whole"] = floats(top.read_pixels("RGBA float"))
report["part"] = floats(top.read_pixels("RGBA float", 4, 0, 2, 2))
report["outside"] = floats(top.read_pixels("RGBA float", -1, -1, 2, 2))
report["wrong size"] = said(top.write_pixels, "RGBA float", bytes(5))

# The layer stack and the properties of layers.
report["stack"] = [layer.name for layer in image.layers]
report["kinds"] = [type(layer).__name__ for layer in image.layers]
report["position"] = image.item_position(middle)
report["inside"] = [inner.parent == group, [item.name for item in group.children], group.opacity]
top.set_offsets(-3, 5)
top.mode = LAYER_MODE_NORMAL_LEGACY
top.visible = False
report["look"] = [top.offsets, top.mode, top.visible, top.type, top.has_alpha]
image.selected_layers = [bottom, middle]
report["selected"] = [layer.name for layer in image.selected_layers]
image.active_layer = top
report["active"] = [image.active_layer == top, image.active_drawable == top]
report["same"] = [gimp.Item.from_id(top.ID) == top, gimp.Image.from_id(image.ID) == image]
report["none"] = [gimp.Item.from_id(99999), gimp.Image.from_id(99999)]
report["tattoo"] = len({layer.tattoo for layer in image.layers})

mask = top.create_mask(ADD_MASK_BLACK)
top.add_mask(mask)
report["mask"] = [top.mask == mask, mask.masked_layer == top, mask.is_layer_mask]
top.remove_mask(MASK_DISCARD)
report["mask"].append(top.mask is None)
copy = middle.copy()
image.insert_layer(copy, None, 0)
report["copy"] = [copy != middle, copy.name.startswith("middle")]
image.remove_layer(copy)
report["gone"] = [copy.is_valid(), middle.is_valid()]

report["no selection"] = image.selection_bounds()
pdb["gimp-image-select-rectangle"](image, CHANNEL_OP_REPLACE, 2, 3, 4, 5)
report["selection"] = image.selection_bounds()
pdb["gimp-selection-none"](image)

# Parasites with any bytes, on images and items.
data = bytes(range(256))
for holder in (image, top):
    holder.attach_new_parasite("shim-test", PARASITE_PERSISTENT, data)
    found = holder.parasite_find("shim-test")
    report[f"parasite of {holder.name if holder is top else 'image'}"] = [
        *(found.name, found.flags, found.data == data),
        holder.parasite_find("another"),
    ]
    holder.parasite_detach("shim-test")
    report["detached"] = holder.parasite_find("shim-test")
gimp.set_data("shim-test", b"kept \x00 here")
report["data"] = gimp.get_data("shim-test").decode()
report["no data"] = said(gimp.get_data, "shim-test-other")

image.clean_all()
image.remove_layer(middle)
report["removed"] = [layer.name for layer in image.layers]
report["dirty"] = image.dirty

# Colours are sRGB-encoded on every GIMP.
pdb["gimp-context-set-foreground"]((0.5, 0.25, 1.0))
report["foreground"] = [round(part, 3) for part in pdb["gimp-context-get-foreground"]()]
pdb["gimp-drawable-edit-fill"](bottom, 0)  # with the foreground
report["filled"] = list(bytes(bottom.read_pixels("R'G'B' u8", 0, 0, 1, 1)))

# Procedures.
echo = pdb["python-fu-echo-numbers"]
report["numbers"] = echo(7, 1 / 3, 0.75, 4, 2, False)
report["about"] = [echo.nparams, [row[1] for row in echo.params], echo.proc_blurb]
report["too few"] = said(echo, 7)
report["texts"] = pdb.python_fu_echo_texts("grün", "a", "/tmp/a b")
report["arrays"] = pdb["python-fu-echo-arrays"](
    *(2, [1, -2], 3, (0.5, 1 / 3, 2), 2, ["a", "ü"], 3, b"\x00\x7f\xff")
)
report["no arrays"] = pdb["python-fu-echo-arrays"](0, [], 0, [], 0, [], 0, b"")
report["radio"] = said(pdb["python-fu-echo-texts"], "x", "c", "")
given = (image, top, pdb["gimp-selection-save"](image), bottom, inner)
things = pdb["python-fu-echo-things"](*given)
report["things"] = [a == b and type(a) is type(b) for a, b in zip(given, things)]
report["colours"] = pdb["python-fu-echo-colours"]((0.5, 0.25, 1.0), (0.1, 0.2, 0.3, 0.4))
image.active_layer = top
for count in (0, 1, 2):
    told, layers = pdb["python-fu-echo-layers"](image, count, "count")
    if IS_GIMP2:
        layers = [layers] if layers else []
    report[f"layers {count}"] = [told, [layer.name for layer in layers]]
report["selected after"] = [layer.name for layer in image.selected_layers]
for how in ("on purpose", "cancelled", "exit", "unexpected"):
    report[how] = said(pdb["python-fu-echo-failure"], how)
report["array"] = said(pdb["python-fu-echo-failing-array"], "on purpose")
report["after failures"] = pdb["python-fu-echo-texts"]("still", "b", "")[0]
path = gimp.Vectors(image, "path")
image.add_vectors(path)
ask = pdb["python-fu-ask-path"]
ask(image, path, 5, run_mode=RUN_WITH_LAST_VALS)
report["with last values"] = Path(asked).read_text("utf-8")
report["no last path"] = said(lambda: ask(image, None, 5, run_mode=RUN_WITH_LAST_VALS))
report["no procedure"] = said(pdb.__getitem__, "python_fu_nothing")
gimp.delete(image)
report["images"] = len(gimp.image_list())

# GIMP warns if an image's undo group is still open when the plug-in exits.
left = gimp.Image(4, 4)
left.undo_group_start()
left.insert_layer(gimp.Layer(left, "one step", 4, 4))
left.undo_group_end()
