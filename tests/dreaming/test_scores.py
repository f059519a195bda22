"""Every kind of objective rises when it is dreamed."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.ndimage import gaussian_filter

from deepdream_core.dreaming.ascent import normalise
from deepdream_core.dreaming.dream import dream
from deepdream_core.dreaming.gradients import Gradients, balance
from deepdream_core.dreaming.natural import LEVELS, magnitude, naturalise
from deepdream_core.dreaming.scores import Objective, bind, class_score
from deepdream_core.dreaming.tiles import picture_gradient, tiling_for
from deepdream_core.models import load_network
from deepdream_core.models.labels import find_class
from deepdream_core.models.network import LOGITS, Network
from deepdream_core.pictures.picture import dreamable, take
from deepdream_core.shared.objective import KINDS, ObjectiveError, Target, parse_objective
from deepdream_core.shared.recipe import Recipe

QUICK = Recipe(octaves=2, steps=4, step_size=2.0)


@pytest.fixture(scope="module")
def network() -> Network:
    return load_network("efficientnet_lite0", torch.device("cpu"), torch.float32)


@pytest.fixture(scope="module")
def clouds() -> np.ndarray:
    """White clouds with a natural spectrum, in front of a blue sky."""
    noise = np.random.default_rng(7).standard_normal((160, 224))
    f = np.hypot(np.fft.fftfreq(160)[:, None], np.fft.fftfreq(224)[None]).clip(1 / 224)
    heaps = np.fft.ifft2(np.fft.fft2(noise) / f**1.6).real
    cover = 1 / (1 + np.exp(-2 * heaps / heaps.std()))[..., None]
    return (cover * 235 + (1 - cover) * [70, 120, 190]).astype(np.uint8)


def activations_of(network: Network, picture: np.ndarray, layer: str) -> torch.Tensor:
    """Return a layer's activations, (channels, height, width)."""
    with torch.no_grad():
        return network.activations(dreamable(take(picture)), [layer])[layer][0]


_MORE_CLASSES = [
    pytest.param(n, marks=pytest.mark.slow) for n in ("peacock", "castle", "zebra", "lesser panda")
]


@pytest.mark.parametrize("name", ["goldfish", *_MORE_CLASSES])
def test_a_class_rises_to_the_top_in_clouds(
    name: str, network: Network, clouds: np.ndarray
) -> None:
    """In the mean of two seeds: another number of threads is enough to lead a dream elsewhere.

    After eight steps the outcome is still open: castle and lesser panda lie anywhere from 4 below
    to 9 above the next class. After sixteen they lie 3 to 16 above, with any seed.
    """
    number = find_class(name)
    recipe = Recipe(objective=f"class:{name}", octaves=2, steps=16, step_size=2.5)
    before = activations_of(network, clouds, "logits").mean((1, 2))
    dreams = [dream(clouds, recipe.changed(seed=seed)) for seed in (0, 1)]
    after = torch.stack([activations_of(network, x, "logits").mean((1, 2)) for x in dreams]).mean(0)
    assert before.argmax() != number
    others = torch.cat((after[:number], after[number + 1 :]))
    assert after[number] > others.max() + 2
    assert after[number] > before[number] + 5


def test_of_several_classes_each_area_grows_the_one_that_it_suggests_most() -> None:
    features = torch.zeros(1, 2, 8, 16)
    features[:, 0, :, :8] = features[:, 1, :, 8:] = 9
    features.requires_grad_()

    def gradient(*classes: int) -> torch.Tensor:
        activations = {"deep": features, LOGITS: features * 1}
        (found,) = torch.autograd.grad(class_score(classes, "deep")(activations, ()), features)
        return found

    both, first, second = gradient(0, 1), gradient(0), gradient(1)
    for part, alone in ((np.s_[..., :6], first), (np.s_[..., 10:], second)):
        assert torch.allclose(both[part], alone[part], rtol=0.01, atol=0.01)
        assert alone[part].any()


