"""The names of objectives as artists see them, and the pictures to choose from."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from deepdream_plugin.atlas import choosables, title_of

from deepdream_core.shared.objective import parse_objective
from deepdream_core.shared.own_networks import OwnNetwork

PLUG_IN = Path(__file__).resolve().parents[2] / "plug-ins" / "deepdream"

NAMES = {
    "block10": ("block10", "block10"),
    "-parts": ("-parts", "-parts"),
    " class:castle ": ("Castle", "Burg"),
    "class:castle -0.5*class:goldfish": ("Castle - 0.5*Goldfish", "Burg - 0.5*Goldfisch"),
    "block4:2 + class:quail": ("Rib knit + Quail", "Rippenstrick + Wachtel"),
    "block5:2 + class:no such": ("block5:2 + no such", "block5:2 + no such"),
    "class:483": ("class 483", "Klasse 483"),
    "block4:2@0.3,1": ("block4:2 at 30%, 100%", "block4:2 bei 30%, 100%"),
}


@pytest.mark.parametrize(("index", "language"), [(0, "en"), (1, "de")])
def test_an_objective_is_named_by_the_titles_of_its_terms(index: int, language: str) -> None:
    code = (
        "import json, sys\n"
        "from deepdream_core.shared.objective import parse_objective\n"
        "from deepdream_plugin.atlas import title_of\n"
        "print(json.dumps([title_of(parse_objective(o), 'efficientnet_lite0')\n"
        "    for o in json.loads(sys.argv[1])]))"
    )
    path = f"{PLUG_IN}:{PLUG_IN.parent}:{PLUG_IN.parents[1]}"
    env = {"PYTHONPATH": path, "LANGUAGE": language}
    command = [sys.executable, "-c", code, json.dumps(list(NAMES))]
    told = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
    assert json.loads(told.stdout) == [names[index] for names in NAMES.values()]


def _offered(model: str) -> list[str]:
    return [found.objective for found in choosables(model) if found.objective]


def test_the_pictures_are_those_of_the_chosen_network() -> None:
    small, large = _offered("efficientnet_lite0"), _offered("efficientnet_lite2")
    assert "block10:42" in small and "block10:42" not in large
    assert "block16:7" in large and "block16:7" not in small
    classes = {objective for objective in small if objective.startswith("class:")}
    assert "class:castle" in classes
    assert {objective for objective in large if objective.startswith("class:")} == classes


def test_a_network_without_pictures_offers_the_classes() -> None:
    offered = choosables("googlenet")
    assert [found.preset for found in offered if found.preset]
    objectives = _offered("googlenet")
    assert "class:castle" in objectives
    assert all(objective.startswith("class:") for objective in objectives)
    assert _offered("no such network") == objectives


@pytest.mark.parametrize("model", ["efficientnet_lite0", "efficientnet_lite2", "googlenet"])
def test_no_two_pictures_for_a_network_have_the_same_title(model: str) -> None:
    titles = [found.title for found in choosables(model) if found.objective]
    assert len(set(titles)) == len(titles)


def test_the_same_channel_of_another_network_has_another_name() -> None:
    objective = parse_objective("class:castle + block10:42")
    assert title_of(objective, "efficientnet_lite0") == "Castle + Wood carving"
    assert title_of(objective, "efficientnet_lite2") == "Castle + block10:42"
    assert title_of(parse_objective("block14:117"), "efficientnet_lite2") == "Texture 14:117"
    assert title_of(objective, "googlenet") == "Castle + block10:42"


def test_a_network_that_the_artist_added_offers_its_own_classes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEEPDREAM_HOME", str(tmp_path))
    doors = OwnNetwork("doors", "resnet18", ("red door", "blue door"))
    doors.weights.parent.mkdir(parents=True)
    doors.save()
    doors.weights.touch()
    offered = [found for found in choosables("doors") if not found.preset]
    assert [(found.title, found.objective) for found in offered] == [
        ("Red door", "class:red door"),
        ("Blue door", "class:blue door"),
    ]
    # They are shown, though they have no picture yet, unlike a class that must be searched for.
    assert not any(found.is_found_only for found in offered)
    assert [found.is_found_only for found in choosables("resnet18")][-1]
    assert title_of(parse_objective("class:red door"), "doors") == "red door"
