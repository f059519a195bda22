"""Settings that change from pass to pass."""

from __future__ import annotations

import pytest

from deepdream_core.dreaming.drift import at_pass
from deepdream_core.shared.recipe import (
    MAX_SEED,
    Recipe,
    RecipeError,
    parse_settings,
    recipe_from,
)


def test_values_with_arrows_become_the_schedule() -> None:
    text = "passes=5;zoom=1.02 -> 1.06;objective=block8->block10 -> class:castle"
    recipe = recipe_from(parse_settings(text))
    assert (recipe.zoom, recipe.objective) == (1.02, "block8")
    assert "zoom=1.02 -> 1.06" in recipe.schedule
    assert recipe_from(recipe.as_dict()) == recipe
    assert "zoom" not in recipe.changed(zoom=1.1).schedule
    assert "objective" in recipe.changed(zoom=1.1).schedule
    assert recipe.changed(steps=3).schedule == recipe.schedule


def test_numbers_and_objectives_are_in_between() -> None:
    recipe = Recipe(passes=5).changed(
        zoom="1 -> 2", jitter="0->8", objective="block8 -> block10 + block12 -> class:castle"
    )
    zooms = [at_pass(recipe, number).zoom for number in range(5)]
    assert zooms == [1, 1.25, 1.5, 1.75, 2]
    assert [at_pass(recipe, number).jitter for number in range(5)] == [0, 2, 4, 6, 8]
    assert [at_pass(recipe, number).objective for number in range(5)] == [
        "block8",
        "0.5*block8 + 0.5*block10 + 0.5*block12",
        "block10 + block12",
        "0.5*block10 + 0.5*block12 + 0.5*class:castle",
        "class:castle",
    ]
    assert len({at_pass(recipe.changed(seed=MAX_SEED), number).seed for number in range(5)}) == 5


def test_a_recipe_without_a_schedule_stays_as_it_is() -> None:
    recipe = Recipe(passes=3, zoom=1.1)
    assert at_pass(recipe, 2) is recipe


@pytest.mark.parametrize(
    "wrong",
    [
        {"schedule": "zoom=1"},
        {"schedule": "zoom"},
        {"schedule": "steps=1 -> 3"},
        {"schedule": "zoom=1 -> 9"},
        {"schedule": "zoom=1 -> "},
        {"zoom": "1 -> much"},
        {"objective": "block8 -> block10 +"},
        {"steps": "1 -> 3"},
        {"schedule": 3},
    ],
)
def test_a_wrong_schedule_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(RecipeError):
        recipe_from(wrong)
