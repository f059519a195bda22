"""The transformations of drawables, with the arguments of GIMP 2.10's own Python."""

from __future__ import annotations

from typing import Any

from gimpfu.objects.handles import call

_HOW = (
    *("transform_direction", "interpolation"),
    *("supersample", "recursion_level", "clip_result"),
)
_DEFAULTS = {"supersample": False, "recursion_level": 3, "interpolate": False, "clip_result": 0}
_LINE = ("x0", "y0", "x1", "y1")
_CORNERS = (*_LINE, "x2", "y2", "x3", "y3")
_CENTRE = ("auto_center", "center_x", "center_y")
_MOVE = ("source_x", "source_y", "scale_x", "scale_y", "angle", "dest_x", "dest_y")
_MATRIX = tuple(f"coeff_{row}_{column}" for row in range(3) for column in range(3))


def _transform(kind: str, *names: str) -> Any:
    """Return the method that runs `gimp-drawable-transform-KIND`, with these arguments."""

    def method(self: Any, *given: Any, **named: Any) -> Any:
        values = {**_DEFAULTS, **dict(zip(names, given)), **named}
        missing = [name for name in names if name not in values]
        unknown = [name for name in named if name not in names]
        if missing or unknown or len(given) > len(names):
            raise TypeError(f"{method.__name__} takes {', '.join(names)}.")
        return call(f"gimp-drawable-transform-{kind}", self, *(values[name] for name in names))

    method.__name__ = f"transform_{kind.replace('-', '_')}"
    method.__doc__ = f"Transform with {', '.join(names)}; return the transformed item."
    return method


class Transforms:
    """The methods; each returns the transformed item."""

    __slots__ = ()

    transform_flip = _transform("flip", *_LINE, *_HOW)
    transform_flip_default = _transform("flip-default", *_LINE, "interpolate", "clip_result")
    transform_flip_simple = _transform(
        "flip-simple", "flip_type", "auto_center", "axis", "clip_result"
    )
    transform_perspective = _transform("perspective", *_CORNERS, *_HOW)
    transform_perspective_default = _transform(
        "perspective-default", *_CORNERS, "interpolate", "clip_result"
    )
    transform_rotate = _transform("rotate", "angle", *_CENTRE, *_HOW)
    transform_rotate_default = _transform(
        "rotate-default", "angle", *_CENTRE, "interpolate", "clip_result"
    )
    transform_rotate_simple = _transform("rotate-simple", "rotate_type", *_CENTRE, "clip_result")
    transform_scale = _transform("scale", *_LINE, *_HOW)
    transform_scale_default = _transform("scale-default", *_LINE, "interpolate", "clip_result")
    transform_shear = _transform("shear", "shear_type", "magnitude", *_HOW)
    transform_shear_default = _transform(
        "shear-default", "shear_type", "magnitude", "interpolate", "clip_result"
    )
    transform_2d = _transform("2d", *_MOVE, *_HOW)
    transform_2d_default = _transform("2d-default", *_MOVE, "interpolate", "clip_result")
    transform_matrix = _transform("matrix", *_MATRIX, *_HOW)
    transform_matrix_default = _transform("matrix-default", *_MATRIX, "interpolate", "clip_result")
