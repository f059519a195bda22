"""Colours as gimpfu plug-ins know them: `RGB(240, 180, 70)`, `(1.0, 0.5, 0.0)`, `"orange"`.

Whole numbers count from 0 to 255, floats from 0 to 1. All colours are sRGB-encoded. The conversions
are those of Smith, "Color gamut transform pairs", SIGGRAPH 1978; the names are those of CSS 3.
"""

from __future__ import annotations

import colorsys
import re
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar, Union

from gimpfu.colour_names import NAMES

_HEX = re.compile(r"#(?:[0-9a-f]{3}|[0-9a-f]{6}|[0-9a-f]{9}|[0-9a-f]{12})", re.I)
_FUNCTION = re.compile(r"(rgb|hsl)(a?)\(([^)]*)\)", re.I)


def _part(value: Any) -> float:
    """Return a part of a colour as a float: a whole number counts from 0 to 255."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError(f"{value!r} must be an int or a float.")
    return value / 255 if isinstance(value, int) else value


class _Colour:
    """What the colour models share: parts that can be read by name and by index."""

    __slots__ = ()
    _parts: ClassVar[str]
    _turns: ClassVar[str] = ""
    """The parts whose whole numbers count degrees."""

    def __init__(self, *parts: float) -> None:
        given = (*parts, 1.0) if len(parts) == len(self._parts) - 1 else parts
        if len(given) != len(self._parts):
            names = ", ".join(self._parts)
            raise TypeError(f"{type(self).__name__} takes {names}, not {len(parts)} values.")
        for name, part in zip(self._parts, given):
            degrees = name in self._turns and isinstance(part, int)
            setattr(self, name, part / 360 if degrees else _part(part))

    def parts(self) -> tuple[float, ...]:
        """Return all parts, 0 to 1."""
        return tuple(getattr(self, name) for name in self._parts)

    def __len__(self) -> int:
        return len(self._parts)

    def __iter__(self) -> Iterator[int]:
        return (self._whole(name) for name in self._parts)

    def __getitem__(self, index: Any) -> Any:
        return tuple(self)[index]

    def __setitem__(self, index: int, value: float) -> None:
        setattr(self, self._parts[index], _part(value))

    def _whole(self, name: str) -> int:
        size = 360 if name in self._turns else 255
        return round(min(1.0, max(0.0, getattr(self, name))) * size)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, type(self)) and self.parts() == other.parts()

    def __hash__(self) -> int:
        return hash((type(self), self.parts()))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(map(repr, self.parts()))})"


class RGB(_Colour):
    """Red, green, blue and alpha. Indices give whole numbers, 0 to 255; attributes give floats."""

    __slots__ = ("a", "b", "g", "r")
    _parts = "rgba"
    r: float
    g: float
    b: float
    a: float

    def set(self, r: Any = None, g: Any = None, b: Any = None, a: Any = None) -> None:
        """Set some parts."""
        for name, part in zip("rgba", (r, g, b, a)):
            if part is not None:
                setattr(self, name, _part(part))

    def set_alpha(self, a: float) -> None:
        self.a = _part(a)

    def add(self, other: RGB, with_alpha: bool = False) -> None:
        """Add another colour."""
        self._combine(other, with_alpha, lambda mine, its: mine + its)

    def subtract(self, other: RGB, with_alpha: bool = False) -> None:
        """Subtract another colour."""
        self._combine(other, with_alpha, lambda mine, its: mine - its)

    def multiply(self, factor: float, with_alpha: bool = False) -> None:
        """Multiply the parts by a number."""
        self._combine(self, with_alpha, lambda mine, its: mine * factor)

    def gamma(self, gamma: float) -> None:
        """Raise red, green and blue to the power of 1 / `gamma`."""
        power = 1 / gamma if gamma else 0.0
        self._combine(self, False, lambda mine, its: mine**power)

    def clamp(self, with_alpha: bool = False) -> None:
        """Keep the parts within 0 and 1."""
        self._combine(self, with_alpha, lambda mine, its: min(1.0, max(0.0, mine)))

    def distance(self, other: RGB, alpha: bool = True) -> float:
        """Return the sum of the differences of red, green and blue."""
        return sum(abs(x - y) for x, y in zip(self.parts()[:3], other.parts()[:3]))

    def max(self) -> float:
        return max(self.parts()[:3])

    def min(self) -> float:
        return min(self.parts()[:3])

    def luminance(self) -> float:
        """Return how bright the colour is (the weights of sRGB)."""
        return 0.22248840 * self.r + 0.71690369 * self.g + 0.06060791 * self.b

    luminance_uchar = intensity_uchar = lambda self: round(255 * self.luminance())
    intensity = luminance

    def composite(self, other: RGB) -> None:
        """Lay another colour over this one."""
        over, under = other.a, self.a * (1 - other.a)
        whole = over + under
        if whole:
            for name in "rgb":
                mixed = getattr(other, name) * over + getattr(self, name) * under
                setattr(self, name, mixed / whole)
        self.a = whole

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

    @staticmethod
    def parse_name(name: str) -> RGB:
        return rgb_parse_name(name)

    @staticmethod
    def parse_hex(text: str) -> RGB:
        return rgb_parse_hex(text)

    @staticmethod
    def parse_css(text: str) -> RGB:
        return rgb_parse_css(text)

    def _combine(self, other: RGB, with_alpha: bool, rule: Any) -> None:
        for name in "rgba" if with_alpha else "rgb":
            setattr(self, name, rule(getattr(self, name), getattr(other, name)))


class HSV(_Colour):
    """Hue, saturation, value and alpha. Whole numbers of the hue count degrees."""

    __slots__ = ("a", "h", "s", "v")
    _parts, _turns = "hsva", "h"
    h: float
    s: float
    v: float
    a: float

    def to_rgb(self) -> RGB:
        return RGB(*colorsys.hsv_to_rgb(self.h, self.s, self.v), self.a)


class HSL(_Colour):
    """Hue, saturation, lightness and alpha. Whole numbers of the hue count degrees."""

    __slots__ = ("a", "h", "l", "s")
    _parts, _turns = "hsla", "h"
    h: float
    s: float
    l: float  # noqa: E741 - GIMP's own name
    a: float

    def to_rgb(self) -> RGB:
        return RGB(*colorsys.hls_to_rgb(self.h, self.l, self.s), self.a)


class CMYK(_Colour):
    """Cyan, magenta, yellow, black and alpha, without a colour profile."""

    __slots__ = ("a", "c", "k", "m", "y")
    _parts = "cmyka"
    c: float
    m: float
    y: float
    k: float
    a: float

    def to_rgb(self) -> RGB:
        return RGB(*((1 - part) * (1 - self.k) for part in (self.c, self.m, self.y)), self.a)


ColourLike = Union[RGB, HSV, HSL, CMYK, Sequence[float], str]


def rgb(colour: ColourLike) -> RGB:
    """Read a colour in any form that plug-ins use. Raises `TypeError` or `ValueError`."""
    if isinstance(colour, RGB):
        return colour
    if isinstance(colour, (HSV, HSL, CMYK)):
        return colour.to_rgb()
    if isinstance(colour, str):
        return rgb_parse_css(colour)
    if not 3 <= len(colour) <= 4:
        raise TypeError(f"{colour!r} must have three or four parts.")
    made = RGB(*colour)
    made.clamp(with_alpha=True)
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


def rgb_parse_css(text: str) -> RGB:
    """Read a colour as CSS writes it: name, `#rrggbb`, `rgb(…)`, `hsl(…)`. Raises `ValueError`."""
    text = text.strip()
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


def rgb_list_names() -> tuple[tuple[str, ...], tuple[RGB, ...]]:
    """Return the names of the CSS colours, and the colours."""
    return tuple(NAMES), tuple(map(rgb_parse_name, NAMES))


def rgba_add_names() -> None:
    """Do nothing; GIMP's own module had this function for the names above."""
