"""Installing the plug-ins in `old_plug_ins` as their authors would, and running them in a GIMP."""

from __future__ import annotations

import base64
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
from gimpfu import convert
from hosts import CHECKOUT, PLUG_INS, GimpHost, Result
from inside import run_inside
from PIL import Image

FOLDER = CHECKOUT / "tests" / "gimp" / "old_plug_ins"
EXPECTED = FOLDER / "expected"
"""What they make in GIMP 2.10, written by docs/make_old_plug_ins.py."""


def installed(folder: Path) -> Path:
    """Write all plug-ins into a plug-ins folder, those in Python 2 converted; return it."""
    for plug_in in (FOLDER / "python2").glob("*.py"):
        convert.convert_plug_in(plug_in, folder, with_gimpfu=False)
    for plug_in in (FOLDER / "python3").glob("*.py"):
        (folder / plug_in.stem).mkdir(parents=True)
        made = folder / plug_in.stem / plug_in.name
        shutil.copy(plug_in, made)
        made.chmod(0o755)
    places = list(folder.iterdir())
    shutil.copytree(PLUG_INS / "gimpfu", folder / "gimpfu")
    for place in places:
        # One copy for all, so that Python compiles it only once.
        (place / "gimpfu").symlink_to(folder / "gimpfu")
    return folder


def run(host: GimpHost, folder: Path, plug_ins: Path) -> tuple[dict[str, Any], Result]:
    """Run the cases of `scripts/old_plug_ins.py` in GIMP; return its report and GIMP's result."""
    return run_inside(
        host,
        folder,
        "old_plug_ins.py",
        plug_ins=[plug_ins],
        env={"PYTHONDONTWRITEBYTECODE": ""},
        fonts=True,
    )


def expected() -> dict[str, Any]:
    """Return what each case made in GIMP 2.10, with its picture as an array."""
    told = json.loads((EXPECTED / "told.json").read_text("utf-8"))
    for name, case in told.items():
        case["picture"] = np.asarray(Image.open(EXPECTED / f"{name}.png").convert("RGB"))
    return told


def picture(case: dict[str, Any]) -> np.ndarray:
    """Return the picture in the report of a case: uint8 (height, width, 3)."""
    width, height, data = case["picture"]
    return np.frombuffer(base64.b64decode(data), np.uint8).reshape(height, width, 3)
