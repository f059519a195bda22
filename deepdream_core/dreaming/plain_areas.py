"""Plain areas, such as walls and clear skies, in which a dream is easily too much."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypeGuard

from torch import Tensor
from torch.nn import functional as F

from deepdream_core.pictures.picture import luminance
from deepdream_core.pictures.resize import picture_size, resize
from deepdream_core.shared.sizes import Region, Size, fit_within, whole

_LONGEST = 512
"""The longest side, in pixels, of the picture that is judged."""
_AREAS = 24
"""How many areas are told apart along the picture's short side."""
_SMALLEST_AREA = 4
"""The shortest side of an area, in pixels."""
_EVENTFUL = 0.6
"""The share of areas that count as wholly or partly plain; the others are eventful."""
_GRAIN = 1 / 255
"""A contrast that nobody sees."""


def sparing_plain_areas(picture: Tensor, share: float) -> Tensor:
    """Return how strongly each pixel dreams: `share` where it is plain, up to 1 elsewhere.

    Contrast is judged relative to the more eventful areas of the same picture, so a foggy one is
    not plain everywhere. `picture`: (1, 3, height, width), 0..1. The result is smooth, and smaller
    than a large picture: (1, 1, height, width), see `at_place`.
    """
    # A preview judges a small copy of the layer; so must the dream itself.
    size = fit_within(picture_size(picture), _LONGEST)
    picture = resize(picture, size)
    area = max(_SMALLEST_AREA, min(size) // _AREAS)
    areas = max(1, size[0] // area), max(1, size[1] // area)
    light = luminance(picture)
    variance = resize(light.square(), areas) - resize(light, areas).square()
    contrast = F.avg_pool2d(variance.clamp_(min=0).sqrt_(), 3, 1, 1, count_include_pad=False)
    contrast += _GRAIN
    eventful = (contrast / contrast.flatten().quantile(_EVENTFUL)).clamp_(max=1)
    return resize(share + (1 - share) * eventful, size).clamp_(share, 1)


def at_place(grade: Tensor, place: Sequence[float] | None, size: Size) -> Tensor:
    """Return the grade for a part of a picture, resized; None is all of it.

    `grade`: (1, 1, height, width). `place`: x, y, width and height of the part, each 0..1; anything
    else counts as None. `size`: that of the part in pixels.
    """
    rows, columns = picture_size(grade)
    if _is_place(place):
        x, y, width, height = place
        left, top = math.floor(x * columns), math.floor(y * rows)
        right, bottom = math.ceil((x + width) * columns), math.ceil((y + height) * rows)
        part = Region(left, top, right - left, bottom - top).overlap(whole((rows, columns)))
        grade = grade if part is None else grade[..., part.rows, part.columns]
    return resize(grade, size)


def _is_place(place: object) -> TypeGuard[Sequence[float]]:
    if not isinstance(place, (list, tuple)) or len(place) != 4:
        return False
    return all(isinstance(share, (int, float)) and 0 <= share <= 1 for share in place)
