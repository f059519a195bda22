"""Dreams from noise, which show what excites the network most."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from skimage import data

from deepdream_core.dreaming.dream import dream
from deepdream_core.dreaming.noise import Stimulus
from deepdream_core.models import load_network
from deepdream_core.models.labels import find_class
from deepdream_core.pictures.picture import dreamable, take
from deepdream_core.shared.recipe import Recipe

RECIPE = Recipe(
    source="noise", objective="block8:20", octaves=2, steps=16, step_size=3.0, jitter=16
)
GRAY = np.full((96, 128, 3), 128, np.uint8)


def mean_of(picture: np.ndarray, layer: str) -> torch.Tensor:
    network = load_network("efficientnet_lite0", torch.device("cpu"), torch.float32)
    with torch.no_grad():
        return network.activations(dreamable(take(picture)), [layer])[layer][0].mean((1, 2))


def test_it_excites_a_channel_more_than_any_photo() -> None:
    photos = (data.chelsea(), data.coffee(), data.astronaut(), data.rocket())
    found = max(float(mean_of(photo[::2, ::2], "block8")[20]) for photo in photos)
    assert float(mean_of(dream(GRAY, RECIPE), "block8")[20]) > found + 1


def test_it_shows_a_class() -> None:
    picture = dream(GRAY, RECIPE.changed(objective="class:goldfish"))
    assert mean_of(picture, "logits").argmax() == find_class("goldfish")
    # A goldfish from noise has the colour of goldfish.
    red, _, blue = picture.reshape(-1, 3).astype(float).T
    assert np.percentile(red - blue, 95) > 40


def test_only_the_size_and_alpha_of_the_picture_are_used() -> None:
    quick = RECIPE.changed(steps=2)
    random = np.random.default_rng(1)
    first, second = random.integers(0, 255, (2, 70, 90, 4), dtype=np.uint8)
    second[..., 3] = first[..., 3]
    result = dream(first, quick)
    visible = first[..., 3] > 0
    assert np.array_equal(result[visible], dream(second, quick)[visible])
    assert np.array_equal(result[..., 3], first[..., 3])
    assert not np.array_equal(result, dream(first, quick.changed(seed=2)))


def test_strength_mixes_it_with_the_picture_within_the_mask(photo: np.ndarray) -> None:
    quick = RECIPE.changed(steps=2)
    assert np.array_equal(dream(photo, quick.changed(strength=0)), photo)
    mask = np.zeros(photo.shape[:2], np.float32)
    mask[:, 100:] = 1
    result = dream(photo, quick, mask=mask)
    assert np.array_equal(result[:, :100], photo[:, :100])
    assert np.abs(result[:, 120:].astype(int) - photo[:, 120:]).mean() > 5


def test_values_beyond_white_stay_where_the_picture_stays(photo: np.ndarray) -> None:
    bright = photo.astype(np.float32) / 100
    mask = np.zeros(photo.shape[:2], np.float32)
    mask[:, 100:] = 1
    result = dream(bright, RECIPE.changed(steps=2), mask=mask)
    assert bright.max() > 2
    assert np.array_equal(result[:, :100], bright[:, :100])
    assert result[:, 100:].min() > -0.01 and result[:, 100:].max() < 1.01
    assert np.array_equal(dream(bright, RECIPE.changed(steps=2, strength=0)), bright)


@pytest.mark.parametrize("size", [(7, 5), (33, 200), (101, 64)])
def test_any_size(size: tuple[int, int]) -> None:
    result = dream(np.zeros((*size, 3), np.uint8), RECIPE.changed(steps=1))
    assert result.shape == (*size, 3)


def test_a_stimulus_can_start_from_a_picture(photo: np.ndarray) -> None:
    picture = dreamable(take(photo))
    stimulus = Stimulus(photo.shape[:2], 1.5, torch.Generator().manual_seed(1), torch.device("cpu"))
    stimulus.start_from(picture)
    assert torch.allclose(stimulus.picture(), picture, atol=2e-3)


def test_it_starts_with_the_colours_of_photographs() -> None:
    random = torch.Generator().manual_seed(1)
    colours = Stimulus((96, 128), 1.5, random, torch.device("cpu")).picture()[0].flatten(1)
    assert torch.corrcoef(colours).min() > 0.5
