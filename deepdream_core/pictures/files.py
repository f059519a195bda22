"""Reading and writing picture files."""

from __future__ import annotations

import contextlib
import io
import re
import stat
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import ExifTags, Image, ImageCms, ImageOps, PngImagePlugin, UnidentifiedImageError

from deepdream_core.compute.machine_memory import free_memory
from deepdream_core.pictures.deep_files import (
    adobe_rgb,
    described,
    dpi_in,
    is_in_adobe_rgb,
    is_tiff,
    png_bytes,
    read_png,
    read_tiff,
    tiff_tags,
    upright,
    with_dpi,
    write_tiff,
)
from deepdream_core.pictures.formats import (
    Format,
    check_format,
    format_of,
    with_alpha,
    with_bits,
)
from deepdream_core.pictures.picture import PictureError, Pixels
from deepdream_core.shared.atomic_files import replacing
from deepdream_core.shared.messages import Message

_KEPT = ("icc_profile", "dpi", "xmp")
_TIMES = ("duration", "loop")
"""What is kept of animations."""
_NOTE = "deepdream-recipe"
_XMP_IN_PNG = "XML:com.adobe.xmp"
_ASCII = b"ASCII\0\0\0"
"""How EXIF marks a comment in ASCII."""
_SEVERAL = ("GIF", "WEBP", "PNG", "TIFF", "AVIF")
"""The formats whose files hold several pictures; in others, these are previews or layers."""
_SUFFIXES = {"JPEG": ".jpg", "MPO": ".jpg", "PNG": ".png", "WEBP": ".webp", "GIF": ".gif"}
_NOT_READ = ("MPEG", "HDF5", "GRIB", "BUFR", "WMF", "EPS")
"""Formats that Pillow only recognises, or for which it runs another program."""
_BYTES_PER_PIXEL = 60
"""What reading a picture and dreaming it takes at least."""
_USUAL_BITS = (8, 16, 24)
_FOREIGN = {"CMYK": "CMYK", "LAB": "Lab"}
"""Pillow's names of colours that are neither gray nor RGB, and everybody else's."""

# Large pictures are welcome: `_afford` checks the memory instead.
Image.MAX_IMAGE_PIXELS = None


@dataclass(frozen=True)
class PictureFile:
    """A picture read from a file, with the metadata to keep when writing it again."""

    pixels: Pixels
    """(height, width[, channels]): uint8, uint16 or a float type."""
    kept: dict = field(default_factory=dict)
    """Colour profile, resolution, EXIF and XMP data, as options for Pillow's `save`."""
    pictures: int = 1
    """How many pictures the file holds, such as the frames of an animation."""
    told: tuple[Message, ...] = ()
    """What the user should know about how it was read."""


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


def read_picture(path: Path, number: int = 0) -> PictureFile:
    """Read picture `number` of a picture file, rotated upright. Raises `PictureError`."""

    def affords(width: int, height: int) -> None:
        _afford(path, width, height)

    with _explained(path):
        if page := read_tiff(path, number, affords):
            kept, told = tiff_tags(path), _told_of(path, page.foreign)
            if page.foreign:
                kept.pop("icc_profile", None)
            return _in_range(path, PictureFile(page.pixels, kept, page.pages, told))
        with Image.open(path) as image:
            affords(*image.size)
            pictures = getattr(image, "n_frames", 1) if image.format in _SEVERAL else 1
            if number:
                image.seek(number)
            exif = described(image.getexif())
            deep = None if number else read_png(path, affords)
            shown = _in_rgb(ImageOps.exif_transpose(image)) if deep is None else image
            told = _told_of(path, _FOREIGN.get(image.mode, ""))
            kept = {k: shown.info[k] for k in _KEPT if shown.info.get(k)}
            if "dpi" not in kept and (dpi := dpi_in(image.getexif())):
                kept["dpi"] = dpi
            says_adobe = image.mode == "RGB" and is_in_adobe_rgb(image.getexif())
            if says_adobe and "icc_profile" not in kept:
                kept["icc_profile"] = adobe_rgb()
            if pictures > 1:
                kept.update({k: shown.info[k] for k in _TIMES if k in shown.info})
            if exif:
                kept["exif"] = exif
            turned = image.getexif().get(ExifTags.Base.Orientation)
            pixels = _pixels(shown) if deep is None else upright(deep, turned)
            return _in_range(path, PictureFile(pixels, kept, pictures, told))


