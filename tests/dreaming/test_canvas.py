"""A part of a picture is dreamed as if alone, and nothing around it changes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from deepdream_core.dreaming.dream import dream
from deepdream_core.dreaming.mask import mask_of
from deepdream_core.dreaming.progress import Progress
from deepdream_core.shared.octaves import octave_factors, octave_sizes, part_to_dream
from deepdream_core.shared.recipe import Recipe
from deepdream_core.shared.sizes import Region, scaled

QUICK = Recipe(objective="block4", steps=1, step_size=6)
BOX = Region(100, 40, 24, 30)


def mask_for(size: tuple[int, int], *boxes: Region) -> np.ndarray:
    mask = np.zeros(size, np.float32)
    for box in boxes:
        mask[box.rows, box.columns] = 1
    return mask


def of_kind(photo: np.ndarray, kind: str) -> np.ndarray:
    """Return the photo with values and channels of another kind."""
    if kind == "uint16":
        return photo.astype(np.uint16) * 257 + 3
    if kind == "float32":  # with values beyond black and white
        return photo.astype(np.float32) / 200 - 0.1
    if kind == "flat":
        return photo[..., 1]
    if kind == "gray with alpha":
        return photo[..., 1:]
    if kind == "with alpha":
        return np.concatenate([photo, photo[..., :1]], axis=2)
    return photo


CASES: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "uint8": ("uint8", {}, {}),
    "uint16": ("uint16", {}, {}),
    "float32": ("float32", {}, {}),
    "linear": ("float32", {}, {"linear": True}),
    "flat": ("flat", {}, {}),
    "gray with alpha": ("gray with alpha", {}, {}),
    "with alpha": ("with alpha", {}, {}),
    "colours kept": ("uint8", {"colour": "keep"}, {}),
    "luminance kept": ("uint16", {"colour": "luminance"}, {}),
    "histogram": ("uint16", {"colour": "histogram"}, {}),
    "histogram, octaves given": ("uint16", {"colour": "histogram", "octaves": 2}, {}),
    "noise": ("float32", {"source": "noise", "strength": 0.7}, {}),
    "two passes": ("uint16", {"passes": 2}, {}),
    "two passes, moved": ("float32", {"passes": 2, "zoom": 1.2, "rotate": 9.0}, {}),
    "tiles": ("uint8", {"tile": 64}, {}),
    "finer than the picture": ("uint8", {"largest_octave": 3.0}, {}),
    "half as fine": ("uint8", {"largest_octave": 0.5}, {}),
    "Adam, smooth, TV": ("uint8", {"optimiser": "adam", "smooth": 1.0, "tv": 0.2}, {}),
    "palette": ("float32", {}, {"palette": [[0, 0, 0], [90, 70, 60], [200, 180, 150]]}),
}


@pytest.mark.parametrize("case", CASES)
def test_outside_the_mask_every_bit_stays(photo: np.ndarray, case: str) -> None:
    kind, settings, given = CASES[case]
    picture, mask = of_kind(photo, kind), mask_for(photo.shape[:2], BOX)
    result = dream(picture, QUICK.changed(**settings), mask=mask, **given)
    assert (result.shape, result.dtype) == (picture.shape, picture.dtype)
    outside = mask == 0
    assert np.array_equal(result[outside].view(np.uint8), picture[outside].view(np.uint8))
    assert (result != picture)[mask == 1].mean() > 0.3


def test_the_part_is_dreamed_as_if_alone(photo: np.ndarray) -> None:
    recipe = QUICK.changed(objective="block10", steps=2)
    mask = mask_for(photo.shape[:2], BOX)
    part, part_recipe = part_to_dream(photo.shape[:2], BOX, recipe)
    factors = octave_factors(part.size, part_recipe)
    scale = (factors[-1] / factors[0]) ** (1 / (len(factors) - 1))
    alone = recipe.changed(octaves=len(factors), octave_scale=scale, largest_octave=factors[-1])
    assert octave_sizes(part.size, alone) == octave_sizes(part.size, part_recipe)
    cut = np.s_[part.rows, part.columns]
    result = dream(photo, recipe, mask=mask)
    assert not np.array_equal(result, photo)
    assert np.array_equal(result[cut], dream(photo[cut], alone, mask=mask[cut]))


@pytest.mark.parametrize(
    "box",
    [
        *(Region(0, 60, 30, 30), Region(196, 60, 30, 30), Region(100, 0, 30, 30)),
        *(Region(100, 120, 30, 30), Region(223, 147, 3, 3), Region(50, 50, 3, 3)),
        *(Region(0, 0, 226, 40), Region(0, 0, 50, 150), Region(7, 9, 1, 1)),
    ],
    ids=["left", "right", "top", "bottom", "corner", "3x3", "sky", "side", "pixel"],
)
def test_only_the_selected_pixels_change(photo: np.ndarray, box: Region) -> None:
    mask = mask_for(photo.shape[:2], box)
    result = dream(photo, QUICK.changed(step_size=20, steps=2), mask=mask)
    changed = (result != photo).any(axis=2)
    assert not changed[mask == 0].any()
    assert changed[mask == 1].mean() > 0.8


def test_several_islands_change_and_nothing_between_them(photo: np.ndarray) -> None:
    islands = Region(20, 20, 15, 15), Region(150, 90, 20, 10), Region(60, 110, 3, 3)
    mask = mask_for(photo.shape[:2], *islands)
    changed = (dream(photo, QUICK.changed(step_size=20), mask=mask) != photo).any(axis=2)
    assert not changed[mask == 0].any()
    for island in islands:
        assert changed[island.rows, island.columns].mean() > 0.8


def test_a_mask_around_everything_is_like_none(photo: np.ndarray) -> None:
    mask = np.ones(photo.shape[:2], np.float32)
    assert np.array_equal(dream(photo, QUICK, mask=mask), dream(photo, QUICK))


def test_a_mask_of_nothing_changes_nothing(photo: np.ndarray) -> None:
    mask = np.zeros(photo.shape[:2], np.float32)
    assert np.array_equal(dream(photo, QUICK, mask=mask), photo)


def test_a_soft_edge_fades_the_dream(photo: np.ndarray) -> None:
    """No seam: the change near the edge of the mask is small."""
    x = np.arange(photo.shape[1])
    ramp = np.clip((90 - np.abs(x - 113)) / 40 - 1, 0, 1).astype(np.float32)
    mask = np.zeros(photo.shape[:2], np.float32)
    mask[50:100] = ramp
    picture = photo.astype(np.float32) / 255
    result = dream(picture, QUICK.changed(steps=4), mask=mask)
    change = np.abs(result - picture)[50:100].mean((0, 2))
    assert change[ramp == 1].mean() > 5 * change[(ramp > 0) & (ramp < 0.15)].mean() > 0


def test_kept_pictures_are_whole(photo: np.ndarray) -> None:
    kept: dict[str, np.ndarray] = {}
    mask = mask_for(photo.shape[:2], BOX)
    recipe = QUICK.changed(keep="octaves", passes=2, zoom=1.1)
    result = dream(photo, recipe, mask=mask, on_frame=kept.__setitem__)
    assert list(kept)[:2] == ["pass 1 octave 1", "pass 1 octave 2"]
    assert list(kept)[-1] == "pass 2"
    assert np.array_equal(kept["pass 2"], result)
    for picture in kept.values():
        assert picture.shape == photo.shape
        assert np.array_equal(picture[mask == 0], photo[mask == 0])
        assert not np.array_equal(picture, photo)


def test_previews_are_whole_with_the_dream_in_place(photo: np.ndarray) -> None:
    size = scaled(photo.shape[:2], 0.5)
    mask = mask_for(photo.shape[:2], BOX)

    def last_preview(**settings: Any) -> np.ndarray:
        seen: list[np.ndarray] = []

        def watch(progress: Progress) -> None:
            seen.append(progress.picture(max(size)))

        dream(photo, QUICK.changed(**settings), mask=mask, watch=watch)
        return seen[-1].astype(int)

    change = last_preview(step_size=20) - last_preview(strength=0.0)
    assert change.shape == (*size, 3)
    place = BOX.scaled(photo.shape[:2], size)
    assert np.abs(change[place.rows, place.columns]).mean() > 5
    around = place.widened(1, size)
    change[around.rows, around.columns] = 0
    assert not change.any()


def test_a_mask_file_has_a_box_too(photo: np.ndarray, tmp_path: Path) -> None:
    mask = mask_for(photo.shape[:2], BOX)
    file = tmp_path / "mask.png"
    Image.fromarray((mask * 255).astype(np.uint8)).save(file)
    assert mask_of(mask, photo.shape[:2]).box() == BOX
    from_file = dream(photo, QUICK.changed(mask=str(file)))
    assert np.array_equal(from_file, dream(photo, QUICK, mask=mask))
