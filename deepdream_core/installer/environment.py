"""The engine's environment: made whole under another name, then renamed."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from deepdream_core.installer import warm_engine
from deepdream_core.installer.files import (
    alone,
    fingerprint,
    remove_leftovers,
    remove_tree,
    write_atomically,
)
from deepdream_core.installer.pip import pip_install
from deepdream_core.installer.places import CHECKOUT, Environment, environment_python
from deepdream_core.installer.project import BUILD, install_project, project_files, staged_project
from deepdream_core.installer.pythons import BasePython, ask_python, ensure_venv_module, find_python
from deepdream_core.installer.running import clean_environment, last_line, outcome_of, run_logged
from deepdream_core.installer.torch_choice import BORROWED_GIGABYTES, Torch, choose_torch
from deepdream_core.installer.words import Problem, say

TORCH_PAIR = ("torch>=2.4,<3", "torchvision>=0.19,<1")


def install_engine(place: Environment, options: argparse.Namespace, log: Path) -> str:
    """Make the environment, or bring it up to date, and return what was done.

    The packages are installed under another name, which is renamed when they are complete; the
    project itself goes in last, so that its commands carry the final path. Raises `Problem`.
    """
    base = find_python(options.engine_python)
    packages = what_it_needs(place, base)
    project = fingerprint(project_files())
    stamp = read_stamp(place)
    if _is_whole(stamp, packages, options.torch):
        if stamp.get("project") == project:
            return "there already"
        if options.dry_run:
            return f"would bring the project in {place.folder} up to date"
        with alone(place.folder.parent) as lock:
            remove_leftovers(place.folder.parent)
            warm_engine.dismiss(place.folder.parent)
            # From here on neither the old nor the new one is there for certain.
            _write_stamp(place, {**stamp, "project": ""})
            install_project(place, log, lock)
            _write_stamp(place, {**stamp, "project": project})
        return "the project in it was brought up to date"
    torch = choose_torch(options.torch)
    if base.borrowed:
        torch = Torch("borrowed", gigabytes=BORROWED_GIGABYTES)
    if options.dry_run:
        source = f"PyTorch of {base.path}" if base.borrowed else str(torch)
        return f"would make {place.folder} with {base.path} and {source}"
    ensure_room(place.folder.parent, torch)
    with alone(place.folder.parent) as lock:
        if not _is_whole(read_stamp(place), packages, options.torch):
            ensure_venv_module(base)
            warm_engine.dismiss(place.folder.parent)
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
    write_atomically(place.stamp, json.dumps(stamp) + "\n")


def _is_whole(stamp: Mapping[str, str], packages: str, torch: str) -> bool:
    """Whether the packages of an environment are those that are wanted."""
    return stamp.get("packages") == packages and torch in ("auto", stamp.get("torch"))


def what_it_needs(place: Environment, base: BasePython) -> str:
    """Return the fingerprint of all that decides which packages an environment holds."""
    return fingerprint(
        [CHECKOUT / "pyproject.toml"], base.path, base.version, base.borrowed, place.extras
    )


def ensure_room(folder: Path, torch: Torch) -> None:
    """Raise `Problem` where the disk cannot take the packages and what is needed on the way."""
    existing = next(p for p in (folder, *folder.parents) if p.exists())
    free = shutil.disk_usage(existing).free / 1e9
    if free < torch.gigabytes:
        raise Problem(
            f"The disk of {existing} has {free:.1f} GB free; {torch} needs about "
            f"{torch.gigabytes:g} GB. Make room, or set DEEPDREAM_HOME to a folder on a larger "
            "disk, and run this again."
        )


def install_packages(
    place: Environment, base: BasePython, torch: Torch, log: Path, lock: int
) -> None:
    parent = place.folder.parent
    building = parent / f"{place.folder.name}.new"
    remove_leftovers(parent)
    env = clean_environment(parent)
    say(f"  making the environment with {base.path}")
    if run_logged([base.path, "-I", "-m", "venv", building], log, env, lock):
        raise Problem(f"The virtual environment could not be made: {last_line(log)} (see {log}).")
    python = environment_python(building)
    if base.borrowed:
        own = ask_python(python)
        assert own is not None
        borrowed = Path(own[1][0]) / "deepdream-borrowed.pth"
        borrowed.write_text("".join(f"{folder}\n" for folder in base.borrowed), "utf-8")
    pip = [python, "-I", "-m", "pip"]
    install = [*pip, "install", "--no-input", "--progress-bar", "off"]
    if base.borrowed:
        say(f"  using the packages of {base.path}")
        # The one that a new environment may bring is older than the one that can be borrowed.
        run_logged([*pip, "uninstall", "--yes", "setuptools"], log, env, lock)
    else:
        say(f"  fetching {torch}")
    pip_install([*install, "setuptools>=70.1"], log, env, lock)
    if not base.borrowed:
        # Both in one go and from one place, so that they are a pair.
        place_of_both = ["--index-url", torch.index] if torch.index else []
        pip_install([*install, *place_of_both, *TORCH_PAIR], log, env, lock)
    with staged_project(parent) as source:
        wanted = f"{source}{place.extras}"
        pip_install([*install, *BUILD, wanted], log, env, lock)
    remove_tree(parent / "tmp")
    correct_scripts(building, place.folder)
    remove_tree(place.folder)
    building.rename(place.folder)


def correct_scripts(building: Path, final: Path) -> None:
    """Let the commands of an environment that is about to be renamed name its final path."""
    if sys.platform == "win32":
        return
    for script in (building / "bin").iterdir():
        if script.is_file() and not script.is_symlink():
            text = script.read_bytes()
            if text.startswith(b"#!") or script.name.lower().startswith("activate"):
                script.write_bytes(text.replace(str(building).encode(), str(final).encode()))


def check_engine(place: Environment) -> None:
    """See that torch and torchvision are a pair that works. Raises `Problem`."""
    trial = "import torch, torchvision; torchvision.ops.nms(torch.zeros(1, 4), torch.ones(1), 0.5)"
    code, told = outcome_of([place.python, "-I", "-c", trial], timeout=300)
    if code:
        reason = told.splitlines()[-1:] or ["it crashed"]
        raise Problem(
            f"PyTorch was installed but does not work here: {reason[0]}. "
            "Try another build: `python3 install.py --torch cpu` (or cuda, rocm, pypi)."
        )