def read_pictures(path: Path, first: PictureFile) -> Iterator[PictureFile]:
    """Read every picture of a file, of which the first was read. Raises `PictureError`."""
    height, width = first.pixels.shape[:2]
    _afford(path, width, height, first.pictures)
    yield first
    for number in range(1, first.pictures):
        yield read_picture(path, number)


@contextlib.contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Raise `PictureError` for whatever Pillow raises, and let it warn of nothing."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except FileNotFoundError:
        raise PictureError("no-file", path=str(path)) from None
    except UnidentifiedImageError:
        raise PictureError("picture-unknown", path=str(path)) from None
    except (OSError, ValueError, SyntaxError, EOFError, KeyError, TypeError) as error:
        if isinstance(error, PictureError):
            raise
        raise PictureError("picture-unreadable", path=str(path), reason=str(error)) from None


def _afford(path: Path, width: int, height: int, pictures: int = 1) -> None:
    """Raise `PictureError` if pictures do not fit the memory, before any is read."""
    need = width * height * pictures * _BYTES_PER_PIXEL
    if need > free_memory():
        gib = round(need / 2**30, 1)
        raise PictureError("picture-too-large", path=str(path), width=width, height=height, gib=gib)


def _in_range(path: Path, picture: PictureFile) -> PictureFile:
    """Return a picture of integers that cannot be dreamed as floats."""
    pixels = picture.pixels
    if pixels.dtype in (np.uint8, np.uint16) or pixels.dtype.kind == "f":
        return picture
    own = np.iinfo(pixels.dtype.name).bits - (pixels.dtype.kind == "i")
    most = int(pixels.max(initial=0))
    # Files of 32 bits often hold values of fewer, which would be black in the whole range.
    used = next((bits for bits in _USUAL_BITS if most < 2**bits), own)
    floats = (pixels / (2 ** min(used, own) - 1)).astype(np.float32).clip(0, 1)
    told = Message("integers-as-floats", path=path.name, bits=min(used, own))
    return replace(picture, pixels=floats, told=(*picture.told, told))


def _told_of(path: Path, colours: str) -> tuple[Message, ...]:
    """Return what the user should know about colours that become sRGB; empty: there are none."""
    return (Message("colours-became-srgb", path=path.name, colours=colours),) if colours else ()


def _in_rgb(image: Image.Image) -> Image.Image:
    """Convert a picture in the colours of printers, or in Lab, to sRGB by its profile."""
    if image.mode not in _FOREIGN:
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
    if image.mode.startswith("I;16"):
        return np.array(image).astype(np.uint16)
    if image.mode in ("L", "LA", "RGB", "RGBA", "F", "I"):
        return np.array(image)
    has_alpha = "transparency" in image.info or image.mode in ("PA", "La", "RGBa")
    return np.array(image.convert("RGBA" if has_alpha else "RGB"))


def readable_suffixes() -> set[str]:
    """Return the suffixes of the formats that can be read, in lower case."""
    known = Image.registered_extensions().items()
    return {suffix for suffix, name in known if name in Image.OPEN and name not in _NOT_READ}


def usual_suffix(path: Path) -> str:
    """Return the suffix of a picture's format, or `.png` if it is unknown or cannot be written."""
    try:
        if is_tiff(path):
            return ".tif"
        with _explained(path), Image.open(path) as image:
            return _SUFFIXES.get(image.format or "", ".png")
    except (OSError, PictureError):
        return ".png"


def write_picture(path: Path, pixels: Pixels, kept: dict | None = None, note: str = "") -> None:
    """Write pixels to a file atomically; its suffix selects the format.

    A format that cannot hold floats or 16 bits gets the same picture in fewer; one that cannot hold
    transparency gets the picture on white. `kept`: metadata, as from `read_picture`. `note`: a text
    in ASCII to store in the file, as far as its format allows; `read_note` returns it. Raises
    `PictureError`.
    """
    write_pictures(path, [pixels], kept, note)


