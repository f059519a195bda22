"""What comes with PyTorch but serves only to compile programs, which the engine never does."""

from __future__ import annotations

import shutil
from pathlib import Path

COMPILERS = ("triton", "triton-rocm", "pytorch-triton-rocm")
"""Packages that PyTorch requires, but imports only to compile. Triton takes 0.9 GB."""
_PARTS = (
    "torch/include",
    "torch/lib/*.lib",
    "torch/bin/protoc*",
    # Tests of PyTorch itself, which its smaller builds contain.
    "torch/bin/test_*",
    "torch/test",
    "nvidia/nvshmem/lib/libnvshmem_device.*",
)
"""Parts of packages: headers, and libraries and programs for compilers; 60 to 200 MB in all."""


def remove_what_serves_compilers(packages: Path) -> None:
    """Remove such parts of the packages in a folder. Raises `OSError`."""
    for pattern in _PARTS:
        for part in packages.glob(pattern):
            if part.is_dir():
                shutil.rmtree(part)
            else:
                part.unlink()
