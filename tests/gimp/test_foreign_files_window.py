"""The window that asks whether to open the files that the recipe in an XCF file names."""

from __future__ import annotations

import functools
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hosts import Desktop, GimpHost
from visit import DIALOG, Visit

pytestmark = pytest.mark.usually_in("3.2")

_QUESTION = "^DeepDream: (Question|Frage)$"
_OPEN_XCF = """
image = gimp.image_list()[-1]
layer = image.layers[0]
layer.attach_new_parasite("deepdream-recipe", PARASITE_PERSISTENT, {note!r})
if gimp.version[0] == 2:
    pdb["gimp-xcf-save"](0, image, layer, {path!r}, {path!r})
    loaded = pdb["gimp-file-load"]({path!r}, {path!r})
else:
    from gi.repository import Gimp, Gio
    file = Gio.File.new_for_path({path!r})
    Gimp.file_save(Gimp.RunMode.NONINTERACTIVE, image.native, file, None)
    loaded = gimp.Image.from_id(Gimp.file_load(Gimp.RunMode.NONINTERACTIVE, file).get_id())
gimp.Display(loaded)
answer["image"] = loaded.ID
"""
_NAMES = {
    "long": {"guide": "/home/somebody/" + "/".join(["pictures-of-the-sea"] * 10) + "/wave.png"},
    "longest": {"mask": "/home/somebody/" + "/".join(["pictures"] * 1000) + "/wave.png"},
    "two": {"guide": "//server/share/guide.png", "mask": "/home/somebody/masks/mask.png"},
    "markup": {"guide": "/tmp/<b>&amp;\n\nDream with them? & <i>.png"},
    "right to left": {
        "guide": "/home/\u05d3\u05d5\u05d3/\u202egnp.exe",
        "mask": "/\u0639/\u0628.png",
    },
}


class Foreign:
    """A GIMP in which somebody's XCF files are opened, and dreamed again."""

    def __init__(self, visit: Visit) -> None:
        self.visit = visit
        self._opened = 0
        self._image = 0

    def open(self, **files: str) -> None:
        """Open an XCF file whose recipe names these files."""
        self._opened += 1
        recipe = {"octaves": 1, "steps": 1, "objective": "block4", **files}
        note = json.dumps({"preset": "classic", "recipe": recipe, "source": {"tattoo": 0}})
        name = f"foreign-{self._opened}"
        path = str(self.visit.folder / f"{name}.xcf")
        self._image = self.visit.inside(_OPEN_XCF.format(note=note, path=path))["image"]
        self.visit.window = self.visit.screen.wait_for_window(name, 20)

    def again(self) -> str:
        """Choose "Dream this layer again"; return the question that opens."""
        visit = self.visit
        visit.screen.activate(visit.window)
        visit.press("F7", lambda: visit.screen.windows(_QUESTION), 15)
        return visit.there(_QUESTION)

    def answer(self, keys: str) -> None:
        self.visit.press(keys, lambda: not self.visit.screen.windows(_QUESTION))

    def recipe(self) -> dict[str, Any]:
        """Return the recipe of the topmost layer."""
        code = (
            f"layer = gimp.Image.from_id({self._image}).layers[0]\n"
            "answer['note'] = bytes(layer.parasite_find('deepdream-recipe').data).decode()\n"
        )
        return json.loads(self.visit.inside(code)["note"])["recipe"]

    def wait_until_done(self) -> None:
        self.visit.wait(lambda: not self.visit.plug_ins(), 30)


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "de"])
def test_names_are_shown_as_they_are(
    gimp: GimpHost, screen: Desktop, tmp_path: Path, shots: Path, language: str
) -> None:
    """The question fits the screen and its window whatever the names are; see the screenshots."""
    visit = Visit(gimp, screen, tmp_path, shots, env={"LANGUAGE": language})
    try:
        foreign = Foreign(visit)
        for name, files in _NAMES.items():
            foreign.open(**files)
            question = foreign.again()
            x, y, width, height = screen.geometry(question)
            visit.wait(functools.partial(_is_painted, screen, (x, y, x + width, y + height)), 10)
            assert 300 < width < 800 and 120 < height < 500, (name, width, height)
            shot = f"{gimp.name}-60-{language}-{name.replace(' ', '-')}.png"
            screen.screenshot(shots / shot, question)
            foreign.answer("Escape")
            foreign.wait_until_done()
    finally:
        visit.job.stop()


def _is_painted(screen: Desktop, box: tuple[int, int, int, int]) -> bool:
    return screen.seen(box).std() > 10


@pytest.fixture(scope="module")
def foreign(
    gimp: GimpHost, screen: Desktop, tmp_path_factory: pytest.TempPathFactory, shots: Path
) -> Iterator[Foreign]:
    visit = Visit(gimp, screen, tmp_path_factory.mktemp("foreign"), shots)
    yield Foreign(visit)
    visit.job.stop()


def test_nothing_is_opened_before_or_without_consent(foreign: Foreign) -> None:
    """The guide is a pipe: whoever opened it would wait for ever."""
    visit = foreign.visit
    pipe = visit.folder / "pipe.png"
    os.mkfifo(pipe)
    foreign.open(guide=str(pipe))
    foreign.again()
    foreign.answer("Escape")
    foreign.wait_until_done()
    assert not visit.screen.windows(DIALOG)

    foreign.again()
    foreign.answer("alt+l")
    dialog = visit.there(DIALOG)
    visit.wait_for_standing(dialog)
    visit.press_ok()
    visit.wait_for_layers(2)
    foreign.wait_until_done()
    assert foreign.recipe()["guide"] == ""


def test_a_pipe_is_refused_even_with_consent(foreign: Foreign) -> None:
    visit = foreign.visit
    pipe = visit.folder / "another-pipe.png"
    os.mkfifo(pipe)
    foreign.open(guide=str(pipe))
    foreign.again()
    foreign.answer("alt+o")
    visit.there(DIALOG)
    visit.press_ok()
    visit.there("^DeepDream: Error$", 30)
    visit.shot("61-pipe")
    said = (visit.folder / "data" / "logs" / "last-error.txt").read_text("utf-8")
    assert str(pipe) in said and "is not a regular file" in said
    visit.press("Escape", lambda: not visit.screen.windows("^DeepDream: Error$"))
    foreign.wait_until_done()


def test_a_picture_is_opened_with_consent(foreign: Foreign) -> None:
    visit = foreign.visit
    guide = str(visit.folder / "photo.png")
    foreign.open(guide=guide)
    foreign.again()
    foreign.answer("alt+o")
    visit.wait_for_standing(visit.there(DIALOG))
    visit.press_ok()
    visit.wait_for_layers(2)
    foreign.wait_until_done()
    assert foreign.recipe()["guide"] == guide
