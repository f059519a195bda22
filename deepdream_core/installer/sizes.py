"""How much an installation downloads, and the disk space it takes."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass

from deepdream_core.installer.locks import PYPI, build_name, lock_for, lock_path, this_machine
from deepdream_core.installer.python_and_torch import Torch

_MB = 1_000_000


@dataclass(frozen=True)
class Size:
    """What an installation of the engine takes, in bytes."""

    download_bytes: int
    installed_bytes: int
    """Disk space in use once it is complete, for Python's environment and all packages."""
    peak_bytes: int
    """Disk space in use at most, while packages are unpacked, without an engine to be replaced."""


_ENVIRONMENT = 80
"""MB for pip and what Python keeps of the modules that a dream imports."""
_TRITON = (250, 900)
"""MB to download and unpack before it is removed, where there is no lock that leaves it out."""
_BESIDE_TORCH = (190, 550)
"""MB for everything but PyTorch, which is the most that `--engine-python` downloads."""
_ESTIMATED = {
    # Measured with the wheel of torch 2.13 for x86-64.
    ("linux", "cpu"): (380, 1060),
    # Wheels of torch 2.7: 0.8 to 1.1 GB, and NVIDIA's libraries for CUDA 12, about as for 13.
    ("linux", "cuda"): (3600, 7000),
    # A wheel of torch 2.10 for ROCm 7.1: 5.1 GB. What it unpacks to is not known.
    ("linux", "rocm"): (5700, 20000),
    # Wheels for CUDA 12 and 13: 2 to 3 GB.
    ("win32", "cuda"): (3500, 6500),
}
"""MB to download and on the disk for builds whose index has not been measured: no lock has them."""


def size_of(torch: Torch, python: tuple[int, int]) -> Size:
    """Return what an installation with a build of PyTorch and a version of Python takes.

    Measured for builds that have a lock file, and estimated for others.
    """
    if torch.build == "borrowed":
        return _size(*_BESIDE_TORCH)
    build = build_name(torch)
    # PyPI's builds are for processors only, except on Linux.
    pypis = "cuda" if sys.platform == "linux" else "cpu"
    kind = pypis if build == PYPI else torch.build
    estimated = _ESTIMATED.get((sys.platform, kind), _ESTIMATED["linux", "cpu"])
    download, packages = _measured(build) or estimated
    with_triton = sys.platform == "linux" and kind != "cpu" and not lock_for(build, python)
    return _size(download, packages, *(_TRITON if with_triton else (0, 0)))


def _size(download: int, packages: int, extra_download: int = 0, extra: int = 0) -> Size:
    """`extra`: what is unpacked and then removed. All in MB."""
    download += extra_download
    installed = packages + _ENVIRONMENT
    # pip unpacks a copy, and keeps another in its cache.
    peak = installed + extra + 2 * download
    return Size(download * _MB, installed * _MB, peak * _MB)


def _measured(build: str) -> tuple[int, int] | None:
    """Return what is in the lock file of a build about this machine, as in `_ESTIMATED`."""
    path = lock_path(build)
    text = path.read_text("utf-8") if path.exists() else ""
    line = rf"^# size {re.escape(this_machine())} (\d+) (\d+)$"
    found = re.search(line, text, re.MULTILINE)
    return (int(found[1]), int(found[2])) if found else None
