"""Settings that change from pass to pass, and from octave to octave."""

from __future__ import annotations

import json

import pytest

from deepdream_core.shared.drift import at_octave, at_pass, in_first_octaves
from deepdream_core.shared.octaves import octave_steps
from deepdream_core.shared.recipe import (
    MAX_SEED,
    Recipe,
    RecipeError,
    parse_settings,
    recipe_from,
)
from deepdream_core.shared.recipe_notes import note_of, recipe_in


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


def test_settings_change_from_octave_to_octave() -> None:
    text = "octaves=5;step_size=3 -> 1 over octaves;zoom=1 -> 2;steps = 20->10->20 over  octaves"
    recipe = recipe_from(parse_settings(text))
    assert (recipe.step_size, recipe.steps, recipe.zoom) == (3, 20, 1)
    assert "step_size=3 -> 1 over octaves" in recipe.schedule
    assert recipe_in(json.loads(note_of(recipe))) == recipe
    each = [at_octave(recipe, number, 5) for number in range(5)]
    assert [one.step_size for one in each] == [3, 2.5, 2, 1.5, 1]
    assert [one.steps for one in each] == octave_steps(recipe, 5) == [20, 15, 10, 15, 20]
    assert {(one.seed, one.zoom) for one in each} == {(recipe.seed, 1)}
    at_the_end = at_pass(recipe.changed(passes=3), 2)
    assert (at_the_end.zoom, at_octave(at_the_end, 4, 5).step_size) == (2, 1)
    assert "step_size" not in recipe.changed(step_size=2).schedule
    assert at_octave(recipe, 0, 1).step_size == 3


def test_objectives_fade_from_octave_to_octave() -> None:
    recipe = Recipe(objective="block8").changed(objective="block4 -> block8 over octaves")
    objectives = [at_octave(recipe, number, 3).objective for number in range(3)]
    assert objectives == ["block4", "0.5*block4 + 0.5*block8", "block8"]
    same = recipe.changed(objective="0.7*block4 - block8 -> 0.7*block4 - block8 over octaves")
    assert {at_octave(same, n, 7).objective for n in range(7)} == {"0.7*block4 - block8"}
    opposite = recipe.changed(objective="block4 -> -block4 over octaves")
    assert at_octave(opposite, 1, 3).expression


@pytest.mark.parametrize("shown", [1, 2, 4, 7])
def test_fewer_octaves_change_as_in_the_whole(shown: int) -> None:
    text = (
        "step_size=3 -> 0.7 -> 2 over octaves;objective=block4 -> block8 over octaves;zoom=1 -> 2"
    )
    recipe = recipe_from(parse_settings(text))
    fewer = in_first_octaves(recipe, shown, 7)
    for number in range(shown):
        there, here = at_octave(recipe, number, 7), at_octave(fewer, number, shown)
        assert (here.step_size, here.objective) == (there.step_size, there.objective)
    assert "zoom=1 -> 2" in fewer.schedule


def test_a_recipe_without_a_schedule_stays_as_it_is() -> None:
    recipe = Recipe(passes=3, zoom=1.1)
    assert at_pass(recipe, 2) is recipe
    over_octaves = recipe.changed(tv="0 -> 1 over octaves")
    assert at_pass(over_octaves, 2) is over_octaves
    over_passes = recipe.changed(tv="0 -> 1")
    assert at_octave(over_passes, 2, 3) is over_passes


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
        {"zoom": "1 -> 2 over octaves"},
        {"step_size": "1 -> 2 over octave"},
        {"step_size": "1 over octaves"},
        {"objective": "block8 -> block10 over there"},
        {"schedule": 3},
    ],
)
def test_a_wrong_schedule_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(RecipeError):
        recipe_from(wrong)


def test_the_message_names_what_can_change() -> None:
    with pytest.raises(RecipeError, match="steps") as raised:
        recipe_from({"zoom": "1 -> 2 over octaves"})
    assert "step_size=3 -> 1 over octaves" in str(raised.value)
    assert "shift_x" not in str(raised.value)
