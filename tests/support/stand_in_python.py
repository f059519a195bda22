"""A Python that runs from any folder, made from this one: a stand-in for python-build-standalone's.

It has the same layout, and like that one it needs nothing of the system but the C library.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
from collections.abc import Iterable
from pathlib import Path

_LEFT_OUT = ("__pycache__", "test", "tests", "site-packages", "dist-packages", "config-*")
_LEFT_OUT_TOO = ("idlelib", "tkinter", "turtledemo", "lib2to3", "_tkinter*.so")
_LIBRARY = re.compile(r"^\s+(\S+) => (/\S+)", re.MULTILINE)
_OF_THE_C_LIBRARY = re.compile(r"(libc|libm|libdl|libpthread|librt|libutil|ld-linux.*)\.so\.")


def pack(folder: Path, lent: Iterable[str] = ()) -> Path:
    """Write an archive below `folder`, and return it.

    The Python in it can import what is in the `lent` package folders, too.
    """
    root = folder / "python"
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    (root / "bin").mkdir(parents=True)
    program = root / "bin" / version
    shutil.copy(Path(sys.base_prefix) / "bin" / version, program)
    (root / "bin" / "python3").symlink_to(version)
    modules = root / "lib" / version
    ignored = shutil.ignore_patterns(*_LEFT_OUT, *_LEFT_OUT_TOO)
    shutil.copytree(sysconfig.get_path("stdlib"), modules, ignore=ignored)
    if wheels := sysconfig.get_config_var("WHEEL_PKG_DIR"):
        shutil.copytree(wheels, modules / "ensurepip" / "_bundled", dirs_exist_ok=True)
    packages = modules / "site-packages"
    packages.mkdir()
    (packages / "lent.pth").write_text("".join(f"{path}\n" for path in lent))
    _bring_libraries(root, [program, *modules.glob("lib-dynload/*.so")])
    archive = folder / "python.tar.gz"
    with tarfile.open(archive, "w:gz", compresslevel=1) as packed:
        packed.add(root, "python")
    return archive


def _bring_libraries(root: Path, binaries: Iterable[Path]) -> None:
    """Copy the libraries that programs and modules load, and let them look there only."""
    found: dict[str, Path] = {}
    for binary in binaries:
        told = subprocess.run(["ldd", str(binary)], capture_output=True, text=True).stdout
        needed = {
            name: Path(path)
            for name, path in _LIBRARY.findall(told)
            if not _OF_THE_C_LIBRARY.match(name)
        }
        found |= needed
        away = "../.." if "lib-dynload" in binary.parts else "../lib"
        if needed:
            _look_in(binary, f"$ORIGIN/{away}")
    for name, path in found.items():
        copy = root / "lib" / name
        shutil.copy(path, copy)
        _look_in(copy, "$ORIGIN")


def _look_in(binary: Path, folder: str) -> None:
    binary.chmod(0o755)
    subprocess.run(["patchelf", "--force-rpath", "--set-rpath", folder, str(binary)], check=True)
