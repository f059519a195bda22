"""The device that computes, what it can do and what PyTorch keeps on it."""

from __future__ import annotations

from functools import lru_cache

import torch

from deepdream_core.shared.messages import DreamError


class DeviceMissing(DreamError):
    """The requested device is not available."""


def choose_device(name: str) -> torch.device:
    """Return the device for a recipe's `device`. Raises `DeviceMissing`."""
    if name == "auto":
        name = "cuda" if gpu_failure() == "" else "mps" if _has_mps() else "cpu"
    if name == "cuda" and not torch.cuda.is_available():
        raise DeviceMissing("no-gpu")
    if name == "cuda" and (failure := gpu_failure()):
        raise DeviceMissing("gpu-fails", gpu=torch.cuda.get_device_name(), reason=failure)
    if name == "mps" and not _has_mps():
        raise DeviceMissing("no-apple-gpu")
    return torch.device(name)


@lru_cache
def gpu_failure() -> str:
    """Return why an NVIDIA or AMD GPU cannot compute, or an empty string if it can.

    A driver answers for every GPU, but a build of PyTorch contains programs only for some.
    """
    if not torch.cuda.is_available():
        return "PyTorch finds no GPU"
    try:
        torch.ones(1, device="cuda").add_(1).item()
    except RuntimeError as error:
        return str(error).strip().split("\n")[0]
    return ""


def _has_mps() -> bool:
    return torch.backends.mps.is_available()


def dtype_of(precision: str) -> torch.dtype:
    """Return the type of the network's weights and activations for a chosen precision."""
    return torch.bfloat16 if precision == "bfloat16" else torch.float32


def prepare_gpu(precision: str) -> None:
    """Make GPUs compute in a chosen precision from now on, and the same bytes each time."""
    torch.backends.cudnn.allow_tf32 = precision == "tf32"
    torch.backends.cuda.matmul.allow_tf32 = precision == "tf32"
    torch.backends.cudnn.deterministic = True


def has_tf32(device: torch.device) -> bool:
    """Return whether a GPU has tensor cores for TF32: NVIDIA's Ampere generation and later."""
    if device.type != "cuda" or torch.version.hip is not None:
        return False
    return torch.cuda.get_device_capability(device) >= (8, 0)


def has_bfloat16(device: torch.device) -> bool:
    """Return whether a device computes in bfloat16 without emulating it.

    On a CPU without it, oneDNN refuses, and PyTorch's own code takes up to a hundred times as long
    as in float32.
    """
    if device.type == "cuda":
        with torch.cuda.device(device):
            return torch.cuda.is_bf16_supported(including_emulation=False)
    if device.type != "cpu":
        return True
    return torch.backends.mkldnn.is_available() and torch.ops.mkldnn._is_mkldnn_bf16_supported()


def has_fast_bfloat16() -> bool:
    """Return whether the CPU has instructions of its own for products in bfloat16.

    With AVX-512 alone, oneDNN computes in bfloat16 as well, but takes twice as long as in float32.
    """
    capabilities = getattr(torch.cpu, "get_capabilities", dict)()
    native = capabilities.get("avx512_bf16") or capabilities.get("amx_bf16")
    return bool(native) and has_bfloat16(torch.device("cpu"))


def to_cpu(x: torch.Tensor) -> torch.Tensor:
    """Copy a tensor to the CPU. Into fresh memory, this would take 40 times as long."""
    if x.device.type != "cuda":
        return x.cpu()
    copy = torch.empty(x.shape, dtype=x.dtype, pin_memory=True)
    return copy.copy_(x)


def wait_for(device: torch.device) -> None:
    """Wait until a GPU has finished its work."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()


def has_gpu() -> bool:
    """Return whether there is a GPU, whose memory other programs may need."""
    return torch.cuda.is_available() or _has_mps()


def release_cached_memory() -> None:
    """Give back the memory of GPUs that PyTorch keeps for later."""
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    if _has_mps():
        torch.mps.empty_cache()
