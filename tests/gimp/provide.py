"""Provides the real GIMPs for the tests: Debian packages for this machine, chroots for newer ones.

Run as a program it provides what it can, says what it does line by line, and returns 0 even where
a GIMP cannot be had: the tests then report that one as skipped. Standard library only.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HOST_PACKAGES = [
    *("gimp", "python3-gi", "gir1.2-gtk-3.0"),
    *("xvfb", "openbox", "xdotool", "imagemagick"),
    *("debootstrap", "debian-archive-keyring"),
]
CHROOT_PACKAGES = [
    *("gimp", "python3-gi", "gir1.2-gimp-3.0", "gir1.2-gtk-3.0"),
    *("adwaita-icon-theme", "fonts-dejavu-core"),
]
RELEASES = {"trixie": "3.0", "sid": "3.2"}
"""The Debian releases that are made into chroots, and the GIMP that each brings."""

_NEEDED_PROGRAMS = ("gimp", "gimp-console", "Xvfb", "openbox", "xdotool", "import", "debootstrap")
_APT = ["apt-get", "-y", "-q", "-o", "DPkg::Lock::Timeout=600", "-o", "Acquire::Retries=3"]
_UNSHARE = ["unshare", "--mount", "--propagation", "private"]


def can_provide() -> bool:
    """Whether this is a machine where packages can be installed: root on Debian or Ubuntu."""
    return sys.platform == "linux" and os.geteuid() == 0 and shutil.which("apt-get") is not None


def apt_install(packages: list[str], log: Path) -> bool:
    """Install Debian packages without their recommendations; what apt says goes to `log`."""
    _logged([*_APT, "update"], log)
    return _logged([*_APT, "install", "--no-install-recommends", *packages], log)


def provide_here(log: Path) -> str:
    """Install the GIMP of this machine's own release and the tools for windows. Says the outcome.

    Nothing is asked of the network where everything is there already.
    """
    gtk = "import gi; gi.require_version('Gtk', '3.0'); from gi.repository import Gtk"
    has_gtk = Path("/usr/bin/python3").exists() and _quiet(["/usr/bin/python3", "-c", gtk])
    if all(map(shutil.which, _NEEDED_PROGRAMS)) and has_gtk:
        return "this machine's GIMP and the tools for windows: there already"
    if apt_install(HOST_PACKAGES, log):
        return "this machine's GIMP and the tools for windows: installed"
    return f"apt-get could not install them; it says why in {log}"


def provide_chroot(release: str, roots: Path, log: Path) -> str:
    """Make the chroot of a Debian release with its GIMP, unless it is there. Says the outcome.

    It is built under another name and renamed when it is complete, so that one that was
    interrupted is never taken for a whole one.
    """
    series = RELEASES[release]
    root = roots / release
    if (root / "usr" / "bin" / "gimp-console").exists():
        return f"chroot with GIMP {series} ({release}): there already"
    roots.mkdir(parents=True, exist_ok=True)
    building = roots / f".{release}.new"
    shutil.rmtree(building, ignore_errors=True)
    bootstrap = ["debootstrap", "--variant=minbase", release, str(building)]
    if mirror := _debian_mirror():
        bootstrap.append(mirror)
    if not _logged(bootstrap, log):
        shutil.rmtree(building, ignore_errors=True)
        return f"chroot with GIMP {series} ({release}): debootstrap failed, see {log}"
    _carry_settings(building)
    inside = (
        'mount -t proc proc "$0/proc" && mount --rbind /dev "$0/dev" && '
        'chroot "$0" apt-get -q update && '
        'chroot "$0" apt-get -y -q -o Acquire::Retries=3 install --no-install-recommends "$@" && '
        'chroot "$0" apt-get clean'
    )
    fill = [*_UNSHARE, "sh", "-c", inside, str(building), *CHROOT_PACKAGES]
    if not _logged(fill, log):
        shutil.rmtree(building, ignore_errors=True)
        return f"chroot with GIMP {series} ({release}): apt-get failed in it, see {log}"
    building.rename(root)
    return f"chroot with GIMP {series} ({release}): made"


def _carry_settings(root: Path) -> None:
    """Give the chroot this machine's name servers, certificates and apt settings."""
    for name in ("etc/resolv.conf", "etc/hosts", "etc/ssl/certs/ca-certificates.crt"):
        source = Path("/") / name
        if source.exists():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_bytes(source.read_bytes())
    for source in Path("/etc/apt/apt.conf.d").glob("*"):
        # Hooks call programs that the chroot does not have.
        if source.is_file() and b"Invoke" not in (text := source.read_bytes()):
            (root / "etc/apt/apt.conf.d" / source.name).write_bytes(text)
    # Mirrors that keep a day of the past serve release files that have run out.
    (root / "etc/apt/apt.conf.d/99any-date").write_text(
        'Acquire::Check-Valid-Until "false";\nAcquire::Check-Date "false";\n', "utf-8"
    )


def _debian_mirror() -> str:
    """Return the mirror that this machine's own apt uses for Debian, empty if it has none."""
    told = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(ORIGIN) $(LABEL) $(REPO_URI)"],
        capture_output=True,
        text=True,
    ).stdout
    for line in told.splitlines():
        origin, _, rest = line.partition(" ")
        label, _, uri = rest.rpartition(" ")
        if origin == label == "Debian":
            return uri
    return ""


def _logged(command: list[str], log: Path) -> bool:
    log.parent.mkdir(parents=True, exist_ok=True)
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LANG": "C.UTF-8"}
    with log.open("ab") as out:
        out.write(f"\n$ {' '.join(command)}\n".encode())
        out.flush()
        try:
            return (
                subprocess.run(
                    command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=env
                ).returncode
                == 0
            )
        except OSError as error:
            out.write(f"{error}\n".encode())
            return False


def _quiet(command: list[str]) -> bool:
    return subprocess.run(command, capture_output=True).returncode == 0


def main(cache: Path) -> int:
    """Provide everything under `cache`, telling each outcome and its time on standard output."""
    started = time.monotonic()

    def tell(text: str) -> None:
        print(f"{text} ({time.monotonic() - started:.0f} s)", flush=True)

    if not can_provide():
        print("only the GIMPs that are installed: packages need root on Debian or Ubuntu")
        return 0
    logs = cache / "logs"
    tell(provide_here(logs / "apt.log"))
    # Both wait for the network most of the time.
    with ThreadPoolExecutor() as pool:
        for outcome in [
            pool.submit(provide_chroot, release, cache / "roots", logs / f"{release}.log")
            for release in RELEASES
        ]:
            tell(outcome.result())
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
