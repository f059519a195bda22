"""A plug-in that is killed while it inserts a dream leaves a whole dream or none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from disturbed import without_tattoos
from hosts import GimpHost
from inside import SCRIPTS, run_inside

_GROUP = "output=octaves;octaves=2"


def _check(gimp: GimpHost, folder: Path, outputs: list[str], function: str, stride: int) -> None:
    """Kill a plug-in at every n-th line from the first one of this function on."""
    victim = "insert_and_die.py"
    plan = json.dumps({"outputs": outputs, "function": function, "stride": stride})
    files = {"plan.json": plan, victim: (SCRIPTS / victim).read_text("utf-8")}
    report, _ = run_inside(gimp, folder, "killed_while_inserting.py", files=files)
    for settings, told in report.items():
        before, after = without_tattoos(told["before"]), without_tattoos(told["after"])
        assert before != after
        print(f"GIMP {gimp.name}, {settings}: killed at {len(told['killed'])} lines")
        whole = [_is_whole(left, before, after) for left in told["killed"]]
        assert False in whole and True in whole
        assert whole == sorted(whole)


def _is_whole(left: dict[str, Any], before: list, after: list) -> bool:
    """Return whether a killed plug-in left its dream, after checking that it left it all."""
    layers = without_tattoos(left["layers"])
    if layers == before:
        assert not left["dirty"], left["line"]
        return False
    assert layers == after, left
    return True


@pytest.mark.usually_in("2.10")
def test_killed_during_the_insertion(gimp: GimpHost, tmp_path: Path) -> None:
    _check(gimp, tmp_path, [_GROUP], "_one_undo_step", 5)


@pytest.mark.slow
def test_killed_at_any_line(gimp: GimpHost, tmp_path: Path) -> None:
    _check(gimp, tmp_path, ["output=layer", _GROUP], "place_dreams", 1)
