"""Dreaming many pictures with one command."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from deepdream_core.cli.dream import Interruption
from deepdream_core.cli.main import main
from deepdream_core.compute.process import own_module
from deepdream_core.pictures.files import read_note, read_picture

QUICK = ["--set", "octaves=1", "--set", '{"steps": 1}']


@pytest.fixture
def folder(tmp_path: Path, photo: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with two pictures, one more below, one damaged, and a text."""
    for name in ("in/one.png", "in/two.jpg", "in/below/three.png"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True, parents=True)
        Image.fromarray(photo[:48, :64]).save(path)
    (tmp_path / "in" / "broken.png").write_bytes(b"no picture")
    (tmp_path / "in" / "notes.txt").write_text("no picture")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def files_in(folder: Path) -> list[str]:
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


def test_one_failure_does_not_stop_the_others(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["dream", "in", "-o", "out", *QUICK]) == 1
    assert files_in(folder / "out") == ["below/three.png", "one.png", "two.jpg"]
    told = capsys.readouterr().err.splitlines()
    assert "in/broken.png cannot be read" in told[0]
    assert told[1].startswith("deepdream: Dreamed 3 in ") and told[1].endswith("1 failed.")


def test_what_exists_is_skipped_unless_forced(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["dream", "in/*.png", "in/two.jpg", "in/below", "-o", "out", *QUICK]
    (folder / "in" / "broken.png").unlink()
    assert main(arguments) == 0
    assert files_in(folder / "out") == ["one.png", "three.png", "two.jpg"]
    (folder / "out" / "one.png").write_bytes(b"mine")
    assert main(arguments) == 0
    assert "skipped 3 that exist already" in capsys.readouterr().err
    assert (folder / "out" / "one.png").read_bytes() == b"mine"
    assert main([*arguments, "--force"]) == 0
    assert (folder / "out" / "one.png").read_bytes() != b"mine"


def test_patterns_name_the_dreams(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    into = ["dream", "in/one.png", "in/two.jpg", "--seed", "5", *QUICK]
    assert main([*into, "-o", "made/{name}-{preset}-{seed}.webp"]) == 0
    assert main([*into, "-o", "made/{name}", "--preset", "whisper"]) == 0
    assert files_in(folder / "made") == [
        "one-classic-5.webp",
        "one.png",
        "two-classic-5.webp",
        "two.jpg",
    ]
    for pattern, part in (
        ("made/{nmae}.png", "There is no {nmae}"),
        ("made/all-{seed}.png", "would become made/all-5.png"),
        ("made/{name}.nothing", "no format .nothing"),
        ("in/one.png", "is one picture; name a folder"),
        ("new.png", "is one picture; name a folder"),
    ):
        assert main([*into, "-o", pattern]) == 1
        assert part in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["in/one.png"], ["in/one.png", "a", "b"], ["in", "out.png"]])
