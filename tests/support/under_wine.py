"""Running programs for Windows under wine, in a chroot."""

from __future__ import annotations

import getpass
import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_IN_CHROOT = """
root=$1; shift
mount -t proc proc "$root/proc" && mount --rbind /dev "$root/dev" || exit 99
for folder in "$DD_CHECKOUT" "$DD_CACHE" "$DD_HOME"; do
    mkdir -p "$root$folder" && mount --rbind "$folder" "$root$folder" || exit 99
done
cd "$DD_HOME" && exec chroot "$root" env -i -C "$DD_HOME" "$@"
"""


@dataclass(frozen=True)
class Windows:
    """A Windows with a user whose name has a space, an accent and Chinese letters."""

    root: Path
    """The chroot with wine."""
    cache: Path
    """Contains Python and wheels."""
    home: Path
    """The user's folder, with wine's prefix and DeepDream's data."""

    @property
    def data(self) -> Path:
        return self.home / "Zo\u00eb \u674e" / "deepdream"

    @property
    def profile(self) -> Path:
        """GIMP's configuration folder, where wine says that programs keep their settings."""
        users = self.home / "prefix" / "drive_c" / "users"
        return users / getpass.getuser() / "AppData" / "Roaming" / "GIMP" / "3.0"

    @property
    def base_python(self) -> Path:
        return self.cache / "python" / "cp313" / "python.exe"

    def start(self, *command: object) -> subprocess.Popen[str]:
        """Start a program; paths that begin with / are translated."""
        variables = {
            "HOME": str(self.home),
            "PATH": "/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "WINEPREFIX": str(self.home / "prefix"),
            "WINEDEBUG": "-all",
            "DEEPDREAM_HOME": as_windows(self.data),
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": as_windows(self.cache / "wheels"),
            "PYTHONPATH": ";".join(
                as_windows(ROOT / part) for part in ("plug-ins/deepdream", "plug-ins", ".")
            ),
            "PYTHONIOENCODING": "utf-8",
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        inside = [f"{name}={value}" for name, value in variables.items()]
        words = [as_windows(word) if isinstance(word, Path) else str(word) for word in command]
        folders = {"DD_CHECKOUT": str(ROOT), "DD_CACHE": str(self.cache), "DD_HOME": str(self.home)}
        unshare = ["unshare", "--mount", "--propagation", "private", "sh", "-c", _IN_CHROOT, "sh"]
        out = self.home / f"out-{time.monotonic_ns()}"
        process = subprocess.Popen(
            [*unshare, str(self.root), *inside, "wine", *words],
            env={**os.environ, **folders},
            stdin=subprocess.DEVNULL,
            # Not a pipe: what stays, such as wine's server, would keep it open.
            stdout=out.open("wb"),
            stderr=subprocess.STDOUT,
            text=True,
        )
        process.args = out
        return process

    def run(self, *command: object, timeout: float = 180) -> str:
        """Run a program and return its output; fails if it does."""
        process = self.start(*command)
        code = process.wait(timeout)
        text = said(process)
        assert code == 0, text
        return text

    def client(self, code: str, *arguments: object) -> subprocess.Popen[str]:
        """Start a client of the engine, as the plug-in is one, in Windows' own Python."""
        return self.start(self.base_python, "-c", code, *arguments)


def said(process: subprocess.Popen[str]) -> str:
    """Return what a process has written so far."""
    return Path(process.args).read_text("utf-8", "replace")


def wait_for(process: subprocess.Popen[str], text: str, seconds: float = 120) -> str:
    """Wait until a process has written something, and return all of it."""
    deadline = time.monotonic() + seconds
    while text not in said(process):
        assert time.monotonic() < deadline and process.poll() in (None, 0), said(process)
        time.sleep(0.1)
    return said(process)


def as_windows(path: Path) -> str:
    return "Z:" + str(path).replace("/", "\\")
