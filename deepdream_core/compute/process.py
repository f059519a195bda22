"""Memory and thread settings of a process that dreams. Standard library only."""

from __future__ import annotations

import ctypes
import os
import sys

_TRIM_THRESHOLD, _MMAP_MAX = -1, -4
_NEVER = 2**31 - 1
WAITING = {"OMP_WAIT_POLICY": "passive", "GOMP_SPINCOUNT": "1000"}
"""OpenMP's settings for waiting threads: spin for some microseconds, then sleep."""


def prepare() -> None:
    """Prepare this process for dreaming. Call it before torch is imported.

    Memory: a step allocates and frees hundreds of megabytes. By default, the GNU C library returns
    such blocks at once, and Linux clears every page again in the next step. Keeping the blocks,
    and using large pages, saves a third of a step's time.

    Threads: if waiting threads spin for long, they keep the threads they wait for off the CPU, and
    a dream on a busy machine takes three times as long. If they sleep at once, they wake too late
    for the next of the hundreds of short parallel sections in a step.
    """
    for name, value in WAITING.items():
        os.environ.setdefault(name, value)
    # torch uses large pages if this is set at its first allocation.
    os.environ.setdefault("THP_MEM_ALLOC_ENABLE", "1")
    if library := _gnu_library():
        library.mallopt(_MMAP_MAX, 0)
        library.mallopt(_TRIM_THRESHOLD, _NEVER)


def release_free_memory() -> None:
    """Return memory that is free in this process to the system."""
    if library := _gnu_library():
        library.malloc_trim(0)


def _gnu_library() -> ctypes.CDLL | None:
    if not sys.platform.startswith("linux"):
        return None
    library = ctypes.CDLL(None)
    return library if hasattr(library, "mallopt") and hasattr(library, "malloc_trim") else None
