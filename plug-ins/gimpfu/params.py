"""The kinds of arguments that a plug-in can declare, and the values they accept."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gimpfu.colours import rgb
from gimpfu.errors import error

PF_INT32, PF_INT16, PF_INT8, PF_FLOAT, PF_STRING = range(5)
PF_INT, PF_VALUE = PF_INT32, PF_STRING
PF_COLOR = PF_COLOUR = 10
PF_ITEM, PF_DISPLAY, PF_IMAGE, PF_LAYER, PF_CHANNEL, PF_DRAWABLE = range(11, 17)
PF_REGION = PF_ITEM
PF_VECTORS = 19
PF_INT32ARRAY, PF_INT16ARRAY, PF_INT8ARRAY, PF_FLOATARRAY, PF_STRINGARRAY = range(5, 10)
PF_INTARRAY = PF_INT32ARRAY
PF_TOGGLE = PF_BOOL = 1000
PF_SLIDER = 1001
PF_SPINNER = PF_ADJUSTMENT = 1002
PF_FONT, PF_FILE, PF_BRUSH, PF_PATTERN, PF_GRADIENT = range(1003, 1008)
PF_RADIO, PF_TEXT, PF_PALETTE, PF_FILENAME, PF_DIRNAME, PF_OPTION = range(1008, 1014)

# Not in GIMP's own gimpfu: lists, which GIMP 3 supports. On GIMP 2.10 they hold one item.
PF_DRAWABLES = 1100
PF_LAYERS = 1101

__all__ = [name for name in dir() if name.startswith("PF_")]  # pyright: ignore[reportUnsupportedDunderAll]

_STORED = {
    PF_INT32: "int",
    PF_INT16: "int",
    PF_INT8: "int",
    PF_FLOAT: "float",
    PF_STRING: "string",
    PF_COLOR: "color",
    PF_ITEM: "item",
    PF_DISPLAY: "display",
    PF_IMAGE: "image",
    PF_LAYER: "layer",
    PF_CHANNEL: "channel",
    PF_DRAWABLE: "drawable",
    PF_VECTORS: "vectors",
    PF_INT32ARRAY: "ints",
    PF_INT16ARRAY: "int16s",
    PF_INT8ARRAY: "int8s",
    PF_FLOATARRAY: "floats",
    PF_STRINGARRAY: "strings",
    PF_TOGGLE: "bool",
    PF_SLIDER: "float",
    PF_SPINNER: "int",
    PF_FONT: "string",
    PF_FILE: "string",
    PF_BRUSH: "string",
    PF_PATTERN: "string",
    PF_GRADIENT: "string",
    PF_RADIO: "string",
    PF_TEXT: "string",
    PF_PALETTE: "string",
    PF_FILENAME: "string",
    PF_DIRNAME: "string",
    PF_OPTION: "int",
    PF_DRAWABLES: "drawables",
    PF_LAYERS: "layers",
}
_OPTIONAL = (PF_DISPLAY, PF_ITEM, PF_VECTORS, PF_CHANNEL)
"""Objects that need not be there."""
_CHOICES = (PF_SLIDER, PF_SPINNER, PF_OPTION, PF_RADIO)
_OBJECTS = (*("image", "drawable", "drawables", "layer", "channel", "item", "display", "vectors"),)
ARRAYS = {"ints": int, "int16s": int, "int8s": int, "floats": float, "strings": str}
LINE_LENGTH = 40
HINT_LENGTH = 60
"""How many characters of a label and of a hint stand in a line."""


@dataclass(frozen=True)
class Param:
    """A declared argument or return value."""

    kind: int
    name: str
    description: str
    default: Any = None
    extra: Any = None
    """The range or choices of an argument: (low, high, step), labels, or (label, value) pairs."""
    help: str = ""

    @property
    def stored(self) -> str:
        """The type in GIMP's procedure database: int, float, bool, string, color or an object."""
        if self.kind == PF_SPINNER and self.extra and not float(self.extra[2]).is_integer():
            # GIMP 2.10's own gimpfu declared it as int, but its dialog gave what was entered.
            return "float"
        return _STORED[self.kind]

    @property
    def is_object(self) -> bool:
        """Whether the value is an object such as an image, which last-used values omit."""
        return self.stored in _OBJECTS

    @property
    def is_asked(self) -> bool:
        """Whether a dialog can ask for it; a plug-in gets the display that it was called for."""
        return self.stored not in ("display", *ARRAYS)

    @property
    def text(self) -> str:
        """The description without its mnemonic."""
        return self.description.replace("_", "")

    @property
    def label(self) -> str:
        """What stands before the argument in a dialog."""
        return in_lines(f"{(self.description or self.name).rstrip(' :')}:")

    @property
    def range(self) -> tuple[float, float, float]:
        """The lowest and the highest number and the step in a dialog."""
        if self.kind in (PF_SLIDER, PF_SPINNER):
            low, high, step = self.extra[:3]
            return float(low), float(high), float(step)
        return (-1e15, 1e15, 0.1) if self.kind == PF_FLOAT else (-(2.0**31), 2.0**31 - 1, 1.0)

    def digits(self, value: Any) -> int:
        """Return how many decimal places a dialog shows, given the first value."""
        if self.stored == "int":
            return 0
        least = 4 if self.kind == PF_FLOAT else digits_of(self.range[2])
        return max(least, digits_of(float(value or 0)))

    def index_of(self, value: Any) -> int:
        """Return the index of the choice that a dialog shows first."""
        if self.kind == PF_OPTION:
            return int(value) if value and 0 <= value < len(self.extra) else 0
        return next((i for i, (_, choice) in enumerate(self.extra) if choice == value), 0)

    def is_folder(self, value: Any) -> bool:
        """Return whether a dialog lets the user look for a folder rather than a file."""
        return self.kind == PF_DIRNAME or (self.kind == PF_FILE and str(value or "").endswith("/"))

    def accept(self, value: Any) -> Any:
        """Convert `value` for the procedure's function.

        Raises `error` with the name of the argument and the values it accepts.
        """
        try:
            return self._convert(value)
        except (TypeError, ValueError, OverflowError):
            raise error(f"{self.name}: {value!r} is not {self._accepted()}.") from None

    def _convert(self, value: Any) -> Any:
        if self.stored == "color":
            return rgb(value)
        if self.stored in ARRAYS:
            return tuple(map(ARRAYS[self.stored], value or ()))
        if self.is_object or self.stored == "layers":
            if value is None and self.kind not in _OPTIONAL:
                raise ValueError
            return value
        if self.kind == PF_RADIO and self.extra:
            return self._choice(value)
        if self.stored == "string":
            return "" if value is None else str(value)
        if self.stored == "bool":
            return bool(int(value))
        number = float(value)
        if not self._allows(number):
            raise ValueError
        if self.stored == "float":
            return number
        if number != int(number):
            raise ValueError
        return int(number)

    def _allows(self, number: float) -> bool:
        if self.extra and self.kind == PF_OPTION:
            return 0 <= number < len(self.extra)
        if self.extra and self.kind in (PF_SLIDER, PF_SPINNER):
            return self.extra[0] <= number <= self.extra[1]
        return True

    def _choice(self, value: Any) -> Any:
        for _, known in self.extra:
            if known == value or str(known) == str(value):
                return known
        raise ValueError

    def _accepted(self) -> str:
        if self.extra and self.kind == PF_OPTION:
            return f"a number from 0 to {len(self.extra) - 1}"
        if self.extra and self.kind == PF_RADIO:
            return "one of " + ", ".join(str(value) for _, value in self.extra)
        if self.extra and self.kind in (PF_SLIDER, PF_SPINNER):
            return f"a number from {self.extra[0]:g} to {self.extra[1]:g}"
        kinds = {"int": "a whole number", "float": "a number", "bool": "0 or 1"}
        return kinds.get(self.stored, f"a valid {self.stored}")


def in_lines(text: str, length: int = LINE_LENGTH) -> str:
    """Break long lines into shorter ones."""
    return "\n".join(textwrap.fill(line, length) for line in text.splitlines())


def digits_of(step: float) -> int:
    """Return how many decimal places a number needs, 10 at most."""
    return len(f"{step:.10f}".rstrip("0").partition(".")[2])


def param_from(row: Sequence[Any], is_result: bool = False) -> Param:
    """Read a row of `register`'s tables. Raises `error` for an invalid row."""
    if len(row) < (3 if is_result else 4):
        raise error(f"{row!r} must be (kind, name, description{'' if is_result else ', default'}).")
    if row[0] not in _STORED:
        raise error(f"{row[1]}: {row[0]!r} is not a parameter kind.")
    if is_result:
        return Param(*row[:3])
    if row[0] in _CHOICES and (len(row) < 5 or not row[4]):
        raise error(f"{row[1]}: this kind of parameter needs a fifth value, its range or choices.")
    return Param(*row[:5])
