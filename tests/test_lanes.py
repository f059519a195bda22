"""Every test is in one lane, and slow ones run only when asked for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from lanes import LANES, group_of, lane_of

ROOT = Path(__file__).parents[1]


def test_every_test_is_in_exactly_one_lane(request: pytest.FixtureRequest) -> None:
    """Of the tests that were selected; a lane set by hand would be a second one."""
    for item in request.session.items:
        lanes = {mark.name for mark in item.iter_markers()} & set(LANES)
        assert len(lanes) == 1, f"{item.nodeid} is in {sorted(lanes)}"


@pytest.mark.parametrize(
    ("fixtures", "lane"),
    [
        (set(), "unit"),
        ({"tmp_path", "photo"}, "unit"),
        ({"gimp", "engine"}, "gimp"),
        ({"gimp", "screen"}, "window"),
        ({"user"}, "install"),
        ({"gimp", "template"}, "install"),
        ({"package_index"}, "install"),
        ({"gpu", "photo"}, "gpu"),
    ],
)
def test_fixtures_decide_about_the_lane(fixtures: set[str], lane: str) -> None:
    assert lane_of(fixtures) == lane


def test_tests_of_a_file_stay_together_in_each_gimp() -> None:
    kinds = "tests/gimp/test_kinds.py"
    assert group_of(f"{kinds}::test_pixels[3.2-u8]") == group_of(f"{kinds}::test_file[3.2]")
    assert group_of(f"{kinds}::test_pixels[3.2-u8]") != group_of(f"{kinds}::test_pixels[3.0-u8]")
    demo = "tests/installer/test_install.py::test_demo"
    assert group_of(f"{demo}[3.2]") == group_of(f"{demo}[2.10]")


def test_slow_tests_run_only_when_asked_for() -> None:
    assert _collected("gimp") == {"3.0"}
    assert _collected("slow") == {"2.10", "3.2"}


def _collected(marks: str) -> set[str]:
    """Return the GIMPs in which a test that is usually in GIMP 3.0 runs with `-m`."""
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--collect-only", "-q"]
    file = "tests/gimp/test_old_plug_ins.py"
    done = subprocess.run(
        [*command, "-m", marks, file], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return {line[line.index("[") + 1 : -1] for line in done.stdout.splitlines() if "::" in line}
