"""What is where: the checkout, the environments, the folders of the user."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Environment:
    """An engine environment: where it stands, and what goes into it beyond the project."""

    folder: Path
    """The virtual environment itself."""
    extras: str = ""
    """Of pyproject.toml's optional dependencies, with brackets: `[test]`."""

    @property
    def python(self) -> Path:
        return environment_python(self.folder)

    @property
    def stamp(self) -> Path:
        """Written when the environment is complete, with what it was made of."""
        return self.folder / "deepdream-installed.json"

    def program(self, name: str) -> Path:
        suffix = ".exe" if sys.platform == "win32" else ""
        return self.python.parent / f"{name}{suffix}"


def environment_python(folder: Path) -> Path:
    if sys.platform == "win32":
        return folder / "Scripts" / "python.exe"
    return folder / "bin" / "python"


def cache_folder() -> Path:
    cache = os.environ.get("XDG_CACHE_HOME")
    return (Path(cache) if cache else Path.home() / ".cache") / "deepdream-gimp"


def user_programs() -> Path:
    return Path.home() / ".local" / "bin"
