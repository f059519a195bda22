"""How much memory this computer and its GPU have, and how much of it is free."""

from __future__ import annotations

import ctypes
import os
import re
import subprocess
import sys
from pathlib import Path

import torch

_UNKNOWN_TOTAL, _UNKNOWN_FREE = 8 << 30, 4 << 30
_SECONDS = 5.0


def total_bytes(device: torch.device) -> int:
    """Return all memory of a device that programs can use."""
    if device.type == "cuda":
        return torch.cuda.mem_get_info(device)[1]
    if device.type == "mps":
        return torch.mps.recommended_max_memory()
    return _total_memory() or _UNKNOWN_TOTAL


def free_bytes(device: torch.device) -> int:
    """Return an estimate of the memory that is still available on a device."""
    if device.type == "cuda":
        free, _ = torch.cuda.mem_get_info(device)
        return free + torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
    if device.type == "mps":  # it shares the computer's memory
        left = torch.mps.recommended_max_memory() - torch.mps.current_allocated_memory()
        return min(left, free_memory())
    return free_memory()


def free_memory() -> int:
    """Return an estimate of this computer's free memory in bytes."""
    if sys.platform == "win32":
        free = _windows_status().free
    elif sys.platform == "darwin":
        free = _free_on_macos()
    else:
        free = _linux_figure("MemAvailable")
    return free or _UNKNOWN_FREE


def peak_mib(device: torch.device) -> float:
    """Return this process's peak memory in MiB: reserved on the GPU, or resident for the CPU."""
    if device.type == "cuda":
        return torch.cuda.max_memory_reserved(device) / 2**20
    if device.type == "mps":
        return torch.mps.driver_allocated_memory() / 2**20
    try:
        import resource
    except ImportError:
        return 0.0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)


def _total_memory() -> int:
    """Return this computer's memory in bytes, or 0."""
    if sys.platform == "win32":
        return _windows_status().total
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        return 0


def _linux_figure(name: str) -> int:
    """Return one of Linux's figures about memory in bytes, or 0."""
    try:
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0


def _free_on_macos() -> int:
    """Return the memory of pages that are free or can be freed at once, in bytes, or 0."""
    try:
        command = ["/usr/bin/vm_stat"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS)
    except (OSError, subprocess.SubprocessError):
        return 0
    size = re.search(r"page size of (\d+) bytes", done.stdout)
    pages = re.findall(r"^Pages (?:free|inactive|speculative): +(\d+)", done.stdout, re.M)
    return int(size[1]) * sum(map(int, pages)) if size else 0


class _WindowsStatus(ctypes.Structure):
    """MEMORYSTATUSEX of the Windows API."""

    _fields_ = (
        ("length", ctypes.c_uint32),
        ("load", ctypes.c_uint32),
        ("total", ctypes.c_uint64),
        ("free", ctypes.c_uint64),
        ("more", ctypes.c_uint64 * 5),
    )


def _windows_status() -> _WindowsStatus:
    """Return the figures about memory; they are 0 if Windows does not tell them."""
    status = _WindowsStatus()
    status.length = ctypes.sizeof(status)
    if sys.platform == "win32":
        ctypes.windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status))
    return status
