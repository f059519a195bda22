"""GIMP 2.10's procedures and objects make the same pictures in GIMP 3."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
import pytest
from hosts import GimpHost, available_hosts, why_skipped
from inside import run_inside

TOLERANCE = 2
"""The largest difference of a channel, of 255."""


@pytest.fixture(scope="module")
def in_gimp2(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    if reason := why_skipped("2.10"):
        pytest.skip(reason)
    return run_inside(
        available_hosts()["2.10"], tmp_path_factory.mktemp("old"), "classic.py", fonts=True
    )[0]


@pytest.mark.usually_in("3.0")
def test_gimp_3_makes_the_pictures_of_gimp_2(
    gimp: GimpHost, in_gimp2: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> None:
    if gimp.is_gimp2:
        pytest.skip("this is the GIMP to compare with")
    in_gimp3, _ = run_inside(gimp, tmp_path_factory.mktemp("new"), "classic.py", fonts=True)
    wrong = {}
    for name, old in in_gimp2.items():
        if problem := _difference(old, in_gimp3[name]):
            wrong[name] = problem
    assert wrong == {}


def _difference(old: Any, new: Any) -> str:
    """Return how two reports of a case differ; empty if they do not."""
    if isinstance(old, str) or isinstance(new, str):
        return f"GIMP 2.10: {old if isinstance(old, str) else 'fine'}, GIMP 3: {new}"
    (*size, _), told = old[0], old[1]
    if size != new[0][:2] or told != new[1]:
        return f"{size} {told}, but {new[0][:2]} {new[1]}"
    distance = np.abs(_pixels(old[0]) - _pixels(new[0])).max()
    return "" if distance <= TOLERANCE else f"pixels differ by up to {distance}"


def _pixels(picture: list[Any]) -> np.ndarray:
    return np.frombuffer(base64.b64decode(picture[2]), np.uint8).astype(int)
