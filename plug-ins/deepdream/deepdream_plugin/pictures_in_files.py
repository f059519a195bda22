"""Reading the files that a recipe names, for an engine on a computer that cannot see them."""

from __future__ import annotations

import contextlib
from pathlib import Path

from gimpfu import CLIP_TO_IMAGE, error, gimp, pdb

from deepdream_core.shared.protocol import Picture
from deepdream_core.shared.recipe import Recipe
from deepdream_core.shared.recipe_files import files_named
from deepdream_plugin.computer import other_computer
from deepdream_plugin.engine_errors import EngineMissing

_read_before: dict[tuple[str, float], Picture] = {}
"""By the file's name and the time of its last change."""


def file_pictures(recipe: Recipe) -> dict[str, Picture]:
    """Return the guide and the mask that a recipe names, if another computer dreams it.

    One that cannot be read is left out; the request for the dream then fails and names it.
    """
    named = files_named(recipe.as_dict())
    with contextlib.suppress(EngineMissing):  # asking for the engine reports it
        if named and other_computer():
            found = {name: _read(Path(file)) for name, file in named.items()}
            return {name: picture for name, picture in found.items() if picture is not None}
    return {}


def _read(file: Path) -> Picture | None:
    with contextlib.suppress(OSError, error):
        if not file.is_file():  # reading from a pipe would wait forever
            return None
        key = (str(file), file.stat().st_mtime)
        if key not in _read_before:
            _read_before[key] = _loaded(str(file.resolve()))
        return _read_before[key]
    return None


def _loaded(file: str) -> Picture:
    """Read a picture with GIMP. Raises `error`."""
    image = pdb.gimp_file_load(file, file)
    try:
        layer = image.merge_visible_layers(CLIP_TO_IMAGE)
        data = layer.read_pixels("R'G'B'A u8")
        return Picture(layer.width, layer.height, 4, data, sample="uint8")
    finally:
        gimp.delete(image)
