"""Reading and writing films, animations and folders of frames."""

from __future__ import annotations

import socket
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from deepdream_core.pictures.picture import PictureError
from deepdream_core.video.clip import Clip, Cut, open_clip
from deepdream_core.video.writing import check_name, write_clip

COLOURS = ((200, 40, 40), (40, 180, 60), (50, 60, 200), (230, 200, 40), (128, 128, 128))


def patches(count: int = 6, size: tuple[int, int] = (64, 80)) -> list[np.ndarray]:
    """Frames of flat colours, each of another brightness."""
    frames = []
    for number in range(count):
        frame = np.zeros((*size, 3), np.uint8)
        for place, colour in enumerate(COLOURS):
            frame[:, place * 16 : place * 16 + 16] = np.array(colour) * (number + 10) // 16
        frames.append(frame)
    return frames


def clip_of(frames: list[np.ndarray], rate: int = 10) -> Clip:
    return Clip(Path("none"), Fraction(rate), len(frames), lambda: iter(frames))


@pytest.mark.parametrize(
    ("name", "most_off"), [("a.mkv", 0), ("a.mp4", 6), ("a.mov", 6), ("a.webp", 30), ("a.png", 0)]
)
@pytest.mark.parametrize("size", [(64, 80), (720, 80)])
def test_what_is_written_is_read(
    tmp_path: Path, name: str, most_off: int, size: tuple[int, int]
) -> None:
    """Films of 720 lines and more have other colours: a wrong matrix would be off by about 20."""
    frames = patches(3 if size[0] > 100 else 6, size)
    path = tmp_path / name
    write_clip(path, frames, clip_of(frames), Cut(), "")
    clip = open_clip(path, Cut())
    read = list(clip.frames())
    assert (clip.count, clip.rate) == (len(frames), 10)
    for frame, again in zip(frames, read, strict=True):
        inside = np.abs(frame.astype(int) - again)[8:-8, 4::16]
        assert inside.max() <= most_off


@pytest.mark.parametrize("kind", ["gif", "webp", "png"])
def test_an_animation_keeps_its_durations(tmp_path: Path, kind: str) -> None:
    source, result = tmp_path / f"in.{kind}", tmp_path / f"out.{kind}"
    first, *others = (Image.fromarray(frame) for frame in patches(3))
    first.save(source, save_all=True, append_images=others, duration=[100, 300, 50], loop=0)
    clip = open_clip(source, Cut())
    assert clip.durations == (100, 300, 50)
    write_clip(result, clip.frames(), clip, Cut(), "")
    assert open_clip(result, Cut()).durations == (100, 300, 50)


def test_frames_are_chosen_by_time_and_number(tmp_path: Path) -> None:
    frames = patches(10)
    write_clip(tmp_path / "in.mkv", frames, clip_of(frames), Cut(), "")
    clip = open_clip(tmp_path / "in.mkv", Cut(start=0.2, end=0.8, every=2, room=(32, 1000)))
    read = list(clip.frames())
    assert (clip.count, len(read), clip.rate) == (3, 3, 5)
    assert read[0].shape == (32, 40, 3)
    assert abs(int(read[1][16, 10, 0]) - int(frames[4][32, 20, 0])) <= 2


def test_a_folder_is_read_in_the_order_of_its_names(tmp_path: Path) -> None:
    for number, frame in enumerate(patches(3)):
        Image.fromarray(frame).save(tmp_path / f"{9 - number}.png")
    (tmp_path / "readme.txt").write_text("not a frame")
    clip = open_clip(tmp_path, Cut(rate=Fraction(12)))
    assert (clip.count, clip.rate) == (3, 12)
    assert np.array_equal(next(clip.frames()), patches(3)[2])


@pytest.mark.parametrize(
    ("name", "codec", "lost"),
    [("out.mkv", "pcm_s16le", 0), ("out.mp4", "aac", 0), ("out.mp4", "adpcm_ms", 1)],
)
def test_a_films_sound_is_kept_or_missed(tmp_path: Path, name: str, codec: str, lost: int) -> None:
    source = tmp_path / "in.avi"
    rate = 16000
    with av.open(str(source), "w") as film:
        video = film.add_stream("ffv1", rate=10)
        video.width, video.height, video.pix_fmt = 80, 64, "bgr0"
        sound = film.add_stream(codec, rate=rate, layout="mono")
        for number, frame in enumerate(patches(10)):
            film.mux(video.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
            tone = (np.sin(np.arange(rate // 10) / 5) * 9000).astype(np.int16)
            samples = av.AudioFrame.from_ndarray(tone[None], format="s16", layout="mono")
            samples.sample_rate, samples.pts = rate, number * rate // 10
            film.mux(sound.encode(samples))
        film.mux(video.encode())
        film.mux(sound.encode())
    cut = Cut(start=0.5)
    clip = open_clip(source, cut)
    told = write_clip(tmp_path / name, clip.frames(), clip, cut, "")
    assert len(told) == lost
    with av.open(str(tmp_path / name)) as film:
        assert len(film.streams.audio) == 1 - lost
        if not lost:
            heard = sum(frame.samples for frame in film.decode(audio=0))
            assert 0.4 * rate < heard < 0.65 * rate


@pytest.mark.parametrize("name", ["a.jpg", "a.txt", "a.mp3"])
def test_a_name_that_cannot_hold_a_film_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(PictureError, match="cannot hold a film"):
        check_name(tmp_path / name)


@pytest.mark.parametrize("content", [b"", b"no film at all", b"\0" * 4000])
def test_a_broken_film_is_one_sentence(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "broken.mp4").write_bytes(content)
    with pytest.raises(PictureError, match=r"broken.mp4 (cannot be read|has no frames)"):
        open_clip(tmp_path / "broken.mp4", Cut())


def test_a_playlist_opens_no_connection(tmp_path: Path) -> None:
    """A film from somebody else must not tell a server who looks at it."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        server.settimeout(0.5)
        address = f"http://127.0.0.1:{server.getsockname()[1]}/film.ts"
        playlist = f"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n{address}\n#EXT-X-ENDLIST\n"
        (tmp_path / "film.m3u8").write_text(playlist)
        with pytest.raises(PictureError):
            list(open_clip(tmp_path / "film.m3u8", Cut()).frames())
        with pytest.raises(TimeoutError):
            server.accept()
