"""Where the user's files are: the engine, its models, presets, settings and logs.

Every file written outside GIMP's own folders has its path here, except pictures.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path


def data_folder() -> Path:
    """Return the folder that holds everything except the plug-in in GIMP's folders.

    It is `DEEPDREAM_HOME` if set, otherwise in the platform's folder for user data. In a Flatpak,
    it is the same one as outside, if the sandbox may write there.
    """
    if override := os.environ.get("DEEPDREAM_HOME"):
        return Path(override)
    home = Path.home()
    if sys.platform == "darwin":
        return home / "Library" / "Application Support" / "deepdream-gimp"
    if sys.platform == "win32":
        local = os.environ.get("LOCALAPPDATA")
        return (Path(local) if local else home / "AppData" / "Local") / "deepdream-gimp"
    data_home = os.environ.get("XDG_DATA_HOME")
    ours = (Path(data_home) if data_home else home / ".local" / "share") / "deepdream-gimp"
    if os.environ.get("FLATPAK_ID"):
        hosts = os.environ.get("HOST_XDG_DATA_HOME")
        outside = (Path(hosts) if hosts else home / ".local" / "share") / "deepdream-gimp"
        if any(os.access(folder, os.W_OK) for folder in (outside, outside.parent)):
            return outside
    return ours


def engine_folder() -> Path:
    """Return the folder of the engine's virtual environment.

    Where files in use cannot be removed, an update stands beside the engine that it replaces.
    """
    first, second = engine_folders()
    try:
        switched = engine_switch().read_text("ascii").strip() == second.name
    except (OSError, ValueError):
        switched = False
    return second if switched else first


def engine_folders() -> tuple[Path, Path]:
    """Return the two folders that may hold an engine; everywhere but on Windows the first one."""
    return data_folder() / "engine", data_folder() / "engine-2"


def python_in(environment: Path) -> Path:
    """Return the Python of a virtual environment."""
    if sys.platform == "win32":
        return environment / "Scripts" / "python.exe"
    return environment / "bin" / "python"


def engine_switch() -> Path:
    """Return the file that names the folder of the engine that counts, if it is there."""
    return data_folder() / "engine-now.txt"


def own_python_folder() -> Path:
    """Return the folder of the Python that was downloaded for the engine, if one was."""
    return data_folder() / "python"


def models_folder() -> Path:
    """Return the folder that weights are downloaded to."""
    return data_folder() / "models"


def presets_folder() -> Path:
    """Return the folder of the artist's own presets."""
    return data_folder() / "presets"


def last_settings_file() -> Path:
    """Return the file with the settings of the last dream, with which the dialog opens."""
    return data_folder() / "last-settings.json"


def unfinished_settings_file() -> Path:
    """Return the file with the choices made in a dialog that is open or was lost in a crash."""
    return data_folder() / "unfinished-settings.json"


def favourites_file() -> Path:
    """Return the file with the pictures that the artist starred or used last."""
    return data_folder() / "favourites.json"


def tiles_folder() -> Path:
    """Return the folder of the pictures that the dialog had dreamed and can have dreamed again."""
    return data_folder() / "picture-cache"


def kept_previews_file() -> Path:
    """Return the file with the previews that the artist has marked with a star."""
    return data_folder() / "kept-previews.json"


def computer_file() -> Path:
    """Return the file that says which computer dreams, if it is not this one."""
    return data_folder() / "computer.json"


def logs_folder() -> Path:
    """Return the folder for logs."""
    return data_folder() / "logs"


def engine_log() -> Path:
    """Return the log of the engine's stderr."""
    return logs_folder() / "engine.log"


def install_log() -> Path:
    """Return the log of pip's and apt-get's output."""
    return logs_folder() / "install.log"


def last_error_file() -> Path:
    """Return the file with the error message of the last dream that failed."""
    return logs_folder() / "last-error.txt"


def warm_engine_socket() -> Path:
    """Return the socket on which the warm engine listens."""
    return data_folder() / "run" / "engine.sock"


def installed_file() -> Path:
    """Return the file in which the installer records what it installed where."""
    return data_folder() / "installed.json"


def downloads_folder(folder: Path) -> Path:
    """Return where an installer that works in `folder` keeps downloads until it has finished."""
    return folder / "downloads"


def install_lock(folder: Path) -> Path:
    """Return the file that an installer locks while it works in `folder`."""
    return folder / ".install.lock"


def root_folder() -> Path:
    """Return the root folder of the disk with Python, where only administrators put files."""
    return Path(Path(sys.prefix).anchor)


def current_folder() -> Path:
    """Return the current folder, or the root folder if it no longer exists."""
    try:
        return Path.cwd()
    except OSError:
        return root_folder()


def cache_folder() -> Path:
    """Return the folder for what tests can recreate: GIMPs and an environment."""
    cache = os.environ.get("XDG_CACHE_HOME")
    return (Path(cache) if cache else Path.home() / ".cache") / "deepdream-gimp"
