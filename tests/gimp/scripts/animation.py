"""Runs inside GIMP: dreams an animation through the PDB, exports it and reports what is there."""

# ruff: noqa: F821 - gimpfu's names are in the namespace at run time
from __future__ import annotations

import sys
from pathlib import Path

import gimpfu

PLUG_INS = Path(gimpfu.__file__).parents[1]
sys.path[1:1] = [str(PLUG_INS / "deepdream"), str(PLUG_INS.parent)]
from deepdream_plugin.animation import order_of_frames  # noqa: E402
from deepdream_plugin.choice import choice_from  # noqa: E402

folder = Path(__file__).parent
IS_GIMP2 = gimp.version[0] == 2
WIDTH, HEIGHT = 64, 48
NAMES = ("first (100ms)", "second (50ms) (combine)", "third (200ms) (replace)")
SETTINGS = "octaves=1;steps=2;objective=block2"


def build(names: tuple = NAMES) -> gimp.Image:
    """Return an animation, indexed as GIFs are: a square is drawn over the first frame."""
    image = gimp.Image(WIDTH, HEIGHT, RGB)
    for number, name in enumerate(names):
        side = 24 if number == 1 else 0
        layer = gimp.Layer(image, name, side or WIDTH, side or HEIGHT, RGB_IMAGE)
        if side:
            layer.set_offsets(8, 8)
        values = bytes(
            (40 * number + x * (3 + channel) + y * y // (1 + channel)) % 256
            for y in range(layer.height)
            for x in range(layer.width)
            for channel in range(3)
        )
        layer.write_pixels("R'G'B' u8", values)
        image.insert_layer(layer, None, 0)
    image.clean_all()
    return image


def frames(image) -> list:
    return image.layers[::-1]


def seen(layer, *area: int) -> bytes:
    return bytes(layer.read_pixels("R'G'B' u8", *area))


def difference(one: bytes, other: bytes) -> float:
    return sum(abs(a - b) for a, b in zip(one, other)) / len(one)


def dream(image, settings: str = SETTINGS):
    drawable = image.layers[0]
    return pdb["python-fu-deepdream-animation"](
        image, drawable if IS_GIMP2 else [drawable], "", settings
    )


image = build()
new = dream(image)
bottom, square, top = frames(image)
around = (0, 32, WIDTH, 16)  # outside the square
inside = (8, 8, 24, 24)
report["names"] = [layer.name for layer in frames(new)]
report["sizes"] = [[layer.width, layer.height, *layer.offsets] for layer in frames(new)]
report["alpha"] = [bool(layer.has_alpha) for layer in frames(new)]
one, two, three = frames(new)
report["changes"] = [
    difference(seen(one), seen(bottom)),
    difference(seen(two, *inside), seen(square)),
    difference(seen(three), seen(top)),
]
report["combined"] = [
    difference(seen(two, *around), seen(bottom, *around)),
    difference(seen(two, *around), seen(top, *around)),
]
report["kept"] = [bool(layer.parasite_find("deepdream-recipe")) for layer in frames(new)]
report["untouched"] = [bool(image.dirty), [layer.name for layer in frames(image)]]

tasks = order_of_frames(build(), choice_from("", f"{SETTINGS};carry=0.5"), False).tasks
report["films"] = [[task.film, task.carry] for task in tasks]

alone = frames(dream(image, f"{SETTINGS};seed=5;carry=0"))[2]
expected = pdb["python-fu-deepdream"](
    image, top if IS_GIMP2 else [top], "", f"{SETTINGS};seed=7;output=image"
)
expected = expected if IS_GIMP2 else expected[0]
report["alone"] = [difference(seen(alone), seen(other)) for other in (expected, three)]
try:
    dream(image, "carry=2")
except error as problem:
    report["wrong carry"] = str(problem)


def export(procedure: str, path: str, gimp2: tuple, gimp3: dict) -> None:
    """Export the new image; the last arguments are what the procedure has besides the image."""
    if IS_GIMP2:
        pdb[f"{procedure}-save"](new, new.layers[0], path, path, *gimp2)
        return
    from gi.repository import Gimp, Gio

    found = Gimp.get_pdb().lookup_procedure(f"{procedure}-export")
    config = found.create_config()
    config.set_property("image", Gimp.Image.get_by_id(new.ID))
    config.set_property("file", Gio.File.new_for_path(path))
    for name, value in gimp3.items():
        config.set_property(name, value)
    found.run(config)


webp = (0, 0, 90, 90, 1, 1, 0, 0, 0, 0, 0, 100, 0)
export("file-webp", str(folder / "dream.webp"), webp, {"animation": True})
pdb["gimp-image-convert-indexed"](new, 0, 0, 255, False, False, "")
export("file-gif", str(folder / "dream.gif"), (0, 1, 100, 0), {"as-animation": True})

pdb["gimp-image-convert-indexed"](image, 0, 0, 16, False, False, "")
layer = image.layers[0]
pdb["gimp-layer-add-alpha"](layer)
pdb["gimp-image-select-rectangle"](image, CHANNEL_OP_REPLACE, 0, 0, 20, 20)
pdb["gimp-drawable-edit-clear" if not IS_GIMP2 else "gimp-edit-clear"](layer)
clear = dream(image)
report["indexed"] = [
    clear.base_type == INDEXED,
    [layer.name for layer in frames(clear)],
    [
        seen_alpha.count(0)
        for seen_alpha in (bytes(layer.read_pixels("R'G'B'A u8"))[3::4] for layer in frames(clear))
    ],
]

try:
    dream(build(NAMES[:1]))
except error as problem:
    report["single"] = str(problem)
