"""The command `deepdream video`."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from deepdream_core.cli import film_preview
from deepdream_core.cli.film_preview import FilmPreview
from deepdream_core.cli.main import main
from deepdream_core.compute import machine_memory
from deepdream_core.compute.process import own_module
from deepdream_core.dreaming.feedback import Passed
from deepdream_core.video.clip import Cut, open_clip
from deepdream_core.video.loop import frames_needed, looped
from deepdream_core.video.unfinished import Workplace

QUICK = ["--set", "octaves=1;steps=2;objective=block2"]


@pytest.fixture
def folder(tmp_path: Path, pan: Callable[[int], list[np.ndarray]]) -> Path:
    (tmp_path / "in").mkdir()
    for number, frame in enumerate(pan(6)):
        Image.fromarray(frame).save(tmp_path / "in" / f"{number}.png")
    return tmp_path


def run(folder: Path, *arguments: str) -> int:
    os.chdir(folder)
    return main(["video", *arguments, *QUICK])


@pytest.mark.parametrize("name", ["out.mp4", "out.mkv", "out.gif", "out.webp", "out.png"])
def test_a_folder_becomes_a_film(folder: Path, name: str) -> None:
    assert run(folder, "in", name, "--fps", "10", "--to", "0.3", "--size", "64x64") == 0
    clip = open_clip(folder / name, Cut())
    assert (clip.count, clip.rate) == (3, 10)
    assert next(clip.frames()).shape == (48, 64, 3)
    assert {path.name for path in folder.iterdir()} == {"in", name}


def test_frames_go_into_a_folder(folder: Path) -> None:
    assert run(folder, "in", "out", "--every", "2") == 0
    assert sorted(path.name for path in (folder / "out").iterdir()) == [
        "000001.png",
        "000002.png",
        "000003.png",
    ]


def test_an_interrupted_film_goes_on_with_the_same_bytes(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(folder, "in", "whole") == 0
    command = [*own_module("deepdream_core.cli"), "video", "in", "out", *QUICK]
    with subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, text=True) as process:
        while not (folder / "out" / "000002.png").exists():
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        _, told = process.communicate()
    assert process.returncode == 130 and "Give the same command again" in told
    assert run(folder, "in", "out") == 0
    assert "Going on after frame" in capsys.readouterr().err
    for path in (folder / "whole").iterdir():
        assert path.read_bytes() == (folder / "out" / path.name).read_bytes()
    assert len(list((folder / "out").iterdir())) == 6


@pytest.mark.parametrize(
    "settings", ["zoom=1.1", "zoom=1.05 -> 1.2;step_size=2 -> 1 over octaves;octaves=2"]
)
def test_an_interrupted_film_of_a_picture_goes_on_with_the_same_bytes(
    folder: Path, settings: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    passes = ["--loop", "--set", f"passes=6;{settings}"]
    assert run(folder, "in/0.png", "whole", *passes) == 0
    assert len(list((folder / "whole").iterdir())) == 6
    write = Workplace.keep_pass

    def keep(place: Workplace, passed: Passed) -> None:
        write(place, passed)
        if passed.count in (1, 3):
            raise KeyboardInterrupt

    monkeypatch.setattr(Workplace, "keep_pass", keep)
    for done in (1, 3):
        assert run(folder, "in/0.png", "out", *passes) == 130
        assert f"Interrupted after frame {done} of 8. Give the same" in capsys.readouterr().err
    assert run(folder, "in/0.png", "out", *passes) == 0
    assert "Going on after frame 3 of 8." in capsys.readouterr().err
    names = sorted(path.name for path in (folder / "out").iterdir())
    assert names == sorted(path.name for path in (folder / "whole").iterdir())
    for name in names:
        assert (folder / "out" / name).read_bytes() == (folder / "whole" / name).read_bytes()


@pytest.mark.parametrize("passes", [1, 3])
def test_a_preview_shows_the_newest_frame(
    folder: Path, passes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = folder / "now.png"
    source = "in" if passes == 1 else "in/0.png"
    more = ["--set", f"passes={passes};zoom=1.1", "--preview", "now.png"]
    assert run(folder, source, "out", *more) == 0
    last = max((folder / "out").iterdir())
    assert shown.read_bytes() == last.read_bytes()
    monkeypatch.setattr(film_preview, "_PAUSE", 0.0)
    monkeypatch.setattr(FilmPreview, "show_finished", lambda *given: None)
    shown.unlink()
    assert run(folder, source, "again", *more) == 0
    with Image.open(shown) as growing, Image.open(last) as finished:
        assert growing.size == finished.size
        assert np.abs(np.subtract(growing, finished, dtype=float)).mean() < 2


def test_another_dreams_frames_are_not_touched(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "out").mkdir()
    (folder / "out" / "mine.png").write_bytes(b"mine")
    assert run(folder, "in", "out") == 1
    assert "is not empty" in capsys.readouterr().err
    (folder / "film.mkv").write_bytes(b"mine")
    assert run(folder, "in", "film.mkv") == 1
    assert "Add --force" in capsys.readouterr().err
    assert (folder / "film.mkv").read_bytes() == b"mine"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["in", "out.jpg"], "cannot hold a film"),
        (["gone.mp4", "out.gif"], "gone.mp4"),
        (["in", "gone/out.gif"], "The folder gone does not exist."),
        (["in", "gone/out"], "The folder gone does not exist."),
        (["in", "out.gif", "--preview", "gone/now.png"], "The folder gone does not exist."),
        (["in", "out.gif", "--from", "2", "--to", "1"], "--to must be later"),
        (["in", "out.gif", "--from", "9"], "no frames"),
        (["in", "out.gif", "--set", "passes=2"], "one pass"),
        (["in/0.png", "out.gif"], "single picture"),
        (["in", "out.gif", "--loop"], "--loop is for"),
        (["in", "out.gif", "--preview", "now.jpg"], "now.jpg must end in .png"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    folder: Path, arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(folder, *arguments) == 1
    error = capsys.readouterr().err
    assert told in error and error.count("\n") == 1
    assert not list(folder.glob("out*"))


def test_an_animation_that_would_fill_the_memory_is_refused_before_it_is_dreamed(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine_memory, "free_memory", lambda: 20_000)
    assert run(folder, "in", "out.gif") == 1
    assert "Choose .mp4" in capsys.readouterr().err
    assert not list(folder.glob("out*"))
    assert run(folder, "in", "out.mkv") == 0


def test_several_passes_make_a_film_of_a_picture(folder: Path) -> None:
    passes = ["--set", "passes=4;zoom=1.05 -> 1.2"]
    assert run(folder, "in/0.png", "deep.gif", *passes, "--fps", "10", "--loop") == 0
    clip = open_clip(folder / "deep.gif", Cut())
    assert (clip.count, clip.rate) == (4, 10)
    assert {path.name for path in folder.iterdir()} == {"in", "deep.gif"}


def test_a_loop_leads_from_its_end_to_its_beginning() -> None:
    """Frames that grow brighter: without a fade, the last would be followed by a jump of 150."""
    count = 16
    film = [np.full((4, 4, 3), 10 * n, np.uint8) for n in range(frames_needed(count))]
    loop = [int(frame[0, 0, 0]) for frame in looped(film, count)]
    assert len(loop) == count
    jumps = [abs(b - a) for a, b in zip(loop, [*loop[1:], loop[0]], strict=True)]
    assert max(jumps) <= 30


@pytest.mark.parametrize(
    ("option", "told"),
    [
        ("--carry=2", "2 is not a number from 0 to 1"),
        ("--carry=much", "much is not a number from 0 to 1"),
        ("--to=1:xx", "1:xx is no time, such as 80 or 1:20"),
        ("--every=0", "0 is not a whole number from 1"),
        ("--fps=0", "0 is not a number up to 240"),
    ],
)
def test_a_wrong_option_says_what_is_right(
    option: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["video", "in", "out", option])
    assert told in capsys.readouterr().err