def test_without_a_folder_there_are_a_picture_and_its_dream(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    assert main(["dream", *arguments]) == 1
    assert "-o" in capsys.readouterr().err


def test_variants_lie_side_by_side_on_a_contact_sheet(folder: Path) -> None:
    arguments = ["dream", "in/one.png", "out.png", *QUICK, "--variants", "3", "--seed", "7"]
    assert main([*arguments, "--contact-sheet"]) == 0
    dreams = [read_picture(folder / f"out-seed{seed}.png").pixels for seed in (7, 8, 9)]
    assert not np.array_equal(dreams[0], dreams[1])
    assert json.loads(read_note(folder / "out-seed8.png") or "")["recipe"]["seed"] == 8
    sheet = read_picture(folder / "contact-sheet.png").pixels
    cells = [sheet[8:56, 8 + number * 72 :][:, :64] for number in range(3)]
    for cell, dream in zip(cells, dreams, strict=True):
        assert np.array_equal(cell, dream)
    assert main([*arguments, "--contact-sheet", "other.jpg", "--force"]) == 0
    assert (folder / "other.jpg").exists()


def test_a_contact_sheet_is_made_anew_but_replaces_nothing_else(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["dream", "in/two.jpg", "-o", "out", *QUICK, "--contact-sheet"]
    assert main(arguments) == main([*arguments[:1], "in/one.png", *arguments[1:]]) == 0
    assert "contact-sheet.png shows 2 dreams" in capsys.readouterr().err
    assert main([*arguments, "in/one.png"]) == 1
    assert "in/one.png exists already" in capsys.readouterr().err


def test_noise_has_variants_too(folder: Path) -> None:
    arguments = ["noise", "n.png", "--size", "64x48", "--variants", "2", *QUICK]
    assert main(arguments) == 0
    assert (folder / "n-seed1.png").exists() and (folder / "n-seed2.png").exists()


def test_reports_are_lines_of_json(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["dream", "in", "-o", "out", *QUICK, "--json"]) == 1
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["output"] for row in rows if "output" in row] == [
        "out/below/three.png",
        "out/one.png",
        "out/two.jpg",
    ]
    assert rows[-1] == {"dreamed": 3, "skipped": 0, "failed": 1}
    assert any("broken.png" in row.get("error", "") for row in rows)


def run(folder: Path, *arguments: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    command = [*own_module("deepdream_core.cli"), *arguments]
    return subprocess.run(command, cwd=folder, input=given, capture_output=True, timeout=7000)


def test_standard_input_and_output(folder: Path) -> None:
    given = (folder / "in" / "two.jpg").read_bytes()
    done = run(folder, "dream", "-", "-", *QUICK, "--format", "png", given=given)
    assert (done.returncode, done.stderr) == (0, b"")
    (folder / "through.png").write_bytes(done.stdout)
    assert main(["dream", "in/two.jpg", "direct.png", *QUICK]) == 0
    through, direct = (read_picture(folder / f"{n}.png").pixels for n in ("through", "direct"))
    assert np.array_equal(through, direct)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for one process")
@pytest.mark.parametrize("keep", [pytest.param(False, marks=pytest.mark.slow), True])
def test_ctrl_c_writes_nothing_unless_asked(folder: Path, keep: bool) -> None:
    endless = ["--set", "octaves=1", "--set", "steps=1000", "--set", "keep=steps;keep_every=1"]
    command = [*own_module("deepdream_core.cli"), "dream", "in/one.png", "out.png", *endless]
    with subprocess.Popen(
        [*command, *(["--keep"] if keep else [])], cwd=folder, stderr=subprocess.PIPE, text=True
    ) as process:
        deadline = time.monotonic() + 120
        while not (folder / "out-0002.png").exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        told = process.communicate(timeout=60)[1]
    assert process.returncode == 130
    assert "Interrupted" in told and "Traceback" not in told
    assert "out-0001.png to out-00" in told
    assert (folder / "out.png").exists() == keep


@pytest.mark.parametrize("keep", [False, True])
def test_a_ctrl_c_that_a_library_loses_is_not_forgotten(keep: bool) -> None:
    with Interruption(keep) as interruption:
        with contextlib.suppress(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        assert interruption.asked
        with contextlib.nullcontext() if keep else pytest.raises(KeyboardInterrupt):
            interruption.check()
        with pytest.raises(KeyboardInterrupt):  # pressed again
            signal.raise_signal(signal.SIGINT)


def test_animations_are_told_or_dreamed_whole(
    folder: Path, capsys: pytest.CaptureFixture[str], photo: np.ndarray
) -> None:
    frames = [Image.fromarray(photo[y : y + 40, :48]) for y in (0, 30, 60)]
    frames[0].save("a.gif", save_all=True, append_images=frames[1:], duration=80, loop=0)
    assert main(["dream", "a.gif", "first.gif", *QUICK]) == 0
    assert "a.gif holds 3 pictures, of which only the first" in capsys.readouterr().err
    assert read_picture(folder / "first.gif").pictures == 1
    assert main(["dream", "a.gif", "all.webp", "--frames", "all", *QUICK]) == 0
    whole = read_picture(folder / "all.webp")
    assert (whole.pictures, whole.kept["duration"]) == (3, 80)
    assert main(["dream", "a.gif", "all.jpg", "--frames", "all", *QUICK]) == 1
    assert "can hold only one of the 3 pictures" in capsys.readouterr().err


def peak_growth(folder: Path, pictures: int) -> tuple[float, float]:
    """Dream many small pictures; return the peak memory in MiB at a fifth and at the end."""
    rng = np.random.default_rng(2)
    (folder / "many").mkdir()
    for number in range(pictures):
        pixels = rng.integers(0, 256, (32, 32, 3), np.uint8)
        Image.fromarray(pixels).save(folder / "many" / f"{number:05}.png")
    quick = [*QUICK, "--set", "objective=block2"]
    done = run(folder, "dream", "many", "-o", "made", *quick, "--json")
    assert done.returncode == 0, done.stderr[-500:]
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert rows[-1] == {"dreamed": pictures, "skipped": 0, "failed": 0}
    return rows[pictures // 5]["peak_mib"], rows[-2]["peak_mib"]


@pytest.mark.slow
@pytest.mark.parametrize("pictures", [60, 10_000])
@pytest.mark.timeout(7200)
def test_memory_does_not_grow_with_the_pictures(folder: Path, pictures: int) -> None:
    early, late = peak_growth(folder, pictures)
    print(f"{pictures} pictures: {early:.0f} MiB after a fifth, {late:.0f} MiB at the end")
    assert late < early + 40


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals")
def test_a_terminal_shows_a_bar_for_all_pictures_with_the_time_left(folder: Path) -> None:
    import pty

    main_end, terminal = pty.openpty()
    command = [*own_module("deepdream_core.cli"), "dream", "in", "-o", "out"]
    steps = ["--set", "octaves=1;steps=200;objective=block2"]
    with subprocess.Popen([*command, *steps], cwd=folder, stderr=terminal) as process:
        os.close(terminal)
        shown = b""
        # At the end, Linux fails to read and macOS reads nothing.
        with contextlib.suppress(OSError):
            while part := os.read(main_end, 1 << 16):
                shown += part
        os.close(main_end)
    assert process.returncode == 1
    told = shown.decode()
    assert re.search(r"picture 1/4 octave 1/1 step \d+/200, .* left", told)
    assert any(0 < int(percent) < 25 for percent in re.findall(r" (\d+)% ", told))
