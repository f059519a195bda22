"""Images that another plug-in changes during a dream, in real GIMPs without windows.

The other plug-in runs in a process of its own: in a console that is the only way to reach an image
during a dream.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hosts import GimpHost, Result
from inside import SCRIPTS, SharedEngine, run_inside, stand_in

_BYSTANDER = Path(__file__).resolve().parent / "bystander"
_RGB, _GRAY, _INDEXED = range(3)
_U8, _U16, _LINEAR = 150, 250, 600
_GONE = 'The layer "photo" was deleted during the dream, so the dream was inserted at the top'
_RESIZED = 'The size of the layer "photo" changed during the dream. The dream has the old size;'
_CLOSED = "The image was closed during the dream, so the dream could not be inserted."


@dataclass(frozen=True)
class Change:
    """A change during the dream of a layer in a group, at (8, 4), 64 x 48 pixels."""

    code: str
    at: tuple[int, int] = (8, 4)
    """The place of the dream afterwards."""
    on_top: bool = False
    """Whether the dream is at the top of the image, rather than in the group above the source."""
    said: str = ""
    kind: tuple[int, int] = (_RGB, _U8)
    """The image's base type and precision afterwards."""
    afloat: bool = False
    """Whether a floating selection exists afterwards, which stays selected."""


CHANGES = {
    "deleted": Change("image.remove_layer(layer)", on_top=True, said=_GONE),
    "group deleted": Change("image.remove_layer(layer.parent)", on_top=True, said=_GONE),
    "flattened": Change("pdb['gimp-image-flatten'](image)", on_top=True, said=_GONE),
    "emptied": Change("for one in image.layers: image.remove_layer(one)", on_top=True, said=_GONE),
    "moved": Change("layer.set_offsets(20, 10)", at=(20, 10)),
    "canvas": Change("pdb['gimp-image-resize'](image, 100, 90, 10, 5)", at=(18, 9)),
    "scaled": Change("pdb['gimp-image-scale'](image, 40, 30)", at=(4, 2), said=_RESIZED),
    "cropped": Change("pdb['gimp-image-crop'](image, 40, 30, 20, 10)", at=(0, 0), said=_RESIZED),
    "rotated": Change("pdb['gimp-image-rotate'](image, 0)", at=(8, 8), said=_RESIZED),
    "gray": Change("pdb['gimp-image-convert-grayscale'](image)", kind=(_GRAY, _U8)),
    "indexed": Change(
        "pdb['gimp-image-reorder-item'](image, layer, None, 0)\n"
        "image.remove_layer(image.layers[-1])\n"
        "pdb['gimp-image-convert-indexed'](image, 0, 0, 8, 0, 0, '')",
        on_top=True,
        kind=(_INDEXED, _U8),
    ),
    "16 bits": Change(f"pdb['gimp-image-convert-precision'](image, {_U16})", kind=(_RGB, _U16)),
    "linear": Change(
        f"pdb['gimp-image-convert-precision'](image, {_LINEAR})", kind=(_RGB, _LINEAR)
    ),
    "locked": Change("pdb['gimp-item-set-lock-content'](layer, 1)"),
    "group locked": Change("pdb['gimp-item-set-lock-content'](layer.parent, 1)"),
    "with alpha": Change("layer.add_alpha()"),
    "masked": Change("layer.add_mask(layer.create_mask(0))"),
    "unselected": Change("pdb['gimp-selection-none'](image)"),
    "floating": Change(
        "if gimp.version[0] == 2:\n"
        "    pdb['gimp-selection-float'](other, 0, 0)\n"
        "else:\n"
        "    pdb['gimp-edit-copy']([other])\n"
        "    pdb['gimp-edit-paste'](layer.parent.layers[0], True)\n"
        "assert image.floating_selection",
        afloat=True,
    ),
    "reordered": Change("pdb['gimp-image-reorder-item'](image, layer, None, 0)", on_top=True),
    "duplicated": Change("image.duplicate()"),
}
_QUICK = ("deleted", "scaled", "gray", "floating")


def _run(
    gimp: GimpHost, engine: SharedEngine, folder: Path, changes: dict[str, tuple[str, str]]
) -> tuple[dict[str, Any], Result]:
    """Dream once for each change (code, settings) in a single GIMP."""
    glass = folder / "looking_glass.py"
    shutil.copy(SCRIPTS / glass.name, glass)
    program = stand_in(folder, "engine_that_waits.py", str(engine.socket))
    return run_inside(
        gimp,
        folder,
        "changed_meanwhile.py",
        engine=engine,
        env={"DEEPDREAM_PYTHON": str(program), "BYSTANDER_SCRIPT": str(glass)},
        files={"changes.json": json.dumps(changes)},
        plug_ins=[_BYSTANDER],
    )


