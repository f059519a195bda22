"""Transparent pictures: what cannot be seen neither steers a dream nor changes."""

from __future__ import annotations

import numpy as np
import pytest

from deepdream_core.dreaming.dream import dream
from deepdream_core.shared.recipe import Recipe

QUICK = Recipe(objective="block4", octaves=2, steps=2)
ABILITIES = {
    "plain": {},
    "histogram": {"colour": "histogram"},
    "keep": {"colour": "keep"},
    "adam": {"optimiser": "adam"},
    "noise": {"source": "noise"},
    "zoom": {"passes": 2, "zoom": 0.8},
}
KINDS = [(np.uint8, 4), (np.uint8, 2), (np.uint16, 4), (np.float32, 4)]


def cut_out(photo: np.ndarray, kind: type, channels: int, hidden: int) -> np.ndarray:
    """Return part of a photo whose left side is transparent and has colours of its own.

    Between the transparent and the opaque side lies a soft edge.
    """
    random = np.random.default_rng(hidden)
    picture = photo[:72, :96, : channels - 1] / 255
    alpha = np.zeros((72, 96, 1))
    alpha[:, 40:48], alpha[:, 48:] = 0.5, 1
    picture[:, :40] = random.random(picture[:, :40].shape)
    full = 1 if kind is np.float32 else np.iinfo(kind).max
    return (np.concatenate([picture, alpha], 2) * full).astype(kind)


@pytest.mark.parametrize("ability", ABILITIES)
@pytest.mark.parametrize(("kind", "channels"), KINDS)
def test_hidden_colours_neither_steer_nor_change(
    photo: np.ndarray, kind: type, channels: int, ability: str
) -> None:
    recipe = QUICK.changed(**ABILITIES[ability])
    one, other = (cut_out(photo, kind, channels, hidden) for hidden in (1, 2))
    dreamed, also = dream(one, recipe), dream(other, recipe)
    assert np.array_equal(dreamed[:, 40:], also[:, 40:])
    assert np.array_equal(dreamed[:, :40], one[:, :40])
    assert np.array_equal(also[:, :40], other[:, :40])
    assert not np.array_equal(dreamed[:, 48:], one[:, 48:])
    assert np.array_equal(dreamed[..., -1], one[..., -1])


def test_an_opaque_alpha_channel_changes_nothing(photo: np.ndarray) -> None:
    picture = photo[:72, :96]
    opaque = np.dstack([picture, np.full((72, 96), 255, np.uint8)])
    assert np.array_equal(dream(opaque, QUICK)[..., :3], dream(picture, QUICK))


def test_what_is_half_visible_changes_half_as_much(photo: np.ndarray) -> None:
    picture = photo[:72, :96].astype(np.float32) / 255
    half = np.dstack([picture, np.full((72, 96), 0.5, np.float32)])
    one_step = QUICK.changed(octaves=1, steps=1, headroom=0.0)
    opaque = np.abs(dream(picture, one_step) - picture).mean()
    assert np.abs(dream(half, one_step)[..., :3] - picture).mean() < 0.6 * opaque


def test_a_picture_of_which_nothing_is_visible_stays() -> None:
    empty = np.random.default_rng(3).integers(0, 255, (48, 64, 4), dtype=np.uint8)
    empty[..., 3] = 0
    assert np.array_equal(dream(empty, QUICK), empty)
