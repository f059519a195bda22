"""Files that are there whole or not at all."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a path beside `path` to write to; what was written there then replaces `path`.

    If the block raises, `path` stays as it was and nothing is left beside it.
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
    """Return where `replacing` has `path` written to; a killed process leaves it there."""
    # The ending stays: some writers choose the format by it.
    return path.with_name(f".{path.stem}.unfinished{path.suffix}")


def write_text(path: Path, text: str) -> None:
    """Write a text file, UTF-8, making its folder if need be. Raises `OSError`."""
    with replacing(path) as unfinished:
        unfinished.write_text(text, "utf-8")
