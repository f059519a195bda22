"""Writing frames as films, with their sound, and as animated pictures."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from deepdream_core.pictures.files import write_pictures
from deepdream_core.pictures.formats import can_write, holds_several
from deepdream_core.pictures.picture import PictureError
from deepdream_core.shared.atomic_files import replacing
from deepdream_core.shared.messages import Message
from deepdream_core.video.clip import Clip, Cut, Frame
from deepdream_core.video.films import HD_HEIGHT, films, open_film

_LOSSLESS = {".mkv", ".avi"}
_H264 = {".mp4", ".m4v", ".mov"}
_STEADY = {".avi"}
"""What shows every frame equally long."""
_TICKS = 90_000
"""The units of time in a second, at least; what films on discs and in broadcasts have."""
_QUALITY = "16"
"""x264's constant rate factor; 18 is hardly told from the original, but dreams are all detail."""


def is_film(path: Path) -> bool:
    """Return whether a file name is that of a film that can be written."""
    return path.suffix.lower() in _LOSSLESS | _H264


def check_name(path: Path) -> None:
    """Raise `PictureError` unless a file name tells a film or an animated picture."""
    if is_film(path):
        films()
    elif not (can_write(path) and holds_several(path)):
        raise PictureError("not-moving", path=str(path))


def write_clip(path: Path, frames: Iterable[Frame], clip: Clip, cut: Cut, note: str) -> list[str]:
    """Write frames that were made from a clip; return sentences on what was lost, if anything.

    MP4 and MOV hold H.264, MKV and AVI hold FFV1, which loses nothing. Raises `PictureError`.
    """
    if not is_film(path):
        pictures = list(frames)
        shown = itertools.chain(clip.shown(), itertools.repeat(1 / clip.rate))
        shown = itertools.islice(shown, len(pictures))
        unit = 10 if path.suffix.lower() == ".gif" else 1
        write_pictures(path, pictures, {"duration": _milliseconds(shown, unit), "loop": 0}, note)
        return []
    av = films()
    try:
        with replacing(path) as unfinished, av.open(str(unfinished), "w") as film:
            return list(_encode(av, film, path, frames, clip, cut))
    except av.FFmpegError as error:
        raise PictureError("file-unwritable", path=str(path), reason=error.strerror) from None


def _milliseconds(shown: Iterable[Fraction], unit: int) -> list[int]:
    """Return durations in whole units of so many milliseconds, without drifting from the times."""
    times = itertools.accumulate(shown, initial=Fraction())
    return [
        max(after - before, 1) * unit
        for before, after in itertools.pairwise(round(at * 1000 / unit) for at in times)
    ]


def _encode(
    av: Any, film: Any, path: Path, frames: Iterable[Frame], clip: Clip, cut: Cut
) -> Iterator[str]:
    lossless = path.suffix.lower() in _LOSSLESS
    stream = film.add_stream("ffv1" if lossless else "libx264", rate=clip.rate)
    sound = _Sound(film, clip, cut) if clip.is_film and cut.rate is None else None
    steady = itertools.repeat(1 / clip.rate)
    if path.suffix.lower() in _STEADY:
        shown, tick = steady, 1 / clip.rate
    else:
        shown, tick = itertools.chain(clip.shown(), steady), _tick(clip.rate)
    stream.codec_context.time_base = tick
    at = Fraction()
    for frame, seconds in zip(frames, shown):
        if not lossless:  # its colours have half the resolution
            frame = frame[: frame.shape[0] // 2 * 2, : frame.shape[1] // 2 * 2]
        height, width = frame.shape[:2]
        if not stream.codec_context.is_open:
            stream.width, stream.height = width, height
            stream.pix_fmt = "bgr0" if lossless else "yuv420p"
            if not lossless:
                stream.options = {"crf": _QUALITY, "preset": "medium"}
                matrix = 1 if height >= HD_HEIGHT else 6  # BT.709, BT.601
                stream.codec_context.colorspace = matrix
        picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), format="rgb24")
        if not lossless:
            space = "ITU709" if height >= HD_HEIGHT else "ITU601"
            picture = picture.reformat(format="yuv420p", dst_colorspace=space)
        picture.pts, picture.time_base = round(at / tick), tick
        film.mux(stream.encode(picture))
        at += seconds
        if sound:
            sound.copy(at)
    film.mux(stream.encode())
    if sound:
        yield from sound.lost
    elif clip.is_film:
        yield Message("sound-left-out")


def _tick(rate: Fraction) -> Fraction:
    """Return the unit of a film's times, in seconds: a fine one that fits its rate exactly."""
    return Fraction(1, rate.numerator * math.ceil(_TICKS / rate.numerator))


class _Sound:
    """A film's sound, copied as it is."""

    def __init__(self, film: Any, clip: Clip, cut: Cut) -> None:
        self._film = film
        self._packets: Iterator[tuple[Fraction, Any]] = iter(())
        self.lost: list[str] = []
        with open_film(clip.path) as source:
            if source.streams.audio:
                track = source.streams.audio[0]
                name = track.codec_context.name
                if name in film.supported_codecs or film.format.name == "matroska":
                    stream = film.add_stream_from_template(track)
                    self._packets = _packets(clip.path, cut, stream)
                else:
                    self.lost.append(Message("sound-does-not-fit", codec=name))
        self._next = next(self._packets, None)

    def copy(self, until: Fraction) -> None:
        """Copy the sound of the pictures so far, up to a time in seconds."""
        while self._next and self._next[0] < until:
            self._film.mux(self._next[1])
            self._next = next(self._packets, None)


def _packets(path: Path, cut: Cut, stream: Any) -> Iterator[tuple[Fraction, Any]]:
    """Yield the sound of a cut, to go into `stream`, and its times from the first picture on."""
    with open_film(path) as source:
        picture = source.streams.video[0]
        begun = (picture.start_time or 0) * picture.time_base + Fraction(cut.start)
        for packet in source.demux(source.streams.audio[0]):
            if packet.dts is None or packet.pts is None:
                continue
            at = packet.pts * packet.time_base - begun
            if at < 0:
                continue
            shift = round(begun / packet.time_base)
            packet.pts -= shift
            packet.dts -= shift
            packet.stream = stream
            yield at, packet
