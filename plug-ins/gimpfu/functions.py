"""The functions of the `gimp` module that are the same for every version of GIMP."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any, NoReturn

from gimpfu.colours import RGB, rgb
from gimpfu.errors import error
from gimpfu.installing import install_procedure, serve_with
from gimpfu.objects.handles import call, checked
from gimpfu.objects.images import (
    Display,
    Image,
    delete,
    image_list,
)
from gimpfu.objects.items import Channel, Drawable, GroupLayer, Item, Layer
from gimpfu.objects.parasites import Parasite
from gimpfu.objects.regions import TILE_SIZE, PixelFetcher, PixelRgn, Tile
from gimpfu.objects.vectors import Vectors, VectorsBezierStroke, VectorsStroke
from gimpfu.registry import (
    domain_register,
    menu_register,
    register_load_handler,
    register_magic_load_handler,
    register_save_handler,
)

__all__ = [
    "Channel",
    "Display",
    "Drawable",
    "GroupLayer",
    "Image",
    "Item",
    "Layer",
    "Parasite",
    "PixelFetcher",
    "PixelRgn",
    "Tile",
    "Vectors",
    "VectorsBezierStroke",
    "VectorsStroke",
    "_id2display",
    "_id2drawable",
    "_id2image",
    "_id2vectors",
    "attach_new_parasite",
    "check_size",
    "check_type",
    "checks_get_shades",
    "context_get_gradient",
    "context_pop",
    "context_push",
    "context_set_gradient",
    "delete",
    "displays_reconnect",
    "domain_register",
    "error",
    "exit",
    "fonts_get_list",
    "fonts_refresh",
    "gamma",
    "get_background",
    "get_data",
    "get_foreground",
    "get_progname",
    "gradient_get_custom_samples",
    "gradient_get_uniform_samples",
    "gradients_get_gradient",
    "gradients_get_list",
    "gradients_sample_custom",
    "gradients_sample_uniform",
    "gradients_set_gradient",
    "image_list",
    "install_procedure",
    "main",
    "menu_register",
    "parasite_attach",
    "parasite_detach",
    "parasite_find",
    "parasite_list",
    "quit",
    "register_load_handler",
    "register_magic_load_handler",
    "register_save_handler",
    "set_background",
    "set_data",
    "set_foreground",
    "show_help_button",
    "show_tool_tips",
    "tile_cache_ntiles",
    "tile_cache_size",
    "tile_height",
    "tile_width",
    "vectors_import_from_file",
    "vectors_import_from_string",
]

_SHADES = ((255, 204), (153, 102), (51, 0), (255, 255), (127, 127), (0, 0))
"""The light and the dark shade of each kind of checkerboard."""


def main(init: Any, quit: Any, query: Any, run: Any) -> None:
    """Serve procedures that `query` installs and `run` runs by their names. Never returns."""
    serve_with(query, run)
    sys.modules["gimpfu"].main()


def get_foreground() -> RGB:
    return call("gimp-context-get-foreground")


def set_foreground(*colour: Any) -> None:
    """Set the foreground colour, given in any form or as three or four parts."""
    call("gimp-context-set-foreground", _given(colour))


def get_background() -> RGB:
    return call("gimp-context-get-background")


def set_background(*colour: Any) -> None:
    """Set the background colour, given in any form or as three or four parts."""
    call("gimp-context-set-background", _given(colour))


def _given(colour: tuple[Any, ...]) -> RGB:
    return rgb(colour[0] if len(colour) == 1 else colour)


def context_push() -> None:
    call("gimp-context-push")


def context_pop() -> None:
    call("gimp-context-pop")


def context_get_gradient() -> str:
    """Return the name of the selected gradient."""
    return call("gimp-context-get-gradient")


def context_set_gradient(name: str) -> None:
    call("gimp-context-set-gradient", name)


gradients_get_gradient, gradients_set_gradient = context_get_gradient, context_set_gradient


def gradients_get_list(filter: str = "") -> list[str]:
    """Return the names of the gradients that match a regular expression."""
    return list(call("gimp-gradients-get-list", filter)[1])


def gradient_get_uniform_samples(
    name: str, num_samples: int, reverse: bool = False
) -> list[tuple[float, ...]]:
    """Return colours from even steps along a gradient, as floats with alpha."""
    return _quads(call("gimp-gradient-get-uniform-samples", name, num_samples, reverse)[1])


def gradient_get_custom_samples(
    name: str, positions: Sequence[float], reverse: bool = False
) -> list[tuple[float, ...]]:
    """Return colours from positions (0 to 1) along a gradient, as floats with alpha."""
    given = (name, len(positions), tuple(positions), reverse)
    return _quads(call("gimp-gradient-get-custom-samples", *given)[1])


def gradients_sample_uniform(num_samples: int, reverse: bool = False) -> list[tuple[float, ...]]:
    return gradient_get_uniform_samples(context_get_gradient(), num_samples, reverse)


def gradients_sample_custom(
    positions: Sequence[float], reverse: bool = False
) -> list[tuple[float, ...]]:
    return gradient_get_custom_samples(context_get_gradient(), positions, reverse)


def _quads(numbers: Sequence[float]) -> list[tuple[float, ...]]:
    return [tuple(numbers[i : i + 4]) for i in range(0, len(numbers), 4)]


def fonts_refresh() -> None:
    call("gimp-fonts-refresh")


def fonts_get_list(filter: str = "") -> list[str]:
    """Return the names of the fonts that match a regular expression. Raises `error` for none."""
    return list(checked(call("gimp-fonts-get-list", filter)[1]))


def parasite_find(name: str) -> Parasite | None:
    """Return GIMP's own parasite with this name, or None."""
    return call("gimp-get-parasite", name) if name in parasite_list() else None


