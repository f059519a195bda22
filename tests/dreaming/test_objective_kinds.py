"""What each further kind of objective does to a picture, as the network sees it."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from deepdream_core.dreaming.dream import dream
from deepdream_core.dreaming.places import WindowPlace
from deepdream_core.dreaming.scores import bind
from deepdream_core.dreaming.source_features import SourceFeatures
from deepdream_core.models import load_network
from deepdream_core.models.network import Network
from deepdream_core.pictures.picture import dreamable, take
from deepdream_core.shared.objective import ObjectiveError, parse_objective
from deepdream_core.shared.recipe import Recipe

LAYER = "block6"
RECIPE = Recipe(octaves=2, steps=12, step_size=2.0, headroom=0.0)


@pytest.fixture(scope="module")
def network() -> Network:
    return load_network("efficientnet_lite0", torch.device("cpu"), torch.float32)


def seen(network: Network, picture: np.ndarray) -> torch.Tensor:
    """Return the layer's activations for a picture, (1, channels, height, width)."""
    return network.activations(dreamable(take(picture)), {LAYER})[LAYER]


def dreamed(photo: np.ndarray, aspect: str) -> np.ndarray:
    return dream(photo, RECIPE.changed(objective=f"{LAYER}{aspect}"))


def test_a_caricature_exaggerates_what_is_there(network: Network, photo: np.ndarray) -> None:
    before = seen(network, photo)
    likeness, share = {}, {}
    for aspect in ("", ":caricature"):
        after = seen(network, dreamed(photo, aspect))
        likeness[aspect] = float(F.cosine_similarity(before, after, dim=1).mean())
        share[aspect] = float((before * after).sum() / before.square().sum())
    print(likeness, share)
    assert share[":caricature"] > 1.04 > share[""]
    assert likeness[":caricature"] > likeness[""] + 0.2


def test_a_caricature_finds_its_features_in_turned_and_shifted_windows(
    network: Network, photo: np.ndarray
) -> None:
    """Where a window shows the source itself, the features are those that it has."""
    photo = photo[:144, :224]
    source = dreamable(take(photo))
    layer = next(layer for layer in network.layers if layer.name == LAYER)
    features = SourceFeatures(network, source)
    height, width = photo.shape[:2]
    whole = network.activations(source, {LAYER})[LAYER][0]
    down, across = 2 * layer.stride, 3 * layer.stride
    place = WindowPlace(down, across, height, width)
    here = whole[:, 2:, 3:]
    assert torch.allclose(features.at(layer, here, place), here, atol=1e-4)
    around = F.pad(whole, (3, 0, 2, 0))
    before = WindowPlace(-down, -across, height, width, (height + 99, width + 99))
    found = features.at(layer, around, before)[:, 2:, 3:]
    assert torch.allclose(found, whole, atol=1e-4)
    halfway = WindowPlace(0, 0, height, width, angle=float(np.pi))
    turned = features.at(layer, whole, halfway)
    near = F.cosine_similarity(turned, whole.flip(1, 2), dim=0).mean()
    assert near > 0.9


def test_the_strongest_channels_are_the_pictures_own(network: Network, photo: np.ndarray) -> None:
    before = seen(network, photo)[0].clamp(min=0).square().mean((1, 2))
    chosen = before.topk(3).indices
    after = seen(network, dreamed(photo, ":strongest3"))[0].clamp(min=0).square().mean((1, 2))
    grown = after / before
    others = torch.ones(len(before), dtype=torch.bool)
    others[chosen] = False
    print(grown[chosen], grown[others].median())
    assert grown[chosen].min() > 1.5 * grown[others].median()


def test_the_mean_raises_all_of_a_layer(network: Network, photo: np.ndarray) -> None:
    before = seen(network, photo).mean()
    squares, mean = (float(seen(network, dreamed(photo, a)).mean()) for a in ("", ":mean"))
    assert mean > float(before) + 0.1
    assert mean > squares


def test_diversity_makes_areas_differ(network: Network, photo: np.ndarray) -> None:
    def likeness(aspect: str) -> float:
        """Return how alike the picture's four quarters are to the network, 1 at most."""
        found = seen(network, dreamed(photo, aspect))[0].clamp(min=0)
        down, across = (side // 2 for side in found.shape[1:])
        halves = [found[:, :down], found[:, down:]]
        quarters = [part for half in halves for part in (half[:, :, :across], half[:, :, across:])]
        shown = F.normalize(torch.stack([quarter.mean((1, 2)) for quarter in quarters]), dim=1)
        return float((shown @ shown.T)[~torch.eye(4, dtype=torch.bool)].mean())

    alike, varied = likeness(""), likeness(":diversity")
    print(f"alike {alike:.2f}, with diversity {varied:.2f}")
    assert varied < 0.85 * alike


@pytest.mark.parametrize(
    ("text", "layers"),
    [
        ("layers:block2,block4", ["block2", "block4"]),
        ("layers:block?", [f"block{n}" for n in range(10)]),
        ("layers:block1?,block4,block12", [*(f"block{n}" for n in range(10, 16)), "block4"]),
    ],
)
def test_layers_are_found_by_name_or_pattern(
    text: str, layers: list[str], network: Network
) -> None:
    objective = bind(parse_objective(f"3*{text}"), network)
    assert [term.layers for term in objective.terms] == [(name,) for name in layers]
    assert all(term.weight == pytest.approx(3 / len(layers)) for term in objective.terms)


@pytest.mark.parametrize(
    "text", ["layers:nothing*", "layers:", "block4:strongest0", "block4:strongest999", "block4:man"]
)
def test_what_is_not_there_is_said(text: str, network: Network) -> None:
    with pytest.raises(ObjectiveError):
        bind(parse_objective(text), network)
