"""Reading films with FFmpeg: upright, in square pixels, and with the time of each frame."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deepdream_core.pictures.picture import PictureError

HD_HEIGHT = 720
"""From here on, films without a mark have the colours of BT.709, below it those of BT.601."""
_MATRICES = {1: 1, 5: 5, 6: 5, 9: 9}
"""The matrices of BT.709, BT.601 and BT.2020, by a film's mark; both numbers are FFmpeg's."""
_BT709, _BT601 = 1, 5
_SRGB_CURVE = 13
_WIDE_PRIMARIES = {9, 11, 12}
"""Of BT.2020 and of both kinds of P3: FFmpeg's numbers."""
_HDR_CURVES = {16, 18}
"""PQ and HLG: FFmpeg's numbers."""


def films() -> Any:
    """Return the module that reads and writes films. Raises `PictureError`."""
    try:
        import av
    except ImportError:
        raise PictureError("no-films") from None
    return av


def open_film(path: Path) -> Any:
    """Open a film file that may come from anybody: a playlist must not open connections."""
    return films().open(str(path), options={"protocol_whitelist": "file"})


@contextlib.contextmanager
def film_of(path: Path) -> Iterator[Any]:
    """Provide an open film; whatever FFmpeg raises becomes `PictureError`."""
    try:
        with open_film(path) as film:
            if not film.streams.video:
                raise PictureError("no-frames", path=str(path))
            yield film
    except films().FFmpegError as error:
        raise PictureError("picture-unreadable", path=str(path), reason=error.strerror) from None


def timed_pictures(path: Path, rate: Fraction) -> Iterator[tuple[Any, Fraction]]:
    """Yield FFmpeg's frames of a film, and when each is shown, in seconds from the first.

    Damaged frames are left out, as players do. `rate` in frames per second counts where a film has
    no times. Raises `PictureError`.
    """
    with film_of(path) as film:
        stream = film.streams.video[0]
        stream.thread_type = "AUTO"
        first, last = None, Fraction(-1)
        for picture in _decoded(film, stream):
            at = last + 1 / rate if picture.pts is None else picture.pts * picture.time_base
            first = at if first is None else first
            last = at
            yield picture, at - first


def _decoded(film: Any, stream: Any) -> Iterator[Any]:
    invalid = films().error.InvalidDataError
    packets = film.demux(stream)
    while True:
        try:
            packet = next(packets, None)
            if packet is None:
                return
            yield from packet.decode()
        except invalid:
            continue


def pixels_of(picture: Any, stretched: Fraction) -> NDArray[np.uint8]:
    """Return one of FFmpeg's frames as people see it: uint8 (height, width, 3), RGB.

    `stretched`: how much wider than high a pixel is. HDR and wide-gamut films are converted to
    sRGB; a film that was shot with the camera on its side is turned.
    """
    own = _BT709 if picture.height >= HD_HEIGHT else _BT601
    target: dict[str, Any] = {}
    if picture.color_primaries in _WIDE_PRIMARIES or picture.color_trc in _HDR_CURVES:
        target = {"dst_color_primaries": _BT709, "dst_color_trc": _SRGB_CURVE}
    pixels = picture.to_ndarray(
        format="rgb24",
        width=max(1, round(picture.width * stretched)),
        src_colorspace=_MATRICES.get(int(picture.colorspace or 0), own),
        **target,
    )
    return np.rot90(pixels, round(picture.rotation / 90))


def pixel_shape(stream: Any) -> Fraction:
    """Return how much wider than high a stream's pixels are; 1 where that is not known."""
    shape = stream.sample_aspect_ratio
    return Fraction(shape) if shape and math.isfinite(shape) else Fraction(1)
