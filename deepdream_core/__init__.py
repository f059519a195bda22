"""The DeepDream engine. Knows nothing of GIMP.

Importing this package is light: torch is imported when a dream is made.
"""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from deepdream_core.dream import dream as dream

__version__ = "0.1.0"


def data_folder() -> Path:
    """Return the folder that holds the engine, its models, presets, settings and logs.

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


def __getattr__(name: str) -> Any:
    if name == "dream":
        return importlib.import_module("deepdream_core.dream")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
