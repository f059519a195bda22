"""An installer that takes milliseconds, and what it leaves on the disk."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from deepdream_core.installer import environment, gimps, install, plug_in, system
from deepdream_core.installer.python_and_torch import BasePython, Torch


@dataclass
class Quick:
    """An installer of a tiny checkout, which takes milliseconds: without pip, torch and GIMP.

    Everything else is real: folders, lock, manifest, plug-in, link, update and removal.
    """

    home: Path
    data: Path
    checkout: Path

    def install(self, *, dry_run: bool = False) -> int:
        options = argparse.Namespace(dry_run=dry_run, engine_python=None, torch="cpu")
        return install.run_install(options)

    def uninstall(self, *, everything: bool = False, dry_run: bool = False) -> int:
        options = argparse.Namespace(dry_run=dry_run, everything=everything, engine_alone=False)
        return install.run_uninstall(options)

    @property
    def plug_in(self) -> Path:
        return self.home / ".config" / "GIMP" / "3.0" / "plug-ins" / "deepdream"

    def update(self, text: str) -> None:
        """Change the plug-in, the engine and their shared code in the checkout."""
        for name in CHECKOUT_FILES:
            (self.checkout / name).write_text(text)


CHECKOUT_FILES = (
    *("plug-ins/deepdream/deepdream.py", "plug-ins/gimpfu/shim.py"),
    *("deepdream_core/__init__.py", "deepdream_core/shared/recipe.py", "install.py"),
)


def quick_installer(
    home: Path, data: Path, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> Quick:
    for name in CHECKOUT_FILES:
        (checkout / name).parent.mkdir(parents=True, exist_ok=True)
    quick = Quick(home, data, checkout)
    quick.update("first")
    (checkout / "pyproject.toml").write_text("[project]")
    for module in (environment, install, plug_in, system):
        monkeypatch.setattr(module, "CHECKOUT", checkout)
    quick.plug_in.parent.mkdir(parents=True)
    python = BasePython(Path("/usr/bin/python3"), (3, 11))
    nothing: Callable[..., str] = lambda *_, **__: ""  # noqa: E731
    monkeypatch.setattr(environment, "find_python", lambda given: python)
    monkeypatch.setattr(environment, "run_logged", _make_venv)
    monkeypatch.setattr(environment, "pip_install", _install_with_pip)
    for name in ("ensure_venv_module", "check_engine", "ensure_disk_space"):
        monkeypatch.setattr(environment, name, nothing)
    monkeypatch.setattr(environment, "choose_torch", lambda wanted: Torch("pypi"))
    monkeypatch.setattr(install, "_self_test", nothing)
    monkeypatch.setattr(gimps, "programs", list)
    monkeypatch.setattr(install, "can_use_apt", bool)
    return quick


def _make_venv(command: Sequence[object], log: Path, *_: object) -> int:
    system.make_folder(log.parent)
    with open(log, "ab", opener=system.open_private) as out:
        out.write(b"venv\n")
    if "venv" not in command:
        return 0
    folder = Path(str(command[-1]))
    (folder / "bin").mkdir(parents=True)
    for name in ("pyvenv.cfg", "bin/python"):
        (folder / name).write_text("")
    return 0


def _install_with_pip(command: Sequence[object], *_: object, **__: object) -> None:
    """Install what was asked for, or a copy of the project's files, as pip would."""
    bin_folder = Path(str(command[0])).parent
    packages = bin_folder.parent / "packages"
    packages.mkdir(exist_ok=True)
    what = Path(str(command[-1]))
    if not what.is_dir():
        (packages / what.name).write_text("installed")
        return
    text = (what / "deepdream_core" / "__init__.py").read_text()
    (packages / "deepdream_core.py").write_text(text)
    (bin_folder / "deepdream").write_text(f"#!{bin_folder / 'python'}\n")


def tree(folder: Path) -> dict[str, object]:
    """Return everything below a folder: kind, mode and content, but no dates and no logs.

    The folders that the manifest names depend on what was there, so they are left out as well.
    """
    found: dict[str, object] = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            found[name] = ("link", str(path.readlink()))
        elif path.is_dir():
            found[name] = ("folder", path.stat().st_mode)
        elif path.name == "installed.json":
            made = json.loads(path.read_text())
            found[name] = (path.stat().st_mode, {**made, "folders": []})
        else:
            text = b"" if path.suffix == ".log" else path.read_bytes()
            found[name] = (path.stat().st_mode, text)
    return found
