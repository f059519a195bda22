"""Installing the plug-in in a GIMP configuration folder, and removing it."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Collection, Mapping
from pathlib import Path, PurePath
from typing import Any

from deepdream_core import __version__
from deepdream_core.installer import gimps
from deepdream_core.installer.system import (
    CHECKOUT,
    Manifest,
    Problem,
    files_below,
    fingerprint,
    locked_without_a_file,
    metadata_files,
    missing_folders,
    put_in_place,
    remove_if_empty,
    remove_tree,
)

_MOST_ROUNDS = 100
"""How often files are looked for that appear while a plug-in folder is being replaced."""


def plug_in_files() -> dict[str, Path]:
    """Map each file of a plug-in folder to its source in the checkout.

    The files are the plug-in, the gimpfu shim, and what the dialog installs the engine from.
    """
    plug_ins, source = CHECKOUT / "plug-ins", {path.name: path for path in metadata_files()}
    return {
        **_named(plug_ins / gimps.PLUG_IN, ""),
        **_named(plug_ins / "gimpfu", "gimpfu/"),
        **_named(CHECKOUT / "deepdream_core", "deepdream_core/"),
        **source,
        "install.py": CHECKOUT / "install.py",
    }


def is_plug_in(folder: Path) -> bool:
    """Return whether a folder is not a checkout of the project, but its plug-in folder in GIMP."""
    return (folder / gimps.MARKER).is_file()


def _named(folder: Path, prefix: str) -> dict[str, Path]:
    return {
        prefix + path.relative_to(folder).as_posix(): path
        for path in files_below(folder)
        if path.name != gimps.MARKER
    }


def marker_for(python: Path | None) -> dict[str, object]:
    """Return what the file says that marks a plug-in folder; None: the engine comes later."""
    files = plug_in_files()
    return {
        "python": str(python or ""),
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
    marker = marker_for(python)
    if dry:
        return _nothing_to_do(place, marker) or f"would install the plug-in in {place}"
    manifest.note("folders", *missing_folders(place.parent))
    # An installation with another data folder may use the same configuration folder.
    with locked_without_a_file(place.parent):
        _finish_interrupted(place)
        if done := _nothing_to_do(place, marker):
            return done
        manifest.note("plug_ins", place)
        _replace_plug_in(place, marker)
    return f"installed the plug-in in {place}"


def _nothing_to_do(place: Path, marker: Mapping[str, object]) -> str:
    """Return "up to date" if a plug-in folder is, otherwise an empty string. Raises `Problem`."""
    present = gimps.read_marker(place)
    if present == marker and all((place / name).exists() for name in plug_in_files()):
        return "up to date"
    if present is None and place.exists() and any(place.iterdir()):
        raise Problem(
            f"{place} was not created by this installer, so it was not replaced. "
            "Move it elsewhere, then run this again."
        )
    return ""


def _replace_plug_in(place: Path, marker: Mapping[str, object]) -> None:
    present = gimps.read_marker(place)
    building, leaving = _building(place), _leaving(place)
    shipped = plug_in_files()
    for name, source in shipped.items():
        copy = building / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, copy)
        copy.chmod(0o755 if name == f"{gimps.PLUG_IN}.py" else 0o644)
    (building / gimps.MARKER).write_text(json.dumps(marker, indent=1) + "\n", "utf-8")
    if present is not None:
        for foreign in foreign_files(place, present):
            _add_link(foreign, building / _free_name(foreign.relative_to(place), shipped))
    put_in_place(building, place, leaving)
    _finish_interrupted(place)


def _building(place: Path) -> Path:
    """Return the temporary name of a plug-in folder that is not complete yet."""
    return place.parent.parent / ".deepdream-plug-in.new"


def _leaving(place: Path) -> Path:
    """Return the temporary name of a plug-in folder that is being replaced."""
    return place.parent.parent / ".deepdream-plug-in.old"


def _finish_interrupted(place: Path) -> None:
    """Remove both temporary folders, but first save what is only there.

    If there is no plug-in folder, the replaced one is put back. Otherwise the user's files that
    appeared or changed while it was being replaced are moved to the present one.
    """
    building, leaving, shipped = _building(place), _leaving(place), plug_in_files()
    remove_tree(building)
    if os.path.lexists(leaving) and not os.path.lexists(place):
        leaving.rename(place)
    elif leaving.is_symlink():
        leaving.unlink()
    # Never a whole folder at once: another program may be adding a file at this moment.
    for _ in range(_MOST_ROUNDS):
        if not leaving.exists():
            return
        replaced = gimps.read_marker(leaving) or {}
        for foreign in foreign_files(leaving, replaced):
            _move(foreign, place / _free_name(foreign.relative_to(leaving), shipped))
        for folder in sorted((p for p in leaving.rglob("*") if p.is_dir()), reverse=True):
            remove_if_empty(folder)
        _remove_ours(leaving, replaced)


def _move(source: Path, target: Path) -> None:
    """Move a file or link, and create a folder. A file with both names keeps the second one."""
    if source.is_dir() and not source.is_symlink():
        target.mkdir(parents=True, exist_ok=True)
    elif _is_same(source, target):
        source.unlink()
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        source.replace(target)


def _add_link(source: Path, target: Path) -> None:
    """Give a file, link or folder a second name, so that it is never missing under the first."""
    if source.is_dir() and not source.is_symlink():
        target.mkdir(parents=True, exist_ok=True)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target, follow_symlinks=False)
    except (OSError, NotImplementedError):
        # Some file systems have no hard links.
        shutil.copy2(source, target, follow_symlinks=False)


def _free_name(name: Path, shipped: Collection[str]) -> Path:
    """Return the name of a user's file, changed if the plug-in has a file of this name now."""
    return name.with_name(f"{name.name}.yours") if name.as_posix() in shipped else name