def parasite_attach(parasite: Parasite) -> None:
    call("gimp-attach-parasite", parasite)


def attach_new_parasite(name: str, flags: int, data: bytes | str) -> None:
    parasite_attach(Parasite(name, flags, data))


def parasite_detach(name: str) -> None:
    call("gimp-detach-parasite", name)


def parasite_list() -> tuple[str, ...]:
    """Return the names of GIMP's own parasites."""
    return call("gimp-get-parasite-list")[1]


def vectors_import_from_file(
    image: Image, svg_file: str, merge: bool = False, scale: bool = False
) -> list[Vectors]:
    """Import the paths of an SVG file."""
    numbers = call("gimp-vectors-import-from-file", image, svg_file, merge, scale)[1]
    return list(map(Vectors.reference, numbers))


def vectors_import_from_string(
    image: Image, svg_string: str, merge: bool = False, scale: bool = False
) -> list[Vectors]:
    """Import the paths of an SVG text."""
    given = (image, svg_string, -1, merge, scale)
    return list(map(Vectors.reference, call("gimp-vectors-import-from-string", *given)[1]))


def get_data(name: str) -> bytes:
    """Return the data stored under a name in this session. Raises `error` if there is none."""
    try:
        return bytes(call("gimp-procedural-db-get-data", name)[1])
    except error:
        raise error(f"No data is stored under {name}.") from None


def set_data(name: str, data: bytes | str) -> None:
    """Store data under a name until GIMP quits."""
    data = data.encode() if isinstance(data, str) else data
    call("gimp-procedural-db-set-data", name, len(data), tuple(data))


def quit() -> NoReturn:
    """End the plug-in."""
    sys.exit()


def exit(force: bool = False) -> None:
    """End GIMP."""
    call("gimp-quit", force)


def get_progname() -> str:
    """Return the path of the plug-in."""
    return sys.argv[0]


def displays_reconnect(old_image: Image, new_image: Image) -> None:
    """Let the windows that show an image show another one."""
    call("gimp-displays-reconnect", old_image, new_image)


def tile_width() -> int:
    return TILE_SIZE


tile_height = tile_width


def tile_cache_size(kilobytes: int) -> None:
    """Do nothing: pixel regions need no cache."""


tile_cache_ntiles = tile_cache_size


def gamma() -> float:
    return 2.2


def check_size() -> int:
    """Return the size of the checkerboard's squares: medium."""
    return 1


def check_type() -> int:
    """Return the tone of the checkerboard: middle."""
    return 1


def checks_get_shades(type: int) -> tuple[int, int]:
    """Return the light and the dark shade of a kind of checkerboard. Raises `ValueError`."""
    if type not in range(len(_SHADES)):
        raise ValueError(f"{type!r} is not a kind of checkerboard.")
    return _SHADES[type]


def show_tool_tips() -> bool:
    return True


show_help_button = show_tool_tips


def _id2image(identifier: int) -> Image | None:
    return Image.from_id(identifier)


def _id2drawable(identifier: int) -> Item | None:
    return Item.from_id(identifier)


_id2vectors = _id2drawable


def _id2display(identifier: int) -> Display | None:
    exists = identifier > 0 and call("gimp-display-is-valid", identifier)
    return Display.reference(identifier) if exists else None
