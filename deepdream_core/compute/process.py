"""How the process that dreams treats memory and processor. Standard library only."""

from __future__ import annotations

import ctypes
import os
import sys

_TRIM_THRESHOLD, _MMAP_MAX = -1, -4
_NEVER = 2**31 - 1
WAITING = {"OMP_WAIT_POLICY": "passive", "GOMP_SPINCOUNT": "1000"}
"""How threads wait for each other: they spin for some microseconds, then sleep."""


def prepare() -> None:
    """Make this process ready to dream; to be called before torch is imported.

    A step takes and frees hundreds of megabytes. The GNU C library would return such blocks at
    once, and Linux would clear every page of them again at the next step: kept, and in large
    pages, they save a third of a step's time. Threads that wait soon sleep: spinning on, they keep
    those they wait for from the processor, and a dream beside other work takes three times as
    long; asleep at once, they wake too late for the next of a step's hundreds of short turns.
    """
    for name, value in WAITING.items():
        os.environ.setdefault(name, value)
    # torch asks for large pages if this is set when it first takes memory.
    os.environ.setdefault("THP_MEM_ALLOC_ENABLE", "1")
    if library := _gnu_library():
        library.mallopt(_MMAP_MAX, 0)
        library.mallopt(_TRIM_THRESHOLD, _NEVER)


def give_back() -> None:
    """Return what is free now to the system: nothing is dreamed for a while."""
    if library := _gnu_library():
        library.malloc_trim(0)


def _gnu_library() -> ctypes.CDLL | None:
    if not sys.platform.startswith("linux"):
        return None
    library = ctypes.CDLL(None)
    return library if hasattr(library, "mallopt") and hasattr(library, "malloc_trim") else None
