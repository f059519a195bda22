"""Choosing a Python and a build of PyTorch for the engine's environment."""

from __future__ import annotations

import json
import platform
import re
import shutil
import sys
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from deepdream_core.installer.host_pythons import belongs_to_gimp, must_bring_python
from deepdream_core.installer.own_python import bring_python, pinned, python_of
from deepdream_core.installer.reports import say
from deepdream_core.installer.system import Problem, answer_of, apt_install, can_use_apt
from deepdream_core.shared.messages import Message
from deepdream_core.shared.paths import own_python_folder

OLDEST_ENGINE_PYTHON = (3, 10)
TORCH_PAIR = ("torch>=2.4,<3", "torchvision>=0.19,<1")
TORCH_INDEX = "https://download.pytorch.org/whl"

IMPORT_TORCH = (
    "import os, sys; os.chdir('/'); os.name == 'nt' and os.add_dll_directory(sys.prefix); "
    "import torch, torchvision"
)
"""A program; NVIDIA's libraries would load `libcuda.so.1` from the folder the installer runs in.

On Windows, msvc-runtime puts the C++ libraries into the environment's folder."""

_TELL_VERSIONS = "print(torch.__version__, torchvision.__version__)"
_ASK_PYTHON = """
import json, os, sys
packages = [p for p in sys.path if os.path.basename(p) in ("site-packages", "dist-packages")]
# The versioned name: after a system upgrade, python3 is a different Python.
full = os.path.join(sys.base_prefix, "bin", "python%d.%d" % sys.version_info[:2])
own = full if os.path.exists(full) else sys.executable
try:
    import ensurepip, venv
    has_venv = bool(ensurepip.version())
except Exception:
    has_venv = False
print(json.dumps([sys.version_info[:2], packages, own, has_venv]))
"""
_NEWEST_NEEDS_MACOS = 14
"""PyTorch 2.11 is the last for older ones, and 2.2 the last for Intel processors."""
_CUDA_TAGS = ((13, 2), (13, 0), (12, 9), (12, 8), (12, 6))
_FIRST_CAPABILITY = (7, 5)
"""The oldest GPUs that the builds for newer CUDAs have kernels for, as compute capability."""
_OLD_GPU_TAG, _OLD_GPU_CAPABILITY, _OLD_GPU_DRIVER = "cu126", (5, 0), (12, 0)
"""The build that still has kernels for older GPUs, the oldest of them, and the driver it needs."""
_FRAMEWORKS = Path("/Library/Frameworks")
_AMD_NODES = Path("/sys/class/kfd/kfd/topology/nodes")
"""Where the kernel's driver lists processors and AMD GPUs. PyTorch brings the rest of ROCm."""
_ROCM_GPUS = frozenset(
    [
        "gfx900",
        "gfx906",
        "gfx908",
        "gfx90a",
        "gfx942",
        "gfx950",
        "gfx1030",
        "gfx1100",
        "gfx1101",
        "gfx1102",
        "gfx1150",
        "gfx1151",
        "gfx1200",
        "gfx1201",
    ]
)
"""The GPUs that PyTorch's ROCm builds contain programs for; most built-in ones are not."""
_ROCM_TAGS = ("rocm7.1", "rocm7.0", "rocm6.4", "rocm6.3")


@dataclass(frozen=True)
class BasePython:
    """The interpreter that an environment is created with."""

    path: Path
    version: tuple[int, int]
    borrowed: tuple[str, ...] = ()
    """Its package folders, if the environment uses its packages instead of installing them."""
    is_own: bool = False
    """Whether it is the one at `own_python_folder()`, which may have to be brought first."""


@dataclass(frozen=True)
class Torch:
    """A build of PyTorch: its kind and its package index."""

    build: str
    """`cuda`, `rocm`, `apple`, `cpu`, `pypi`, or `borrowed` from another Python."""
    index: str = ""
    """Empty for the index that pip is configured to use, normally PyPI."""

    def __str__(self) -> str:
        return self.message

    @property
    def message(self) -> Message:
        """What is installed, and why."""
        if self.index:
            return Message("torch-from-index", build=self.build, index=self.index)
        is_large = self.build == "cpu" and sys.platform == "linux"
        return Message("torch-large") if is_large else Message("torch-from-pypi")


class Asked(NamedTuple):
    """What an interpreter says of itself."""

    version: tuple[int, int]
    folders: list[str]
    """Its package folders."""
    path: str
    has_venv: bool = True
    """Whether it can create virtual environments."""


def ask_python(path: object) -> Asked | None:
    """Ask an interpreter; return None if it does not run."""
    output = answer_of([path, "-I", "-c", _ASK_PYTHON])
    try:
        # A start-up script may print something first.
        version, folders, executable, has_venv = json.loads(output.splitlines()[-1])
    except (IndexError, ValueError):
        return None
    return Asked((version[0], version[1]), folders, executable, has_venv)


