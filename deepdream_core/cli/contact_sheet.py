"""A contact sheet: many dreams in one picture, with their names."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from deepdream_core.cli.plan import Job
from deepdream_core.pictures.files import read_note, read_picture, write_picture
from deepdream_core.pictures.picture import PictureError, Pixels
from deepdream_core.pictures.profiles import in_srgb

_LARGEST, _SMALLEST = 320, 32
"""The side of a cell, in pixels: the larger the fewer there are."""
_MOST_PIXELS = 64 << 20
_GAP = 8
_TEXT = 14
_MARK = '{"contact_sheet": true}'
"""The note in a contact sheet."""
_LEAST_LABELLED = 100


def write_contact_sheet(path: Path, jobs: Sequence[Job], columns: int) -> None:
    """Write a picture with the jobs' dreams in order; with one column, as a square.

    Raises `PictureError`.
    """
    if columns == 1:
        columns = math.ceil(math.sqrt(len(jobs)))
    rows = math.ceil(len(jobs) / columns)
    side = _cell_side(rows * columns)
    pictures = [_thumbnail(job.output.path, side) for job in jobs]
    width, height = (max(lengths) for lengths in zip(*(p.size for p in pictures), strict=True))
    text = _TEXT if width >= _LEAST_LABELLED else 0
    across, down = width + _GAP, height + text + _GAP
    sheet = Image.new("RGB", (columns * across + _GAP, rows * down + _GAP), "white")
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default()
    for number, (job, picture) in enumerate(zip(jobs, pictures, strict=True)):
        row, column = divmod(number, columns)
        left, top = _GAP + column * across, _GAP + row * down
        place = left + (width - picture.width) // 2, top + (height - picture.height) // 2
        sheet.paste(picture, place, picture)
        if text:
            draw.text((left, top + height), _fitting(job.output.typed.name, font, width), "black")
    write_picture(path, np.asarray(sheet), note=_MARK)


def is_contact_sheet(path: Path) -> bool:
    """Return whether a file is a contact sheet, which may be made anew."""
    try:
        return read_note(path) == _MARK
    except PictureError:
        return False


def _fitting(name: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, width: int) -> str:
    """Return a name, shortened to a width in pixels."""
    shown = name
    while len(name) > 1 and font.getlength(shown) > width:
        name = name[:-1]
        shown = f"{name}..."
    return shown


def _cell_side(cells: int) -> int:
    return max(_SMALLEST, min(_LARGEST, math.isqrt(_MOST_PIXELS // cells) - _GAP - _TEXT))


def _thumbnail(path: Path, side: int) -> Image.Image:
    """Return a picture in RGBA, at most `side` long; a gap where it cannot be read."""
    try:
        image = Image.fromarray(_in_8_bits(in_srgb(read_picture(path)))).convert("RGBA")
    except PictureError:
        return Image.new("RGBA", (side, side))
    image.thumbnail((side, side), Image.Resampling.LANCZOS)
    return image


def _in_8_bits(pixels: Pixels) -> Pixels:
    if np.issubdtype(pixels.dtype, np.floating):
        return (pixels.clip(0, 1) * 255).round().astype(np.uint8)
    return pixels if pixels.dtype == np.uint8 else (pixels / 257).round().astype(np.uint8)
