"""Colours as gimpfu plug-ins know them: `RGB(240, 180, 70)`, `(1.0, 0.5, 0.0)`, `"orange"`.

Whole numbers count from 0 to 255, floats from 0 to 1. All colours are sRGB-encoded. The conversions
are those of Smith, "Color gamut transform pairs", SIGGRAPH 1978; the names are those of CSS 3.
"""

from __future__ import annotations

import colorsys
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, ClassVar, Union, overload

from gimpfu.colour_names import NAMES

_HEX = re.compile(r"#(?:[0-9a-f]{3}|[0-9a-f]{6}|[0-9a-f]{9}|[0-9a-f]{12})", re.I)
_FUNCTION = re.compile(r"(rgb|hsl)(a?)\(([^)]*)\)", re.I)


RGB_COMPOSITE_NONE, RGB_COMPOSITE_NORMAL, RGB_COMPOSITE_BEHIND = range(3)
RGB_LUMINANCE_RED, RGB_LUMINANCE_GREEN, RGB_LUMINANCE_BLUE = 0.22248840, 0.71690369, 0.06060791


class _Part:
    """A part of a colour. Whole numbers count in steps, of which `steps` are 1.0."""

    def __init__(self, index: int, steps: int = 255) -> None:
        self.index, self.steps = index, steps
        self._name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = self._name or name

    @overload
    def __get__(self, colour: None, owner: type) -> _Part: ...
    @overload
    def __get__(self, colour: _Colour, owner: type) -> float: ...
    def __get__(self, colour: _Colour | None, owner: type) -> _Part | float:
        return self if colour is None else colour._values[self.index]

    def __set__(self, colour: _Colour, value: float) -> None:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise TypeError(f"{self._name} = {value!r} must be an int or a float.")
        colour._values[self.index] = value / self.steps if isinstance(value, int) else value


class _Colour:
    """What the colour models share: parts that can be read by name and by index."""

    __slots__ = ("_values",)
    _parts: ClassVar[str]

    def __init__(self, *parts: float, **named: float) -> None:
        self._values = [*[0.0] * (len(self._parts) - 1), 1.0]
        given = {**dict(zip(self._parts, parts)), **named}
        needed = set(self._parts[:-1])
        if len(parts) > len(self._parts) or not needed <= given.keys() <= set(self._parts):
            names = ", ".join(self._parts)
            raise TypeError(f"{type(self).__name__} takes {names}, not {len(given)} values.")
        for name, part in given.items():
            setattr(self, name, part)

    def set(self, *parts: float, **named: float) -> None:
        """Set all parts, with or without alpha, or only `a`."""
        if named.keys() == {"a"} and not parts:
            self.set_alpha(named["a"])
            return
        made = type(self)(*parts, **named)
        has_alpha = len(parts) == len(self._parts) or "a" in named
        self._values = made._values if has_alpha else [*made._values[:-1], self._values[-1]]

    def set_alpha(self, a: float) -> None:
        setattr(self, "a", a)  # noqa: B010 - a part of each model

    def parts(self) -> tuple[float, ...]:
        """Return all parts, 0 to 1."""
        return tuple(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __iter__(self) -> Iterator[int]:
        return map(self._whole, self._parts)

    def __getitem__(self, index: Any) -> Any:
        if not isinstance(index, str):
            return tuple(self)[index]
        if not isinstance(getattr(type(self), index.lower(), None), _Part):
            raise KeyError(index)
        return getattr(self, index.lower())

    def __setitem__(self, index: int, value: float) -> None:
        setattr(self, self._parts[index], value)

    def _whole(self, name: str) -> int:
        part = getattr(type(self), name)
        return int(min(1.0, max(0.0, self._values[part.index])) * part.steps + 0.5)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, type(self)) and self.parts() == other.parts()

    def __hash__(self) -> int:
        return hash((type(self), self.parts()))

    def __repr__(self) -> str:
        return f"gimpcolor.{type(self).__name__}({', '.join(map(repr, self.parts()))})"

    def __str__(self) -> str:
        return f"{type(self).__name__} ({', '.join(map(str, self.parts()))})"


