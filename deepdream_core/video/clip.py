"""Reading frames, from films, animated pictures and folders of pictures."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from deepdream_core.pictures.files import read_picture, read_pictures, readable_suffixes
from deepdream_core.pictures.picture import PictureError, Pixels
from deepdream_core.pictures.profiles import in_srgb
from deepdream_core.shared.sizes import Size
from deepdream_core.video.films import film_of, films, pixel_shape, pixels_of, timed_pictures

Frame = NDArray[np.uint8]
_T = TypeVar("_T")

_FILMS = {".mpg", ".mpeg", ".avi"}
"""What Pillow also takes for pictures."""
_USUAL_RATE = Fraction(25)
_USUAL_MILLISECONDS = 100.0
_SHORTEST = Fraction(1, 1000)
"""For how many seconds a frame is shown at least, whatever a damaged film says."""


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
    shown: Callable[[], Iterator[Fraction]]
    """Reads how long each frame is shown, in seconds; may yield more. Raises `PictureError`."""
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
    found = (p for p in path.iterdir() if p.suffix.lower() in known and p.is_file())
    files = sorted(found, key=lambda p: _with_numbers(p.name))
    if not files:
        raise PictureError("no-frames", path=str(path))
    own = cut.rate or _USUAL_RATE
    chosen = files[_wanted(len(files), own, cut)]
    rate = cut.rate or own / cut.every
    return Clip(
        path,
        rate,
        len(chosen),
        lambda: _alike(map(_read, chosen), cut),
        lambda: itertools.repeat(1 / rate),
    )


def _with_numbers(name: str) -> list[tuple[str, int]]:
    """Return what sorts a name as people do: frame 9 before frame 10."""
    return [(text, int(digits or 0)) for text, digits in re.findall(r"(\D*)(\d*)", name)]


def _picture(path: Path, cut: Cut) -> Clip:
    first = read_picture(path)
    with Image.open(path) as image:
        durations = [_duration(image, number) for number in range(first.pictures)]
    length = sum(durations, Fraction())
    own = len(durations) / length
    rate = cut.rate or own / cut.every
    times = itertools.accumulate(durations[:-1], initial=Fraction())
    chosen = list(_chosen(enumerate(times), own, cut))
    numbers = {number for number, _ in chosen}

    def frames() -> Iterator[Frame]:
        pictures = enumerate(read_pictures(path, read_picture(path)))
        wanted = (picture for number, picture in pictures if number in numbers)
        return _alike((_on_white(in_srgb(picture)) for picture in wanted), cut)

    if cut.rate:
        shown = [1 / cut.rate] * len(numbers)
    else:
        end = length if cut.end is None else min(length, Fraction(cut.end))
        ends = [*(at for _, at in chosen[1:]), end]
        shown = [max(after - at, _SHORTEST) for (_, at), after in zip(chosen, ends, strict=True)]
    return Clip(path, rate, len(numbers), frames, lambda: iter(shown))


def _duration(image: Image.Image, number: int) -> Fraction:
    """Return how long a picture of an animation is shown, in seconds."""
    if number:
        image.seek(number)
        image.load()  # only then the duration is that of this frame
    milliseconds = float(image.info.get("duration") or _USUAL_MILLISECONDS)
    return Fraction(milliseconds).limit_denominator(1000) / 1000


def _film(path: Path, cut: Cut) -> Clip:
    with film_of(path) as film:
        stream = film.streams.video[0]
        own = Fraction(stream.average_rate or stream.guessed_rate or _USUAL_RATE)
        seconds = float(film.duration or 0) / films().time_base
        count = stream.frames or round(seconds * own)
        stretched = pixel_shape(stream)
    rate = cut.rate or own / cut.every

    def frames() -> Iterator[Frame]:
        pictures = _chosen(timed_pictures(path, own), own, cut)
        yield from _alike((pixels_of(picture, stretched) for picture, _ in pictures), cut)

    def shown() -> Iterator[Fraction]:
        if cut.rate:
            return itertools.repeat(1 / cut.rate)
        return _differences((at for _, at in _chosen(timed_pictures(path, own), own, cut)), rate)

    numbers = range(count)[_wanted(count, own, cut)]
    return Clip(path, rate, len(numbers), frames, shown, is_film=True)


def _chosen(
    timed: Iterable[tuple[_T, Fraction]], rate: Fraction, cut: Cut
) -> Iterator[tuple[_T, Fraction]]:
    """Yield what a cut wants of a film's frames and the times when they are shown."""
    half = 1 / (2 * rate)
    start = Fraction(cut.start) - half
    wanted = itertools.dropwhile(lambda pair: pair[1] < start, timed)
    if cut.end is not None:
        end = Fraction(cut.end) - half
        wanted = itertools.takewhile(lambda pair: pair[1] < end, wanted)
    return itertools.islice(wanted, 0, None, cut.every)


def _differences(times: Iterator[Fraction], rate: Fraction) -> Iterator[Fraction]:
    """Yield how long each frame is shown, in seconds; nobody knows how long the last one is."""
    for one, other in itertools.pairwise(times):
        yield max(other - one, _SHORTEST)
    yield 1 / rate


def _wanted(count: int, rate: Fraction, cut: Cut) -> slice:
    start = round(cut.start * rate)
    stop = count if cut.end is None else min(count, round(cut.end * rate))
    return slice(start, max(start, stop), cut.every)


def _read(path: Path) -> Frame:
    return _on_white(in_srgb(read_picture(path)))


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
