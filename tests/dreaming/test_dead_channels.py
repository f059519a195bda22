"""Channels that nothing in the picture excites are brought to life, or said to be dead."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from deepdream_core.dreaming.dream import dream
from deepdream_core.models import load_network
from deepdream_core.models.blocked_units import opened_units
from deepdream_core.shared.recipe import Recipe

GRAY = np.full((96, 128, 3), 128, np.uint8)
ASLEEP, DEAD = 26, 11
"""Channels of EfficientNet-Lite0's stem: gray does not excite the first, no picture the second."""


def excitement(picture: np.ndarray, channel: int) -> float:
    network = load_network("efficientnet_lite0", torch.device("cpu"), torch.float32)
    pixels = torch.tensor(picture).permute(2, 0, 1)[None] / 255
    return float(network.activations(pixels, {"stem"})["stem"][0, channel, 3:-3, 3:-3].mean())


@pytest.mark.parametrize("octaves", [1, 2])
def test_a_sleeping_channel_is_woken(octaves: int) -> None:
    assert excitement(GRAY, ASLEEP) == 0
    dreamed = dream(GRAY, Recipe(objective=f"stem:{ASLEEP}", octaves=octaves, steps=8))
    assert excitement(dreamed, ASLEEP) > 0.3


def test_where_nothing_can_grow_the_picture_stays_and_a_note_says_so() -> None:
    notes: list[str] = []
    recipe = Recipe(objective=f"stem:{DEAD}", octaves=2, steps=2)
    assert np.array_equal(dream(GRAY, recipe, note=notes.append), GRAY)
    assert [note.partition(",")[0] for note in notes] == ["Nothing grew"]


@pytest.mark.parametrize("in_place", [False, True])
@pytest.mark.parametrize("activation", [torch.nn.ReLU, torch.nn.ReLU6])
def test_open_units_pass_gradients_and_keep_their_values(
    activation: type[torch.nn.ReLU6] | type[torch.nn.ReLU], in_place: bool
) -> None:
    x = torch.tensor([-1.0, 2.0, 9.0], requires_grad=True)
    usual = activation()(x)
    with opened_units():
        opened = activation(in_place)(x * 1)
    assert torch.equal(opened, usual)
    assert torch.autograd.grad(opened.sum(), x)[0].tolist() == [1, 1, 1]
    assert torch.autograd.grad(usual.sum(), x)[0].tolist() != [1, 1, 1]
