"""Depth words: objectives that mean the same in every network, and their use in the dialog."""

# ruff: noqa: E402 - the plug-in's folder must be put on the path first
from __future__ import annotations

from pathlib import Path

import numpy as np

from deepdream_core import dream
from deepdream_core.shared.depths import DEPTHS, depth_of
from deepdream_core.shared.recipe import Recipe

PLUG_IN = Path(__file__).resolve().parents[2] / "plug-ins" / "deepdream"
from deepdream_plugin.choice import Choice
from deepdream_plugin.dialog.state import State


def test_each_word_stands_for_a_layer_of_the_default_network() -> None:
    photo = np.random.default_rng(3).random((64, 64, 3), dtype=np.float32)
    short = {"octaves": 1, "steps": 1}
    layers = ("block0", "block4", "block5", "block8", "block10")
    for word, layer in zip(DEPTHS, layers, strict=True):
        assert depth_of(layer) == word
        by_word = dream(photo, Recipe(objective=word, **short))
        assert np.array_equal(by_word, dream(photo, Recipe(objective=layer, **short)))


def test_switching_networks_keeps_a_similar_objective() -> None:
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
    anew = State(Choice()).recipe.expression.without_layer_names()
    assert state.recipe.objective == anew != "textures"
