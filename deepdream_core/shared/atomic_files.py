"""Atomic file writes: a reader never sees a half-written file."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary path next to `path`; when the block ends, that file replaces `path`.

    If the block raises, `path` keeps its old content and the temporary file is deleted.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = unfinished_path(path)
    try:
        yield unfinished
        unfinished.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            unfinished.unlink()
        raise


def unfinished_path(path: Path) -> Path:
    """Return the temporary path that `replacing` uses; a killed process leaves the file behind."""
    # Keep the suffix: some writers choose the format from it.
    return path.with_name(f".{path.stem}.unfinished{path.suffix}")


def write_text(path: Path, text: str) -> None:
    """Write a UTF-8 text file, creating its folder if necessary. Raises `OSError`."""
    with replacing(path) as unfinished:
        unfinished.write_text(text, "utf-8")
