"""How much of an objective pictures reach."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from deepdream_core.dreaming.dream import dream
from deepdream_core.dreaming.reached import reached
from deepdream_core.shared.recipe import Recipe

RECIPE = Recipe(octaves=1, steps=4, device="cpu", precision="float32")


def planes(picture: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(picture).permute(2, 0, 1)[None]


@pytest.mark.parametrize("side", [24, 160, 900])
def test_a_dream_reaches_more_of_what_it_dreams(photo: np.ndarray, side: int) -> None:
    """Also in pictures that are too small for the network, or larger than is looked at."""
    picture = np.resize(photo, (side, side, 3)).astype(np.float32) / 255
    recipe = RECIPE.changed(objective="block8 + 0.5*class:castle - 0.1*block2")
    dreamed = dream(picture, recipe)
    scores = reached([planes(picture), planes(dreamed)], recipe, planes(picture))
    assert scores.shape == (2, 2)  # what is suppressed does not count
    assert scores[1, 0] > scores[0, 0]
