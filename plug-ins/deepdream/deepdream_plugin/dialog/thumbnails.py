"""Small pictures for the grid, dreamed while the engine is idle: presets on the artist's own layer,
and what has no picture yet.

They are kept in a folder that may be emptied at any time, under the hash of what they show.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Callable, Iterable
from pathlib import Path

from deepdream_core.shared.atomic_files import replacing
from deepdream_core.shared.own_folders import make_folder
from deepdream_core.shared.paths import tiles_folder
from deepdream_core.shared.presets import make_recipe, presets
from deepdream_core.shared.protocol import Picture
from deepdream_core.shared.recipe import MACHINE, PARAMETERS, Recipe
from deepdream_plugin.atlas import Choosable
from deepdream_plugin.dialog import pixbufs
from deepdream_plugin.dialog.aside import Aside
from deepdream_plugin.dialog.gtk import GdkPixbuf, GLib
from deepdream_plugin.dialog.plan import recipe_for_choosing
from deepdream_plugin.dialog.previewer import Previewer
from deepdream_plugin.dialog.state import State

_OWN_SIDE, _CLASS_SIDE = 160, 160
"""The sides of the pictures that are dreamed."""
_GRAY = 128
_MOST_WISHES, _MOST_FILES = 24, 1500
_NETWORK = PARAMETERS["model"].default
"""The network that every installation has."""
_FROM_NOISE = Recipe(
    source="noise",
    octaves=3,
    octave_scale=1.5,
    steps=24,
    step_size=6.0,
    jitter=16,
)
"""How `docs/make_atlas.py` dreams classes."""


class Thumbnails:
    """Dreams pictures for the grid, one after the other."""

    def __init__(
        self,
        previewer: Previewer,
        state: State,
        own: GdkPixbuf.Pixbuf,
        gray: bool,
        on_picture: Callable[[str, GdkPixbuf.Pixbuf], None],
    ) -> None:
        """`own` is the artist's layer; `on_picture` is called with a key and its new picture."""
        self._previewer, self._state = previewer, state
        self._gray = gray
        self._on_picture = on_picture
        self._closed = False
        square = pixbufs.on_chequers(pixbufs.square(own, _OWN_SIDE))
        self._own = pixbufs.picture_from_pixbuf(square, gray)
        side = _CLASS_SIDE
        self._none = Picture(side, side, 3, bytes([_GRAY]) * 3 * side**2, "uint8")
        self._asked: set[str] = set()

    def show(self, items: Iterable[Choosable], may_dream: bool) -> None:
        """Find the pictures of these items. If that is allowed, dream those that are missing."""
        if not may_dream:
            self._previewer.wish_nothing()
        wishes = []
        for item in items:
            wanted = self._wanted(item, may_dream)
            if wanted is None:
                continue
            recipe, image = wanted
            path = tiles_folder() / f"{_hash(recipe, image)}.png"
            if item.key in self._asked or self._is_found(item.key, path):
                self._asked.add(item.key)
            elif may_dream and len(wishes) < _MOST_WISHES:
                wishes.append(Aside(item.key, recipe, image, self._keeper(item.key, path)))
        if wishes:
            self._previewer.wish(wishes)

    def close(self) -> None:
        """Show no more pictures."""
        self._closed = True

    def _wanted(self, item: Choosable, own: bool) -> tuple[Recipe, Picture] | None:
        machine = self._state.machine
        if item.preset:
            if not own or item.preset not in presets():
                return None
            recipe = recipe_for_choosing(make_recipe(item.preset, machine))
            return (recipe, self._own) if recipe.model == _NETWORK else None
        if item.picture or not item.objective.startswith("class:"):
            return None
        return _FROM_NOISE.changed(**machine, objective=item.objective), self._none

    def _is_found(self, key: str, path: Path) -> bool:
        try:
            found = GdkPixbuf.Pixbuf.new_from_file(str(path))
        except GLib.Error:
            return False
        self._on_picture(key, found)
        return True

    def _keeper(self, key: str, path: Path) -> Callable[[Picture], None]:
        def keep(picture: Picture) -> None:
            GLib.idle_add(self._keep, key, path, picture)

        return keep

    def _keep(self, key: str, path: Path, picture: Picture) -> bool:
        dreamed = pixbufs.pixbuf_from_picture(picture)
        self._asked.add(key)
        with contextlib.suppress(OSError, GLib.Error):  # without a file, it is dreamed again
            make_folder(path.parent)
            _forget_oldest(path.parent)
            with replacing(path) as unfinished:
                dreamed.savev(str(unfinished), "png", [], [])
        if not self._closed:
            self._on_picture(key, dreamed)
        return False


def _hash(recipe: Recipe, image: Picture) -> str:
    """Return what identifies a dream."""
    # Machines and their settings make the same picture, nearly.
    what = {n: v for n, v in recipe.as_dict().items() if PARAMETERS[n].group != MACHINE}
    said = json.dumps([what, image.width, image.height, image.channels])
    return hashlib.sha256(said.encode() + bytes(image.data)).hexdigest()[:32]


def _forget_oldest(folder: Path) -> None:
    files = list(folder.glob("*.png"))
    if len(files) > _MOST_FILES:
        files.sort(key=lambda path: path.stat().st_mtime)
        for path in files[: _MOST_FILES // 10]:
            path.unlink(missing_ok=True)