def _check(
    gimp: GimpHost, engine: SharedEngine, folder: Path, names: Iterable[str], outputs: Iterable[str]
) -> None:
    cases = {f"{name}, {output}": CHANGES[name] for name in names for output in outputs}
    codes = {key: (case.code, f"output={key.split(', ')[1]}") for key, case in cases.items()}
    report, result = _run(gimp, engine, folder, codes)
    assert report["bystander"]["unchanged"]
    for key, change in cases.items():
        _check_one(key, change, report[key])
    for said in (_GONE, _RESIZED):
        wanted = sum(change.said == said for change in cases.values())
        assert result.stderr.count(said) == wanted, result.output
    assert "Traceback" not in result.stderr
    assert "inconsistent state" not in result.stderr  # an undo group was left open
    assert result.left_behind == ()


def _check_one(key: str, change: Change, told: dict[str, Any]) -> None:
    assert told["fault"] == "", (key, told["fault"])
    assert told["said"] == "", (key, told["said"])
    assert tuple(told["kind"]) == change.kind, (key, told["kind"])
    siblings = told["layers"]
    if not change.on_top:
        siblings = next(one for one in siblings if one["name"] == "group")["children"]
        assert siblings[-1]["name"] == "photo", key
    dream = siblings[1 if change.afloat and len(siblings) > 2 else 0]
    assert dream["name"] == "DeepDream Classic", key
    assert dream["place"] == [*change.at, 64, 48], (key, dream["place"])
    assert dream["mask"], key
    parts = dream["children"]
    assert all(part["place"] == dream["place"] for part in parts), key
    assert len(parts) == (2 if "octaves" in key else 0), key
    assert (told["selected"] == [dream["name"]]) != change.afloat, (key, told["selected"])


@pytest.mark.usually_in("2.10")
def test_dream_is_inserted_into_the_image_as_it_is_now(
    gimp: GimpHost, engine: SharedEngine, tmp_path: Path
) -> None:
    _check(gimp, engine, tmp_path, _QUICK, ["octaves"])


@pytest.mark.slow
def test_dream_is_inserted_whatever_has_changed(
    gimp: GimpHost, engine: SharedEngine, tmp_path: Path
) -> None:
    _check(gimp, engine, tmp_path, CHANGES, ["layer", "octaves"])


@pytest.mark.usually_in("2.10")
def test_closed_image_is_reported(gimp: GimpHost, engine: SharedEngine, tmp_path: Path) -> None:
    if not gimp.is_gimp2:
        # Only then GIMP crashes, if a plug-in, any plug-in, returns layers of that image.
        pytest.skip("GIMP 3 keeps a deleted image without a window until the dream has returned")
    report, result = _run(gimp, engine, tmp_path, {"closed": ("image.delete()", "")})
    assert report["closed"] == {"said": _CLOSED, "fault": "", "images": []}
    assert report["bystander"]["unchanged"]
    assert "invalid ID" not in result.stderr  # GIMP's own message for each call about the image
    assert result.left_behind == ()


def _strike(gimp: GimpHost, folder: Path, stride: int) -> None:
    """Change the image before every n-th line that reads a layer or inserts a dream."""
    # An image that is closed with an open undo group confuses GIMP 2.10 about later images.
    changes = ["deleted", "group deleted", "emptied", "gray", "16 bits", "closed"]
    files = {"wanted.json": json.dumps({"changes": changes, "stride": stride})}
    report, result = run_inside(gimp, folder, "changed_while_inserting.py", files=files)
    assert report.pop("bystander")
    assert report.pop("images") == 1
    for name, outcomes in report.items():
        print(f"{name}: {len(outcomes)} lines")
        assert len(outcomes) >= 100 // stride, name
        for told in outcomes:
            assert "raw" not in told, (name, told)
            assert len(told["said"]) <= 300, told["said"]
            assert not told["open"], (name, told)
            if told["said"]:
                assert "DeepDream" not in json.dumps(told.get("names")), (name, told)
    assert "inconsistent state" not in result.stderr


@pytest.mark.usually_in("2.10")
def test_changed_between_some_lines(gimp: GimpHost, tmp_path: Path) -> None:
    _strike(gimp, tmp_path, stride=13)


@pytest.mark.slow
def test_changed_between_any_two_lines(gimp: GimpHost, tmp_path: Path) -> None:
    _strike(gimp, tmp_path, stride=1)
