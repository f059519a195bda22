"""Outputs: reading and writing them as settings, and the recipes that they need."""

from __future__ import annotations

import json

import pytest

from deepdream_core.shared.outputs import (
    FEATURES,
    FRAMES,
    LAYER,
    MASKED,
    OCTAVES,
    OUTPUT_KINDS,
    STEPS,
    Output,
    split_settings,
)
from deepdream_core.shared.recipe import PARAMETERS, Recipe, RecipeError

OUTPUTS = [
    Output(),
    *(Output(kind) for kind in OUTPUT_KINDS.values()),
    Output(FEATURES, ("block4", "0.5*class:castle + block10:42@0.3,0.6"), 12, replaces=True),
]


@pytest.mark.parametrize("output", OUTPUTS, ids=lambda output: output.kind.name)
def test_an_output_survives_writing_and_reading(output: Output) -> None:
    written = json.loads(json.dumps(output.as_settings()))
    assert Output.from_settings(written) == output
    assert Output.from_settings(written, base=Output(STEPS, ("block6",), 3)) == output
    assert split_settings(json.dumps({**written, "steps": 3})) == ({"steps": 3}, output)


@pytest.mark.parametrize(
    ("settings", "recipe", "output"),
    [
        ("", {}, Output()),
        ("steps=3", {"steps": "3"}, Output()),
        ("output=masked", {}, Output(MASKED)),
        ("octaves=2; output = steps ;keep_every=1", {"octaves": "2", "keep_every": "1"},
         Output(STEPS)),
        ("output=features;features= block4 | block6|", {}, Output(FEATURES, ("block4", "block6"))),
        ('{"output": "frames", "passes": 3}', {"passes": 3}, Output(FRAMES)),
        ("again=replace", {}, Output(replaces=True)),
        ("layer_mask=limit", {}, Output(limited=True)),
        ("layer_mode=soft-light;opacity=40", {}, Output(mode="soft-light", opacity=40.0)),
        ("carry=0.5", {}, Output(carry=0.5)),
        ({"guide_layer": "7", "natural": "no"}, {"natural": "no"}, Output(guide_layer=7)),
    ],
)  # fmt: skip
def test_settings_are_split(settings: str | dict, recipe: dict, output: Output) -> None:
    assert split_settings(settings) == (recipe, output)


@pytest.mark.parametrize(
    ("settings", "output"),
    [
        ("", Output(FEATURES, ("block4",), 5)),
        ("output=octaves", Output(OCTAVES, ("block4",), 5)),
        ("output=layer;guide_layer=0;features=", Output()),
    ],
)
def test_only_the_given_settings_change(settings: str, output: Output) -> None:
    assert split_settings(settings, Output(FEATURES, ("block4",), 5)) == ({}, output)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        (
            "output=elsewhere",
            'output: "elsewhere" is not one of layer, masked, '
            "octaves, steps, features, frames, in-place, image.",
        ),
        ("output=", 'output: "" is not one of layer, '),
        ("guide_layer=top", 'guide_layer: "top" is not a whole number from 0'),
        ("guide_layer=-1", 'guide_layer: "-1" is not a whole number from 0'),
        ("guide_layer=1.5", 'guide_layer: "1.5" is not a whole number from 0'),
        ('{"features": ["block4"]}', "features: ['block4'] is not text."),
        ('{"output": ["layer"]}', "output: ['layer'] is not one of layer, "),
        ("features=block4|block10 block6", "features: Expected + or - at character 9 of "),
    ],
)
def test_the_error_names_the_wrong_value(settings: str, sentence: str) -> None:
    with pytest.raises(RecipeError) as raised:
        split_settings(settings)
    assert str(raised.value).startswith(sentence)


def test_most_outputs_need_one_dream() -> None:
    recipe = Recipe(passes=3)
    assert [Output(kind).recipes(recipe) for kind in (LAYER, MASKED, FRAMES)] == [[recipe]] * 3


def test_the_engine_is_asked_for_intermediate_layers() -> None:
    assert [one.keep for one in Output(OCTAVES).recipes(Recipe())] == ["octaves"]
    assert [one.keep for one in Output(STEPS).recipes(Recipe())] == ["steps"]
    asked = Recipe(keep="steps")
    assert Output(LAYER).recipes(asked) == [asked]


def test_each_feature_gets_a_dream_of_its_own() -> None:
    recipe = Recipe(objective="block10", seed=4)
    output = Output(FEATURES, ("block4", "class:castle"))
    assert output.recipes(recipe) == [
        Recipe(objective="block4", seed=4),
        Recipe(objective="class:castle", seed=4),
    ]
    assert Output(FEATURES).recipes(recipe) == [recipe]
    assert Output(LAYER, ("block4",)).recipes(recipe) == [recipe]


@pytest.mark.parametrize("kind", OUTPUT_KINDS.values(), ids=OUTPUT_KINDS)
def test_kinds_refer_to_existing_parameters(kind) -> None:
    assert set(kind.parameters) <= set(PARAMETERS)
    assert not kind.keep or kind.keep in PARAMETERS["keep"].choices
