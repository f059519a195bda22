"""A picture file that shows the newest frame of a film while it is dreamed."""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING

from deepdream_core.cli.failures import UsageError
from deepdream_core.cli.given_files import GivenFile
from deepdream_core.shared.atomic_files import replacing

if TYPE_CHECKING:
    from deepdream_core.dreaming.progress import Progress

_PAUSE = 2.0
"""Seconds between two pictures of a frame that is still growing."""
_LONGEST = 1 << 20
"""More than any frame's longest side."""


class FilmPreview:
    """Replaces the file as a whole, so that whoever looks at it sees no half of a picture."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._shown = time.monotonic()

    def show_finished(self, frame: Path) -> None:
        """Show a frame that has been written as a PNG file."""
        with replacing(self._path) as unfinished:
            shutil.copyfile(frame, unfinished)
        self._shown = time.monotonic()

    def show_growing(self, progress: Progress) -> None:
        """Show the frame so far, unless the file was replaced a moment ago."""
        from deepdream_core.video.unfinished import save_frame

        if time.monotonic() - self._shown < _PAUSE:
            return
        with replacing(self._path) as unfinished:
            save_frame(unfinished, progress.picture(_LONGEST))
        self._shown = time.monotonic()


def preview_in(file: GivenFile | None) -> FilmPreview | None:
    """Return the preview in a file that the user named, if any. Raises `UsageError`."""
    if file is None:
        return None
    if file.path.suffix.lower() != ".png":
        raise UsageError(f"{file.typed} must end in .png, as the preview is a PNG file.")
    from deepdream_core.cli.destinations import check_folder

    check_folder(file)
    return FilmPreview(file.path)
