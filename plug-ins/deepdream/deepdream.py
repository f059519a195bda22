#!/usr/bin/env python3
# coding: utf-8  # noqa: UP009 - for the Python 2 of an old GIMP
"""DeepDream for GIMP: registers `python-fu-deepdream` as Filters > Artistic > DeepDream…"""
# ruff: noqa: E402, F403, F405, I001

import sys

if sys.version_info < (3, 9):  # noqa: UP036
    import too_old

    too_old.explain()
    sys.exit()

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
    "Brings out what a neural network trained on photographs thinks it sees in the layer, at "
    "several sizes, as a new layer above it. `preset` is the name of a preset (empty: classic); "
    "`settings` overrides it: name=value pairs separated by semicolons, or a JSON object.",
    "DeepDream for GIMP",
    "GPL-3.0-or-later",
    "2026",
    _("_DeepDream…"),
    "RGB*, GRAY*, INDEXED*",
    [
        (PF_IMAGE, "image", "The image", None),
        (PF_DRAWABLES, "drawables", "The layers to dream", None),
        (PF_STRING, "preset", "The name of a preset", ""),
        (PF_STRING, "settings", "Settings that override the preset", ""),
    ],
    [(PF_LAYERS, "layers", "The new layers")],
    plugin.dream,
    menu="<Image>/Filters/Artistic",
    on_run=engine_processes.lead_own_group,
    choose=plugin.choose,
)

register(
    "python-fu-deepdream-again",
    _("Dream a layer again with its saved recipe"),
    "Every layer that DeepDream creates stores its recipe, also in XCF files. The recipe is "
    "applied to the original source layer or, if that no longer exists, to the dream itself. The "
    "new layer is above the dream or, with again=replace in `settings`, in its place. "
    "`settings` overrides the recipe: name=value pairs separated by semicolons, or a JSON object.",
    "DeepDream for GIMP",
    "GPL-3.0-or-later",
    "2026",
    _("Dream this layer _again (DeepDream)…"),
    "RGB*, GRAY*, INDEXED*",
    [
        (PF_IMAGE, "image", "The image", None),
        (PF_DRAWABLES, "drawables", "The dreamed layers", None),
        (PF_STRING, "settings", "Settings that override the recipe", ""),
    ],
    [(PF_LAYERS, "layers", "The new layers")],
    plugin.dream_again,
    menu="<Image>/Filters/Artistic",
    on_run=engine_processes.lead_own_group,
    choose=plugin.choose_again,
)

register(
    "python-fu-deepdream-animation",
    _("Let a neural network dream on the frames of an animation"),
    "Each layer of the image, from the lowest, is a frame. Each frame is dreamed, and its dream is "
    "carried along the animation's motion to the next one. The dreamed frames are the layers of a "
    "new image; (100ms), (combine) and (replace) in their names count. `preset` is the name of a "
    "preset (empty: classic); `settings` overrides it: name=value pairs separated by semicolons, "
    "or a JSON object. `drawables` do not matter.",
    "DeepDream for GIMP",
    "GPL-3.0-or-later",
    "2026",
    _("_DeepDream frames…"),
    "RGB*, GRAY*, INDEXED*",
    [
        (PF_IMAGE, "image", "The animation", None),
        (PF_DRAWABLES, "drawables", "Any of its layers", None),
        (PF_STRING, "preset", "The name of a preset", ""),
        (PF_STRING, "settings", "Settings that override the preset", ""),
    ],
    [(PF_IMAGE, "new_image", "The new image")],
    plugin.dream_frames,
    menu="<Image>/Filters/Animation",
    on_run=engine_processes.lead_own_group,
    choose=plugin.choose_frames,
)

main()
