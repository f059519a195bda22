"""The dialog as an artist uses it, in the real windows: one start of each GIMP, one long visit.

Screenshots go to a folder that the run names; DEEPDREAM_SCREENSHOTS chooses another.
"""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hosts import CHECKOUT, Desktop, GimpHost, Running
from PIL import Image

_SIZE = (200, 150)
_DREAMING = "dreaming$"


@pytest.fixture(scope="module")
def shots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    wanted = os.environ.get("DEEPDREAM_SCREENSHOTS")
    folder = Path(wanted) if wanted else tmp_path_factory.mktemp("screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    print(f"Screenshots: {folder}")
    return folder


class Visit:
    """A GIMP with a photo, and what an artist does with it."""

    def __init__(self, gimp: GimpHost, screen: Desktop, folder: Path, shots: Path) -> None:
        self.name = gimp.name
        self.screen = screen
        self.folder = folder
        self.shots = shots
        photo = folder / "photo.png"
        Image.open(CHECKOUT / "docs" / "photo.jpg").resize(_SIZE).save(photo)
        self.job: Running = gimp.open_window(folder, screen.display, images=[photo])
        self.window = screen.wait_for_window("1 layer", 120)
        for welcome in screen.windows("Welcome to GIMP"):
            screen.activate(welcome)
            screen.keys("Escape")
        time.sleep(2.0)  # GIMP takes no keys while it still arranges its window

    def choose(self, words: str) -> str:
        """Go through GIMP's search for actions; return the dialog's window."""
        screen = self.screen
        screen.activate(self.window)
        screen.keys("slash")
        time.sleep(1.0)
        screen.type(words)
        time.sleep(1.5)
        screen.keys("Return")
        dialog = screen.wait_for_window("^DeepDream$", 30)
        screen.activate(dialog)
        return dialog

    def shot(self, name: str) -> Path:
        return self.screen.screenshot(self.shots / f"{self.name}-{name}.png")

    def preview(self, dialog: str) -> np.ndarray:
        """Return the dialog's left half as it looks now, where the preview is."""
        x, y, width, height = self.screen.geometry(dialog)
        box = (x + 10, y + 10, x + width // 2 - 60, y + height - 180)
        path = self.screen.screenshot(self.folder / "now.png")
        return np.asarray(Image.open(path).convert("RGB").crop(box), dtype=np.float32)

    def wait(self, what: Callable[[], Any], seconds: float = 120.0) -> float:
        """Wait until something is so; return how long that took."""
        begin = time.monotonic()
        while not what():
            assert time.monotonic() - begin < seconds, self.screen.windows()
            time.sleep(0.05)
        return time.monotonic() - begin

    def title(self) -> str:
        """Return what GIMP's window says: a * for unsaved changes, the number of layers."""
        self.screen.wait_for_window(" layer", 10)  # a title may be empty while it changes
        return next(iter(self.screen.windows(" layer").values()), "") or self.title()

    def plug_ins(self) -> list[int]:
        return [pid for pid, command in self.job.processes() if "deepdream.py" in command]

    def last(self) -> dict[str, Any]:
        path = self.folder / "data" / "last-settings.json"
        return json.loads(path.read_text("utf-8")) if path.exists() else {}


@pytest.fixture(scope="module")
def visit(
    gimp: GimpHost, screen: Desktop, tmp_path_factory: pytest.TempPathFactory, shots: Path
) -> Iterator[Visit]:
    made = Visit(gimp, screen, tmp_path_factory.mktemp("dialog"), shots)
    yield made
    made.job.stop()


def test_preview_grows_and_cancel_leaves_nothing(visit: Visit) -> None:
    dialog = visit.choose("deepdream")
    time.sleep(0.7)
    plain = visit.preview(dialog)
    visit.shot("1-opened")
    seconds = visit.wait(lambda: np.abs(visit.preview(dialog) - plain).mean() > 1.5)
    print(f"GIMP {visit.name}: the preview shows a dream {seconds + 0.7:.1f} s after it opened")
    visit.screen.type("castle")
    time.sleep(0.7)
    visit.shot("2-search")
    visit.screen.keys("Escape")  # forgets the word, not the dialog
    time.sleep(0.5)
    assert visit.screen.windows("^DeepDream$")
    visit.screen.keys("alt+h")
    time.sleep(0.7)
    visit.shot("3-how")
    visit.screen.keys("alt+e")
    time.sleep(0.7)
    visit.shot("4-where")
    visit.screen.keys("Escape")
    visit.screen.wait_until_gone("^DeepDream$", 5)
    visit.wait(lambda: not visit.plug_ins(), 5)
    assert not visit.last()
    assert visit.title()[0] != "*"


def test_cancelling_the_dream_itself(visit: Visit) -> None:
    visit.choose("deepdream")
    time.sleep(1.0)
    visit.screen.keys("alt+s")  # the steps
    visit.screen.keys("ctrl+a")
    visit.screen.type("400\t")
    time.sleep(0.5)
    visit.screen.keys("alt+o")
    progress = visit.screen.wait_for_window(_DREAMING, 20)
    assert visit.last()["settings"]["steps"] == 400
    visit.screen.activate(progress)
    time.sleep(4.0)
    visit.shot("5-dreaming")
    begin = time.monotonic()
    visit.screen.keys("Escape")
    visit.wait(lambda: not visit.screen.windows(_DREAMING), 5)
    seconds = time.monotonic() - begin
    print(f"GIMP {visit.name}: the window was gone {seconds:.2f} s after Cancel was pressed")
    visit.wait(lambda: not visit.plug_ins(), 5)
    # The keys themselves take 0.06 s, looking for windows up to 0.2 s.
    assert seconds < 1.0
    assert "1 layer" in visit.title()
    assert visit.title()[0] != "*"


def test_ok_gives_the_layer_and_again_another(visit: Visit) -> None:
    visit.choose("deepdream")
    time.sleep(1.0)
    visit.screen.keys("alt+r")  # reset: the 400 steps were remembered
    time.sleep(0.3)
    visit.screen.keys("alt+s")
    visit.screen.keys("ctrl+a")
    visit.screen.type("3\t")
    time.sleep(0.5)
    visit.shot("6-remembered")
    visit.screen.keys("alt+o")
    visit.wait(lambda: "2 layers" in visit.title())
    visit.wait(lambda: not visit.plug_ins(), 5)
    time.sleep(1.0)
    visit.shot("7-dreamed")
    assert visit.last()["settings"] == {"steps": 3}
    visit.choose("dream this layer again")
    time.sleep(1.0)
    visit.shot("8-again")
    visit.screen.keys("alt+o")
    visit.wait(lambda: "3 layers" in visit.title())
    visit.wait(lambda: not visit.plug_ins(), 5)


def test_killed_in_the_dialog(visit: Visit) -> None:
    before = visit.title()
    visit.choose("deepdream")
    time.sleep(1.0)
    for pid in visit.plug_ins():
        os.kill(pid, signal.SIGKILL)
    visit.wait(lambda: not visit.screen.windows("^DeepDream$"), 10)
    time.sleep(1.0)
    visit.shot("9-killed")
    assert visit.title() == before
    assert not visit.plug_ins()
