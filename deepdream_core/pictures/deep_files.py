"""Picture files with more than 8 bits per colour, which Pillow cannot read or would cut to 8.

PNG is read and written by imagecodecs, TIFF by tifffile; what is not pixels, by Pillow's tools.
"""

from __future__ import annotations

import logging
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, PngImagePlugin, TiffImagePlugin

from deepdream_core.pictures.foreign_colours import FOREIGN, in_srgb, planes_of
from deepdream_core.pictures.picture import PictureError, Pixels

Affords = Callable[[int, int], None]
"""Takes width and height; raises `PictureError` if the memory cannot hold such a picture."""

_PNG_START = 33
"""The length of a PNG's signature and header."""
_PNG_PIXELS = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND")
_TIFF_STARTS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_WHITE_IS_ZERO, _BLACK_IS_ZERO, _RGB = 0, 1, 2
_UNKNOWN, _PREMULTIPLIED = 0, 1
_XMP = 700
_RESOLUTIONS = (ExifTags.Base.XResolution, ExifTags.Base.YResolution)
_PER_INCH, _PER_CENTIMETRE = 2, 3
_FOLDERS = (ExifTags.IFD.Exif, ExifTags.IFD.GPSInfo)
"""The EXIF tags that are themselves lists of tags."""
DESCRIPTIVE = (
    *(ExifTags.Base.ImageDescription, ExifTags.Base.Make, ExifTags.Base.Model),
    *(ExifTags.Base.Software, ExifTags.Base.DateTime, ExifTags.Base.Artist),
    *(ExifTags.Base.Copyright, ExifTags.Base.Rating, *range(0x9C9B, 0x9CA0)),
)
"""The tags about a picture; the others say how one file stores it."""

logging.getLogger("tifffile").setLevel(logging.CRITICAL)


def read_png(path: Path, affords: Affords) -> Pixels | None:
    """Return the pixels of a PNG file with 16 bits: uint16 (height, width[, channels]).

    Returns None for any other file. Raises `PictureError`.
    """
    with path.open("rb") as file:
        start = file.read(_PNG_START)
    if not start.startswith(b"\x89PNG\r\n\x1a\n") or start[24:25] != b"\x10":
        return None
    affords(int.from_bytes(start[16:20], "big"), int.from_bytes(start[20:24], "big"))
    import imagecodecs

    try:
        return imagecodecs.png_decode(_only_pixels(path.read_bytes()))
    except imagecodecs.PngError as error:
        raise PictureError("picture-unreadable", path=str(path), reason=str(error)) from None


def _only_pixels(png: bytes) -> bytes:
    """Return a PNG file without metadata, about which the decoder would print warnings."""
    kept, at = [png[:8]], 8
    while at + 8 <= len(png):
        end = at + 12 + int.from_bytes(png[at : at + 4], "big")
        if png[at + 4 : at + 8] in _PNG_PIXELS:
            kept.append(png[at:end])
        at = end
    return b"".join(kept)


def png_bytes(pixels: Pixels, **kept: Any) -> bytes:
    """Return a PNG file of uint16 pixels; `kept`: as for Pillow's `save`."""
    import imagecodecs

    # These are fast: as in OpenCV, and a tenth of zlib's usual time.
    data = imagecodecs.png_encode(np.ascontiguousarray(pixels), 1, strategy=3, filter=16)
    about = PngImagePlugin.getchunks(Image.new("RGB", (1, 1)), **kept)
    more = b"".join(
        len(content).to_bytes(4, "big") + name + content + check
        for name, content, check in about
        if name not in _PNG_PIXELS
    )
    return bytes(data[:_PNG_START] + more + data[_PNG_START:])


def is_tiff(path: Path) -> bool:
    """Return whether a file begins as a TIFF file. Raises `OSError`."""
    with path.open("rb") as file:
        return file.read(4) in _TIFF_STARTS


@dataclass(frozen=True)
class Page:
    """A page of a TIFF file."""

    pixels: Pixels
    """uint16, integers of 32 bits or floats, upright, with straight alpha."""
    pages: int
    """How many pages the file has."""
    foreign: str
    """What colours were converted to sRGB, such as CMYK; otherwise empty."""


def read_tiff(path: Path, number: int, affords: Affords) -> Page | None:
    """Return page `number` of a TIFF file with more than 8 bits.

    Returns None for any other file. Raises `PictureError`.
    """
    if not is_tiff(path):
        return None
    import tifffile

    try:
        with tifffile.TiffFile(path) as file:
            page = file.pages[number]
            if not isinstance(page, tifffile.TiffPage) or not _is_deep(page):
                return None
            affords(page.imagewidth, page.imagelength)
            orientation = page.tags.valueof(ExifTags.Base.Orientation, 1)
            pixels = upright(_pixels_of(page), orientation)
            return Page(pixels, len(file.pages), FOREIGN.get(int(page.photometric), ""))
    except (PictureError, MemoryError):
        raise
    except Exception as error:
        # From damaged files, tifffile and its decoders raise anything.
        raise PictureError("picture-unreadable", path=str(path), reason=str(error)) from None


