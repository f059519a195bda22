"""Atomic file writes: a reader never sees a half-written file."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from deepdream_core.shared.own_folders import make_folder, open_private, sync


@contextlib.contextmanager
def replacing(path: Path, *, durable: bool = False) -> Iterator[Path]:
    """Yield a temporary path next to `path`; when the block ends, that file replaces `path`.

    If the block raises, `path` keeps its old content and the temporary file is deleted. `durable`
    files survive a power failure: `path` then has the old content or the new one.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = unfinished_path(path)
    # What a killed process left could also be a link to somewhere else.
    unfinished.unlink(missing_ok=True)
    try:
        yield unfinished
        if durable:
            sync(unfinished)
        unfinished.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            unfinished.unlink()
        raise
    if durable:
        sync(path.parent)


def unfinished_path(path: Path) -> Path:
    """Return the temporary path that `replacing` uses; a killed process leaves the file behind."""
    # Keep the suffix: some writers choose the format from it.
    return path.with_name(f".{path.stem}.unfinished{path.suffix}")


def write_text(path: Path, text: str, *, private: bool = True) -> None:
    """Write a durable UTF-8 text file, creating its folder if necessary. Raises `OSError`.

    Only the user can read a `private` file.
    """
    make_folder(path.parent)
    opener = open_private if private else None
    with (
        replacing(path, durable=True) as unfinished,
        open(unfinished, "x", encoding="utf-8", opener=opener) as file,
    ):
        file.write(text)
