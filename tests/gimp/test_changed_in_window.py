"""Images that are changed or closed while the window of a dream is up.

In GIMP 2.10 the artist does it with GIMP's own menu entries. In GIMP 3, a plug-in's window is modal
for GIMP's, which takes no keys meanwhile; there another plug-in does the same.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hosts import Desktop, GimpHost
from visit import SIZE, Visit

_DREAMING = "dreaming$"
_CLOSED = "The image was closed during the dream, so the dream could not be inserted."
_KEYS = {
    "layers-delete": "ctrl+F6",
    "image-flatten": "ctrl+F7",
    "image-convert-grayscale": "ctrl+F8",
    "image-crop-to-selection": "ctrl+F9",
    "image-rotate-90": "ctrl+F10",
}
_CODE = {
    "layers-delete": "image.remove_layer(image.layers[-1])",
    "image-flatten": "pdb['gimp-image-flatten'](image)",
    "image-convert-grayscale": "pdb['gimp-image-convert-grayscale'](image)",
    "image-crop-to-selection": "pdb['gimp-image-crop'](image, 100, 80, 20, 10)",
    "image-rotate-90": "pdb['gimp-image-rotate'](image, 0)",
}
_STARTED = """
image = gimp.image_list()[0]
photo = image.layers[0]
image.insert_layer(gimp.Layer(image, "other", 30, 30))
image.active_layer = photo
pdb["gimp-image-select-rectangle"](image, CHANNEL_OP_REPLACE, 20, 10, 100, 80)
image.clean_all()
"""


def _start(gimp: GimpHost, screen: Desktop, folder: Path, shots: Path, steps: int) -> Visit:
    """Open a photo below another layer, with a selection; each dream will have these steps."""
    made = Visit(gimp, screen, folder, shots, keys=_KEYS)
    made.inside(_STARTED)
    _remember(made, steps)
    return made


def _remember(visit: Visit, steps: int) -> None:
    kept = {"preset": "classic", "settings": {"steps": steps}, "output": {}}
    file = visit.folder / "data" / "last-settings.json"
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps(kept), "utf-8")


def _dream_for_long(visit: Visit) -> None:
    visit.choose("deepdream")
    visit.press_ok()
    visit.there(_DREAMING)
    visit.wait_for_work()


def _keep_dream_so_far(visit: Visit) -> None:
    visit.there(_DREAMING)
    visit.press("alt+k", lambda: not visit.screen.windows(_DREAMING))


def _undo_to(visit: Visit, wanted: dict) -> None:
    visit.dismiss_messages()
    visit.screen.activate(visit.window)
    visit.screen.keys("ctrl+z")
    visit.wait_for_image(wanted)


def _close_image(visit: Visit, how: str) -> None:
    """Close the image without saving it."""
    if how == "window" and not visit.gimp.is_gimp2:
        visit.close_image()
        return
    visit.screen.activate(visit.window)
    visit.screen.keys("ctrl+w")
    visit.there("^Close ")
    visit.press("alt+d", lambda: not visit.screen.windows("^Close "))
    visit.wait(lambda: not visit.screen.windows(" layer"), 10)


@pytest.mark.slow
@pytest.mark.parametrize("how", ["window", "bar"])
def test_closed_image_is_reported(
    gimp: GimpHost, screen: Desktop, tmp_path: Path, shots: Path, how: str
) -> None:
    """With the window of a dream, and where a repeated dream uses GIMP's own progress bar."""
    visit = _start(gimp, screen, tmp_path, shots, steps=1)
    try:
        visit.choose("deepdream")
        visit.press_ok()
        visit.wait_for_layers(3)
        visit.wait(lambda: not visit.plug_ins(), 10)
        _remember(visit, steps=1000 if how == "window" else 40)
        if how == "window":
            _dream_for_long(visit)
        else:
            visit.repeat()
            visit.wait_for_work()
        _close_image(visit, how)
        if how == "window":
            _keep_dream_so_far(visit)
            visit.there("^DeepDream: Error$")
            visit.shot("51-closed")
            visit.press("Escape", lambda: not visit.screen.windows("^DeepDream: Error$"))
        visit.wait(lambda: not visit.plug_ins(), 120)
        visit.shot(f"52-closed-{how}")
        said = (visit.folder / "data" / "logs" / "last-error.txt").read_text("utf-8")
        assert said.strip().endswith(_CLOSED)
        assert not visit.inside("answer['images'] = len(gimp.image_list())")["images"]
        assert visit.job.process.poll() is None
        assert "Traceback" not in visit.job.stderr()
    finally:
        visit.job.stop()


@pytest.fixture(scope="module")
def visit(
    gimp: GimpHost, screen: Desktop, tmp_path_factory: pytest.TempPathFactory, shots: Path
) -> Iterator[Visit]:
    made = _start(gimp, screen, tmp_path_factory.mktemp("changed"), shots, steps=1000)
    yield made
    made.job.stop()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("action", "names"),
    [
        ("layers-delete", ["DeepDream Classic", "other"]),
        pytest.param("image-flatten", ["DeepDream Classic", "*"], marks=pytest.mark.slow),
        *(
            pytest.param(action, ["other", "DeepDream Classic", "*"], marks=pytest.mark.slow)
            for action in ("image-convert-grayscale", "image-crop-to-selection", "image-rotate-90")
        ),
    ],
)
def test_dream_and_change_are_one_step_to_undo_each(
    visit: Visit, action: str, names: list[str]
) -> None:
    visit.inside("image = gimp.image_list()[0]\nimage.active_layer = image.layers[-1]")
    before = visit.image()
    _dream_for_long(visit)
    if visit.gimp.is_gimp2:
        visit.screen.activate(visit.window)
        visit.screen.keys(_KEYS[action])
    else:
        visit.inside(f"image = gimp.image_list()[0]\n{_CODE[action]}")
    visit.wait(lambda: visit.image() != before, 10)
    changed = visit.image()
    _keep_dream_so_far(visit)
    visit.wait(lambda: not visit.plug_ins(), 10)
    visit.shot(f"50-{action}")
    layers = visit.image()["layers"]
    assert len(layers) == len(names)
    assert all(name in (layer["name"], "*") for name, layer in zip(names, layers)), layers
    dream = next(layer for layer in layers if layer["recipe"])
    assert dream["place"] == [0, 0, *SIZE]
    assert dream["mask"]
    _undo_to(visit, changed)
    _undo_to(visit, before)
