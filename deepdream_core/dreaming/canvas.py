"""Dreaming a part of a picture, and putting it back into the whole."""

from __future__ import annotations

from dataclasses import replace

from torch import Tensor

from deepdream_core.pictures.picture import Pixels, SourcePicture, dreamable
from deepdream_core.pictures.resize import picture_size, resize
from deepdream_core.shared.sizes import Region, fit_within


class Canvas:
    """The artist's whole picture, of which only a part is dreamed."""

    def __init__(self, picture: SourcePicture, part: Region) -> None:
        self._picture = picture
        self._part = part
        self._base = dreamable(picture)
        self._small: Tensor | None = None

    @property
    def source(self) -> SourcePicture:
        """The part that is dreamed."""
        return self.cut(self._picture)

    @property
    def whole(self) -> Tensor:
        """The whole picture as the network sees it: float32 (1, 3, height, width)."""
        return self._base

    @property
    def base(self) -> Tensor:
        """The part that is dreamed, as the network sees it: float32 (1, 3, height, width)."""
        return self._base[..., self._part.rows, self._part.columns]

    def cut(self, picture: SourcePicture) -> SourcePicture:
        """Return the dreamed part of another picture of the same size."""
        return replace(picture, pixels=picture.pixels[self._part.rows, self._part.columns])

    def put(self, pixels: Pixels) -> Pixels:
        """Return the whole picture, in its original shape, with these pixels for the part."""
        picture = self._picture
        if self._part.size == picture.size:
            return pixels
        result = picture.pixels.copy()
        if picture.flat:
            result = result[:, :, 0]
        result[self._part.rows, self._part.columns] = pixels
        return result

    def small(self, longest: int) -> tuple[Tensor, Region]:
        """Return the whole picture with sides up to `longest` pixels, and where the part lies.

        The picture is float32 (1, 3, height, width), and is not to be changed.
        """
        size = fit_within(self._picture.size, longest)
        if self._small is None or picture_size(self._small) != size:
            self._small = resize(self._base, size)
        return self._small, self._part.scaled(self._picture.size, size)
