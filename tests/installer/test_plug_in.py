"""Installing the plug-in in a GIMP configuration folder, and removing it."""

from __future__ import annotations

import ast
import errno
import json
import os
import shutil
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


def test_a_plug_in_folder_contains_whatever_the_plug_in_imports() -> None:
    files = plug_in_files()
    for path in files.values():
        if path.suffix == ".py":
            for module in imported(path.read_text("utf-8")):
                name = module.replace(".", "/")
                there = {f"{name}.py", f"{name}/__init__.py"} & files.keys()
                assert there, f"{path} imports {module}"


def test_a_plug_in_is_installed_repaired_and_removed(data: Path, profile: Profile) -> None:
    place, manifest = profile.plug_in, Manifest()
    done = install_plug_in(profile, PYTHON, manifest, dry=False)
    assert done == f"installed the plug-in in {place}"
    assert files_in(place) == {*plug_in_files(), MARKER}
    assert install_plug_in(profile, PYTHON, manifest, dry=False) == "up to date"
    (place / "gimpfu" / "errors.py").unlink()
    install_plug_in(profile, PYTHON, manifest, dry=False)
    assert files_in(place) == {*plug_in_files(), MARKER}
    # A different engine requires a new installation.
    install_plug_in(profile, Path("/another/python"), manifest, dry=False)
    assert json.loads((place / MARKER).read_text("utf-8"))["python"] == "/another/python"
    assert remove_plug_in(place) == "removed"
    assert not place.exists() and place.parent.exists()
    assert remove_plug_in(place) == "already removed"


def test_files_of_others_in_the_plug_in_folder_stay(data: Path, profile: Profile) -> None:
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
    done = remove_plug_in(place)
    kept = "empty, gimpfu, nowhere"
    assert done == f"removed, except for files not created by this installer: {kept}"
    assert {p.relative_to(place).as_posix() for p in place.rglob("*")} == {
        *("empty", "gimpfu", "gimpfu/mine.py", "nowhere")
    }
    assert remove_plug_in(place) == "not created by this installer, kept"


def test_hard_links_keep_what_they_lead_to(data: Path, profile: Profile, tmp_path: Path) -> None:
    """A file with a second name elsewhere is neither written to nor replaced by a copy."""
    place, mine, backup = profile.plug_in, tmp_path / "mine.txt", tmp_path / "backup.py"
    install_plug_in(profile, PYTHON, Manifest(), dry=False)
    mine.write_text("mine")
    os.link(mine, place / "mine.txt")
    (place / "deepdream.py").write_text("changed by the user")
    os.link(place / "deepdream.py", backup)
    install_plug_in(profile, Path("/another/python"), Manifest(), dry=False)
    assert mine.samefile(place / "mine.txt")
    assert "gimpfu" in (place / "deepdream.py").read_text("utf-8")
    assert backup.read_text() == "changed by the user"
    assert [path.name for path in profile.folder.iterdir()] == ["plug-ins"]
    mode = backup.stat().st_mode
    remove_plug_in(place)
    assert files_in(place) == {"mine.txt"} and mine.samefile(place / "mine.txt")
    assert backup.read_text() == "changed by the user" and backup.stat().st_mode == mode


def test_the_manifest_is_written_before_the_files(
    data: Path, profile: Profile, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even after an interruption, `uninstall` knows what may have been created."""
    profile.folder.parent.mkdir()
    profile.folder.write_text("in the way")
    with pytest.raises(OSError):
        install_plug_in(profile, PYTHON, Manifest(), dry=False)
    folders = Manifest().made["folders"]
    assert str(profile.plug_in.parent) in folders
    assert str(profile.folder.parent) not in folders, "that was there before"

    profile.folder.unlink()
    monkeypatch.setattr(shutil, "copyfile", no_space)
    with pytest.raises(OSError):
        install_plug_in(profile, PYTHON, Manifest(), dry=False)
    assert Manifest().made["plug_ins"] == [str(profile.plug_in)]


def no_space(*arguments: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")
