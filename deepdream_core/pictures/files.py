"""Reading and writing picture files."""

from __future__ import annotations

import io
import re
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from PIL import ExifTags, Image, ImageCms, ImageOps, PngImagePlugin, UnidentifiedImageError

from deepdream_core.pictures.picture import PictureError, Pixels
from deepdream_core.shared.atomic_files import replacing

_KEPT = ("icc_profile", "dpi", "xmp")
_NOTE = "deepdream-recipe"
_ASCII = b"ASCII\0\0\0"
"""How EXIF marks a comment in ASCII."""
_JPEG = (".jpg", ".jpeg")
_FLOAT = (".tif", ".tiff")
_16_BIT = (*_FLOAT, ".png")
"""The formats in which Pillow writes gray pixels of these types; it has no such colours."""


@dataclass(frozen=True)
class PictureFile:
    """A picture read from a file, with the metadata to keep when writing it again."""

    pixels: Pixels
    """(height, width[, channels]): uint8, uint16 (gray) or float32."""
    kept: dict = field(default_factory=dict)
    """Colour profile, resolution, EXIF and XMP data, as options for Pillow's `save`."""


def read_named_picture(name: str) -> PictureFile:
    """Read a picture file that a recipe names, which may come from anywhere.

    A pipe or a device, which could block for ever, is refused. Raises `PictureError`.
    """
    path = Path(name)
    try:
        regular = stat.S_ISREG(path.stat().st_mode)
    except FileNotFoundError:
        raise PictureError("no-file", path=name) from None
    except (OSError, ValueError) as error:
        raise PictureError("picture-unreadable", path=name, reason=str(error)) from None
    if not regular:
        raise PictureError("not-a-file", path=name)
    return read_picture(path)


def read_picture(path: Path) -> PictureFile:
    """Read a picture file, rotated upright. Raises `PictureError`."""
    try:
        with Image.open(path) as image:
            upright = _in_rgb(ImageOps.exif_transpose(image))
            kept = {k: upright.info[k] for k in _KEPT if upright.info.get(k)}
            if exif := upright.getexif().tobytes():
                kept["exif"] = exif
            return PictureFile(_pixels(upright), kept)
    except FileNotFoundError:
        raise PictureError("no-file", path=str(path)) from None
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError) as error:
        raise PictureError("picture-unreadable", path=str(path), reason=str(error)) from None


def _in_rgb(image: Image.Image) -> Image.Image:
    """Convert a picture in the colours of printers, or in Lab, to sRGB by its profile."""
    if image.mode not in ("CMYK", "LAB"):
        return image
    profile = image.info.pop("icc_profile", b"")
    srgb = ImageCms.createProfile("sRGB")
    try:
        own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        converted = ImageCms.profileToProfile(image, own, srgb, outputMode="RGB")
    except (OSError, ImageCms.PyCMSError):
        if image.mode == "CMYK":
            return image.convert("RGB")
        lab = ImageCms.createProfile("LAB")
        converted = ImageCms.profileToProfile(image, lab, srgb, outputMode="RGB")
    assert converted is not None  # it is None only for a conversion in place
    converted.info.pop("icc_profile", None)
    return converted


def _pixels(image: Image.Image) -> Pixels:
    if image.mode in ("L", "LA", "RGB", "RGBA"):
        return np.array(image)
    if image.mode.startswith("I;16"):
        return np.array(image).astype(np.uint16)
    if image.mode == "F":
        return np.array(image)
    has_alpha = "transparency" in image.info or image.mode in ("PA", "La", "RGBa")
    return np.array(image.convert("RGBA" if has_alpha else "RGB"))


def check_format(path: Path) -> None:
    """Raise `PictureError` if the file's suffix is not that of a format that can be written."""
    Image.init()
    if Image.registered_extensions().get(path.suffix.lower()) not in Image.SAVE:
        kind = f"there is no format {path.suffix}" if path.suffix else "its name has no ending"
        raise PictureError("file-unwritable", path=str(path), reason=kind)


def write_picture(path: Path, pixels: Pixels, kept: dict | None = None, note: str = "") -> None:
    """Write pixels to a file atomically; its suffix selects the format.

    A format that cannot hold floats or 16 bits gets the same picture in fewer; one that cannot hold
    transparency gets the picture on white. `kept`: metadata, as from `read_picture`. `note`: a text
    in ASCII to store in the file, as far as its format allows; `read_note` returns it. Raises
    `PictureError`.
    """
    suffix = path.suffix.lower()
    image = Image.fromarray(_held(pixels, suffix))
    options = dict(kept or {})
    if suffix in _JPEG:
        options.update(quality=95, subsampling=0)
        image = _on_white(image)
    if note:
        options.update(_with_note(note, suffix, options.get("exif", b"")))
    try:
        with replacing(path) as unfinished:
            image.save(unfinished, **options)
    except (OSError, ValueError, KeyError) as error:
        raise PictureError("file-unwritable", path=str(path), reason=str(error)) from None


def read_note(path: Path) -> str | None:
    """Return the note in a picture file; None if there is none. Raises `PictureError`."""
    try:
        with Image.open(path) as image:
            if isinstance(text := image.info.get(_NOTE), str):
                return text
            comment = image.getexif().get_ifd(ExifTags.IFD.Exif).get(ExifTags.Base.UserComment)
    except FileNotFoundError:
        raise PictureError("no-file", path=str(path)) from None
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError) as error:
        raise PictureError("picture-unreadable", path=str(path), reason=str(error)) from None
    if isinstance(comment, bytes) and comment.startswith(_ASCII):
        return comment.removeprefix(_ASCII).rstrip(b"\0 ").decode("ascii", "replace")
    return None


def _with_note(note: str, suffix: str, exif: bytes) -> dict[str, Any]:
    """Return options for Pillow's `save`: a text in PNG, a comment in EXIF data elsewhere."""
    if suffix == ".png":
        texts = PngImagePlugin.PngInfo()
        texts.add_itxt(_NOTE, note)
        return {"pnginfo": texts}
    tags = Image.Exif()
    tags.load(exif)
    tags.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.UserComment] = _ASCII + note.encode("ascii")
    return {"exif": tags.tobytes()}


def _held(pixels: Pixels, suffix: str) -> Pixels:
    """Return pixels of a type that a format can hold."""
    if np.issubdtype(pixels.dtype, np.floating) and suffix not in _FLOAT:
        pixels = (pixels.clip(0, 1) * 65535).round().astype(np.uint16)
    if pixels.dtype == np.uint16 and suffix not in _16_BIT:
        pixels = (pixels / 257).round().astype(np.uint8)
    return pixels


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode in ("LA", "RGBA"):
        opaque = image.mode.removesuffix("A")
        white = Image.new(opaque, image.size, "white")
        white.paste(image.convert(opaque), mask=image.getchannel("A"))
        return white
    return image


def numbered_like(path: Path) -> list[Path]:
    """Return the files that are there under names as from `numbered`, in order."""
    pattern = re.compile(re.escape(path.stem) + r"-\d{4,}" + re.escape(path.suffix))
    return sorted(one for one in path.parent.iterdir() if pattern.fullmatch(one.name))


def numbered(path: Path, number: int) -> Path:
    """Return the file name of an intermediate picture: `out.png`, 1 gives `out-0001.png`."""
    return path.with_name(f"{path.stem}-{number:04}{path.suffix}")
