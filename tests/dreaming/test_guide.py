"""A guide's features steer the dream."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from skimage import data

from deepdream_core.dreaming import guide as guides
from deepdream_core.dreaming.dream import dream
from deepdream_core.dreaming.guide import match_score
from deepdream_core.models import load_network
from deepdream_core.pictures.picture import dreamable, take
from deepdream_core.shared.objective import ObjectiveError
from deepdream_core.shared.recipe import Recipe

LAYER = "block8"
RECIPE = Recipe(objective=LAYER, octaves=2, steps=5, step_size=2.0)


@pytest.fixture(scope="module")
def coffee() -> np.ndarray:
    return data.coffee()[::3, ::3]


def features(picture: np.ndarray) -> torch.Tensor:
    network = load_network("efficientnet_lite0", torch.device("cpu"), torch.float32)
    with torch.no_grad():
        return network.activations(dreamable(take(picture)), [LAYER])[LAYER][0].flatten(1)


def test_best_matches_become_more_similar_to_the_guide(
    photo: np.ndarray, coffee: np.ndarray
) -> None:
    there = features(coffee)

    def nearness(picture: np.ndarray) -> float:
        return float(match_score(features(picture), there))

    plain, guided = dream(photo, RECIPE), dream(photo, RECIPE, guide=coffee)
    assert nearness(guided) > 1.3 * nearness(photo)
    assert nearness(guided) > 1.05 * nearness(plain)


def test_the_mixture_of_features_becomes_more_similar_to_the_guides(
    photo: np.ndarray, coffee: np.ndarray
) -> None:
    there = features(coffee)

    def distance(picture: np.ndarray) -> float:
        here = features(picture)
        means = (here.mean(1) - there.mean(1)).square().sum()
        return float(means + (here.std(1) - there.std(1)).square().sum())

    recipe = RECIPE.changed(guide_mode="statistics")
    assert distance(dream(photo, recipe, guide=coffee)) < 0.7 * distance(photo)


def test_chunks_do_not_change_the_match(monkeypatch: pytest.MonkeyPatch) -> None:
    random = torch.Generator().manual_seed(3)
    here = torch.randn(8, 50, generator=random)
    there = torch.randn(8, 30, generator=random)
    best = there[:, (there.T @ here).argmax(0)]
    monkeypatch.setattr(guides, "_PRODUCTS_AT_ONCE", 200)
    assert match_score(here, there) == pytest.approx(float((here * best).sum()), rel=1e-5)


def test_a_guide_is_analysed_once(
    photo: np.ndarray, coffee: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []
    analyse = guides.analyse
    monkeypatch.setattr(
        "deepdream_core.dreaming.scores.analyse", lambda *given: calls.append(1) or analyse(*given)
    )
    dream(photo, RECIPE, guide=coffee)
    assert len(calls) == 1


@pytest.mark.parametrize("shape", [(700, 40), (9, 5, 3), (60, 80, 2), (60, 80, 4)])
def test_a_guide_of_any_shape_works(shape: tuple[int, ...], photo: np.ndarray) -> None:
    guide = np.random.default_rng(2).integers(0, 255, shape, dtype=np.uint8)
    quick = RECIPE.changed(octaves=1, steps=1)
    assert not np.array_equal(dream(photo, quick, guide=guide), dream(photo, quick))


def test_transparent_parts_of_a_guide_do_not_steer(photo: np.ndarray, coffee: np.ndarray) -> None:
    def hidden(colours: np.ndarray) -> np.ndarray:
        return np.dstack([colours, np.zeros(colours.shape[:2], np.uint8)])

    quick = RECIPE.changed(octaves=1, steps=1)
    first = dream(photo, quick, guide=hidden(coffee))
    assert np.array_equal(first, dream(photo, quick, guide=hidden(255 - coffee)))


def test_a_guide_without_a_layer_to_steer_is_refused(photo: np.ndarray, coffee: np.ndarray) -> None:
    with pytest.raises(ObjectiveError, match="whole layers"):
        dream(photo, RECIPE.changed(objective="class:castle"), guide=coffee)
