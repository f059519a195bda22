"""The dialog as an artist uses it, in real windows: each GIMP is started once for all tests.

The run prints the folder with its screenshots; DEEPDREAM_SCREENSHOTS sets another.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hosts import Desktop, GimpHost
from visit import DIALOG, Visit

_DREAMING = "dreaming$"
_MESSAGE = "^DeepDream: Error$"
_SLOW = {"octaves": 12, "octave_scale": 1.05}
"""With 1000 steps, a dream that goes on until it is cancelled, also on fast machines."""
_RESULTS = ("layer", "masked", "octaves", "frames", "in-place")


@pytest.fixture(scope="module")
def visit(
    gimp: GimpHost, screen: Desktop, tmp_path_factory: pytest.TempPathFactory, shots: Path
) -> Iterator[Visit]:
    made = Visit(gimp, screen, tmp_path_factory.mktemp("dialog"), shots)
    yield made
    made.job.stop()


def _dream_for_long(visit: Visit, busy: bool = False) -> None:
    """Start a dream that takes minutes and wait for its progress window.

    `busy`: as if the engine were in the middle of a long step of the preview.
    """
    visit.choose("deepdream")
    visit.type_into("s", "1000", "steps")
    # An engine that is in the middle of a long step is not waited for: another is woken.
    for engine in visit.engines() if busy else []:
        os.kill(engine, signal.SIGSTOP)
    visit.press_ok()
    window = visit.there(_DREAMING)
    x, y, width, height = visit.screen.geometry(window)
    middle = x + width // 2 - 60, y + 60, x + width // 2 + 60, y + height // 2
    # The layer is shown at once, even then.
    visit.wait(lambda: visit.screen.seen(middle).std() > 10, 2)
    visit.wait_for_work()


@pytest.mark.usually_in("2.10", "3.0")
def test_preview_grows_and_cancel_leaves_nothing(visit: Visit) -> None:
    before = visit.image()
    dialog = visit.choose("deepdream")
    visit.shot("1-opened")
    seconds = visit.wait_for_dream(dialog)
    print(f"GIMP {visit.gimp.name}: a dream shows {seconds:.1f} s after the dialog's photo")
    visit.wait_for_standing(dialog)  # a long message below it must not restart the preview
    visit.see_change(dialog, text="castle")
    visit.shot("2-search")
    visit.press("Return", lambda: visit.chosen().get("objective") == "class:castle")
    assert visit.screen.windows("^DeepDream$")
    visit.wait_for_standing(dialog)
    visit.shot("2-first-hit")
    visit.see_change(dialog, "Escape")  # clears the search, does not close the dialog
    assert visit.screen.windows("^DeepDream$")
    visit.see_change(dialog, "alt+h")
    visit.shot("3-how")
    visit.see_change(dialog, "alt+e")
    visit.shot("4-where")
    visit.press("alt+m", lambda: visit.chosen("output")["output"] == "frames")
    visit.see_change(dialog, "alt+w")
    visit.shot("4-what-it-makes")
    visit.screen.keys("Escape")
    visit.screen.wait_until_gone("^DeepDream$", 5)
    visit.wait(lambda: not visit.plug_ins(), 5)
    assert not visit.last()
    assert visit.title()[0] != "*"
    assert visit.image() == before


@pytest.mark.usually_in("3.0")
def test_pause_go_on_and_cancel(visit: Visit) -> None:
    before = visit.image()
    _dream_for_long(visit, busy=True)
    visit.screen.keys("Return")  # must not lose the dream
    assert visit.last()["settings"]["steps"] == 1000
    visit.shot("5-dreaming")
    # Until the first step there is nothing to pause.
    visit.press("alt+p", visit.rests, 10)
    visit.shot("6-paused")
    visit.press("alt+g", lambda: not visit.rests())  # Go on
    visit.screen.keys("Return")
    time.sleep(0.5)
    assert visit.screen.windows(_DREAMING)
    begin = time.monotonic()
    visit.screen.keys("Escape")
    visit.wait(lambda: not visit.screen.windows(_DREAMING), 5)
    seconds = time.monotonic() - begin
    print(f"GIMP {visit.gimp.name}: the window was gone {seconds:.2f} s after Cancel was pressed")
    visit.wait(lambda: not visit.plug_ins(), 5)
    assert visit.title()[0] != "*"
    assert visit.image() == before
    visit.wait_for_rest()


@pytest.mark.usually_in("3.0")
def test_keep_what_is_there(visit: Visit) -> None:
    before = visit.image()
    _dream_for_long(visit)
    # Until the first step there is nothing to keep.
    visit.press("alt+k", lambda: not visit.screen.windows(_DREAMING))
    visit.wait_for_layers(2, 20)
    visit.wait(lambda: not visit.plug_ins(), 5)
    top, source = visit.image()["layers"]
    assert [source] == before["layers"]
    assert top["pixels"] != source["pixels"]
    visit.screen.activate(visit.window)
    visit.screen.keys("ctrl+z")
    visit.wait_for_image(before)
    assert visit.title()[0] != "*"


@pytest.mark.usually_in("3.0")
def test_killed_in_the_middle(visit: Visit) -> None:
    before = visit.image()
    _dream_for_long(visit)
    for pid in visit.plug_ins():
        os.killpg(pid, signal.SIGKILL)  # as GIMP's own Cancel does
    visit.wait(lambda: not visit.screen.windows(_DREAMING), 10)
    visit.shot("7-killed")
    assert visit.image() == before
    assert visit.title()[0] != "*"
    assert not visit.plug_ins()
    visit.wait_for_rest()


@pytest.mark.usually_in("3.0")
def test_each_result_is_one_step_to_undo(visit: Visit) -> None:
    visit.inside(
        "image = gimp.image_list()[0]\n"
        "pdb['gimp-image-select-rectangle'](image, CHANNEL_OP_REPLACE, 30, 20, 90, 80)\n"
        "image.clean_all()\n"
    )
    before = visit.image()
    remembered = visit.folder / "data" / "last-settings.json"
    for output in _RESULTS:
        settings = {"octaves": 2, "steps": 2, "passes": 3 if output == "frames" else 1}
        kept = {
            "preset": "classic",
            "settings": {**settings, "keep_every": 1},
            "output": {"output": output, "features": "block4|block6"},
        }
        remembered.write_text(json.dumps(kept), "utf-8")
        if output == "layer":
            visit.choose("deepdream")
            visit.press_ok()
        else:
            visit.repeat()
        visit.wait(lambda: visit.title()[0] == "*")
        visit.wait(lambda: not visit.plug_ins(), 10)
        after = visit.image()
        visit.shot(f"11-{output}")
        for keys, wanted in (("ctrl+z", before), ("ctrl+y", after), ("ctrl+z", before)):
            visit.screen.activate(visit.window)
            visit.screen.keys(keys)
            visit.wait_for_image(wanted)
        assert visit.title()[0] != "*", output
    kept["output"]["output"] = "image"
    remembered.write_text(json.dumps(kept), "utf-8")
    visit.repeat()
    visit.wait(lambda: visit.screen.windows("Untitled"))
    visit.wait(lambda: not visit.plug_ins(), 10)
    visit.shot("11-image")
    assert visit.image() == before
    visit.inside("pdb['gimp-display-delete'](2)")
    count = "answer['images'] = len(gimp.image_list())"
    visit.wait(lambda: visit.inside(count)["images"] == 1, 10)  # GIMP 2.10 takes a moment
    visit.inside("pdb['gimp-selection-none'](gimp.image_list()[0])")
    remembered.unlink()


@pytest.mark.usually_in("3.0")
def test_ok_gives_the_layer_and_again_another_in_its_place(visit: Visit) -> None:
    visit.choose("deepdream")
    visit.type_into("s", "3", "steps")
    visit.shot("8-three-steps")
    visit.press_ok()
    visit.wait_for_layers(2)
    visit.wait(lambda: not visit.plug_ins(), 5)
    visit.shot("9-dreamed")
    assert visit.last()["settings"] == {"steps": 3}
    dreamed = visit.image()
    dialog = visit.choose("deepdream-again")
    visit.wait_for_standing(dialog)
    visit.screen.keys("alt+s", "ctrl+a")
    visit.screen.type("4\t")
    visit.shot("10-again")
    visit.press_ok()
    visit.wait(lambda: not visit.plug_ins())
    replaced = visit.image()
    assert replaced != dreamed
    assert [layer["name"] for layer in replaced["layers"]] == ["DeepDream Classic", "photo.png"]
    visit.shot("10-replaced")
    for keys, wanted in (("ctrl+z", dreamed), ("ctrl+y", replaced)):
        visit.screen.activate(visit.window)
        visit.screen.keys(keys)
        visit.wait_for_image(wanted)
    visit.wait_for_standing(visit.choose("deepdream-again"))
    visit.screen.keys("alt+n")  # a new layer right above it
    visit.shot("10-above")
    visit.press_ok()
    visit.wait_for_layers(3)
    visit.wait(lambda: not visit.plug_ins(), 5)
    top, below, _source = visit.image()["layers"]
    assert (top["name"], below) == ("DeepDream Classic #1", replaced["layers"][0])


@pytest.mark.usually_in("3.0")
def test_apply_dreams_while_the_artist_goes_on_choosing(visit: Visit) -> None:
    before = [layer["name"] for layer in visit.image()["layers"]]
    visit.remember(_SLOW)
    dialog = visit.choose("deepdream")
    visit.type_into("s", "3", "steps")
    visit.press("alt+y", lambda: visit.last().get("settings") == {**_SLOW, "steps": 3})
    visit.wait_for_layers(len(before) + 1)
    first = [layer["name"] for layer in visit.image()["layers"]]
    assert visit.screen.windows(DIALOG)
    visit.type_into("s", "1000", "steps")
    visit.press("alt+y", lambda: visit.last()["settings"] == {**_SLOW, "steps": 1000})
    visit.wait_for_work()
    visit.type_into("s", "8", "steps")
    visit.wait_for_dream(dialog)  # a preview does not wait for the dream
    visit.shot("14-queue")
    visit.press_ok()
    visit.there(_DREAMING)
    visit.screen.keys("Return")  # must not lose the dreams
    visit.shot("15-rest-of-the-queue")
    for _ in range(3):  # a window that is opening may miss some keys
        visit.screen.keys("Tab", "space")  # cancels the first one
        with contextlib.suppress(TimeoutError):
            visit.screen.wait_until_gone(_DREAMING, 15)
            break
    visit.wait(lambda: not visit.plug_ins(), 5)
    assert visit.last()["settings"] == {**_SLOW, "steps": 8}
    visit.remember({"steps": 8})
    made = [layer["name"] for layer in visit.image()["layers"]]
    # The later dream is above the one before it, which is right above its source.
    assert (made[1:], first[1:]) == (first, before)


@pytest.mark.usually_in("2.10")
def test_image_closed_meanwhile(visit: Visit) -> None:
    _dream_for_long(visit)
    visit.close_image()
    visit.there(_DREAMING)
    # Until the first step there is nothing to keep.
    visit.press("alt+k", lambda: visit.screen.windows(_MESSAGE))
    visit.there(_MESSAGE)
    visit.shot("12-closed")
    assert not visit.screen.windows("^GIMP (Message|Warning|Error)$")
    said = (visit.folder / "data" / "logs" / "last-error.txt").read_text("utf-8")
    assert "The image was closed during the dream, so the dream could not be inserted." in said
    visit.screen.keys("alt+g")
    visit.there("^DeepDream: Log$")
    visit.shot("13-log")
    visit.screen.keys("alt+o")  # Copy
    visit.wait(lambda: "The image was closed" in _clipboard(visit), 10)
    visit.screen.keys("Escape")
    visit.there(_MESSAGE)
    visit.screen.keys("Escape")
    visit.wait(lambda: not visit.plug_ins(), 5)


def _clipboard(visit: Visit) -> str:
    """Return the text on the clipboard."""
    code = (
        "import gi; gi.require_version('Gtk', '3.0'); from gi.repository import Gdk, Gtk\n"
        "print(Gtk.Clipboard.get(Gdk.SELECTION_CLIPBOARD).wait_for_text())"
    )
    env = {**os.environ, "DISPLAY": visit.screen.display}
    command = ["/usr/bin/python3", "-c", code]
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=30).stdout
