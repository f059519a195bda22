"""The project's own package: what it is built from, and getting it into the environment."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from deepdream_core.installer.files import remove_tree
from deepdream_core.installer.pip import pip_install
from deepdream_core.installer.places import CHECKOUT, Environment
from deepdream_core.installer.running import clean_environment

BUILD = ["--no-build-isolation", "--no-cache-dir"]
"""For pip where it builds the project: with the setuptools that is there, keeping no old build."""


def project_files() -> list[Path]:
    """Return every file that the engine's package is built from."""
    package = CHECKOUT / "deepdream_core"
    files = [
        path for path in package.rglob("*") if path.is_file() and "__pycache__" not in path.parts
    ]
    about = [CHECKOUT / name for name in ("pyproject.toml", "README.md", "LICENSE")]
    return files + [path for path in about if path.exists()]


@contextlib.contextmanager
def staged_project(parent: Path) -> Iterator[Path]:
    """Give a copy of what the package is built from: building litters the folder it happens in."""
    with tempfile.TemporaryDirectory(prefix=".project-", dir=parent) as folder:
        for path in project_files():
            copy = Path(folder) / path.relative_to(CHECKOUT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
        yield Path(folder)


def install_project(place: Environment, log: Path, lock: int) -> None:
    """Install the checkout's project into the environment, a copy that does not need it again."""
    parent = place.folder.parent
    pip = [place.python, "-I", "-m", "pip", "install", "--no-input", "--progress-bar", "off"]
    with staged_project(parent) as source:
        again = ["--no-deps", "--force-reinstall", "--no-index"]
        pip_install([*pip, *BUILD, *again, source], log, clean_environment(parent), lock)
    remove_tree(parent / "tmp")
