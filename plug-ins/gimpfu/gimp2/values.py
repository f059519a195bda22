"""Converting arguments and return values between Python and C's `GimpParam`."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import Any

from gimpfu.colours import RGB, rgb
from gimpfu.errors import error
from gimpfu.gimp2.library import Argument, CParasite
from gimpfu.gimp2.parasites import native_parasite, parasite_in
from gimpfu.objects.images import Display, Image
from gimpfu.objects.lookup import item_from

INT32, _INT16, _INT8, _FLOAT, STRING = range(5)
_COLOR, _ITEM, _DISPLAY, _IMAGE, _LAYER, _CHANNEL, _DRAWABLE, _SELECTION = range(10, 18)
_COLORS, _VECTORS, _PARASITE, STATUS = range(18, 22)
_ITEM_KINDS = (_ITEM, _LAYER, _CHANNEL, _DRAWABLE, _SELECTION, _VECTORS)
_ARRAYS = {5: ctypes.c_int32, 6: ctypes.c_int16, 7: ctypes.c_uint8, 8: ctypes.c_double}
_NUMBERS = {5: int, 6: int, 7: int, 8: float}
_STRING_ARRAY = 9

KIND_OF = {
    "ints": 5,
    "int16s": 6,
    "int8s": 7,
    "floats": 8,
    "strings": _STRING_ARRAY,
    "int": INT32,
    "bool": INT32,
    "float": _FLOAT,
    "string": STRING,
    "color": _COLOR,
    "item": _ITEM,
    "display": _DISPLAY,
    "image": _IMAGE,
    "layer": _LAYER,
    "layers": _LAYER,
    "vectors": _VECTORS,
    "channel": _CHANNEL,
    "drawable": _DRAWABLE,
    "drawables": _DRAWABLE,
}
"""The PDB type of each `Param.stored`; GIMP 2.10 has no type for a list of items."""


def fill(argument: Argument, kind: int, value: Any, keep: list[Any]) -> None:
    """Store a Python value in a `GimpParam`; `keep` collects the memory that it points to.

    Raises `error` for an unsupported kind.
    """
    argument.kind = kind
    data = argument.value
    if kind in (INT32, _INT16, _INT8, STATUS):
        data.int32 = int(value or 0)
    elif kind == _FLOAT:
        data.float = float(value)
    elif kind == STRING:
        text = None if value is None else ctypes.create_string_buffer(_encoded(value))
        keep.append(text)
        data.pointer = None if text is None else ctypes.addressof(text)
    elif kind == _COLOR:
        data.color[:] = rgb(value).parts()
    elif kind in (*_ITEM_KINDS, _DISPLAY, _IMAGE):
        data.int32 = -1 if value is None else value if isinstance(value, int) else value.ID
    elif kind in _ARRAYS:
        array = (_ARRAYS[kind] * max(1, len(value)))(*map(_NUMBERS[kind], value))
        keep.append(array)
        data.pointer = ctypes.addressof(array)
    elif kind == _STRING_ARRAY:
        texts = [ctypes.create_string_buffer(_encoded(text)) for text in value]
        array = (ctypes.c_void_p * max(1, len(texts)))(*map(ctypes.addressof, texts))
        keep += [texts, array]
        data.pointer = ctypes.addressof(array)
    elif kind == _PARASITE:
        c = native_parasite(value)
        # A GimpParam holds the parasite by value.
        ctypes.memmove(ctypes.addressof(data), ctypes.addressof(c), ctypes.sizeof(c))
        keep.append(c)
    else:
        raise error(f"Passing an argument of kind {kind} to a procedure is not supported.")


def _encoded(text: Any) -> bytes:
    return text if isinstance(text, bytes) else str(text).encode()


def values_of(arguments: Sequence[Argument]) -> list[Any]:
    """Convert `GimpParam`s to Python values. Raises `error` for an unsupported kind."""
    values: list[Any] = []
    for argument in arguments:
        # An array's length is the value before it.
        count = values[-1] if values and isinstance(values[-1], int) else 0
        values.append(_value(argument, count))
    return values


def _value(argument: Argument, count: int) -> Any:
    kind, data = argument.kind, argument.value
    if kind == INT32:
        return data.int32
    if kind == _INT16:
        return data.int16
    if kind == _INT8:
        return data.int8
    if kind == _FLOAT:
        return data.float
    if kind == STRING:
        return ctypes.string_at(data.pointer).decode("utf-8", "replace") if data.pointer else None
    if kind == _COLOR:
        return RGB(*data.color)
    if kind in _ITEM_KINDS:
        return item_from(data.int32)
    if kind == _IMAGE:
        return Image.from_id(data.int32)
    if kind == _DISPLAY:
        return Display.reference(data.int32) if data.int32 > 0 else None
    if kind in _ARRAYS:
        array = ctypes.cast(data.pointer, ctypes.POINTER(_ARRAYS[kind]))
        return tuple(array[:count]) if data.pointer else ()
    if kind == _STRING_ARRAY:
        texts = ctypes.cast(data.pointer, ctypes.POINTER(ctypes.c_char_p))
        return tuple((text or b"").decode("utf-8", "replace") for text in texts[:count])
    if kind == _COLORS:
        colours = ctypes.cast(data.pointer, ctypes.POINTER(ctypes.c_double * 4))
        return tuple(RGB(*colours[i]) for i in range(count)) if data.pointer else ()
    if kind == _PARASITE:
        return parasite_in(CParasite.from_address(ctypes.addressof(data)))
    raise error(f"Reading a value of kind {kind} is not supported.")
