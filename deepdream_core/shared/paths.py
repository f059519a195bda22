"""Where this user's files are: the engine, its models, presets, settings and logs.

Everything that is written outside GIMP's own folders and the pictures has its place here.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path


def data_folder() -> Path:
    """Return the folder that holds everything of this user's but GIMP's plug-in.

    `DEEPDREAM_HOME` moves it; otherwise it is the platform's place for a user's data.
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
    return (Path(data_home) if data_home else home / ".local" / "share") / "deepdream-gimp"


def engine_folder() -> Path:
    """Return the engine's virtual environment."""
    return data_folder() / "engine"


def models_folder() -> Path:
    """Return the folder into which weights are downloaded."""
    return data_folder() / "models"


def presets_folder() -> Path:
    """Return the folder of the artist's own presets."""
    return data_folder() / "presets"


def last_settings_file() -> Path:
    """Return the file that holds what was dreamed last, for the dialog to begin with."""
    return data_folder() / "last-settings.json"


def unfinished_settings_file() -> Path:
    """Return the file that holds what was chosen in a dialog that is open, or was lost."""
    return data_folder() / "unfinished-settings.json"


def logs_folder() -> Path:
    """Return the folder of the logs."""
    return data_folder() / "logs"


def engine_log() -> Path:
    """Return the file that takes what the engine writes to stderr."""
    return logs_folder() / "engine.log"


def install_log() -> Path:
    """Return the file that takes what pip and apt-get say."""
    return logs_folder() / "install.log"


def last_error_file() -> Path:
    """Return the file that holds the sentence of the last dream that failed."""
    return logs_folder() / "last-error.txt"


def warm_engine_socket() -> Path:
    """Return the socket on which the warm engine listens."""
    return data_folder() / "run" / "engine.sock"


def installed_file() -> Path:
    """Return the file in which the installer notes what it put where."""
    return data_folder() / "installed.json"


def install_lock(folder: Path) -> Path:
    """Return the file that an installer at work in `folder` locks."""
    return folder / ".install.lock"


def cache_folder() -> Path:
    """Return the folder of what the tests need and can make again: GIMPs, an environment."""
    cache = os.environ.get("XDG_CACHE_HOME")
    return (Path(cache) if cache else Path.home() / ".cache") / "deepdream-gimp"
