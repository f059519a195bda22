"""Lock files: the exact packages of one build of PyTorch, with the hashes of their files."""

from __future__ import annotations

import platform
import re
import sys
from pathlib import Path

from deepdream_core.installer.python_and_torch import Torch

PYPI = "pypi"
"""The name of the lock file for what comes from PyPI alone."""


def lock_path(build: str) -> Path:
    """Return where the lock file of a build is: `pypi`, or an index of PyTorch's, such as `cpu`."""
    return Path(__file__).parent / "locks" / f"{build}.txt"


def build_name(torch: Torch) -> str:
    """Return what the lock file of a build is called, whether there is one or not."""
    return torch.build if torch.build == "borrowed" else torch.index.rpartition("/")[2] or PYPI


def lock_for(build: str, python: tuple[int, int]) -> Path | None:
    """Return the lock file for a build on this machine, with this version of Python, if any."""
    path = lock_path(build)
    return path if path.exists() and _serves(path.read_text("utf-8"), python) else None


def this_machine() -> str:
    """Return the kind of machine that this is, as lock files name it: `linux-x86_64`."""
    return f"{sys.platform}-{platform.machine()}"


def _serves(lock: str, python: tuple[int, int]) -> bool:
    """Return whether a lock is for this machine and a version of Python.

    Its first lines name machines, the oldest system of each, and Pythons, such as
    `# linux-x86_64 2.28 3.10 3.11`.
    """
    version = f"{python[0]}.{python[1]}"
    for line in lock.splitlines():
        words = line.split()
        if words[:2] == ["#", this_machine()]:
            return _numbers(_system()) >= _numbers(words[2]) and version in words[3:]
    return False


def _system() -> str:
    """Return the version that decides which files pip accepts: that of macOS, or of the C library.

    It is empty on Linux without the GNU C library.
    """
    if sys.platform == "linux":
        return platform.libc_ver()[1]
    return platform.mac_ver()[0] if sys.platform == "darwin" else platform.version()


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version))
