"""Installing the plug-in in a GIMP configuration folder, and removing it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from deepdream_core import __version__
from deepdream_core.installer import gimps
from deepdream_core.installer.system import (
    CHECKOUT,
    Manifest,
    Problem,
    files_below,
    fingerprint,
    remove_if_empty,
    remove_tree,
)


def plug_in_files() -> dict[str, Path]:
    """Map each file of a plug-in folder to its source in the checkout.

    The files are the plug-in, the gimpfu shim, and the code shared with the engine.
    """
    plug_ins, core = CHECKOUT / "plug-ins", CHECKOUT / "deepdream_core"
    return {
        **_named(plug_ins / gimps.PLUG_IN, ""),
        **_named(plug_ins / "gimpfu", "gimpfu/"),
        **_named(core / "shared", "deepdream_core/shared/"),
        "deepdream_core/__init__.py": core / "__init__.py",
    }


def _named(folder: Path, prefix: str) -> dict[str, Path]:
    return {
        prefix + path.relative_to(folder).as_posix(): path
        for path in files_below(folder)
        if path.name != gimps.MARKER
    }


def _marker(python: Path) -> dict[str, object]:
    files = plug_in_files()
    return {
        "python": str(python),
        "version": __version__,
        "stamp": fingerprint(list(files.values())),
        "files": sorted(files),
    }


def install_plug_in(profile: gimps.Profile, python: Path, manifest: Manifest, dry: bool) -> str:
    """Install the plug-in in a GIMP configuration folder and return a description of what was done.

    The files are first copied to a temporary folder, which is moved into place once complete.
    Raises `Problem` if the installer did not create an existing plug-in folder of this name.
    """
    place = profile.plug_in
    marker = _marker(python)
    present = gimps.read_marker(place)
    if present == marker and all((place / name).exists() for name in plug_in_files()):
        return "up to date"
    if present is None and place.exists() and any(place.iterdir()):
        raise Problem(
            f"{place} was not created by this installer, so it was not replaced. "
            "Move it elsewhere, then run this again."
        )
    if dry:
        return f"would install the plug-in in {place}"
    missing = [f for f in (place.parent, *place.parent.parents) if not f.exists()]
    manifest.note("folders", *missing)
    manifest.note("plug_ins", place)
    place.parent.mkdir(parents=True, exist_ok=True)
    building = profile.folder / ".deepdream-plug-in.new"
    leaving = profile.folder / ".deepdream-plug-in.old"
    if leaving.exists() and not place.exists():
        leaving.rename(place)
        present = gimps.read_marker(place)
    remove_tree(building)
    remove_tree(leaving)
    for name, source in plug_in_files().items():
        copy = building / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, copy)
        copy.chmod(0o755 if name == f"{gimps.PLUG_IN}.py" else 0o644)
    (building / gimps.MARKER).write_text(json.dumps(marker, indent=1) + "\n", "utf-8")
    if present is not None:
        for foreign in foreign_files(place, present):
            copy = building / foreign.relative_to(place)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(foreign, copy, follow_symlinks=False)
    if place.exists():
        place.rename(leaving)
    building.rename(place)
    remove_tree(leaving)
    return f"installed the plug-in in {place}"


def foreign_files(place: Path, marker: Mapping[str, Any]) -> list[Path]:
    """Return the files and links in a plug-in folder that the installer did not create."""
    ours = {*marker.get("files", ()), gimps.MARKER}
    return [
        path
        for path in place.rglob("*")
        if (path.is_file() or path.is_symlink())
        and path.relative_to(place).as_posix() not in ours
        and "__pycache__" not in path.parts
    ]


def remove_plug_in(place: Path) -> str:
    """Remove the installer's files from a plug-in folder, and the folder if it is then empty."""
    marker = gimps.read_marker(place)
    if marker is None:
        return "not created by this installer, kept" if place.exists() else "already removed"
    for cache in list(place.rglob("__pycache__")):
        remove_tree(cache)
    ours = [place / name for name in marker.get("files", ())]
    for path in ours:
        path.unlink(missing_ok=True)
    inside = {folder for path in ours for folder in path.parents if place in folder.parents}
    for folder in sorted(inside, reverse=True):
        remove_if_empty(folder)
    # Last, so that an interrupted removal can be resumed.
    (place / gimps.MARKER).unlink()
    remove_if_empty(place)
    if place.exists():
        left = ", ".join(sorted(path.name for path in place.iterdir()))
        return f"removed, except for files not created by this installer: {left}"
    return "removed"
