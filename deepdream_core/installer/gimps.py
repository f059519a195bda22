"""Finding this machine's GIMPs and their plug-in folders; also used by `deepdream doctor`."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deepdream_core.installer.reports import say
from deepdream_core.installer.sandboxes import (
    NOTES,
    RUN_FLATPAK,
    belongs_to_appimage,
    flatpak_profiles,
    kinds_found,
)
from deepdream_core.installer.system import outcome_of
from deepdream_core.shared.child_processes import NO_WINDOW
from deepdream_core.shared.paths import engine_folder, python_in

PLUG_IN = "deepdream"
MARKER = "installation.json"
"""The file that marks a plug-in folder as created by the installer."""

_SERIES = re.compile(r"\d+\.\d+")
_VERSION = re.compile(r"\b(\d+\.\d+)\.(\d+)")
_OLDEST = (2, 10)
_FIRST_START_SECONDS = 180.0


@dataclass(frozen=True)
class Program:
    """An installed GIMP: its series (`3.0`), version (`3.0.4`) and the command for batch mode."""

    series: str
    version: str
    console: tuple[str, ...]
    kind: str = "program"
    """`program`, `flatpak`, `appimage` or `snap`."""


@dataclass(frozen=True)
class Profile:
    """The configuration folder of a GIMP series. It may not exist yet."""

    series: str
    folder: Path

    @property
    def plug_in(self) -> Path:
        """The folder of the DeepDream plug-in in this profile."""
        return self.folder / "plug-ins" / PLUG_IN

    def is_of(self, program: Program) -> bool:
        """Return whether a program uses this profile."""
        in_flatpak = flatpak_profiles() in self.folder.parents
        ours = program.kind == "flatpak" if in_flatpak else program.kind != "snap"
        return ours and program.series == self.series


def supported(series: str) -> bool:
    """Return whether the plug-in supports this series of GIMP: 2.10, or 3.0 and later."""
    numbers = tuple(int(part) for part in series.split("."))
    return numbers == _OLDEST or numbers >= (3, 0)


def programs() -> list[Program]:
    """Return the installed GIMPs, newest first, each version once."""
    found: dict[tuple[str, str], Program] = {}
    for path in _executables():
        kind = "snap" if "snap" in path.parts else "program"
        if belongs_to_appimage(path):
            kind = "appimage"
        if program := _ask([str(path)], kind):
            found.setdefault((program.version, kind), program)
    if shutil.which("flatpak") and (program := _ask(RUN_FLATPAK, "flatpak")):
        found.setdefault((program.version, "flatpak"), program)
    return sorted(found.values(), key=lambda program: _numbers(program.version), reverse=True)


def profiles(installed: Sequence[Program]) -> list[Profile]:
    """Return the configuration folders of the `installed` GIMPs and any others that exist.

    GIMP2_DIRECTORY and GIMP3_DIRECTORY mean what they mean to GIMP. A folder shared by two series
    appears once. A snap takes no plug-ins, so it has none.
    """
    found: dict[Path, Profile] = {}
    for program in installed:
        if program.kind != "snap":
            base = flatpak_profiles() if program.kind == "flatpak" else _base()
            folder = _directory_from_environment(program.series) or base / program.series
            found.setdefault(folder, Profile(program.series, folder))
    for base in (_base(), *_other_bases()):
        for folder in sorted(base.glob("*.*")):
            if _SERIES.fullmatch(folder.name) and supported(folder.name) and folder.is_dir():
                found.setdefault(folder, Profile(folder.name, folder))
    return list(found.values())


def ready_profiles(installed: Sequence[Program]) -> list[Profile]:
    """Return the same after the first start of each GIMP.

    Where a Flatpak may use the ordinary profiles, it does not create its own.
    """
    for profile in profiles(installed):
        let_gimp_create(profile, installed)
    return [
        profile
        for profile in profiles(installed)
        if profile.folder.exists()
        or flatpak_profiles() != profile.folder.parent
        or not (_base() / profile.series).exists()
    ]


def notes(installed: Sequence[Program]) -> list[str]:
    """Return what is to be said about GIMPs from Flatpak, AppImages and snaps, as sentences."""
    return [NOTES[kind] for kind in kinds_found([program.kind for program in installed])]


def let_gimp_create(profile: Profile, programs: Sequence[Program]) -> None:
    """Start a GIMP without a configuration folder in batch mode, so that it creates one, and quit.

    If the installer created the folder, GIMP would not treat its next start as the first one: it
    would not import settings from an older version and would lack folders that it saves to.
    """
    if profile.folder.exists():
        return
    program = next((p for p in programs if profile.is_of(p)), None)
    if program is None:
        return
    say(
        f"  {profile.series}: not started before; starting GIMP {program.version} once to set it up"
    )
    quitting = ["-b", "(gimp-quit 0)"] if program.series.startswith("2.") else ["--quit"]
    outcome_of([*program.console, "-i", "-d", "-f", *quitting], _FIRST_START_SECONDS)


def plug_in_state(profile: Profile, version: str) -> str:
    """Describe what is in a profile's plug-in folder, which should contain `version`."""
    folder = profile.plug_in
    if not folder.exists():
        return "not installed"
    marker = read_marker(folder)
    if marker is None:
        return "another plug-in's folder, not created by this installer"
    python = str(marker.get("python", ""))
    if not (Path(python).exists() if python else python_in(engine_folder()).exists()):
        return (
            f"version {marker.get('version')}, but its engine is missing: run the installer again"
        )
    if marker.get("version") != version:
        return f"version {marker.get('version')} instead of {version}: run the installer again"
    return f"version {version}"


