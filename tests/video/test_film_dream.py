"""Dreams that move with a film."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from deepdream_core.dreaming.dream import dream
from deepdream_core.shared.recipe import Recipe
from deepdream_core.video import dream_video
from deepdream_core.video.film_dream import FilmDream, FilmState
from deepdream_core.video.flow import flow, moved, trust

STEP = 3
"""Pixels by which the fixture `pan` moves."""
RECIPE = Recipe(steps=8, device="cpu", precision="float32")
Pan = Callable[[int], list[np.ndarray]]


@pytest.fixture(scope="module")
def frames(pan: Pan) -> list[np.ndarray]:
    return pan(12)


@pytest.fixture(scope="module")
def dreamed(frames: list[np.ndarray]) -> list[np.ndarray]:
    return list(dream_video(frames, RECIPE))


def changes(dreamed: list[np.ndarray], frames: list[np.ndarray]) -> list[np.ndarray]:
    return [d.astype(np.float32) - f for d, f in zip(dreamed, frames, strict=True)]


def boiling(each: list[np.ndarray]) -> float:
    """How much a dream changes from frame to frame, where the film only moves."""
    return float(
        np.mean([np.abs(b[:, :-STEP] - a[:, STEP:]).mean() for a, b in zip(each, each[1:])])
    )


def test_the_flow_is_the_films_motion(pan: Pan) -> None:
    first, second = (frame.astype(np.float32) / 255 for frame in pan(2))
    forth, back = flow(second, first), flow(first, second)
    inner = forth[16:-16, 16:-16]
    assert np.abs(np.median(inner[..., 0]) - STEP) < 0.2 > np.abs(np.median(inner[..., 1]))
    trusted = trust(forth, back)
    assert trusted[16:-16, 16 : -16 - STEP].mean() > 0.9
    assert trusted[:, -1].max() < 0.5  # newly seen
    seen_again = moved(first, forth)[16:-16, 16 : -16 - STEP]
    assert np.abs(seen_again - second[16:-16, 16 : -16 - STEP]).mean() < 0.02


def test_the_dream_does_not_boil(frames: list[np.ndarray], dreamed: list[np.ndarray]) -> None:
    alone = boiling(changes(list(dream_video(frames[:5], RECIPE, carry=0)), frames[:5]))
    together = boiling(changes(dreamed, frames))
    print(f"boiling: {together:.1f} of 255, frame by frame {alone:.1f}")
    assert together < 0.5 * alone


def test_the_dream_keeps_its_size(frames: list[np.ndarray], dreamed: list[np.ndarray]) -> None:
    sizes = [float(np.abs(change).mean()) for change in changes(dreamed, frames)]
    assert max(sizes) < 1.2 * sizes[0] and min(sizes) > 0.8 * sizes[0]


def test_a_dream_that_is_too_large_is_reduced_at_once(frames: list[np.ndarray]) -> None:
    film = FilmDream(RECIPE)
    _, state = film.next(frames[0], FilmState())
    _, after = film.next(frames[1], replace(state, change=3 * state.change))
    assert np.abs(after.change).mean() < 1.4 * state.size


def test_a_dream_that_reaches_too_much_grows_slower(frames: list[np.ndarray]) -> None:
    film = FilmDream(RECIPE)
    _, state = film.next(frames[0], FilmState())
    assert state.ahead == 1 and state.first is not None

    def growth(ahead: float) -> float:
        _, after = film.next(frames[0], replace(state, ahead=ahead))
        return float(np.abs(after.change - state.change).mean())

    slow, usual, fast = growth(1.3), growth(1), growth(0.9)
    assert slow < 0.9 * usual < 0.9 * fast


def test_what_a_dream_reaches_is_compared_with_the_first_one(frames: list[np.ndarray]) -> None:
    film = FilmDream(RECIPE)
    _, state = film.next(frames[0], FilmState())
    undreamed, dreamed = state.first
    assert (dreamed > 1.1 * undreamed).all()
    less, more = (replace(state, first=np.stack([undreamed, n * dreamed])) for n in (0.8, 1.25))
    much, little = (film.next(frames[0], before)[1].ahead for before in (less, more))
    assert much > 1.1 > 0.9 > little
    guided = FilmDream(RECIPE, guide=frames[5])
    _, state = guided.next(frames[0], FilmState())
    assert state.first is None and guided.next(frames[1], state)[1].ahead == 1


def test_what_is_newly_seen_is_dreamed(frames: list[np.ndarray], dreamed: list[np.ndarray]) -> None:
    each = changes(dreamed, frames)
    new = np.mean([np.abs(change[:, -STEP:]).mean() for change in each[1:]])
    assert new > 0.6 * np.abs(each[0]).mean()


def test_another_scene_begins_anew(frames: list[np.ndarray]) -> None:
    film = FilmDream(RECIPE)
    _, state = film.next(frames[0], FilmState())
    elsewhere = np.ascontiguousarray(255 - frames[0][::-1, ::-1])
    after_a_cut, _ = film.next(elsewhere, state)
    alone, _ = film.next(elsewhere, FilmState(number=1))
    assert np.array_equal(after_a_cut, alone)
    _, goes_on = film.next(frames[1], state)
    assert goes_on.size == state.size


def test_without_carrying_each_frame_is_dreamed_by_itself(frames: list[np.ndarray]) -> None:
    _, second = dream_video(frames[:2], RECIPE, carry=0)
    expected = dream(frames[1] / np.float32(255), RECIPE.changed(seed=RECIPE.seed + 1))
    assert np.abs(second / 255 - expected).mean() < 0.01


def test_floats_stay_floats(frames: list[np.ndarray]) -> None:
    (dreamed,) = dream_video([frames[0] / np.float32(255)], RECIPE, carry=0)
    assert dreamed.dtype == np.float32 and dreamed.shape == frames[0].shape
