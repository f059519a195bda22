"""Every kind of output, and dreaming again, in real GIMPs without windows."""

from __future__ import annotations

from typing import Any

import pytest
from hosts import GimpHost
from inside import SharedEngine, run_inside

pytestmark = pytest.mark.usually_in("3.0")


@pytest.fixture(scope="module")
def told(
    gimp: GimpHost, engine: SharedEngine, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    """The report of a single GIMP run with every kind of output."""
    folder = tmp_path_factory.mktemp("outputs")
    report, result = run_inside(gimp, folder, "outputs.py", engine=engine)
    assert result.left_behind == ()
    return {**report, "said": result.output}


def _names(tree: list[dict[str, Any]]) -> list[str]:
    return [layer["name"] for layer in tree]


def test_layer_dreams_only_what_is_selected(told: dict[str, Any]) -> None:
    left, right = told["layer"]["change"]
    assert left > 0.003
    assert right == 0.0
    assert told["layer"]["tree"][0]["mask"]
    assert told["layer"]["tree"][0]["offsets"] == [8, 0]


def test_masked_layer_is_dreamed_everywhere(told: dict[str, Any]) -> None:
    left, right = told["masked"]["change"]
    assert min(left, right) > 0.003
    assert told["masked"]["mask"] == [1.0, 0.0]


@pytest.mark.parametrize(("output", "count"), [("octaves", 2), ("steps", 4)])
def test_group_holds_the_dream_as_it_grew(told: dict[str, Any], output: str, count: int) -> None:
    group, source = told[output]["tree"]
    assert source["name"] == "photo"
    assert (group["name"], group["recipe"]) == ("DeepDream Classic", True)
    assert told[output]["made"] == [group["name"]]
    layers = group["children"]
    assert len(layers) == count, _names(layers)
    assert len(set(_names(layers))) == count
    # Every layer except the lowest has a mask to paint on.
    assert [layer["mask"] for layer in layers] == [True] * (count - 1) + [False]
    assert all(layer["offsets"] == [8, 0] and layer["size"] == [64, 64] for layer in layers)
    # There was a selection for the octaves, but not for the steps.
    assert group["mask"] == (output == "octaves")


def test_features_get_a_layer_each(told: dict[str, Any]) -> None:
    group = told["features"]["tree"][0]
    assert len(group["children"]) == 2
    assert all(layer["recipe"] for layer in group["children"])


def test_frames_are_layers_that_gimp_can_play(told: dict[str, Any]) -> None:
    assert _names(told["frames"]["tree"]) == [
        "Frame 3 (100ms)",
        "Frame 2 (100ms)",
        "Frame 1 (100ms)",
        "photo",
    ]


def test_guide_layer_steers(told: dict[str, Any]) -> None:
    assert sum(told["guided"]["change"]) > 0.003
    assert told["lost guide"].startswith("The guide layer no longer exists.")


@pytest.mark.parametrize("made", ["layer", "group"])
def test_the_new_layer_has_the_chosen_mode_and_opacity(told: dict[str, Any], made: str) -> None:
    assert told[f"blended {made}"]["found"] == [True, 40]


def test_wrong_output_is_named(told: dict[str, Any]) -> None:
    assert told["unknown output"].startswith('output: "elsewhere" is not one of layer, masked,')


def test_again_repeats_or_changes_the_recipe(told: dict[str, Any]) -> None:
    again = told["again"]
    assert again["same"]
    assert again["after loading"]
    # A script gets another layer, above the dream that is dreamed again.
    assert _names(again["tree"])[:2] == ["DeepDream block4 #1", "DeepDream block4"]
    assert len(again["tree"]) == 3
    assert again["tree"][-1]["name"] == "photo"
    weak, strong = again["changes"]
    assert strong == pytest.approx(2 * weak, rel=0.05)
    assert again["not a dream"].startswith('"photo" is not a dream: it has no saved recipe.')


@pytest.mark.parametrize(
    ("name", "changed", "mask", "enabled"),
    [
        ("copied", [1, 1, 1, 1], [1, 1, 0.5, 0], True),
        ("copied and selected", [1, 1, 0, 0], [1, 1, 0, 0], True),
        ("disabled", [1, 1, 1, 1], [1, 1, 0.5, 0], False),
        ("disabled and selected", [1, 1, 0, 0], [1, 1, 0, 0], True),
        ("limited", [1, 1, 1, 0], [1, 1, 0.5, 0], True),
        ("limited and selected", [1, 1, 0, 0], [1, 1, 0, 0], True),
        ("limited, with a mask", [1, 1, 1, 0], [1, 1, 0, 0], True),
        ("disabled and limited", [1, 1, 1, 1], [1, 1, 0.5, 0], False),
    ],
)
def test_the_layers_own_mask_is_copied_or_limits_the_dream(
    told: dict[str, Any], name: str, changed: list[int], mask: list[float], enabled: bool
) -> None:
    report = told[f"cut-out, {name}"]
    assert report["changed"] == [bool(one) for one in changed]
    assert report["mask"] == mask
    assert report["enabled"] == enabled
    assert report["own"]


@pytest.mark.parametrize("output", ["layer", "octaves", "locked"])
def test_a_soft_edge_is_not_softened_twice(told: dict[str, Any], output: str) -> None:
    assert told[f"half selected, {output}"] == {"equal": True, "mask": [0.5]}
    # What has no mask is dreamed as much as it is selected.
    assert told["half selected, in-place"] == {"equal": False, "mask": None}


def test_a_replaced_dream_keeps_its_place_and_what_the_artist_gave_it(
    told: dict[str, Any],
) -> None:
    layer = told["replaced layer"]
    assert layer["after"] == layer["before"]
    assert _names(layer["after"]) == ["above", "Mine", "photo"]
    assert layer["looks"] == layer["looks before"]
    assert layer["looks"][0]["mask"] == 0
    selected = told["replaced where it is selected"]
    assert selected["after"] == selected["before"]
    frames = told["replaced frames"]
    assert frames["after"] == frames["before"]
    assert _names(frames["after"]) == ["Frame 2 (100ms)", "Frame 1 (100ms)", "photo"]
    layer = told["replaced frames by a layer"]
    assert _names(layer["after"]) == ["DeepDream Classic", "photo"]


def test_a_replaced_group_keeps_its_layers_masks(told: dict[str, Any]) -> None:
    group = told["replaced group"]
    assert group["after"] == group["before"]
    assert [look["opacity"] for look in group["looks"]] == [70, 50, 100]
    assert [look["mask"] for look in group["looks"]] == [None, 90, None]


@pytest.mark.parametrize(
    ("why", "said"),
    [
        ("locked", "is locked, so it is not replaced"),
        ("with own layers", "contains other layers as well, so it is not replaced"),
        ("without source", "no longer exists, so the dream itself is dreamed"),
        ("beyond selection", "reaches beyond the selection, so it is not replaced"),
    ],
)
def test_a_dream_that_cannot_be_replaced_stays_below_the_new_one(
    told: dict[str, Any], why: str, said: str
) -> None:
    report = told[f"replaced {why}"]
    assert report["after"][1:] == report["before"]
    assert report["after"][0]["name"] == "DeepDream Classic #1"
    assert said in told["said"]


def test_a_dream_deleted_meanwhile_is_made_above_its_source(told: dict[str, Any]) -> None:
    assert _names(told["replaced meanwhile deleted"]["after"]) == ["DeepDream Classic", "photo"]
    assert "was deleted during the dream, so the new dream is above its source" in told["said"]


def test_a_dream_goes_above_those_from_the_same_dialog(told: dict[str, Any]) -> None:
    names = _names(told["after earlier ones"])
    assert names == ["DeepDream Classic #1", "DeepDream Classic", "photo"]


@pytest.mark.parametrize("how", ["script", "repeated"])
def test_again_does_not_open_files_that_an_image_names(told: dict[str, Any], how: str) -> None:
    said = told["again"][f"foreign file, {how}"]
    assert said.startswith('The recipe of "DeepDream') and "pipe.png" in said
    assert said.endswith("set guide to a file of your own, or to nothing.")
    assert told["again"]["without foreign file"]


def test_the_engine_of_a_dialog_dreams_and_is_closed(told: dict[str, Any]) -> None:
    handed = told["handed over"]
    assert handed["lived"]
    assert handed["made"] == ["DeepDream Classic"]
    assert not handed["lives"]
    assert "nobody else can dream" in handed["without it"]


def test_the_engine_of_a_dialog_is_closed_when_the_dream_is_refused(told: dict[str, Any]) -> None:
    handed = told["handed over"]
    assert handed["refused"] == "The image has been closed, so there is nothing left to dream."
    assert not handed["lives when refused"]
