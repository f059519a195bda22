"""GIMPs that come with a system of their own: from Flatpak, as an AppImage, from Snap."""

from __future__ import annotations

import os
import sys
from collections.abc import Collection
from pathlib import Path

from deepdream_core.installer.system import outcome_of

FLATPAK = "org.gimp.GIMP"
RUN_FLATPAK = ("flatpak", "run", "--command=gimp-console", FLATPAK)
NOTES = {
    "flatpak": "GIMP from Flatpak: DeepDream was tried in a sandbox made with bubblewrap, "
    "but not in a real Flatpak.",
    "appimage": "GIMP's AppImage: DeepDream was tried with the variables that it sets, "
    "but not in a real AppImage.",
    "snap": "GIMP from Snap takes no plug-ins but those that are snaps themselves, so DeepDream "
    "cannot be added to it: use GIMP from your distribution or from Flatpak.",
}
"""What is to be said about each kind of program, as sentences."""

_FLATPAK_INFO = Path("/.flatpak-info")
_SYSTEM_FLATPAKS = Path("/var/lib/flatpak/app")


def inside_flatpak() -> bool:
    """Return whether this process runs in a Flatpak's sandbox."""
    return _FLATPAK_INFO.exists() or bool(os.environ.get("FLATPAK_ID"))


def flatpak_folder() -> Path:
    """Return the folder in which GIMP from Flatpak keeps what it would keep in the home folder."""
    return Path.home() / ".var" / "app" / FLATPAK


def flatpak_profiles() -> Path:
    """Return the folder with the profiles of GIMP from Flatpak."""
    return flatpak_folder() / "config" / "GIMP"


def kinds_found(kinds: Collection[str]) -> list[str]:
    """Return the kinds of GIMPs with a system of their own, the `kinds` of programs included.

    A Flatpak is also found where `flatpak` cannot run it, and a snap that is not on PATH.
    """
    found = {kind for kind in kinds if kind in NOTES}
    if has_flatpak_gimp():
        found.add("flatpak")
    if sys.platform.startswith("linux") and (Path.home() / "snap" / "gimp").is_dir():
        found.add("snap")
    return [kind for kind in NOTES if kind in found]


def has_flatpak_gimp() -> bool:
    """Return whether GIMP is installed as a Flatpak, or was started as one."""
    if not sys.platform.startswith("linux"):
        return False
    programs = (Path.home() / ".local" / "share" / "flatpak" / "app", _SYSTEM_FLATPAKS)
    installed = any((folder / FLATPAK).is_dir() for folder in programs)
    return installed or flatpak_profiles().is_dir()


def why_flatpak_cannot_use(folder: Path) -> str:
    """Return a sentence if GIMP from Flatpak was forbidden to write to a folder, or nothing."""
    ask = ("flatpak", "run", "--command=test", FLATPAK, "-w", folder)
    if outcome_of(ask, timeout=60.0) == (1, ""):
        return (
            f"GIMP from Flatpak may not write to {folder}: run `flatpak override --user "
            f"--filesystem={folder} {FLATPAK}`, then restart GIMP."
        )
    return ""


def belongs_to_appimage(program: Path) -> bool:
    """Return whether a program is an AppImage, or in one that is mounted."""
    return program.resolve().suffix.lower() == ".appimage" or any(
        part.startswith(".mount_") for part in program.parts
    )
