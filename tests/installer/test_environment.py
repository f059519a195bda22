"""The engine's environment: when it is rebuilt, and the disk space it needs."""

from __future__ import annotations

import contextlib
import platform
import shutil
import sys
from pathlib import Path

import pytest
from quick_installer import Quick

from deepdream_core.installer import locks
from deepdream_core.installer.environment import (
    Environment,
    ensure_disk_space,
    what_it_needs,
)
from deepdream_core.installer.python_and_torch import TORCH_PAIR, Torch, find_python
from deepdream_core.installer.sizes import size_of
from deepdream_core.installer.system import Problem


def test_an_environment_is_rebuilt_when_its_packages_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkout, place = tmp_path / "checkout", Environment(tmp_path / "engine")
    checkout.mkdir()
    shutil.copy(Path(__file__).parents[2] / "pyproject.toml", checkout)
    monkeypatch.setattr("deepdream_core.installer.environment.CHECKOUT", checkout)
    monkeypatch.setattr("deepdream_core.installer.system.CHECKOUT", checkout)
    monkeypatch.setattr(locks, "lock_path", lambda build: tmp_path / f"{build}.txt")
    base = find_python(None)
    before = what_it_needs(place, base, "pypi")
    assert what_it_needs(place, base, "pypi") == before
    assert what_it_needs(Environment(place.folder, "[test]"), base, "pypi") != before
    project = checkout / "pyproject.toml"
    project.write_text(project.read_text("utf-8").replace('"numpy>=1.26', '"numpy>=2.0'), "utf-8")
    assert what_it_needs(place, base, "pypi") != before


def test_an_environment_is_rebuilt_when_its_lock_changes(
    quick: Quick,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    lock = tmp_path / "pypi.txt"
    monkeypatch.setattr(locks, "lock_path", lambda build: lock.with_stem(build))
    machine = f"# {sys.platform}-{platform.machine()} 0 3.11\n"
    texts = (None, f"{machine}a==1", f"{machine}a==2", "for another machine", None)
    for text, rebuilt in zip(texts, (True, True, True, True, False)):
        if text is None:
            lock.unlink(missing_ok=True)
        else:
            lock.write_text(text)
        capsys.readouterr()
        quick.install()
        assert ("already up to date" not in capsys.readouterr().out) == rebuilt, text
        quick.install()
        assert "already up to date" in capsys.readouterr().out


def test_a_disk_that_is_too_full_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    needed = size_of(Torch("cuda"), (3, 13)).peak_bytes
    usage = shutil.disk_usage(tmp_path)
    for free, enough in ((needed - 1, False), (needed, True)):
        monkeypatch.setattr(shutil, "disk_usage", lambda _, free=free: usage._replace(free=free))
        with contextlib.nullcontext() if enough else pytest.raises(Problem) as told:
            ensure_disk_space(tmp_path / "not" / "there", Torch("cuda"), (3, 13))
        if told:
            assert f"needs about {needed / 1e9:.1f} GB" in str(told.value)


def test_pytorch_is_installed_in_the_versions_of_pyproject() -> None:
    project = (Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8")
    for requirement in TORCH_PAIR:
        assert f'    "{requirement}",' in project
