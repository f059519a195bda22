"""Figures about memory. Other systems and Apple's GPU are emulated: untested on real ones."""

from __future__ import annotations

import ctypes
import os
import resource
import subprocess
import sys
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from deepdream_core.compute import devices, machine_memory
from deepdream_core.compute.machine_memory import free_bytes, free_memory, peak_mib, total_bytes
from deepdream_core.dreaming.memory import release

CPU, APPLE = torch.device("cpu"), torch.device("mps")
GIB = 1 << 30
VM_STAT = """Mach Virtual Memory Statistics: (page size of 16384 bytes)
Pages free:                               65536.
Pages active:                            400000.
Pages inactive:                           32768.
Pages speculative:                        32768.
Pages throttled:                              0.
"Translation faults":                 123456789.
"""


def test_this_computer_has_more_memory_than_is_free() -> None:
    assert GIB / 4 < free_memory() < total_bytes(CPU)
    assert total_bytes(CPU) == os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def test_macos_counts_pages_and_its_peaks_in_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    said = SimpleNamespace(stdout=VM_STAT)
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(subprocess, "run", lambda command, **options: said)
    assert free_memory() == 2 * GIB
    monkeypatch.setattr(resource, "getrusage", lambda who: SimpleNamespace(ru_maxrss=3 << 30))
    assert peak_mib(CPU) == 3 * 1024
    said.stdout = "something else"
    assert free_memory() == 4 * GIB


def test_without_vm_stat_macos_has_an_estimate(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(command: list[str], **options: Any) -> None:
        raise FileNotFoundError

    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(subprocess, "run", missing)
    assert free_memory() == 4 * GIB


def test_windows_fills_in_a_structure(monkeypatch: pytest.MonkeyPatch) -> None:
    class Kernel:
        def GlobalMemoryStatusEx(self, pointer: Any) -> int:
            status = pointer._obj
            assert status.length == ctypes.sizeof(status) == 64
            status.total, status.free = 16 * GIB, 5 * GIB
            return 1

    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(ctypes, "windll", SimpleNamespace(kernel32=Kernel()), raising=False)
    assert (free_memory(), total_bytes(CPU)) == (5 * GIB, 16 * GIB)


def test_an_apple_gpu_shares_the_computers_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    emptied = []
    monkeypatch.setattr(torch.mps, "recommended_max_memory", lambda: 10 * GIB)
    monkeypatch.setattr(torch.mps, "current_allocated_memory", lambda: 4 * GIB)
    monkeypatch.setattr(torch.mps, "driver_allocated_memory", lambda: 5 * GIB)
    monkeypatch.setattr(torch.mps, "empty_cache", lambda: emptied.append(True))
    monkeypatch.setattr(machine_memory, "free_memory", lambda: 7 * GIB)
    assert (total_bytes(APPLE), free_bytes(APPLE)) == (10 * GIB, 6 * GIB)
    monkeypatch.setattr(machine_memory, "free_memory", lambda: 2 * GIB)
    assert free_bytes(APPLE) == 2 * GIB
    assert peak_mib(APPLE) == 5 * 1024
    release()
    assert not emptied
    monkeypatch.setattr(devices, "_has_mps", lambda: True)
    release()
    assert emptied
