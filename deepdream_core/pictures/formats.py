"""What files of each format hold, and making pictures fit them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path

import numpy as np
from PIL import Image

from deepdream_core.pictures.picture import PictureError, Pixels
from deepdream_core.shared.messages import Message

_OPAQUE_FROM = 128
"""The alpha from which a pixel is opaque where it can only be opaque or transparent."""
_OFFERED = (".png", ".tif", ".jpg", ".webp")


class Alpha(Enum):
    """How transparent the pixels of a file can be."""

    NONE = "opaque"
    HARD = "opaque or transparent"
    SOFT = "anything"


@dataclass(frozen=True)
class Format:
    """What files of a format hold."""

    name: str
    """What Pillow calls it."""
    bits: int = 8
    """The most bits per colour; with more than 16, any type of pixels."""
    alpha: Alpha = Alpha.SOFT
    metadata: bool = False
    """Whether there is room for a colour profile and EXIF data."""
    density: bool = False
    """Whether the resolution has a place outside the EXIF data."""
    comment: bool = False
    """Whether there is room for a comment."""
    several: bool = False
    """Whether it holds animations or pages."""
    palette: bool = False
    quality: int | None = None
    """How well it is compressed with loss; Pillow's own would smear the fine texture of dreams."""


_PNG = Format("PNG", bits=16, metadata=True, density=True, several=True)
_TIFF = Format("TIFF", bits=64, metadata=True, density=True, several=True)
_JPEG = Format("JPEG", alpha=Alpha.NONE, metadata=True, density=True, quality=95)
_JPEG_2000 = Format("JPEG2000", comment=True)
_PPM = Format("PPM", alpha=Alpha.NONE)
FORMATS = {
    **dict.fromkeys((".png", ".apng"), _PNG),
    **dict.fromkeys((".tif", ".tiff"), _TIFF),
    **dict.fromkeys((".jpg", ".jpeg", ".jpe", ".jfif"), _JPEG),
    ".webp": Format("WEBP", metadata=True, several=True, quality=95),
    ".avif": Format("AVIF", metadata=True, several=True, quality=90),
    ".gif": Format("GIF", alpha=Alpha.HARD, comment=True, several=True, palette=True),
    **dict.fromkeys((".jp2", ".j2k"), _JPEG_2000),
    ".bmp": Format("BMP", alpha=Alpha.NONE),
    ".tga": Format("TGA"),
    **dict.fromkeys((".ppm", ".pgm", ".pnm"), _PPM),
}
"""The formats that are written, by suffix. What cannot be read again, such as PDF, or changes the
picture's size, such as icons, is none of them."""


def format_of(path: Path) -> Format:
    """Return the format of a file that can be written."""
    return FORMATS[path.suffix.lower()]


def can_write(path: Path) -> bool:
    """Return whether the file's suffix is that of a format that can be written."""
    suffix = path.suffix.lower()
    # Pillow may have been built without some of them.
    return suffix in FORMATS and Image.registered_extensions().get(suffix) in Image.SAVE


def check_format(path: Path) -> None:
    """Raise `PictureError` if the file's suffix is not that of a format that can be written."""
    if not can_write(path):
        kind = f"there is no format {path.suffix}" if path.suffix else "its name has no ending"
        offered = f"{', '.join(_OFFERED[:-1])} or {_OFFERED[-1]}"
        raise PictureError("file-unwritable", path=str(path), reason=f"{kind}; choose {offered}")


def holds_several(path: Path) -> bool:
    """Return whether files of this name's format hold several pictures."""
    return can_write(path) and format_of(path).several


def losses(path: Path, pixels: Pixels, pictures: int = 1) -> list[Message]:
    """Return sentences about what writing pixels to a file changes, because of its format."""
    form, kind = format_of(path), path.suffix.removeprefix(".").upper()
    held = with_bits(pixels, form, pictures)
    bits = held.dtype.itemsize * 8
    told = []
    if held.dtype != pixels.dtype and pixels.dtype.kind == "f":
        told.append(Message("floats-rounded", format=kind, bits=bits))
    elif held.dtype != pixels.dtype:
        told.append(Message("bits-rounded", format=kind, bits=bits, more=pixels.dtype.itemsize * 8))
    if form.alpha is Alpha.NONE and _has_alpha(pixels):
        told.append(Message("laid-on-white", format=kind))
    if form.palette and pixels.ndim == 3:
        told.append(Message("few-colours", format=kind))
    if not (form.metadata or form.comment):
        told.append(Message("no-recipe-kept", format=kind))
    return told


def with_bits(pixels: Pixels, form: Format, pictures: int = 1) -> Pixels:
    """Return pixels of a type that a format can hold; only one picture of a file can have 16."""
    if form.bits > 16:
        return pixels
    if np.issubdtype(pixels.dtype, np.floating):
        pixels = (pixels.clip(0, 1) * np.float64(65535)).round().astype(np.uint16)
    if pixels.dtype == np.uint16 and (form.bits < 16 or pictures > 1):
        pixels = (pixels / 257).round().astype(np.uint8)
    return pixels


def with_alpha(image: Image.Image, form: Format) -> Image.Image:
    """Return a picture with the transparency that a format can hold: otherwise, on white."""
    if form.alpha is Alpha.SOFT or image.mode not in ("LA", "RGBA"):
        return image
    if form.alpha is Alpha.NONE:
        opaque = image.mode.removesuffix("A")
        white = Image.new(opaque, image.size, "white")
        white.paste(image.convert(opaque), mask=image.getchannel("A"))
        return white
    pixels = np.array(image.convert("RGBA"))
    pixels[:, :, 3] = np.where(pixels[:, :, 3] < _OPAQUE_FROM, 0, 255)
    return Image.fromarray(pixels)


def _has_alpha(pixels: Pixels) -> bool:
    return pixels.ndim == 3 and pixels.shape[2] in (2, 4)