def write_pictures(
    path: Path, pictures: Sequence[Pixels], kept: dict | None = None, note: str = ""
) -> None:
    """Write several pictures to a file, as frames or pages; otherwise like `write_picture`."""
    check_format(path)
    form = format_of(path)
    held = [with_bits(pixels, form, len(pictures)) for pixels in pictures]
    try:
        options = _options(form, kept or {}, note)
        with replacing(path) as unfinished:
            if form.name == "TIFF":
                write_tiff(unfinished, held, options)
            elif held[0].dtype == np.uint16:
                unfinished.write_bytes(png_bytes(held[0], **options))
            else:
                _save(unfinished, form, [Image.fromarray(pixels) for pixels in held], options)
    except (OSError, ValueError, KeyError) as error:
        reason = (isinstance(error, OSError) and error.strerror) or str(error)
        raise PictureError("file-unwritable", path=str(path), reason=reason) from None


def _save(path: Path, form: Format, images: Sequence[Image.Image], options: dict[str, Any]) -> None:
    first, *others = (with_alpha(image, form) for image in images)
    if others:
        options = {**options, "save_all": True, "append_images": others}
        if form.palette:
            options["disposal"] = 2  # otherwise, frames would show through transparent ones
    first.save(path, **options)


def _options(form: Format, kept: dict[str, Any], note: str) -> dict[str, Any]:
    """Return options for Pillow's `save`: a note is a text in PNG, a comment elsewhere."""
    options = dict(kept)
    if form.quality:
        options["quality"] = form.quality
    if form.name == "JPEG":
        options["subsampling"] = 0
    if "dpi" in options and form.metadata and not form.density:
        options["exif"] = with_dpi(options.get("exif", b""), options.pop("dpi"))
    if form.name == "PNG":
        options["pnginfo"] = _texts(options.pop("xmp", b""), note)
    elif note and form.metadata:
        options["exif"] = _with_comment(options.get("exif", b""), note)
    elif note and form.comment:
        options["comment"] = f"{_NOTE}: {note}".encode("ascii")
    return options


def _texts(xmp: bytes, note: str) -> PngImagePlugin.PngInfo:
    texts = PngImagePlugin.PngInfo()
    if xmp:
        texts.add_itxt(_XMP_IN_PNG, xmp.decode("utf-8", "replace"))
    if note:
        texts.add_itxt(_NOTE, note)
    return texts


def read_note(path: Path) -> str | None:
    """Return the note in a picture file; None if there is none. Raises `PictureError`."""
    with _explained(path):
        exif = Image.Exif()
        if is_tiff(path):
            exif.load(tiff_tags(path).get("exif", b""))
        else:
            with Image.open(path) as image:
                if isinstance(text := image.info.get(_NOTE), str):
                    return text
                comment = image.info.get("comment")
                if isinstance(comment, bytes) and comment.startswith(_NOTE.encode()):
                    return comment.decode("ascii", "replace").removeprefix(f"{_NOTE}: ")
                exif = image.getexif()
        comment = exif.get_ifd(ExifTags.IFD.Exif).get(ExifTags.Base.UserComment)
    if isinstance(comment, bytes) and comment.startswith(_ASCII):
        return comment.removeprefix(_ASCII).rstrip(b"\0 ").decode("ascii", "replace")
    return None


def _with_comment(exif: bytes, comment: str) -> bytes:
    tags = Image.Exif()
    tags.load(exif)
    tags.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.UserComment] = _ASCII + comment.encode("ascii")
    return tags.tobytes()


def numbered_like(path: Path) -> list[Path]:
    """Return the files that are there under names as from `numbered`, in order."""
    pattern = re.compile(re.escape(path.stem) + r"-\d{4,}" + re.escape(path.suffix))
    return sorted(one for one in path.parent.iterdir() if pattern.fullmatch(one.name))


def numbered(path: Path, number: int) -> Path:
    """Return the file name of an intermediate picture: `out.png`, 1 gives `out-0001.png`."""
    return path.with_name(f"{path.stem}-{number:04}{path.suffix}")
