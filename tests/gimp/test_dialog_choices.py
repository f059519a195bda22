"""Presets, settings after a crash, and networks in the dialog's real windows.

Each GIMP is started once. The network to download is a real, untrained one from a local server;
only its address and hash are replaced in the engine's catalogue.

The dialog is the same code in every GIMP, so these tests run in GIMP 3.2; `-m slow` runs them in
the others. test_dialog.py tests in all GIMPs what differs: starting, results, undo, cancelling.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torchvision
from hosts import CHECKOUT, Desktop, GimpHost
from inside import stand_in
from visit import DIALOG, Visit, unlike
from weights_server import serving

_SURPRISE = "^DeepDream: Surprise me$"
_GUIDE = "^DeepDream: User guide$"
_WEB = "x-scheme-handler/https"
pytestmark = pytest.mark.usually_in("3.2")


@pytest.fixture(scope="module")
def weights() -> bytes:
    """The weights file of an untrained network."""
    torch.manual_seed(1)
    file = io.BytesIO()
    torch.save(torchvision.models.squeezenet1_1(weights=None).state_dict(), file)
    return file.getvalue()


@pytest.fixture(scope="module")
def port() -> int:
    """A port on which nothing listens yet."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


@pytest.fixture(scope="module")
def visit(
    gimp: GimpHost,
    screen: Desktop,
    tmp_path_factory: pytest.TempPathFactory,
    shots: Path,
    weights: bytes,
    port: int,
) -> Iterator[Visit]:
    folder = tmp_path_factory.mktemp("choices")
    address = f"http://127.0.0.1:{port}/weights.pth"
    digest = hashlib.sha256(weights).hexdigest()
    engine = stand_in(folder, "engine_of_few_networks.py", address, digest)
    made = Visit(gimp, screen, folder, shots, env={"DEEPDREAM_PYTHON": str(engine)})
    yield made
    made.job.stop()


def _presets(visit: Visit) -> dict[str, Any]:
    """Return the artist's own presets by title."""
    found = {}
    for path in (visit.folder / "data" / "presets").glob("[!.]*.json"):
        kept = json.loads(path.read_text("utf-8"))
        found[kept["title"]] = kept["settings"]
    return found


def _menu(visit: Visit, letter: str, window: str) -> None:
    menus = len(visit.screen.popups())
    visit.press("alt+p", lambda: len(visit.screen.popups()) > menus)
    visit.screen.keys(letter)
    visit.there(window)


def _grid(visit: Visit, dialog: str) -> tuple[int, int, int, int]:
    """Return left, top, right and bottom of the first pictures, below a bar with a problem."""
    x, y, width, _height = visit.screen.geometry(dialog)
    return x + width // 2 + 20, y + 180, x + width - 40, y + 340


def _press_ok(visit: Visit) -> dict[str, Any]:
    """Press OK, wait for the dream, and return the remembered settings."""
    layers = len(visit.image()["layers"])
    visit.press_ok()
    visit.wait_for_layers(layers + 1)
    visit.wait(lambda: not visit.plug_ins(), 10)
    return visit.last()


