"""Fifteen plug-ins as authors wrote them for GIMP 2 do in every GIMP what they did there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import authors
import numpy as np
import pytest
from hosts import GimpHost

TOLERANCE = 2
"""The largest difference of a channel, of 255."""
TEXTS = ("caption",)
"""Cases whose pixels depend on the fonts of the machine."""
FILES = ("batch_frame",)
"""Cases with a file that has no resolution: GIMP 3.2 takes 72, the others what the user prefers."""


@pytest.fixture(scope="module")
def plug_ins(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A plug-ins folder with all of them."""
    return authors.installed(tmp_path_factory.mktemp("authors") / "plug-ins")


@pytest.mark.usually_in("3.0")
def test_they_make_what_they_made_in_gimp_2(gimp: GimpHost, plug_ins: Path, tmp_path: Path) -> None:
    told, result = authors.run(gimp, tmp_path, plug_ins)
    known = authors.expected()
    assert told.keys() == known.keys(), result.output
    wrong = {name: difference(name, known[name], told[name]) for name in known}
    assert {name: problem for name, problem in wrong.items() if problem} == {}


def difference(name: str, old: dict[str, Any], new: dict[str, Any]) -> str:
    """Return how two reports of a case differ; empty if they do not."""
    if "failure" in new:
        return new["failure"]
    if name in TEXTS:
        for case in (old, new):
            case["structure"]["layers"][1]["place"] = "as large as its letters"
    if name in FILES:
        old["structure"]["resolution"] = new["structure"]["resolution"]
    for part in ("structure", "told"):
        if old[part] != new[part]:
            return f"{part}: {old[part]}, now {new[part]}"
    if name in TEXTS:
        return ""
    before, now = old["picture"].astype(int), authors.picture(new).astype(int)
    if before.shape != now.shape:
        return f"size: {before.shape}, now {now.shape}"
    distance = np.abs(before - now).max()
    return "" if distance <= TOLERANCE else f"pixels differ by up to {distance}"
