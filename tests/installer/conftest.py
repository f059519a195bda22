"""A separate data folder, home folder and GIMP profile for each test, and a quick installer."""

from __future__ import annotations

from pathlib import Path

import pytest
from quick_installer import Quick, quick_installer

from deepdream_core.installer.gimps import Profile


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DEEPDREAM_HOME", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture
def profile(tmp_path: Path) -> Profile:
    return Profile("3.0", tmp_path / "GIMP" / "3.0")


@pytest.fixture
def home(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home" / ".cache"))
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


@pytest.fixture
def quick(home: Path, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Quick:
    return quick_installer(home, data, tmp_path / "checkout", monkeypatch)