def tiff_tags(path: Path) -> dict[str, Any]:
    """Return what a TIFF file says about its picture, as options for Pillow's `save`."""
    exif = Image.Exif()
    with path.open("rb") as file:
        try:
            exif.load_from_fp(file, _first_of_large(file, exif))
        except (SyntaxError, ValueError, TypeError, struct.error):
            return {}
        kept: dict[str, Any] = {"exif": described(exif)}
        for name, tag in (("icc_profile", ExifTags.Base.InterColorProfile), ("xmp", _XMP)):
            if isinstance(value := exif.get(tag), bytes):
                kept[name] = value
    kept["dpi"] = dpi_in(exif)
    return {name: value for name, value in kept.items() if value}


def dpi_in(exif: Image.Exif) -> tuple[float, float] | None:
    """Return the resolution that EXIF data tell, in pixels per inch across and down."""
    try:
        across, down = (float(exif[tag]) for tag in _RESOLUTIONS)
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None
    inches = 2.54 if exif.get(ExifTags.Base.ResolutionUnit) == _PER_CENTIMETRE else 1.0
    return (across * inches, down * inches) if across > 0 and down > 0 else None


def with_dpi(exif: bytes, dpi: tuple[float, float]) -> bytes:
    """Return EXIF data that tell a resolution as well."""
    tags = Image.Exif()
    tags.load(exif)
    tags.update(zip(_RESOLUTIONS, map(float, dpi), strict=True))
    tags[ExifTags.Base.ResolutionUnit] = _PER_INCH
    return tags.tobytes()


def _first_of_large(file: BinaryIO, exif: Image.Exif) -> int | None:
    """Return where the tags of a TIFF file of more than 4 GiB begin, and tell `exif`; else None."""
    start = file.read(16)
    file.seek(0)
    if start[:4] not in _TIFF_STARTS[2:]:
        return None
    order = "little" if start[:2] == b"II" else "big"
    exif.bigtiff, exif.endian = True, "<" if order == "little" else ">"
    return int.from_bytes(start[8:16], order)


def described(exif: Image.Exif) -> bytes:
    """Return only those EXIF data that are about the picture; none if they are damaged."""
    kept = Image.Exif()
    try:
        for tag in DESCRIPTIVE:
            if tag in exif:
                kept[tag] = exif[tag]
        for folder in _FOLDERS:
            tags = dict(exif.get_ifd(folder))
            tags.pop(ExifTags.IFD.Interop, None)  # an offset in the file it was read from
            if tags:
                kept.get_ifd(folder).update(tags)
        has_any = len(kept) or any(kept.get_ifd(folder) for folder in _FOLDERS)
        return kept.tobytes() if has_any else b""
    except (SyntaxError, ValueError, TypeError, KeyError, OSError, struct.error):
        return b""


def is_in_adobe_rgb(exif: Image.Exif) -> bool:
    """Return whether EXIF data mark Adobe RGB, as cameras do without embedding a profile."""
    try:
        return exif.get_ifd(ExifTags.IFD.Interop).get(ExifTags.Interop.InteropIndex) == "R03"
    except (SyntaxError, ValueError, TypeError, KeyError, OSError, struct.error):
        return False


def adobe_rgb() -> bytes:
    """Return the colour profile of Adobe RGB."""
    import imagecodecs

    profile = imagecodecs.cms_profile("adobergb")
    # Its header holds the time of its creation, which would make every file different.
    return profile[:24] + bytes(12) + profile[36:]


def write_tiff(path: Path, pages: Sequence[Pixels], kept: dict[str, Any]) -> None:
    """Write a TIFF file with pixels of any type; `kept`: as for Pillow's `save`."""
    import tifffile

    exif = Image.Exif()
    exif.load(kept.get("exif", b""))
    folders = {folder: exif.get_ifd(folder) for folder in _FOLDERS}
    tags = [_text_tag(tag, exif[tag]) for tag in DESCRIPTIVE if tag in exif]
    if xmp := kept.get("xmp"):
        tags.append((_XMP, "B", len(xmp), xmp, True))
    tags += [(_place_of(folder), "I", 1, 0, True) for folder in folders if folders[folder]]
    dpi = kept.get("dpi")
    with tifffile.TiffWriter(path, byteorder="<") as file:
        for pixels in pages:
            channels = pixels.shape[2] if pixels.ndim == 3 else 1
            file.write(
                pixels,
                photometric="rgb" if channels > 2 else "minisblack",
                extrasamples=["unassalpha"] if channels in (2, 4) else None,
                planarconfig="contig" if channels > 1 else None,
                iccprofile=kept.get("icc_profile"),
                resolution=tuple(map(float, dpi)) if dpi else None,
                resolutionunit="inch" if dpi else None,
                extratags=tags,
                software=False,
                metadata=None,
            )
    if any(folders.values()):
        _append_folders(path, folders)


