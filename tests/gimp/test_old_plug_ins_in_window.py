"""Three plug-ins of GIMP 2's authors, run through the dialogs that gimpfu makes for them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import authors
import pytest
from hosts import Desktop, GimpHost
from visit import Visit

pytestmark = pytest.mark.slow

KEYS = {
    "python-fu-guide-grid": "ctrl+F8",
    "python-fu-star": "ctrl+F9",
    "python-fu-new-paper": "ctrl+F10",
}


@pytest.fixture(scope="module")
def visit(
    gimp: GimpHost, screen: Desktop, tmp_path_factory: pytest.TempPathFactory, shots: Path
) -> Iterator[Visit]:
    folder = tmp_path_factory.mktemp("authors")
    plug_ins = authors.installed(folder / "plug-ins")
    env = {"PYTHONDONTWRITEBYTECODE": ""}
    made = Visit(gimp, screen, folder, shots, env=env, keys=KEYS, plug_ins=[plug_ins])
    yield made
    made.job.stop()


def answer(visit: Visit, name: str, title: str, *entries: str) -> None:
    """Choose a plug-in; enter texts into fields by their mnemonics, as in "p 7"; press OK."""
    visit.dismiss_messages()
    visit.screen.activate(visit.window)
    visit.press(KEYS[f"python-fu-{name}"], lambda: visit.screen.windows(title), 20)
    visit.there(title)
    for entry in entries:
        visit.screen.keys(f"alt+{entry[0]}", "ctrl+a")
        visit.screen.type(entry[2:])
    visit.shot(f"70-{name}")
    visit.press("alt+o", lambda: not visit.screen.windows(title))


def test_guides_with_the_defaults(visit: Visit) -> None:
    answer(visit, "guide-grid", "^Guide Grid")
    code = """
image, guide, told = photo(), 0, []
while guide := image.find_next_guide(guide):
    told.append([image.get_guide_orientation(guide), image.get_guide_position(guide)])
answer["guides"] = sorted(told)
"""
    visit.wait(lambda: len(visit.inside(code)["guides"]) == 4, 20)
    assert visit.inside(code)["guides"] == [[0, 50], [0, 100], [1, 66], [1, 133]]


def test_a_star_of_seven_points(visit: Visit) -> None:
    answer(visit, "star", "^Star", "p 7\t")
    code = """
layer = photo().layers[0]
answer["layer"] = [layer.name, len(photo().vectors) and len(photo().vectors[0].strokes)]
if photo().vectors:
    answer["points"] = len(photo().vectors[0].strokes[0].points[0]) // 6
"""
    visit.wait(lambda: visit.inside(code)["layer"] == ["star", 2], 20)
    assert visit.inside(code)["points"] == 14


def test_a_new_image_of_squared_paper(visit: Visit) -> None:
    answer(visit, "new-paper", "^Paper", "a 20\t")
    code = """
others = [image for image in gimp.image_list() if image != photo()]
layers = [layer for image in others for layer in image.layers]
answer["paper"] = [[i.width, *i.get_pixel(5, 20), *i.get_pixel(5, 10)] for i in layers]
"""
    paper = [[120, 96, 128, 192, 250, 245, 230]]
    visit.wait(lambda: visit.inside(code)["paper"] == paper, 20)