def find_python(given: str | None) -> BasePython:
    """Return the `given` interpreter with its packages, or find one that suits the engine.

    If GIMP could not use this computer's, or none is suitable, return the engine's own, which
    `ensure_venv_module` downloads: Debian's and Ubuntu's Python cannot create environments unless
    an administrator has installed a package. Raises `Problem` if there is none.
    """
    if given:
        return _borrowed_python(given)
    if must_bring_python():
        return _own_python()
    names = [f"python3.{minor}" for minor in (13, 12, 11, 10, 14)]
    found = [sys.executable, *filter(None, map(shutil.which, names))]
    for root in (Path.home() / ".pyenv" / "versions", Path("/opt/homebrew/bin")):
        found += [str(p) for p in sorted(root.glob("*/bin/python3"), reverse=True)]
        found += [str(p) for p in sorted(root.glob("python3.1?"), reverse=True)]
    if sys.platform == "darwin":
        # From python.org; programs that Finder starts do not have it on their PATH.
        versions = _FRAMEWORKS.glob("Python.framework/Versions/3.1?/bin/python3.1?")
        found += [str(p) for p in sorted(versions, reverse=True)]
    lacking = None
    for path in found:
        if belongs_to_gimp(path):
            continue
        asked = ask_python(path)
        if not asked or asked.version < OLDEST_ENGINE_PYTHON:
            continue
        if asked.has_venv or can_use_apt():
            if path != sys.executable:
                say(f"  Python {sys.version.split()[0]} does not suit the engine; using {path}")
            return BasePython(Path(asked.path), asked.version)
        lacking = lacking or asked
    if lacking:
        package = _venv_package(lacking.version)
        say(
            f"  {lacking.path} cannot create virtual environments, so the engine gets a Python of "
            f"its own; to avoid that, on Debian and Ubuntu: `sudo apt install {package}`"
        )
    return _own_python()


def _venv_package(version: tuple[int, int]) -> str:
    return f"python{version[0]}.{version[1]}-venv"


def _own_python() -> BasePython:
    numbers = pinned().numbers
    return BasePython(python_of(own_python_folder(), numbers), numbers, is_own=True)


def _borrowed_python(given: str) -> BasePython:
    asked = ask_python(given)
    if asked is None:
        raise Problem(Message("install-lent-fails", python=given))
    version = asked.version
    if version < OLDEST_ENGINE_PYTHON:
        there = f"{version[0]}.{version[1]}"
        raise Problem(Message("install-lent-too-old", python=given, there=there))
    told = answer_of([given, "-I", "-c", f"{IMPORT_TORCH}; {_TELL_VERSIONS}"])
    if not told:
        raise Problem(Message("install-lent-without-torch", python=given))
    # What is imported may print something first.
    for requirement, there in zip(TORCH_PAIR, told.splitlines()[-1].split()):
        name, _, oldest = requirement.partition(",")[0].partition(">=")
        if _numbers(there) < _numbers(oldest):
            raise Problem(
                Message(
                    "install-lent-old-torch", python=given, name=name, there=there, oldest=oldest
                )
            )
    return BasePython(Path(asked.path), version, tuple(asked.folders))


def _numbers(version: str) -> tuple[int, ...]:
    """Return the first two numbers of a version such as 2.6.0+debian."""
    return tuple(int(number) for number in re.findall(r"\d+", version)[:2])


def ensure_venv_module(base: BasePython) -> None:
    """Make sure that `base` is there and can create virtual environments.

    Downloads the engine's own Python; as root on Debian, installs venv. Raises `Problem`.
    """
    if base.is_own:
        bring_python(own_python_folder(), pinned())
        return
    if answer_of([base.path, "-I", "-c", "import venv, ensurepip; print(ensurepip.version())"]):
        return
    package = _venv_package(base.version)
    if can_use_apt():
        say(f"  {base.path} cannot create virtual environments; installing {package}")
        apt_install([package])
        return
    raise Problem(Message("install-without-venv", python=str(base.path), package=package))


