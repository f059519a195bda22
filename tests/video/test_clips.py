"""Reading and writing films, animations and folders of frames."""

from __future__ import annotations

import re
import socket
from fractions import Fraction
from pathlib import Path
from typing import Any

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
    return Clip(Path("none"), Fraction(rate), len(frames), lambda: iter(frames), lambda: iter(()))


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
    shown = [Fraction(1, 10), Fraction(3, 10), Fraction(1, 20)]
    assert list(clip.shown()) == shown
    write_clip(result, clip.frames(), clip, Cut(), "")
    assert list(open_clip(result, Cut()).shown()) == shown


def test_frames_are_chosen_by_time_and_number(tmp_path: Path) -> None:
    frames = patches(10)
    write_clip(tmp_path / "in.mkv", frames, clip_of(frames), Cut(), "")
    clip = open_clip(tmp_path / "in.mkv", Cut(start=0.2, end=0.8, every=2, room=(32, 1000)))
    read = list(clip.frames())
    assert (clip.count, len(read), clip.rate) == (3, 3, 5)
    assert read[0].shape == (32, 40, 3)
    assert abs(int(read[1][16, 10, 0]) - int(frames[4][32, 20, 0])) <= 2


def test_a_folder_is_read_in_the_order_of_its_numbers(tmp_path: Path) -> None:
    for number, frame in enumerate(patches(3)):
        Image.fromarray(frame).save(tmp_path / f"frame {11 - number}.png")
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


def film(
    path: Path, frames: list[np.ndarray], times: list[float] | None = None, **about: Any
) -> Path:
    """Write a film with frames at these times, in seconds; 10 a second where none are given."""
    with av.open(str(path), "w") as made:
        codec = about.get("codec", "libx264" if path.suffix == ".mp4" else "ffv1")
        stream = made.add_stream(codec, rate=10)
        stream.height, stream.width = frames[0].shape[:2]
        stream.pix_fmt = {"libx264": "yuv420p", "ffv1": "bgr0"}.get(codec, "rgb24")
        stream.codec_context.time_base = Fraction(1, 1000)
        stream.codec_context.sample_aspect_ratio = about.get("shape", Fraction(1))
        if about.get("turned"):
            stream.set_display_rotation(about["turned"])
        for number, frame in enumerate(frames):
            picture = av.VideoFrame.from_ndarray(frame, format="rgb24")
            picture.pts = round(1000 * (times[number] if times else number / 10))
            picture.time_base = Fraction(1, 1000)
            made.mux(stream.encode(picture))
        made.mux(stream.encode())
    return path


def times_in(path: Path) -> list[float]:
    with av.open(str(path)) as read:
        return [float(picture.time) for picture in read.decode(video=0)]


UNEVEN = [0.0, 0.1, 0.15, 0.4, 0.9, 1.0]


@pytest.mark.parametrize("name", ["out.mkv", "out.mp4", "out.mov"])
def test_frames_are_shown_when_they_were(tmp_path: Path, name: str) -> None:
    """Phones and screen recorders record frames unevenly."""
    clip = open_clip(film(tmp_path / "in.mkv", patches(6), UNEVEN), Cut())
    write_clip(tmp_path / name, clip.frames(), clip, Cut(), "")
    assert times_in(tmp_path / name) == pytest.approx(UNEVEN, abs=0.002)


def test_every_second_frame_of_a_part_is_shown_twice_as_long(tmp_path: Path) -> None:
    cut = Cut(start=0.1, end=0.95, every=2)
    clip = open_clip(film(tmp_path / "in.mkv", patches(6), UNEVEN), cut)
    read = list(clip.frames())
    assert [int(frame[30, 8, 0]) for frame in read] == [
        int(patches(6)[number][30, 8, 0]) for number in (1, 3)
    ]
    assert next(clip.shown()) == Fraction(3, 10)


@pytest.mark.parametrize("name", ["out.mp4", "out.avi"])
def test_an_animation_becomes_a_film(tmp_path: Path, name: str) -> None:
    """AVI shows all frames equally long."""
    first, *others = (Image.fromarray(frame) for frame in patches(3))
    source = tmp_path / "in.webp"
    first.save(source, save_all=True, append_images=others, duration=[100, 300, 50])
    clip = open_clip(source, Cut())
    write_clip(tmp_path / name, clip.frames(), clip, Cut(), "")
    times = [0, 0.1, 0.4] if name == "out.mp4" else [0, 0.15, 0.3]
    assert times_in(tmp_path / name) == pytest.approx(times, abs=0.002)