def test_classes_that_compete_are_told_apart_by_slashes(network: Network) -> None:
    objective = parse_objective("0.5*class:lion / giant panda + block10")
    assert str(parse_objective(str(objective))) == str(objective)
    bind(objective, network)
    for text in ("class:lion/", "class:lion/banana boat"):
        with pytest.raises(ObjectiveError, match="There is no class"):
            bind(parse_objective(text), network)


def test_a_class_does_not_tint_the_picture() -> None:
    cloudy = np.random.default_rng(1).normal(128, 10, (128, 160, 3)).clip(0, 255).astype(np.uint8)
    recipe = Recipe(
        objective="class:goldfish", octaves=2, steps=6, step_size=2.0, colourfulness=0.3
    )
    shaped = dream(cloudy, recipe).astype(float) - cloudy
    raw = dream(cloudy, recipe.changed(natural="no")).astype(float) - cloudy
    assert colourfulness(shaped) < 0.6 * colourfulness(raw)


def test_a_uniform_gradient_does_not_tint_the_picture() -> None:
    random = torch.Generator().manual_seed(1)
    gradient = torch.randn(1, 3, 100, 130, generator=random)
    gradient += torch.tensor([1.0, 0.0, -1.0])[:, None, None]
    shaped = naturalise(gradient, LEVELS, 0.3, 1.0)
    assert shaped.mean((2, 3)).abs().max() < 0.01 * shaped.std()


def colourfulness(change: np.ndarray) -> float:
    """Return the ratio of changes in colour to changes in brightness."""
    return float((change - change.mean(2, keepdims=True)).std() / change.std())


@pytest.mark.parametrize(
    ("objective", "layer", "channel"), [("block4:7", "block4", 7), ("block10:42", "block10", 42)]
)
def test_a_channel_rises_above_the_others(
    objective: str, layer: str, channel: int, network: Network, photo: np.ndarray
) -> None:
    before = activations_of(network, photo, layer).mean((1, 2))
    after = activations_of(network, dream(photo, QUICK.changed(objective=objective)), layer).mean(
        (1, 2)
    )
    rise = (after - before) / activations_of(network, photo, layer).std((1, 2))
    assert rise[channel] > 1
    assert rise.argmax() == channel


def test_a_layer_rises_and_a_negative_one_sinks(network: Network, photo: np.ndarray) -> None:
    before = activations_of(network, photo, "block6").square().mean()
    raised = dream(photo, QUICK.changed(objective="block6"))
    sunk = dream(photo, QUICK.changed(objective="-block6"))
    assert activations_of(network, raised, "block6").square().mean() > 1.5 * before
    assert activations_of(network, sunk, "block6").square().mean() < 0.8 * before


@pytest.mark.parametrize("unit", ["block4:7", "block10:42"])
@pytest.mark.parametrize(("x", "y"), [(0.3, 0.6), (0.13, 0.87)])
def test_a_unit_grows_where_it_was_asked_for(unit: str, x: float, y: float) -> None:
    gray = np.full((320, 320, 3), 128, np.uint8)
    recipe = Recipe(objective=f"{unit}@{x},{y}", octaves=1, steps=4, jitter=16)
    change = np.abs(dream(gray, recipe).astype(float) - gray).sum(2) ** 2
    blurred = gaussian_filter(change, 6, mode="constant")
    row, column = np.unravel_index(np.argmax(blurred), blurred.shape)
    assert abs(column - x * 319) < 7 and abs(row - y * 319) < 7


def test_a_unit_changes_only_its_surroundings() -> None:
    gray = np.full((256, 256, 3), 128, np.uint8)
    recipe = Recipe(objective="block4:7@0.25,0.75", octaves=1, steps=2, jitter=8)
    change = np.abs(dream(gray, recipe).astype(int) - gray).sum(2)
    assert change[:96, 160:].max() == 0


