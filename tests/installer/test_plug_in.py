"""The plug-in in a GIMP's configuration folder."""

from __future__ import annotations

import ast
import json
import sys
from pathlib import Path

import pytest

from deepdream_core.installer.gimps import MARKER, Profile
from deepdream_core.installer.plug_in import install_plug_in, plug_in_files, remove_plug_in
from deepdream_core.installer.system import Manifest

PYTHON = Path(sys.executable)


def files_in(folder: Path) -> set[str]:
    return {p.relative_to(folder).as_posix() for p in folder.rglob("*") if not p.is_dir()}


def imported(code: str) -> set[str]:
    """Return the modules of the engine that a file imports when it runs."""
    tree = ast.parse(code)
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING":
            node.body = []
    froms = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    names = {a.name for node in ast.walk(tree) if isinstance(node, ast.Import) for a in node.names}
    return {name for name in froms | names if name.startswith("deepdream_core.")}


def test_a_plug_in_brings_whatever_it_imports() -> None:
    files = plug_in_files()
    for path in files.values():
        if path.suffix == ".py":
            for module in imported(path.read_text("utf-8")):
                assert f"{module.replace('.', '/')}.py" in files, f"{path} wants {module}"


def test_a_plug_in_is_put_repaired_and_removed(data: Path, profile: Profile) -> None:
    place, manifest = profile.plug_in, Manifest()
    assert install_plug_in(profile, PYTHON, manifest, dry=False) == f"plug-in installed in {place}"
    assert files_in(place) == {*plug_in_files(), MARKER}
    assert install_plug_in(profile, PYTHON, manifest, dry=False) == "up to date"
    (place / "gimpfu" / "errors.py").unlink()
    install_plug_in(profile, PYTHON, manifest, dry=False)
    assert files_in(place) == {*plug_in_files(), MARKER}
    # Another engine is another installation.
    install_plug_in(profile, Path("/another/python"), manifest, dry=False)
    assert json.loads((place / MARKER).read_text("utf-8"))["python"] == "/another/python"
    assert remove_plug_in(place) == "removed"
    assert not place.exists() and place.parent.exists()
    assert remove_plug_in(place) == "was already gone"


def test_what_others_put_into_the_plug_in_stays(data: Path, profile: Profile) -> None:
    place = profile.plug_in
    install_plug_in(profile, PYTHON, Manifest(), dry=False)
    (place / "gimpfu" / "__pycache__").mkdir()
    (place / "gimpfu" / "mine.py").write_text("1")
    (place / "nowhere").symlink_to("does-not-exist")
    (place / "deepdream.py").write_text("2")
    install_plug_in(profile, PYTHON, Manifest(), dry=False)
    (place / "deepdream.py").unlink()
    install_plug_in(profile, PYTHON, Manifest(), dry=False)
    assert {"gimpfu/mine.py", "nowhere"} == files_in(place) - {*plug_in_files(), MARKER}
    (place / "empty").mkdir()
    told = remove_plug_in(place)
    assert told == "removed, except for what others put there: empty, gimpfu, nowhere"
    assert {p.relative_to(place).as_posix() for p in place.rglob("*")} == {
        *("empty", "gimpfu", "gimpfu/mine.py", "nowhere")
    }
    assert remove_plug_in(place) == "no longer ours, left alone"


def test_what_is_made_is_known_before(data: Path, profile: Profile) -> None:
    """Whatever stops it on the way, `uninstall` knows what there may be."""
    profile.folder.parent.mkdir()
    profile.folder.write_text("in the way")
    with pytest.raises(OSError):
        install_plug_in(profile, PYTHON, Manifest(), dry=False)
    known = Manifest().made
    assert known["plug_ins"] == [str(profile.plug_in)]
    assert str(profile.plug_in.parent) in known["folders"]
    assert str(profile.folder.parent) not in known["folders"], "that was there before"
