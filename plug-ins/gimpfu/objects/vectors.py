"""Paths, which GIMP 2.10 calls vectors, and their strokes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from gimpfu.enums import CHANNEL_OP_REPLACE, VECTORS_STROKE_TYPE_BEZIER
from gimpfu.objects.handles import call
from gimpfu.objects.items import Item

if TYPE_CHECKING:
    from gimpfu.objects.images import Image


class Vectors(Item):
    """A path."""

    __slots__ = ()

    def __init__(self, image: Image, name: str) -> None:
        super().__init__(call("gimp-vectors-new", image, name).ID)

    @property
    def strokes(self) -> list[VectorsBezierStroke]:
        numbers = call("gimp-vectors-get-strokes", self)[1]
        return [VectorsBezierStroke.of(self, number) for number in numbers]

    def remove_stroke(self, stroke: VectorsStroke | int) -> None:
        number = stroke.ID if isinstance(stroke, VectorsStroke) else stroke
        call("gimp-vectors-remove-stroke", self, number)

    def to_selection(
        self,
        operation: int = CHANNEL_OP_REPLACE,
        antialias: bool = True,
        feather: bool = False,
        feather_radius_x: float = 0.0,
        feather_radius_y: float = 0.0,
    ) -> None:
        """Select what the path encloses."""
        how = (operation, antialias, feather, feather_radius_x, feather_radius_y)
        call("gimp-vectors-to-selection", self, *how)


class VectorsStroke:
    """A stroke of a path."""

    __slots__ = ("ID", "vectors")

    ID: int
    vectors: Vectors

    def __eq__(self, other: object) -> bool:
        same_kind = isinstance(other, VectorsStroke)
        return same_kind and (self.vectors, self.ID) == (other.vectors, other.ID)

    def __hash__(self) -> int:
        return hash((self.vectors, self.ID))

    def __repr__(self) -> str:
        return f"<gimp.{type(self).__name__} {self.ID} of {repr(self.vectors)[1:-1]}>"

    @property
    def vectors_ID(self) -> int:
        return self.vectors.ID

    @property
    def points(self) -> tuple[list[float], bool]:
        """Return the coordinates of all control points, and whether the stroke is closed."""
        _, _, points, closed = call("gimp-vectors-stroke-get-points", self.vectors, self.ID)
        return list(points), bool(closed)

    def get_length(self, precision: float) -> float:
        return call("gimp-vectors-stroke-get-length", self.vectors, self.ID, precision)

    def get_point_at_dist(self, dist: float, precision: float) -> tuple[float, float, float, bool]:
        """Return x, y and slope at a distance along the stroke, and whether there is one."""
        name = "gimp-vectors-stroke-get-point-at-dist"
        x, y, slope, valid = call(name, self.vectors, self.ID, dist, precision)
        return x, y, slope, bool(valid)

    def interpolate(self, precision: float) -> tuple[list[float], bool]:
        """Return the coordinates of a polygon, and whether it is closed."""
        name = "gimp-vectors-stroke-interpolate"
        _, points, closed = call(name, self.vectors, self.ID, precision)
        return list(points), bool(closed)

    def close(self) -> None:
        call("gimp-vectors-stroke-close", self.vectors, self.ID)

    def translate(self, off_x: float, off_y: float) -> None:
        call("gimp-vectors-stroke-translate", self.vectors, self.ID, off_x, off_y)

    def scale(self, scale_x: float, scale_y: float) -> None:
        call("gimp-vectors-stroke-scale", self.vectors, self.ID, scale_x, scale_y)

    def rotate(self, center_x: float, center_y: float, angle: float) -> None:
        name = "gimp-vectors-stroke-rotate"
        call(name, self.vectors, self.ID, center_x, center_y, angle)

    def flip(self, flip_type: int, axis: float) -> None:
        call("gimp-vectors-stroke-flip", self.vectors, self.ID, flip_type, axis)

    def flip_free(self, x1: float, y1: float, x2: float, y2: float) -> None:
        call("gimp-vectors-stroke-flip-free", self.vectors, self.ID, x1, y1, x2, y2)


class VectorsBezierStroke(VectorsStroke):
    """A stroke of Bézier curves: each anchor stands between its two control points."""

    __slots__ = ()

    def __init__(
        self, vectors: Vectors, controlpoints: Sequence[float], closed: bool = False
    ) -> None:
        kind, count = VECTORS_STROKE_TYPE_BEZIER, len(controlpoints)
        name = "gimp-vectors-stroke-new-from-points"
        self.vectors = vectors
        self.ID = call(name, vectors, kind, count, tuple(controlpoints), closed)

    @classmethod
    def of(cls, vectors: Vectors, identifier: int) -> VectorsBezierStroke:
        """Return an existing stroke."""
        stroke = cls.__new__(cls)
        stroke.vectors, stroke.ID = vectors, identifier
        return stroke

    @classmethod
    def new_moveto(cls, vectors: Vectors, x0: float, y0: float) -> VectorsBezierStroke:
        """Begin a stroke at a point."""
        return cls.of(vectors, call("gimp-vectors-bezier-stroke-new-moveto", vectors, x0, y0))

    @classmethod
    def new_ellipse(
        cls,
        vectors: Vectors,
        x0: float,
        y0: float,
        radius_x: float,
        radius_y: float,
        angle: float,
    ) -> VectorsBezierStroke:
        shape = (x0, y0, radius_x, radius_y, angle)
        return cls.of(vectors, call("gimp-vectors-bezier-stroke-new-ellipse", vectors, *shape))

    def lineto(self, x0: float, y0: float) -> None:
        call("gimp-vectors-bezier-stroke-lineto", self.vectors, self.ID, x0, y0)

    def conicto(self, x0: float, y0: float, x1: float, y1: float) -> None:
        call("gimp-vectors-bezier-stroke-conicto", self.vectors, self.ID, x0, y0, x1, y1)

    def cubicto(self, x0: float, y0: float, x1: float, y1: float, x2: float, y2: float) -> None:
        name = "gimp-vectors-bezier-stroke-cubicto"
        call(name, self.vectors, self.ID, x0, y0, x1, y1, x2, y2)
