"""Colour profiles: what is not in sRGB is dreamed in sRGB, and converted back."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from deepdream_core.pictures.files import PictureFile
from deepdream_core.pictures.formats import format_of
from deepdream_core.pictures.picture import Pixels
from deepdream_core.shared.messages import Message

_Type = TypeVar("_Type", bound=np.generic)

_ALIKE = 0.5 / 255
"""Profiles that differ from sRGB by less are sRGB's: many programs bring their own."""
_RELATIVE = 1
"""ICC's relative colorimetric intent, which changes no colour that both sides have."""
_LUMINANCE = np.array((0.2126, 0.7152, 0.0722), np.float32)


class Profiled:
    """A picture that is dreamed in sRGB, and what its dream becomes in a file."""

    def __init__(self, picture: PictureFile, output: Path) -> None:
        """`output`: the file to be written, which may hold no profiles."""
        self._own = picture.pixels
        self._profile = picture.kept.get("icc_profile", b"")
        self.seen = in_srgb(picture)
        """The picture in sRGB: its own pixels if it is in sRGB already, otherwise floats."""
        self._converted = self.seen is not picture.pixels
        self._returns = format_of(output).metadata
        self.kept = dict(picture.kept)
        """The metadata that go with what `dreamed` returns."""
        self.told: tuple[Message, ...] = ()
        """What the user should know about the colours."""
        if self._converted and not self._returns:
            del self.kept["icc_profile"]
            kind = output.suffix.removeprefix(".").upper()
            self.told = (Message("profile-left-out", format=kind),)

    def dreamed(self, result: Pixels) -> Pixels:
        """Return a dream of `seen` in the picture's own type and, if the file can say so, colours.

        Pixels that the dream left alone keep every bit.
        """
        if not self._converted:
            return result
        colours, alpha = _apart(_floats(result))
        own_colours, _ = _apart(self._own)
        if not self._returns:
            back = colours if own_colours.shape[2] == 3 else colours @ _LUMINANCE[:, None]
        else:
            back = _transformed(colours, _srgb(), self._profile, into=_space(own_colours))
        back = _typed(np.concatenate([back, *alpha], axis=2), self._own.dtype)
        back = back.reshape(*result.shape[:2], *self._own.shape[2:])
        if self._returns and result.shape == self.seen.shape:
            same = (result == self.seen).all(axis=2)
            back[same] = self._own[same]
        return back


def in_srgb(picture: PictureFile) -> Pixels:
    """Return a picture's pixels in sRGB: as they are, or float32 where its profile differs.

    Colours outside sRGB's become values outside 0..1. A profile that cannot be used, or fits other
    pixels, counts for nothing.
    """
    profile = picture.kept.get("icc_profile", b"")
    colours, alpha = _apart(picture.pixels)
    if not profile or _is_srgb(profile, _space(colours)):
        return picture.pixels
    floats = _floats(colours)
    seen = _transformed(floats, profile, _srgb(), of=_space(colours))
    return np.concatenate([seen, *map(_floats, alpha)], axis=2)


def _apart(pixels: NDArray[_Type]) -> tuple[NDArray[_Type], list[NDArray[_Type]]]:
    """Return the colours, (height, width, 1 or 3), and the alpha, if any, (height, width, 1)."""
    whole = pixels[:, :, None] if pixels.ndim == 2 else pixels
    colours = 1 if whole.shape[2] <= 2 else 3
    alpha = whole[:, :, colours:]
    return whole[:, :, :colours], [alpha] if alpha.shape[2] else []


def _space(colours: NDArray) -> str:
    return "gray" if colours.shape[2] == 1 else "rgb"


@lru_cache(maxsize=8)
def _is_srgb(profile: bytes, space: str) -> bool:
    """Return whether a profile's colours are sRGB's, or cannot be told."""
    import imagecodecs

    ramp = np.linspace(0, 1, 9, dtype=np.float32)
    if space == "gray":
        colours = ramp[:, None, None]
    else:
        colours = np.stack(np.meshgrid(ramp, ramp, ramp), axis=-1).reshape(-1, 9, 3)
    try:
        seen = _transformed(colours, profile, _srgb(), of=space)
    except imagecodecs.CmsError:
        return True
    return bool(np.abs(seen - colours).max() < _ALIKE)


@lru_cache(maxsize=1)
def _srgb() -> bytes:
    import imagecodecs

    return imagecodecs.cms_profile("srgb")


def _transformed(
    colours: NDArray[np.float32], profile: bytes, to: bytes, of: str = "rgb", into: str = "rgb"
) -> NDArray[np.float32]:
    """Convert (height, width, channels) from one profile to another; keeps values outside 0..1."""
    import imagecodecs

    result = imagecodecs.cms_transform(
        np.ascontiguousarray(colours if of == "rgb" else colours[:, :, 0]),
        profile,
        to,
        colorspace=of,
        outcolorspace=into,
        outdtype="float32",
        intent=_RELATIVE,
    )
    return result.reshape(*colours.shape[:2], -1)


def _floats(pixels: Pixels) -> NDArray[np.float32]:
    if pixels.dtype.kind == "f":
        return pixels.astype(np.float32)
    return np.divide(pixels, np.iinfo(pixels.dtype.name).max, dtype=np.float32)


def _typed(floats: NDArray[np.float32], dtype: np.dtype) -> Pixels:
    if dtype.kind == "f":
        return floats.astype(dtype)
    full = np.iinfo(dtype.name).max
    return (floats.clip(0, 1) * np.float64(full)).round().astype(dtype)
