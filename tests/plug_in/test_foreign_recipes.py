"""Settings, objectives, presets and recipes from anybody: read, or refused in one sentence."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from deepdream_plugin.choice import Choice, choice_from
from deepdream_plugin.foreign_files import agreed, refuse_files
from deepdream_plugin.layers import LayerError
from deepdream_plugin.preset_files import PresetError, read_preset
from deepdream_plugin.recipe_parasite import read_note
from deepdream_plugin.texts import LOCALE_FOLDER, Catalogue, read_catalogue
from foreign import Generator

from deepdream_core.dreaming.dream import dream
from deepdream_core.models.weights import WeightsMissing
from deepdream_core.pictures.picture import PictureError
from deepdream_core.shared.messages import DreamError
from deepdream_core.shared.objective import ObjectiveError, parse_objective
from deepdream_core.shared.outputs import Output
from deepdream_core.shared.presets import make_recipe, presets
from deepdream_core.shared.quoting import listed, marked, quoted, shortened
from deepdream_core.shared.recipe import Recipe, RecipeError, recipe_from
from deepdream_core.shared.recipe_files import files_named, with_absolute_files

_MOST = 300
"""Characters in a sentence that an artist reads."""
_QUICK = {"steps": 2, "octaves": 2, "passes": 2}
"""The most of each when a generated recipe is dreamed."""


_GERMAN = Catalogue(read_catalogue(LOCALE_FOLDER / "de.po"))


def in_german(problem: DreamError | PresetError) -> str:
    """Return what a German artist reads."""
    if isinstance(problem, DreamError):
        return problem.message.translated(_GERMAN.gettext)
    return str(problem)


def is_short(sentence: str) -> bool:
    """Return whether an artist can read this sentence in a window or on a terminal."""
    return 10 < len(sentence) <= _MOST and sentence.isprintable()


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ('{"octaves": ' + "[" * 100_000, "settings: not a JSON object (it is nested too deeply)."),
        ('{"seed": ' + "9" * 5000 + "}", "a number in it has too many digits"),
        ('{"octaves": NaN}', "octaves: nan is not a whole number from 0 to 12."),
        ('{"guide_layer": Infinity}', "guide_layer: inf is not a whole number"),
        ("guide_layer=-1", 'guide_layer: "-1" is not a whole number'),
        ('{"guide": "a\\u0000b"}', 'guide: "a\\u0000b" contains the character U+0000'),
        ('{"mask": "\\ud800"}', 'mask: "\\ud800" contains the character U+D800'),
        ("guide=" + "x" * 10_001, "guide: the text has 10001 characters, but at most 10000 are"),
        ("objective=block10:" + "9" * 5000, "caricature or diversity at character 9 of "),
        ("objective=" + "9" * 5000, "Expected * after the number"),
        ("x" * 9999, 'settings: "xxx'),
        ("steps=" + "x" * 9999, 'steps: "xxx'),
        ("x" * 9999 + "=1", 'There is no setting "xxx'),
    ],
)
def test_a_refusal_names_the_fault(settings: str, sentence: str) -> None:
    with pytest.raises(RecipeError) as refused:
        choice_from("", settings)
    assert sentence in str(refused.value)
    assert is_short(str(refused.value))


def test_every_value_can_be_quoted() -> None:
    for value in (10**5000, [[[[[[[[1]]]]]]]], {"a": "b" * 999}, "\0" * 999, math.nan, None, b"x"):
        assert quoted(value).isprintable() and len(quoted(value)) <= 60
        with pytest.raises(RecipeError) as refused:
            recipe_from({"steps": value})
        assert is_short(str(refused.value))


def test_what_is_long_loses_its_middle() -> None:
    assert shortened("start " + "x" * 99 + " end", 12) == "start … end"[:6] + "…x end"
    assert shortened("a\nb\u202ec") == "a\\nb\\u202ec"
    assert listed(["one", "two", "three"], 9) == "one, two, …"
    assert marked("a" * 50 + "b" * 50, 50) == f"…{'a' * 20}▸{'b' * 20}…"


def test_a_layer_with_thousands_of_digits_is_just_an_unknown_one() -> None:
    assert parse_objective("block" + "9" * 5000).without_layer_names() == "parts"


def test_settings_that_are_no_mapping_are_refused() -> None:
    for wrong in ([], "steps=1", 3, None, [["steps", 1]]):
        with pytest.raises(RecipeError, match="not a JSON object"):
            recipe_from(wrong)  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize("content", ["[]", '"text"', "3", "[" * 100_000, '{"settings": []}', ""])
def test_a_wrong_preset_hurts_nobody(
    content: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEEPDREAM_HOME", str(tmp_path))
    path = tmp_path / "presets" / "wrong.json"
    path.parent.mkdir()
    path.write_text(content, "utf-8")
    with pytest.raises(PresetError) as refused:
        read_preset(path)
    assert is_short(str(refused.value))
    assert "wrong" not in presets()
    assert make_recipe("") == Choice().recipe


def test_file_names_from_images_are_not_opened_unasked() -> None:
    guided = Choice(recipe=Recipe(guide="//server/share/guide.png", mask="/dev/zero\u202e"))
    asked: list[list[str]] = []

    def answering(answer: bool) -> Callable[[object], bool]:
        return lambda files: asked.append(list(files)) or answer  # pyright: ignore

    assert agreed(guided, answering(True)) == guided
    assert files_named(agreed(guided, answering(False)).recipe.as_dict()) == {}
    assert asked == [["//server/share/guide.png", "/dev/zero\\u202e"]] * 2
    assert agreed(Choice(), answering(False)) == Choice()
    assert len(asked) == 2

    with pytest.raises(LayerError, match=r"guide\.png.*: set guide, mask to a file of your own"):
        refuse_files("dream", guided)
    with pytest.raises(LayerError, match="set mask to a file of your own") as refused:
        refuse_files("dream" * 99, guided, ["guide", "steps"])
    assert is_short(str(refused.value))
    refuse_files("dream", guided, ["guide", "mask"])
    refuse_files("dream", Choice())


def test_relative_file_names_belong_to_a_folder(tmp_path: Path) -> None:
    recipe = Recipe(guide="g.png", mask=str(tmp_path / "m.png"))
    absolute = with_absolute_files(recipe, tmp_path)
    assert (absolute.guide, absolute.mask) == (str(tmp_path / "g.png"), str(tmp_path / "m.png"))
    assert with_absolute_files(Recipe(), tmp_path) == Recipe()


def test_generated_recipes(tmp_path: Path) -> None:
    counted = try_generated(1_000, seed=20, folder=tmp_path)
    assert counted["valid"] > 300 and counted["refused"] > 150, counted
    assert counted["dreamed"] >= 1, counted


@pytest.mark.slow
def test_many_generated_recipes(tmp_path: Path) -> None:
    seed = 21
    counted = try_generated(100_000, seed, tmp_path)
    print(f"seed {seed}: {dict(counted)}")
    assert counted["dreamed"] > 200, counted


def try_generated(count: int, seed: int, folder: Path) -> Counter[str]:
    """Parse generated texts of every kind, dream one in a hundred, and count what happened."""
    generator, counted = Generator(seed), Counter[str]()
    kinds = [_settings, _mapping, _objective, _preset, _note]
    picture = np.random.default_rng(seed).integers(0, 256, (32, 32, 3), np.uint8)
    for number in range(count):
        try:
            recipe = kinds[number % len(kinds)](generator, folder)
        except (RecipeError, ObjectiveError, PresetError) as refusal:
            counted["refused"] += 1
            for sentence in (str(refusal), in_german(refusal)):
                assert is_short(sentence), (seed, number, sentence)
            continue
        counted["valid"] += 1
        if counted["valid"] % 100 == 0:
            counted[_dream(recipe, picture, f"seed {seed}, number {number}")] += 1
    return counted


def _settings(generator: Generator, folder: Path) -> Recipe:
    choice = choice_from(generator.preset_name(), generator.settings_text())
    assert len(choice.output.recipes(choice.recipe)) < 10
    return choice.recipe


def _mapping(generator: Generator, folder: Path) -> Recipe:
    settings = generator.settings()
    output = Output.from_settings(settings)
    recipe = {n: v for n, v in settings.items() if n not in output.as_settings()}
    return recipe_from(recipe)


def _objective(generator: Generator, folder: Path) -> Recipe:
    text = generator.objective()
    parsed = parse_objective(text)
    again = parsed.without_layer_names()
    assert again and parse_objective(str(parsed)).terms == parsed.terms
    return Recipe(objective=text)


def _preset(generator: Generator, folder: Path) -> Recipe:
    path = folder / "preset.json"
    path.write_bytes(generator.preset())
    title, settings, description = read_preset(path)
    assert title.isprintable() and description.isprintable()
    return recipe_from(settings)


def _note(generator: Generator, folder: Path) -> Recipe:
    choice, tattoo = read_note(generator.note())
    assert tattoo >= 0 and choice.title and choice.output.guide_layer == 0
    json.dumps(choice.recipe.as_dict()).encode()
    return choice.recipe


def _dream(recipe: Recipe, picture: np.ndarray, which: str) -> str:
    """Dream a recipe, shortened; return how that ended. Any other exception is a failure."""
    less = {name: min(most, getattr(recipe, name)) for name, most in _QUICK.items()}
    quick = recipe.changed(**less, device="cpu", precision="float32")
    try:
        result = dream(picture, quick)
    except (ObjectiveError, PictureError, RecipeError, WeightsMissing) as problem:
        assert isinstance(problem, DreamError)
        assert is_short(str(problem)), (which, str(problem))
        return f"refused by the engine: {problem.message.code}"
    except Exception as error:
        raise AssertionError(f"{which}: {quick}") from error
    assert result.shape == picture.shape and np.isfinite(result).all(), which
    return "dreamed"