def read_marker(plug_in: Path) -> Mapping[str, Any] | None:
    """Return the installer's marker from a plug-in folder, or None if it did not create it."""
    try:
        marker = json.loads((plug_in / MARKER).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return marker if isinstance(marker, dict) and "python" in marker else None


def _base() -> Path:
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "GIMP"
    if sys.platform == "win32":
        roaming = os.environ.get("APPDATA")
        return (Path(roaming) if roaming else Path.home() / "AppData" / "Roaming") / "GIMP"
    config = os.environ.get("XDG_CONFIG_HOME")
    return (Path(config) if config else Path.home() / ".config") / "GIMP"


def _other_bases() -> list[Path]:
    if not sys.platform.startswith("linux"):
        return []
    return [Path.home() / ".config" / "GIMP", flatpak_profiles()]


def _directory_from_environment(series: str) -> Path | None:
    folder = os.environ.get("GIMP2_DIRECTORY" if series.startswith("2.") else "GIMP3_DIRECTORY")
    # GIMP resolves a relative path against the user's home folder.
    return Path.home() / folder if folder else None


def _executables() -> Iterator[Path]:
    folders = [Path(entry) for entry in os.environ.get("PATH", "").split(os.pathsep) if entry]
    if sys.platform == "darwin":
        applications = (Path("/Applications"), Path.home() / "Applications")
        folders += [f for a in applications for f in a.glob("GIMP*.app/Contents/MacOS")]
    elif sys.platform == "win32":
        roots = [os.environ.get(name) for name in ("ProgramFiles", "LOCALAPPDATA")]
        for root in filter(None, roots):
            folders += [*Path(root).glob("GIMP */bin"), *Path(root).glob("Programs/GIMP */bin")]
    seen = set()
    if running := os.environ.get("APPIMAGE"):
        folders.append(Path(running).parent)
    for pattern in ("gimp-console*", "gimp", "gimp-[0-9]*", "GIMP*.[Aa]pp[Ii]mage"):
        for folder in folders:
            for path in sorted(folder.glob(pattern)):
                if path.resolve() not in seen and path.is_file() and os.access(path, os.X_OK):
                    seen.add(path.resolve())
                    yield path


def _ask(command: Sequence[str], kind: str) -> Program | None:
    with tempfile.TemporaryDirectory() as scratch:
        # In other locales the word "version" is translated.
        env = {**os.environ, "LC_ALL": "C", "LANGUAGE": "C"}
        if kind != "flatpak":
            # GIMP creates the user's data folder even for --version.
            env["XDG_DATA_HOME"] = scratch
        try:
            output = subprocess.run(
                [*command, "--version"],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                env=env,
                timeout=30,
                creationflags=NO_WINDOW,
            ).stdout
        except (OSError, subprocess.TimeoutExpired):
            return None
    version = _VERSION.search(output)
    if not version or not supported(version[1]):
        return None
    return Program(version[1], f"{version[1]}.{version[2]}", tuple(command), kind)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))
