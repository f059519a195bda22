"""Which part of a layer the preview shows, and beside what. Does not use GTK."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from deepdream_core.shared.sizes import Region

_LARGEST_FIT = 3.0
"""Small layers are enlarged by at most this to fill the preview."""
_LARGEST = 8.0
_ROUNDING = 1 + 1e-9
"""After zooming in and out again, the scale may differ in its last bits."""


@dataclass(frozen=True)
class Look:
    """What the artist has zoomed and dragged to."""

    scale: float | None = None
    """Pixels of the screen for one of the layer; None shows the whole layer."""
    centre: tuple[float, float] = (0.5, 0.5)
    """A relative position (0..1) in the layer."""

    def at(self, layer: tuple[int, int], area: tuple[int, int]) -> View:
        """Return what is seen of a layer in an area. All are (width, height) in pixels."""
        fitting = min(area[0] / layer[0], area[1] / layer[1], _LARGEST_FIT)
        scale = fitting if self.scale is None else max(fitting, min(self.scale, _LARGEST))
        width, height = (min(side, max(1, round(room / scale))) for side, room in zip(layer, area))
        x, y = (
            max(0, min(whole - part, round(middle * whole - part / 2)))
            for middle, whole, part in zip(self.centre, layer, (width, height))
        )
        shown = (
            max(1, min(area[0], int(width * scale))),
            max(1, min(area[1], int(height * scale))),
        )
        return View(Region(x, y, width, height), shown, scale, scale <= fitting * _ROUNDING)

    def zoomed(
        self,
        factor: float,
        place: tuple[float, float],
        layer: tuple[int, int],
        area: tuple[int, int],
    ) -> Look:
        """Return the look after zooming; what is at `place` (0..1) in the picture stays there."""
        now = self.at(layer, area)
        new = replace(self, scale=now.scale * factor).at(layer, area)
        if new.is_whole:
            return Look()
        region, part = now.region, new.region
        sizes = zip(layer, (region.x, region.y), (region.width, region.height), place)
        fixed = [(start + size * share, whole) for whole, start, size, share in sizes]
        x, y = (
            (point + part_size * (0.5 - share)) / whole
            for (point, whole), part_size, share in zip(fixed, (part.width, part.height), place)
        )
        return Look(new.scale, (x, y))._within(layer, area)

    def moved(self, dx: float, dy: float, layer: tuple[int, int], area: tuple[int, int]) -> Look:
        """Return the look after the picture was dragged by pixels of the screen."""
        scale = self.at(layer, area).scale
        x, y = self.centre[0] - dx / scale / layer[0], self.centre[1] - dy / scale / layer[1]
        return replace(self, centre=(x, y))._within(layer, area)

    def _within(self, layer: tuple[int, int], area: tuple[int, int]) -> Look:
        """Return the look with the centre of what can be seen."""
        region = self.at(layer, area).region
        x, y = region.x + region.width / 2, region.y + region.height / 2
        return replace(self, centre=(x / layer[0], y / layer[1]))


@dataclass(frozen=True)
class View:
    """The part of a layer that is seen."""

    region: Region
    shown: tuple[int, int]
    """Its width and height on the screen."""
    scale: float
    is_whole: bool


@dataclass(frozen=True)
class Line:
    """The line between the original and the dream, through a place (0..1) in the picture."""

    x: float = 0.5
    y: float = 0.5
    angle: float = 0.0
    """Degrees, clockwise: at 0 the original is on the left, at 90 above."""

    def moved(self, dx: float, dy: float) -> Line:
        """Return the line moved by a share of the picture, but not out of it."""
        x, y = (max(0.0, min(1.0, place)) for place in (self.x + dx, self.y + dy))
        return replace(self, x=x, y=y)

    def turned_to(self, x: float, y: float, size: tuple[int, int]) -> Line:
        """Return the line turned so that it runs through a place (0..1), the shorter way."""
        across, down = (x - self.x) * size[0], (y - self.y) * size[1]
        if math.hypot(across, down) < 1:
            return self
        turn = (math.degrees(math.atan2(-across, down)) - self.angle + 90) % 180 - 90
        return self.turned(turn)

    def turned(self, degrees: float) -> Line:
        return replace(self, angle=(self.angle + degrees) % 360)

    def distance(self, x: float, y: float, size: tuple[int, int]) -> float:
        """Return how far a place (0..1) is from the line in a picture of this size, in pixels."""
        angle = math.radians(self.angle)
        across, down = (x - self.x) * size[0], (y - self.y) * size[1]
        return abs(across * math.cos(angle) + down * math.sin(angle))

    def in_row(self, row: int, size: tuple[int, int]) -> tuple[range, range]:
        """Return the columns of a row in which the original is seen, and those of the line."""
        angle = math.radians(self.angle)
        cosine, sine = math.cos(angle), math.sin(angle)
        width, height = size
        if abs(cosine) < 1e-6:
            is_original = (row + 0.5 - self.y * height) * sine < 0
            is_line = row == min(height - 1, int(self.y * height))
            return range(width if is_original else 0), range(width if is_line else 0)
        top, middle, bottom = (
            self.x * width - (row + down - self.y * height) * sine / cosine for down in (0, 0.5, 1)
        )
        edge = max(0, min(width, round(middle)))
        original = range(edge) if cosine > 0 else range(edge, width)
        first, last = math.floor(min(top, bottom)), math.ceil(max(top, bottom))
        return original, range(max(0, min(width - 1, first)), min(width, max(last, first + 1)))
