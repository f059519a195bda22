#!/usr/bin/env python3
"""DeepDream for GIMP: offers `python-fu-deepdream` as Filters > Artistic > DeepDream…"""
# ruff: noqa: E402, F403, F405, I001

import sys
from pathlib import Path

_folder = Path(__file__).resolve().parent
sys.path.insert(0, str(_folder))
if not (_folder / "deepdream_core").is_dir():  # run from a checkout
    sys.path[1:1] = [str(_folder.parent), str(_folder.parents[1])]

from gimpfu import *
from deepdream_plugin import engine_processes, plugin
from deepdream_plugin.texts import _

register(
    "python-fu-deepdream",
    _("Let a neural network dream on a layer"),
    "Finds what a network trained on photographs believes to see in the layer, and brings it out, "
    "at several sizes, as a new layer above it. `preset` names a recipe (empty: classic), "
    "`settings` changes it: name=value pairs separated by ; or a JSON object.",
    "DeepDream for GIMP",
    "GPL-3.0-or-later",
    "2026",
    _("_DeepDream…"),
    "RGB*, GRAY*, INDEXED*",
    [
        (PF_IMAGE, "image", "The image", None),
        (PF_DRAWABLES, "drawables", "The layers to dream", None),
        (PF_STRING, "preset", "The name of a preset", ""),
        (PF_STRING, "settings", "Settings laid over the preset", ""),
    ],
    [(PF_LAYERS, "layers", "The new layers")],
    plugin.dream,
    menu="<Image>/Filters/Artistic",
    on_run=engine_processes.lead_own_group,
    choose=plugin.choose,
)

register(
    "python-fu-deepdream-again",
    _("Dream a dreamed layer again, with its own recipe"),
    "The recipe is kept on every layer that DeepDream makes, also in XCF files. It is dreamed into "
    "the layer that it came from, or into the dream itself where that is gone. `settings` changes "
    "the recipe: name=value pairs separated by ; or a JSON object.",
    "DeepDream for GIMP",
    "GPL-3.0-or-later",
    "2026",
    _("Dream this layer _again (DeepDream)…"),
    "RGB*, GRAY*, INDEXED*",
    [
        (PF_IMAGE, "image", "The image", None),
        (PF_DRAWABLES, "drawables", "The dreamed layers", None),
        (PF_STRING, "settings", "Settings laid over the recipe", ""),
    ],
    [(PF_LAYERS, "layers", "The new layers")],
    plugin.dream_again,
    menu="<Image>/Filters/Artistic",
    on_run=engine_processes.lead_own_group,
    choose=plugin.choose_again,
)

main()
