"""Saving and loading choices, in files and on layers, including those of earlier versions."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from deepdream_plugin.choice import (
    Choice,
    choice_from,
    forget_unfinished,
    load_last,
    load_unfinished,
    save_last,
    save_unfinished,
)
from deepdream_plugin.dialog.state import State
from deepdream_plugin.layers import SourceLayer
from deepdream_plugin.recipe_parasite import read_note, write_note

from deepdream_core.shared.outputs import FEATURES, FRAMES, LAYER, MASKED, Output
from deepdream_core.shared.presets import make_recipe
from deepdream_core.shared.protocol import Picture
from deepdream_core.shared.recipe import Recipe, RecipeError

ALL_OF_IT = choice_from(
    "fish", "steps=3;natural=no;output=features;features=block4|class:castle;guide_layer=7"
)
_OF_THEN = {"precision": "tf32"}
"""What the rules of version 0.1 are today."""
SOURCE = SourceLayer(None, "photo", 5, (0, 0), Picture(1, 1, 1, bytes(4)), "Y float", None, None)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DEEPDREAM_HOME", str(tmp_path))
    return tmp_path


def test_the_arguments_of_the_procedure_are_read_once() -> None:
    assert (
        Choice(
            "fish",
            make_recipe("fish", {"steps": 3, "natural": "no"}),
            Output(FEATURES, ("block4", "class:castle"), 7),
        )
        == ALL_OF_IT
    )
    assert ALL_OF_IT.settings == {"steps": 3, "natural": "no"}
    assert choice_from("", "") == Choice()


@pytest.mark.parametrize("settings", ["outpost=layer", "steps=many", "output=nowhere"])
def test_wrong_arguments_are_refused(settings: str) -> None:
    with pytest.raises(RecipeError):
        choice_from("", settings)
    with pytest.raises(RecipeError):
        Choice().changed(settings)


def test_settings_change_a_choice() -> None:
    changed = ALL_OF_IT.changed("steps=5;output=layer")
    assert changed.settings == {"steps": 5, "natural": "no"}
    assert changed.output == Output(LAYER, ("block4", "class:castle"), 7)


@pytest.mark.parametrize(
    ("settings", "title"),
    [
        ("steps=3", "DeepDream Under water"),
        ("objective=block10:42@0.5,0.5", "DeepDream block10:42 at 50%, 50%"),
    ],
)
def test_a_dream_is_named_after_its_preset_or_after_what_is_dreamed(
    settings: str, title: str
) -> None:
    assert choice_from("fish", settings).title == title


def test_the_last_choice_is_remembered() -> None:
    assert load_last() == Choice()
    save_last(ALL_OF_IT)
    assert load_last() == ALL_OF_IT


def test_an_unfinished_choice_is_remembered_until_the_dialog_closes() -> None:
    assert load_unfinished() is None
    save_unfinished(ALL_OF_IT)
    assert load_unfinished() == ALL_OF_IT
    assert load_last() == Choice()
    forget_unfinished()
    assert load_unfinished() is None


_FILE = """{
  "preset": "fish",
  "settings": {"steps": 3, "natural": "no"},
  "output": {"output": "features", "features": "block4|class:castle", "guide_layer": 7},
  "gimp": %d
}"""
"""As written by version 0.1."""


@pytest.mark.parametrize("name", ["last-settings.json", "unfinished-settings.json"])
def test_files_of_earlier_versions_are_read(home: Path, name: str) -> None:
    (home / name).write_text(_FILE % os.getppid(), "utf-8")
    loaded = load_last() if name.startswith("last") else load_unfinished()
    assert loaded == ALL_OF_IT


def test_layer_ids_are_dropped_in_another_gimp_session(home: Path) -> None:
    (home / "last-settings.json").write_text(_FILE % (os.getppid() + 1), "utf-8")
    assert load_last().output == Output(FEATURES, ("block4", "class:castle"), 0)


@pytest.mark.parametrize(
    ("output", "read"),
    [("", {}), (', "output": {}', {}), (', "output": {"output": "masked"}', {"kind": MASKED})],
)
def test_files_without_an_output_are_read(home: Path, output: str, read: dict) -> None:
    text = '{"preset": "classic", "settings": {}' + output + "}"
    (home / "last-settings.json").write_text(text, "utf-8")
    assert load_last() == Choice(output=Output(**read))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"preset": "classic"}',
        '{"preset": "gone", "settings": {}}',
        '{"preset": "classic", "settings": {"octaves": 99}}',
        '{"preset": "classic", "settings": {}, "output": {"output": "wall"}}',
        '{"preset": "classic", "settings": {}, "output": "masked"}',
    ],
)
def test_unusable_files_are_ignored(home: Path, text: str) -> None:
    (home / "last-settings.json").write_text(text, "utf-8")
    assert load_last() == Choice()


def test_an_unwritable_disk_does_not_stop_a_dream(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "a-file").touch()
    monkeypatch.setenv("DEEPDREAM_HOME", str(home / "a-file"))
    save_last(ALL_OF_IT)
    forget_unfinished()
    assert load_last() == Choice()


def test_a_dreamed_layer_records_how_it_was_dreamed() -> None:
    choice, tattoo = read_note(write_note(ALL_OF_IT, SOURCE))
    assert (choice.preset, choice.recipe, tattoo) == ("fish", ALL_OF_IT.recipe, 5)
    # The ID of the guide layer is meaningless once the image has been saved.
    assert choice.output == Output(FEATURES, ("block4", "class:castle"), 0)


def _note(**changed: object) -> str:
    """Return a note as written by version 0.1, for a dream with one step."""
    recipe = {**make_recipe("fish").as_dict(), "steps": 1}
    note = {
        "version": "0.1.0",
        "preset": "fish",
        "recipe": recipe,
        "output": {"output": "frames", "guide_layer": 7},
        "source": {"name": "photo", "tattoo": 5},
    }
    return json.dumps({**note, **changed})


def test_layers_of_earlier_versions_can_be_dreamed_again() -> None:
    wanted = Choice(
        "fish",
        make_recipe("fish", {"steps": 1, **_OF_THEN}),
        Output(FRAMES),
    )
    assert read_note(_note()) == (wanted, 5)
    assert read_note(_note(output={}))[0].output == Output()
    assert read_note(_note(preset="gone"))[0].preset == Choice().preset
    assert read_note(_note(preset="gone"))[0].recipe == wanted.recipe


def test_a_layer_is_named_after_its_preset_even_if_that_has_changed_since() -> None:
    recipe = {**make_recipe("fish").as_dict(), "objective": "block3"}
    then = read_note(_note(recipe=recipe, preset_objective="block3"))[0]
    assert then.title == "DeepDream Under water"
    assert read_note(write_note(then, SOURCE))[0] == then
    assert read_note(_note(recipe=recipe), "DeepDream Under water #2")[0].title == then.title
    assert read_note(_note(recipe=recipe), "DeepDream block3")[0].title == "DeepDream block3"
    assert read_note(_note(recipe=recipe, preset="gone"))[0].title == "DeepDream block3"
    state = State(then)
    state.set("steps", 7)
    assert state.choice.title == "DeepDream Under water"
    state.set("objective", "block4")
    assert state.choice.title == "DeepDream block4"
    state.choose_preset("zoo")
    state.set("objective", "block3")
    assert state.choice.title == "DeepDream block3"


def test_unknown_settings_on_layers_of_later_versions_are_ignored() -> None:
    known, later = Recipe(seed=9).as_dict(), {"mood": "blue"}
    choice, _tattoo = read_note(_note(recipe={**known, **later}, output={"wall": "east"}))
    assert (choice.recipe, choice.output) == (
        Recipe(seed=9, **_OF_THEN),
        Output(),
    )


@pytest.mark.parametrize(
    "note", ["", "[]", _note(recipe=3), _note(source={}), _note(output={"output": "wall"})]
)
def test_an_invalid_note_is_refused(note: str) -> None:
    with pytest.raises(RecipeError):
        read_note(note)


def test_choosing_an_animation_sets_passes_and_leaving_it_resets_them() -> None:
    state = State(ALL_OF_IT)
    heard: list[int] = []
    state.listen(lambda: heard.append(state.recipe.passes))
    state.choose_output(FRAMES)
    assert (state.recipe.passes, state.recipe.zoom, state.output.kind) == (8, 1.05, FRAMES)
    state.set("passes", 3)
    state.choose_output(FRAMES)
    assert state.recipe.passes == 3
    state.choose_output(MASKED)
    assert heard == [8, 3, 1]
    assert state.choice.output == Output(MASKED, ("block4", "class:castle"), 7)


def test_the_output_is_kept_when_the_preset_changes() -> None:
    state = State(ALL_OF_IT)
    state.set_guide_layer(0)
    state.set("device", "cpu")
    state.choose_preset("zoo")
    zoo = make_recipe("zoo", "device=cpu")
    features = tuple(str(term.target) for term in zoo.expression.terms)
    assert state.choice == Choice("zoo", zoo, Output(FEATURES, features, 0))
    assert state.is_changed
    state.reset()
    assert state.choice == Choice("zoo", make_recipe("zoo"), state.output)


def test_a_dream_remembers_in_which_precision_it_was_dreamed() -> None:
    dreamed = ALL_OF_IT.dreamed_in("bfloat16")
    again, _ = read_note(write_note(dreamed, SOURCE))
    assert again.recipe == ALL_OF_IT.recipe.changed(precision="bfloat16")


@pytest.mark.parametrize("said", ["", "float8"])
def test_a_precision_of_another_version_is_not_remembered(said: str) -> None:
    assert ALL_OF_IT.dreamed_in(said) is ALL_OF_IT
