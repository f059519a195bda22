"""Lock files: what they contain, where they apply, and that pip refuses what has another hash."""

from __future__ import annotations

import platform
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from packaging.markers import Marker
from packaging.requirements import Requirement
from quick_installer import Quick
from small_wheels import SmallInstallation, make_wheel

from deepdream_core.installer import environment
from deepdream_core.installer.environment import SETUPTOOLS, Environment, install_packages
from deepdream_core.installer.left_out import COMPILERS
from deepdream_core.installer.locks import PYPI, build_name, lock_for, lock_path
from deepdream_core.installer.python_and_torch import BasePython, Torch
from deepdream_core.installer.system import NO_LOCK, Problem

PYPROJECT = Path(__file__).parents[2] / "pyproject.toml"
SYSTEMS = {
    ("linux", "x86_64"): "2.28",
    ("linux", "aarch64"): "2.28",
    ("darwin", "arm64"): "14.0",
    ("win32", "AMD64"): "10.0.19045",
}
PYTHONS = [(3, minor) for minor in range(10, 15)]


def pretend(monkeypatch: pytest.MonkeyPatch, system: str, machine: str, version: str) -> None:
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr(platform, "machine", lambda: machine)
    monkeypatch.setattr(platform, "libc_ver", lambda: ("glibc", version))
    monkeypatch.setattr(platform, "mac_ver", lambda: (version, ("", "", ""), machine))
    monkeypatch.setattr(platform, "version", lambda: version)


def needed() -> list[Requirement]:
    """Return what pyproject.toml requires, and setuptools, which builds the project."""
    listed = re.search(r"^dependencies = \[(.+?)^\]", PYPROJECT.read_text("utf-8"), re.M | re.S)
    assert listed
    names = re.findall(r'^ +"(.+?)",', listed[1], re.M)
    assert len(names) >= 5
    return [Requirement(name) for name in (*names, SETUPTOOLS)]


def locked_versions(lock: Path, environment: Mapping[str, str]) -> dict[str, str]:
    """Return the version of each package that pip takes from a lock in some environment."""
    found: dict[str, str] = {}
    for line in re.findall(r"^[a-z].+==.+", lock.read_text("utf-8"), re.M):
        name, version, marker = re.match(r"(\S+)==(\S+)(?: ; (.+))? \\$", line).groups()  # pyright: ignore[reportOptionalMemberAccess]
        if marker is None or Marker(marker).evaluate(dict(environment)):
            assert name not in found
            found[name] = version
    return found


@pytest.mark.parametrize(("system", "machine"), SYSTEMS)
@pytest.mark.parametrize("python", PYTHONS)
def test_a_lock_has_all_that_pyproject_requires_in_its_versions(
    monkeypatch: pytest.MonkeyPatch, system: str, machine: str, python: tuple[int, int]
) -> None:
    pretend(monkeypatch, system, machine, SYSTEMS[system, machine])
    lock = lock_for(PYPI, python)
    assert lock == lock_path(PYPI)
    version = f"{python[0]}.{python[1]}"
    there = {
        "python_version": version,
        "python_full_version": f"{version}.1",
        "sys_platform": system,
        "platform_machine": machine,
    }
    versions = locked_versions(lock, there)
    for requirement in needed():
        if requirement.marker and not requirement.marker.evaluate(there):
            continue
        assert versions[requirement.name] in requirement.specifier, requirement
    assert ("nvidia-cublas" in versions) == (system == "linux")
    assert not set(COMPILERS) & set(versions)


@pytest.mark.parametrize(
    ("system", "machine", "version", "python"),
    [
        ("linux", "x86_64", "2.17", (3, 13)),
        ("linux", "x86_64", "", (3, 13)),
        ("linux", "riscv64", "2.41", (3, 13)),
        ("darwin", "arm64", "13.7", (3, 13)),
        ("darwin", "x86_64", "15.0", (3, 13)),
        ("linux", "x86_64", "2.41", (3, 15)),
    ],
)
def test_where_files_are_missing_there_is_no_lock(
    monkeypatch: pytest.MonkeyPatch,
    system: str,
    machine: str,
    version: str,
    python: tuple[int, int],
) -> None:
    pretend(monkeypatch, system, machine, version)
    assert lock_for(PYPI, python) is None


