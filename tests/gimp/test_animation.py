"""Layers as frames, in real GIMPs without windows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hosts import GimpHost
from inside import SharedEngine, run_inside
from PIL import Image, ImageSequence

NAMES = ("first (100ms)", "second (50ms) (combine)", "third (200ms) (replace)")

pytestmark = pytest.mark.usually_in("3.0")


@pytest.fixture(scope="module")
def folder(gimp: GimpHost, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a GIMP run, one for each GIMP."""
    return tmp_path_factory.mktemp("animation")


@pytest.fixture(scope="module")
def told(gimp: GimpHost, engine: SharedEngine, folder: Path) -> dict[str, Any]:
    """The report of a single GIMP run."""
    report, result = run_inside(gimp, folder, "animation.py", engine=engine)
    assert result.left_behind == ()
    return report


def test_each_layer_becomes_a_frame_that_keeps_its_name(told: dict[str, Any]) -> None:
    assert told["names"] == [
        "first (100ms)",
        "second (50ms) (replace)",
        "third (200ms) (replace)",
    ]
    assert told["sizes"] == [[64, 48, 0, 0]] * 3
    assert told["alpha"] == [False] * 3
    assert told["kept"] == [True] * 3
    assert told["untouched"] == [False, list(NAMES)]


def test_each_frame_is_dreamed_as_it_is_played(told: dict[str, Any]) -> None:
    assert all(1 < change < 60 for change in told["changes"])
    to_first, to_third = told["combined"]
    assert to_first < to_third


def test_the_frames_are_requested_as_those_of_one_film(told: dict[str, Any]) -> None:
    first, *others = told["films"]
    assert first[0] and first[1] == 0.5
    assert others == [first, first]


def test_without_carrying_each_frame_is_dreamed_by_itself(told: dict[str, Any]) -> None:
    to_a_single_dream, to_the_carried = told["alone"]
    assert to_a_single_dream < 0.1 < to_the_carried
    assert "from 0 to 1" in told["wrong carry"]


@pytest.mark.parametrize("name", ["dream.gif", "dream.webp"])
def test_the_new_image_exports_as_an_animation(
    told: dict[str, Any], folder: Path, name: str
) -> None:
    with Image.open(folder / name) as moving:
        durations = []
        for frame in ImageSequence.Iterator(moving):
            frame.load()  # only then the duration of a WebP is that of this frame
            durations.append(frame.info["duration"])
        assert moving.size == (64, 48)
    assert durations == [100, 50, 200]


def test_transparent_indexed_frames_stay_so(told: dict[str, Any]) -> None:
    is_indexed, names, clear = told["indexed"]
    assert is_indexed
    assert names[0] == "first (100ms) (replace)"
    assert clear == [0, 0, 400]


def test_a_single_layer_is_no_animation(told: dict[str, Any]) -> None:
    assert "has a single layer" in told["single"]
