"""How much is downloaded, and how much disk space it takes."""

from __future__ import annotations

import platform
import re
import sys
from pathlib import Path

import pytest

from deepdream_core.installer import sizes
from deepdream_core.installer.locks import PYPI, lock_path
from deepdream_core.installer.python_and_torch import TORCH_INDEX, Torch
from deepdream_core.installer.sizes import size_of

LOCK = lock_path(PYPI).read_text("utf-8")
MACHINES = re.findall(r"^# (\w+)-(\w+) (\d+\.\d+) ", LOCK, re.MULTILINE)


def pretend(monkeypatch: pytest.MonkeyPatch, system: str, machine: str, version: str) -> None:
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr(platform, "machine", lambda: machine)
    monkeypatch.setattr("deepdream_core.installer.locks._system", lambda: version)


@pytest.mark.parametrize(("system", "machine", "version"), MACHINES)
def test_what_a_lock_lists_has_been_measured(
    monkeypatch: pytest.MonkeyPatch, system: str, machine: str, version: str
) -> None:
    pretend(monkeypatch, system, machine, version)
    monkeypatch.setattr(sizes, "_ESTIMATED", {("linux", "cpu"): (0, 0)})
    size = size_of(Torch("pypi"), (3, 13))
    measured = re.search(rf"^# size {system}-{machine} (\d+) (\d+)$", LOCK, re.MULTILINE)
    assert measured and size.download_bytes == int(measured[1]) * 1_000_000
    assert size.download_bytes < int(measured[2]) * 1_000_000 < size.installed_bytes
    assert size.peak_bytes == size.installed_bytes + 2 * size.download_bytes
    # A Python without a lock gets the same, and on Linux Triton for a while.
    other = size_of(Torch("pypi"), (3, 15))
    assert (other.download_bytes > size.download_bytes) == (system == "linux")
    assert other.installed_bytes == size.installed_bytes
    lent = size_of(Torch("borrowed"), (3, 13))
    assert lent.download_bytes < size.download_bytes and lent.peak_bytes < size.peak_bytes


@pytest.mark.parametrize(
    ("system", "machine", "builds"),
    [
        ("linux", "x86_64", ["cpu", "cuda", "rocm"]),
        ("win32", "AMD64", ["cpu", "cuda"]),
        ("linux", "riscv64", ["cpu", "cuda"]),
    ],
)
def test_what_has_not_been_measured_is_estimated(
    monkeypatch: pytest.MonkeyPatch, system: str, machine: str, builds: list[str]
) -> None:
    pretend(monkeypatch, system, machine, "2.28")
    indexes = {"cpu": "cpu", "cuda": "cu126", "rocm": "rocm7.1"}
    found = [size_of(Torch(b, f"{TORCH_INDEX}/{indexes[b]}"), (3, 13)) for b in builds]
    assert found == sorted(found, key=lambda size: size.download_bytes)
    assert found == sorted(found, key=lambda size: size.peak_bytes)
    assert found[0].installed_bytes < 1.5e9
    pypis = size_of(Torch("pypi"), (3, 13))
    assert (pypis.installed_bytes > 4e9) == (system == "linux")


@pytest.mark.parametrize(
    ("name", "system", "machine", "torch"),
    [
        ("Linux, no suitable graphics card", "linux", "x86_64", Torch("cpu", f"{TORCH_INDEX}/cpu")),
        ("Linux, NVIDIA", "linux", "x86_64", Torch("cuda")),
        ("Linux, AMD (estimated)", "linux", "x86_64", Torch("rocm", f"{TORCH_INDEX}/rocm7.1")),
        ("Windows, no NVIDIA", "win32", "AMD64", Torch("cpu")),
        ("Windows, NVIDIA (estimated)", "win32", "AMD64", Torch("cuda", f"{TORCH_INDEX}/cu130")),
        ("macOS", "darwin", "arm64", Torch("apple")),
    ],
)
def test_the_readme_says_how_much_it_takes(
    monkeypatch: pytest.MonkeyPatch, name: str, system: str, machine: str, torch: Torch
) -> None:
    pretend(monkeypatch, system, machine, "15.0")
    size = size_of(torch, (3, 13))
    row = (size.download_bytes, size.installed_bytes, size.peak_bytes)
    told = " | ".join([name, *(f"{number / 1e9:.1f} GB" for number in row)])
    assert f"\n| {told} |\n" in (Path(__file__).parents[2] / "README.md").read_text("utf-8"), told
