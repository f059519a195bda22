"""Dreaming in several passes, and keeping intermediate pictures."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from deepdream_core.dreaming.dream import dream
from deepdream_core.dreaming.feedback import moved
from deepdream_core.dreaming.progress import Progress, StopHere
from deepdream_core.pictures.picture import dreamable, take
from deepdream_core.shared.recipe import Recipe

STILL = Recipe(octaves=1, steps=0, tones="free")
Kept = list[tuple[str, np.ndarray]]


def dream_and_keep(picture: np.ndarray, recipe: Recipe, **options: object) -> Kept:
    kept: Kept = []
    result = dream(picture, recipe, on_frame=lambda *given: kept.append(given), **options)
    return [*kept, ("result", result)]


def test_each_pass_dreams_the_previous_result(photo: np.ndarray) -> None:
    kept = dream_and_keep(photo, Recipe(octaves=1, steps=1, passes=3))
    assert [name for name, _ in kept] == ["pass 1", "pass 2", "pass 3", "result"]
    assert np.array_equal(kept[2][1], kept[3][1])
    pictures = [photo, *(picture for _, picture in kept[:3])]
    for before, after in itertools.pairwise(pictures):
        step = np.abs(after.astype(int) - before).mean()
        assert 0.5 < step < 4
    far = np.abs(pictures[3].astype(int) - photo).mean()
    assert far > 1.3 * np.abs(pictures[1].astype(int) - photo).mean()


def test_octaves_and_steps_are_kept_at_full_size(photo: np.ndarray) -> None:
    octaves = dream_and_keep(photo, Recipe(octaves=3, steps=1, keep="octaves"))
    assert [name for name, _ in octaves] == ["octave 1", "octave 2", "octave 3", "result"]
    assert all(picture.shape == photo.shape for _, picture in octaves)
    assert np.array_equal(octaves[2][1], octaves[3][1])
    assert not np.array_equal(octaves[0][1], octaves[1][1])
    steps = dream_and_keep(photo, Recipe(octaves=1, steps=5, keep="steps", keep_every=2))
    assert [name for name, _ in steps] == [
        "octave 1 step 2",
        "octave 1 step 4",
        "octave 1 step 5",
        "result",
    ]
    both = dream_and_keep(photo, Recipe(octaves=1, steps=1, passes=2, keep="octaves"))
    assert [name for name, _ in both[:2]] == ["pass 1 octave 1", "pass 1"]


@pytest.mark.parametrize(
    ("move", "expected"),
    [
        ({"shift_x": 7}, lambda x: np.roll(x, 7, 1)),
        ({"shift_y": -5}, lambda x: np.roll(x, -5, 0)),
        ({"rotate": 90}, lambda x: np.rot90(x)),
        ({"rotate": 180}, lambda x: x[::-1, ::-1]),
    ],
)
def test_the_picture_moves_as_requested(move: dict, expected: object, photo: np.ndarray) -> None:
    square = photo[:150, :150]
    result = dream(square, STILL.changed(passes=2, **move)).astype(int)
    inner = slice(10, -10)
    difference = np.abs(result - expected(square.astype(int)))[inner, inner]
    assert difference.max() <= 1


def test_zoom_enlarges_about_the_centre(photo: np.ndarray) -> None:
    square = dreamable(take(photo[:150, :150]))
    expected = F.interpolate(square[:, :, 50:100, 50:100], (100, 100), mode="bicubic").clamp(0, 1)
    result = moved(square, Recipe(zoom=2.0))[:, :, 25:125, 25:125]
    assert (result - expected).abs()[:, :, 8:-8, 8:-8].max() < 0.02


def test_many_passes_keep_the_picture_sharp_and_without_a_border(photo: np.ndarray) -> None:
    picture = dreamable(take(photo))
    turn, back = Recipe(rotate=5, zoom=1.02), Recipe(rotate=-5, zoom=1 / 1.02)
    result = picture
    for _ in range(5):
        result = moved(moved(result, turn), back)
    middle = slice(40, -40)
    assert sharpness(result[:, :, middle, middle]) > 0.6 * sharpness(picture[:, :, middle, middle])
    light = torch.full((1, 3, 60, 80), 0.8)
    assert torch.allclose(moved(light, Recipe(zoom=0.5, rotate=30)), light, atol=1e-5)


def sharpness(picture: torch.Tensor) -> float:
    return float(picture.diff(dim=-1).square().mean() + picture.diff(dim=-2).square().mean())


def test_outside_the_mask_nothing_moves(photo: np.ndarray) -> None:
    mask = np.zeros(photo.shape[:2], np.float32)
    mask[:, 100:] = 1
    recipe = Recipe(octaves=2, steps=1, passes=3, zoom=1.1, rotate=5)
    result = dream(photo, recipe, mask=mask)
    assert np.array_equal(result[:, :100], photo[:, :100])
    assert not np.array_equal(result[:, 100:], photo[:, 100:])


def test_stopping_ends_the_last_pass_too(photo: np.ndarray) -> None:
    seen: list[Progress] = []

    def watch(moment: Progress) -> None:
        seen.append(moment)
        if moment.number == 1:
            raise StopHere

    kept = dream_and_keep(photo, Recipe(octaves=2, steps=1, passes=4), watch=watch)
    assert [name for name, _ in kept] == ["pass 1", "pass 2", "result"]
    assert [m.fraction for m in seen] == sorted(m.fraction for m in seen)
    assert seen[-1].fraction < 0.5


@pytest.mark.parametrize(
    "channels", [(), (1,), (2,), (4,)], ids=["flat", "gray", "gray, alpha", "rgba"]
)
def test_every_kind_of_picture_is_dreamed_again(channels: tuple[int, ...]) -> None:
    picture = np.random.default_rng(3).integers(0, 255, (48, 64, *channels), dtype=np.uint8)
    recipe = Recipe(octaves=1, steps=1, passes=2, zoom=1.1)
    assert dream_and_keep(picture, recipe)[-1][1].shape == picture.shape


def test_tones_are_held_over_many_passes(photo: np.ndarray) -> None:
    """Each pass adds contrast, which would burn out where nothing holds it."""
    recipe = Recipe(steps=3, step_size=6.0, passes=8, zoom=1.05, device="cpu")
    spreads = {
        tones: [
            float(picture.std())
            for _, picture in dream_and_keep(photo, recipe.changed(tones=tones))
        ]
        for tones in ("hold", "free")
    }
    print(spreads)
    assert abs(spreads["hold"][-1] / spreads["hold"][0] - 1) < 0.06
    assert spreads["free"][-1] > 1.1 * spreads["free"][0]


def test_a_schedule_changes_the_passes(photo: np.ndarray) -> None:
    recipe = STILL.changed(passes=3, zoom="1 -> 2")
    first, second, third, _ = (picture for _, picture in dream_and_keep(photo, recipe))
    assert np.array_equal(first, photo)
    zoomed = moved(dreamable(take(photo)), Recipe(zoom=1.5))
    assert np.abs(second - zoomed[0].permute(1, 2, 0).numpy() * 255).mean() < 1
    assert not np.array_equal(second, third)
    fading = Recipe(octaves=1, steps=1, passes=2, device="cpu").changed(objective="block2->block10")
    (_, early), (_, late), _ = dream_and_keep(photo, fading)
    assert np.array_equal(early, dream(photo, fading.changed(objective="block2", passes=1)))
    assert not np.array_equal(late, early)
