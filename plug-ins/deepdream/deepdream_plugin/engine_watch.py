"""Noticing an engine that has stopped: it neither sends nor accepts a byte.

A working engine says every few seconds that it is alive, however long a step takes. Only while a
library is being loaded can it be silent for longer; then the system shows the process at work.
"""

from __future__ import annotations

import contextlib
import io
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Union

from deepdream_core.shared.protocol import SILENT_SECONDS, PixelBytes

LONGEST_SECONDS = 60.0
"""An engine that stays silent for longer has stopped, even if its process seems to work."""
RawStream = Union[IO[bytes], io.RawIOBase]
_TICK = 1.0
_PIECE = 1 << 16
"""Bytes written at once, so that a slow connection shows progress."""


def seems_at_work(process: int) -> bool:
    """Return whether a process computes or reads from a disk; True if this system does not tell."""
    if not process or not Path("/proc/self/stat").exists():
        return True
    return state_of(process) in ("R", "D")


def state_of(process: int) -> str:
    """Return the letter that Linux shows for a process's state; empty if it is not there."""
    try:
        # The name, in brackets, may itself contain brackets and spaces.
        return Path(f"/proc/{process}/stat").read_text("ascii", "replace").rpartition(")")[2][1]
    except (OSError, IndexError):
        return ""


class _Wait:
    def __init__(self) -> None:
        self.seconds = 0.0


class Watchdog:
    """Calls `give_up` once if somebody waits for the engine and it has stopped.

    Silence is counted in seconds that this process was awake for: a laptop that slept counts none.
    """

    def __init__(self, at_work: Callable[[], bool], give_up: Callable[[], None]) -> None:
        self._at_work = at_work
        self._give_up = give_up
        self._waits: set[_Wait] = set()
        self._changed = threading.Condition()
        self._closed = False
        self._resting = False
        self._giving_up = False
        self._thread = threading.Thread(target=self._run, daemon=True, name="watchdog")
        self._thread.start()

    @contextlib.contextmanager
    def waiting(self) -> Iterator[None]:
        """Count the seconds of this block as the engine's silence."""
        wait = _Wait()
        with self._changed:
            self._waits.add(wait)
            if self._resting:
                self._changed.notify_all()
        try:
            yield
        finally:
            with self._changed:
                self._waits.discard(wait)

    def gave_up(self) -> bool:
        """Return whether it has given up the engine; waits for the end of `give_up`."""
        if self._giving_up:
            self._thread.join()
        return self._giving_up

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _run(self) -> None:
        while True:
            with self._changed:
                self._resting = True
                self._changed.wait_for(lambda: self._waits or self._closed)
                self._resting = False
                if self._changed.wait_for(lambda: self._closed, _TICK):
                    return
                for wait in self._waits:
                    wait.seconds += _TICK
                silence = max((wait.seconds for wait in self._waits), default=0.0)
            if silence >= LONGEST_SECONDS or (silence >= SILENT_SECONDS and not self._at_work()):
                self._giving_up = True
                self._give_up()
                return


class WatchedStream:
    """An engine's stream; every wait for it is watched. For `receive` and `send`."""

    def __init__(self, reader: RawStream, writer: RawStream, watchdog: Watchdog) -> None:
        """Both are unbuffered: `close` must never wait for the engine."""
        self._reader = reader
        self._writer = writer
        self._watchdog = watchdog

    def readinto(self, buffer: memoryview, /) -> int | None:
        with self._watchdog.waiting():
            return self._reader.readinto(buffer)  # pyright: ignore[reportAttributeAccessIssue]

    def write(self, data: PixelBytes, /) -> None:
        view = memoryview(data)
        while view:
            with self._watchdog.waiting():
                view = view[self._writer.write(view[:_PIECE]) or 0 :]

    def flush(self) -> None:
        pass
