"""Where dreams go: what is checked before the first one begins."""

from __future__ import annotations

import os
from collections.abc import Iterable

from deepdream_core.cli.failures import UsageError
from deepdream_core.cli.given_files import GivenFile
from deepdream_core.cli.plan import is_pattern
from deepdream_core.pictures.formats import can_write


def is_one_picture(output: GivenFile) -> bool:
    """Return whether what was named after -o is a picture rather than a folder or a pattern."""
    if is_pattern(output) or output.path.is_dir():
        return False
    return output.path.is_file() or can_write(output.path)


def check_folder(file: GivenFile) -> None:
    """Raise `UsageError` unless a file can be written into its folder."""
    folder = file.path.parent
    if not folder.is_dir():
        raise UsageError(f"The folder {file.typed.parent} does not exist.")
    if not os.access(folder, os.W_OK):
        raise UsageError(f"The folder {file.typed.parent} cannot be written to.")


def make_folders(outputs: Iterable[GivenFile]) -> None:
    """Make the folders of files that will be written. Raises `UsageError`."""
    for folder, typed in {one.path.parent: one.typed.parent for one in outputs}.items():
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            reason = f"cannot be created ({error.strerror})"
        else:
            if os.access(folder, os.W_OK):
                continue
            reason = "cannot be written to"
        raise UsageError(f"The folder {typed} {reason}; choose another one.")
