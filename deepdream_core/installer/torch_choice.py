"""Which build of PyTorch this machine needs."""

from __future__ import annotations

import re
import sys
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from deepdream_core.installer.running import answer_of
from deepdream_core.installer.words import say

TORCH_INDEX = "https://download.pytorch.org/whl"
CUDA_GIGABYTES, CPU_GIGABYTES, BORROWED_GIGABYTES = 10.0, 2.5, 0.3
_CUDA_TAGS = ((13, 2), (13, 0), (12, 9), (12, 8), (12, 6))
_ROCM_TAGS = ("rocm7.1", "rocm7.0", "rocm6.4", "rocm6.3")


@dataclass(frozen=True)
class Torch:
    """A build of PyTorch: what for, from which package index, how much disk it takes."""

    build: str
    """`cuda`, `rocm`, `apple`, `cpu`, or `borrowed` where another Python's is used."""
    index: str = ""
    """Empty for PyPI, or the index pip is set up with."""
    gigabytes: float = 0.0

    def __str__(self) -> str:
        if self.index:
            return f"PyTorch's {self.build} build from {self.index}"
        large = self.build == "cpu" and self.gigabytes == CUDA_GIGABYTES
        reason = " (its small build for CPUs cannot be reached)" if large else ""
        return f"PyTorch as PyPI has it{reason}"


def choose_torch(wanted: str) -> Torch:
    """Return the smallest build of PyTorch that uses this machine's hardware.

    `wanted` is `auto`, or `cuda`, `rocm`, `cpu` to choose oneself, or `pypi` for whatever PyPI
    has. torch and torchvision always come from the same index, for a pair of different builds
    does not work: torchvision fails to find its operators.
    """
    from_pypi = CUDA_GIGABYTES if sys.platform == "linux" else CPU_GIGABYTES
    if sys.platform == "darwin":
        return Torch("apple", gigabytes=CPU_GIGABYTES)
    if wanted == "pypi":
        return Torch("pypi", gigabytes=from_pypi)
    driver = cuda_of_driver() if wanted in ("auto", "cuda") else None
    if wanted == "cuda" or driver:
        # PyPI's build for Linux is made for the newest CUDA; older drivers need an older one.
        if sys.platform == "linux" and (driver is None or driver >= (13, 0)):
            return Torch("cuda", gigabytes=CUDA_GIGABYTES)
        for tag in [t for t in _CUDA_TAGS if driver is None or t <= driver]:
            index = f"{TORCH_INDEX}/cu{tag[0]}{tag[1]}"
            if index_answers(index):
                return Torch("cuda", index, CUDA_GIGABYTES)
        return Torch("cuda", gigabytes=from_pypi)
    if wanted == "rocm" or (wanted == "auto" and has_rocm()):
        for tag in _ROCM_TAGS:
            if index_answers(f"{TORCH_INDEX}/{tag}"):
                return Torch("rocm", f"{TORCH_INDEX}/{tag}", 2 * CUDA_GIGABYTES)
        say("  an AMD GPU was found, but PyTorch's package index cannot be reached for its build")
    if sys.platform == "linux" and index_answers(f"{TORCH_INDEX}/cpu"):
        return Torch("cpu", f"{TORCH_INDEX}/cpu", CPU_GIGABYTES)
    return Torch("cpu", gigabytes=from_pypi)


def cuda_of_driver() -> tuple[int, int] | None:
    """Return the newest CUDA that the NVIDIA driver serves, None without a working driver."""
    told = re.search(r"CUDA Version:\s*(\d+)\.(\d+)", answer_of(["nvidia-smi"]))
    return (int(told[1]), int(told[2])) if told else None


def has_rocm() -> bool:
    return Path("/dev/kfd").exists() and Path("/opt/rocm").exists()


def index_answers(index: str) -> bool:
    """Whether a package index can be reached and has torch; it gets five seconds."""
    request = urllib.request.Request(f"{index}/torch/", method="HEAD")
    try:
        with urllib.request.urlopen(request, timeout=5):
            return True
    except (urllib.error.URLError, OSError, ValueError):
        return False
