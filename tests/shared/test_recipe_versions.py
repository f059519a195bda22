"""Recipes that were saved before they had a number keep their composition and their look."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from deepdream_core.shared.octaves import octave_sizes
from deepdream_core.shared.presets import read_preset_file
from deepdream_core.shared.recipe import Recipe, recipe_from
from deepdream_core.shared.recipe_versions import RECIPE_VERSION, upgraded

_OLD_LOOK = {
    "largest_octave": 1.0,
    "crispness": 1.0,
    "balance": "start",
    "headroom": 0.0,
    "fine_steps": 1.0,
    "colourfulness": 0.3,
    "precision": "tf32",
    "tones": "free",
}


def preset_of(folder: Path, content: dict[str, object]) -> Recipe:
    path = folder / "mine.json"
    path.write_text(json.dumps(content), "utf-8")
    return recipe_from(read_preset_file(path).settings)


@pytest.mark.parametrize(("settings", "octaves"), [({}, 4), ({"octaves": 7}, 7)])
def test_a_preset_without_a_number_has_the_old_rules(
    tmp_path: Path, settings: dict[str, int], octaves: int
) -> None:
    recipe = preset_of(tmp_path, {"title": "Mine", "settings": settings})
    assert recipe == Recipe(octaves=octaves, **_OLD_LOOK)
    sizes, _ = octave_sizes((3000, 4000), recipe)
    assert [size[0] for size in sizes] == [round(3000 / 1.4**n) for n in reversed(range(octaves))]


def test_a_preset_with_a_number_has_todays_rules(tmp_path: Path) -> None:
    content = {"recipe_version": RECIPE_VERSION, "settings": {"steps": 3}}
    assert preset_of(tmp_path, content) == Recipe(steps=3)


def test_what_an_old_recipe_says_counts() -> None:
    kept = upgraded({"colourfulness": 0.9, "octaves": 2}, None)
    assert (kept["colourfulness"], kept["octaves"], kept["headroom"]) == (0.9, 2, 0.0)


@pytest.mark.parametrize("version", [None, 1, "2", 1.5, [], True])
def test_any_other_number_means_the_old_rules(version: object) -> None:
    assert upgraded({}, version) == {"octaves": 4, **_OLD_LOOK}


@pytest.mark.parametrize("settings", [{}, {"precision": "auto"}])
def test_a_recipe_from_before_bfloat16_keeps_its_precision(settings: dict[str, str]) -> None:
    assert upgraded(settings, 2)["precision"] == "tf32"


def test_a_chosen_precision_is_kept() -> None:
    assert upgraded({"precision": "bfloat16"}, 2)["precision"] == "bfloat16"
    assert upgraded({"precision": "auto"}, RECIPE_VERSION) == {"precision": "auto"}
