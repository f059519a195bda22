"""What child processes need on Windows: no console window, and to end with their parent."""

from __future__ import annotations

import functools
import subprocess
import sys
from typing import Any

NO_WINDOW = 0x08000000 if sys.platform == "win32" else 0
"""For `creationflags`: programs for the console would open a window of their own."""
BREAKAWAY = 0x01000000 if sys.platform == "win32" else 0
"""For `creationflags`: the process may live longer than its parent."""
_LIMIT_INFORMATION, _KILL_ON_CLOSE, _LIMIT_FLAGS_AT, _LIMIT_BYTES = 9, 0x2000, 16, 144
"""Of JOBOBJECT_EXTENDED_LIMIT_INFORMATION, in 64 bits."""
_SYNCHRONIZE = 0x100000


def end_with_this_process(child: subprocess.Popen[Any]) -> None:
    """Let Windows end a child, and its own children, as soon as this process ends.

    Elsewhere, process groups and signals do that.
    """
    if sys.platform == "win32" and (job := _job()):
        _kernel().AssignProcessToJobObject(job, int(child._handle))


def wait_for_end(process: int, seconds: float) -> bool:
    """Return whether a process has ended on Windows, or ends within some seconds.

    On other systems, nothing depends on it: files in use can be removed.
    """
    if sys.platform != "win32":
        return True
    handle = _kernel().OpenProcess(_SYNCHRONIZE, False, process)
    if not handle:
        return True
    try:
        return _kernel().WaitForSingleObject(handle, int(seconds * 1000)) == 0
    finally:
        _kernel().CloseHandle(handle)


@functools.cache
def _job() -> int:
    """Return a job whose processes end when its last handle is closed, so with this process.

    Zero if there is none to be had.
    """
    import ctypes

    job = _kernel().CreateJobObjectW(None, None)
    limits = ctypes.create_string_buffer(_LIMIT_BYTES)
    limits[_LIMIT_FLAGS_AT : _LIMIT_FLAGS_AT + 4] = _KILL_ON_CLOSE.to_bytes(4, "little")
    if not job or not _kernel().SetInformationJobObject(
        job, _LIMIT_INFORMATION, limits, _LIMIT_BYTES
    ):
        return 0
    return job


@functools.cache
def _kernel() -> Any:
    import ctypes

    kernel = ctypes.WinDLL("kernel32")  # pyright: ignore[reportAttributeAccessIssue]
    handle, word = ctypes.c_void_p, ctypes.c_uint32
    kernel.CreateJobObjectW.argtypes, kernel.CreateJobObjectW.restype = [handle, handle], handle
    kernel.SetInformationJobObject.argtypes = [handle, ctypes.c_int, handle, word]
    kernel.AssignProcessToJobObject.argtypes = [handle, handle]
    kernel.OpenProcess.argtypes, kernel.OpenProcess.restype = [word, ctypes.c_int, word], handle
    kernel.WaitForSingleObject.argtypes = [handle, word]
    kernel.CloseHandle.argtypes = [handle]
    return kernel
