"""Pixels as byte strings: pixel regions, tiles and pixel fetchers, all with 8 bits per channel.

As in GIMP 2.10's own Python, positions count within the drawable, x comes before y, and what is
written must have exactly the right length.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gimpfu.colours import RGB, ColourLike, rgb
from gimpfu.database import before_the_next_call
from gimpfu.enums import (
    PIXEL_FETCHER_EDGE_BACKGROUND,
    PIXEL_FETCHER_EDGE_BLACK,
    PIXEL_FETCHER_EDGE_NONE,
    PIXEL_FETCHER_EDGE_SMEAR,
    PIXEL_FETCHER_EDGE_WRAP,
)
from gimpfu.errors import error

if TYPE_CHECKING:
    from gimpfu.objects.handles import Area, Numbers
    from gimpfu.objects.items import Drawable

TILE_SIZE = 64


class _Access:
    """Reads and writes a drawable's numbers, which stay open until the next procedure runs."""

    __slots__ = ("_drawable", "_open", "_shadow")

    def __init__(self, drawable: Drawable, shadow: bool) -> None:
        self._drawable, self._shadow = drawable, shadow
        self._open: Numbers | None = None

    def read(self, area: Area) -> bytes:
        return bytes(self._opened().read(area))

    def write(self, area: Area, data: bytes) -> None:
        self._opened().write(area, data)

    def close(self) -> None:
        if self._open:
            self._open.close()
            self._open = None

    def _opened(self) -> Numbers:
        if self._open is None:
            self._open = self._drawable.backend.open_numbers(self._drawable, self._shadow)
            # The procedure may read or change the pixels.
            before_the_next_call(self.close)
        return self._open


class PixelRgn:
    """A part of a drawable: `region[x, y]`, `region[x1:x2, y]`, `region[x1:x2, y1:y2]`."""

    __slots__ = ("_access", "bpp", "dirty", "drawable", "h", "rowstride", "shadow", "w", "x", "y")

    def __init__(
        self,
        drawable: Drawable,
        x: int,
        y: int,
        width: int,
        height: int,
        dirty: bool = True,
        shadow: bool = False,
    ) -> None:
        self.drawable, self.dirty, self.shadow = drawable, bool(dirty), bool(shadow)
        self.bpp = drawable.bpp
        self._access = _Access(drawable, self.shadow)
        x, width = _clamped(x, width, drawable.width)
        y, height = _clamped(y, height, drawable.height)
        self.resize(x, y, width, height)

    def resize(self, x: int, y: int, width: int, height: int) -> None:
        """Move the region and change its size."""
        self.x, self.y, self.w, self.h = int(x), int(y), int(width), int(height)
        self.rowstride = self.w * self.bpp

    def __repr__(self) -> str:
        return f"<gimp.PixelRgn for drawable {self.drawable.name!r}>"

    def __len__(self) -> int:
        raise error("A pixel region has no length.")

    def __bool__(self) -> bool:
        return True

    def __getitem__(self, key: Any) -> bytes:
        return self._access.read(self._area(key))

    def __setitem__(self, key: Any, data: Any) -> None:
        area = self._area(key)
        data = _bytes(data)
        wanted = area[2] * area[3] * self.bpp
        if len(data) != wanted:
            raise TypeError(f"{len(data)} bytes were given where {wanted} are needed.")
        self._access.write(area, data)

    def _area(self, key: Any) -> Area:
        columns, rows = _pair(key)
        x, width = _range("x", columns, self.x, self.w)
        y, height = _range("y", rows, self.y, self.h)
        return x, y, width, height


def _clamped(start: int, length: int, size: int) -> tuple[int, int]:
    """Return a start and a length within a drawable; a negative length means all the rest."""
    start = max(0, int(start))
    length = size - start if length < 0 else int(length)
    start = min(start, size - 1)
    return start, min(length, size - start)


def _range(name: str, subscript: Any, start: int, size: int) -> tuple[int, int]:
    """Return the first position and the length that a subscript stands for."""
    end = start + size
    if not isinstance(subscript, slice):
        position = int(subscript)
        if not start <= position < end:
            raise IndexError(f"{name} = {position} is not from {start} to {end - 1}.")
        return position, 1
    first, last, step = subscript.indices(end)
    first = first or start
    if step != 1 or not start <= first < last:
        raise IndexError(f"{subscript} is not a part of {name} = {start} to {end - 1}.")
    return first, last - first