def test_a_lock_is_for_one_build() -> None:
    assert build_name(Torch("cuda")) == build_name(Torch("apple")) == PYPI
    assert build_name(Torch("cpu", "https://download.pytorch.org/whl/cpu")) == "cpu"
    assert lock_for("rocm7.1", sys.version_info[:2]) is None
    assert lock_for(build_name(Torch("borrowed")), sys.version_info[:2]) is None


def test_only_files_with_the_locked_hash_are_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By pip, in a real environment, although a constraint allows other versions only.

    And by no other module of that name in the current folder.
    """
    (tmp_path / "here" / "pip").mkdir(parents=True)
    for name in ("__init__.py", "__main__.py"):
        (tmp_path / "here" / "pip" / name).write_text("raise SystemExit('foreign')")
    monkeypatch.chdir(tmp_path / "here")
    small = SmallInstallation(tmp_path, monkeypatch)
    right, wrong = make_wheel(small.wheels), "0" * 64
    (tmp_path / "constraints.txt").write_text("tiny<1\n")
    monkeypatch.setenv("PIP_CONSTRAINT", str(tmp_path / "constraints.txt"))
    for line, problem in [
        (f"tiny==1.0 --hash=sha256:{wrong}", "damaged or was altered .tiny==1.0."),
        (f"tiny==2.0 --hash=sha256:{right}", "has no tiny==2.0"),
        ("tiny==1.0", "pip failed: Hashes are required"),
    ]:
        with pytest.raises(Problem, match=problem) as told:
            small.install(line)
        assert len(str(told.value)) - len(str(small.log)) < 250
        assert "tiny" not in small.files()
    small.install(f"tiny==1.0 --hash=sha256:{right}")
    assert {"tiny/__init__.py", "deepdream_core/installer/locks/pypi.txt"} <= small.files()


def test_after_a_lock_nothing_more_is_downloaded(
    quick: Quick, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands: list[list[str]] = []
    install, python = environment.pip_install, BasePython(Path("python3"), (3, 13))
    log = quick.data / "install.log"

    def record(command: Sequence[object], *others: Any, **named: Any) -> None:
        commands.append([str(part) for part in command])
        install(command, *others, **named)

    def options(torch: Torch, extras: str = "") -> list[list[str]]:
        commands.clear()
        fresh = Environment(quick.data / f"{torch.build}{extras}" / "engine", extras)
        fresh.folder.parent.mkdir(parents=True)
        install_packages(fresh, python, torch, log, NO_LOCK)
        return [command[command.index("install") :] for command in commands]

    monkeypatch.setattr(environment, "pip_install", record)
    pretend(monkeypatch, "linux", "x86_64", "2.41")
    packages, project = options(Torch("pypi"))
    assert packages[-4:] == ["--require-hashes", "--no-deps", "-r", str(lock_path(PYPI))]
    assert {"--no-index", "--no-deps"} <= set(project)
    packages, project, others = options(Torch("pypi"), "[test]")
    assert "--require-hashes" in packages and "--no-index" not in others
    for without in (Torch("rocm", "https://download.pytorch.org/whl/rocm7.1"), Torch("borrowed")):
        *packages, project, others = options(without)
        for command in (*packages, others):
            assert not {"--require-hashes", "--no-index", "--no-deps"} & set(command)


def test_every_python_that_is_started_is_isolated(
    quick: Quick, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It imports nothing from the current folder."""
    commands: list[list[str]] = []
    make_venv = environment.run_logged

    def record(command: Sequence[object], *others: Any, **_named: Any) -> int:
        commands.append([str(part) for part in command])
        return make_venv(command, *others) if "venv" in command else 0

    monkeypatch.setattr(environment, "run_logged", record)
    monkeypatch.setattr(environment, "pip_install", record)
    monkeypatch.setattr(environment, "_borrow_packages", lambda *_: None)
    fresh, log = Environment(quick.data / "engine"), quick.data / "install.log"
    fresh.folder.parent.mkdir()
    lender = BasePython(Path("python3"), (3, 13), ("/packages",))
    install_packages(fresh, lender, Torch("borrowed"), log, NO_LOCK)
    environment.install_project(fresh, quick.data, log, NO_LOCK)
    assert len(commands) == 6
    assert all(command[1] == "-I" and "-m" in command[2:5] for command in commands)