class RGB(_Colour):
    """Red, green, blue and alpha. Indices give whole numbers, 0 to 255; attributes give floats."""

    __slots__ = ()
    _parts = "rgba"
    r = red = _Part(0)
    g = green = _Part(1)
    b = blue = _Part(2)
    a = alpha = _Part(3)

    def add(self, color: RGB, with_alpha: bool = False) -> None:
        """Add another colour."""
        self._combine(color, with_alpha, lambda mine, its: mine + its)

    def subtract(self, color: RGB, with_alpha: bool = False) -> None:
        """Subtract another colour."""
        self._combine(color, with_alpha, lambda mine, its: mine - its)

    def multiply(self, factor: float, with_alpha: bool = False) -> None:
        """Multiply the parts by a number."""
        self._combine(self, with_alpha, lambda mine, its: mine * factor)

    def gamma(self, gamma: float) -> None:
        """Raise red, green and blue to the power of 1 / `gamma`."""
        power = 1 / gamma if gamma else 0.0
        self._combine(self, False, lambda mine, its: mine**power)

    def clamp(self) -> None:
        """Keep the parts within 0 and 1."""
        self._combine(self, True, lambda mine, its: min(1.0, max(0.0, mine)))

    def distance(self, color: RGB, alpha: bool = True) -> float:
        """Return the sum of the differences of red, green and blue."""
        return sum(abs(x - y) for x, y in zip(self.parts()[:3], color.parts()[:3]))

    def max(self) -> float:
        return max(self.parts()[:3])

    def min(self) -> float:
        return min(self.parts()[:3])

    def luminance(self) -> float:
        """Return how bright the colour is (the weights of sRGB)."""
        weights = (RGB_LUMINANCE_RED, RGB_LUMINANCE_GREEN, RGB_LUMINANCE_BLUE)
        return sum(weight * part for weight, part in zip(weights, self.parts()))

    def composite(self, color: RGB, mode: int = RGB_COMPOSITE_NORMAL) -> None:
        """Lay another colour over this one, or under it, with the weights of GIMP 2.10."""
        if mode not in range(3):
            raise TypeError(f"{mode!r} is not a way to lay colours over each other.")
        over, under = (color, self) if mode == RGB_COMPOSITE_NORMAL else (self, color)
        if mode == RGB_COMPOSITE_NONE or over.a >= 1.0:
            self._values = [*(self if mode == RGB_COMPOSITE_NONE else over).parts()]
            return
        rest = under.a * (1 - over.a)
        mixed = (u * rest + o * over.a for u, o in zip(under.parts()[:3], over.parts()))
        self._values = [*mixed, rest + over.a]

    def to_hsv(self) -> HSV:
        return HSV(*colorsys.rgb_to_hsv(self.r, self.g, self.b), self.a)

    def to_hsl(self) -> HSL:
        h, lightness, s = colorsys.rgb_to_hls(self.r, self.g, self.b)
        return HSL(h, s, lightness, self.a)

    def to_cmyk(self, pullout: float = 1.0) -> CMYK:
        c, m, y = 1 - self.r, 1 - self.g, 1 - self.b
        k = min(c, m, y) * pullout
        if k >= 1.0:
            return CMYK(0.0, 0.0, 0.0, 1.0, self.a)
        return CMYK(*((part - k) / (1 - k) for part in (c, m, y)), k, self.a)

    def parse_name(self, name: str) -> None:
        """Become the colour with a CSS name. Raises `ValueError`."""
        self._become(rgb_parse_name(name))

    def parse_hex(self, hex: str) -> None:
        self._become(rgb_parse_hex(hex))

    def parse_css(self, css: str, with_alpha: bool = False) -> None:
        self._become(rgb_parse_css(css, with_alpha), with_alpha)

    def _become(self, other: RGB, with_alpha: bool = False) -> None:
        self._combine(other, with_alpha, lambda mine, its: its)

    def _combine(self, other: RGB, with_alpha: bool, rule: Callable[[float, float], float]) -> None:
        count = 4 if with_alpha else 3
        self._values[:count] = map(rule, self.parts()[:count], other.parts())


class HSV(_Colour):
    """Hue in degrees, saturation and value in percent, and alpha, if they are whole numbers."""

    __slots__ = ()
    _parts = "hsva"
    h = hue = _Part(0, 360)
    s = saturation = _Part(1, 100)
    v = value = _Part(2, 100)
    a = alpha = _Part(3)

    def clamp(self) -> None:
        """Keep the hue on its circle, and the other parts within 0 and 1."""
        self._values = [self.h % 1.0, *(min(1.0, max(0.0, part)) for part in self._values[1:])]

    def to_rgb(self) -> RGB:
        return RGB(*colorsys.hsv_to_rgb(self.h, self.s, self.v), self.a)


class HSL(_Colour):
    """Hue in degrees, saturation and lightness in percent, and alpha, if they are whole numbers."""

    __slots__ = ()
    _parts = "hsla"
    h = hue = _Part(0, 360)
    s = saturation = _Part(1, 100)
    l = lightness = _Part(2, 100)  # noqa: E741 - GIMP's own name
    a = alpha = _Part(3)

    def to_rgb(self) -> RGB:
        return RGB(*colorsys.hls_to_rgb(self.h, self.l, self.s), self.a)