@pytest.mark.parametrize("corner", ["0,0", "1,1", "0,1", "1,0"])
def test_a_unit_in_a_corner_does_not_wrap_round(corner: str) -> None:
    gray = np.full((256, 256, 3), 128, np.uint8)
    recipe = Recipe(objective=f"block4:7@{corner}", octaves=1, steps=2, jitter=8)
    change = np.abs(dream(gray, recipe).astype(int) - gray).sum(2)
    near_it = [slice(None, 128) if side == "0" else slice(128, None) for side in corner.split(",")]
    inside = change[near_it[1], near_it[0]].sum()
    assert inside > 0.97 * change.sum() > 0


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_target_gives_a_gradient(
    kind: type[Target], network: Network, photo: np.ndarray
) -> None:
    assert say(kind.example, network, photo)[0] > 0


PAIRS = ["block2 + block10", "block4 + class:castle", "block10:42 + block14", "block3 - block12:5"]


@pytest.mark.parametrize("text", PAIRS)
def test_terms_of_equal_weight_have_equal_influence(
    text: str, network: Network, photo: np.ndarray
) -> None:
    sizes = say(text, network, photo)
    assert sizes[0] == pytest.approx(sizes[1], rel=0.01)


@pytest.mark.parametrize(("when", "balanced"), [("octave", True), ("start", False)])
def test_sums_are_balanced_again_in_every_octave(
    when: str, balanced: bool, network: Network, photo: np.ndarray
) -> None:
    recipe = Recipe(balance=when, jitter=0)
    objective = bind(parse_objective("block4 + block12:5"), network)

    def gradients_of(some: Objective) -> Gradients:
        return Gradients([some], recipe, torch.Generator(), print, lambda: None)

    photograph = dreamable(take(photo))
    both = gradients_of(objective)
    both.at(torch.full((1, 3, 96, 128), 0.5))
    asked = normalise(both.at(photograph), "mean")
    alone = (gradients_of(objective.single(number)) for number in (0, 1))
    first, second = (normalise(one.at(photograph), "mean") for one in alone)
    difference = float((asked - normalise(first + second, "mean")).abs().mean())
    print(f"away from equal parts: {difference:.3f}")
    assert (difference < 0.1) == balanced


def test_weights_scale_influence(network: Network, photo: np.ndarray) -> None:
    sizes = say("0.5*block2 + class:zebra*2", network, photo)
    assert 4 * sizes[0] == pytest.approx(sizes[1], rel=0.01)


def say(text: str, network: Network, photo: np.ndarray) -> list[float]:
    """Return the mean absolute gradient of each term at the pixels."""
    picture = dreamable(take(photo))
    tiling = tiling_for(photo.shape[:2], 512, 48)
    objective = balance(bind(parse_objective(text), network), picture, tiling)
    alone = [Objective(network, (term,)) for term in objective.terms]
    return [float(magnitude(picture_gradient(picture, o, tiling, (0, 0)), 1)) for o in alone]


@pytest.mark.parametrize(
    ("text", "position", "part"),
    [
        ("block99", 0, "no layer block99 (did you mean block9? Its "),
        ("banana", 0, "no layer banana (did you mean class:banana?)"),
        ("block4 + castel", 9, "class:castle or class:steel arch bridge or class:steel drum?"),
        ("Cats", 0, "class:tiger cat or class:Persian cat or class:Siamese cat?"),
        ("layer3", 0, "no layer layer3 (its layers: stem, "),
        ("block4 + block10:9999", 9, "channels 0 to 111"),
        ("block4 + class:panda", 9, "lesser panda (387), giant panda (388)"),
        ("class:goldfsh", 0, "did you mean goldfish"),
        ("class:qqqqq", 0, "deepdream classes"),
        ("class:1000", 0, "0 to 999"),
        ("class:" + 5000 * "9", 0, "0 to 999"),
        ("class:²", 0, "There is no class"),
    ],
)
def test_the_error_points_at_a_term_that_cannot_be_bound(
    text: str, position: int, part: str, network: Network
) -> None:
    with pytest.raises(ObjectiveError, match=f"character {position + 1} ") as raised:
        bind(parse_objective(text), network)
    assert raised.value.position == position
    assert part in str(raised.value)
