"""Atomic file writes."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from faults import ERROR, KILL, every

from deepdream_core.shared.atomic_files import replacing, unfinished_path, write_text


def test_a_file_and_its_folder_are_created_and_no_temporary_file_remains(tmp_path: Path) -> None:
    path = tmp_path / "new" / "notes.txt"
    write_text(path, "Träume\n")
    write_text(path, "Traum\n")
    assert path.read_bytes() == b"Traum\n"
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt])
def test_a_failed_write_keeps_the_old_file(tmp_path: Path, error: type[BaseException]) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("old")
    with pytest.raises(error), replacing(path) as unfinished:
        unfinished.write_text("half of the n")
        assert path.read_text() == "old"
        raise error
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_the_temporary_file_keeps_the_suffix_for_writers_that_choose_the_format_from_it() -> None:
    assert unfinished_path(Path("a/dream.png")) == Path("a/.dream.unfinished.png")


@pytest.mark.parametrize("fault", [ERROR, KILL])
@pytest.mark.parametrize("present", ["old", None])
def test_after_any_fault_there_is_the_old_file_or_the_new_one(
    tmp_path: Path, fault: str, present: str | None
) -> None:
    path, tries = tmp_path / "folder" / "settings.json", 0
    if present:
        write_text(path, present)
    for tried in every(lambda: write_text(path, "new"), fault):
        kept = path.read_text() if path.exists() else None
        assert kept in (present, "new"), tried
        if fault == ERROR:
            # A failing `mkdir` of a folder that is there is no error, nor is one of its sync.
            assert (kept == present) == tried.reported, tried
            assert not unfinished_path(path).exists(), tried
        write_text(path, "again")
        assert path.read_text() == "again" and list(path.parent.iterdir()) == [path], tried
        write_text(path, present) if present else path.unlink()
        tries += 1
    assert tries >= 4


def test_a_text_is_on_the_disk_before_it_replaces_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = []

    def noting(name: str) -> None:
        real = getattr(os, name)
        monkeypatch.setattr(os, name, lambda *args: (done.append(name), real(*args))[1])

    noting("fsync")
    noting("replace")
    write_text(tmp_path / "settings.json", "{}")
    assert done == ["fsync", "replace", "fsync"]


def test_a_text_is_private_unless_it_is_exported(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text("readable by all")
    path.chmod(0o644)
    write_text(path, "private")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    write_text(path, "exported", private=False)
    assert stat.S_IMODE(path.stat().st_mode) & 0o400 == 0o400
    plain = tmp_path / "plain"
    plain.touch()
    assert path.stat().st_mode == plain.stat().st_mode


def test_a_link_in_the_place_of_the_temporary_file_is_not_followed(tmp_path: Path) -> None:
    precious, path = tmp_path / "precious", tmp_path / "settings.json"
    precious.write_text("mine")
    unfinished_path(path).symlink_to(precious)
    write_text(path, "{}")
    assert precious.read_text() == "mine"
    assert path.read_text() == "{}" and not path.is_symlink()
