"""Where the data folder is for GIMP in a Flatpak, and for programs outside."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from deepdream_core.shared.paths import data_folder

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only on Linux")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("DEEPDREAM_HOME", "XDG_DATA_HOME", "HOST_XDG_DATA_HOME", "FLATPAK_ID"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def inside(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data folder that Flatpak gives to GIMP."""
    own = home / ".var" / "app" / "org.gimp.GIMP" / "data"
    monkeypatch.setenv("FLATPAK_ID", "org.gimp.GIMP")
    monkeypatch.setenv("XDG_DATA_HOME", str(own))
    return own


def test_a_sandbox_that_sees_the_home_folder_has_the_same_as_outside(
    home: Path, inside: Path
) -> None:
    (home / ".local" / "share").mkdir(parents=True)
    assert data_folder() == home / ".local" / "share" / "deepdream-gimp"


def test_it_follows_the_users_own_choice(
    home: Path, inside: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "elsewhere").mkdir()
    monkeypatch.setenv("HOST_XDG_DATA_HOME", str(home / "elsewhere"))
    assert data_folder() == home / "elsewhere" / "deepdream-gimp"


def test_a_sandbox_that_sees_nothing_else_keeps_it_in_its_own_folder(
    home: Path, inside: Path
) -> None:
    assert data_folder() == inside / "deepdream-gimp"


def test_one_that_may_see_nothing_but_our_folder_uses_it(
    home: Path, inside: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = home / ".local" / "share" / "deepdream-gimp"
    ours.mkdir(parents=True)
    # Root may write anywhere.
    monkeypatch.setattr(os, "access", lambda path, mode: path == ours)
    assert data_folder() == ours
