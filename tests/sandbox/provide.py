"""Provide what the lane `sandbox` needs: bubblewrap, patchelf, and a chroot with GIMP 3.0.

As a program, it sets up what it can, prints a line for each step, and exits with 0, because tests
that cannot run are skipped. Standard library only.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "gimp"))

import provide as debian  # noqa: E402  # pyright: ignore[reportImplicitRelativeImport]

RELEASE = "trixie"
PROGRAMS = {"bwrap": "bubblewrap", "patchelf": "patchelf", "debootstrap": "debootstrap"}
"""What is needed, and the package of each."""


def main(cache: Path) -> int:
    """Set up everything under `cache`, printing each result."""
    if not debian.can_provide():
        print("not available: installing packages requires root on Debian or Ubuntu", flush=True)
        return 0
    log = cache / "logs" / "sandbox.log"
    missing = [package for program, package in PROGRAMS.items() if not shutil.which(program)]
    if missing:
        done = debian.apt_install([*missing, "debian-archive-keyring"], log)
        result = "installed" if done else f"could not be installed, see {log}"
        print(f"{' '.join(missing)}: {result}", flush=True)
    print(debian.provide_chroot(RELEASE, cache / "roots", log), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
