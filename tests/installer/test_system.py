"""Messages, files and the manifest."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from deepdream_core.installer.system import Manifest, explain_os_error, remove_leftovers


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "the disk is full"),
        (errno.EROFS, "is on a read-only disk"),
        (errno.EACCES, "no permission to write"),
        (errno.EIO, "Input/output error"),
    ],
)
def test_os_errors_are_explained(number: int, words: str) -> None:
    message = explain_os_error(OSError(number, "Input/output error", "/some/where"))
    assert words in message and "/some/where" in message


def test_a_damaged_manifest_counts_as_empty(data: Path) -> None:
    data.mkdir()
    for text in ("{", "[1]", "7"):
        (data / "installed.json").write_text(text)
        assert Manifest().made["plug_ins"] == []


def test_only_the_installers_leftovers_are_removed(tmp_path: Path) -> None:
    for name in ("engine.new", ".project-x", "tmp", "engine", "models", "presets"):
        (tmp_path / name).mkdir()
    (tmp_path / ".installed.unfinished.json").touch()
    remove_leftovers(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"engine", "models", "presets"}
