"""Sandboxes made with bubblewrap: another system's /usr instead of this machine's."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
APP = "org.gimp.GIMP"
PRELOADED = "libgegl-0.4.so.0"
"""A library that GIMP's AppImage preloads, and the engine must not."""
_LINKS = ("bin", "lib", "lib64", "sbin")


def why_no_sandbox(root: Path) -> str:
    """Return why there are no sandboxes with the system in `root`; empty if there are."""
    if not sys.platform.startswith("linux") or not shutil.which("bwrap"):
        return "bubblewrap is not installed"
    if not shutil.which("patchelf"):
        return "patchelf is not installed"
    if not (root / "usr" / "bin" / "gimp-console").exists():
        return "the chroot with GIMP 3.0 is not available"
    trial = ["bwrap", "--ro-bind", "/", "/", "--unshare-pid", "true"]
    done = subprocess.run(trial, capture_output=True, text=True)
    return f"bubblewrap may not make sandboxes here: {done.stderr}" if done.returncode else ""


@dataclass(frozen=True)
class Sandbox:
    """The system in `root`, with the user's home folder and, at their own paths, `lent` folders."""

    root: Path
    home: Path
    lent: tuple[Path, ...]
    variables: Mapping[str, str]
    extra: tuple[str, ...] = field(default=())
    """More options for bubblewrap."""

    def command(self, *command: object) -> list[str]:
        """Return the command that runs another one inside."""
        options = ["--ro-bind", str(self.root / "usr"), "/usr"]
        for name in _LINKS:
            options += ["--symlink", f"usr/{name}", f"/{name}"]
        options += ["--ro-bind", str(self.root / "etc"), "/etc", "--proc", "/proc", "--dev", "/dev"]
        options += ["--tmpfs", "/tmp", "--dir", "/var", "--dir", "/run", *self.extra]
        for folder in self.lent:
            options += ["--ro-bind", str(folder), str(folder)]
        options += ["--bind", str(self.home), str(self.home), "--chdir", str(self.home)]
        options += ["--unshare-pid", "--unshare-ipc", "--clearenv"]
        inherited = {name: os.environ[name] for name in ("OMP_NUM_THREADS",) if name in os.environ}
        for name, value in {**inherited, **self.variables}.items():
            options += ["--setenv", name, value]
        return ["bwrap", *options, *map(str, command)]

    def run(self, *command: object, timeout: float = 120.0) -> str:
        """Run a command inside and return its output; fails if the command fails."""
        # The first process of a sandbox stays as long as a warm engine does, with its stdout.
        with tempfile.TemporaryFile() as output:
            done = subprocess.run(
                self.command(*command),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                timeout=timeout,
            )
            output.seek(0)
            said = output.read().decode("utf-8", "replace")
        assert done.returncode == 0, said
        return said


def flatpak(root: Path, home: Path, lent: tuple[Path, ...]) -> Sandbox:
    """Return a sandbox with what Flatpak sets for GIMP, which may see the home folder."""
    own = home / ".var" / "app" / APP
    for name in ("config", "data", "cache"):
        (own / name).mkdir(parents=True, exist_ok=True)
    information = home.parent / "flatpak-info"
    information.write_text(f"[Application]\nname={APP}\n\n[Context]\nfilesystems=host;\n")
    variables = {
        **{"HOME": str(home), "PATH": "/app/bin:/usr/bin", "LANG": "C.UTF-8"},
        **{"FLATPAK_ID": APP, "container": "flatpak", "XDG_RUNTIME_DIR": "/run/user/1000"},
        **{f"XDG_{name.upper()}_HOME": str(own / name) for name in ("config", "data", "cache")},
    }
    extra = ("--dir", "/app", "--dir", "/run/user/1000", "--ro-bind", str(information))
    return Sandbox(root, home, lent, variables, (*extra, "/.flatpak-info"))


def appimage(root: Path, home: Path, lent: tuple[Path, ...], preloaded: str) -> Sandbox:
    """Return a system on which an AppImage has been started: GIMP and its Python are mounted.

    `preloaded` is the name of one of its libraries.
    """
    mounted = "/tmp/.mount_GIMP-3"
    (library,) = (root / "usr" / "lib").glob(f"*-linux-gnu*/{preloaded}")
    inside = f"{mounted}/usr/{library.relative_to(root / 'usr')}"
    variables = {
        **{"HOME": str(home), "PATH": f"{mounted}/usr/bin:/usr/bin", "LANG": "C.UTF-8"},
        **{"APPDIR": mounted, "APPIMAGE": str(home / "GIMP-3.AppImage"), "LD_PRELOAD": inside},
        **{"PYTHONHOME": f"{mounted}/usr", "PYTHONDONTWRITEBYTECODE": "1"},
        **{"SSL_CERT_FILE": f"{mounted}/etc/ssl/certs/ca-certificates.crt"},
    }
    return Sandbox(root, home, lent, variables, ("--ro-bind", str(root / "usr"), f"{mounted}/usr"))


@dataclass(frozen=True)
class SandboxedUser:
    """A user of this machine, whose home folder sandboxes see."""

    folder: Path
    root: Path
    pins: Path
    index: str
    lent: tuple[Path, ...]
    """Where PyTorch is, which is not installed once more."""

    @property
    def data(self) -> Path:
        return self.folder / ".local" / "share" / "deepdream-gimp"

    @property
    def engine(self) -> Path:
        return self.data / "engine" / "bin" / "python"

    @property
    def flatpak_profile(self) -> Path:
        return self.folder / ".var" / "app" / APP / "config" / "GIMP" / "3.0"

    @property
    def profile(self) -> Path:
        return self.folder / ".config" / "GIMP" / "3.0"

    @property
    def flatpak(self) -> Sandbox:
        return flatpak(self.root, self.folder, self.lent)

    @property
    def appimage(self) -> Sandbox:
        return appimage(self.root, self.folder, self.lent, PRELOADED)

    def run(self, *command: object) -> str:
        """Run a command on this machine, as the user, and return its output."""
        done = subprocess.run(
            [str(part) for part in command],
            env={
                **{"HOME": str(self.folder), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"},
                **{"PIP_INDEX_URL": "http://127.0.0.1:9/", "PIP_CONFIG_FILE": os.devnull},
                **{"DEEPDREAM_PYTHON_PINS": str(self.pins), "DEEPDREAM_PYTHON_INDEX": self.index},
                "PYTHONPATH": str(CHECKOUT),
            },
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
        )
        assert done.returncode == 0, done.stdout
        return done.stdout
