#!/usr/bin/env python3
"""Write the lock files of builds of PyTorch: every package, its version and its files' hashes.

    python3 docs/make_locks.py pypi --versions torch==2.14.1 torchvision==0.29.1
    python3 docs/make_locks.py cpu cu126 rocm7.1 --versions torch==2.14.1 torchvision==0.29.1

A build is `pypi`, or an index of download.pytorch.org, which must answer. Without --versions, the
newest that pyproject.toml allows are taken. Compilers, which PyTorch requires and the engine does
not need, are left out. To measure sizes, the packages of each machine are downloaded and unpacked,
one machine after the other: 7 GB in all for `pypi`. Needs uv: `python3 -m pip install uv`.
"""

# ruff: noqa: E402 - the checkout must be put on the path first
from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from deepdream_core.installer.environment import SETUPTOOLS
from deepdream_core.installer.left_out import COMPILERS, remove_what_serves_compilers
from deepdream_core.installer.locks import PYPI, lock_path
from deepdream_core.installer.python_and_torch import TORCH_INDEX

PYTHONS = ("3.10", "3.11", "3.12", "3.13", "3.14")
MACHINES = {
    "linux-x86_64": ("2.28", "x86_64-manylinux_2_28"),
    "linux-aarch64": ("2.28", "aarch64-manylinux_2_28"),
    "darwin-arm64": ("14.0", "aarch64-apple-darwin"),
    "win32-AMD64": ("10.0", "x86_64-pc-windows-msvc"),
}
"""The installer's names of machines; the oldest C library, macOS or Windows; and uv's names."""

BLOCK = 4096
"""Bytes that a disk allots at once."""


def resolve(build: str, given: str, *options: str) -> str:
    """Return a lock for requirements `given` as a text. Raises `CalledProcessError`."""
    with tempfile.TemporaryDirectory() as folder:
        requirements = Path(folder) / "requirements.txt"
        requirements.write_text(given, "utf-8")
        listing = ["--generate-hashes", "--no-header", "--no-annotate"]
        for compiler in COMPILERS:
            listing += ["--no-emit-package", compiler]
        return uv("compile", build, *listing, *options, str(requirements))


def uv(command: str, build: str, *options: str) -> str:
    """Run a command of uv's and return its output. Raises `CalledProcessError`."""
    index = [] if build == PYPI else ["--index", f"{TORCH_INDEX}/{build}"]
    # Without building: the installer does not build either.
    full = [sys.executable, "-m", "uv", "pip", command, "--quiet", "--no-build", *index, *options]
    env = {**os.environ, "MACOSX_DEPLOYMENT_TARGET": MACHINES["darwin-arm64"][0]}
    return subprocess.run(
        full, cwd=ROOT, env=env, check=True, capture_output=True, text=True
    ).stdout


def served(build: str, lock: str) -> dict[str, list[str]]:
    """Return the Pythons for which each machine finds a file of every package in a lock."""
    found: dict[str, list[str]] = {}
    for machine, (_, name) in MACHINES.items():
        for python in PYTHONS:
            try:
                resolve(build, lock, "--python-platform", name, "--python-version", python)
            except subprocess.CalledProcessError as error:
                print(f"{build}: not for {machine} with Python {python}: {error.stderr.strip()}")
                continue
            found.setdefault(machine, []).append(python)
    return found


def size(build: str, lock: str, machine: str, python: str) -> str:
    """Return how many MB a machine downloads for a lock, and how many that takes on its disk.

    It is empty if the index does not tell the sizes of its files.
    """
    there = ("--python-platform", MACHINES[machine][1], "--python-version", python)
    files = resolve(build, lock, *there, "--format", "pylock.toml")
    packages = files.split("[[packages]]")[1:]
    sizes = [[int(size) for size in re.findall(r"\bsize = (\d+)", package)] for package in packages]
    if not all(sizes):
        print(f"{build}: the sizes of its files are not known, so sizes.py estimates them")
        return ""
    with tempfile.TemporaryDirectory() as folder:
        exact, place = Path(folder) / "exact.txt", Path(folder) / "packages"
        exact.write_text(resolve(build, lock, *there), "utf-8")
        given = ("--require-hashes", "--no-deps", "--no-cache", "--target", str(place))
        uv("install", build, *given, *there, "-r", str(exact))
        remove_what_serves_compilers(place)
        taken = sum(-(-path.lstat().st_size // BLOCK) for path in place.rglob("*")) * BLOCK
    return f"{sum(map(max, sizes)) / 1e6:.0f} {taken / 1e6:.0f}"


def write_lock(build: str, versions: Sequence[str]) -> None:
    """Write the lock file of a build. Raises `CalledProcessError`."""
    given = "\n".join([SETUPTOOLS, *versions]) + "\n"
    options = ("--universal", "--python-version", PYTHONS[0], str(ROOT / "pyproject.toml"))
    lock = resolve(build, given, *options)
    header = [f"# Written by docs/make_locks.py for {build}: machines, oldest systems and Pythons"]
    machines = served(build, lock)
    for machine, pythons in machines.items():
        header.append(f"# {machine} {MACHINES[machine][0]} {' '.join(pythons)}")
    header.append("# and how many MB they download, which take how many on the disk")
    for machine, pythons in machines.items():
        if found := size(build, lock, machine, pythons[len(pythons) // 2]):
            header.append(f"# size {machine} {found}")
    lock_path(build).write_text("\n".join(header) + f"\n{lock}", "utf-8")
    print(f"wrote {lock_path(build).relative_to(ROOT)}")


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("builds", nargs="+", metavar="BUILD")
    parser.add_argument("--versions", nargs="*", default=[], metavar="PACKAGE==VERSION")
    options = parser.parse_args()
    for build in options.builds:
        try:
            write_lock(build, options.versions)
        except subprocess.CalledProcessError as error:
            print(f"{build}: {error.stderr.strip()}")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