def _text_tag(tag: int, value: Any) -> tuple:
    if isinstance(value, bytes):
        return (tag, "B", len(value), value, True)
    if isinstance(value, int):
        return (tag, "H", 1, value, True)
    return (tag, "s", 0, str(value).encode("utf-8"), True)


def _place_of(folder: ExifTags.IFD) -> int:
    """Return a tag that keeps the place of a list of tags, which tifffile does not write.

    It is the next number, because a file's tags are in order.
    """
    return folder + 1


def _append_folders(path: Path, folders: dict[ExifTags.IFD, dict[int, Any]]) -> None:
    """Write lists of tags at the end of a TIFF file, and let its first page refer to them."""
    import tifffile

    with tifffile.TiffFile(path, mode="r+") as file:
        if file.is_bigtiff:
            return  # Pillow cannot write the lists of such files
        handle, tags = file.filehandle, file.pages.first.tags
        for folder, inside in folders.items():
            if not inside:
                continue
            begin = handle.seek(0, 2)
            directory = TiffImagePlugin.ImageFileDirectory_v2(prefix=b"II", group=folder)
            for tag, value in inside.items():
                if tag != ExifTags.IFD.Interop:
                    directory[tag] = value
            handle.write(directory.tobytes(begin))
            place = tags[_place_of(folder)]
            for at, number in (
                (place.offset, struct.pack("<H", folder)),
                (place.valueoffset, struct.pack("<I", begin)),
            ):
                handle.seek(at)
                handle.write(number)


def _is_deep(page: Any) -> bool:
    deep = page.dtype is not None and page.bitspersample > 8
    return deep and page.photometric in (_WHITE_IS_ZERO, _BLACK_IS_ZERO, _RGB, *FOREIGN)


def _pixels_of(page: Any) -> Pixels:
    # With squeeze=False: planes, depth, height, width, samples.
    stored = page.asarray(squeeze=False)[:, 0]
    planes = np.moveaxis(stored, 0, -1).reshape(*stored.shape[1:3], -1)
    foreign = page.photometric in FOREIGN
    if foreign:
        colours = planes_of(page.photometric)
        profile = page.tags.valueof(ExifTags.Base.InterColorProfile, b"")
        pixels = in_srgb(planes[:, :, :colours], page.photometric, profile)
    else:
        colours = 3 if page.photometric == _RGB else 1
        pixels = planes[:, :, :colours]
    if page.photometric == _WHITE_IS_ZERO:
        pixels = (1 if pixels.dtype.kind == "f" else 2**page.bitspersample - 1) - pixels
    if planes.shape[2] > colours:
        means = page.extrasamples[0] if page.extrasamples else None
        alpha = planes[:, :, colours : colours + 1]
        if means == _PREMULTIPLIED and not foreign:
            pixels = _straight(pixels, alpha)
        if means != _UNKNOWN and alpha.dtype == pixels.dtype:
            pixels = np.concatenate([pixels, alpha], axis=2)
    pixels = pixels.astype(pixels.dtype.newbyteorder("="), copy=False)
    if pixels.dtype == np.uint16 and page.bitspersample < 16:
        pixels = (pixels * (65535 / (2**page.bitspersample - 1))).round().astype(np.uint16)
    return pixels[:, :, 0] if pixels.shape[2] == 1 else pixels


def _straight(pixels: NDArray, alpha: NDArray) -> NDArray:
    """Return colours that were multiplied by their alpha as they were before."""
    floats = pixels.dtype.kind == "f"
    full = 1.0 if floats else float(np.iinfo(pixels.dtype).max)
    shown = np.where(alpha > 0, alpha, full)
    result = pixels * (full / shown)
    return (
        result.astype(pixels.dtype) if floats else result.clip(0, full).round().astype(pixels.dtype)
    )


def upright(pixels: Pixels, orientation: object) -> Pixels:
    """Return pixels as they are seen; `orientation`: as in EXIF data, 1 to 8."""
    turned = {
        2: lambda p: p[:, ::-1],
        3: lambda p: p[::-1, ::-1],
        4: lambda p: p[::-1],
        5: lambda p: p.swapaxes(0, 1),
        6: lambda p: np.rot90(p, -1),
        7: lambda p: p[::-1, ::-1].swapaxes(0, 1),
        8: np.rot90,
    }
    turn = turned.get(orientation) if isinstance(orientation, int) else None
    return np.ascontiguousarray(turn(pixels)) if turn else pixels