def test_presets(visit: Visit) -> None:
    visit.choose("deepdream")
    visit.type_into("t", "0.5", "strength")
    _menu(visit, "s", "^Save as preset$")
    visit.screen.type("Half awake")
    visit.screen.keys("Return")
    visit.wait(lambda: "Half awake" in _presets(visit), 10)
    visit.there(DIALOG)
    assert _presets(visit)["Half awake"]["strength"] == 0.5
    picture = visit.folder / "data" / "presets" / "half-awake.png"
    visit.wait(lambda: picture.exists() and picture.stat().st_size > 1000)
    visit.shot("20-saved")

    _menu(visit, "n", "^Rename preset$")
    visit.screen.type("Half asleep")
    visit.screen.keys("Return")
    visit.wait(lambda: list(_presets(visit)) == ["Half asleep"], 10)
    visit.there(DIALOG)

    exported = visit.folder / "exported.json"
    _menu(visit, "e", "^Export preset$")
    visit.screen.keys("ctrl+a")
    visit.screen.type(f"{exported}")
    visit.screen.keys("Return")
    visit.wait(exported.exists, 10)
    visit.there(DIALOG)

    _menu(visit, "d", "^DeepDream: Question$")
    visit.screen.keys("alt+d")
    visit.wait(lambda: not _presets(visit), 10)
    visit.there(DIALOG)

    kept = json.loads(exported.read_text("utf-8"))
    kept["settings"]["strength"] = 0.75
    exported.write_text(json.dumps(kept), "utf-8")
    _menu(visit, "i", "^Import preset$")
    visit.choose_file(exported)
    visit.wait(lambda: _presets(visit) == {"Half asleep": kept["settings"]}, 10)
    visit.there(DIALOG)
    visit.shot("21-imported")
    remembered = _press_ok(visit)
    assert (remembered["preset"], remembered["settings"]) == ("half-asleep", {})
    assert visit.image()["layers"][0]["name"] == "DeepDream Half asleep"


def test_a_preset_is_replaced_only_if_the_artist_agrees(visit: Visit) -> None:
    def save_again() -> None:
        _menu(visit, "s", "^Save as preset$")
        visit.screen.type("Half asleep")
        visit.screen.keys("Return")
        visit.there("^DeepDream: Question$")

    visit.choose("deepdream")
    visit.type_into("t", "0.6", "strength")
    save_again()
    visit.shot("21-question")
    visit.screen.keys("Escape")
    visit.there(DIALOG)
    assert _presets(visit)["Half asleep"]["strength"] == 0.75
    save_again()
    visit.screen.keys("alt+r")
    visit.wait(lambda: _presets(visit)["Half asleep"]["strength"] == 0.6, 10)
    visit.there(DIALOG)
    visit.screen.keys("Escape")
    visit.screen.wait_until_gone(DIALOG, 5)


def test_settings_outlive_a_crash(visit: Visit) -> None:
    visit.choose("deepdream")
    visit.type_into("t", "0.25", "strength")
    for pid in visit.plug_ins():
        os.kill(pid, signal.SIGKILL)
    visit.wait(lambda: not visit.screen.windows(DIALOG), 10)
    visit.choose("deepdream")
    visit.shot("22-after-the-crash")
    assert _press_ok(visit)["settings"] == {"strength": 0.25}
    visit.choose("deepdream")
    visit.press("alt+r", lambda: visit.chosen() == {})
    assert _press_ok(visit)["settings"] == {}


def test_pictures_are_starred_mixed_and_weighed_and_words_become_objectives(visit: Visit) -> None:
    dialog, screen = visit.choose("deepdream"), visit.screen
    visit.wait_for_standing(dialog)
    visit.see_change(dialog, text="castle")
    screen.keys("Down", "Home")
    visit.press("space", lambda: visit.chosen().get("objective") == "class:castle")
    menus = len(screen.popups())
    visit.press("shift+F10", lambda: len(screen.popups()) > menus)
    kept = visit.folder / "data" / "favourites.json"
    visit.press("s", lambda: json.loads(kept.read_text("utf-8"))["starred"] == ["/class:castle"])

    screen.keys("ctrl+f")
    visit.see_change(dialog, text="peacock")
    x, y, width, _height = screen.geometry(dialog)
    screen.click(x + round(0.575 * width), y + 190, held="ctrl")
    mix = "class:castle + class:peacock"
    visit.wait(lambda: visit.chosen().get("objective") == mix, 10)
    screen.keys("Down", "Tab")  # to the slider of the first chip
    visit.press("Left", lambda: visit.chosen()["objective"] != mix)
    assert visit.chosen()["objective"] == "0.95*class:castle + class:peacock"
    screen.keys("Tab", "Tab", "Tab", "Tab")
    visit.press("space", lambda: visit.chosen("output").get("output") == "features")
    assert visit.chosen("output")["features"] == "class:castle|class:peacock"
    visit.shot("22-mixed")

    visit.see_change(dialog, "alt+h")
    screen.keys("alt+j", "ctrl+a")
    screen.type("palm tree")
    visit.wait(lambda: len(screen.windows(DIALOG)) == 1, 1)
    visit.shot("22-did-you-mean")
    screen.keys("Return")
    visit.wait(lambda: visit.chosen()["objective"] == "block10:97", 10)
    assert visit.chosen("output")["features"] == "block10:97"
    screen.keys("Escape")
    screen.wait_until_gone(DIALOG, 5)


