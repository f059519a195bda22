"""The preview's plan, and how closely the preview resembles the result."""

# ruff: noqa: E402 - the plug-in lies beside its gimpfu, not on the path
from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scipy.ndimage import gaussian_filter

from deepdream_core import dream
from deepdream_core.shared.drift import at_octave
from deepdream_core.shared.octaves import octave_sizes, part_to_dream
from deepdream_core.shared.presets import make_recipe
from deepdream_core.shared.recipe import Recipe
from deepdream_core.shared.sizes import Region

PLUG_IN = Path(__file__).resolve().parents[2] / "plug-ins" / "deepdream"
from deepdream_plugin.dialog.plan import (
    box_around,
    plan_preview,
    recipe_at_full_size,
    recipe_for_choosing,
)

RECIPE = Recipe(steps=4, octaves=3, largest_octave=1.0)


def _sizes(width: int, height: int, recipe: Recipe) -> list[tuple[int, int]]:
    return octave_sizes((height, width), recipe, smallest_side=32)[0]


@pytest.mark.parametrize("work", [1e5, 1e6, 3e6, 1e9])
@pytest.mark.parametrize("largest", [0.5, 1.0, 2.0])
def test_octaves_have_the_sizes_of_the_real_dream(work: float, largest: float) -> None:
    recipe = Recipe(octaves=5, largest_octave=largest)
    real = _sizes(1200, 800, recipe)
    chosen = plan_preview(1200, 800, recipe, work)
    shown = _sizes(chosen.width, chosen.height, chosen.recipe)
    assert len(shown) == chosen.octaves == 5 - chosen.left_out
    for there, here in zip(real, shown):
        assert np.allclose(there, here, atol=1)


def test_what_changes_over_octaves_changes_alike_in_the_preview() -> None:
    recipe = Recipe(octaves=5).changed(step_size="3 -> 1 over octaves", steps="9 -> 1 over octaves")
    chosen = plan_preview(1200, 800, recipe, 3e6)
    assert 1 < chosen.octaves < 5
    for number in range(chosen.octaves):
        here, there = (
            at_octave(one, number, octaves)
            for one, octaves in ((chosen.recipe, chosen.octaves), (recipe, 5))
        )
        assert (here.step_size, here.steps) == (there.step_size, there.steps)


@pytest.mark.parametrize("motif", [0.15, 0.3, 0.5, 1.0])
@pytest.mark.parametrize("size", [(500, 375), (1600, 1200), (6000, 4000)])
@pytest.mark.parametrize("work", [2e6, 1e9])
def test_octaves_of_a_motif_have_the_sizes_of_the_real_dream(
    size: tuple[int, int], motif: float, work: float
) -> None:
    recipe = Recipe(motif=motif)
    real = _sizes(*size, recipe)
    chosen = plan_preview(*size, recipe, work)
    shown = _sizes(chosen.width, chosen.height, chosen.recipe)
    assert len(shown) == chosen.octaves == len(real) - chosen.left_out > 0
    for there, here in zip(real, shown):
        assert np.allclose(there, here, atol=1.5)


@pytest.mark.parametrize("motif", [0.15, 0.3, 1.0])
@pytest.mark.parametrize(
    "box",
    [
        *(Region(100, 100, 3, 3), Region(300, 200, 90, 120), Region(0, 0, 1600, 500)),
        *(Region(1300, 900, 300, 300), Region(200, 10, 1200, 1100)),
    ],
    ids=["3x3", "small", "sky", "corner", "large"],
)
@pytest.mark.parametrize("work", [2e6, 1e9])
def test_octaves_of_a_selection_have_the_sizes_of_the_real_dream(
    box: Region, motif: float, work: float
) -> None:
    recipe = Recipe(motif=motif)
    part, part_recipe = part_to_dream((1200, 1600), box, recipe)
    real = _sizes(part.width, part.height, part_recipe)
    chosen = plan_preview(1600, 1200, recipe, work, box)
    assert chosen.part == part
    shown = _sizes(chosen.width, chosen.height, chosen.recipe)
    assert len(shown) == chosen.octaves == len(real) - chosen.left_out > 0
    for there, here in zip(real, shown):
        assert np.allclose(there, here, atol=1.5)


