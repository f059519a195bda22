"""Colours of TIFF files that are neither gray nor RGB, with more than 8 bits, as sRGB."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from PIL import ImageCms

_SEPARATED, _CIE_LAB, _ICC_LAB = 5, 8, 9
FOREIGN: Mapping[int, str] = {_SEPARATED: "CMYK", _CIE_LAB: "Lab", _ICC_LAB: "Lab"}
"""What TIFF calls a photometric interpretation, and what people call it."""
_PERCEPTUAL = 0
"""ICC's intent that keeps shadows apart, as Pillow does with 8 bits."""


def planes_of(photometric: int) -> int:
    """Return how many channels the colours have."""
    return 4 if photometric == _SEPARATED else 3


def in_srgb(stored: NDArray, photometric: int, profile: bytes) -> NDArray[np.uint16]:
    """Return colours as stored in a file, (height, width, channels), in sRGB.

    `profile`: that of the printer; without one, or a wrong one, inks are taken as ideal.
    """
    if photometric == _SEPARATED:
        seen = _inks(stored, profile)
    else:
        lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
        seen = _converted(_lab_of(stored, photometric), lab, "lab")
    return (seen.clip(0, 1) * np.float32(65535)).round().astype(np.uint16)


def _lab_of(stored: NDArray, photometric: int) -> NDArray[np.float32]:
    """Return L from 0 to 100, and a and b around 0."""
    if stored.dtype.kind == "f":
        return stored.astype(np.float32)
    lab = np.empty(stored.shape, np.float32)
    lab[..., 0] = stored[..., 0] * (100 / 65535)
    if photometric == _CIE_LAB:
        lab[..., 1:] = stored[..., 1:].astype(np.int16) / 256
    else:
        lab[..., 1:] = (stored[..., 1:].astype(np.float32) - 32768) / 256
    return lab


def _inks(values: NDArray, profile: bytes) -> NDArray:
    import imagecodecs

    if profile:
        try:
            return _converted(values, profile, "cmyk")
        except imagecodecs.CmsError:
            pass
    shares = values / (1.0 if values.dtype.kind == "f" else np.iinfo(values.dtype).max)
    return (1 - shares[..., :3]) * (1 - shares[..., 3:])


def _converted(values: NDArray, profile: bytes, space: str) -> NDArray[np.float32]:
    import imagecodecs

    return imagecodecs.cms_transform(
        np.ascontiguousarray(values),
        profile,
        imagecodecs.cms_profile("srgb"),
        colorspace=space,
        outcolorspace="rgb",
        outdtype="float32",
        intent=_PERCEPTUAL,
    )
