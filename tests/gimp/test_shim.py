"""The gimpfu shim: its objects and procedures behave the same in every GIMP."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hosts import GimpHost
from inside import run_inside

pytestmark = pytest.mark.usually_in("2.10", "3.2")

WIDTH, HEIGHT = 8, 4


@pytest.fixture(scope="module")
def told(gimp: GimpHost, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The report of a single GIMP run that covers everything."""
    folder = tmp_path_factory.mktemp("shim")
    report, result = run_inside(gimp, folder, "shim.py", env={"ASK_FILE": str(folder / "asked")})
    return {**report, "stderr": result.stderr}


def _written() -> list[list[list[float]]]:
    """Return the pixels that the script writes, as rows of RGBA pixels."""
    flat = [round(i / 7 - 1, 5) for i in range(WIDTH * HEIGHT * 4)]
    pixels = [flat[i : i + 4] for i in range(0, len(flat), 4)]
    rows = [pixels[i : i + WIDTH] for i in range(0, len(pixels), WIDTH)]
    for n, (y, x) in enumerate((y, x) for y in (1, 2) for x in (5, 6, 7)):
        rows[y][x] = [100.0 + 4 * n + channel for channel in range(4)]
    return rows


def _flat(rows: list[list[list[float]]]) -> list[float]:
    return [value for row in rows for pixel in row for value in pixel]


def test_pixels_come_back_as_they_were_written(told: dict[str, Any]) -> None:
    rows = _written()
    assert told["whole"] == pytest.approx(_flat(rows), abs=1e-4)
    assert told["part"] == pytest.approx(_flat([row[4:6] for row in rows[:2]]), abs=1e-4)
    nothing = [0.0] * 4
    corner = [[nothing, nothing], [nothing, rows[0][0]]]
    assert told["outside"] == pytest.approx(_flat(corner), abs=1e-4)
    assert told["wrong size"] == "5 bytes do not fill 8 x 4 pixels of RGBA float."


def test_layers_are_where_and_how_they_were_put(told: dict[str, Any]) -> None:
    assert told["stack"] == ["group", "top", "middle", "bottom"]
    assert told["kinds"] == ["GroupLayer", "Layer", "Layer", "Layer"]
    assert told["position"] == 2
    assert told["inside"] == [True, ["inner"], 50.0]
    assert told["look"] == [[-3, 5], 0, False, 1, True]
    assert told["same"] == [True, True]
    assert told["none"] == [None, None]
    assert told["tattoo"] == 4
    assert told["mask"] == [True] * 4
    assert told["copy"] == [True, True]
    assert told["gone"] == [False, True]
    assert told["removed"] == ["group", "top", "bottom"]
    assert "undo" not in told["stderr"], "GIMP had to close an undo group"
    assert told["dirty"]
    assert told["images"] == 0


def test_layers_are_selected(told: dict[str, Any], gimp: GimpHost) -> None:
    assert sorted(told["selected"]) == (["middle"] if gimp.is_gimp2 else ["bottom", "middle"])
    assert told["active"] == [True, True]
    assert told["no selection"] is None
    assert told["selection"] == [2, 3, 6, 8]


def test_parasites_hold_any_bytes(told: dict[str, Any]) -> None:
    assert told["parasite of image"] == ["shim-test", 1, True, None]
    assert told["parasite of top"] == ["shim-test", 1, True, None]
    assert told["detached"] is None
    assert told["data"] == "kept \x00 here"
    assert told["no data"] == "No data is stored under shim-test-other."


def test_colours_mean_the_same_everywhere(told: dict[str, Any]) -> None:
    assert told["foreground"] == [128, 64, 255, 255]
    assert told["filled"] == [128, 64, 255]
    assert told["colours"] == "[0.5, 0.25, 1.0, 1.0, 0.1, 0.2, 0.3, 0.4]"


def test_arguments_and_results_pass_unchanged(told: dict[str, Any]) -> None:
    assert told["numbers"] == [7, 1 / 3, 0.75, 4, 2, False]
    assert told["about"][0] == 7 and told["about"][1][:2] == ["run-mode", "whole"]
    assert told["about"][2] == "For tests."
    assert told["texts"] == ["grün", "a", "/tmp/a b"]
    assert told["things"] == [True] * 5
    assert told["layers 0"] == ["count 0", []]
    assert told["layers 1"] == ["count 1", ["group"]]


def test_arrays_pass_after_their_lengths(told: dict[str, Any]) -> None:
    numbers = ((1, -2), (0.5, 1 / 3, 2.0), ("a", "ü"), (0, 127, 255))
    assert told["arrays"] == repr(tuple(part for each in numbers for part in (len(each), each)))
    assert told["no arrays"] == repr((0, ()) * 4)


def test_several_layers_are_one_result(told: dict[str, Any], gimp: GimpHost) -> None:
    assert told["layers 2"] == ["count 2", ["group"] if gimp.is_gimp2 else ["group", "top"]]
    assert told["selected after"] == ["top"]


def test_a_menu_of_paths_passes_one(told: dict[str, Any]) -> None:
    """The other values are those of the last run, or defaults."""
    assert json.loads(told["with last values"]) == ["path", 3]
    assert "invalid menu location" not in told["stderr"]


def test_failures_are_reported_and_leave_the_rest_working(told: dict[str, Any]) -> None:
    assert told["on purpose"] == "A deliberate failure."
    assert told["array"] != "nothing"
    assert told["unexpected"] == "ValueError: An unexpected failure."
    assert told["cancelled"] != "nothing" and told["exit"] != "nothing"
    assert told["after failures"] == "still"
    assert told["radio"] != "nothing"
    assert told["too few"] == "python-fu-echo-numbers takes 6 arguments, not 1."
    assert told["no last path"].startswith("Path: there is no path from an earlier run.")
    assert told["no procedure"] == "GIMP has no procedure named python-fu-nothing."


def test_files_are_loaded_and_saved_by_a_plug_in_and_old_modules_are_there(
    gimp: GimpHost, tmp_path: Path
) -> None:
    told, _ = run_inside(gimp, tmp_path, "files.py")
    assert told["saved"] and told["loaded"] == ["tiny", True]
    assert told["shelf"] == [True, True, [1, 2, 3, 255], True, False]
    assert told["enums"] == 3
    assert "PyGTK" in told["gtk"]
