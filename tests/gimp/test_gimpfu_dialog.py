"""The dialog that gimpfu makes for other people's plug-ins, in real windows of each GIMP."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hosts import Desktop, GimpHost, desktop
from visit import Visit

KEYS = {
    "python-fu-ask-kinds": "ctrl+F8",
    "python-fu-ask-things": "ctrl+F9",
    "python-fu-ask-many": "ctrl+F10",
}
TITLES = {"kinds": "^Ask for every kind$", "things": "^Ask for things$", "many": "^Ask many"}
REPEAT = "ctrl+f"
_SMALL = "1280x720"
_SET_UP = """
image = photo()
image.add_channel(gimp.Channel(image, "first", 9, 9, 50, (0, 0, 0)))
image.add_channel(gimp.Channel(image, "second", 9, 9, 50, (0, 0, 0)))
image.add_vectors(gimp.Vectors(image, "path"))
group = gimp.GroupLayer(image, "group")
image.add_layer(group, 0)
image.insert_layer(gimp.Layer(image, "inner", 9, 9, RGBA_IMAGE), group)
image.add_layer(gimp.Layer(image, "top", 9, 9, RGBA_IMAGE), 0)
"""


class Asking:
    """A GIMP with the plug-in `ask`."""

    def __init__(self, visit: Visit, told: Path, files: Path) -> None:
        self.visit, self.screen, self._told, self._files = visit, visit.screen, told, files

    def open(self, name: str) -> str:
        """Choose a command in the menu; return the dialog that opens."""
        self.start(KEYS[f"python-fu-ask-{name}"], lambda: self.screen.windows(TITLES[name]))
        return self.visit.there(TITLES[name])

    def start(self, keys: str, heard: Callable[[], Any]) -> None:
        """Press keys in the image window until they take effect."""
        self.visit.dismiss_messages()
        self.screen.activate(self.visit.window)
        self.visit.press(keys, heard, 20)

    def told(self) -> list[Any]:
        """Return what the plug-in got, as soon as it has got it."""
        self.visit.wait(self._told.exists, 20)
        _, *values = json.loads(self._told.read_text("utf-8"))
        self._told.unlink()
        return values

    def nothing_told(self) -> bool:
        return not self._told.exists()

    def repeat(self) -> list[Any]:
        """Run the last filter again; return what the plug-in got."""
        self.start(REPEAT, self._told.exists)
        return self.told()

    def named(self, value: Any) -> Any:
        """Put the name of the folder with the files into a text."""
        return value.replace("FILES", str(self._files)) if isinstance(value, str) else value

    def leave(self) -> None:
        """Close what a failed test left open."""
        with contextlib.suppress(AssertionError):
            self.visit.wait(lambda: not self._running(), 5)
        for pid in self._running():
            os.kill(pid, signal.SIGKILL)

    def _running(self) -> list[int]:
        return [pid for pid, command in self.visit.job.processes() if "ask.py" in command]

    def complaint(self, keys: str) -> str:
        """Press keys in the image window that fail; return what the plug-in says."""
        before = len(self.visit.job.stderr())

        def said() -> list[str]:
            lines = self.visit.job.stderr()[before:].splitlines()
            return [line for line in lines if line.startswith("python-fu-ask")]

        self.start(keys, said)
        self.screen.wait_for_window("^GIMP Message$", 20)
        return said()[0]


@pytest.fixture(scope="module")
def small(screen: Desktop) -> Iterator[Desktop]:
    """A small screen."""
    with desktop(_SMALL) as made:
        yield made


@pytest.fixture(autouse=True)
def nothing_left_open(asking: Asking) -> Iterator[None]:
    yield
    asking.leave()


@pytest.fixture(scope="module")
def asking(
    gimp: GimpHost, small: Desktop, tmp_path_factory: pytest.TempPathFactory, shots: Path
) -> Iterator[Asking]:
    folder = tmp_path_factory.mktemp("ask")
    told = folder / "told.json"
    files = folder / "é ü"
    files.mkdir()
    for name in ("à b.txt", "ç d.txt"):
        (files / name).write_text("", "utf-8")
    env = {"ASK_FILE": str(told), "ASK_FOLDER": str(files)}
    visit = Visit(gimp, small, folder, shots, env=env, keys=KEYS)
    yield Asking(visit, told, files)
    visit.job.stop()


def typed(text: str, *keys: str, then: str = "") -> Callable[[Visit], None]:
    """Press keys and type a text."""

    def act(visit: Visit) -> None:
        if keys:
            visit.screen.keys(*keys)
        visit.screen.type(text)
        if then:
            visit.screen.keys(then)

    return act


def pressed(*keys: str) -> Callable[[Visit], None]:
    return lambda visit: visit.screen.keys(*keys)


def left(visit: Visit) -> None:
    """Change nothing."""


def coloured(visit: Visit) -> None:
    """Choose a colour in GIMP's own window."""
    dialog = visit.screen.focused()
    visit.press("space", lambda: visit.screen.windows("^Colour$"))
    visit.there("^Colour$")
    visit.screen.keys("alt+n")
    visit.screen.type("336699\t")
    visit.press("alt+o", lambda: not visit.screen.windows("^Colour$"))
    visit.screen.activate(dialog)


