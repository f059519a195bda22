"""Layers as frames, chosen in the dialog by an artist."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hosts import Desktop, GimpHost
from visit import Visit


@pytest.fixture(scope="module")
def visit(
    gimp: GimpHost, screen: Desktop, tmp_path_factory: pytest.TempPathFactory, shots: Path
) -> Iterator[Visit]:
    made = Visit(gimp, screen, tmp_path_factory.mktemp("animation"), shots, size=(96, 72))
    yield made
    made.job.stop()


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

    def names() -> list[list[str]]:
        code = "answer['names'] = [[l.name for l in i.layers] for i in gimp.image_list()]"
        return visit.inside(code)["names"]

    visit.wait(lambda: ["two (replace)", "one (70ms)"] in names(), 60)
    assert visit.image() == before
    visit.shot("animation-made")
    visit.wait(lambda: not visit.plug_ins(), 10)
    remembered = json.loads(last.read_text("utf-8"))
    assert remembered["output"]["output"] == "masked"
    assert remembered["output"]["carry"] == 0.5
    assert "passes" not in remembered["settings"]