def _bytes(data: Any) -> bytes:
    if isinstance(data, str):
        # A plug-in for Python 2 joined characters, of which each was a byte.
        return data.encode("latin-1")
    if isinstance(data, int):
        raise TypeError("Pixels must be bytes.")
    return data.tobytes() if hasattr(data, "tobytes") else bytes(data)


class Tile:
    """A square of up to 64 x 64 pixels: `tile[n]` or `tile[x, y]`, counted within the tile."""

    __slots__ = (
        "_access",
        "_place",
        "bpp",
        "dirty",
        "drawable",
        "eheight",
        "ewidth",
        "shadow",
        "tile_num",
    )

    def __init__(self, drawable: Drawable, row: int, column: int, shadow: bool) -> None:
        left, top = column * TILE_SIZE, row * TILE_SIZE
        self.drawable, self.shadow, self.dirty = drawable, bool(shadow), False
        self.bpp = drawable.bpp
        self._access = _Access(drawable, self.shadow)
        self.ewidth = min(TILE_SIZE, drawable.width - left)
        self.eheight = min(TILE_SIZE, drawable.height - top)
        self.tile_num = row * -(-drawable.width // TILE_SIZE) + column
        self._place = left, top

    def __repr__(self) -> str:
        ending = " (shadow)" if self.shadow else ""
        return f"<gimp.Tile for drawable {self.drawable.name!r}{ending}>"

    def flush(self) -> None:
        """Do nothing: pixels are written at once."""

    def __len__(self) -> int:
        return self.ewidth * self.eheight

    def __getitem__(self, key: Any) -> bytes:
        return self._access.read(self._area(key))

    def __setitem__(self, key: Any, data: Any) -> None:
        area = self._area(key)
        data = _bytes(data)
        if len(data) != self.bpp:
            raise TypeError(f"{len(data)} bytes were given where {self.bpp} are needed.")
        self._access.write(area, data)
        self.dirty = True

    def _area(self, key: Any) -> Area:
        if not isinstance(key, (int, tuple)):
            raise TypeError("A tile needs a number, or x and y.")
        x, y = key if isinstance(key, tuple) else (key % self.ewidth, key // self.ewidth)
        if not (0 <= x < self.ewidth and 0 <= y < self.eheight):
            raise IndexError(f"{key} is not in a tile of {self.ewidth} x {self.eheight} pixels.")
        return self._place[0] + x, self._place[1] + y, 1, 1


class PixelFetcher:
    """Single pixels, also from beyond a drawable's edges, as `edge_mode` says."""

    __slots__ = ("_background", "_region", "edge_mode")

    def __init__(
        self,
        drawable: Drawable,
        shadow: bool = False,
        bg_color: ColourLike = (0, 0, 0),
        edge_mode: int = PIXEL_FETCHER_EDGE_NONE,
    ) -> None:
        self._region = drawable.get_pixel_rgn(0, 0, drawable.width, drawable.height, True, shadow)
        self.bg_color, self.edge_mode = bg_color, edge_mode

    def __repr__(self) -> str:
        ending = " (shadow)" if self._region.shadow else ""
        return f"<gimp.PixelFetcher for drawable {self._region.drawable.name!r}{ending}>"

    @property
    def bg_color(self) -> RGB:
        return self._background

    @bg_color.setter
    def bg_color(self, colour: ColourLike) -> None:
        self._background = rgb(colour)

    def get_pixel(self, x: int, y: int) -> bytes:
        region = self._region
        if 0 <= x < region.w and 0 <= y < region.h:
            return region[x, y]
        if self.edge_mode == PIXEL_FETCHER_EDGE_WRAP:
            return region[x % region.w, y % region.h]
        if self.edge_mode == PIXEL_FETCHER_EDGE_SMEAR:
            return region[min(max(x, 0), region.w - 1), min(max(y, 0), region.h - 1)]
        if self.edge_mode == PIXEL_FETCHER_EDGE_BLACK:
            return bytes(region.bpp)
        if self.edge_mode == PIXEL_FETCHER_EDGE_BACKGROUND:
            return bytes(self._background)[: region.bpp]
        return bytes(region.bpp)

    def put_pixel(self, x: int, y: int, pixel: bytes) -> None:
        if 0 <= x < self._region.w and 0 <= y < self._region.h:
            self._region[x, y] = pixel

    def __getitem__(self, key: Any) -> bytes:
        return self.get_pixel(*_pair(key))

    def __setitem__(self, key: Any, pixel: bytes) -> None:
        self.put_pixel(*_pair(key), pixel)


def _pair(key: Any) -> tuple[Any, Any]:
    if not isinstance(key, tuple) or len(key) != 2:
        raise TypeError("The subscript must be x and y.")
    return key
