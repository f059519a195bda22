"""Telling which Pythons the engine cannot be built on, because of how GIMP was installed."""

from __future__ import annotations

import os
import sys
import sysconfig
from pathlib import Path

from deepdream_core.installer.sandboxes import has_flatpak_gimp, inside_flatpak


def must_bring_python() -> bool:
    """Return whether the system's Pythons are hidden from GIMP, or from this process."""
    return inside_flatpak() or has_flatpak_gimp()


def belongs_to_gimp(python: object) -> bool:
    """Return whether an interpreter is part of GIMP: it goes with GIMP, and has GIMP's libraries.

    An AppImage's disappears when GIMP is closed. For that of GIMP for Windows, which MinGW's
    compiler built, PyTorch has no packages.
    """
    path = Path(str(python))
    if str(python) == sys.executable and sysconfig.get_platform().startswith("mingw"):
        return True
    mounted = os.environ.get("APPDIR")
    if mounted and Path(mounted) in path.parents:
        return True
    folders = [part.lower() for part in path.parts[:-1]]
    if sys.platform == "win32":
        return any(name.startswith(("gimp ", "msys64", "mingw64", "ucrt64")) for name in folders)
    in_app = any(name.startswith("gimp") and name.endswith(".app") for name in folders)
    return in_app or any(name.startswith((".mount_", "appimage_extracted_")) for name in folders)
