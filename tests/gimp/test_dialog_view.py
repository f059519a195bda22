"""Viewing and navigating in the dialog's real windows: before/after, split, 1:1, guide, keys.

The dialog is the same code in every GIMP, so these tests run in GIMP 3.0; `-m slow` runs them in
the others. test_dialog.py tests in all GIMPs what differs: starting, results, undo, cancelling.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hosts import Desktop, GimpHost
from PIL import Image
from scipy.ndimage import gaussian_filter
from visit import DIALOG, Visit, unlike

pytestmark = pytest.mark.usually_in("3.0")

_SHORT = {"octaves": 1, "steps": 2}
_SIZE = (720, 540)
"""Larger than the preview, so that the 1:1 view differs."""
_CHEQUERS = (0x65, 0x98)
"""The greys of the checkerboard."""


@pytest.fixture(scope="module")
def visit(
    gimp: GimpHost, screen: Desktop, tmp_path_factory: pytest.TempPathFactory, shots: Path
) -> Iterator[Visit]:
    made = Visit(gimp, screen, tmp_path_factory.mktemp("view"), shots)
    made.inside(f"pdb['gimp-image-scale'](gimp.image_list()[0], *{_SIZE})")
    made.remember(_SHORT)
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
    inner = np.s_[10:-10, third:-10]  # without the frame that shows the focus
    visit.wait(lambda: unlike(visit.preview(dialog)[inner], dreamed[inner]) < 0.1, 10)
    for _ in range(6):
        screen.keys("shift+Right")  # turns the line
    upper, lower = np.s_[10 : third // 2, 10:-10], np.s_[-third // 2 : -10, 10:-10]
    visit.wait(lambda: unlike(visit.preview(dialog)[upper], before[upper]) < 0.1, 10)
    assert unlike(visit.preview(dialog)[lower], dreamed[lower]) < 0.1
    visit.shot("31-turned")
    visit.press("alt+l", lambda: unlike(visit.preview(dialog), dreamed) < 0.1)

    visit.press("alt+1", lambda: unlike(visit.preview(dialog), dreamed) > 5)
    visit.wait_for_standing(dialog)
    visit.shot("32-at-its-own-size")
    assert unlike(visit.preview(dialog), dreamed) > 5
    screen.keys("alt+1")
    visit.wait(lambda: unlike(visit.preview(dialog), dreamed) < 0.1, 60)
    screen.keys("Escape")
    screen.wait_until_gone(DIALOG, 5)


def test_zoomed_beside_each_other_and_alone(visit: Visit) -> None:
    dialog, screen = visit.choose("deepdream"), visit.screen
    visit.wait_for_standing(dialog)
    left, top, right, bottom = visit.preview_box(dialog)
    x, y = (left + right) // 2, (top + bottom) // 2
    dreamed = visit.preview(dialog)
    work = visit.work()
    screen.wheel(x, y, -1)
    visit.wait(lambda: unlike(visit.preview(dialog), dreamed) > 5, 10)
    zoomed = visit.preview(dialog)
    visit.shot("32-zoomed")
    with screen.held(x, y):
        for moved in (20, 40, 60):
            screen.point(x - moved, y)
    visit.wait(lambda: unlike(visit.preview(dialog), zoomed) > 5, 10)
    visit.shot("32-dragged")
    screen.wheel(x, y, 3)
    visit.wait(lambda: unlike(visit.preview(dialog), dreamed) < 0.1, 10)

    def zooms_by_key() -> bool:
        screen.keys("shift+Tab", "plus")
        time.sleep(0.5)  # a second Shift+Tab would leave the picture
        return unlike(visit.preview(dialog), dreamed) > 5

    screen.keys("ctrl+f", "shift+Tab")  # from the search back to the picture
    visit.wait(zooms_by_key, 30)
    zoomed = visit.preview(dialog)
    visit.shot("32-zoomed-by-keys")
    visit.press("Right", lambda: unlike(visit.preview(dialog), zoomed) > 5)
    visit.press("minus", lambda: unlike(visit.preview(dialog), dreamed) < 1)  # but for its frame
    visit.press("ctrl+f", lambda: unlike(visit.preview(dialog), dreamed) < 0.1)

    visit.press("alt+i", lambda: unlike(visit.preview(dialog), dreamed) > 5)
    visit.shot("32-beside")
    visit.press("alt+i", lambda: unlike(visit.preview(dialog), dreamed) < 0.1)
    _, _, width, _height = screen.geometry(dialog)
    visit.press("F11", lambda: screen.geometry(dialog)[2] > width)
    visit.wait_for_standing(dialog)
    visit.shot("32-alone")
    visit.press("Escape", lambda: screen.geometry(dialog)[2] == width)
    visit.wait(lambda: unlike(visit.preview(dialog), dreamed) < 0.1, 10)
    print(f"GIMP {visit.gimp.name}: looking took the engine {visit.work() - work:.1f} s")
    assert visit.work() - work < 3

    # Strength needs no new dream either.
    work = visit.work()
    visit.type_into("t", "0.0", "strength")
    with screen.held(x, y):
        time.sleep(0.3)
        before = visit.preview(dialog)
    # GIMP's libraries and the engine scale pictures a little differently.
    visit.wait(lambda: unlike(visit.preview(dialog), before) < 1, 10)
    assert unlike(before, dreamed) > 2
    assert visit.work() - work < 2
    screen.keys("Escape")
    screen.wait_until_gone(DIALOG, 5)
    visit.remember(_SHORT)


def test_back_and_forth_and_to_an_earlier_preview(visit: Visit) -> None:
    dialog, screen = visit.choose("deepdream"), visit.screen
    visit.wait_for_standing(dialog)
    dreamed = visit.preview(dialog)
    visit.press("alt+a", lambda: "seed" in visit.chosen())  # another seed
    seed = visit.chosen()["seed"]
    visit.wait_for_standing(dialog)
    other = visit.preview(dialog)
    assert unlike(other, dreamed) > 0.5
    visit.press("ctrl+z", lambda: visit.chosen() == _SHORT)
    visit.wait(lambda: unlike(visit.preview(dialog), dreamed) < 0.1, 10)
    visit.press("ctrl+shift+z", lambda: visit.chosen().get("seed") == seed)
    visit.wait(lambda: unlike(visit.preview(dialog), other) < 0.1, 10)
    left, _top, _width, height = screen.geometry(dialog)
    film = screen.geometry(dialog)[1] + height - 96
    with screen.held(left + 28, film):
        pass
    visit.wait(lambda: visit.chosen() == _SHORT, 5)
    visit.wait(lambda: unlike(visit.preview(dialog), dreamed) < 0.1, 10)
    screen.click(left + 70, film - 28)  # its star
    kept = visit.folder / "data" / "kept-previews.json"
    visit.wait(kept.exists, 5)
    visit.shot("39-film")
    (starred,) = json.loads(kept.read_text())["previews"]
    assert starred["settings"].items() >= _SHORT.items()
    screen.keys("Escape")
    screen.wait_until_gone(DIALOG, 5)
    kept.unlink()
    visit.remember(_SHORT)


def test_the_preview_shows_the_layers_mode(visit: Visit) -> None:
    dialog = visit.choose("deepdream")
    visit.wait_for_standing(dialog)
    dreamed = visit.preview(dialog)
    visit.see_change(dialog, "alt+e")
    visit.screen.keys("Tab", "Tab")
    visit.press("Down", lambda: visit.chosen("output").get("layer_mode", "normal") != "normal")
    visit.press("End", lambda: visit.chosen("output").get("layer_mode") == "luminance")
    visit.wait(lambda: unlike(visit.preview(dialog), dreamed) > 0.5, 10)
    visit.shot("40-luminance")
    visit.press("ctrl+z", lambda: visit.chosen("output").get("layer_mode") != "luminance")
    visit.screen.keys("Escape")
    visit.screen.wait_until_gone(DIALOG, 5)
    visit.remember(_SHORT)


def test_the_preview_follows_a_layer_that_is_dreamed_in_place(visit: Visit) -> None:
    before, remembered = visit.image(), visit.folder / "data" / "last-settings.json"
    kept = {"preset": "classic", "settings": _SHORT, "output": {"output": "in-place"}}
    remembered.write_text(json.dumps(kept), "utf-8")
    dialog, screen = visit.choose("deepdream"), visit.screen
    visit.wait_for_standing(dialog)
    dreamed = visit.preview(dialog)
    remembered.unlink()
    visit.press("alt+y", remembered.exists)  # Apply
    visit.wait(lambda: visit.image() != before, 60)
    visit.wait_for_standing(dialog)
    assert unlike(visit.preview(dialog), dreamed) > 0.5, "not dreamed further"
    visit.shot("39-in-place")
    screen.keys("Escape")
    screen.wait_until_gone(DIALOG, 5)
    screen.activate(visit.window)
    screen.keys("ctrl+z")
    visit.wait_for_image(before)
    visit.remember(_SHORT)


def test_a_selection_is_dreamed_in_its_place_as_the_result_will_be(visit: Visit) -> None:
    left, top, width, height = 300, 180, 160, 120
    visit.inside(
        "image = gimp.image_list()[0]\n"
        f"box = {left, top, width, height}\n"
        "pdb['gimp-image-select-rectangle'](image, CHANNEL_OP_REPLACE, *box)\n"
    )
    visit.remember({"steps": 3})
    dialog = visit.choose("deepdream")
    visit.wait_for_standing(dialog)
    dreamed = visit.preview(dialog)
    visit.shot("33-selected")
    seen = visit.preview_box(dialog)
    with visit.screen.held((seen[0] + seen[2]) // 2, (seen[1] + seen[3]) // 2):
        visit.wait(lambda: unlike(visit.preview(dialog), dreamed) > 0.1, 10)
        change = dreamed - visit.preview(dialog)
    rows, columns = (np.flatnonzero((np.abs(change) > 2).any((1 - axis, 2))) for axis in (0, 1))
    shown = change[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    assert shown.shape[1] / shown.shape[0] == pytest.approx(width / height, rel=0.1)
    assert shown.shape[1] < 0.4 * change.shape[1]

    visit.press_ok()
    visit.wait_for_layers(2)
    visit.wait(lambda: not visit.plug_ins(), 10)
    answer = visit.inside(
        "image = gimp.image_list()[0]\n"
        f"place = {left, top, width, height}\n"
        "read = [layer.read_pixels(\"R'G'B' u8\", *place) for layer in image.layers]\n"
        "answer['pixels'] = [list(pixels) for pixels in read]\n"
        "image.remove_layer(image.layers[0])\n"
        "pdb['gimp-selection-none'](image)\n"
    )
    after, source = np.array(answer["pixels"]).reshape(2, height, width, 3)
    likeness = np.corrcoef(_seen(after - source).ravel(), _seen(shown).ravel())[0, 1]
    print(f"GIMP {visit.gimp.name}: likeness of preview and result {likeness:.2f}")
    assert likeness > 0.7
    visit.remember(_SHORT)


def test_a_soft_edge_is_shown_as_soft_as_it_is_selected(visit: Visit) -> None:
    visit.remember({"octaves": 1, "steps": 12})
    told = visit.inside("import widgets\nanswer.update(widgets.soft_edge(photo()))", 60)
    print(f"GIMP {visit.gimp.name}: {told}")
    assert told["change"] > 4
    assert told["apart"] < 1.2
    code = "import widgets\nanswer['seen'] = widgets.half_while_dreaming(photo())"
    darkest, lightest = visit.inside(code)["seen"]
    assert 125 <= darkest <= lightest <= 130
    visit.remember(_SHORT)


def _seen(change: np.ndarray) -> np.ndarray:
    """Return a change, (height, width, 3), scaled to the same size and blurred."""
    channels = [Image.fromarray(change[..., c].astype(np.float32)) for c in range(3)]
    small = [np.asarray(c.resize((80, 60), Image.Resampling.BOX)) for c in channels]
    return gaussian_filter(np.stack(small, -1), (1, 1, 0))


def test_tab_goes_from_field_to_field(visit: Visit) -> None:
    visit.choose("deepdream")
    visit.screen.type("castle")
    visit.screen.keys("Down", "Tab", "ctrl+a")
    visit.screen.type("0.5")
    visit.screen.keys("Tab", "ctrl+a")
    visit.screen.type("0.4")
    visit.screen.keys("Tab", "ctrl+a")
    visit.screen.type("4\t")
    wanted = {"octaves": 1, "strength": 0.5, "motif": 0.4, "steps": 4}
    visit.wait(lambda: visit.chosen() == wanted, 10)
    visit.screen.keys("Escape")
    visit.screen.wait_until_gone(DIALOG, 5)


def test_pictures_have_room_and_a_larger_window_is_for_the_photo(visit: Visit) -> None:
    told = visit.inside("import widgets\nanswer.update(widgets.room(photo()))")
    print(f"GIMP {visit.gimp.name}: {told}")
    assert told["widths"][1] - told["widths"][0] == 200
    assert told["pages"][0] == told["pages"][1]
    assert told["pictures"][0] >= 15
    assert told["pictures"][1] > told["pictures"][0]


def test_suggestions_do_not_widen_the_dialog(visit: Visit) -> None:
    code = "import widgets\nanswer['widths'] = widgets.width_with(photo(), 'palm tree')"
    before, after = visit.inside(code)["widths"]
    assert after == before


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (1, ['"Dream 0" is dreamed again.', "Replace this dream", "A new layer right above it"]),
        (2, ["2 dreams are dreamed again.", "Replace these dreams", "New layers right above them"]),
    ],
)
def test_what_becomes_of_old_dreams_is_asked(visit: Visit, count: int, said: list[str]) -> None:
    answer = visit.inside(f"import widgets\nanswer['said'] = widgets.again_labels({count})")
    assert answer["said"] == said


def test_every_control_has_a_name_and_tab_reaches_it(visit: Visit) -> None:
    told = visit.inside("import widgets\nanswer.update(widgets.unnamed(photo()))")
    assert told["unnamed"] == []
    some = {"Preview", "Pictures", "Strength", "Network: EfficientNet-Lite0", "Four more around it"}
    assert some <= set(told["named"])
    answers: list[dict[str, list[str]]] = []
    code = "import widgets\nanswer.update(widgets.walk(photo()))"
    walk = threading.Thread(target=lambda: answers.append(visit.inside(code, 120)))
    walk.start()
    visit.there(DIALOG)
    while walk.is_alive():
        visit.screen.keys(*["Tab"] * 5)
    walk.join()
    (told,) = answers
    print(f"GIMP {visit.gimp.name}: the focus went to {len(told.get('focused', []))} places")
    assert told["trapped"] == []
    assert told["missed"] == []
    assert len(told["focused"]) > 70


def test_a_layer_or_a_file_as_guide(visit: Visit) -> None:
    guide = visit.folder / "photo.png"
    visit.choose("deepdream")
    visit.screen.keys("alt+h", "alt+t", "Down")  # the first depth
    visit.wait(lambda: visit.chosen().get("objective") == "edges", 10)
    visit.screen.keys("Up")
    time.sleep(1.5)  # the dialog saves changes about once a second
    assert visit.chosen()["objective"] == "edges"
    visit.press("ctrl+z", lambda: "objective" not in visit.chosen())
    visit.screen.keys("alt+u", "Down")
    visit.wait(lambda: visit.chosen("output").get("guide_layer"), 10)
    visit.screen.keys("End")
    visit.there("^Choose a guide picture$")
    visit.choose_file(guide)
    visit.there(DIALOG)
    visit.wait(lambda: visit.chosen().get("guide") == str(guide), 10)
    assert not visit.chosen("output").get("guide_layer")
    visit.shot("34-guide")
    visit.press_ok()
    visit.wait_for_layers(2)
    visit.wait(lambda: not visit.plug_ins(), 10)
    note = visit.inside(
        "layer = gimp.image_list()[0].layers[0]\n"
        "answer['note'] = bytes(layer.parasite_find('deepdream-recipe').data).decode()\n"
    )["note"]
    assert json.loads(note)["recipe"]["guide"] == str(guide)


def _ends_of_fields(page: np.ndarray) -> list[int]:
    """Return where the rows of a page end on the right that are as tall as a field there.

    The page's last row may be cut off.
    """
    ground = page[:, -1].mean(0)
    inked = np.abs(page - ground).max(2) > 3
    filled = np.flatnonzero(np.diff(np.concatenate([[0], inked.any(1), [0]]).astype(int)))
    ends = []
    for start, end in filled.reshape(-1, 2):
        row = inked[start:end]
        columns = np.flatnonzero(row.sum(0) > 20)
        if end < len(page) and len(columns) and columns[-1] > page.shape[1] // 2:
            ends.append(int(columns[-1]))
    return ends


def test_the_wheel_changes_only_the_field_that_has_the_focus(visit: Visit) -> None:
    dialog, screen = visit.choose("deepdream"), visit.screen
    _, _, width, height = screen.geometry(dialog)
    screen.resize(dialog, width, height - 70)  # so that the page is longer than it
    visit.wait(lambda: screen.geometry(dialog)[3] < height, 5)
    left, top, width, height = screen.geometry(dialog)
    fields = (left + width - 200, left + width - 90)
    """Where combo boxes and sliders are, and number fields."""
    page = (left + width // 2 + 60, top + 60, left + width - 30, top + height - 80)

    def turn_over_all() -> None:
        for x in fields:
            for y in range(top + 60, top + height - 80, 16):
                screen.wheel(x, y, 1)

    visit.see_change(dialog, "alt+h")

    def ends() -> list[int]:
        return _ends_of_fields(screen.seen((*page[:2], left + width - 24, page[3])))

    visit.wait(lambda: len(ends()) >= 5, 10)  # rows are drawn one after the other
    print(f"GIMP {visit.gimp.name}: fields end at {ends()}")
    assert max(ends()) - min(ends()) <= 1
    chosen = visit.chosen()
    turn_over_all()
    scrolled = screen.seen(page)
    visit.shot("35-scrolled")
    screen.wheel(fields[0], top + height // 2, -20)
    visit.wait(lambda: unlike(screen.seen(page), scrolled) > 1, 5)
    time.sleep(1.5)  # the dialog saves changes about once a second
    assert visit.chosen() == chosen

    visit.see_change(dialog, "alt+w")
    screen.keys("alt+t")
    turn_over_all()
    visit.wait(lambda: visit.chosen() != chosen, 5)
    assert visit.chosen().keys() - chosen.keys() == {"strength"}
    assert visit.chosen().items() >= chosen.items()
    visit.press("alt+r", lambda: "strength" not in visit.chosen())
    screen.keys("Escape")
    screen.wait_until_gone(DIALOG, 5)
    visit.remember(_SHORT)


def test_the_chosen_picture_is_framed_also_after_a_search_that_hid_it(visit: Visit) -> None:
    dialog, screen = visit.choose("deepdream"), visit.screen
    visit.wait_for_standing(dialog)
    left, top, width, _height = screen.geometry(dialog)
    grid = (left + width // 2 + 20, top + 120, left + width - 26, top + 300)
    with_classic = screen.seen(grid)
    gap = int(np.argmax(with_classic.std(0).max(1)[::-1] > 20))
    print(f"GIMP {visit.gimp.name}: {gap} pixels between the last picture and the grid's edge")
    assert gap < 16
    screen.type("dragon")
    visit.wait(lambda: unlike(screen.seen(grid), with_classic) > 1, 20)
    visit.wait_for_standing(dialog)
    screen.keys("Escape")
    visit.wait(lambda: unlike(screen.seen(grid), with_classic) < 0.1, 20)
    visit.shot("36-framed")

    screen.keys("Down", "Home")
    visit.press("space", lambda: visit.chosen("preset") == "whisper")
    visit.shot("36-another-framed")
    changed = np.abs(screen.seen(grid) - with_classic).max(2) > 60
    print(f"GIMP {visit.gimp.name}: {changed.sum()} pixels of frames differ")
    assert changed.sum() > 500
    screen.keys("Escape")
    screen.wait_until_gone(DIALOG, 5)
    visit.wait(lambda: not visit.plug_ins(), 5)
    assert "Gtk-CRITICAL" not in visit.job.stderr()
    visit.remember(_SHORT)


def test_what_is_transparent_is_chequered_in_the_dialog_and_while_it_is_dreamed(
    visit: Visit,
) -> None:
    visit.inside(
        "image = gimp.image_list()[0]\n"
        "layer = image.layers[0].copy(True)\n"
        "image.add_layer(layer, 0)\n"
        "pdb['gimp-image-select-rectangle'](image, CHANNEL_OP_REPLACE, 180, 135, 360, 270)\n"
        "pdb['gimp-drawable-edit-clear'](layer)\n"
        "pdb['gimp-selection-none'](image)\n"
    )
    visit.remember({"octaves": 1, "steps": 500})
    dialog = visit.choose("deepdream")
    visit.wait(lambda: _chequered(visit.preview(dialog)) > 0.15, 20)
    visit.shot("37-chequered")
    visit.press_ok()
    window = visit.there("dreaming$")
    left, top, width, height = visit.screen.geometry(window)
    picture = (left, top, left + width, top + height - 120)
    visit.wait(lambda: _chequered(visit.screen.seen(picture)) > 0.15, 20)
    visit.shot("37-chequered-progress")
    visit.screen.keys("Escape")
    visit.wait(lambda: not visit.plug_ins(), 10)
    visit.inside("image = gimp.image_list()[0]\nimage.remove_layer(image.layers[0])\n")
    visit.remember(_SHORT)


def test_the_preview_shows_the_layer_through_its_own_mask(visit: Visit) -> None:
    visit.inside(
        "image = gimp.image_list()[0]\n"
        "for layer in image.layers[:-1]:\n"
        "    image.remove_layer(layer)\n"
        "image.active_layer = layer = image.layers[0]\n"
        "mask = layer.create_mask(ADD_MASK_WHITE)\n"
        "layer.add_mask(mask)\n"
        "mask.write_pixels('Y u8', bytes(180 * 540), 540, 0, 180, 540)\n"
    )
    dialog = visit.choose("deepdream")
    visit.wait_for_standing(dialog)
    visit.shot("38-through-its-mask")
    assert 0.05 < _chequered(visit.preview(dialog)) < 0.5
    visit.see_change(dialog, "alt+e")
    visit.shot("38-mask")
    copied = visit.preview(dialog)
    visit.press("alt+d", lambda: visit.chosen("output").get("layer_mask") == "limit")
    visit.wait(lambda: unlike(visit.preview(dialog), copied) > 0.05, 20)
    visit.wait_for_standing(dialog)
    visit.shot("38-limited")
    visit.press_ok()
    visit.wait_for_layers(2)
    visit.wait(lambda: not visit.plug_ins(), 10)
    answer = visit.inside(
        "image = gimp.image_list()[0]\n"
        "place = (0, 200, 720, 9)\n"
        "read = [layer.read_pixels(\"R'G'B' u8\", *place) for layer in image.layers]\n"
        "answer['pixels'] = [list(pixels) for pixels in read]\n"
        "image.remove_layer(image.layers[0])\n"
        "image.layers[0].remove_mask(MASK_DISCARD)\n"
    )
    made, source = np.array(answer["pixels"]).reshape(2, 9, 720, 3)
    changed = (made != source).any((0, 2))
    assert changed[:540].all() and not changed[540:].any()
    visit.remember(_SHORT)


def _chequered(seen: np.ndarray) -> float:
    """Return the share of pixels that have a colour of the checkerboard."""
    return float(np.mean([(seen == grey).all(2) for grey in _CHEQUERS], axis=(1, 2)).min() * 2)
