"""Presets saved by version 0.1 are dreamed as then: as large, as colourful, in motifs as large.

Not the same picture: the random shifts follow another rule since dreams are as strong along the
borders as elsewhere.
"""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy import ndimage

from deepdream_core.dreaming.dream import dream
from deepdream_core.shared.paths import presets_folder
from deepdream_core.shared.presets import make_recipe
from deepdream_core.shared.recipe import Recipe, Value, recipe_from

_RADII = (1, 2, 4, 8, 16)
_OF_0_1: dict[str, tuple[dict[str, Value], tuple[float, ...]]] = {
    "classic": (
        {
            "objective": "block10 + 0.7*block12",
            "octaves": 7,
            "step_size": 2.2,
            "natural": "yes",
            "strength": 0.92,
        },
        (19.0, 9.3, 6.0, 4.3, 5.8, 6.4, 5.7),
    ),
    "layer": ({"objective": "block8", "steps": 6}, (6.7, 6.3, 4.1, 1.9, 1.5, 0.95, 0.45)),
}
"""Settings, and the figures of 0.1's dreams of the photo, means over six seeds."""


def figures(photo: np.ndarray, recipe: Recipe) -> np.ndarray:
    """Return a dream's size, its colour, and its light from the finest forms to the largest."""
    change = dream(photo, recipe).astype(float) - photo
    light = change.mean(2)
    blurred = [light, *(ndimage.gaussian_filter(light, radius) for radius in _RADII)]
    bands = [(finer - coarser).std() for finer, coarser in zip(blurred, blurred[1:])]
    return np.array([np.abs(change).mean(), (change - light[..., None]).std(), *bands])


@pytest.mark.parametrize("name", _OF_0_1)
def test_a_preset_of_0_1_is_dreamed_as_then(photo: np.ndarray, name: str) -> None:
    settings, then = _OF_0_1[name]
    presets_folder().mkdir(parents=True, exist_ok=True)
    file = presets_folder() / "mine.json"
    file.write_text(json.dumps({"title": "Mine", "settings": settings}), "utf-8")
    try:
        shares = figures(photo, make_recipe("mine", "device=cpu")) / then
        with_todays_rules = figures(photo, recipe_from(settings)) / then
    finally:
        file.unlink()
    print(name, shares.round(2), with_todays_rules.round(2))
    assert np.all(np.abs(shares - 1) < 0.25)
    assert np.any(np.abs(with_todays_rules - 1) > 0.4)
