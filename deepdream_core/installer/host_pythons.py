"""Telling which Pythons the engine cannot be built on, because of how GIMP was installed."""

from __future__ import annotations

import os
import sys
import sysconfig
from pathlib import Path

FLATPAK = "org.gimp.GIMP"
_FLATPAK_INFO = Path("/.flatpak-info")
_SYSTEM_FLATPAKS = Path("/var/lib/flatpak/app")


def inside_flatpak() -> bool:
    """Return whether this process runs in a Flatpak's sandbox."""
    return _FLATPAK_INFO.exists() or bool(os.environ.get("FLATPAK_ID"))


def flatpak_folder() -> Path:
    """Return the folder in which GIMP from Flatpak keeps what it would keep in the home folder."""
    return Path.home() / ".var" / "app" / FLATPAK


def has_flatpak_gimp() -> bool:
    """Return whether GIMP is installed as a Flatpak, or was started as one."""
    if not sys.platform.startswith("linux"):
        return False
    programs = (Path.home() / ".local" / "share" / "flatpak" / "app", _SYSTEM_FLATPAKS)
    started = (flatpak_folder() / "config" / "GIMP").is_dir()
    return started or any((folder / FLATPAK).is_dir() for folder in programs)


def must_bring_python() -> bool:
    """Return whether the system's Pythons are hidden from GIMP, or GIMP's are all there is."""
    return inside_flatpak() or has_flatpak_gimp()


def belongs_to_gimp(python: object) -> bool:
    """Return whether an interpreter is part of GIMP: it goes with GIMP, and has GIMP's libraries.

    An AppImage's disappears when GIMP is closed. For that of GIMP for Windows, which MinGW's
    compiler built, PyTorch has no packages.
    """
    path = Path(str(python))
    is_this = str(python) == sys.executable
    if is_this and sysconfig.get_platform().startswith("mingw"):
        return True
    mounted = os.environ.get("APPDIR")
    if mounted and Path(mounted) in path.parents:
        return True
    folders = [part.lower() for part in path.parts[:-1]]
    if sys.platform == "win32":
        return any(name.startswith(("gimp ", "msys64", "mingw64", "ucrt64")) for name in folders)
    return any(
        name.startswith(".mount_") or (name.startswith("gimp") and name.endswith(".app"))
        for name in folders
    )
