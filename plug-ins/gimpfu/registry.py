"""The procedures that a plug-in registers."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Optional

from gimpfu.errors import error
from gimpfu.params import (
    PF_CHANNEL,
    PF_DRAWABLE,
    PF_DRAWABLES,
    PF_IMAGE,
    PF_LAYER,
    PF_STRING,
    PF_VECTORS,
    Param,
    param_from,
)

_on_query: list[Callable[[], None]] = []
"""Functions of procedures that have not yet run."""
_OLD_MENUS = {
    "<Toolbox>/Xtns": "<Image>/Filters/Extensions",
    "<Image>/Xtns": "<Image>/Filters/Extensions",
    "<Toolbox>": "<Image>/Filters/Extensions",
    "<Vectors>": "<Paths>",
}
"""What GIMP 3 calls the menus that have other names there."""
_NAME = re.compile(r"[A-Za-z0-9_-]+")
_PREFIXES = ("python-", "extension-", "plug-in-", "file-")
_ITEM_KINDS = (PF_DRAWABLE, PF_DRAWABLES, PF_LAYER, PF_CHANNEL)
_MENU_PARAMS: dict[str, tuple[Sequence[Any], ...]] = {
    "<Image>": ((PF_IMAGE, "image", "Input image", None), (PF_DRAWABLE, "drawable", "Input", None)),
    "<Load>": (
        (PF_STRING, "filename", "The name of the file to load", None),
        (PF_STRING, "raw-filename", "The name entered", None),
    ),
}
_MENU_PARAMS["<Save>"] = _MENU_PARAMS["<Image>"] + _MENU_PARAMS["<Load>"]

Choose = Callable[..., Optional[Callable[[], Any]]]
"""Takes the run mode and the first arguments; returns the function to call, or None on Cancel."""


@dataclass(frozen=True)
class Procedure:
    """A procedure of the plug-in, as declared to `register`."""

    name: str
    blurb: str
    help: str
    author: str
    copyright: str
    date: str
    label: str
    image_types: str
    params: tuple[Param, ...]
    results: tuple[Param, ...]
    function: Callable[..., Any]
    menu: str
    has_run_mode: bool
    choose: Choose | None
    domain: str | tuple[str, str] | None
    on_run: Callable[[], None] | None
    own_dialog: bool = False
    """Whether the function takes the run mode first and asks for its arguments itself."""

    @property
    def works_on_image(self) -> bool:
        """Whether the first arguments are an image and an item in it, as GIMP's menus pass them."""
        kinds = [param.kind for param in self.params[:2]]
        return len(kinds) == 2 and kinds[0] == PF_IMAGE and kinds[1] in _ITEM_KINDS

    @property
    def start_count(self) -> int:
        """How many leading arguments GIMP's menu may pass; a dialog asks for the rest."""
        kinds = [param.kind for param in self.params[:2]]
        if self.works_on_image or (
            self.menu.startswith("<Vectors>") and kinds == [PF_IMAGE, PF_VECTORS]
        ):
            return 2
        return 1 if self.params and self.params[0].kind == PF_IMAGE else 0


@dataclass(frozen=True)
class FileHandler:
    """What files a procedure loads or saves."""

    saves: bool
    extensions: str
    """Separated by commas, as `prefixes` and `magics`."""
    prefixes: str = ""
    magics: str = ""


procedures: dict[str, Procedure] = {}
handlers: dict[str, FileHandler] = {}
"""The procedures that load or save files, by name."""
further_menus: dict[str, list[str]] = {}
"""Menu paths besides those that were given to `register`, by the procedure's name."""


def canonical(name: str) -> str:
    """Return the name under which a procedure was registered."""
    name = name.replace("_", "-")
    return name if name in procedures else f"python-fu-{name}"


def register_load_handler(name: str, extensions: str, prefixes: str = "") -> None:
    """Say which files a procedure loads, by their extensions, separated by commas."""
    handlers[canonical(name)] = FileHandler(False, extensions, prefixes)


def register_magic_load_handler(
    name: str, extensions: str, prefixes: str = "", magics: str = ""
) -> None:
    """Say which files a procedure loads, by their extensions and their first bytes."""
    handlers[canonical(name)] = FileHandler(False, extensions, prefixes, magics)


def register_save_handler(name: str, extensions: str, prefixes: str = "") -> None:
    """Say which files a procedure saves, by their extensions, separated by commas."""
    handlers[canonical(name)] = FileHandler(True, extensions, prefixes)


def menu_register(name: str, path: str) -> None:
    """Offer a procedure in a further menu."""
    further_menus.setdefault(canonical(name), []).append(path)


def domain_register(name: str, path: str | None = None) -> None:
    """Do nothing: a plug-in's texts are translated by the plug-in."""


def menus_of(procedure: Procedure) -> list[str]:
    """Return the paths of all menus that offer a procedure, as GIMP 3 names them."""
    paths = [procedure.menu, *further_menus.get(procedure.name, [])]
    kept = [path for path in paths if path and not path.startswith(("<Load>", "<Save>"))]
    return [_renamed(path) for path in kept]


def _renamed(path: str) -> str:
    for old, new in _OLD_MENUS.items():
        if path.startswith(old):
            return new + path[len(old) :]
    return path


def run_on_query() -> None:
    """Let all procedures say which files they handle."""
    while _on_query:
        _on_query.pop(0)()


def register(
    proc_name: str,
    blurb: str,
    help: str,
    author: str,
    copyright: str,
    date: str,
    label: str | None,
    imagetypes: str | None,
    params: Sequence[Sequence[Any]],
    results: Sequence[Sequence[Any]],
    function: Callable[..., Any],
    menu: str | None = None,
    domain: str | tuple[str, str] | None = None,
    on_query: Callable[[], None] | None = None,
    on_run: Callable[[], None] | None = None,
    run_mode_param: bool = True,
    choose: Choose | None = None,
    own_dialog: bool = False,
) -> None:
    """Declare a procedure; `main` offers it to GIMP.

    Rows of `params` are (PF_ kind, name, description, default[, extra]), rows of `results` are
    (kind, name, description). `choose(run_mode, *start)` is an extension that replaces the
    generated dialog and the last-used values: it receives the first arguments (image and drawable)
    and returns the function to call without arguments in place of `function`, or None if the user
    cancels. Non-interactive calls run `function` itself. `own_dialog` says that `function` takes
    the run mode first and asks for what it needs. Raises `error` for an invalid declaration.
    """
    if not _NAME.fullmatch(proc_name):
        raise error(f'The procedure name "{proc_name}" may only contain letters, digits, - and _.')
    name = proc_name.replace("_", "-")
    if not name.startswith(_PREFIXES):
        name = f"python-fu-{name}"
    rows = list(params)
    if menu is None and label and "/" in label:
        # The oldest style: the label is the full menu path; image and drawable are implied.
        menu, _, label = label.rpartition("/")
        rows[:0] = _MENU_PARAMS.get(menu.partition("/")[0], ())
    procedures[name] = Procedure(
        name=name,
        blurb=blurb or "",
        help=help or "",
        author=author or "",
        copyright=copyright or "",
        date=str(date or ""),
        label=label or "",
        image_types=imagetypes or "",
        params=tuple(param_from(row) for row in rows),
        results=tuple(param_from(row, is_result=True) for row in results),
        function=function,
        menu=menu or "",
        has_run_mode=run_mode_param,
        choose=choose,
        domain=domain,
        on_run=on_run,
        own_dialog=own_dialog,
    )
    if on_query:
        _on_query.append(on_query)
