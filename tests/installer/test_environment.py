"""The engine's environment: when it is rebuilt, and the disk space it needs."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from deepdream_core.installer.environment import (
    TORCH_PAIR,
    Environment,
    ensure_disk_space,
    what_it_needs,
)
from deepdream_core.installer.python_and_torch import Torch, find_python
from deepdream_core.installer.system import Problem


def test_an_environment_is_rebuilt_when_its_packages_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkout, place = tmp_path / "checkout", Environment(tmp_path / "engine")
    checkout.mkdir()
    shutil.copy(Path(__file__).parents[2] / "pyproject.toml", checkout)
    monkeypatch.setattr("deepdream_core.installer.environment.CHECKOUT", checkout)
    monkeypatch.setattr("deepdream_core.installer.system.CHECKOUT", checkout)
    base = find_python(None)
    before = what_it_needs(place, base)
    assert what_it_needs(place, base) == before
    assert what_it_needs(Environment(place.folder, "[test]"), base) != before
    project = checkout / "pyproject.toml"
    project.write_text(project.read_text("utf-8").replace('"numpy>=1.26', '"numpy>=2.0'), "utf-8")
    assert what_it_needs(place, base) != before


def test_a_disk_that_is_too_full_is_reported(tmp_path: Path) -> None:
    huge = Torch("cuda", gigabytes=1e6)
    with pytest.raises(Problem, match="needs about 1e\\+06 GB"):
        ensure_disk_space(tmp_path / "not" / "there", huge)
    ensure_disk_space(tmp_path, Torch("cpu", gigabytes=0.0))


def test_pytorch_is_installed_in_the_versions_of_pyproject() -> None:
    project = (Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8")
    for requirement in TORCH_PAIR:
        assert f'    "{requirement}",' in project
