"""Writing frames as films, with their sound, and as animated pictures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from deepdream_core.pictures.files import can_write, holds_several, write_pictures
from deepdream_core.pictures.picture import PictureError
from deepdream_core.shared.atomic_files import replacing
from deepdream_core.shared.messages import Message
from deepdream_core.video.clip import HD_HEIGHT, Clip, Cut, Frame, films, open_film

_LOSSLESS = {".mkv", ".avi"}
_H264 = {".mp4", ".m4v", ".mov"}
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
        times = list(clip.durations) or 1000 / float(clip.rate)
        write_pictures(path, list(frames), {"duration": times, "loop": 0}, note)
        return []
    av = films()
    try:
        with replacing(path) as unfinished, av.open(str(unfinished), "w") as film:
            return list(_encode(av, film, path, frames, clip, cut))
    except av.FFmpegError as error:
        raise PictureError("file-unwritable", path=str(path), reason=error.strerror) from None


def _encode(
    av: Any, film: Any, path: Path, frames: Iterable[Frame], clip: Clip, cut: Cut
) -> Iterator[str]:
    lossless = path.suffix.lower() in _LOSSLESS
    stream = film.add_stream("ffv1" if lossless else "libx264", rate=clip.rate)
    sound = _Sound(film, clip, cut) if clip.is_film and cut.rate is None else None
    for frame in frames:
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
        film.mux(stream.encode(picture))
    film.mux(stream.encode())
    if sound:
        sound.copy()
        yield from sound.lost
    elif clip.is_film:
        yield Message("sound-left-out")


class _Sound:
    """A film's sound, copied as it is."""

    def __init__(self, film: Any, clip: Clip, cut: Cut) -> None:
        self._film, self._cut = film, cut
        self._source = open_film(clip.path)
        self.lost: list[str] = []
        self._stream = None
        if not self._source.streams.audio:
            return
        track = self._source.streams.audio[0]
        name = track.codec_context.name
        if name in film.supported_codecs or film.format.name == "matroska":
            self._stream = film.add_stream_from_template(track)
        else:
            self.lost.append(Message("sound-does-not-fit", codec=name))

    def copy(self) -> None:
        with self._source as source:
            if self._stream is None:
                return
            track = source.streams.audio[0]
            for packet in source.demux(track):
                if packet.dts is None or packet.pts is None:
                    continue
                at = float(packet.pts * packet.time_base)
                if at < self._cut.start or (self._cut.end is not None and at >= self._cut.end):
                    continue
                shift = round(Fraction(self._cut.start) / packet.time_base)
                packet.pts -= shift
                packet.dts -= shift
                packet.stream = self._stream
                self._film.mux(packet)
