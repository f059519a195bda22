"""Plain areas can dream less than the rest of a picture."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from deepdream_core.dreaming.dream import dream
from deepdream_core.dreaming.plain_areas import sparing_plain_areas
from deepdream_core.pictures.picture import dreamable, take
from deepdream_core.pictures.resize import resize
from deepdream_core.shared.recipe import Recipe

RECIPE = Recipe(objective="block4", octaves=1, steps=4, headroom=0.0)


def wall_and_gravel(contrast: int) -> np.ndarray:
    """Return a picture whose left half is plain and whose right half is not."""
    picture = np.full((96, 192, 3), 128, np.uint8)
    grains = np.random.default_rng(1).integers(-contrast, contrast, (96, 96, 1))
    picture[:, 96:] = 128 + grains
    return picture


def changes(picture: np.ndarray, **settings: float) -> tuple[float, float]:
    """Return the mean change of the left and the right half."""
    dreamed = dream(picture, RECIPE.changed(**settings))
    change = np.abs(dreamed.astype(float) - picture).mean((0, 2))
    return change[:84].mean(), change[108:].mean()


@pytest.mark.parametrize("contrast", [12, 100])
def test_only_plain_areas_are_spared_however_much_contrast_there_is(contrast: int) -> None:
    picture = wall_and_gravel(contrast)
    wall, gravel = changes(picture)
    spared_wall, kept_gravel = changes(picture, plain_areas=0.25)
    print(f"wall {spared_wall / wall:.2f} of the change, gravel {kept_gravel / gravel:.2f}")
    assert spared_wall < 0.5 * wall
    assert kept_gravel > 0.9 * gravel


def test_a_picture_that_is_plain_everywhere_dreams_as_usual() -> None:
    picture = np.full((96, 96, 3), 90, np.uint8)
    spared = dream(picture, RECIPE.changed(plain_areas=0.0))
    assert np.array_equal(spared, dream(picture, RECIPE))


def test_hidden_pixels_do_not_decide_what_is_plain() -> None:
    shown = np.dstack([wall_and_gravel(100), np.full((96, 192), 255, np.uint8)])
    shown[:, 96:, 3] = 0
    other = shown.copy()
    other[:, 96:, :3] = 7
    recipe = RECIPE.changed(plain_areas=0.25)
    first, second = dream(shown, recipe), dream(other, recipe)
    assert np.array_equal(first[:, :96], second[:, :96])


def test_from_noise_nothing_is_plain() -> None:
    picture = wall_and_gravel(100)
    noise = RECIPE.changed(source="noise", device="cpu")
    assert np.array_equal(dream(picture, noise), dream(picture, noise.changed(plain_areas=0.0)))


def test_what_is_plain_in_a_part_is_judged_by_the_whole() -> None:
    """As in a preview of a part of a layer."""
    picture = wall_and_gravel(100)
    recipe = RECIPE.changed(plain_areas=0.25)
    wall = picture[:, :84]
    alone = np.abs(dream(wall, recipe).astype(float) - wall).mean()
    place = (0.0, 0.0, 84 / 192, 1.0)
    seen = np.abs(dream(wall, recipe, whole=picture[::2, ::2], place=place).astype(float) - wall)
    assert seen.mean() < 0.5 * alone


@pytest.mark.parametrize("place", [(1,), (0, 0, 2, 1), (float("nan"),) * 4, (0.0,) * 4, "0101", 7])
def test_what_is_no_place_counts_for_nothing(place: Any) -> None:
    picture = wall_and_gravel(100)
    recipe = RECIPE.changed(plain_areas=0.25)
    dreamed = dream(picture, recipe, whole=picture, place=place)
    assert np.array_equal(dreamed, dream(picture, recipe))


def test_large_pictures_are_judged_like_small_copies_of_them() -> None:
    """A preview sends a small copy of the layer."""
    picture = dreamable(take(wall_and_gravel(100).repeat(8, 0).repeat(8, 1)))
    grade, of_copy = (sparing_plain_areas(p, 0.25) for p in (picture, resize(picture, (256, 512))))
    assert torch.equal(grade, of_copy)
