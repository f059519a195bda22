"""Telling DeepDream's own files in the data folder from the user's, and removing only the former.

The data folder may be one that the user also uses for other things, for example an external disk
to which DEEPDREAM_HOME points.
"""

from __future__ import annotations

import contextlib
import fnmatch
import json
import os
from collections.abc import Mapping
from pathlib import Path

from deepdream_core.installer.own_python import unfinished_python
from deepdream_core.installer.system import Manifest, Problem, workshop_path
from deepdream_core.shared import paths
from deepdream_core.shared.atomic_files import unfinished_path
from deepdream_core.shared.messages import Message
from deepdream_core.shared.own_folders import MARK, is_marked, make_folder, remove_marked_folder

ENGINE_STAMP = "deepdream-installed.json"
"""The file in the engine's folder that records what a complete environment was built from."""

_IN_CACHE = {
    *("test-env", "test-env.new", "tmp", "roots", "profiles", "logs"),
    *(".install.lock", ".installing"),
}
"""What the test cache contains, which older versions did not mark."""


def ensure_names_are_free(manifest: Manifest) -> None:
    """Raise `Problem` if something of the user's has a name that the installation needs."""
    own = (*paths.engine_folders(), *own_pythons())
    made = (*own, *_kept_by_older_versions(), *_made_by_the_installer())
    for folder in (*made, paths.tiles_folder()):
        free = not os.path.lexists(folder) or (folder / MARK).is_file()
        if not free and not _is_used_by_older_version(folder, manifest):
            raise _in_the_way(folder)
    if manifest.is_there:
        return
    if os.path.lexists(manifest.path):
        raise _in_the_way(manifest.path)
    for file in _settings_files():
        if os.path.lexists(file) and not _holds_settings(file):
            raise _in_the_way(file)


def _made_by_the_installer() -> tuple[Path, Path]:
    """Return the folders that are there only while the installer works, or was interrupted."""
    data = paths.data_folder()
    return workshop_path(data), paths.downloads_folder(data)


def own_pythons() -> tuple[Path, Path]:
    """Return the folders of the engine's own Python, and of one that is not complete yet."""
    folder = paths.own_python_folder()
    return folder, unfinished_python(folder)


def _in_the_way(path: Path) -> Problem:
    return Problem(Message("install-name-taken", path=str(path)))


def _kept_by_older_versions() -> Mapping[Path, tuple[str, ...]]:
    """Return the subfolders besides the engine's, with the files that older versions kept there."""
    log, error = paths.engine_log(), paths.last_error_file()
    socket = paths.warm_engine_socket()
    return {
        paths.models_folder(): ("*.pth", "*.pth.partial"),
        paths.presets_folder(): ("*.json", "*.png"),
        paths.logs_folder(): (
            *(paths.install_log().name, log.name, log.with_suffix(".old.log").name),
            *(error.name, unfinished_path(error).name),
        ),
        socket.parent: (socket.name, socket.with_suffix(".lock").name),
    }


def _is_used_by_older_version(folder: Path, manifest: Manifest) -> bool:
    """Return whether a version that set no marks kept files in a folder, of the user's or not."""
    if str(folder) in manifest.made["shared"] or _is_ours(folder, manifest):
        return True
    was_installed = bool(manifest.made["plug_ins"] or manifest.made["links"])
    return not manifest.marks and was_installed and folder in _kept_by_older_versions()


def _is_ours(folder: Path, manifest: Manifest) -> bool:
    """Return whether a folder is marked, or was created by a version that set no marks."""
    if is_marked(folder) or folder.is_symlink() or not folder.is_dir():
        return is_marked(folder)
    if folder in paths.engine_folders():
        unfinished = not manifest.marks and (folder / "pyvenv.cfg").is_file()
        return unfinished or (folder / ENGINE_STAMP).is_file()
    patterns = _kept_by_older_versions().get(folder, ())
    return not manifest.marks and all(
        not path.is_dir() and any(fnmatch.fnmatch(path.name, name) for name in patterns)
        for path in folder.iterdir()
    )


def prepare_folders(manifest: Manifest) -> None:
    """Create and mark the subfolders of the data folder, which must be locked."""
    adopt_folders(manifest)
    remove_leftovers(manifest)
    for folder in _kept_by_older_versions():
        make_folder(folder)


def adopt_folders(manifest: Manifest) -> None:
    """Mark the folders that an older version created, if nothing of the user's is in them."""
    for folder in filter(Path.is_dir, (*paths.engine_folders(), *_kept_by_older_versions())):
        if _is_ours(folder, manifest):
            (folder / MARK).touch(0o600)
        elif not manifest.marks and not (folder / MARK).is_file():
            manifest.made["shared"].append(str(folder))
    if not manifest.marks:
        manifest.marks = True
        manifest.write()


def own_data(manifest: Manifest, everything: bool) -> list[Path]:
    """Return the folders and files of ours that exist; without `everything`, not the user's work.

    The user's work is models, presets and settings; the test cache also counts as such.
    """
    ours = [*paths.engine_folders(), paths.logs_folder(), paths.warm_engine_socket().parent]
    ours += [*own_pythons(), paths.tiles_folder(), paths.downloads_folder(paths.data_folder())]
    work = [paths.models_folder(), paths.presets_folder()]
    ours += work if everything else [folder for folder in work if _is_empty(folder)]
    found = [folder for folder in ours if _is_ours(folder, manifest)]
    if everything:
        found += [file for file in _settings_files() if _holds_settings(file)]
        cache = paths.cache_folder()
        if is_marked(cache) or _is_older_cache(cache):
            found.append(cache)
    return found


def remove_leftovers(manifest: Manifest) -> None:
    """Remove what an interrupted installation or removal left in the data folder."""
    for folder in (*_kept_by_older_versions(), *paths.engine_folders(), paths.tiles_folder()):
        if not os.path.lexists(folder) or not is_marked(folder):
            remove_marked_folder(folder)
    remove_replaced_engine()
    remove_marked_folder(workshop_path(paths.data_folder()))
    unfinished_path(manifest.path).unlink(missing_ok=True)


def remove_replaced_engine() -> None:
    """Remove the engine that an update has replaced, unless it is still in use."""
    for folder in paths.engine_folders():
        if folder != paths.engine_folder():
            with contextlib.suppress(OSError):
                remove_marked_folder(folder)


def _settings_files() -> tuple[Path, ...]:
    last, unfinished = paths.last_settings_file(), paths.unfinished_settings_file()
    others = (paths.favourites_file(), paths.kept_previews_file(), paths.computer_file())
    return last, unfinished, *others


def _holds_settings(file: Path) -> bool:
    try:
        kept = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError):
        return False
    names = {
        paths.favourites_file(): {"starred", "recent"},
        paths.kept_previews_file(): {"previews"},
        paths.computer_file(): {"command"},
    }
    return isinstance(kept, dict) and names.get(file, {"preset", "settings"}) <= kept.keys()


def _is_empty(folder: Path) -> bool:
    return folder.is_dir() and {path.name for path in folder.iterdir()} <= {MARK}


def _is_older_cache(folder: Path) -> bool:
    return folder.is_dir() and {path.name for path in folder.iterdir()} <= _IN_CACHE
