"""Provide real GIMPs for the tests: Debian packages on this machine, chroots for newer versions.

As a program, it sets up what it can, prints a line for each step, and exits with 0 even if a GIMP
is unavailable, because the tests report that GIMP as skipped. Standard library only.
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
    "openssh-server",  # for an engine on "another computer"
]
CHROOT_PACKAGES = [
    *("gimp", "python3-gi", "gir1.2-gimp-3.0", "gir1.2-gtk-3.0"),
    *("adwaita-icon-theme", "fonts-dejavu-core"),
]
RELEASES = {"trixie": "3.0", "sid": "3.2"}
"""The Debian releases to set up as chroots, and the GIMP series in each."""

_NEEDED_PROGRAMS = (
    *("gimp", "gimp-console", "Xvfb", "openbox", "xdotool", "import", "debootstrap"),
    *("ssh", "ssh-keygen", "sshd"),
)
_APT = ["apt-get", "-y", "-q", "-o", "DPkg::Lock::Timeout=600", "-o", "Acquire::Retries=3"]
_UNSHARE = ["unshare", "--mount", "--propagation", "private"]


def can_provide() -> bool:
    """Return whether packages can be installed, as root on Debian or Ubuntu."""
    return sys.platform == "linux" and os.geteuid() == 0 and shutil.which("apt-get") is not None


def apt_install(packages: list[str], log: Path) -> bool:
    """Install Debian packages without recommended ones; append apt's output to `log`."""
    _logged([*_APT, "update"], log)
    return _logged([*_APT, "install", "--no-install-recommends", *packages], log)


def provide_here(log: Path) -> str:
    """Install this machine's own GIMP and the tools for windows; describe the result.

    Does not access the network if everything is already installed.
    """
    gtk = "import gi; gi.require_version('Gtk', '3.0'); from gi.repository import Gtk"
    has_gtk = Path("/usr/bin/python3").exists() and _quiet(["/usr/bin/python3", "-c", gtk])
    if all(map(shutil.which, _NEEDED_PROGRAMS)) and has_gtk:
        return "this machine's GIMP and the tools for windows: already installed"
    if apt_install(HOST_PACKAGES, log):
        return "this machine's GIMP and the tools for windows: installed"
    return f"this machine's GIMP and the tools for windows: apt-get failed, see {log}"


def provide_chroot(release: str, roots: Path, log: Path) -> str:
    """Create a chroot of a Debian release with its GIMP; describe the result.

    It is built under a temporary name and renamed once complete, so that an interrupted build is
    never mistaken for a complete one.
    """
    series = RELEASES[release]
    root = roots / release
    if (root / "usr" / "bin" / "gimp-console").exists():
        return f"chroot with GIMP {series} ({release}): already created"
    roots.mkdir(parents=True, exist_ok=True)
    building = roots / f".{release}.new"
    shutil.rmtree(building, ignore_errors=True)
    if not make_chroot(release, building, CHROOT_PACKAGES, log):
        shutil.rmtree(building, ignore_errors=True)
        return f"chroot with GIMP {series} ({release}): debootstrap or apt-get failed, see {log}"
    building.rename(root)
    return f"chroot with GIMP {series} ({release}): created"


def make_chroot(release: str, root: Path, packages: list[str], log: Path) -> bool:
    """Create a chroot of a Debian release with some packages; append the output to `log`."""
    bootstrap = ["debootstrap", "--variant=minbase", release, str(root)]
    if mirror := _debian_mirror():
        bootstrap.append(mirror)
    if not _logged(bootstrap, log):
        return False
    _carry_settings(root)
    inside = (
        'mount -t proc proc "$0/proc" && mount --rbind /dev "$0/dev" && '
        'chroot "$0" apt-get -q update && '
        'chroot "$0" apt-get -y -q -o Acquire::Retries=3 install --no-install-recommends "$@" && '
        'chroot "$0" apt-get clean'
    )
    return _logged([*_UNSHARE, "sh", "-c", inside, str(root), *packages], log)


def _carry_settings(root: Path) -> None:
    """Copy this machine's name servers, certificates and apt settings to the chroot."""
    for name in ("etc/resolv.conf", "etc/hosts", "etc/ssl/certs/ca-certificates.crt"):
        source = Path("/") / name
        if source.exists():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_bytes(source.read_bytes())
    for source in Path("/etc/apt/apt.conf.d").glob("*"):
        # Hooks run programs that the chroot lacks.
        if source.is_file() and b"Invoke" not in (text := source.read_bytes()):
            (root / "etc/apt/apt.conf.d" / source.name).write_bytes(text)
    # Mirrors of a past date serve expired release files.
    (root / "etc/apt/apt.conf.d/99any-date").write_text(
        'Acquire::Check-Valid-Until "false";\nAcquire::Check-Date "false";\n', "utf-8"
    )


def _debian_mirror() -> str:
    """Return the Debian mirror that this machine's apt uses, or an empty string."""
    targets = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(ORIGIN) $(LABEL) $(REPO_URI)"],
        capture_output=True,
        text=True,
    ).stdout
    for line in targets.splitlines():
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
    """Set up everything under `cache`, printing each result and the time it took."""
    started = time.monotonic()

    def report(text: str) -> None:
        print(f"{text} ({time.monotonic() - started:.0f} s)", flush=True)

    if not can_provide():
        print("using only installed GIMPs: installing packages requires root on Debian or Ubuntu")
        return 0
    logs = cache / "logs"
    report(provide_here(logs / "apt.log"))
    # Both mostly wait for the network.
    with ThreadPoolExecutor() as pool:
        for outcome in [
            pool.submit(provide_chroot, release, cache / "roots", logs / f"{release}.log")
            for release in RELEASES
        ]:
            report(outcome.result())
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
