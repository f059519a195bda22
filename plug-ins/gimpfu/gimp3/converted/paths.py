"""Paths by number and by name, and their strokes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gi.repository import Gimp

from gimpfu.errors import error
from gimpfu.gimp3.converted.painting import gimp_edit_stroke_vectors
from gimpfu.gimp3.converted.selecting import gimp_vectors_to_selection
from gimpfu.gimp3.database import call_native
from gimpfu.gimp3.values import file
from gimpfu.objects.handles import checked
from gimpfu.objects.images import Image
from gimpfu.objects.items import Item
from gimpfu.objects.vectors import Vectors

_BEZIER = Gimp.PathStrokeType.BEZIER


def gimp_vectors_get_strokes(vectors: Vectors) -> tuple[int, tuple[int, ...]]:
    strokes = tuple(vectors.native.get_strokes())
    return len(strokes), strokes


def gimp_vectors_stroke_get_points(
    vectors: Vectors, stroke_id: int
) -> tuple[int, int, tuple[float, ...], int]:
    kind, points, closed = vectors.native.stroke_get_points(stroke_id)
    return int(kind), len(points), tuple(points), int(closed)


def gimp_vectors_stroke_interpolate(
    vectors: Vectors, stroke_id: int, precision: float
) -> tuple[int, tuple[float, ...], int]:
    points, closed = vectors.native.stroke_interpolate(stroke_id, precision)
    return len(points), tuple(points), int(closed)


def gimp_vectors_stroke_new_from_points(
    vectors: Vectors, kind: int, count: int, controlpoints: Sequence[float], closed: bool
) -> int:
    points = list(map(float, controlpoints))
    return vectors.native.stroke_new_from_points(_BEZIER, points, bool(closed))


def gimp_image_get_active_vectors(image: Image) -> Item | None:
    paths = call_native("gimp-image-get-selected-paths", image)
    return paths[0] if paths else None


def gimp_image_set_active_vectors(image: Image, vectors: Vectors | None) -> None:
    call_native("gimp-image-set-selected-paths", image, [vectors] if vectors else [])


def gimp_image_add_vectors(image: Image, vectors: Vectors, position: int) -> None:
    call_native("gimp-image-insert-path", image, vectors, None, position)


def gimp_vectors_import_from_file(
    image: Image, filename: str, merge: bool, scale: bool
) -> tuple[int, tuple[int, ...]]:
    return _numbers(image.native.import_paths_from_file(file(filename), bool(merge), bool(scale)))


def gimp_vectors_import_from_string(
    image: Image, text: str, length: int, merge: bool, scale: bool
) -> tuple[int, tuple[int, ...]]:
    size = len(text.encode())
    found = image.native.import_paths_from_string(text, size, bool(merge), bool(scale))
    return _numbers(found)


def _numbers(found: Any) -> tuple[int, tuple[int, ...]]:
    succeeded, paths = found
    checked(succeeded)
    numbers = tuple(path.get_id() for path in paths)
    return len(numbers), numbers


def gimp_vectors_export_to_file(image: Image, filename: str, vectors: Vectors | None) -> None:
    chosen = vectors.native if vectors else None
    checked(image.native.export_path_to_file(file(filename), chosen))


def gimp_vectors_export_to_string(image: Image, vectors: Vectors | None) -> str:
    return image.native.export_path_to_string(vectors.native if vectors else None)


def _named(image: Image, name: str) -> Any:
    found = call_native("gimp-image-get-path-by-name", image, name)
    if found is None:
        raise error(f'The image has no path named "{name}".')
    return found


def gimp_path_list(image: Image) -> tuple[int, tuple[str, ...]]:
    names = tuple(path.name for path in image.vectors)
    return len(names), names


def gimp_path_get_current(image: Image) -> str:
    current = gimp_image_get_active_vectors(image)
    if current is None:
        raise error("No path is selected.")
    return current.name


def gimp_path_set_current(image: Image, name: str) -> None:
    gimp_image_set_active_vectors(image, _named(image, name))


def gimp_path_delete(image: Image, name: str) -> None:
    call_native("gimp-image-remove-path", image, _named(image, name))


def gimp_path_get_points(image: Image, name: str) -> tuple[int, int, int, tuple[float, ...]]:
    """Return Bézier (1), whether it is closed, and (x, y, type) of each point of a path.

    The type is 1 for an anchor, 2 for a control point and 3 for the first anchor of another stroke.
    """
    details: list[float] = []
    closed = 0
    for stroke in _named(image, name).strokes:
        points, is_closed = stroke.points
        closed = int(is_closed)
        pairs = [(points[i], points[i + 1]) for i in range(0, len(points), 2)]
        # GIMP's strokes begin with a control point, those of this procedure with an anchor.
        pairs = pairs[1:] + pairs[:1] if closed else pairs[1:-1]
        for i, pair in enumerate(pairs):
            anchor = 3.0 if details and i == 0 else 1.0
            details += [*pair, 2.0 if i % 3 else anchor]
    return 1, closed, len(details), tuple(details)


def gimp_path_set_points(
    image: Image, name: str, kind: int, count: int, points: Sequence[float]
) -> None:
    """Create a path from (x, y, type) of each point; see `gimp_path_get_points`."""
    path = call_native("gimp-path-new", image, name)
    call_native("gimp-image-insert-path", image, path, None, -1)
    strokes: list[list[tuple[float, float]]] = []
    for i in range(0, len(points) - 2, 3):
        x, y, point_type = points[i : i + 3]
        if not strokes or point_type == 3:
            strokes.append([])
        strokes[-1].append((x, y))
    for pairs in strokes:
        closed = len(pairs) % 3 == 0
        ordered = pairs[-1:] + pairs[:-1] if closed else [pairs[0], *pairs, pairs[-1]]
        flat = [float(part) for pair in ordered for part in pair]
        path.native.stroke_new_from_points(_BEZIER, flat, closed)


def gimp_path_to_selection(
    image: Image,
    name: str,
    operation: int,
    antialias: bool,
    feather: bool,
    feather_radius_x: float,
    feather_radius_y: float,
) -> None:
    how = (operation, antialias, feather, feather_radius_x, feather_radius_y)
    gimp_vectors_to_selection(_named(image, name), *how)


def gimp_path_stroke_current(image: Image) -> None:
    drawable, path = image.active_drawable, gimp_image_get_active_vectors(image)
    if drawable is None or path is None:
        raise error("A layer and a path must be selected to stroke the path.")
    gimp_edit_stroke_vectors(drawable, path)


def gimp_path_get_tattoo(image: Image, name: str) -> int:
    return _named(image, name).tattoo


def gimp_path_set_tattoo(image: Image, name: str, tattoo: int) -> None:
    _named(image, name).tattoo = tattoo


def gimp_get_path_by_tattoo(image: Image, tattoo: int) -> str:
    return call_native("gimp-image-get-path-by-tattoo", image, tattoo).name


def gimp_path_import(image: Image, filename: str, merge: bool, scale: bool) -> None:
    gimp_vectors_import_from_file(image, filename, merge, scale)
