"""Reading frames, from films, animated pictures and folders of pictures."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from deepdream_core.pictures.files import read_picture, read_pictures, readable_suffixes
from deepdream_core.pictures.picture import PictureError, Pixels
from deepdream_core.shared.sizes import Size

Frame = NDArray[np.uint8]

_FILMS = {".mpg", ".mpeg", ".avi"}
"""What Pillow also takes for pictures."""
_USUAL_RATE = Fraction(25)
_USUAL_MILLISECONDS = 100.0
HD_HEIGHT = 720
"""From here on, films without a mark have the colours of BT.709, below it those of BT.601."""


@dataclass(frozen=True)
class Cut:
    """Which of a film's frames are wanted, and how large."""

    start: float = 0.0
    """In seconds."""
    end: float | None = None
    """In seconds; None for the film's end."""
    every: int = 1
    """1 for every frame, 2 for every second one …"""
    room: Size | None = None
    """Height and width that the frames must fit into; None for their own."""
    rate: Fraction | None = None
    """Frames per second of a folder of pictures, and of the result; None for the film's own."""


@dataclass(frozen=True)
class Clip:
    """Frames in order, all of one size."""

    path: Path
    rate: Fraction
    """Frames per second."""
    count: int
    """How many frames there are; for some films an estimate."""
    frames: Callable[[], Iterator[Frame]]
    """Reads them, uint8 (height, width, 3), from the first on. Raises `PictureError`."""
    durations: tuple[float, ...] = ()
    """Of each frame, in milliseconds, where they differ."""
    is_film: bool = False


def open_clip(path: Path, cut: Cut) -> Clip:
    """Open a film, an animated picture or a folder of pictures. Raises `PictureError`."""
    if path.is_dir():
        return _folder(path, cut)
    if not path.exists():
        raise PictureError("no-file", path=str(path))
    if path.suffix.lower() in readable_suffixes() - _FILMS:
        return _picture(path, cut)
    return _film(path, cut)


def _folder(path: Path, cut: Cut) -> Clip:
    known = readable_suffixes()
    files = sorted(p for p in path.iterdir() if p.suffix.lower() in known and p.is_file())
    if not files:
        raise PictureError("no-frames", path=str(path))
    own = cut.rate or _USUAL_RATE
    chosen = files[_wanted(len(files), own, cut)]
    return Clip(path, own / cut.every, len(chosen), lambda: _alike(map(_read, chosen), cut))


def _picture(path: Path, cut: Cut) -> Clip:
    first = read_picture(path)
    shown = first.kept.get("duration") or _USUAL_MILLISECONDS
    own = Fraction(1000 / float(shown)).limit_denominator(1001)
    wanted = _wanted(first.pictures, own, cut)

    def frames() -> Iterator[Frame]:
        pictures = itertools.islice(
            read_pictures(path, read_picture(path)), wanted.start, wanted.stop, wanted.step
        )
        return _alike((_on_white(picture.pixels) for picture in pictures), cut)

    numbers = range(first.pictures)[wanted]
    with Image.open(path) as image:
        durations = tuple(_duration(image, number) * cut.every for number in numbers)
    if len(durations) == 1 or cut.rate:
        durations = ()
    return Clip(path, cut.rate or own / cut.every, len(numbers), frames, durations)


def _duration(image: Image.Image, number: int) -> float:
    if number:
        image.seek(number)
        image.load()  # only then the duration is that of this frame
    return float(image.info.get("duration") or _USUAL_MILLISECONDS)


def _film(path: Path, cut: Cut) -> Clip:
    av = films()
    with _told(path), open_film(path) as film:
        if not film.streams.video:
            raise PictureError("no-frames", path=str(path))
        stream = film.streams.video[0]
        own = Fraction(stream.average_rate or _USUAL_RATE)
        seconds = float(film.duration or 0) / av.time_base
        count = stream.frames or round(seconds * own)
    wanted = _wanted(count, own, cut)

    def frames() -> Iterator[Frame]:
        with _told(path), open_film(path) as film:
            film.streams.video[0].thread_type = "AUTO"
            pictures = itertools.islice(
                film.decode(video=0),
                wanted.start,
                None if cut.end is None else wanted.stop,
                wanted.step,
            )
            yield from _alike((_rgb(picture) for picture in pictures), cut)

    numbers = range(count)[wanted]
    return Clip(path, (cut.rate or own / cut.every), len(numbers), frames, is_film=True)


def open_film(path: Path) -> Any:
    """Open a film file that may come from anybody: a playlist must not open connections."""
    return films().open(str(path), options={"protocol_whitelist": "file"})


def films() -> Any:
    """Return the module that reads and writes films. Raises `PictureError`."""
    try:
        import av
    except ImportError:
        raise PictureError("no-films") from None
    return av


@contextlib.contextmanager
def _told(path: Path) -> Iterator[None]:
    """Raise `PictureError` for whatever FFmpeg raises."""
    try:
        yield
    except films().FFmpegError as error:
        raise PictureError("picture-unreadable", path=str(path), reason=error.strerror) from None


def _rgb(picture: Any) -> Frame:
    marked = str(picture.colorspace).rpartition(".")[2] if picture.colorspace else ""
    own = "ITU709" if picture.height >= HD_HEIGHT else "ITU601"
    named = {"1": "ITU709", "5": "ITU601", "6": "ITU601", "ITU709": "ITU709", "ITU601": "ITU601"}
    return picture.to_ndarray(format="rgb24", src_colorspace=named.get(marked, own))


def _wanted(count: int, rate: Fraction, cut: Cut) -> slice:
    start = round(cut.start * rate)
    stop = count if cut.end is None else min(count, round(cut.end * rate))
    return slice(start, max(start, stop), cut.every)


def _read(path: Path) -> Frame:
    return _on_white(read_picture(path).pixels)


def _on_white(pixels: Pixels) -> Frame:
    """Return a picture of any kind as uint8 RGB."""
    if pixels.dtype == np.uint16:
        pixels = (pixels.astype(np.float32) / 257).round().astype(np.uint8)
    elif pixels.dtype != np.uint8:
        pixels = (pixels.clip(0, 1) * 255).round().astype(np.uint8)
    picture = Image.fromarray(pixels).convert("RGBA")
    white = Image.new("RGBA", picture.size, "white")
    return np.array(Image.alpha_composite(white, picture).convert("RGB"))


def _alike(frames: Iterator[Frame], cut: Cut) -> Iterator[Frame]:
    """Yield frames in the size of the first, or as large as fits."""
    size: Size | None = None
    for frame in frames:
        own = frame.shape[0], frame.shape[1]
        if size is None:
            size = own if cut.room is None else _fitted(own, cut.room)
        if own != size:
            fitted = Image.fromarray(frame).resize((size[1], size[0]), Image.Resampling.LANCZOS)
            frame = np.array(fitted)
        yield frame


def _fitted(size: Size, room: Size) -> Size:
    factor = min(room[0] / size[0], room[1] / size[1])
    return max(1, round(size[0] * factor)), max(1, round(size[1] * factor))
