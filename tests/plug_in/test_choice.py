"""What is remembered of a choice, in files and on layers, also as earlier versions wrote it."""

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
SOURCE = SourceLayer(None, "photo", 5, Picture(1, 1, 1, bytes(4)), "Y float", None, None)


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


def test_settings_are_laid_over_a_choice() -> None:
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


def test_what_was_chosen_last_is_remembered() -> None:
    assert load_last() == Choice()
    save_last(ALL_OF_IT)
    assert load_last() == ALL_OF_IT


def test_what_is_being_chosen_is_remembered_until_the_dialog_ends() -> None:
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
"""As version 0.1 writes it."""


@pytest.mark.parametrize("name", ["last-settings.json", "unfinished-settings.json"])
def test_files_of_earlier_versions_are_read(home: Path, name: str) -> None:
    (home / name).write_text(_FILE % os.getppid(), "utf-8")
    loaded = load_last() if name.startswith("last") else load_unfinished()
    assert loaded == ALL_OF_IT


def test_layers_mean_nothing_in_another_gimp(home: Path) -> None:
    (home / "last-settings.json").write_text(_FILE % (os.getppid() + 1), "utf-8")
    assert load_last().output == Output(FEATURES, ("block4", "class:castle"), 0)


@pytest.mark.parametrize(
    ("output", "read"),
    [("", {}), (', "output": {}', {}), (', "output": {"output": "masked"}', {"kind": MASKED})],
)
def test_files_that_say_less_are_read(home: Path, output: str, read: dict) -> None:
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
def test_what_is_not_usable_is_forgotten(home: Path, text: str) -> None:
    (home / "last-settings.json").write_text(text, "utf-8")
    assert load_last() == Choice()


def test_a_disk_that_cannot_be_written_stops_no_dream(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "a-file").touch()
    monkeypatch.setenv("DEEPDREAM_HOME", str(home / "a-file"))
    save_last(ALL_OF_IT)
    forget_unfinished()
    assert load_last() == Choice()


def test_a_dreamed_layer_knows_how_it_was_dreamed() -> None:
    choice, tattoo = read_note(write_note(ALL_OF_IT, SOURCE))
    assert (choice.preset, choice.recipe, tattoo) == ("fish", ALL_OF_IT.recipe, 5)
    # The number of the guide layer means nothing once the image was saved.
    assert choice.output == Output(FEATURES, ("block4", "class:castle"), 0)


def _note(**changed: object) -> str:
    """Return a note as version 0.1 writes it, on a layer that is dreamed with one step."""
    recipe = {**make_recipe("fish").as_dict(), "steps": 1}
    note = {
        "version": "0.1.0",
        "preset": "fish",
        "recipe": recipe,
        "output": {"output": "frames", "guide_layer": 7},
        "source": {"name": "photo", "tattoo": 5},
    }
    return json.dumps({**note, **changed})


def test_layers_of_earlier_versions_are_dreamed_again() -> None:
    wanted = Choice("fish", make_recipe("fish", {"steps": 1}), Output(FRAMES))
    assert read_note(_note()) == (wanted, 5)
    assert read_note(_note(output={}))[0].output == Output()
    assert read_note(_note(preset="gone"))[0].preset == Choice().preset
    assert read_note(_note(preset="gone"))[0].recipe == wanted.recipe


def test_layers_of_later_versions_are_dreamed_with_what_is_known() -> None:
    known, later = Recipe(seed=9).as_dict(), {"mood": "blue"}
    choice, _tattoo = read_note(_note(recipe={**known, **later}, output={"wall": "east"}))
    assert (choice.recipe, choice.output) == (Recipe(seed=9), Output())


@pytest.mark.parametrize(
    "note", ["", "[]", _note(recipe=3), _note(source={}), _note(output={"output": "wall"})]
)
def test_a_note_that_is_none_is_refused(note: str) -> None:
    with pytest.raises((ValueError, KeyError, TypeError, AttributeError)):
        read_note(note)


def test_choosing_an_animation_gives_it_passes_and_leaving_it_takes_them() -> None:
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


def test_where_the_dream_goes_outlives_another_preset() -> None:
    state = State(ALL_OF_IT)
    state.set_features(["block6"])
    state.set_guide_layer(0)
    state.set("device", "cpu")
    state.choose_preset("zoo")
    assert state.choice == Choice("zoo", make_recipe("zoo", "device=cpu"),
                                  Output(FEATURES, ("block6",), 0))  # fmt: skip
    assert state.is_changed
    state.reset()
    assert state.choice == Choice("zoo", make_recipe("zoo"), state.output)
