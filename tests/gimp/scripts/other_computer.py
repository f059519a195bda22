"""Runs inside GIMP: dreams on another computer, which then can no longer be reached."""

# ruff: noqa: F821 - gimpfu's names are in the namespace at run time
from __future__ import annotations

from pathlib import Path

folder = Path(__file__).parent
trouble = folder / "trouble"
deepdream = pdb["python-fu-deepdream"]
image = gimp.Image(40, 32, RGB)
layer = gimp.Layer(image, "photo", 40, 32, RGB_IMAGE)
image.insert_layer(layer, None, 0)
image.clean_all()


def dream(settings: str) -> str:
    try:
        deepdream(image, layer if gimp.version[0] == 2 else [layer], "", settings)
    except error as problem:
        return str(problem)
    return "dreamed"


trouble.write_text("plain")
report["there"] = dream(f"guide={folder / 'guide.png'}; mask={folder / 'guide.png'}")
report["no such file"] = dream(f"guide={folder / 'missing.png'}")
report["images"] = len(gimp.image_list())
trouble.write_text("noise")
values = bytes(
    (x * 6 + y * channel) % 256 for y in range(32) for x in range(40) for channel in range(3)
)
layer.write_pixels("R'G'B' u8", values)
dream("octaves=1;steps=2;objective=block2;precision=float32;device=cpu")
new = image.layers[-2]  # right above its source
report["dreamed"] = list(bytes(new.read_pixels("R'G'B' u8")))
image.remove_layer(new)
image.clean_all()
trouble.write_text("fails:255:you@gpu-box: Permission denied (publickey).")
report["refused"] = dream("")
report["named by settings"] = dream("computer=ssh other")
report["layers"] = [one.name for one in image.layers]
report["dirty"] = image.dirty
