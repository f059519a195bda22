"""Surprises are near a recipe, differ from it and from each other, and can be dreamed."""

from __future__ import annotations

import random

import pytest
from deepdream_plugin.surprises import COUNT, MIX, SEED, SETTINGS, WITH, surprises

from deepdream_core.shared.presets import SHIPPED, make_recipe
from deepdream_core.shared.recipe import Recipe

PICTURES = ("class:castle", "block10:42", "class:peacock", "block4:26", "class:pug")


@pytest.mark.parametrize("preset", [preset.name for preset in SHIPPED])
def test_there_are_four_and_all_differ(preset: str) -> None:
    recipe = make_recipe(preset)
    found = [one.recipe for one in surprises(recipe, PICTURES, random.Random(1))]
    assert len({recipe, *found}) == COUNT + 1
    assert all(one.model == recipe.model for one in found)


def test_they_are_a_seed_a_neighbour_and_two_mixes() -> None:
    recipe = Recipe(objective="class:castle", strength=1.0, motif=0.25)
    for seed in range(50):
        found = surprises(recipe, PICTURES, random.Random(seed))
        assert [one.kind for one in found] == [SEED, SETTINGS, WITH, MIX]
        other, neighbour, mixed, two = (one.recipe for one in found)
        assert other == recipe.changed(seed=other.seed) and other.seed != recipe.seed
        assert neighbour.objective == recipe.objective
        assert 0.8 < neighbour.strength < 1.2 and 0.1 < neighbour.motif < 0.5
        assert str(mixed.expression.terms[0].target) == "class:castle"
        targets = [str(term.target) for term in two.expression.terms]
        assert len(set(targets)) == 2 and set(targets) <= set(PICTURES)


def test_without_pictures_only_seeds_and_settings_change() -> None:
    recipe = Recipe(objective="class:castle")
    found = [one.recipe for one in surprises(recipe, [], random.Random(3))]
    assert len(set(found)) == COUNT
    assert {one.objective for one in found} == {"class:castle"}