def test_a_surprise_is_taken_or_everything_is_as_before(visit: Visit) -> None:
    dialog = visit.choose("deepdream")
    visit.wait_for_standing(dialog)
    _take_surprise(visit, dialog)
    visit.press("Escape", lambda: not visit.screen.windows(_SURPRISE))
    visit.wait(lambda: not visit.chosen(), 10)
    _take_surprise(visit, dialog)
    visit.press("alt+k", lambda: not visit.screen.windows(_SURPRISE))
    visit.screen.activate(dialog)
    time.sleep(1.5)  # the settings are kept every second
    assert list(visit.chosen()) == ["seed"]
    visit.press("alt+r", lambda: not visit.chosen())
    visit.screen.keys("Escape")
    visit.screen.wait_until_gone(DIALOG, 5)


def _take_surprise(visit: Visit, dialog: str) -> None:
    """Take the first of the four dreams as soon as it is there: until then, it is grey."""
    screen = visit.screen
    screen.activate(dialog)
    screen.keys("ctrl+f", "Tab", "space")
    x, y, width, height = screen.geometry(visit.there(_SURPRISE))
    first = (x + 20, y + 60, x + width // 4 - 20, y + height // 2)

    def colour() -> float:
        seen = screen.seen(first)
        return float(np.abs(seen - seen.mean(2, keepdims=True)).mean())

    visit.wait(lambda: colour() > 5, 60)
    screen.click(x + width // 8, y + height // 3)
    visit.wait(lambda: list(visit.chosen()) == ["seed"], 10)
    visit.shot("22-surprise")


def test_f1_opens_the_user_guide_or_says_where_it_is(visit: Visit) -> None:
    dialog, screen = visit.choose("deepdream"), visit.screen
    visit.wait_for_standing(dialog)
    visit.press("F1", lambda: screen.windows(_GUIDE), 10)
    visit.shot("39-guide-without-browser")
    visit.press("Escape", lambda: not screen.windows(_GUIDE))
    opened = _install_browser(visit)
    screen.activate(dialog)
    visit.press("F1", opened.exists, 10)
    page = CHECKOUT / "plug-ins" / "deepdream" / "guide" / "index.html"
    assert opened.read_text("utf-8").strip() in (page.as_uri(), str(page))
    assert not screen.windows(_GUIDE)
    screen.keys("Escape")
    screen.wait_until_gone(DIALOG, 5)


def _install_browser(visit: Visit) -> Path:
    """Make a program the browser; return the file into which it writes what it opens."""
    opened, program = visit.folder / "opened.txt", visit.folder / "browser"
    program.write_text(f'#!/bin/sh\necho "$@" >> "{opened}.part"\nmv "{opened}.part" "{opened}"\n')
    program.chmod(0o755)
    folder = visit.folder / "home" / ".local" / "share" / "applications"
    folder.mkdir(parents=True, exist_ok=True)
    entry = f"[Desktop Entry]\nType=Application\nName=Browser\nExec={program} %u\n"
    (folder / "browser.desktop").write_text(f"{entry}MimeType={_WEB};\n")
    (folder / "mimeapps.list").write_text(f"[Default Applications]\n{_WEB}=browser.desktop\n")
    return opened


def test_a_preset_brings_its_network_and_that_networks_pictures(visit: Visit) -> None:
    dialog = visit.choose("deepdream")
    visit.wait_for_standing(dialog)
    visit.see_change(dialog, text="inceptionism")
    visit.press("Return", lambda: visit.chosen("preset") == "inceptionism")
    visit.shot("22-network-missing")
    visit.wait_for_standing(dialog)
    visit.screen.keys("ctrl+f")
    visit.see_change(dialog, text="qqqqqqqq")
    nothing = visit.screen.seen(_grid(visit, dialog))
    visit.screen.keys("ctrl+a")
    visit.screen.type("block12:180")  # a channel of the network before
    time.sleep(1.5)
    visit.shot("22-no-such-picture")
    assert unlike(visit.screen.seen(_grid(visit, dialog)), nothing) < 0.5
    visit.screen.keys("ctrl+a")
    visit.see_change(dialog, text="volcano")
    # A class is the same in every network, so the network stays.
    visit.press("Return", lambda: "objective" in visit.chosen())
    assert visit.chosen() == {"objective": "class:volcano"}
    visit.see_change(dialog, "alt+h")
    visit.shot("22-download-it")
    visit.press("alt+r", lambda: visit.chosen() == {})
    visit.screen.keys("Escape")
    visit.screen.wait_until_gone(DIALOG, 5)


def test_a_missing_network_is_offered_where_its_dream_would_be(visit: Visit) -> None:
    code = "import widgets\nanswer.update(widgets.download_from_bar(photo(), 'inceptionism'))"
    told = visit.inside(code)
    assert told["said"].startswith("The network of this dream is not on this computer yet")
    assert "deepdream models add googlenet" in told["log"]
    assert told["page"] == 1
    (status,) = told["status"]  # nothing listens at the address yet
    assert status.startswith("The weights of googlenet could not be downloaded")


def test_a_network_is_downloaded(visit: Visit, weights: bytes, port: int) -> None:
    models = visit.folder / "data" / "models"
    dialog = visit.choose("deepdream")
    visit.wait_for_standing(dialog)
    visit.see_change(dialog, "alt+h")
    visit.see_change(dialog, "alt+n")
    visit.shot("23-networks")
    visit.screen.keys("End", "Return")  # more networks
    visit.see_change(dialog, "Return")
    visit.shot("23-not-here-yet")
    with serving(weights, port) as server:
        server.status = 404
        visit.see_change(dialog, "alt+d")
        visit.wait(lambda: server.ranges == [None], 20)
        visit.shot("24-refused")
        assert not list(models.glob("[!.]*"))

        server.ranges.clear()
        server.status, server.breaks, server.breaks_after, server.stalls = 200, 1, 2_000_000, True
        part = models / "squeezenet1_1-b8a52dc0.pth.partial"
        visit.press("alt+d", lambda: part.exists() and part.stat().st_size > 1_900_000, 10)
        visit.shot("25-downloading")
        visit.see_change(dialog, "alt+d")  # the button now stops the download
        visit.shot("26-cancelled")
        assert [path.name for path in models.glob("[!.]*")] == [part.name]
        begun = part.stat().st_size
        whole = models / "squeezenet1_1-b8a52dc0.pth"
        visit.press("alt+d", whole.exists, 20)
        assert server.ranges == [None, f"bytes={begun}-"]
    assert whole.read_bytes() == weights
    # The objective is translated: layers of one network have other names in another.
    visit.wait(lambda: visit.chosen() == {"model": "squeezenet1_1", "objective": "objects"}, 10)
    visit.shot("27-downloaded")
    before = visit.preview(dialog)
    visit.type_into("j", "fire5", "objective")
    visit.wait(lambda: unlike(visit.preview(dialog), before) > 1.5)
    visit.shot("28-dreams")
    settings = _press_ok(visit)["settings"]
    assert settings == {"model": "squeezenet1_1", "objective": "fire5"}
