"""Atomic file writes."""

from __future__ import annotations

from pathlib import Path

import pytest

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
