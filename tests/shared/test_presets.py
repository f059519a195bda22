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
from deepdream_core.models import WeightsMissing, load_network, weights
from deepdream_core.models.catalogue import entry_of
from deepdream_core.models.weights import find_weights
from deepdream_core.shared.atomic_files import replacing
from deepdream_core.shared.paths import presets_folder
from deepdream_core.shared.presets import DEFAULT_PRESET, SHIPPED, make_recipe, presets
from deepdream_core.shared.recipe import PARAMETERS

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
def test_their_networks_have_their_objectives(preset: str) -> None:
    import torch

    from deepdream_core.models.torchvision_nets import load_untrained

    recipe = make_recipe(preset)
    entry = entry_of(recipe.model)
    if entry.origin == "torchvision":
        network = load_untrained(recipe.model)
    elif find_weights(entry) is None:
        pytest.skip(f"{entry.name} is not installed")
    else:
        network = load_network(recipe.model, torch.device("cpu"), torch.float32)
    bind(recipe.expression, network)


def test_one_for_another_network_says_so_and_how_to_get_it() -> None:
    default = PARAMETERS["model"].default
    others = [preset for preset in SHIPPED if make_recipe(preset.name).model != default]
    assert {preset.name for preset in others} >= {"jewels", "inceptionism", "strokes"}
    for preset in others:
        entry = entry_of(make_recipe(preset.name).model)
        assert f"eeds the network {entry.name}" in preset.description
        assert preset.untested == (entry.origin == "torchvision")
        assert preset.untested == ("Untested" in preset.description)


@pytest.mark.parametrize("preset", ["jewels", "inceptionism"])
def test_without_its_network_it_fails_with_a_way_to_get_it(
    preset: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = make_recipe(preset, "device=cpu")
    monkeypatch.setattr(weights, "find_weights", lambda entry: None)
    load_network.cache_clear()
    with pytest.raises(WeightsMissing, match=f"Run `deepdream models add {recipe.model}`") as told:
        dream(np.zeros((64, 64, 3), np.uint8), recipe)
    assert len(str(told.value)) <= 300


@pytest.mark.parametrize("picture", ["raccoon", pytest.param("coffee", marks=pytest.mark.slow)])
@pytest.mark.parametrize(
    "preset",
    [
        "classic",
        "trip",
        *(pytest.param(n, marks=pytest.mark.slow) for n in ("whisper", "engraving")),
    ],
)
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
    seen = {preset.name for preset in SHIPPED if not preset.untested}
    assert sheets == seen
    for name in seen:
        path = docs / "presets" / f"{name}.webp"
        assert path.stat().st_size < 300_000
        with Image.open(path) as sheet:
            assert sheet.width * sheet.height > 2 * len(NAMES) * 200 * 150
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
