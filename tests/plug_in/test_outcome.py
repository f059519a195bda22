"""What the dialog says that OK will make, compared with what a real dream makes."""

from __future__ import annotations

import numpy as np
import pytest
from deepdream_plugin.choice import choice_from
from deepdream_plugin.dialog.outcome import ToDream, duration_text, outcome_text

from deepdream_core import dream
from deepdream_core.shared.sizes import Region

PHOTO = ToDream((150, 200))
CUT_OUT = ToDream((150, 200), None, Region(30, 20, 60, 60))
SELECTED = ToDream((150, 200), Region(30, 20, 60, 60))
LOCKED = ToDream((150, 200), why_not_in_place="It is locked.")


@pytest.mark.parametrize(
    ("settings", "layers", "text"),
    [
        ("", [PHOTO], ""),
        ("", [SELECTED], ""),
        ("", [PHOTO, PHOTO], "2 layers will be dreamed."),
        ("output=masked", [PHOTO], ""),
        ("output=masked", [SELECTED], "Makes a layer with a mask."),
        ("output=masked", [CUT_OUT], "Makes a layer with a mask."),
        ("output=octaves;motif=large", [CUT_OUT], ""),
        ("output=octaves;motif=large;layer_mask=limit", [CUT_OUT], "Makes 3 layers in a group."),
        ("output=octaves;octaves=3", [PHOTO], "Makes 3 layers in a group."),
        ("output=octaves;octaves=1", [PHOTO], ""),
        ("output=octaves;motif=large", [PHOTO, ToDream((1500, 2000))],
         "2 layers will be dreamed; each makes several layers in a group."),
        ("output=features;features=block4|block6|eyes", [PHOTO] * 4,
         "4 layers will be dreamed; each makes 3 layers in a group."),
        ("output=features", [PHOTO], ""),
        ("output=frames;passes=8", [PHOTO], "Makes 8 frames."),
        ("output=frames;passes=1", [PHOTO], ""),
        ("output=image", [PHOTO], "Makes an image of its own."),
        ("output=image", [PHOTO] * 2,
         "2 layers will be dreamed; each makes an image of its own."),
        ("output=in-place", [SELECTED], "Changes the layer itself."),
        ("output=in-place", [PHOTO] * 2, "2 layers will be changed."),
        ("output=in-place", [LOCKED], "It is locked."),
        ("output=in-place", [PHOTO, LOCKED], "Changes the layer itself. It is locked."),
    ],
)  # fmt: skip
def test_what_ok_makes_is_said_unless_it_is_one_layer(
    settings: str, layers: list[ToDream], text: str
) -> None:
    assert outcome_text(choice_from("", settings), layers) == text


@pytest.mark.parametrize(
    "settings",
    [
        "output=octaves;octaves=9",
        "output=octaves;motif=small",
        "output=steps;octaves=2;steps=5;keep_every=2",
        "output=steps;octaves=2;steps=4;keep_every=2",
    ],
)
@pytest.mark.parametrize("to_dream", [PHOTO, SELECTED], ids=["whole", "selected"])
def test_the_number_of_layers_is_that_of_a_dream(
    photo: np.ndarray, settings: str, to_dream: ToDream
) -> None:
    choice = choice_from("", f"{settings};strength=0.5")
    picture = np.resize(photo, (*to_dream.size, 3))
    mask = np.zeros(to_dream.size, np.uint8)
    box = to_dream.box or Region(0, 0, 200, 150)
    mask[box.rows, box.columns] = 255
    kept: list[np.ndarray] = []
    (recipe,) = choice.output.recipes(choice.recipe.changed(step_size=1))
    steps = {"steps": 1} if "octaves" in settings.split(";")[0] else {}
    result = dream(
        picture, recipe.changed(**steps), mask=mask, on_frame=lambda _name, one: kept.append(one)
    )
    made = len(kept) + (not np.array_equal(kept[-1], result))
    said = outcome_text(choice, [to_dream])
    assert said == (f"Makes {made} layers in a group." if made > 1 else "")


@pytest.mark.parametrize(
    ("settings", "layers", "factor"),
    [
        ("", [PHOTO], 1),
        ("", [PHOTO, PHOTO], 2),
        ("output=frames;passes=8", [PHOTO], 8),
        ("output=features;features=block4|block6|eyes", [PHOTO], 3),
        ("steps=40", [PHOTO], 4),
    ],
)
def test_how_long_it_takes_is_judged_by_the_speed(
    settings: str, layers: list[ToDream], factor: int
) -> None:
    choice = choice_from("", f"octaves=1;steps=10;{settings}")
    work = factor * 10 * 150 * 200
    assert duration_text(choice, layers, 0.0, "cpu") == ""
    assert duration_text(choice, layers, work / 7, "cpu") == "About 7 s"
    assert duration_text(choice, layers, work / 0.1, "cpu") == "About 1 s"
    assert duration_text(choice, layers, work / 125, "cpu") == "About 2 min 05 s"


@pytest.mark.parametrize(
    ("settings", "layers", "device", "text"),
    [
        ("", [ToDream((3000, 4000))], "cpu", "About 8 s, 2 GB of memory"),
        ("", [ToDream((4000, 6000))], "cpu", "About 8 s, 3 GB of memory"),
        ("", [ToDream((3000, 4000))], "cuda", "About 8 s"),
        ("", [ToDream((3000, 4000))], "", "About 8 s"),
        ("", [ToDream((1000, 2000))], "cpu", "About 2 s"),
        ("", [ToDream((1000, 2000)), ToDream((3000, 4000))], "cpu", "About 10 s, 2 GB of memory"),
        ("largest_octave=0.25", [ToDream((3000, 4000))], "cpu", "About 1 s"),
    ],
)
def test_much_memory_is_mentioned(
    settings: str, layers: list[ToDream], device: str, text: str
) -> None:
    choice = choice_from("", f"octaves=1;steps=1;{settings}")
    assert duration_text(choice, layers, 1e6, device) == text
