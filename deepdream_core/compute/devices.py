"""The device that computes, its precision and its memory."""

from __future__ import annotations

from pathlib import Path

import torch

from deepdream_core.shared.messages import DreamError


class DeviceMissing(DreamError):
    """The requested device is not available."""


def choose_device(name: str) -> torch.device:
    """Return the device for a recipe's `device`. Raises `DeviceMissing`."""
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "mps" if _has_mps() else "cpu"
    if name == "cuda" and not torch.cuda.is_available():
        raise DeviceMissing("no-gpu")
    if name == "mps" and not _has_mps():
        raise DeviceMissing("no-apple-gpu")
    return torch.device(name)


def _has_mps() -> bool:
    return torch.backends.mps.is_available()


def choose_dtype(name: str, device: torch.device) -> torch.dtype:
    """Return the network's data type on a device, for a recipe's `precision`.

    The choice for `auto` must not visibly change the picture: at least 35 dB (PSNR) after the
    default dream. bfloat16 reaches only 20 dB, so it is used on request only.
    """
    return torch.bfloat16 if name == "bfloat16" and has_bfloat16(device) else torch.float32


def has_bfloat16(device: torch.device) -> bool:
    """Return whether a device computes in bfloat16.

    On a CPU without it, oneDNN refuses, and PyTorch's own code takes up to a hundred times as long
    as in float32.
    """
    if device.type != "cpu":
        return True
    return torch.backends.mkldnn.is_available() and torch.ops.mkldnn._is_mkldnn_bf16_supported()


def free_bytes(device: torch.device) -> int:
    """Return an estimate of the memory that is still available on a device."""
    if device.type == "cuda":
        free, _ = torch.cuda.mem_get_info(device)
        return free + torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
    try:
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 4 << 30


def peak_mib(device: torch.device) -> float:
    """Return this process's peak memory in MiB: reserved on the GPU, or resident for the CPU."""
    if device.type == "cuda":
        return torch.cuda.max_memory_reserved(device) / 2**20
    try:
        import resource
    except ImportError:
        return 0.0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
