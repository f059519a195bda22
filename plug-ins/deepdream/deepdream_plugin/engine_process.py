"""What every engine process gets, private or warm: an environment without GIMP, and a log."""

from __future__ import annotations

import contextlib
import os
import tempfile
import time
from pathlib import Path
from typing import BinaryIO

from deepdream_core.shared.paths import data_folder

_MAX_LOG_BYTES = 1 << 20

_NOT_FOR_THE_ENGINE = (
    *("LD_", "DYLD_", "PYTHON", "GI_TYPELIB", "GIO_", "GTK_", "GDK_", "GST_", "GSETTINGS_"),
    *("GIMP", "GEGL_", "BABL_", "MYPAINT_", "FONTCONFIG_", "XDG_DATA_DIRS", "VIRTUAL_ENV"),
    *("CONDA_", "APPDIR", "APPIMAGE", "SNAP"),
)
"""How the names of variables begin that bend a process to GIMP's own libraries."""


def engine_environment() -> dict[str, str]:
    """Return this process's environment without what GIMP and its packages put there."""
    return {k: v for k, v in os.environ.items() if not k.startswith(_NOT_FOR_THE_ENGINE)}


def log_path() -> Path:
    """Return the file that takes what the engine writes to stderr."""
    return data_folder() / "logs" / "engine.log"


def note_last_error(text: str) -> None:
    """Keep what went wrong last, for `deepdream doctor`."""
    path = log_path().with_name("last-error.txt")
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {text}\n", "utf-8")


def open_log() -> BinaryIO:
    """Open the log for appending and reading; a long one is put aside.

    Where none can be written (a full disk, a folder of somebody else's) it is a nameless file: no
    dream fails for want of a log.
    """
    path = log_path()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and path.stat().st_size > _MAX_LOG_BYTES:
            path.replace(path.with_suffix(".old.log"))
        return path.open("a+b")
    except OSError:
        return tempfile.TemporaryFile()
