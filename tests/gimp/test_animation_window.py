"""Layers as frames, chosen in the dialog by an artist."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hosts import Desktop, GimpHost
from visit import Visit, unlike


@pytest.fixture(scope="module")
def visit(
    gimp: GimpHost, screen: Desktop, tmp_path_factory: pytest.TempPathFactory, shots: Path
) -> Iterator[Visit]:
    made = Visit(gimp, screen, tmp_path_factory.mktemp("animation"), shots, size=(96, 72))
    yield made
    made.job.stop()


_DREAMED = ["two (replace)", "one (70ms)"]


def _images(visit: Visit) -> list:
    code = "answer['images'] = [tree(image.layers) for image in gimp.image_list()]"
    return visit.inside(code)["images"]


def _names(visit: Visit) -> list[list[str]]:
    return [[layer["name"] for layer in image] for image in _images(visit)]


@pytest.mark.usually_in("3.0")
def test_an_animation_becomes_a_new_image(visit: Visit) -> None:
    settings = {"octaves": 1, "steps": 2, "passes": 3}
    kept = {"preset": "classic", "settings": settings, "output": {"output": "masked"}}
    last = visit.folder / "data" / "last-settings.json"
    last.write_text(json.dumps(kept), "utf-8")
    visit.inside(
        "image = photo()\n"
        "image.layers[0].name = 'one (70ms)'\n"
        "second = image.layers[0].copy()\n"
        "second.name = 'two (combine)'\n"
        "image.insert_layer(second, None, 0)\n"
        "second.set_offsets(2, 0)\n"
    )
    before = visit.image()
    visit.choose("deepdream-animation")
    visit.screen.keys("alt+n", "ctrl+a")
    visit.screen.type("0.5\t")
    visit.shot("animation-dialog")
    visit.press_ok()
    visit.wait(lambda: not visit.plug_ins(), 60)  # while it makes an image, nobody can look at it
    assert _DREAMED in _names(visit)
    assert visit.image() == before
    visit.shot("animation-made")
    remembered = json.loads(last.read_text("utf-8"))
    assert remembered["output"]["output"] == "masked"
    assert remembered["output"]["carry"] == 0.5
    assert "passes" not in remembered["settings"]


@pytest.mark.usually_in("3.0")
def test_it_is_repeated_without_the_dialog(visit: Visit) -> None:
    before = _images(visit)
    visit.repeat()
    visit.wait(lambda: not visit.plug_ins(), 60)
    assert len(_images(visit)) == len(before) + 1
    assert _names(visit).count(_DREAMED) == 2
    assert all(image in _images(visit) for image in before)


@pytest.mark.usually_in("3.0")
def test_cancelled_in_the_middle_it_leaves_nothing(visit: Visit) -> None:
    visit.remember({"octaves": 12, "octave_scale": 1.05})
    before = _images(visit)
    visit.choose("deepdream-animation")
    visit.screen.keys("alt+s", "ctrl+a")
    visit.screen.type("1000\t")
    visit.press_ok()
    window = visit.there("dreaming$")
    x, y, width, height = visit.screen.geometry(window)
    picture = x + width // 2 - 40, y + 40, x + width // 2 + 40, y + height // 3
    source = visit.screen.seen(picture)
    visit.wait(lambda: unlike(visit.screen.seen(picture), source) > 2, 60)  # it is shown growing
    visit.shot("animation-dreaming")
    visit.screen.keys("Escape")
    visit.wait(lambda: not visit.screen.windows("dreaming$"), 5)
    visit.wait(lambda: not visit.plug_ins(), 5)
    assert _images(visit) == before
    visit.wait_for_rest()
