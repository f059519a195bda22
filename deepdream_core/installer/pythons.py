"""The Python that the engine's environment is made from."""

from __future__ import annotations

import json
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from deepdream_core.installer.apt import apt_install, can_use_apt
from deepdream_core.installer.running import answer_of
from deepdream_core.installer.words import Problem, say

OLDEST_ENGINE_PYTHON = (3, 10)
_ASK_PYTHON = """
import json, os, sys
packages = [p for p in sys.path if os.path.basename(p) in ("site-packages", "dist-packages")]
# The program's full name: one called python3 is another Python after a system's upgrade.
full = os.path.join(sys.base_prefix, "bin", "python%d.%d" % sys.version_info[:2])
own = full if os.path.exists(full) else sys.executable
print(json.dumps([sys.version_info[:2], packages, own]))
"""


@dataclass(frozen=True)
class BasePython:
    """The interpreter that an environment is made from."""

    path: Path
    version: tuple[int, int]
    borrowed: tuple[str, ...] = ()
    """Its package folders, where its packages are to be used instead of installing them."""


def ask_python(path: object) -> tuple[tuple[int, int], list[str], str] | None:
    """Return an interpreter's version, package folders and own path; None if it does not run."""
    told = answer_of([path, "-I", "-c", _ASK_PYTHON])
    try:
        # A start-up file of that Python may have printed something first.
        version, folders, executable = json.loads(told.splitlines()[-1])
    except (IndexError, ValueError):
        return None
    return (version[0], version[1]), folders, executable


def find_python(given: str | None) -> BasePython:
    """Return the interpreter for the engine: the given one with its packages, or a fitting one.

    Raises `Problem` where there is none.
    """
    if given:
        return borrowed_python(given)
    names = [f"python3.{minor}" for minor in (13, 12, 11, 10, 14)]
    found = [sys.executable, *filter(None, map(shutil.which, names))]
    for root in (Path.home() / ".pyenv" / "versions", Path("/opt/homebrew/bin")):
        found += [str(p) for p in sorted(root.glob("*/bin/python3"), reverse=True)]
        found += [str(p) for p in sorted(root.glob("python3.1?"), reverse=True)]
    for path in found:
        told = ask_python(path)
        if told and told[0] >= OLDEST_ENGINE_PYTHON:
            if path != sys.executable:
                say(f"  Python {sys.version.split()[0]} is too old for the engine; taking {path}")
            return BasePython(Path(told[2]), told[0])
    raise Problem(
        f"Python {sys.version.split()[0]} is too old for the engine and no newer one was found. "
        "Install Python 3.10 or later (Debian and Ubuntu: apt install python3; others: "
        "python.org/downloads) and run this with it."
    )


def borrowed_python(given: str) -> BasePython:
    told = ask_python(given)
    if told is None:
        raise Problem(f"--engine-python: {given} is not a Python that runs.")
    if told[0] < OLDEST_ENGINE_PYTHON:
        raise Problem(f"--engine-python: {given} is Python {told[0][0]}.{told[0][1]}, not 3.10+.")
    if not answer_of([given, "-I", "-c", "import torch, torchvision; print('yes')"]):
        raise Problem(
            f"--engine-python: {given} has no torch and torchvision that can be imported. "
            "Install them there, or leave the option out and the installer brings its own."
        )
    return BasePython(Path(told[2]), told[0], tuple(told[1]))


def ensure_venv_module(base: BasePython) -> None:
    """See that `base` can make environments; on Debian as root install what is missing.

    Raises `Problem`.
    """
    if answer_of([base.path, "-I", "-c", "import venv, ensurepip; print(ensurepip.version())"]):
        return
    package = f"python{base.version[0]}.{base.version[1]}-venv"
    if can_use_apt():
        say(f"  {base.path} cannot make virtual environments; installing {package}")
        apt_install([package])
        return
    raise Problem(
        f"{base.path} cannot make virtual environments (no ensurepip module). "
        f"Debian and Ubuntu: run `sudo apt install {package}`; elsewhere install Python's venv "
        "module. Then run this again."
    )
