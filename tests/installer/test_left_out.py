"""What is not installed: compilers, and what serves them."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from small_wheels import SmallInstallation, make_wheel

FOR_COMPILERS = {
    *("torch/include/c10.h", "torch/lib/c10.lib", "torch/test/c10_test", "torch/bin/test_jit"),
    *("torch/bin/protoc-3.21", "nvidia/nvshmem/lib/libnvshmem_device.bc"),
}
FOR_DREAMS = {
    *("torch/lib/libc10.so", "torch/lib/c10.dll", "torch/bin/torch_shm_manager"),
    *("torch/testing/module.py", "nvidia/nvshmem/lib/libnvshmem_host.so.3"),
}


@pytest.mark.parametrize("locked", [True, False])
def test_compilers_are_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, locked: bool
) -> None:
    """By pip, which would install Triton because PyTorch requires it."""
    small = SmallInstallation(tmp_path, monkeypatch)
    make_wheel(small.wheels, "triton")
    torch = make_wheel(small.wheels, "torch", ["triton==1.0"], [*FOR_COMPILERS, *FOR_DREAMS])
    if locked:
        small.install(f"torch==1.0 --hash=sha256:{torch}")
    else:
        make_wheel(small.wheels, "torchvision", ["torch"])
        pair = ("torch==1.0", "torchvision==1.0")
        monkeypatch.setattr("deepdream_core.installer.environment.TORCH_PAIR", pair)
        small.install()
    files = small.files()
    assert FOR_DREAMS | {"torch/__init__.py", "deepdream_core/models"} <= files
    assert not files & FOR_COMPILERS and not files & {"triton", "triton-1.0.dist-info"}
    compiled = {name for name in files if name.endswith(".pyc")}
    assert not {name for name in compiled if not name.startswith("deepdream_core/")}


def test_a_lent_pytorch_may_lack_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small = SmallInstallation(tmp_path, monkeypatch)
    make_wheel(tmp_path / "torch", "torch", ["triton==1.0"])
    with zipfile.ZipFile(tmp_path / "torch" / "torch-1.0-py3-none-any.whl") as wheel:
        wheel.extractall(tmp_path / "lent")
    make_wheel(small.wheels, "triton")
    small.borrow(str(tmp_path / "lent"))
    files = small.files()
    assert "deepdream_core/models" in files and "triton" not in files
