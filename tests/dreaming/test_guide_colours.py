"""A guide's colours arrive with its forms, if the recipe asks for them."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from samples import sample
from skimage import data

from deepdream_core.dreaming.dream import dream
from deepdream_core.dreaming.progress import Progress
from deepdream_core.pictures.colour import Colours, colours_of, recolour
from deepdream_core.shared.recipe import Recipe

RECIPE = Recipe(objective="block4", octaves=2, steps=3, step_size=3.0, natural="yes")
TAKING = RECIPE.changed(colour="guide")
LUMINANCE = np.array([0.2126, 0.7152, 0.0722])


@pytest.fixture(scope="module")
def coffee() -> np.ndarray:
    return data.coffee()[::4, ::4]


@pytest.fixture(scope="module")
def sky() -> np.ndarray:
    return np.asarray(sample("sky", (160, 120)))


def chroma(picture: np.ndarray) -> np.ndarray:
    """Return how far each pixel's values are from its luminance, (pixels, 3), in 0..1."""
    values = picture.reshape(-1, 3) / 255
    return values - (values @ LUMINANCE)[:, None]


def difference(picture: np.ndarray, guide: np.ndarray) -> float:
    """Return how much the colours of two pictures differ, whatever their luminance."""
    here, there = chroma(picture), chroma(guide)
    spread = np.subtract(*(np.linalg.norm(x - x.mean(0)) / np.sqrt(len(x)) for x in (here, there)))
    return float(np.linalg.norm(here.mean(0) - there.mean(0)) + abs(spread))


def test_the_dream_takes_the_guides_colours(sky: np.ndarray, coffee: np.ndarray) -> None:
    plain, taken = (dream(sky, recipe, guide=coffee) for recipe in (RECIPE, TAKING))
    before, after = difference(plain, coffee), difference(taken, coffee)
    print(f"from {before:.3f} to {after:.3f}")
    assert after < 0.4 * before


def test_the_dream_keeps_its_light(sky: np.ndarray, coffee: np.ndarray) -> None:
    plain, taken = (dream(sky, recipe, guide=coffee) for recipe in (RECIPE, TAKING))
    inside = ((taken > 5) & (taken < 250)).all(2)
    assert inside.mean() > 0.5
    assert np.abs((taken.astype(float) - plain) @ LUMINANCE)[inside].mean() < 1


@pytest.mark.parametrize("linear", [False, True])
@pytest.mark.parametrize(
    ("shape", "sample_type"),
    [
        ((60, 80), np.uint8),
        ((60, 80, 2), np.uint16),
        ((60, 80, 3), np.uint8),
        ((60, 80, 4), np.uint16),
        ((60, 80, 4), np.float32),
    ],
)
def test_outside_the_mask_every_bit_stays(
    shape: tuple[int, ...], sample_type: type, linear: bool, coffee: np.ndarray
) -> None:
    random = np.random.default_rng(3)
    if sample_type is np.float32:
        picture = random.uniform(-0.5, 2.0, shape).astype(np.float32)
    else:
        picture = random.integers(0, np.iinfo(sample_type).max, shape, dtype=sample_type)
    mask = np.zeros((60, 80), np.float32)
    mask[:, 40:60] = np.linspace(0, 1, 20)
    result = dream(picture, TAKING.changed(steps=1), linear=linear, mask=mask, guide=coffee)
    assert np.array_equal(result[:, :40], picture[:, :40])
    assert np.array_equal(result[:, 60:], picture[:, 60:])
    assert not np.array_equal(result, picture)
    if picture.ndim == 3 and picture.shape[2] in (2, 4):
        assert np.array_equal(result[..., -1], picture[..., -1])


@pytest.mark.parametrize("still", [{"steps": 0}, {"step_size": 0.0}, {"strength": 0.0}])
def test_without_a_dream_every_bit_stays(
    photo: np.ndarray, coffee: np.ndarray, still: dict
) -> None:
    picture = photo.astype(np.float32) / 255
    assert np.array_equal(dream(picture, TAKING.changed(**still), guide=coffee), picture)


