"""The engine's environment: built whole under another name, then renamed."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import socket
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from deepdream_core.installer.python_and_torch import (
    BORROWED_GIGABYTES,
    BasePython,
    Torch,
    ask_python,
    choose_torch,
    ensure_venv_module,
    find_python,
)
from deepdream_core.installer.system import (
    CHECKOUT,
    Problem,
    clean_environment,
    files_below,
    fingerprint,
    last_line,
    locked,
    outcome_of,
    pip_install,
    remove_leftovers,
    remove_tree,
    run_logged,
    say,
)
from deepdream_core.shared.atomic_files import write_text
from deepdream_core.shared.paths import engine_folder, warm_engine_socket
from deepdream_core.shared.protocol import Frame, send

TORCH_PAIR = ("torch>=2.4,<3", "torchvision>=0.19,<1")

_BUILD = ["--no-build-isolation", "--no-cache-dir"]
"""For pip where it builds the project: with the setuptools already there, caching no build."""
_PIP_INSTALL = ["-I", "-m", "pip", "install", "--no-input", "--progress-bar", "off"]
_WARM_ENGINE_SECONDS = 10.0


@dataclass(frozen=True)
class Environment:
    """An engine environment: where it is, and what goes into it besides the project."""

    folder: Path
    """The virtual environment itself."""
    extras: str = ""
    """Of pyproject.toml's optional dependencies, with brackets: `[test]`."""

    @property
    def python(self) -> Path:
        return _python_in(self.folder)

    @property
    def stamp(self) -> Path:
        """Written when the environment is complete, with what it was made of."""
        return self.folder / "deepdream-installed.json"

    def program(self, name: str) -> Path:
        suffix = ".exe" if sys.platform == "win32" else ""
        return self.python.parent / f"{name}{suffix}"


def _python_in(environment: Path) -> Path:
    if sys.platform == "win32":
        return environment / "Scripts" / "python.exe"
    return environment / "bin" / "python"


def install_engine(place: Environment, options: argparse.Namespace, log: Path) -> str:
    """Make the environment, or bring it up to date, and return what was done.

    The packages are installed under another name, which is renamed when they are complete; the
    project itself goes in last, so that its commands carry the final path. Raises `Problem`.
    """
    base = find_python(options.engine_python)
    packages = what_it_needs(place, base)
    project = fingerprint(project_files())
    stamp = read_stamp(place)
    if _has_packages(stamp, packages, options.torch):
        if stamp.get("project") == project:
            return "already up to date"
        if options.dry_run:
            return f"would update the project in {place.folder}"
        with locked(place.folder.parent) as lock:
            remove_leftovers(place.folder.parent)
            dismiss_warm_engine(place)
            # From here on neither the old project nor the new one is certain to be there.
            _write_stamp(place, {**stamp, "project": ""})
            install_project(place, log, lock)
            _write_stamp(place, {**stamp, "project": project})
        return f"project updated in {place.folder}"
    torch = choose_torch(options.torch)
    if base.borrowed:
        torch = Torch("borrowed", gigabytes=BORROWED_GIGABYTES)
    if options.dry_run:
        source = f"the PyTorch of {base.path}" if base.borrowed else str(torch)
        return f"would create {place.folder} with {base.path} and {source}"
    ensure_room(place.folder.parent, torch)
    with locked(place.folder.parent) as lock:
        if not _has_packages(read_stamp(place), packages, options.torch):
            ensure_venv_module(base)
            dismiss_warm_engine(place)
            install_packages(place, base, torch, log, lock)
        install_project(place, log, lock)
        check_engine(place)
        kept = {"packages": packages, "project": project, "torch": options.torch}
        _write_stamp(place, kept)
    return f"installed in {place.folder}"