def test_a_gif_takes_as_long_as_the_film(tmp_path: Path) -> None:
    """GIFs count hundredths of a second, which 30 frames a second do not fit."""
    frames = patches(31)
    write_clip(tmp_path / "out.gif", frames, clip_of(frames, 30), Cut(), "")
    shown = list(open_clip(tmp_path / "out.gif", Cut()).shown())
    assert sum(shown) == pytest.approx(31 / 30, abs=0.01)


@pytest.mark.parametrize("turned", [90, -90, 180])
def test_a_camera_on_its_side_makes_upright_frames(tmp_path: Path, turned: int) -> None:
    (frame, *_) = read = list(
        open_clip(film(tmp_path / "in.mp4", patches(2), turned=turned), Cut()).frames()
    )
    assert len(read) == 2
    upright = np.rot90(patches(2)[0], turned // 90)
    assert frame.shape == upright.shape
    assert np.abs(frame.astype(int) - upright).mean() < 10


def test_pixels_that_are_not_square_become_square(tmp_path: Path) -> None:
    source = film(tmp_path / "in.mp4", patches(2), shape=Fraction(4, 3))
    assert next(open_clip(source, Cut()).frames()).shape == (64, 107, 3)


def test_high_dynamic_range_becomes_ordinary(tmp_path: Path) -> None:
    """Phones record HLG, where white is at 75 % of the range and would look grey."""
    with av.open(str(tmp_path / "in.mkv"), "w") as made:
        stream = made.add_stream("ffv1", rate=10)
        stream.width, stream.height, stream.pix_fmt = 32, 32, "yuv444p10le"
        picture = av.VideoFrame(32, 32, "yuv444p10le")
        for target in (stream.codec_context, picture):
            target.color_primaries, target.color_trc, target.colorspace = 9, 18, 9
            target.color_range = 1
        for plane, value in zip(picture.planes, (64 + round(0.75 * 876), 512, 512), strict=True):
            plane.update(np.full(plane.buffer_size // 2, value, np.uint16).tobytes())
        made.mux(stream.encode(picture))
        made.mux(stream.encode())
    assert next(open_clip(tmp_path / "in.mkv", Cut()).frames()).min() > 250


def test_a_damaged_frame_is_left_out(tmp_path: Path) -> None:
    source = film(tmp_path / "in.mov", patches(6), codec="png")
    content = bytearray(source.read_bytes())
    begin = [found.start() for found in re.finditer(b"\x89PNG", content)][2]
    content[begin + 8 : begin + 60] = bytes(52)
    source.write_bytes(content)
    clip = open_clip(source, Cut())
    assert len(list(clip.frames())) == 5
    assert list(clip.shown()) == pytest.approx([0.1, 0.2, 0.1, 0.1, 0.1])


def test_sound_stays_with_the_picture_of_a_film_that_begins_late(tmp_path: Path) -> None:
    """Broadcasts count from any time on."""
    source = tmp_path / "in.ts"
    with av.open(str(source), "w", options={"output_ts_offset": "5"}) as made:
        video, sound = made.add_stream("libx264", rate=10), made.add_stream("aac", rate=16000)
        video.width, video.height, video.pix_fmt = 80, 64, "yuv420p"
        for number, frame in enumerate(patches(10)):
            made.mux(video.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
            samples = av.AudioFrame.from_ndarray(np.zeros((1, 1600), np.float32), "fltp", "mono")
            samples.sample_rate, samples.pts = 16000, number * 1600
            made.mux(sound.encode(samples))
        made.mux(video.encode())
        made.mux(sound.encode())
    clip = open_clip(source, Cut())
    write_clip(tmp_path / "out.mkv", clip.frames(), clip, Cut(), "")
    with av.open(str(tmp_path / "out.mkv")) as read:
        begun = {
            p.stream.type: float(p.pts * p.time_base)
            for p in reversed(list(read.demux()))
            if p.pts is not None
        }
    assert begun == pytest.approx({"video": 0, "audio": 0}, abs=0.1)
    assert times_in(tmp_path / "out.mkv")[-1] == pytest.approx(0.9, abs=0.01)


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
