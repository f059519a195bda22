"""For scripts inside GIMP: inserting a dream that is not from an engine into a small image."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import gimpfu
from gimpfu import CHANNEL_OP_REPLACE, RGB, RGB_IMAGE, gimp, pdb

PLUG_INS = Path(gimpfu.__file__).parents[1]
sys.path[1:1] = [str(PLUG_INS / "deepdream"), str(PLUG_INS.parent)]
from deepdream_plugin import again, layers, placing, recipe_parasite  # noqa: E402, F401
from deepdream_plugin.choice import choice_from  # noqa: E402
from deepdream_plugin.dreaming import Dreamed, KeptPicture, Task  # noqa: E402


def build() -> tuple[Any, Any]:
    """Return an image of which a part is selected, and its only layer, which is in a group."""
    image = gimp.Image(12, 10, RGB)
    group = gimp.GroupLayer(image, "group")
    layer = gimp.Layer(image, "photo", 8, 6, RGB_IMAGE)
    image.insert_layer(group, None, 0)
    image.insert_layer(layer, group, 0)
    pdb["gimp-image-select-rectangle"](image, CHANNEL_OP_REPLACE, 0, 0, 4, 4)
    image.clean_all()
    return image, layer


def dream(image: Any, layer: Any, settings: str) -> list:
    """Read a layer and insert its dream, without dreaming."""
    choice = choice_from("", settings)
    source = layers.take_source(image, layer)
    kept = [KeptPicture(f"octave {number}", source.picture) for number in (1, 2)]
    task = Task(source, choice.recipe)
    return placing.place_dreams(
        image, [placing.Placement(source, choice, [Dreamed(task, source.picture, kept)])]
    )
