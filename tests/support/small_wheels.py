"""Tiny packages for pip, and an environment that they are installed into."""

from __future__ import annotations

import hashlib
import os
import platform
import random
import sys
import venv
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from deepdream_core.installer import environment, locks
from deepdream_core.installer.environment import Environment, install_packages
from deepdream_core.installer.python_and_torch import Torch, find_python
from deepdream_core.installer.system import NO_LOCK


def make_wheel(
    folder: Path,
    name: str = "tiny",
    requires: Sequence[str] = (),
    more: Sequence[str] = (),
    weight: int = 0,
) -> str:
    """Write a package of one module and `more` empty files, and return its hash.

    `weight` is how many bytes it has besides.
    """
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}-1.0-py3-none-any.whl"
    about = f"{name}-1.0.dist-info"
    needs = "".join(f"Requires-Dist: {other}\n" for other in requires)
    files = {
        f"{name}/__init__.py": f"print('{name}')\n",
        f"{about}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n{needs}",
        f"{about}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        **dict.fromkeys(more, ""),
        **({f"{name}/weight": random.Random(name).randbytes(weight)} if weight else {}),
    }
    with zipfile.ZipFile(path, "w") as wheel:
        for file, text in files.items():
            wheel.writestr(file, text)
        wheel.writestr(f"{about}/RECORD", "".join(f"{file},,\n" for file in files))
    return hashlib.sha256(path.read_bytes()).hexdigest()


class SmallInstallation:
    """Installs packages with pip in a real environment, from small wheels in a folder."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.wheels, self.log = folder / "wheels", folder / "install.log"
        self.lock = folder / "pypi.txt"
        self.environment = Environment(folder / "engine")
        self.python = find_python(None)
        for name, value in {
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(self.wheels),
        }.items():
            monkeypatch.setenv(name, value)
        venv.create(self.environment.folder)
        # The tests' pip, setuptools and other packages, because it takes long to install them.
        self.lent = tuple(path for path in sys.path if path.endswith("-packages"))
        lender = replace(self.python, borrowed=self.lent)
        environment._borrow_packages(self.environment.python, lender)
        make_venv = environment.run_logged
        monkeypatch.setattr(
            environment,
            "run_logged",
            lambda command, *others: 0 if "venv" in command else make_venv(command, *others),
        )
        monkeypatch.setattr(locks, "lock_path", lambda build: self.lock)

    def install(self, *locked: str) -> None:
        """Install what is locked, as lines of a lock file; without any, as without a lock."""
        version = f"{self.python.version[0]}.{self.python.version[1]}"
        machine = f"# {sys.platform}-{platform.machine()} 0 {version}\n"
        self.lock.write_text(machine + "".join(f"{line}\n" for line in locked) if locked else "")
        install_packages(self.environment, self.python, Torch("pypi"), self.log, NO_LOCK)

    def borrow(self, *folders: str) -> None:
        """Install with the packages of folders, as those of another Python, and of the tests."""
        self.lock.write_text("")
        lender = replace(self.python, borrowed=(*folders, *self.lent))
        install_packages(self.environment, lender, Torch("borrowed"), self.log, NO_LOCK)

    def files(self) -> set[str]:
        """Return the files and folders that are installed."""
        packages = next(self.environment.folder.rglob("site-packages"))
        return {path.relative_to(packages).as_posix() for path in packages.rglob("*")}
