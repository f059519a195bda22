"""Runs inside GIMP: dreams layers of images that another plug-in changes during the dream."""

# ruff: noqa: F821 - gimpfu's names are in the namespace at run time
from __future__ import annotations

import hashlib
import json
from pathlib import Path

folder = Path(__file__).parent
deepdream = pdb["python-fu-deepdream"]
IS_GIMP2 = gimp.version[0] == 2
FAST = "octaves=2;steps=1;"


def build() -> tuple:
    """Return an image of two layers, half of which is selected; the lower one is in a group."""
    image = gimp.Image(80, 60, RGB)
    group = gimp.GroupLayer(image, "group")
    layer = gimp.Layer(image, "photo", 64, 48, RGB_IMAGE)
    other = gimp.Layer(image, "other", 20, 20, RGBA_IMAGE)
    layer.write_pixels("R'G'B' u8", bytes((i * 37 + i // 64) % 256 for i in range(64 * 48 * 3)))
    layer.set_offsets(8, 4)
    image.insert_layer(group, None, 0)
    image.insert_layer(layer, group, 0)
    image.insert_layer(other, None, 0)
    pdb["gimp-image-select-rectangle"](image, CHANNEL_OP_REPLACE, 8, 4, 40, 48)
    image.clean_all()
    return image, layer, other


def described(layers: list) -> list:
    return [
        {
            "name": layer.name,
            "place": [*layer.offsets, layer.width, layer.height],
            "mask": layer.mask is not None,
            "pixels": hashlib.sha1(bytes(layer.read_pixels("R'G'B'A u8"))).hexdigest(),
            "children": described(layer.children) if layer.is_group else [],
        }
        for layer in layers
    ]


bystander, _, _ = build()
before = described(bystander.layers)
for name, (change, settings) in json.loads((folder / "changes.json").read_text("utf-8")).items():
    image, layer, other = build()
    if change:
        names = f"image, layer, other = (gimp.Image.from_id({image.ID}), "
        names += f"gimp.Item.from_id({layer.ID}), gimp.Item.from_id({other.ID}))\n"
        (folder / "meanwhile.part").write_text(names + change, "utf-8")
        (folder / "meanwhile.part").rename(folder / "meanwhile.py")
    told = report[name] = {"said": "", "fault": "the image was not changed"}
    try:
        deepdream(image, layer if IS_GIMP2 else [layer], "", FAST + settings)
    except error as problem:
        told["said"] = str(problem)
    for answer in folder.glob("answer-*.json"):
        told["fault"] = json.loads(answer.read_text("utf-8")).get("error", "")
        answer.unlink()
    told["images"] = [other.ID for other in gimp.image_list() if other.ID != bystander.ID]
    if image.is_valid():
        told["layers"] = described(image.layers)
        told["kind"] = [image.base_type, image.precision]
        told["selected"] = [layer.name for layer in image.selected_layers]
    for other in gimp.image_list():
        if other.ID != bystander.ID:
            other.delete()
report["bystander"] = {"unchanged": described(bystander.layers) == before and not bystander.dirty}
