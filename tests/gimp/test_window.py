"""An artist's first steps, in real windows: menu, dialog, OK, a new layer, undo."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hosts import Desktop, GimpHost, Running
from PIL import Image
from skimage import data

PLAIN = {"GIMPFU_STARTED_AGAIN": "1", "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin"}
"""Environment to run the plug-in under the tests' own Python, which has no PyGObject."""


def _only_the_photo(desktop: Desktop) -> bool:
    """Return whether only the image window is open, without a message or dialog."""
    return all(" layer" in title for title in desktop.windows().values())


def _wait(what: Callable[[], bool], desktop: Desktop, seconds: float = 90.0) -> None:
    until = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < until, desktop.windows()
        time.sleep(0.1)


def _plug_in_is_gone(job: Running) -> bool:
    return not any("deepdream.py" in command for _, command in job.processes())


@pytest.fixture
def open_photo(
    gimp: GimpHost, screen: Desktop, tmp_path: Path
) -> Iterator[Callable[..., tuple[Running, str]]]:
    """A function that opens a photo in GIMP and returns the job and the window."""
    running: list[Running] = []

    def start(**env: str) -> tuple[Running, str]:
        photo = tmp_path / "photo.png"
        Image.fromarray(data.cat()).resize((120, 80)).save(photo)
        running.append(gimp.open_window(tmp_path, screen.display, images=[photo], env=env))
        window = screen.wait_for_window("1 layer", 120)
        return running[0], window

    yield start
    for job in running:
        job.stop()


def _choose_in_menu(screen: Desktop, window: str) -> str:
    """Run the plug-in through GIMP's action search; return its dialog.

    Presses again where nothing happens: GIMP ignores keys while it sets up its window.
    """
    search = ""
    until = time.monotonic() + 60
    while not search:
        assert time.monotonic() < until, screen.windows()
        screen.activate(window)
        screen.keys("slash")
        with contextlib.suppress(TimeoutError):
            search = screen.wait_for_window("^Search Actions$", 5)
    _wait(lambda: _finds(screen, search), screen, 30)
    screen.keys("Return")
    dialog = screen.wait_for_window("^DeepDream$", 60)
    screen.activate(dialog)
    return dialog


def _finds(screen: Desktop, search: str) -> bool:
    """Type into the action search; return whether it grows to show what it has found."""
    screen.activate(search)
    screen.keys("ctrl+a")
    screen.type("deepdream")
    until = time.monotonic() + 5
    while screen.geometry(search)[3] <= 100:
        if time.monotonic() > until:
            return False
        time.sleep(0.1)
    return True


@pytest.mark.slow
def test_dream_and_undo(
    gimp: GimpHost, screen: Desktop, open_photo: Callable[..., tuple[Running, str]], tmp_path: Path
) -> None:
    job, window = open_photo()
    _choose_in_menu(screen, window)
    screen.screenshot(tmp_path / "dialog.png")
    screen.keys("Escape")
    screen.wait_until_gone("^DeepDream$", 10)
    assert not (tmp_path / "data" / "last-settings.json").exists()

    _choose_in_menu(screen, window)
    screen.keys("Return")
    _wait(lambda: bool(screen.windows("2 layers")), screen)
    _wait(lambda: _plug_in_is_gone(job), screen, 10)
    screen.screenshot(tmp_path / "dreamed.png")
    assert _only_the_photo(screen), screen.windows()
    assert (tmp_path / "data" / "last-settings.json").exists()

    screen.activate(window)
    screen.keys("ctrl+z")
    # One undo step restores the image as it was opened, without unsaved changes.
    _wait(lambda: bool(screen.windows("^[^*].* 1 layer")), screen, 10)

    screen.keys("ctrl+f")
    _wait(lambda: bool(screen.windows("2 layers")), screen)
    assert _only_the_photo(screen), "repeating the filter opened a dialog or a message"


def test_plain_dialog_without_pygobject(
    gimp: GimpHost, screen: Desktop, open_photo: Callable[..., tuple[Running, str]], tmp_path: Path
) -> None:
    if not gimp.is_gimp2:
        pytest.skip("GIMP 3 requires PyGObject")
    _, window = open_photo(**PLAIN)
    _choose_in_menu(screen, window)
    screen.screenshot(tmp_path / "dialog.png")
    screen.keys("Return")
    _wait(lambda: bool(screen.windows("2 layers")), screen)
    assert _only_the_photo(screen), screen.windows()
