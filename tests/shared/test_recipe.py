"""The table of parameters, and presets."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from deepdream_core.shared.presets import DEFAULT_PRESET, make_recipe, presets
from deepdream_core.shared.recipe import (
    GROUPS,
    PARAMETERS,
    Recipe,
    RecipeError,
    parse_settings,
    recipe_from,
)

ROOT = Path(__file__).parents[2]


def test_every_parameter_accepts_its_default_and_describes_its_allowed_values() -> None:
    for parameter in PARAMETERS.values():
        assert parameter.parse(parameter.default) == parameter.default
        assert parameter.label and parameter.help.endswith(".") and parameter.allowed()


def test_every_setting_has_a_group_and_a_plain_name() -> None:
    """What the field calls it belongs into the tooltip."""
    terms = ("octave", "gradient", "laplacian", "variation", "normal", "optimis", "jitter", "adam")
    for parameter in PARAMETERS.values():
        assert parameter.group in GROUPS
        if parameter.name == "keep":  # the dialog has kinds of output instead
            continue
        assert parameter.term.lower() != parameter.label.lower()
        for text in (parameter.label, *parameter.choices.values()):
            assert not [term for term in terms if term in text.lower()], text


def test_settings_as_pairs_and_as_json_are_the_same() -> None:
    pairs = make_recipe("classic", "steps=3; step_size = 2.5;colour=keep")
    assert pairs == make_recipe("classic", '{"steps": 3, "step_size": 2.5, "colour": "keep"}')
    assert (pairs.steps, pairs.step_size, pairs.colour) == (3, 2.5, "keep")


def test_a_recipe_survives_json() -> None:
    recipe = Recipe(objective="block4:3 - class:castle", seed=77)
    assert recipe_from(json.loads(json.dumps(recipe.as_dict()))) == recipe


@pytest.mark.parametrize(
    ("settings", "parts"),
    [
        ("stepz=3", ["stepz", "Did you mean steps", "octave_scale"]),
        ("steps=1001", ["steps", "1001", "0 to 1000"]),
        ("steps=2.5", ["steps", "whole number"]),
        ("steps=many", ["steps", "many"]),
        ("steps=nan", ["steps", "nan"]),
        ("step_size=inf", ["step_size", "0 to 50"]),
        ("colour=red", ["colour", "red", "histogram"]),
        ("steps", ["steps", "name=value"]),
        ("{steps: 3}", ["JSON"]),
        ("objective=block4 +", ["objective", "character 9"]),
    ],
)
def test_the_error_names_the_wrong_setting_and_the_allowed_values(
    settings: str, parts: list[str]
) -> None:
    with pytest.raises(RecipeError) as error:
        make_recipe("", settings)
    for part in parts:
        assert part in str(error.value)


@pytest.mark.parametrize(
    ("settings", "name", "value"),
    [
        ("motif=giant", "motif", 0.5),
        ("motif=0.3", "motif", 0.3),
        ("largest_octave=auto", "largest_octave", 0.0),
        ("largest_octave=half", "largest_octave", 0.5),
    ],
)
def test_some_numbers_have_names(settings: str, name: str, value: float) -> None:
    assert getattr(make_recipe("", settings), name) == value


def test_an_unknown_name_of_a_number_is_refused_with_the_known_ones() -> None:
    with pytest.raises(RecipeError, match="giant, large, medium, small, fine, or a number from"):
        make_recipe("", "motif=huge")


def test_invalid_json_is_refused() -> None:
    with pytest.raises(RecipeError):
        parse_settings('{"steps": 3')


def test_an_unknown_preset_lists_the_known_ones() -> None:
    with pytest.raises(RecipeError, match="Did you mean classic"):
        make_recipe("clasic")


def test_presets_are_complete_and_valid() -> None:
    assert DEFAULT_PRESET in presets()
    for preset in presets().values():
        recipe_from(preset.settings)
        assert preset.title and preset.description.endswith(".")


def test_a_saved_preset_is_found_and_a_broken_one_is_skipped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEEPDREAM_HOME", str(tmp_path))
    folder = tmp_path / "presets"
    folder.mkdir()
    (folder / "mine.json").write_text('{"title": "Mine", "settings": {"steps": 2}}')
    (folder / "broken.json").write_text('{"settings": {"steps": -2}}')
    (folder / "cut.json").write_text('{"sett')
    assert make_recipe("mine").steps == 2
    assert not {"broken", "cut"} & set(presets())


def test_the_shared_modules_need_only_the_standard_library() -> None:
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "import deepdream_core.shared.presets, deepdream_core.shared.protocol\n"
        "print(sorted({m.split('.')[0] for m in sys.modules} & {'numpy', 'torch', 'PIL'}))"
    )
    command = [sys.executable, "-I", "-S", "-c", code, str(ROOT)]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "[]\n"
