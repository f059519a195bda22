"""Private files, and folders that are marked as DeepDream's own."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from faults import ERROR, KILL, every

from deepdream_core.shared.own_folders import (
    MARK,
    is_marked,
    leaving_folder,
    make_folder,
    make_marked_folder,
    open_private,
    remove_marked_folder,
)


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DEEPDREAM_HOME", str(tmp_path / "data"))
    return tmp_path / "data"


def test_only_subfolders_of_the_data_folder_are_marked_and_all_are_private(data: Path) -> None:
    make_folder(data)
    make_folder(data / "models")
    make_folder(data.parent / "elsewhere")
    assert [is_marked(folder) for folder in (data, data / "models")] == [False, True]
    assert list((data.parent / "elsewhere").iterdir()) == []
    for folder in (data, data / "models", data.parent / "elsewhere"):
        assert mode_of(folder) == 0o700
    assert [path.name for path in data.iterdir()] == ["models"]


def test_a_folder_of_the_users_is_neither_marked_nor_removed(data: Path) -> None:
    (data / "models").mkdir(parents=True, mode=0o755)
    before = mode_of(data / "models")
    make_folder(data / "models")
    remove_marked_folder(data / "models")
    assert list((data / "models").iterdir()) == [] and mode_of(data / "models") == before
    make_folder(data / "presets")
    (data / "link").symlink_to(data / "presets")
    remove_marked_folder(data / "link")
    assert is_marked(data / "presets") and not is_marked(data / "link")


@pytest.mark.parametrize("fault", [ERROR, KILL])
def test_a_folder_appears_with_its_mark_and_disappears_as_a_whole(data: Path, fault: str) -> None:
    folder, tries = data / "models", 0
    for tried in every(lambda: make_marked_folder(folder), fault):
        assert not folder.exists() or is_marked(folder), tried
        make_marked_folder(folder)
        assert [path.name for path in data.iterdir()] == ["models"], tried
        (folder / "weights").touch()
        remove_marked_folder(folder)
        assert list(data.iterdir()) == [], tried
        data.rmdir()
        tries += 1
    make_marked_folder(folder)
    for tried in every(lambda: remove_marked_folder(folder), fault):
        assert is_marked(folder) or not folder.exists(), tried
        assert folder.exists() != leaving_folder(folder).exists(), tried
        remove_marked_folder(folder)
        assert list(data.iterdir()) == [], tried
        make_marked_folder(folder)
        tries += 1
    assert tries > 5


def test_a_link_is_not_written_through(tmp_path: Path) -> None:
    precious, link = tmp_path / "precious", tmp_path / "engine.log"
    precious.write_text("mine")
    link.symlink_to(precious)
    for mode in ("ab", "wb", "r+b"):
        with pytest.raises(OSError), open(link, mode, opener=open_private):
            pass
    assert precious.read_text() == "mine"
    with open(tmp_path / "fresh.log", "ab", opener=open_private):
        assert mode_of(tmp_path / "fresh.log") == 0o600
    assert MARK.startswith(".")