ROWS: list[tuple[str, Callable[[Visit], None], Any]] = [
    # Kind, what the user does in its field, what the plug-in gets
    ("int", typed("42", "alt+i"), 42),
    ("int16", typed("-7"), -7),
    ("int8", typed("200"), 200),
    ("float", left, 0.000125),
    ("slider", typed("0.6", "Tab"), 0.6),
    ("spinner", typed("7"), 7),
    ("spinner with halves", typed("5.5"), 5.5),
    ("toggle", pressed("space"), False),
    ("option", pressed("Down"), 2),
    ("radio", pressed("Down"), 3),
    ("string", typed("bc", "End"), "ä bc"),
    ("text", typed("three", "ctrl+End", "Return"), "one\ntwo\nthree"),
    ("colour", coloured, [0.2, 0.4, 0.6, 1.0]),
    ("file", pressed("Tab"), "FILES/à b.txt"),
    ("filename", typed(" one.txt", "End", then="Tab"), "FILES/new one.txt"),
    ("dirname", typed("/new", "End", then="Tab"), "FILES/new"),
    ("font", left, "Sans-serif"),
    ("brush", left, "2. Hardness 050"),
    ("pattern", left, "Pine"),
    ("gradient", left, "Golden"),
    ("palette", left, "Web"),
]


@pytest.mark.usually_in("2.10", "3.2")
def test_what_is_entered_reaches_the_plug_in(asking: Asking) -> None:
    """The dialog is filled in with the keyboard alone; repeating the filter uses its values."""
    screen, visit = asking.screen, asking.visit
    dialog = asking.open("kinds")
    screen.screenshot(visit.shots / f"{visit.gimp.name}-70-kinds.png", dialog)
    tabs = []
    for _, act, _ in ROWS:
        tabs.append("Tab")
        if act is not left:
            screen.keys(*tabs)
            act(visit)
            tabs = []
    screen.screenshot(visit.shots / f"{visit.gimp.name}-71-kinds-filled-in.png", dialog)
    visit.press("alt+o", lambda: not screen.windows(TITLES["kinds"]))
    kinds = [kind for kind, _, _ in ROWS]
    wanted = dict(zip(kinds, (asking.named(value) for _, _, value in ROWS), strict=True))
    assert dict(zip(kinds, asking.told(), strict=True)) == wanted
    assert asking.repeat() == list(wanted.values())


