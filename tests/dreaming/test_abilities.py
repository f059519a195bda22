"""Every ability works with every kind of pixels."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from deepdream_core.dreaming.dream import dream
from deepdream_core.shared.recipe import Recipe

QUICK = Recipe(objective="block2", octaves=1, steps=1)
SIZE = (40, 60)
KINDS: dict[str, tuple[tuple[int, ...], type[Any]]] = {
    "gray 8": (SIZE, np.uint8),
    "gray 16, three-dimensional": ((*SIZE, 1), np.uint16),
    "gray float": (SIZE, np.float32),
    "gray alpha 16": ((*SIZE, 2), np.uint16),
    "rgb 8": ((*SIZE, 3), np.uint8),
    "rgb half": ((*SIZE, 3), np.float16),
    "rgb double": ((*SIZE, 3), np.float64),
    "rgba 16": ((*SIZE, 4), np.uint16),
    "rgba float": ((*SIZE, 4), np.float32),
}
MASK = np.zeros(SIZE, np.uint8)
MASK[:, 30:] = 255
GUIDE = np.random.default_rng(6).integers(0, 256, (50, 40, 3), dtype=np.uint8)
ABILITIES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "plain": ({}, {}),
    "passes": ({"passes": 2, "zoom": 1.1, "rotate": 3.0}, {}),
    "kept octaves": ({"octaves": 2, "octave_scale": 1.1, "keep": "octaves"}, {}),
    "kept steps": ({"steps": 2, "keep": "steps", "keep_every": 1}, {}),
    "mask": ({}, {"mask": MASK}),
    "mask, passes, histogram": ({"passes": 2, "colour": "histogram"}, {"mask": MASK}),
    "guide": ({}, {"guide": GUIDE}),
    "guide's colours": ({"colour": "guide"}, {"guide": GUIDE}),
    "colours kept": ({"colour": "keep"}, {}),
    "luminance kept": ({"colour": "luminance"}, {}),
    "histogram": ({"colour": "histogram"}, {}),
    "half strength": ({"strength": 0.5}, {}),
    "noise": ({"source": "noise"}, {}),
    "plain areas, calm": ({"plain_areas": 0.3, "tv": 0.2}, {}),
    "caricature": ({"objective": "block2:caricature"}, {}),
}


def picture_of_kind(kind: str) -> np.ndarray:
    shape, sample = KINDS[kind]
    random = np.random.default_rng(5)
    if np.issubdtype(sample, np.integer):
        return random.integers(0, np.iinfo(sample).max, shape, dtype=sample, endpoint=True)
    return random.uniform(-0.5, 3.0, shape).astype(sample)


@pytest.mark.parametrize("ability", ABILITIES)
@pytest.mark.parametrize("kind", KINDS)
def test_every_ability_takes_every_kind_of_pixels(kind: str, ability: str) -> None:
    picture, (settings, given) = picture_of_kind(kind), ABILITIES[ability]
    frames: list[np.ndarray] = []
    recipe = QUICK.changed(**settings)
    result = dream(picture, recipe, on_frame=lambda name, frame: frames.append(frame), **given)
    for made in (*frames, result):
        assert (made.shape, made.dtype) == (picture.shape, picture.dtype)
        assert np.isfinite(made.astype(float)).all()
    assert len(frames) == (2 if recipe.passes > 1 or recipe.keep != "result" else 0)
    if not (ability == "luminance kept" and "gray" in kind):  # gray has nothing else
        assert not np.array_equal(result, picture)
    if picture.ndim == 3 and picture.shape[2] in (2, 4):
        assert np.array_equal(result[..., -1], picture[..., -1])
    if "mask" in given:
        assert np.array_equal(result[MASK == 0], picture[MASK == 0])


def test_a_palette_is_kept_to_by_every_ability_for_rgb() -> None:
    picture = picture_of_kind("rgb half").clip(0, 1)
    palette = [(0, 0, 0), (255, 255, 255), (200, 30, 30), (30, 30, 200)]
    for settings, given in ABILITIES.values():
        result = dream(picture, QUICK.changed(**settings), palette=palette, **given)
        changed = (result != picture).any(2)
        colours = {tuple(colour) for colour in np.rint(result[changed].astype(float) * 255)}
        assert colours <= set(palette)


@pytest.mark.parametrize("linear", [False, True])
@pytest.mark.parametrize("still", [{"steps": 0}, {"step_size": 0.0}, {"strength": 0.0}], ids=str)
@pytest.mark.parametrize("kind", KINDS)
def test_without_a_dream_the_result_is_the_source(
    kind: str, still: dict[str, Any], linear: bool
) -> None:
    picture = picture_of_kind(kind)
    result = dream(picture, QUICK.changed(octaves=2, **still), linear=linear)
    assert result.dtype == picture.dtype
    assert np.array_equal(result, picture)
