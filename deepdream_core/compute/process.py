"""Settings of a process that dreams: folder, imports, memory, threads. Standard library only."""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path

from deepdream_core.shared.paths import current_folder, root_folder

_TRIM_THRESHOLD, _MMAP_MAX = -1, -4
_NEVER = 2**31 - 1
_NICE, _BELOW_NORMAL = 10, 0x4000
WAITING = {"OMP_WAIT_POLICY": "passive", "GOMP_SPINCOUNT": "3000"}
"""OpenMP's settings for waiting threads: spin for some microseconds, then sleep."""


_PACKAGES = Path(__file__).resolve().parents[2]
"""The folder from which this project is imported."""


def leave_current_folder() -> Path:
    """Go to the root folder and return the folder that was left. Call it before torch is imported.

    The current folder is often the picture's, and its files may come from anybody. NVIDIA's
    libraries would load `libcuda.so.1` from it, and Python would import modules from it.
    """
    left = current_folder()
    kept = [entry for entry in sys.path if _may_import_from(left / entry, left)]
    sys.path[:] = [entry or str(_PACKAGES) for entry in kept]
    if home := os.environ.get("DEEPDREAM_HOME"):
        os.environ["DEEPDREAM_HOME"] = str(left / home)
    os.chdir(root_folder())
    return left


def _may_import_from(entry: Path, left: Path) -> bool:
    """Return whether an entry of `sys.path` is another folder, or this project's checkout."""
    folder = entry.resolve()
    return folder == _PACKAGES or folder != left.resolve()


STARTED_IN = current_folder()
"""Relative file names in requests to an engine start here."""


def own_module(module: str) -> list[str]:
    """Return the command that runs one of our modules in a new process.

    It finds the same packages as this process: in an environment, a checkout or PYTHONPATH.
    """
    code = (
        f"import runpy, sys; sys.path[:] = {sys.path!r}; "
        f"runpy.run_module({module!r}, run_name='__main__', alter_sys=True)"
    )
    return [sys.executable, "-I", "-c", code]


def prepare() -> None:
    """Prepare this process for dreaming. Call it before torch is imported.

    Memory: a step allocates and frees hundreds of megabytes. By default, the GNU C library returns
    such blocks at once, and Linux clears every page again in the next step. Keeping the blocks,
    and using large pages, saves a third of a step's time.

    Threads: if waiting threads spin for long, they keep the threads they wait for off the CPU, and
    a dream on a busy machine takes three times as long. If they sleep at once, they wake too late
    for the next of the hundreds of short parallel sections in a step.

    Windows: torch needs Microsoft's C++ libraries. msvc-runtime puts them into the environment's
    folder, where nothing looks for them.
    """
    if sys.platform == "win32":
        os.add_dll_directory(sys.prefix)
    for name, value in WAITING.items():
        os.environ.setdefault(name, value)
    # torch uses large pages if this is set at its first allocation.
    os.environ.setdefault("THP_MEM_ALLOC_ENABLE", "1")
    if library := _gnu_library():
        library.mallopt(_MMAP_MAX, 0)
        library.mallopt(_TRIM_THRESHOLD, _NEVER)


def yield_to_others() -> None:
    """Let other programs, such as GIMP itself, have the processor first."""
    if sys.platform == "win32":
        windows = ctypes.windll.kernel32
        windows.SetPriorityClass(windows.GetCurrentProcess(), _BELOW_NORMAL)
    elif os.getpriority(os.PRIO_PROCESS, 0) < _NICE:
        os.setpriority(os.PRIO_PROCESS, 0, _NICE)


def release_free_memory() -> None:
    """Return memory that is free in this process to the system."""
    if library := _gnu_library():
        library.malloc_trim(0)


def _gnu_library() -> ctypes.CDLL | None:
    if not sys.platform.startswith("linux"):
        return None
    library = ctypes.CDLL(None)
    return library if hasattr(library, "mallopt") and hasattr(library, "malloc_trim") else None
