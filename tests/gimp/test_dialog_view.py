"""Viewing and navigating in the dialog's real windows: before/after, split, 1:1, guide, keys.

The dialog is the same code in every GIMP, so these tests run in GIMP 3.0; `-m slow` runs them in
the others. test_dialog.py tests in all GIMPs what differs: starting, results, undo, cancelling.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hosts import Desktop, GimpHost
from visit import DIALOG, Visit, unlike

pytestmark = pytest.mark.usually_in("3.0")

_SHORT = {"octaves": 2, "steps": 3}
_SIZE = (720, 540)
"""Larger than the preview, so that the 1:1 view differs."""


@pytest.fixture(scope="module")
def visit(
    gimp: GimpHost, screen: Desktop, tmp_path_factory: pytest.TempPathFactory, shots: Path
) -> Iterator[Visit]:
    made = Visit(gimp, screen, tmp_path_factory.mktemp("view"), shots)
    made.inside(f"pdb['gimp-image-scale'](gimp.image_list()[0], *{_SIZE})")
    kept = {"preset": "classic", "settings": _SHORT, "output": {}}
    (made.folder / "data" / "last-settings.json").write_text(json.dumps(kept), "utf-8")
    yield made
    made.job.stop()


def test_before_split_and_a_part_at_its_own_size(visit: Visit) -> None:
    dialog, screen = visit.choose("deepdream"), visit.screen
    visit.wait_for_standing(dialog)
    left, top, right, bottom = visit.preview_box(dialog)
    middle = (top + bottom) // 2
    dreamed = visit.preview(dialog)
    with screen.held((left + right) // 2, middle):
        visit.wait(lambda: unlike(visit.preview(dialog), dreamed) > 2, 10)
        before = visit.preview(dialog)
        visit.shot("30-before")
    visit.wait(lambda: unlike(visit.preview(dialog), dreamed) < 0.1, 10)

    third = (right - left) // 3
    visit.press("alt+l", lambda: unlike(visit.preview(dialog), dreamed) > 0.5)
    split = visit.preview(dialog)
    visit.shot("31-split")
    assert unlike(split[:, :third], before[:, :third]) < 0.1
    assert unlike(split[:, -third:], dreamed[:, -third:]) < 0.1
    with screen.held(left + third // 2, middle):
        pass
    visit.wait(lambda: unlike(visit.preview(dialog)[:, third:], dreamed[:, third:]) < 0.1, 10)
    visit.press("alt+l", lambda: unlike(visit.preview(dialog), dreamed) < 0.1)

    visit.press("alt+1", lambda: unlike(visit.preview(dialog), dreamed) > 5)
    visit.wait_for_standing(dialog)
    visit.shot("32-at-its-own-size")
    assert unlike(visit.preview(dialog), dreamed) > 5
    screen.keys("alt+1")
    visit.wait(lambda: unlike(visit.preview(dialog), dreamed) < 0.1, 60)
    screen.keys("Escape")
    screen.wait_until_gone(DIALOG, 5)


def test_tab_goes_from_field_to_field(visit: Visit) -> None:
    visit.choose("deepdream")
    visit.screen.type("castle")
    visit.screen.keys("Tab", "Tab", "ctrl+a")
    visit.screen.type("0.5")
    visit.screen.keys("Tab", "ctrl+a")
    visit.screen.type("0.4")
    visit.screen.keys("Tab", "ctrl+a")
    visit.screen.type("0.9")
    visit.screen.keys("Tab", "ctrl+a")
    visit.screen.type("4\t")
    wanted = {"octaves": 2, "strength": 0.5, "motif": 0.4, "colourfulness": 0.9, "steps": 4}
    visit.wait(lambda: visit.chosen() == wanted, 10)
    visit.screen.keys("Escape")
    visit.screen.wait_until_gone(DIALOG, 5)


def test_a_layer_or_a_file_as_guide(visit: Visit) -> None:
    guide = visit.folder / "photo.png"
    visit.choose("deepdream")
    visit.screen.keys("alt+h", "alt+u", "Down")
    visit.wait(lambda: visit.chosen("output").get("guide_layer"), 10)
    visit.screen.keys("End")
    visit.there("^Choose a guide picture$")
    visit.choose_file(guide)
    visit.there(DIALOG)
    visit.wait(lambda: visit.chosen().get("guide") == str(guide), 10)
    assert not visit.chosen("output").get("guide_layer")
    visit.shot("33-guide")
    visit.press_ok()
    visit.wait_for_layers(2)
    visit.wait(lambda: not visit.plug_ins(), 10)
    note = visit.inside(
        "layer = gimp.image_list()[0].layers[0]\n"
        "answer['note'] = bytes(layer.parasite_find('deepdream-recipe').data).decode()\n"
    )["note"]
    assert json.loads(note)["recipe"]["guide"] == str(guide)
