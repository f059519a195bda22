"""Dreams that become the layer itself, or an image of its own, in real GIMPs without windows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hosts import GimpHost
from inside import SCRIPTS, SharedEngine, complaints, run_inside
from profiles import profile

pytestmark = pytest.mark.usually_in("3.2")

RGB, GRAY, INDEXED = range(3)
CASES = [
    {"name": f"{name}-{precision}", "base": base, "precision": precision, "alpha": alpha}
    for name, base, alpha, precisions in (
        ("rgb", RGB, False, (100, 150, 250, 350, 500, 600, 700)),
        ("rgba", RGB, True, (150, 200, 300, 650, 750)),
        ("gray", GRAY, False, (150, 350, 600)),
        ("gray-alpha", GRAY, True, (150, 700)),
        ("indexed", INDEXED, False, (150,)),
        ("indexed-alpha", INDEXED, True, (150,)),
    )
    for precision in precisions
]
"""GIMP's precisions: 8, 16 and 32 bits, half, float and double; multiples of 100 are linear."""
NAMES = [str(case["name"]) for case in CASES]


@pytest.fixture(scope="module")
def folder(gimp: GimpHost, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a GIMP run, one for each GIMP."""
    return tmp_path_factory.mktemp("in-place")


@pytest.fixture(scope="module")
def told(gimp: GimpHost, engine: SharedEngine, folder: Path) -> dict[str, Any]:
    """The report of a single GIMP run with every case."""
    (folder / "profile.icc").write_bytes(profile(gray=False))
    files = {name: (SCRIPTS / name).read_text("utf-8") for name in ("inserting.py", "trees.py")}
    files["plan.json"] = json.dumps(CASES)
    report, result = run_inside(gimp, folder, "in_place.py", engine=engine, files=files, fonts=True)
    assert result.left_behind == ()
    assert [line for line in complaints(result) if "runfile.py-Warning: " not in line] == []
    return {**report, "said": result.output}


def _pixels(folder: Path, told: dict[str, Any], name: str, what: str) -> np.ndarray:
    """Return pixels as GIMP holds them: bytes (pixels, bytes of a pixel)."""
    data = np.frombuffer((folder / f"{name}.{what}").read_bytes(), np.uint8)
    return data.reshape(told[name]["pixels"], -1)


@pytest.mark.parametrize("name", NAMES)
def test_exactly_what_is_selected_is_changed(told: dict[str, Any], folder: Path, name: str) -> None:
    before, dreamed, after = (
        _pixels(folder, told, name, what) for what in ("before", "dreamed", "after")
    )
    selection = np.frombuffer((folder / f"{name}.selection").read_bytes(), np.float32)
    selected = selection[:, None] > 0
    assert np.count_nonzero((selection > 0) & (selection < 1)) > 0, "the edge is not soft"
    assert np.array_equal(after, np.where(selected, dreamed, before))
    assert (before != dreamed).any(axis=1).mean() > 0.5
    report = told[name]
    assert report["itself"] and report["layers"] == ["photo"]
    assert report["note"]["recipe"]["seed"] == 9
    assert report["note"]["source"] == {"name": "photo", "tattoo": 0}


@pytest.mark.parametrize("name", NAMES)
def test_a_new_image_is_like_the_one_it_comes_from(
    told: dict[str, Any], folder: Path, name: str
) -> None:
    apart, dreamed = (_pixels(folder, told, name, what) for what in ("apart", "dreamed"))
    assert np.array_equal(apart, dreamed)
    report = told[name]
    assert report["facts"][0] == report["facts"][1]
    assert (report["facts"][0][5] != "None") == (report["facts"][0][1] == 250)
    assert report["new"] == [30, 22, True, [0, 0], True, ["DeepDream Classic"], 0]
    assert report["unchanged"] == [False, ["photo"]]


@pytest.mark.parametrize(
    ("why", "layers", "said"),
    [
        ("locked", ["DeepDream Classic", "photo"], '"photo" is locked, so its dream becomes'),
        ("group", ["DeepDream Classic", "group"], '"group" is a group, or made of text'),
        ("text", ["DeepDream Classic", "text", "photo"], '"text" is a group, or made of text'),
        ("filter", ["DeepDream Classic", "photo"], '"photo" is a group, or made of text'),
        ("path", ["DeepDream Classic", "leaf", "photo"], '"leaf" is a group, or made of text'),
        ("painted", ["DeepDream Classic", "photo"], '"photo" or the selection was changed'),
        ("other selection", ["DeepDream Classic", "photo"], "selection was changed during the"),
        ("deleted", ["DeepDream Classic", "other"], 'The layer "photo" was deleted during'),
    ],
)
def test_what_cannot_be_changed_gets_a_new_layer(
    told: dict[str, Any], gimp: GimpHost, why: str, layers: list[str], said: str
) -> None:
    if why not in told:
        assert tuple(map(int, gimp.version.split(".")))[:2] < (3, 2)
        pytest.skip("This GIMP does not have this kind of layer")
    report = told[why]
    assert not report["itself"]
    assert report["layers"] == layers
    assert report["note"]["output"]["output"] == "layer"
    assert report["note"]["source"]["tattoo"] > 0
    if report["tattoo"]:
        assert report["note"]["source"]["tattoo"] == report["tattoo"]
    assert said in told["said"]


@pytest.mark.parametrize(("limited", "changed"), [("copy", [True, True]), ("limit", [False, True])])
def test_the_layers_own_mask_stays(told: dict[str, Any], limited: str, changed: list[bool]) -> None:
    report = told[f"own mask, {limited}"]
    assert report == {"kept": True, "copied": True, "changed": changed}


def test_a_layer_dreamed_in_place_is_dreamed_again_as_it_is(told: dict[str, Any]) -> None:
    report = told["again"]
    assert report["source"] and report["itself"] and not report["twice"]  # twice negative
    assert report["why"].endswith(
        "was not dreamed from another layer, so the dream itself is dreamed."
    )


def test_a_dream_is_replaced_by_its_dreamed_source(told: dict[str, Any]) -> None:
    assert told["again"]["source of the other"]
    assert told["again"]["layers"] == ["photo"]


def test_of_two_layers_the_locked_one_gets_a_new_layer(told: dict[str, Any]) -> None:
    assert told["several"] == {
        "made": ["DeepDream Classic", "photo"],
        "layers": ["DeepDream Classic", "locked", "photo"],
        "beyond the canvas": True,
    }


def test_a_closed_image_leads_to_no_new_image(told: dict[str, Any]) -> None:
    assert told["closed"].startswith("The image was closed during the dream")
    assert told["images left"] == 0


def test_scripts_get_the_layer_that_was_changed_or_made(told: dict[str, Any]) -> None:
    assert told["procedures"] == {
        "itself": True,
        "again itself": True,
        "states": 3,
        "apart": True,
        "images": 2,
    }