def choose_torch(wanted: str) -> Torch:
    """Return the smallest build of PyTorch that uses this machine's hardware.

    `wanted` is `auto`; `cuda`, `rocm` or `cpu` to choose a build; or `pypi` for PyPI's default.
    torch and torchvision must come from the same index: if their builds differ, torchvision
    cannot find its operators.
    """
    if sys.platform == "darwin":
        _ensure_torch_for_this_mac()
        return Torch("apple")
    if wanted == "pypi":
        return Torch("pypi")
    driver = _cuda_of_driver() if wanted in ("auto", "cuda") else None
    capability = _capability_of_gpu() if wanted in ("auto", "cuda") else None
    if capability is not None and capability < _FIRST_CAPABILITY:
        return _torch_for_old_gpu(capability, driver)
    if wanted == "cuda" or driver:
        # PyPI's Linux build targets the newest CUDA; older drivers need an older build.
        if sys.platform == "linux" and (driver is None or driver >= (13, 0)):
            return Torch("cuda")
        for tag in [t for t in _CUDA_TAGS if driver is None or t <= driver]:
            index = f"{TORCH_INDEX}/cu{tag[0]}{tag[1]}"
            if _index_answers(index):
                return Torch("cuda", index)
        return Torch("cuda")
    if wanted == "rocm" or (wanted == "auto" and _has_rocm_gpu()):
        for tag in _ROCM_TAGS:
            if _index_answers(f"{TORCH_INDEX}/{tag}"):
                return Torch("rocm", f"{TORCH_INDEX}/{tag}")
        say("  PyTorch's build for AMD GPUs is unavailable; using the CPU-only build")
    return _torch_for_cpu()


def _ensure_torch_for_this_mac() -> None:
    """Say if PyTorch's newest build is not for this macOS. Raises `Problem` if none is."""
    if platform.machine() == "x86_64":
        raise Problem(Message("install-intel-mac"))
    version = platform.mac_ver()[0]
    if int(version.partition(".")[0] or _NEWEST_NEEDS_MACOS) < _NEWEST_NEEDS_MACOS:
        say(
            f"  macOS {version} is too old for the newest PyTorch; installing an older one. "
            f"Update to macOS {_NEWEST_NEEDS_MACOS} to get the newest."
        )


def _torch_for_cpu() -> Torch:
    if sys.platform != "linux":
        return Torch("cpu")
    if _index_answers(f"{TORCH_INDEX}/cpu"):
        return Torch("cpu", f"{TORCH_INDEX}/cpu")
    return Torch("cpu")


def _torch_for_old_gpu(capability: tuple[int, int], driver: tuple[int, int] | None) -> Torch:
    """Return a build with kernels for an older NVIDIA GPU, or say why there is none."""
    number = f"{capability[0]}.{capability[1]}"
    index = f"{TORCH_INDEX}/{_OLD_GPU_TAG}"
    if capability < _OLD_GPU_CAPABILITY:
        why = f"no build of PyTorch supports its compute capability {number}"
    elif driver is not None and driver < _OLD_GPU_DRIVER:
        why = "its driver is too old; update the driver, then run this again"
    elif not _index_answers(index):
        why = f"{index}, the build for its compute capability {number}, does not answer"
    else:
        return Torch("cuda", index)
    say(f"  PyTorch cannot use this NVIDIA GPU ({why}); using the CPU-only build")
    return _torch_for_cpu()


def _has_rocm_gpu() -> bool:
    """Return whether there is an AMD GPU that PyTorch can use; say so if it cannot use any."""
    gpus = _amd_gpus()
    if gpus and not gpus & _ROCM_GPUS:
        names = ", ".join(sorted(gpus))
        say(
            f"  PyTorch has no programs for this AMD GPU ({names}); using the CPU-only build. "
            "To try it nevertheless: --torch rocm"
        )
    return bool(gpus & _ROCM_GPUS)


def _amd_gpus() -> set[str]:
    """Return the names of the AMD GPUs that the driver can compute on, such as gfx1100."""
    gpus = set()
    for file in _AMD_NODES.glob("*/properties"):
        try:
            version = re.search(
                r"^gfx_target_version (\d+)$", file.read_text("ascii"), re.MULTILINE
            )
        except (OSError, ValueError):
            continue
        # Processors have version 0.
        if version and (number := int(version[1])):
            major, minor, stepping = number // 10000, number // 100 % 100, number % 100
            gpus.add(f"gfx{major}{minor:x}{stepping:x}")
    return gpus


def _cuda_of_driver() -> tuple[int, int] | None:
    """Return the newest CUDA version that the NVIDIA driver supports, or None without a driver."""
    version = re.search(r"CUDA Version:\s*(\d+)\.(\d+)", answer_of(["nvidia-smi"]))
    return (int(version[1]), int(version[2])) if version else None


def _capability_of_gpu() -> tuple[int, int] | None:
    """Return the compute capability of the newest NVIDIA GPU, or None if it is not known."""
    listed = answer_of(["nvidia-smi", "--query-gpu=compute_cap", "--format=csv,noheader"])
    found = re.findall(r"^\s*(\d+)\.(\d+)\s*$", listed, re.MULTILINE)
    return max(((int(major), int(minor)) for major, minor in found), default=None)


def _index_answers(index: str) -> bool:
    """Return whether a package index answers within five seconds and has torch."""
    request = urllib.request.Request(f"{index}/torch/", method="HEAD")
    try:
        with urllib.request.urlopen(request, timeout=5):
            return True
    except (urllib.error.URLError, OSError, ValueError):
        return False
