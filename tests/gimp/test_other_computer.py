"""Dreaming on another computer from real GIMPs."""

from __future__ import annotations

import json
from pathlib import Path

import fake_ssh
import numpy as np
import pytest
from hosts import Desktop, GimpHost
from inside import run_inside
from PIL import Image
from visit import DIALOG, Visit

from deepdream_core import __version__, dream
from deepdream_core.shared.presets import make_recipe

QUESTION = "^DeepDream: Other computer$"


def other_computer(folder: Path, trouble: str) -> dict[str, str]:
    """Return the environment for a GIMP whose dreams are dreamed elsewhere."""
    (folder / "trouble").write_text(trouble)
    return {
        "DEEPDREAM_ENGINE": f"{fake_ssh.install(folder)} gpu-box",
        "FAKE_SSH": f"file:{folder / 'trouble'}",
        "FAKE_SSH_VERSION": __version__,
        "FAKE_SSH_TOLD": str(folder / "told.json"),
    }


@pytest.mark.usually_in("2.10", "3.2")
def test_files_travel_as_pixels_and_a_script_is_told_what_failed(
    gimp: GimpHost, tmp_path: Path
) -> None:
    Image.new("RGBA", (7, 5), (200, 100, 50, 255)).save(tmp_path / "guide.png")
    env = other_computer(tmp_path, "plain")
    report, _ = run_inside(gimp, tmp_path, "other_computer.py", env=env)
    assert report["there"] == "dreamed"
    told = json.loads((tmp_path / "told.json").read_text())
    assert told["files"] == ["", ""]
    assert told["pictures"]["guide"] == told["pictures"]["mask"] == [7, 5, [200, 100, 50, 255]]
    rows, columns, channels = np.ogrid[:32, :40, :3]
    source = ((columns * 6 + rows * channels) % 256).astype(np.uint8)
    recipe = {"octaves": 1, "steps": 2, "objective": "block2", "precision": "float32"}
    expected = dream(source, make_recipe("classic", {**recipe, "device": "cpu"}))
    off = np.abs(np.array(report["dreamed"]).reshape(expected.shape) - expected)
    assert off.max() <= 1 and (off > 0).mean() < 0.001 and not np.array_equal(source, expected)
    assert "missing.png could not be read, and gpu-box cannot" in report["no such file"]
    assert report["images"] == 1
    assert report["refused"].startswith(
        "gpu-box did not let this computer log in (you@gpu-box: Permission denied (publickey).)."
    )
    assert 'no setting "computer"' in report["named by settings"]
    assert len(report["layers"]) == 2
    assert not report["dirty"]


@pytest.mark.usually_in("2.10")
def test_the_computer_is_chosen_in_the_dialog(
    gimp: GimpHost, screen: Desktop, tmp_path: Path, shots: Path
) -> None:
    visit = Visit(gimp, screen, tmp_path, shots)
    code = "import widgets\nanswer.update(widgets.choose_computer(photo(), {!r}))"
    try:
        wrong = visit.inside(code.format("ssh"))
        assert wrong["warning"].startswith("Computer: name a host behind ssh")
        assert wrong["saved"] == ""
        told = visit.inside(code.format(" nowhere box "))
        assert told == {"saved": "nowhere box", "warning": "", "recipe changed": False}
        assert json.loads((tmp_path / "data" / "computer.json").read_text()) == {
            "command": "nowhere box"
        }
        assert visit.inside(code.format(""))["saved"] == ""
    finally:
        visit.job.stop()


@pytest.mark.usually_in("3.2")
def test_this_computer_goes_on_if_the_artist_agrees(
    gimp: GimpHost, screen: Desktop, tmp_path: Path, shots: Path
) -> None:
    env = other_computer(tmp_path, "fails:255:ssh: connect to host gpu-box: Connection refused")
    visit = Visit(gimp, screen, tmp_path, shots, env=env)
    try:
        visit.choose("deepdream")
        visit.type_into("s", "1", "steps")
        visit.shot("50-other-computer")
        visit.press_ok()
        visit.there(QUESTION)
        visit.shot("51-dream-here")
        visit.screen.keys("Return")
        visit.wait_for_layers(2)
    finally:
        visit.job.stop()


@pytest.mark.usually_in("3.0")
def test_the_queue_goes_on_here_if_the_artist_agrees(
    gimp: GimpHost, screen: Desktop, tmp_path: Path, shots: Path
) -> None:
    """The link is lost in the middle of a dream that was applied, and then for good."""
    visit = Visit(gimp, screen, tmp_path, shots, env=other_computer(tmp_path, "noise"))
    try:
        dialog = visit.choose("deepdream")
        visit.type_into("s", "2", "steps")
        (tmp_path / "trouble").write_text("half:400")
        visit.press("alt+y", visit.last)
        visit.there(QUESTION)
        visit.shot("52-queue-asks")
        visit.screen.keys("Escape")
        visit.screen.wait_until_gone(QUESTION, 10)
        visit.screen.activate(dialog)
        visit.type_into("s", "1", "steps")
        visit.press("alt+y", lambda: visit.last()["settings"].get("steps") == 1)
        visit.there(QUESTION)
        visit.screen.keys("Return")
        visit.wait_for_layers(3)
        assert not visit.screen.windows(QUESTION)
        assert visit.screen.windows(DIALOG)
        visit.shot("53-queue-went-on")
    finally:
        visit.job.stop()