def read_stamp(place: Environment) -> dict[str, str]:
    try:
        stamp = json.loads(place.stamp.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return stamp if place.python.exists() else {}


def _write_stamp(place: Environment, stamp: Mapping[str, str]) -> None:
    write_text(place.stamp, json.dumps(stamp) + "\n")


def _has_packages(stamp: Mapping[str, str], packages: str, torch: str) -> bool:
    """Whether an environment is complete and has the packages that are wanted."""
    return stamp.get("packages") == packages and torch in ("auto", stamp.get("torch"))


def what_it_needs(place: Environment, base: BasePython) -> str:
    """Return the fingerprint of everything that decides which packages an environment holds."""
    return fingerprint(
        [CHECKOUT / "pyproject.toml"], base.path, base.version, base.borrowed, place.extras
    )


def project_files() -> list[Path]:
    """Return every file that the engine's package is built from."""
    about = [CHECKOUT / name for name in ("pyproject.toml", "README.md", "LICENSE")]
    return files_below(CHECKOUT / "deepdream_core") + [path for path in about if path.exists()]


def ensure_room(folder: Path, torch: Torch) -> None:
    """Raise `Problem` if the disk has no room for the packages and their temporary files."""
    existing = next(p for p in (folder, *folder.parents) if p.exists())
    free = shutil.disk_usage(existing).free / 1e9
    if free < torch.gigabytes:
        raise Problem(
            f"The disk that holds {existing} has {free:.1f} GB free; {torch} needs about "
            f"{torch.gigabytes:g} GB. Free some space, or set DEEPDREAM_HOME to a folder on a "
            "larger disk, then run this again."
        )


def dismiss_warm_engine(place: Environment) -> None:
    """Ask the engine that stays between dreams to end: it has to go before its files do.

    It ends once nobody dreams; this waits until it no longer listens.
    """
    if os.name == "nt" or place.folder != engine_folder():
        return
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as stream:
        stream.settimeout(_WARM_ENGINE_SECONDS)
        stream.connect(str(warm_engine_socket()))
        with stream.makefile("wb") as frames:
            send(frames, Frame("quit"))
        while stream.recv(1024):
            pass


def install_packages(
    place: Environment, base: BasePython, torch: Torch, log: Path, lock: int
) -> None:
    """Make the environment anew, with everything but the project's final copy."""
    parent = place.folder.parent
    building = parent / f"{place.folder.name}.new"
    remove_leftovers(parent)
    env = clean_environment(parent)
    say(f"  creating the environment with {base.path}")
    if run_logged([base.path, "-I", "-m", "venv", building], log, env, lock):
        raise Problem(
            f"The virtual environment could not be created: {last_line(log)} (see {log})."
        )
    python = _python_in(building)
    install = [python, *_PIP_INSTALL]
    if base.borrowed:
        say(f"  using the packages of {base.path}")
        _borrow_packages(python, base)
        # The one that a new environment may bring is older than the one that can be borrowed.
        run_logged([python, "-I", "-m", "pip", "uninstall", "--yes", "setuptools"], log, env, lock)
    else:
        say(f"  downloading {torch}")
    pip_install([*install, "setuptools>=70.1"], log, env, lock)
    if not base.borrowed:
        # Both in one go and from one place, so that they are a pair.
        place_of_both = ["--index-url", torch.index] if torch.index else []
        pip_install([*install, *place_of_both, *TORCH_PAIR], log, env, lock)
    with _staged_project(parent) as source:
        pip_install([*install, *_BUILD, f"{source}{place.extras}"], log, env, lock)
    remove_tree(parent / "tmp")
    _correct_scripts(building, place.folder)
    remove_tree(place.folder)
    building.rename(place.folder)


def _borrow_packages(python: Path, base: BasePython) -> None:
    """Let a new environment's Python import what `base` can import."""
    own = ask_python(python)
    assert own is not None
    borrowed = Path(own[1][0]) / "deepdream-borrowed.pth"
    borrowed.write_text("".join(f"{folder}\n" for folder in base.borrowed), "utf-8")


def _correct_scripts(building: Path, final: Path) -> None:
    """Make the commands of an environment that is about to be renamed name its final path."""
    if sys.platform == "win32":
        return
    for script in (building / "bin").iterdir():
        if script.is_file() and not script.is_symlink():
            text = script.read_bytes()
            if text.startswith(b"#!") or script.name.lower().startswith("activate"):
                script.write_bytes(text.replace(str(building).encode(), str(final).encode()))


def install_project(place: Environment, log: Path, lock: int) -> None:
    """Install a copy of the checkout's project, which does not need the checkout afterwards."""
    parent = place.folder.parent
    with _staged_project(parent) as source:
        again = ["--no-deps", "--force-reinstall", "--no-index"]
        command = [place.python, *_PIP_INSTALL, *_BUILD, *again, source]
        pip_install(command, log, clean_environment(parent), lock)
    remove_tree(parent / "tmp")


@contextlib.contextmanager
def _staged_project(parent: Path) -> Iterator[Path]:
    """Give a copy of the project's files: building a package litters the folder it is built in."""
    with tempfile.TemporaryDirectory(prefix=".project-", dir=parent) as folder:
        for path in project_files():
            copy = Path(folder) / path.relative_to(CHECKOUT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
        yield Path(folder)


def check_engine(place: Environment) -> None:
    """Check that torch and torchvision are a pair that works. Raises `Problem`."""
    trial = "import torch, torchvision; torchvision.ops.nms(torch.zeros(1, 4), torch.ones(1), 0.5)"
    code, told = outcome_of([place.python, "-I", "-c", trial], timeout=300)
    if code:
        reason = told.splitlines()[-1:] or ["it crashed"]
        raise Problem(
            f"PyTorch was installed but does not work here: {reason[0]}. "
            "Try another build: `python3 install.py --torch cpu` (or cuda, rocm, pypi)."
        )
