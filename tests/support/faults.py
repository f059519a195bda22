"""Faults of the disk: the n-th operation that changes a file fails, or the process dies there.

Each try runs in a forked process, so that being killed is really being killed.
"""

from __future__ import annotations

import builtins
import errno
import io
import os
import sys
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

ERROR, KILL = "error", "kill"
CHANGING = (
    *("replace", "rename", "fsync", "mkdir", "unlink", "remove", "rmdir"),
    *("link", "symlink", "chmod", "sendfile"),
)
"""The functions of `os` that are counted, besides opening for writing and writing."""

_DONE, _REPORTED, _RAW, _KILLED = 0, 3, 4, 9


@dataclass(frozen=True)
class Try:
    """What came of an action during which a fault struck."""

    number: int
    """Which operation it was, from 1."""
    fault: str
    operation: str
    """The operation's name, or an empty string if the action ended before the fault."""
    ended: int

    @property
    def reported(self) -> bool:
        """Whether the action raised an expected error."""
        return self.ended == _REPORTED

    def __str__(self) -> str:
        return f"{self.fault} at operation {self.number} ({self.operation})"


def attempt(
    action: Callable[[], object],
    number: int,
    fault: str,
    expected: tuple[type[BaseException], ...] = (OSError,),
) -> Try:
    """Run an action in a forked process, with a fault at its `number`-th operation.

    Fails if it raises anything but the `expected` errors.
    """
    reading, writing = os.pipe()
    sys.stdout.flush()
    child = os.fork()
    if not child:
        os.close(reading)
        os._exit(_run(action, number, fault, expected, writing))
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        told = pipe.read().decode()
    ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    operation, _, trace = told.partition("\n")
    tried = Try(number, fault, operation, ended)
    assert ended in (_DONE, _REPORTED, _KILLED), f"{tried}: {trace}"
    return tried


def every(action: Callable[[], object], fault: str, **options: Any) -> Iterator[Try]:
    """Yield the tries of faults at every operation of an action, one after the other."""
    number = 1
    while (tried := attempt(action, number, fault, **options)).operation:
        yield tried
        number += 1


def count(action: Callable[[], object]) -> int:
    """Return how many operations an action has, by running it undisturbed in a forked process."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        with _disturbed(0, ERROR, writing) as seen:
            action()
        os.write(writing, str(len(seen)).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        told = pipe.read()
    os.waitpid(child, 0)
    return int(told)


def _run(
    action: Callable[[], object],
    number: int,
    fault: str,
    expected: tuple[type[BaseException], ...],
    pipe: int,
) -> int:
    try:
        with _disturbed(number, fault, pipe):
            action()
    except expected:
        return _REPORTED
    except BaseException:
        os.write(pipe, b"\n" + traceback.format_exc().encode())
        return _RAW
    return _DONE


class _disturbed:
    """Counts the operations of this process while the block runs, and disturbs the n-th."""

    def __init__(self, number: int, fault: str, pipe: int) -> None:
        self.number, self.fault, self.pipe = number, fault, pipe
        self.seen: list[str] = []

    def __enter__(self) -> list[str]:
        for name in CHANGING:
            setattr(os, name, self._counted(name, getattr(os, name)))
        self.open, self.os_open = builtins.open, os.open
        builtins.open = io.open = self._opened  # type: ignore[assignment]
        os.open = self._os_opened  # type: ignore[assignment]
        return self.seen

    def __exit__(self, *_: object) -> None:
        """Nothing is put back: the process ends."""

    def _strike(self, name: str) -> bool:
        self.seen.append(name)
        if len(self.seen) != self.number:
            return False
        os.write(self.pipe, name.encode())
        if self.fault == KILL:
            os._exit(_KILLED)
        return True

    def _counted(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def disturbed(*arguments: Any, **options: Any) -> Any:
            if self._strike(name):
                raise OSError(errno.ENOSPC, "No space left on device", str(arguments[0]))
            return real(*arguments, **options)

        return disturbed

    def _os_opened(self, path: Any, flags: int, *arguments: Any, **options: Any) -> int:
        if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT) and self._strike("open"):
            raise OSError(errno.EROFS, "Read-only file system", str(path))
        return self.os_open(path, flags, *arguments, **options)

    def _opened(self, path: Any, mode: str = "r", *arguments: Any, **options: Any) -> Any:
        writes = bool(set("wax+") & set(mode)) and not isinstance(path, int)
        if writes and self._strike("open"):
            raise OSError(errno.EROFS, "Read-only file system", str(path))
        file = self.open(path, mode, *arguments, **options)
        if writes:
            real = file.write

            def write(data: Any) -> int:
                if self.number == len(self.seen) + 1:
                    # Half of it arrives.
                    real(data[: len(data) // 2])
                    file.flush()
                if self._strike("write"):
                    raise OSError(errno.ENOSPC, "No space left on device", str(path))
                return real(data)

            file.write = write
        return file