class CMYK(_Colour):
    """Cyan, magenta, yellow, black and alpha, without a colour profile."""

    __slots__ = ()
    _parts = "cmyka"
    c = cyan = _Part(0)
    m = magenta = _Part(1)
    y = yellow = _Part(2)
    k = black = _Part(3)
    a = alpha = _Part(4)

    def to_rgb(self) -> RGB:
        return RGB(*((1 - part) * (1 - self.k) for part in (self.c, self.m, self.y)), self.a)


ColourLike = Union[RGB, HSV, HSL, CMYK, Sequence[float], str]


def rgb(colour: ColourLike) -> RGB:
    """Read a colour in any form that plug-ins use. Raises `TypeError`."""
    if isinstance(colour, RGB):
        return colour
    if isinstance(colour, (HSV, HSL, CMYK)):
        return colour.to_rgb()
    if isinstance(colour, str):
        try:
            return rgb_parse_css(colour, with_alpha=True)
        except ValueError as problem:
            raise TypeError(str(problem)) from None
    if not isinstance(colour, Sequence) or not 3 <= len(colour) <= 4:
        raise TypeError(f"{colour!r} must be a colour of three or four parts.")
    made = RGB(*colour)
    made.clamp()
    return made


def rgb_parse_name(name: str) -> RGB:
    """Read the CSS name of a colour. Raises `ValueError`."""
    try:
        number = NAMES[name.strip().lower()]
    except KeyError:
        raise ValueError(f'"{name}" is not the name of a colour.') from None
    return RGB(*number.to_bytes(3, "big"))


def rgb_parse_hex(text: str) -> RGB:
    """Read `#rgb`, `#rrggbb` and longer forms. Raises `ValueError`."""
    text = text.strip() if text.strip().startswith("#") else f"#{text.strip()}"
    if not _HEX.fullmatch(text):
        raise ValueError(f'"{text}" is not a colour in hexadecimal digits.')
    size = len(text) // 3
    parts = (int(text[1 + i * size : 1 + (i + 1) * size], 16) for i in range(3))
    return RGB(*(part / (16**size - 1) for part in parts))


def rgb_parse_css(css: str, with_alpha: bool = False) -> RGB:
    """Read a colour as CSS writes it: name, `#rrggbb`, `rgb(…)`, `hsl(…)`. Raises `ValueError`."""
    made = _css(css.strip())
    return made if with_alpha else RGB(*made.parts()[:3])


def _css(text: str) -> RGB:
    if text.startswith("#"):
        return rgb_parse_hex(text)
    found = _FUNCTION.fullmatch(text)
    if not found:
        return rgb_parse_name(text)
    model, has_alpha, inner = found.groups()
    parts = [part.strip() for part in inner.split(",")]
    if len(parts) != 3 + bool(has_alpha):
        raise ValueError(f'"{text}" has {len(parts)} parts.')
    alpha = float(parts[3]) if has_alpha else 1.0
    if model.lower() == "hsl":
        s, lightness = (_share(part, 100) for part in parts[1:3])
        return HSL(float(parts[0]) / 360, s, lightness, alpha).to_rgb()
    return RGB(*(_share(part, 255) for part in parts[:3]), alpha)


def _share(text: str, whole: float) -> float:
    return float(text[:-1]) / 100 if text.endswith("%") else float(text) / whole


def rgb_names() -> dict[str, RGB]:
    """Return the CSS colours by name."""
    return {name: rgb_parse_name(name) for name in NAMES}


def bilinear(x: float, y: float, values: Sequence[float] | bytes) -> float | bytes:
    """Return the value at x, y between four values in the corners of a square; bytes give a byte.

    Raises `TypeError` unless there are four.
    """
    if len(values) != 4:
        raise TypeError(f"{values!r} is not a sequence of 4 items.")
    x, y = x % 1.0, y % 1.0
    above = (1 - x) * values[0] + x * values[1]
    below = (1 - x) * values[2] + x * values[3]
    mixed = (1 - y) * above + y * below
    return bytes([int(mixed)]) if isinstance(values, bytes) else mixed


def bilinear_rgb(x: float, y: float, values: Sequence[ColourLike]) -> RGB:
    """Return the colour between four colours; alpha is 0, as it was in GIMP 2.10."""
    corners = [rgb(value).parts() for value in values]
    return RGB(*(_between(x, y, part) for part in list(zip(*corners))[:3]), 0.0)


def bilinear_rgba(x: float, y: float, values: Sequence[ColourLike]) -> RGB:
    """Return the colour between four colours, of which transparent ones count less."""
    corners = [rgb(value).parts() for value in values]
    alpha = _between(x, y, [corner[3] for corner in corners])
    parts = ([corner[i] * corner[3] for corner in corners] for i in range(3))
    return RGB(*(_between(x, y, part) / alpha if alpha else 0.0 for part in parts), alpha)


def _between(x: float, y: float, values: Sequence[float]) -> float:
    return float(bilinear(x, y, values))
