"""The dialog's pictures show every objective that exists, in formats that GTK can read."""

from __future__ import annotations

import json
import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from deepdream_core.dreaming.scores import bind
from deepdream_core.models import load_network
from deepdream_core.models.catalogue import entry_of
from deepdream_core.models.network import Network
from deepdream_core.models.weights import find_weights
from deepdream_core.shared.objective import parse_objective
from deepdream_core.shared.presets import SHIPPED

FOLDER = Path(__file__).parents[2] / "plug-ins" / "deepdream" / "pictures"
INDEX: list[dict[str, Any]] = json.loads((FOLDER / "index.json").read_text("utf-8"))
OBJECTIVES = [entry for entry in INDEX if "objective" in entry]
NETWORKS = ["efficientnet_lite0", "efficientnet_lite2"]


@pytest.fixture(params=NETWORKS)
def entries(request: pytest.FixtureRequest) -> list[dict[str, Any]]:
    """The entries of one of the networks."""
    return [entry for entry in OBJECTIVES if entry["model"] == request.param]


@pytest.fixture
def network(entries: list[dict[str, Any]]) -> Network:
    """The network whose objectives are shown."""
    name = entries[0]["model"]
    if find_weights(entry_of(name)) is None:
        pytest.skip(f"{name} is not installed")
    return load_network(name, torch.device("cpu"), torch.float32)


def test_the_list_is_what_the_command_writes_for_both_networks() -> None:
    command = runpy.run_path(str(Path(__file__).parents[2] / "docs" / "make_atlas.py"))
    assert command["index"]() == INDEX
    assert sorted({entry["model"] for entry in OBJECTIVES}) == NETWORKS


def test_every_objective_exists(entries: list[dict[str, Any]], network: Network) -> None:
    for entry in entries:
        bind(parse_objective(entry["objective"]), network)


def test_every_objective_appears_once(entries: list[dict[str, Any]]) -> None:
    assert len({entry["objective"] for entry in entries}) == len(entries)


def test_every_channel_of_its_layers_is_shown(
    entries: list[dict[str, Any]], network: Network
) -> None:
    channels = [e["objective"] for e in entries if not e["objective"].startswith("class:")]
    layers = {objective.partition(":")[0] for objective in channels}
    assert len(layers) >= 2
    for name in layers:
        layer = network.layer(name)
        assert layer is not None
        wanted = {f"{name}:{channel}" for channel in range(layer.channels)}
        assert wanted == {objective for objective in channels if objective.startswith(name + ":")}


def test_most_have_names_to_search_for(entries: list[dict[str, Any]]) -> None:
    named = [entry for entry in entries if entry["title"] != entry["objective"]]
    channels = [entry for entry in named if not entry["objective"].startswith("class:")]
    assert len(channels) >= 200
    titles = [entry["title"] for entry in named]
    assert len(set(titles)) == len(titles)


def test_the_default_network_offers_what_people_search_for() -> None:
    named = [e for e in OBJECTIVES if e["model"] == NETWORKS[0] and e["title"] != e["objective"]]
    assert len([entry for entry in named if entry["objective"].startswith("class:")]) >= 100
    found = " ".join(f"{entry['title']} {entry['words']}" for entry in named).lower()
    assert len([e for e in OBJECTIVES if e["model"] == NETWORKS[0]]) - len(named) <= 3
    for word in ("eye", "dog", "face", "feathers", "arches", "wheels", "castle", "scales"):
        assert word in found


def test_every_preset_that_was_ever_seen_has_its_picture() -> None:
    seen = [preset.name for preset in SHIPPED if not preset.untested]
    assert [entry["preset"] for entry in INDEX if "preset" in entry] == seen


def test_every_box_lies_in_its_sheet_and_shows_something() -> None:
    sheets = {name: np.asarray(Image.open(FOLDER / name)) for name in _sheets()}
    taken = set()
    for entry in INDEX:
        x, y, width, height = entry["box"]
        part = sheets[entry["picture"]][y : y + height, x : x + width]
        assert x >= 0 and y >= 0 and part.shape == (height, width, 3)
        assert 96 <= width <= 112 and width == height
        assert part.std() > 15, entry
        taken.add((entry["picture"], x, y))
    assert len(taken) == len(INDEX)


def _sheets() -> set[str]:
    return {entry["picture"] for entry in INDEX}


def test_no_other_files_are_shipped_and_they_are_small() -> None:
    files = {path.name: path.stat().st_size for path in FOLDER.iterdir()}
    assert set(files) == _sheets() | {"index.json"}
    assert sum(files.values()) < 6_000_000


@pytest.mark.parametrize("sheet", sorted(_sheets()))
def test_sheets_have_a_format_that_every_gtk_can_load(sheet: str) -> None:
    with Image.open(FOLDER / sheet) as picture:
        assert picture.format in ("JPEG", "PNG")