def test_pixels_that_have_not_changed_stay_within_a_dream() -> None:
    random = torch.Generator().manual_seed(1)
    base, detail = (torch.rand(1, 3, 512, 512, generator=random) for _ in range(2))
    detail[..., 30:32, 30:32] = 0
    red = Colours(torch.tensor([0.8, 0.2, 0.2]).double(), 0.01 * torch.eye(3).double())
    taken = recolour("guide", base, detail, red)
    assert not torch.equal(taken, detail)
    assert torch.equal(taken[..., 30:32, 30:32], detail[..., 30:32, 30:32])


@pytest.mark.parametrize("step_size", [1.0, 20.0])
def test_a_graded_mask_grades_the_colours(
    sky: np.ndarray, coffee: np.ndarray, step_size: float
) -> None:
    mask = np.tile(np.linspace(0, 1, sky.shape[1], dtype=np.float32), (sky.shape[0], 1))
    plain, taken = (
        dream(sky, recipe.changed(step_size=step_size), mask=mask, guide=coffee)
        for recipe in (RECIPE, TAKING)
    )
    moved = np.abs(taken.astype(float) - plain).mean((0, 2))
    thirds = [part.mean() for part in np.array_split(moved, 3)]
    print(f"colours moved by {', '.join(f'{third:.1f}' for third in thirds)}")
    assert thirds[0] < 0.5 * thirds[1] < 0.5 * thirds[2]


def test_a_gray_picture_stays_gray(photo: np.ndarray, coffee: np.ndarray) -> None:
    gray = photo[..., 1]
    plain, taken = (dream(gray, recipe, guide=coffee) for recipe in (RECIPE, TAKING))
    assert np.abs(taken.astype(int) - plain).mean() < 1


def test_transparent_parts_of_a_guide_have_no_colours(sky: np.ndarray, coffee: np.ndarray) -> None:
    alpha = np.zeros(coffee.shape[:2], np.uint8)
    alpha[:, :60] = 255
    other = coffee.copy()
    other[:, 60:] = 255 - coffee[:, 60:]
    first, second = (
        dream(sky, TAKING.changed(steps=1), guide=np.dstack([colours, alpha]))
        for colours in (coffee, other)
    )
    assert np.array_equal(first, second)


def test_without_a_guide_the_colours_are_free_and_a_note_says_so(photo: np.ndarray) -> None:
    notes: list[str] = []
    free = dream(photo, RECIPE.changed(steps=1), note=notes.append)
    assert not notes
    assert np.array_equal(dream(photo, TAKING.changed(steps=1), note=notes.append), free)
    assert notes == [
        "There is no guide whose colours could be taken: choose a guide picture, or another "
        "setting of Colour."
    ]


def test_the_last_preview_is_the_result(photo: np.ndarray, coffee: np.ndarray) -> None:
    seen: list[np.ndarray] = []

    def watch(progress: Progress) -> None:
        seen.append(progress.picture(max(photo.shape)))

    mask = np.zeros(photo.shape[:2], np.float32)
    mask[20:120, 40:200] = np.linspace(0, 1, 160)
    recipe = TAKING.changed(octaves=1)
    result = dream(photo, recipe, guide=coffee, mask=mask, watch=watch)
    assert np.abs(result.astype(int) - seen[-1]).max() <= 1


def test_a_few_pixels_stand_for_a_large_pictures_colours() -> None:
    small = torch.rand(1, 3, 100, 120, generator=torch.Generator().manual_seed(1))
    large = small.repeat_interleave(6, 2).repeat_interleave(6, 3)
    one, other = (colours_of(x, torch.ones_like(x[:, :1])) for x in (small, large))
    assert torch.allclose(one.mean, other.mean, atol=0.01)
    assert torch.allclose(one.covariance, other.covariance, atol=0.005)
