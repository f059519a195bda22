"""One composer makes both: the preview shows what the result will be."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from deepdream_core.dreaming.dream import dream
from deepdream_core.dreaming.progress import Progress
from deepdream_core.shared.recipe import Recipe

RECIPE = Recipe(octaves=2, steps=2, step_size=4)
OPTIONS: dict[str, dict[str, Any]] = {
    "plain": {},
    "half": {"strength": 0.5},
    "twice": {"strength": 2.0},
    "colours kept": {"colour": "keep"},
    "luminance kept, half": {"colour": "luminance", "strength": 0.5},
    "histogram": {"colour": "histogram"},
    "noise, half": {"source": "noise", "objective": "block8:20", "strength": 0.5},
    "two passes, moved, half": {"passes": 2, "zoom": 1.2, "strength": 0.5},
}


def dream_and_preview(picture: np.ndarray, recipe: Recipe, **given: Any) -> tuple[np.ndarray, ...]:
    """Return the result and the last preview, both in the picture's size."""
    seen: list[np.ndarray] = []

    def watch(progress: Progress) -> None:
        seen.append(progress.picture(max(picture.shape)))

    return dream(picture, recipe, watch=watch, **given), seen[-1]


@pytest.mark.parametrize("masked", ["", "masked", "in the mask's box"])
@pytest.mark.parametrize("options", OPTIONS)
def test_the_last_preview_is_the_result(photo: np.ndarray, options: str, masked: str) -> None:
    mask = np.zeros(photo.shape[:2], np.float32)
    mask[20:80, 10:110] = np.linspace(0, 1, 100)
    given = {"mask": mask} if masked else {}
    recipe = RECIPE.changed(**OPTIONS[options])
    if masked == "in the mask's box":
        recipe = recipe.changed(octaves=0, motif=0.5)
    result, preview = dream_and_preview(photo, recipe, **given)
    assert not np.array_equal(result, photo)
    assert np.abs(result.astype(int) - preview).max() <= 1


def test_a_gray_picture_has_a_gray_preview(photo: np.ndarray) -> None:
    result, preview = dream_and_preview(photo[..., 0], RECIPE)
    assert result.ndim == 2
    assert np.abs(result.astype(int)[..., None] - preview).max() <= 1


def test_a_preview_is_no_larger_than_asked(photo: np.ndarray) -> None:
    sizes: list[tuple[int, ...]] = []
    dream(photo, RECIPE, watch=lambda progress: sizes.append(progress.picture(113).shape))
    assert set(sizes) == {(75, 113, 3)}


def test_keeping_pictures_does_not_change_the_result(photo: np.ndarray) -> None:
    recipe = RECIPE.changed(strength=0.5)
    kept: list[np.ndarray] = []
    keeping = recipe.changed(keep="octaves")
    result = dream(photo, keeping, on_frame=lambda name, picture: kept.append(picture))
    assert np.array_equal(result, dream(photo, recipe))
    assert np.array_equal(result, kept[-1])


@pytest.mark.parametrize("still", [{"steps": 0}, {"step_size": 0.0}, {"strength": 0.0}], ids=str)
@pytest.mark.parametrize("colour", ["free", "keep", "luminance", "histogram", "guide"])
@pytest.mark.parametrize("kind", [np.uint8, np.uint16, np.float32])
def test_without_a_dream_every_bit_stays(
    photo: np.ndarray, kind: type, colour: str, still: dict[str, Any]
) -> None:
    full = 1.5 if kind is np.float32 else np.iinfo(kind).max
    picture = (photo[:60, :80] / 255 * full).astype(kind)
    recipe = RECIPE.changed(objective="block2", colour=colour, headroom=1.0, **still)
    assert np.array_equal(dream(picture, recipe, guide=photo[60:100, :60]), picture)
