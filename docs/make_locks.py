#!/usr/bin/env python3
"""Write the lock files of builds of PyTorch: every package, its version and its files' hashes.

    python3 docs/make_locks.py pypi --versions torch==2.14.1 torchvision==0.29.1
    python3 docs/make_locks.py cpu cu126 rocm7.1 --versions torch==2.14.1 torchvision==0.29.1

A build is `pypi`, or an index of download.pytorch.org, which must answer. Without --versions, the
newest that pyproject.toml allows are taken. Needs uv: `python3 -m pip install uv`.
"""

# ruff: noqa: E402 - the checkout must be put on the path first
from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from deepdream_core.installer.environment import SETUPTOOLS
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


def resolve(build: str, given: str, *options: str) -> str:
    """Return a lock for requirements `given` as a text. Raises `CalledProcessError`."""
    index = [] if build == PYPI else ["--index", f"{TORCH_INDEX}/{build}"]
    with tempfile.TemporaryDirectory() as folder:
        requirements = Path(folder) / "requirements.txt"
        requirements.write_text(given, "utf-8")
        uv = [sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--generate-hashes"]
        # Without building: the installer does not build either.
        uv += ["--no-build", "--no-header", "--no-annotate", *index, *options, str(requirements)]
        env = {**os.environ, "MACOSX_DEPLOYMENT_TARGET": MACHINES["darwin-arm64"][0]}
        done = subprocess.run(uv, cwd=ROOT, env=env, check=True, capture_output=True, text=True)
        return done.stdout


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


def write_lock(build: str, versions: Sequence[str]) -> None:
    """Write the lock file of a build. Raises `CalledProcessError`."""
    given = "\n".join([SETUPTOOLS, *versions]) + "\n"
    options = ("--universal", "--python-version", PYTHONS[0], str(ROOT / "pyproject.toml"))
    lock = resolve(build, given, *options)
    header = [f"# Written by docs/make_locks.py for {build}: machines, oldest systems and Pythons"]
    for machine, pythons in served(build, lock).items():
        header.append(f"# {machine} {MACHINES[machine][0]} {' '.join(pythons)}")
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
