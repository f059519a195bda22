"""Masks that limit where, and how strongly, a picture dreams."""

from __future__ import annotations

import torch
from torch import Tensor

from deepdream_core.pictures.picture import Pixels, dreamable, luminance, take, visibility
from deepdream_core.pictures.resize import resize
from deepdream_core.shared.sizes import Region, Size

_VISIBLE = 0.5 / 255
"""A lower grade rounds to 0 in 8 bits, in which the dialog reads the selection."""


class Mask:
    """A grade for every pixel, from 0 (stays) to 1 (dreams)."""

    def __init__(self, grade: Tensor | None = None) -> None:
        """`grade`: (1, 1, height, width); None lets everything dream."""
        self._grade = grade

    def to(self, device: torch.device) -> Mask:
        """Return the same mask on a device."""
        return Mask(None if self._grade is None else self._grade.to(device))

    def at(self, size: Size) -> Tensor | None:
        """Return the grade, resized; None if everything dreams."""
        return None if self._grade is None else resize(self._grade, size)

    def box(self) -> Region | None:
        """Return the smallest rectangle around what visibly dreams.

        None if there is no mask, or if it lets nothing dream.
        """
        if self._grade is None:
            return None
        visible = self._grade[0, 0] >= _VISIBLE
        rows, columns = visible.any(1).nonzero(), visible.any(0).nonzero()
        if not len(rows):
            return None
        top, bottom = int(rows[0]), int(rows[-1])
        left, right = int(columns[0]), int(columns[-1])
        return Region(left, top, right - left + 1, bottom - top + 1)

    def lets_dream(self) -> bool:
        """Return whether anything may dream."""
        return self._grade is None or bool(self._grade.any())

    def part(self, region: Region) -> Mask:
        """Return the mask for a part of the picture."""
        if self._grade is None:
            return self
        return Mask(self._grade[..., region.rows, region.columns])

    def within(self, visible: Tensor | None) -> Mask:
        """Return the mask within what is visible, (1, 1, height, width); None: everything is."""
        if visible is None:
            return self
        return Mask(visible if self._grade is None else self._grade * visible)

    def limit(self, detail: Tensor) -> Tensor:
        """Remove detail outside the mask, where resizing has spread it."""
        grade = self.at((detail.shape[-2], detail.shape[-1]))
        return detail if grade is None else detail * (grade > 0)

    def mix(self, stays: Tensor, dreams: Tensor) -> Tensor:
        """Return `stays` where the mask is 0, `dreams` where it is 1, and a blend in between."""
        grade = self.at((stays.shape[-2], stays.shape[-1]))
        return dreams if grade is None else stays.lerp(dreams, grade)


def mask_of(picture: Pixels | None, size: Size) -> Mask:
    """Return a mask from a picture of any size: white dreams, black and transparent stay."""
    if picture is None:
        return Mask()
    source = take(picture)
    grade = dreamable(source)
    grade = grade[:, :1] if source.colours == 1 else luminance(grade).clamp_(0, 1)
    visible = visibility(source)
    return Mask(resize(grade if visible is None else grade * visible, size))