def _is_same(first: Path, second: Path) -> bool:
    return os.path.lexists(second) and os.path.samestat(first.lstat(), second.lstat())


def foreign_files(place: Path, marker: Mapping[str, Any]) -> list[Path]:
    """Return what the installer did not create in a plug-in folder: files, links and folders."""
    ours = {*map(PurePath, marker.get("files", ())), PurePath(gimps.MARKER)}
    folders = {folder for name in ours for folder in name.parents}
    caches = {folder / "__pycache__" for folder in folders}
    return [
        path
        for path in place.rglob("*")
        if not {(name := path.relative_to(place)), *name.parents} & caches
        and name not in ours
        and (name not in folders or path.is_symlink())
    ]


def remove_plug_in(place: Path) -> str:
    """Remove the installer's files from a plug-in folder, and the folder if it is then empty."""
    if not place.parent.is_dir():
        return "already removed"
    with locked_without_a_file(place.parent):
        _finish_interrupted(place)
        marker = gimps.read_marker(place)
        if marker is None:
            return "not created by this installer, kept" if place.exists() else "already removed"
        _remove_ours(place, marker)
    if place.exists():
        left = ", ".join(sorted(path.name for path in place.iterdir()))
        return f"removed, except for files not created by this installer: {left}"
    return "removed"


def _remove_ours(place: Path, marker: Mapping[str, Any]) -> None:
    """Remove the installer's files from a plug-in folder, and the folders that are then empty."""
    ours = [place / name for name in marker.get("files", ())]
    for path in ours:
        path.unlink(missing_ok=True)
    inside = {folder for path in ours for folder in path.parents if place in folder.parents}
    for folder in (place, *inside):
        remove_tree(folder / "__pycache__")
    for folder in sorted(inside, reverse=True):
        remove_if_empty(folder)
    # Last, so that an interrupted removal can be resumed.
    (place / gimps.MARKER).unlink(missing_ok=True)
    remove_if_empty(place)
