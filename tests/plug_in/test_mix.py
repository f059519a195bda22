"""Mixing pictures: the objective follows them, and so do the layers for each of them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from deepdream_plugin.choice import choice_from
from deepdream_plugin.dialog.state import State
from deepdream_plugin.suggested import unknown_words

from deepdream_core.shared.outputs import FEATURES, LAYER


def _state(objective: str, output: str = "layer", features: str = "") -> State:
    settings = {"objective": objective, "output": output, "features": features}
    return State(choice_from("classic", settings))


def test_a_picture_is_added_and_taken_out_again() -> None:
    state = _state("class:castle")
    state.toggle_feature("block10:42")
    assert state.recipe.objective == "class:castle + block10:42"
    state.toggle_feature("class:castle")
    assert state.recipe.objective == "block10:42"
    state.toggle_feature("block10:42")
    assert state.recipe.objective == "block10:42", "something must be dreamed"


def test_weights_are_part_of_the_objective() -> None:
    state = _state("class:castle + block10:42")
    castle, carving = state.recipe.expression.terms
    state.set_terms([replace(castle, weight=0.5), replace(carving, weight=-1.0)])
    assert state.recipe.objective == "0.5*class:castle - block10:42"
    state.set_terms([])
    assert state.recipe.objective == "0.5*class:castle - block10:42"


def test_each_picture_that_is_wanted_gets_a_layer_whatever_is_chosen_later() -> None:
    state = _state("class:castle + 0.5*block10:42 - class:hen")
    state.choose_output(FEATURES)
    assert state.output.features == ("class:castle", "block10:42")
    state.choose_feature("class:pug + class:hen")
    assert state.output.features == ("class:pug", "class:hen")
    recipes = state.output.recipes(state.recipe)
    assert [recipe.objective for recipe in recipes] == ["class:pug", "class:hen"]
    state.choose_output(LAYER)
    state.choose_feature("class:castle")
    assert len(state.output.recipes(state.recipe)) == 1


def test_features_of_an_earlier_version_become_the_mix() -> None:
    state = _state("class:castle", "features", "block10:42|class:pug + class:hen")
    assert state.recipe.objective == "block10:42 + class:pug + class:hen"
    assert state.output.features == ("block10:42", "class:pug", "class:hen")
    kept = _state("0.5*class:pug + class:hen", "features", "class:pug|class:hen")
    assert kept.recipe.objective == "0.5*class:pug + class:hen"


@pytest.mark.parametrize(
    ("text", "words", "replaced"),
    [
        ("palm tree", "palm tree", "class:x"),
        ("banana", "banana", "class:x"),
        (
            "class:castle + 0.5*palm tree - block4",
            "palm tree",
            "class:castle + 0.5*class:x - block4",
        ),
        ("-palm tree*2", "palm tree", "-class:x*2"),
        ("block10 + Bär", "Bär", "block10 + class:x"),
    ],
)
def test_everyday_words_in_an_objective_are_found_and_replaced(
    text: str, words: str, replaced: str
) -> None:
    unknown = unknown_words(text)
    assert unknown is not None and unknown.words == words
    assert unknown.replaced(text, "class:x") == replaced


@pytest.mark.parametrize(
    "text",
    [
        *("", "class:black-footed ferret", "parts - 0.5*edges", "block10:42@0.3,0.6", "stem"),
        *("block10:x", "features", "inception4c + class:jack-o'-lantern", "1.5*", "logits"),
    ],
)
def test_what_is_written_as_an_objective_is_left_alone(text: str) -> None:
    assert unknown_words(text) is None
