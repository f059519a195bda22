"""Words for depths: objectives that mean the like in every network, and their use in the dialog."""

# ruff: noqa: E402 - the plug-in lies beside its gimpfu, not on the path
from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from deepdream_core import dream
from deepdream_core.shared.depths import DEPTHS, without_layer_names
from deepdream_core.shared.recipe import Recipe

PLUG_IN = Path(__file__).resolve().parents[2] / "plug-ins" / "deepdream"
from deepdream_plugin.dialog.state import State
from deepdream_plugin.settings import Choice


@pytest.mark.parametrize(
    ("objective", "words"),
    [
        ("block10", "objects"),
        ("0.5*block4 + block10", "0.5*textures + objects"),
        ("-block2 + block9:42@0.3,0.6", "-textures + parts"),
        ("block10 + 0.7*block12", "objects"),
        ("block1 - 0.5*class:black-footed ferret", "textures - 0.5*class:black-footed ferret"),
        ("class:castle", "class:castle"),
        ("stem + parts", "edges + parts"),
        ("relu4_3", "parts"),
    ],
)
def test_objectives_in_words(objective: str, words: str) -> None:
    assert without_layer_names(objective) == words
    assert without_layer_names(words) == words


def test_words_are_the_layers_of_the_default_network() -> None:
    photo = np.random.default_rng(3).random((64, 64, 3), dtype=np.float32)
    short = {"octaves": 1, "steps": 1}
    layers = ("block0", "block4", "block5", "block8", "block10")
    for word, layer in zip(DEPTHS, layers, strict=True):
        assert without_layer_names(layer) == word
        by_word = dream(photo, Recipe(objective=word, **short))
        assert np.array_equal(by_word, dream(photo, Recipe(objective=layer, **short)))


def test_another_network_dreams_the_like() -> None:
    state = State(Choice())
    state.set("objective", "block4:7")
    state.set("model", "googlenet")
    assert state.recipe.objective == "textures"
    state.set("steps", 3)
    state.set("objective", "inception3a")
    state.set("model", "vgg16")
    assert state.recipe.objective == "parts"
    state.set("model", "googlenet")
    assert state.recipe.objective == "inception3a"
    state.set("model", "efficientnet_lite0")
    assert state.recipe.objective == "block4:7"
    assert state.choice.settings == {"objective": "block4:7", "steps": 3}


def test_another_preset_forgets_what_other_networks_dreamed() -> None:
    state = State(Choice())
    state.set("objective", "block4")
    state.set("model", "googlenet")
    state.choose_preset("classic")
    state.set("model", "googlenet")
    assert (
        state.recipe.objective
        == without_layer_names(State(Choice()).recipe.objective)
        != "textures"
    )