@pytest.mark.parametrize("box", [None, Region(100, 100, 700, 500)])
def test_at_full_size_octaves_have_the_sizes_of_the_real_dream(box: Region | None) -> None:
    recipe = Recipe(motif=0.2)
    part, part_recipe = part_to_dream((1200, 1600), box, recipe)
    real = _sizes(part.width, part.height, part_recipe)
    chosen = recipe_at_full_size(1600, 1200, recipe, box)
    for there, here in zip(real, _sizes(part.width, part.height, chosen)):
        assert np.allclose(there, here, atol=1.5)
    # A part of the layer, of a quarter of its area, is dreamed just as finely.
    seen = octave_sizes((part.height // 2, part.width // 2), chosen)[0]
    assert len(seen) == len(real)
    for there, here in zip(real, seen):
        assert np.allclose(there, 2 * np.array(here), atol=2.5)


def test_the_selection_has_a_box() -> None:
    grades = np.zeros((30, 40), np.uint8)
    assert box_around(grades.tobytes(), 40, 30) is None
    grades[4:7, 30], grades[20, 5:9] = 255, 1
    assert box_around(grades.tobytes(), 40, 30) == Region(5, 4, 26, 17)
    grades[0, 0] = grades[29, 39] = 1
    assert box_around(bytearray(grades.tobytes()), 40, 30) == Region(0, 0, 40, 30)


def test_small_layer_is_previewed_at_full_size() -> None:
    chosen = plan_preview(300, 200, RECIPE)
    assert (chosen.width, chosen.height, chosen.recipe) == (300, 200, RECIPE)
    assert (chosen.left_out, chosen.sketch) == (0, 1.0)


def test_huge_layer_is_previewed_as_a_sketch() -> None:
    chosen = plan_preview(12000, 9000, RECIPE, 6e6)
    assert chosen.sketch == pytest.approx(12000 / chosen.width, rel=0.01)
    assert chosen.width * chosen.height * RECIPE.steps < 6e6


def _change(picture: Image.Image, size: tuple[int, int], recipe: Recipe) -> np.ndarray:
    """Return what a dream at this size adds to the picture, as seen in a 200 x 133 preview."""
    source = np.asarray(picture.resize(size, Image.Resampling.BOX), dtype=np.float32) / 255
    return _seen(dream(source, recipe) - source)


def test_preview_resembles_the_result(photo: np.ndarray) -> None:
    layer = (451, 300)
    picture = Image.fromarray(photo).resize(layer, Image.Resampling.BICUBIC)
    real = _change(picture, layer, RECIPE)
    chosen = plan_preview(*layer, RECIPE, 6e5)
    assert (chosen.octaves, chosen.left_out) == (2, 1)
    shown = _change(picture, (chosen.width, chosen.height), chosen.recipe)
    thumbnail = _change(picture, (200, 133), RECIPE)
    likeness, naive = (np.corrcoef(real.ravel(), x.ravel())[0, 1] for x in (shown, thumbnail))
    print(f"likeness {likeness:.2f}; the same recipe on a thumbnail {naive:.2f}")
    assert likeness > 0.6
    assert likeness > naive + 0.2


def test_presets_can_be_told_apart_in_the_list(photo: np.ndarray) -> None:
    """The list shows pictures of 160 pixels at a third of that size."""
    tile = Image.fromarray(photo).resize((160, 160), Image.Resampling.BOX)

    def apart(*recipes: Recipe) -> float:
        one, other = (Image.fromarray(dream(np.asarray(tile), recipe)) for recipe in recipes)
        small = [np.asarray(p.resize((53, 53), Image.Resampling.BOX), float) for p in (one, other)]
        return float(np.abs(small[0] - small[1]).mean())

    presets = [make_recipe(name, {"seed": 1}) for name in ("classic", "brush")]
    own, enlarged = apart(*presets), apart(*map(recipe_for_choosing, presets))
    print(f"two presets differ by {enlarged:.1f} of 255; at their own motif size, by {own:.1f}")
    assert enlarged > 1.5 * own
    assert recipe_for_choosing(presets[0].changed(motif=0.9)).motif == 1


def test_preview_of_a_selection_resembles_the_result(photo: np.ndarray) -> None:
    recipe, box = Recipe(steps=4, motif=0.5), Region(60, 50, 240, 190)
    picture = Image.fromarray(photo).resize((451, 300), Image.Resampling.BICUBIC)
    source = np.asarray(picture, dtype=np.float32) / 255
    mask = np.zeros((300, 451), np.float32)
    mask[box.rows, box.columns] = 1
    chosen = plan_preview(451, 300, recipe, 5e5, box)
    assert (chosen.octaves, chosen.left_out) == (2, 1)
    part = chosen.part
    real = (dream(source, recipe, mask=mask) - source)[part.rows, part.columns]
    size = (chosen.width, chosen.height)
    corners = (part.x, part.y, part.x + part.width, part.y + part.height)
    small = np.asarray(picture.resize(size, Image.Resampling.BOX, corners), np.float32) / 255
    grades = Image.fromarray(mask).resize(size, Image.Resampling.BOX, corners)
    shown = dream(small, chosen.recipe, mask=np.asarray(grades)) - small
    likeness = np.corrcoef(_seen(real).ravel(), _seen(shown).ravel())[0, 1]
    print(f"likeness {likeness:.2f}")
    assert likeness > 0.6


def _seen(change: np.ndarray) -> np.ndarray:
    """Return a change, (height, width, 3), as seen in a 200 x 133 preview."""
    channels = [Image.fromarray(change[..., c]).resize((200, 133)) for c in range(3)]
    return gaussian_filter(np.stack([np.asarray(c) for c in channels], -1), (3, 3, 0))


def test_state_and_plan_need_no_gtk() -> None:
    code = (
        "import sys; import deepdream_plugin.dialog.state, deepdream_plugin.dialog.plan; "
        "import deepdream_plugin.dialog.previewer, deepdream_plugin.atlas; "
        "sys.exit('gi' in sys.modules)"
    )
    path = f"{PLUG_IN}:{PLUG_IN.parent}:{PLUG_IN.parents[1]}"
    assert subprocess.run([sys.executable, "-c", code], env={"PYTHONPATH": path}).returncode == 0
