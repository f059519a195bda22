"""Converting and editing GdkPixbuf pictures, without cairo, which GIMP's Python may lack."""

from __future__ import annotations

from pathlib import Path

from deepdream_core.shared.protocol import Picture, PixelBytes
from deepdream_core.shared.sizes import Region
from deepdream_plugin.dialog.gtk import GdkPixbuf, GLib
from deepdream_plugin.dialog.looking import Line
from deepdream_plugin.dialog.plan import box_around

_BILINEAR = GdkPixbuf.InterpType.BILINEAR
_NEAREST = GdkPixbuf.InterpType.NEAREST
_ANY_GRADE = b"\0" + b"\xff" * 255
_DIMMED = bytes((255 - grade) * 3 // 5 for grade in range(256))
"""Maps the grades of a selection to the opacity of a shade outside it."""
_CHECK_SIZE, _DARK_CHECK, _LIGHT_CHECK = 8, 0x00666666, 0x00999999


def pixbuf_from_bytes(data: PixelBytes, width: int, height: int, channels: int) -> GdkPixbuf.Pixbuf:
    """Convert 8-bit pixels (1 gray, 3 RGB or 4 RGBA channels) to a pixbuf of 3 or 4 channels."""
    if channels == 1:
        rgb = bytearray(3 * width * height)
        rgb[0::3] = rgb[1::3] = rgb[2::3] = data
        data, channels = rgb, 3
    content = GLib.Bytes.new(data if isinstance(data, bytes) else bytes(data))
    return GdkPixbuf.Pixbuf.new_from_bytes(
        content, GdkPixbuf.Colorspace.RGB, channels == 4, 8, width, height, width * channels
    )


def pixbuf_from_picture(picture: Picture) -> GdkPixbuf.Pixbuf:
    """Convert a preview from the engine (uint8, RGB) to a pixbuf."""
    return pixbuf_from_bytes(picture.data, picture.width, picture.height, picture.channels)


def picture_from_pixbuf(
    pixbuf: GdkPixbuf.Pixbuf, gray: bool = False, alpha: bool = False
) -> Picture:
    """Convert a pixbuf to a picture for the engine, with its alpha, if any, only if asked to."""
    width, height = pixbuf.get_width(), pixbuf.get_height()
    step, stride = pixbuf.get_n_channels(), pixbuf.get_rowstride()
    data = pixbuf.get_pixels()
    if stride != width * step:
        data = b"".join(data[y * stride : y * stride + width * step] for y in range(height))
    data = data[: width * height * step]
    if alpha and step == 4 and gray:
        pairs = bytearray(2 * width * height)
        pairs[0::2], pairs[1::2] = data[0::4], data[3::4]
        return Picture(width, height, 2, pairs, sample="uint8")
    if alpha and step == 4:
        return Picture(width, height, 4, data, sample="uint8")
    if gray:
        return Picture(width, height, 1, data[0::step], sample="uint8")
    if step == 3:
        return Picture(width, height, 3, data, sample="uint8")
    rgb = bytearray(3 * width * height)
    for channel in range(3):
        rgb[channel::3] = data[channel::step]
    return Picture(width, height, 3, rgb, sample="uint8")


def resized(pixbuf: GdkPixbuf.Pixbuf, width: int, height: int) -> GdkPixbuf.Pixbuf:
    """Scale a pixbuf, averaging pixels when it shrinks."""
    if (pixbuf.get_width(), pixbuf.get_height()) == (width, height):
        return pixbuf
    return pixbuf.scale_simple(width, height, _BILINEAR)


def box_of(grades: GdkPixbuf.Pixbuf) -> Region | None:
    """Return the smallest rectangle around all pixels of a gray picture that are not black."""
    picture = picture_from_pixbuf(grades, gray=True)
    return box_around(bytes(picture.data), picture.width, picture.height)


def coverage(covered: Region, region: Region, shown: tuple[int, int]) -> GdkPixbuf.Pixbuf | None:
    """Return a mask, as `looked_at` would, of what is covered; None if all of it is."""
    if covered.overlap(region) == region:
        return None
    return looked_at(pixbuf_from_bytes(b"\xff", 1, 1, 1), covered, region, shown)


def looked_at(
    pixbuf: GdkPixbuf.Pixbuf, covered: Region, region: Region, shown: tuple[int, int]
) -> GdkPixbuf.Pixbuf:
    """Return how a region of a layer looks at the size `shown` (width, height).

    `covered`: the region of the layer that the pixbuf is a picture of; outside it is black.
    """
    across, down = shown[0] / region.width, shown[1] / region.height
    x, y = (covered.x - region.x) * across, (covered.y - region.y) * down
    left, top = max(0, round(x)), max(0, round(y))
    right = min(shown[0], round(x + covered.width * across))
    bottom = min(shown[1], round(y + covered.height * down))
    result = GdkPixbuf.Pixbuf.new(
        GdkPixbuf.Colorspace.RGB, pixbuf.get_has_alpha(), 8, shown[0], shown[1]
    )
    result.fill(0x000000FF)
    if left < right and top < bottom:
        scales = (
            across * covered.width / pixbuf.get_width(),
            down * covered.height / pixbuf.get_height(),
        )
        pixbuf.scale(result, left, top, right - left, bottom - top, x, y, *scales, _BILINEAR)
    return result


def shade_outside(grades: GdkPixbuf.Pixbuf) -> GdkPixbuf.Pixbuf:
    """Return a shade to lay over a picture where a selection, a gray picture, is black."""
    width, height = grades.get_width(), grades.get_height()
    black = pixbuf_from_bytes(bytes(width * height), width, height, 1)
    return _with_alpha(black, bytes(picture_from_pixbuf(grades, gray=True).data).translate(_DIMMED))


def shaded(pixbuf: GdkPixbuf.Pixbuf, shade: GdkPixbuf.Pixbuf) -> GdkPixbuf.Pixbuf:
    """Return a picture with a shade of the same size laid over it."""
    result, (width, height) = pixbuf.copy(), (pixbuf.get_width(), pixbuf.get_height())
    shade.composite(result, 0, 0, width, height, 0, 0, 1, 1, _NEAREST, 255)
    return result


def side_by_side(before: GdkPixbuf.Pixbuf, after: GdkPixbuf.Pixbuf, gap: int) -> GdkPixbuf.Pixbuf:
    """Return two pictures of the same size beside each other."""
    width, height = after.get_width(), after.get_height()
    both = GdkPixbuf.Pixbuf.new(GdkPixbuf.Colorspace.RGB, True, 8, 2 * width + gap, height)
    both.fill(0)
    for picture, x in ((before, 0), (after, width + gap)):
        opaque = picture if picture.get_has_alpha() else picture.add_alpha(False, 0, 0, 0)
        opaque.copy_area(0, 0, width, height, both, x, 0)
    return both


def part_of(pixbuf: GdkPixbuf.Pixbuf, region: Region) -> GdkPixbuf.Pixbuf:
    """Return a copy of part of a pixbuf, or the pixbuf itself if it is all of it."""
    if (region.width, region.height) == (pixbuf.get_width(), pixbuf.get_height()):
        return pixbuf
    return pixbuf.new_subpixbuf(region.x, region.y, region.width, region.height).copy()


def fitted(width: int, height: int, area: tuple[int, int], largest: float = 3.0) -> tuple[int, int]:
    """Return the size at which a picture fits an area, enlarged by at most `largest`."""
    scale = min(area[0] / width, area[1] / height, largest)
    return max(1, int(width * scale)), max(1, int(height * scale))


def with_alpha_of(dream: GdkPixbuf.Pixbuf, source: GdkPixbuf.Pixbuf | None) -> GdkPixbuf.Pixbuf:
    """Apply the source's alpha, if any, to the dream and show it on a checkerboard."""
    if source is None or not source.get_has_alpha():
        return dream
    alpha = resized(source, dream.get_width(), dream.get_height()).get_pixels()[3::4]
    return on_chequers(_with_alpha(dream, alpha))


def product(one: GdkPixbuf.Pixbuf, other: GdkPixbuf.Pixbuf) -> GdkPixbuf.Pixbuf:
    """Return the product of two gray pictures of the same size."""
    width, height = one.get_width(), one.get_height()
    shown = _with_alpha(one, picture_from_pixbuf(other, gray=True).data)
    return shown.composite_color_simple(width, height, _NEAREST, 255, _CHECK_SIZE, 0, 0)


def masked(pixbuf: GdkPixbuf.Pixbuf, mask: GdkPixbuf.Pixbuf) -> GdkPixbuf.Pixbuf:
    """Return a picture as a mask of the same size, a gray picture, lets it be seen."""
    if pixbuf.get_has_alpha():
        alpha = pixbuf.get_pixels()[3::4]
        mask = product(pixbuf_from_bytes(alpha, pixbuf.get_width(), pixbuf.get_height(), 1), mask)
    return _with_alpha(pixbuf, picture_from_pixbuf(mask, gray=True).data)


def _with_alpha(pixbuf: GdkPixbuf.Pixbuf, alpha: PixelBytes) -> GdkPixbuf.Pixbuf:
    colours = pixbuf if pixbuf.get_has_alpha() else pixbuf.add_alpha(False, 0, 0, 0)
    # Rows of four-channel pixels have no padding.
    pixels = bytearray(colours.get_pixels())
    pixels[3::4] = alpha
    return pixbuf_from_bytes(pixels, pixbuf.get_width(), pixbuf.get_height(), 4)


def alpha_of(picture: Picture, side: int) -> GdkPixbuf.Pixbuf | None:
    """Return a pixbuf that has the alpha of a picture of floats, or None if it has none.

    It is scaled down, by a whole number, to at least `side` pixels along its longer side.
    """
    if picture.channels not in (2, 4):
        return None
    alpha, width, height = _last_channel(picture, side)
    pixels = bytearray(4 * width * height)
    pixels[3::4] = alpha
    return pixbuf_from_bytes(pixels, width, height, 4)


def soft_mask_of(mask: Picture, side: int) -> GdkPixbuf.Pixbuf | None:
    """Return a mask of floats as a gray pixbuf, or None if it is only black and white.

    It is scaled down, by a whole number, to at least `side` pixels along its longer side.
    """
    grades, width, height = _last_channel(mask, side)
    return pixbuf_from_bytes(grades, width, height, 1) if {*grades} - {0, 255} else None


def _last_channel(picture: Picture, side: int) -> tuple[bytes, int, int]:
    """Return the last channel of floats in 8 bits, scaled down, with its width and height."""
    channels = picture.channels
    every = max(1, max(picture.width, picture.height) // side)
    samples = memoryview(picture.data).cast("B").cast("f")
    row = picture.width * channels
    rows = [
        samples[y * row + channels - 1 : (y + 1) * row : every * channels]
        for y in range(0, picture.height, every)
    ]
    grades = bytes(round(255 * max(0.0, min(1.0, a))) for alphas in rows for a in alphas)
    return grades, len(rows[0]), len(rows)


def laid_over(
    dream: GdkPixbuf.Pixbuf, below: GdkPixbuf.Pixbuf, mask: GdkPixbuf.Pixbuf
) -> GdkPixbuf.Pixbuf:
    """Return a picture with a dream laid over it through a mask, a gray picture.

    All have the same size.
    """
    return shaded(below, _with_alpha(dream, picture_from_pixbuf(mask, gray=True).data))


def without_grades(mask: GdkPixbuf.Pixbuf) -> GdkPixbuf.Pixbuf:
    """Return a mask, a gray picture, in black and white: white wherever it is not black."""
    grades = bytes(picture_from_pixbuf(mask, gray=True).data).translate(_ANY_GRADE)
    return pixbuf_from_bytes(grades, mask.get_width(), mask.get_height(), 1)


def on_chequers(pixbuf: GdkPixbuf.Pixbuf) -> GdkPixbuf.Pixbuf:
    """Return an opaque picture, with a checkerboard behind transparent areas."""
    if not pixbuf.get_has_alpha():
        return pixbuf
    size = pixbuf.get_width(), pixbuf.get_height()
    return pixbuf.composite_color_simple(
        *size, _BILINEAR, 255, _CHECK_SIZE, _DARK_CHECK, _LIGHT_CHECK
    )


def grayed(pixbuf: GdkPixbuf.Pixbuf) -> GdkPixbuf.Pixbuf:
    """Return a pixbuf without colour."""
    gray = pixbuf.copy()
    pixbuf.saturate_and_pixelate(gray, 0.0, False)
    return gray


def split(before: GdkPixbuf.Pixbuf, after: GdkPixbuf.Pixbuf, line: Line) -> GdkPixbuf.Pixbuf:
    """Combine two pictures of the same size: `before` on one side of a line, `after` beyond it."""
    size = width, height = after.get_width(), after.get_height()
    both = after.copy()
    if both.get_has_alpha():
        both = on_chequers(both)
    for row in range(height):
        original, drawn = line.in_row(row, size)
        if original:
            before.copy_area(original.start, row, len(original), 1, both, original.start, row)
        if drawn:
            edge = max(0, drawn.start - 1)
            rim = min(width, drawn.stop + 1) - edge
            both.new_subpixbuf(edge, row, rim, 1).fill(0x202020FF)
            both.new_subpixbuf(drawn.start, row, len(drawn), 1).fill(0xFFFFFFFF)
    return both


Box = tuple[int, int, int, int]
"""x, y, width and height."""


class Sheets:
    """Cuts thumbnails out of picture files, reading each sheet once."""

    def __init__(self) -> None:
        self._read: dict[Path, GdkPixbuf.Pixbuf | None] = {}
        self._cut: dict[tuple[Path, Box, int], GdkPixbuf.Pixbuf | None] = {}

    def thumbnail(self, path: Path, box: Box | None, side: int) -> GdkPixbuf.Pixbuf | None:
        """Return a square picture from a file, or part of it; None if it cannot be read."""
        if box is None:  # a picture that the artist may have replaced: do not cache it
            whole = _from_file(path)
            return whole and on_chequers(square(whole, side))
        if (path, box, side) not in self._cut:
            if path not in self._read:
                self._read[path] = _from_file(path)
            self._cut[path, box, side] = _cut(self._read[path], Region(*box), side)
        return self._cut[path, box, side]


def _from_file(path: Path) -> GdkPixbuf.Pixbuf | None:
    try:
        return GdkPixbuf.Pixbuf.new_from_file(str(path))
    except GLib.Error:
        return None


def _cut(whole: GdkPixbuf.Pixbuf | None, region: Region, side: int) -> GdkPixbuf.Pixbuf | None:
    if whole is None or region.x + region.width > whole.get_width():
        return None
    if region.y + region.height > whole.get_height():
        return None
    return square(part_of(whole, region), side)


def plain(side: int) -> GdkPixbuf.Pixbuf:
    """Return a square without a picture, of a shade that light and dark themes differ from."""
    blank = GdkPixbuf.Pixbuf.new(GdkPixbuf.Colorspace.RGB, True, 8, side, side)
    blank.fill(0x80808040)
    return blank


def square(pixbuf: GdkPixbuf.Pixbuf, side: int) -> GdkPixbuf.Pixbuf:
    """Return the centre of a picture as a square."""
    width, height = pixbuf.get_width(), pixbuf.get_height()
    edge = min(width, height)
    region = Region((width - edge) // 2, (height - edge) // 2, edge, edge)
    return resized(part_of(pixbuf, region), side, side)
