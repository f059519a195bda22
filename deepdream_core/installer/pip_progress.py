"""How far pip has come: it tells a program nothing, but what it has written can be measured."""

from __future__ import annotations

import os
import time
from pathlib import Path

from deepdream_core.installer.reports import report

_INSTALLS = b"\nInstalling collected packages"
"""What pip writes to the log once everything is downloaded."""
_COMMAND = b"\n$ "
"""What begins each run of pip in the log."""
_PAUSE = 2.0
"""Seconds between two looks at tens of thousands of unpacked files."""


class PipProgress:
    """Reports the bytes downloaded, then the bytes unpacked, of one run of pip after the other."""

    def __init__(
        self, log: Path, temporary: Path, environment: Path, downloads: int, unpacked: int
    ) -> None:
        """`downloads` and `unpacked` are how many bytes are expected; 0 if that is not known.

        pip downloads into `temporary`, unpacks into `environment`, and appends to `log`.
        """
        self._log, self._temporary, self._environment = log, temporary, environment
        self._expected = {"download": downloads, "unpack": unpacked}
        self._before = size_of_files(environment)
        self._looked = 0.0

    def tell(self) -> None:
        """Report how far pip has come. Call it as often as you like."""
        if self._is_unpacking():
            if time.monotonic() - self._looked < _PAUSE:
                return
            done = size_of_files(self._environment) - self._before
            self._report("unpack", done)
            self._looked = time.monotonic()
        else:
            wheels = (path for path in self._temporary.rglob("*.whl"))
            self._report("download", sum(map(_size, wheels)))

    def _report(self, phase: str, done: int) -> None:
        report("progress", phase=phase, done=done, total=max(done, self._expected[phase]))

    def _is_unpacking(self) -> bool:
        return _INSTALLS in self._log.read_bytes().rpartition(_COMMAND)[2]


def size_of_files(folder: Path) -> int:
    """Return the bytes of the files in a folder and its subfolders, some of which may vanish."""
    return sum(_size(Path(place) / name) for place, _, files in os.walk(folder) for name in files)


def _size(path: Path) -> int:
    try:
        return path.lstat().st_size
    except OSError:
        return 0