def choose_resource(asking: Asking, name: str) -> None:
    """Click on something else in GIMP's own window for fonts, brushes or the like."""
    visit, screen = asking.visit, asking.screen
    dialog = screen.focused()
    visit.press("space", lambda: screen.windows(f"^{name}$"))
    x, y, width, height = screen.geometry(visit.there(f"^{name}$"))
    time.sleep(0.5)
    with screen.held(x + width // 3, y + 2 * height // 5):
        pass
    time.sleep(0.5)
    visit.shot(f"75-{name}")
    visit.press(
        "Escape" if visit.gimp.is_gimp2 else "alt+o", lambda: not screen.windows(f"^{name}$")
    )
    screen.activate(dialog)


@pytest.mark.slow
def test_resources_and_files_are_chosen_in_windows_and_offered_again(asking: Asking) -> None:
    visit, screen = asking.visit, asking.screen
    asking.open("kinds")
    screen.keys("Return")
    before = asking.told()
    dialog = asking.open("kinds")
    screen.keys("shift+Tab", "shift+Tab")
    for name in ("Palette", "Gradient", "Pattern", "Brush", "Font"):
        choose_resource(asking, name)
        screen.keys("shift+Tab")
    # The focus is on the button for the folder; between the buttons are the names.
    files = {
        "Folder": ["alt+o"],
        "File to write": ["ctrl+a", "x", "alt+s"],
        "File": ["Down", "alt+o"],
    }
    for title, keys in files.items():
        visit.press("space", functools.partial(screen.windows, f"^{title}$"))
        screen.activate(visit.there(f"^{title}$"))
        time.sleep(0.7)
        visit.shot(f"76-{title}")
        screen.keys(*keys)
        screen.wait_until_gone(f"^{title}$", 10)
        screen.activate(dialog)
        screen.keys("shift+Tab", "shift+Tab")
    screen.keys("alt+o")
    chosen = asking.told()
    assert all(new != old for new, old in zip(chosen[-5:], before[-5:], strict=True)), chosen
    assert chosen[13:16] == list(map(asking.named, ["FILES/ç d.txt", "FILES/x", "FILES"]))
    asking.open("kinds")
    screen.keys("Return")
    assert asking.told() == chosen


@pytest.mark.usually_in("2.10", "3.2")
def test_things_are_kept_while_they_exist(asking: Asking) -> None:
    visit, screen = asking.visit, asking.screen
    said = asking.complaint(KEYS["python-fu-ask-things"])
    assert said.endswith("Channel: no image has a channel to choose. Create one first.")
    visit.inside(_SET_UP)
    dialog = asking.open("things")
    screen.screenshot(visit.shots / f"{visit.gimp.name}-72-things.png", dialog)
    screen.keys("Tab", "Tab", "Tab", "Down", "Down", "Tab", "Down", "alt+o")
    told = asking.told()
    image = ["Image", "[photo] (imported)"]
    shown = [["Vectors", "path"], ["Display", True]]
    assert told == [image, ["Layer", "top"], ["Layer", "inner"], ["Channel", "first"], *shown]
    assert asking.repeat() == told

    visit.inside("image = photo()\nimage.remove_layer(image.layers[1])")
    said = asking.complaint(REPEAT)
    assert "Layer: there is no layer from an earlier run." in said
    assert asking.nothing_told()
    asking.open("things")
    screen.keys("Return")
    assert asking.told() == [*told[:2], ["Layer", "top"], *told[3:]]


@pytest.mark.usually_in("2.10", "3.2")
def test_many_questions_fit_a_small_screen(asking: Asking) -> None:
    visit, screen = asking.visit, asking.screen
    dialog = asking.open("many")
    screen.screenshot(visit.shots / f"{visit.gimp.name}-73-many.png")
    _, _, width, height = screen.geometry(dialog)
    assert 400 < width < 720 and 500 < height < 660, (width, height)
    screen.keys("shift+Tab", "shift+Tab")
    screen.type("last")
    screen.screenshot(visit.shots / f"{visit.gimp.name}-74-many-at-the-end.png")
    visit.press("Escape", lambda: not screen.windows(TITLES["many"]))
    time.sleep(0.3)
    assert asking.nothing_told()
