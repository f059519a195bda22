"""The loop compared with a plain transcription of the algorithm, and how it treats pictures."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from skimage import data
from torch.nn import functional as F

from deepdream_core.dreaming.dream import dream
from deepdream_core.dreaming.progress import Progress, StopHere
from deepdream_core.models import load_network
from deepdream_core.shared.recipe import Recipe

QUICK = Recipe(octaves=1, steps=1)


def reference_dream(image: np.ndarray, recipe: Recipe) -> np.ndarray:
    """Dream like the original notebook: float32, one window, no optimisations.

    Unlike there, the picture does not wrap around, but lies in its mirror image.
    """
    network = load_network(recipe.model, torch.device("cpu"), torch.float32)
    random = torch.Generator().manual_seed(recipe.seed)
    source = torch.tensor(image).permute(2, 0, 1)[None].float() / 255
    detail = torch.zeros_like(source)
    for octave in reversed(range(recipe.octaves)):
        size = [round(side / recipe.octave_scale**octave) for side in source.shape[-2:]]
        base = F.interpolate(source, size, mode="bilinear", antialias=True)
        picture = base + F.interpolate(detail, size, mode="bilinear", antialias=True)
        for _ in range(recipe.steps):
            span = (-recipe.jitter, recipe.jitter + 1)
            top, left = (int(torch.randint(*span, (), generator=random)) % 32 for _ in range(2))
            around = (left, 31 - left, top, 31 - top)
            surrounded = F.pad(picture, around, mode="reflect").requires_grad_()
            activation = network.activations(surrounded, [recipe.objective])[recipe.objective]
            (gradient,) = torch.autograd.grad(activation, surrounded, activation)
            gradient = gradient[:, :, top : top + size[0], left : left + size[1]]
            step = recipe.step_size / 255 * gradient / gradient.abs().mean()
            picture = (picture + step).clamp(0, 1)
        detail = picture - base
    result = (source + detail)[0].permute(1, 2, 0).numpy()
    return np.rint(result * 255).astype(np.uint8)


@pytest.mark.parametrize("objective", ["block4", "block10"])
@pytest.mark.parametrize(("octaves", "steps", "share"), [(3, 1, 0.01), (1, 3, 0.01)])
def test_equals_the_reference_loop(
    photo: np.ndarray, objective: str, octaves: int, steps: int, share: float
) -> None:
    """`share`: the tolerance. Dreams are chaotic, so rounding errors grow with every step."""
    recipe = Recipe(
        objective=objective, octaves=octaves, steps=steps, headroom=0.0, precision="float32"
    )
    ours = dream(photo, recipe).astype(int)
    reference = reference_dream(photo, recipe).astype(int)
    change = np.abs(reference - photo).mean()
    assert change > 1
    assert np.abs(ours - reference).mean() < share * change


def test_same_seed_same_bytes(photo: np.ndarray) -> None:
    recipe = Recipe(octaves=2, steps=2)
    first = dream(photo, recipe)
    assert np.array_equal(first, dream(photo, recipe))
    assert not np.array_equal(first, dream(photo, recipe.changed(seed=2)))


def test_values_beyond_white_survive_outside_the_change() -> None:
    picture = np.full((48, 64, 3), 0.5, np.float32)
    picture[10:20, 10:20] = 4.0
    picture[30:40, 30:40] = -0.25
    result = dream(picture, Recipe(octaves=1, steps=2))
    assert result[12:18, 12:18].min() > 3.0
    assert result[32:38, 32:38].min() < 0.1
    assert not np.array_equal(result, picture)


def test_masked_out_pixels_are_untouched(photo: np.ndarray) -> None:
    mask = np.zeros(photo.shape[:2], np.float32)
    mask[:, photo.shape[1] // 2 :] = 1
    result = dream(photo, Recipe(octaves=3, steps=2), mask=mask)
    kept, dreamed = mask == 0, mask == 1
    assert np.array_equal(result[kept], photo[kept])
    assert np.abs(result[dreamed].astype(int) - photo[dreamed]).mean() > 2


@pytest.mark.parametrize(
    ("octaves", "wanted"),
    [
        (6, ["Skipping 5 of 6 octaves, which would be too small."]),
        (2, ["Skipping one of 2 octaves, as it would be too small."]),
        (1, []),
    ],
)
def test_octaves_that_are_too_small_are_skipped_with_a_note(
    octaves: int, wanted: list[str]
) -> None:
    notes: list[str] = []
    dream(np.zeros((40, 40, 3), np.uint8), Recipe(octaves=octaves, steps=1), note=notes.append)
    assert notes == wanted


def test_a_picture_smaller_than_the_network_is_dreamed() -> None:
    tiny = np.random.default_rng(1).integers(0, 255, (7, 5, 3), dtype=np.uint8)
    assert dream(tiny, QUICK).shape == tiny.shape


def test_the_watcher_sees_every_step_and_can_stop(photo: np.ndarray) -> None:
    moments: list[Progress] = []

    def watch(moment: Progress) -> None:
        moments.append(moment)
        if moment.octave == 1:
            raise StopHere

    result = dream(photo, Recipe(octaves=3, steps=2), watch=watch)
    assert [(m.octave, m.step) for m in moments] == [(0, 0), (0, 1), (1, 0)]
    assert 0 < moments[0].fraction < moments[-1].fraction < 1
    assert moments[0].picture(50).shape == (round(50 * photo.shape[0] / photo.shape[1]), 50, 3)
    assert not np.array_equal(result, photo)


def test_fine_octaves_take_fewer_steps_and_progress_counts_them(photo: np.ndarray) -> None:
    moments: list[Progress] = []
    recipe = Recipe(objective="block2", octaves=7, octave_scale=1.05, steps=4, fine_steps=0.5)
    dream(photo[:96, :96], recipe, watch=moments.append)
    taken = [sum(m.octave == octave for m in moments) for octave in range(7)]
    assert taken == [4, 4, 4, 4, 4, 2, 1]
    assert [m.steps for m in moments if m.step == 0] == taken
    assert moments[-1].fraction == 1


@pytest.mark.parametrize(("every", "names"), [(2, "12 14 22 24"), (3, "13 23 24"), (9, "24")])
def test_kept_steps_end_with_the_result(photo: np.ndarray, every: int, names: str) -> None:
    kept: dict[str, np.ndarray] = {}
    recipe = Recipe(octaves=2, steps=4, keep="steps", keep_every=every, headroom=2.0)
    result = dream(photo[:96, :96], recipe, on_frame=kept.__setitem__)
    assert list(kept) == [f"octave {name[0]} step {name[1]}" for name in names.split()]
    assert np.array_equal(list(kept.values())[-1], result)


def test_tiles_give_the_same_picture_as_the_whole() -> None:
    picture = data.chelsea()[:288, :448]
    recipe = Recipe(objective="block4", octaves=1, steps=1, jitter=0, step_size=8)
    # The picture's own edges differ, with the window that lies across them: it sees both at once.
    inner = np.s_[128:-64, 128:-64]
    whole = (dream(picture, recipe).astype(int) - picture)[inner]
    tiled = (dream(picture, recipe.changed(tile=160)).astype(int) - picture)[inner]
    assert np.abs(whole).mean() > 2
    assert np.corrcoef(whole.ravel(), tiled.ravel())[0, 1] > 0.99


def test_a_long_step_can_be_ended_between_two_windows() -> None:
    class Enough(Exception):
        pass

    calls: list[int] = []

    def check() -> None:
        calls.append(1)
        if len(calls) == 3:
            raise Enough

    moments: list[Progress] = []
    recipe = Recipe(octaves=1, steps=1, tile=192)
    with pytest.raises(Enough):
        dream(data.astronaut(), recipe, watch=moments.append, check=check)
    assert len(calls) == 3 and not moments
