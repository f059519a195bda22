"""Checking the arguments of a procedure against what GIMP 2.10 declares for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from gimpfu.colours import rgb
from gimpfu.database import Declared
from gimpfu.enums import (
    PDB_CHANNEL,
    PDB_COLOR,
    PDB_DISPLAY,
    PDB_DRAWABLE,
    PDB_FLOAT,
    PDB_IMAGE,
    PDB_INT8,
    PDB_INT16,
    PDB_INT32,
    PDB_ITEM,
    PDB_LAYER,
    PDB_SELECTION,
    PDB_VECTORS,
)
from gimpfu.errors import WrongArguments
from gimpfu.objects.handles import Handle
from gimpfu.objects.images import Display, Image
from gimpfu.objects.items import Channel, Drawable, Item, Layer
from gimpfu.objects.vectors import Vectors

_NO_OBJECT = -1
"""The number that stands for no object."""
_OBJECTS: dict[int, type[Handle]] = {
    PDB_IMAGE: Image,
    PDB_DISPLAY: Display,
    PDB_ITEM: Item,
    PDB_DRAWABLE: Drawable,
    PDB_LAYER: Layer,
    PDB_CHANNEL: Channel,
    PDB_SELECTION: Channel,
    PDB_VECTORS: Vectors,
}
_CONVERSIONS: dict[int, Callable[[Any], Any]] = {
    PDB_FLOAT: float,
    PDB_COLOR: rgb,
    **dict.fromkeys((PDB_INT32, PDB_INT16, PDB_INT8), int),
}


def checked_arguments(params: Sequence[Declared], values: Sequence[Any]) -> list[Any]:
    """Return arguments as their declared types; a number becomes the object it belongs to.

    Raises `WrongArguments`.
    """
    return [_checked(param, value) for param, value in zip(params, values)]


def _checked(param: Declared, value: Any) -> Any:
    kind, name, _ = param
    wanted = _OBJECTS.get(kind)
    if wanted:
        handle = _of_number(wanted, value) if isinstance(value, int) else value
        if handle is not None and not isinstance(handle, wanted):
            raise WrongArguments(f"{name}: {value!r} is not a gimp.{wanted.__name__}.")
        return handle
    convert = _CONVERSIONS.get(kind)
    if convert is None or value is None:
        return value
    try:
        return convert(value)
    except (TypeError, ValueError, OverflowError) as problem:
        raise WrongArguments(f"{name}: {problem}") from None


def _of_number(wanted: type[Handle], number: int) -> Handle | None:
    if number == _NO_OBJECT:
        return None
    item = Handle.backend.item(number) if issubclass(wanted, Item) else None
    return item or wanted.reference(number)
