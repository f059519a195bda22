"""The shipped presets: each dreams in its own way, and none clips the picture."""

from __future__ import annotations

import functools
from pathlib import Path

import numpy as np
import pytest
from figures import Figures, measure
from PIL import Image
from samples import NAMES, sample

from deepdream_core.dreaming.dream import dream
from deepdream_core.dreaming.scores import bind
from deepdream_core.models import load_network
from deepdream_core.shared.atomic_files import replacing
from deepdream_core.shared.paths import presets_folder
from deepdream_core.shared.presets import DEFAULT_PRESET, SHIPPED, make_recipe, presets

SIZE = (240, 180)


@functools.cache
def figures_of(preset: str, picture: str) -> Figures:
    before = sample(picture, SIZE)
    after = dream(np.asarray(before), make_recipe(preset, "device=cpu"))
    return measure(before, Image.fromarray(after))


def test_names_titles_and_settings_are_unique() -> None:
    names = [preset.name for preset in SHIPPED]
    titles = [preset.title for preset in SHIPPED]
    assert DEFAULT_PRESET in names
    assert len(SHIPPED) >= 12
    assert len(set(names)) == len(set(titles)) == len(SHIPPED)
    assert len({str(sorted(preset.settings.items())) for preset in SHIPPED}) == len(SHIPPED)


@pytest.mark.parametrize("preset", [preset.name for preset in SHIPPED])
def test_the_default_network_has_their_objectives(preset: str) -> None:
    import torch

    recipe = make_recipe(preset)
    bind(recipe.expression, load_network(recipe.model, torch.device("cpu"), torch.float32))


@pytest.mark.parametrize("picture", ["raccoon", "coffee"])
@pytest.mark.parametrize("preset", ["whisper", "classic", "engraving", "trip"])
def test_little_is_driven_to_black_or_white(preset: str, picture: str) -> None:
    figures = figures_of(preset, picture)
    assert figures.clipped < 3
    assert figures.similarity < 0.98


def test_they_go_from_a_whisper_to_a_trip() -> None:
    similar = [figures_of(name, "raccoon").similarity for name in ("whisper", "classic", "trip")]
    assert similar == sorted(similar, reverse=True)
    assert similar[0] > similar[2] + 0.2


def test_clipped_pixels_are_measured() -> None:
    before = Image.new("RGB", (40, 40), (100, 100, 100))
    after = before.copy()
    after.paste((255, 100, 100), (0, 0, 40, 10))
    assert measure(before, after).clipped == 25
    assert measure(after, after).clipped == 0


def test_each_has_its_contact_sheet() -> None:
    docs = Path(__file__).parents[2] / "docs"
    sheets = {path.stem for path in (docs / "presets").glob("*.webp")}
    assert sheets == {preset.name for preset in SHIPPED}
    for preset in SHIPPED:
        path = docs / "presets" / f"{preset.name}.webp"
        assert path.stat().st_size < 300_000
        with Image.open(path) as sheet:
            assert sheet.width > sheet.height * len(NAMES) / 2
    table = (docs / "presets.md").read_text("utf-8")
    for preset in SHIPPED:
        assert "; ".join(f"{n}={v}" for n, v in preset.settings.items()) in table
        assert preset.description in table


def test_a_preset_that_is_being_written_is_not_listed() -> None:
    path = presets_folder() / "mine.json"
    with replacing(path) as unfinished:
        unfinished.write_text('{"settings": {}}', "utf-8")
        assert "mine" not in presets() and unfinished.stem not in presets()
    assert "mine" in presets() and unfinished.stem not in presets()
    path.unlink()
