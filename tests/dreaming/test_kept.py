"""Dreams that are kept before they are composed, compared with dreams made from the beginning."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch

from deepdream_core import dream
from deepdream_core.dreaming.kept import KeptDreams, key_of
from deepdream_core.dreaming.progress import Progress
from deepdream_core.shared.recipe import COMPOSING, PARAMETERS, Recipe

SHORT = Recipe(octaves=2, steps=2, step_size=6.0)
WAYS = [
    {"strength": strength, "colour": colour}
    for strength, colour in itertools.product((0.0, 0.4, 2.0), PARAMETERS["colour"].choices)
]


def _picture(channels: int = 3) -> np.ndarray:
    rng = np.random.default_rng(7)
    return rng.random((48, 64, channels), dtype=np.float32) * 1.2 - 0.1


@pytest.mark.parametrize(
    "kind",
    [
        *("masked", "transparent and linear"),
        *(pytest.param(kind, marks=pytest.mark.slow) for kind in ("photo", "noise")),
    ],
)
def test_a_kept_dream_is_composed_as_a_fresh_one(kind: str) -> None:
    image = _picture(4 if kind == "transparent and linear" else 3)
    grades = np.linspace(0, 1, 64, dtype=np.float32)[None].repeat(48, 0)
    recipe = SHORT.changed(source="noise" if kind == "noise" else "photo")
    given = {
        "linear": kind == "transparent and linear",
        "mask": grades if kind == "masked" else None,
        "guide": np.random.default_rng(3).integers(0, 255, (30, 40, 3), np.uint8),
    }
    kept, reports = KeptDreams(), list[Progress]()
    dream(image, recipe, kept=kept, **given)
    for way in WAYS:
        reports.clear()
        composed = dream(image, recipe.changed(**way), kept=kept, watch=reports.append, **given)
        assert [report.fraction for report in reports] == [1.0], "it was dreamed again"
        assert np.array_equal(composed, dream(image, recipe.changed(**way), **given)), way


def test_a_dream_is_composed_in_another_way_while_it_grows() -> None:
    image, current, steps = _picture(), SHORT, itertools.count(1)

    def watch(progress: Progress) -> None:
        nonlocal current
        if next(steps) == 3:
            current = SHORT.changed(strength=0.5, colour="keep")

    kept = KeptDreams()
    grown = dream(image, SHORT, watch=watch, composed_by=lambda: current, kept=kept)
    assert np.array_equal(grown, dream(image, current))
    assert np.array_equal(dream(image, SHORT, kept=kept), dream(image, SHORT))


def test_only_what_composes_leaves_a_dream_the_same() -> None:
    for name, row in PARAMETERS.items():
        value = next((c for c in (*row.choices, row.high, row.low) if c != row.default), "")
        changed = SHORT.changed(objective="block4") if name == "objective" else SHORT
        if name == "model":
            changed = SHORT.changed(model="googlenet")
        elif name == "schedule":
            changed = SHORT.changed(schedule="zoom=1 -> 2")
        elif name not in ("objective", "guide", "mask"):
            changed = SHORT.changed(**{name: value})
        same = key_of(changed, False, [None]) == key_of(SHORT, False, [None])
        assert same == (name in (*COMPOSING, "guide", "mask")), name
    keys = {
        key_of(SHORT, linear, pictures)
        for linear in (False, True)
        for pictures in ([_picture()], [_picture(), None], [None, _picture()], [_picture()[:, 1:]])
    }
    assert len(keys) == 8


def test_those_used_longest_ago_are_forgotten() -> None:
    kept = KeptDreams(most_bytes=3 * 4 * 100)
    for name in "abc":
        kept.put(name, torch.zeros(100))
    assert kept.get("a") is not None
    kept.put("d", torch.zeros(100))
    assert [name for name in "abcd" if kept.get(name) is not None] == ["a", "c", "d"]
    kept.put("huge", torch.zeros(1000))
    assert all(kept.get(name) is None for name in ("a", "c", "d", "huge"))


@pytest.mark.parametrize("recipe", [SHORT.changed(passes=2), SHORT.changed(keep="octaves")])
def test_several_passes_and_pictures_are_dreamed_anew(recipe: Recipe) -> None:
    kept, reports = KeptDreams(), list[Progress]()
    for _ in range(2):
        reports.clear()
        dream(_picture(), recipe, kept=kept, watch=reports.append)
        assert len(reports) == 4 * recipe.passes
