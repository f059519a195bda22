"""Messages, files and the manifest."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from deepdream_core.installer.system import Manifest, explain_os_error


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "The disk is full"),
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
