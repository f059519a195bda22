"""Starting the engine: a private process, or a warm one that keeps running between dreams."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import IO

from deepdream_core.shared.paths import engine_log, warm_engine_socket
from deepdream_plugin import PLUG_IN_FOLDER
from deepdream_plugin.engine_errors import EngineMissing
from deepdream_plugin.texts import _

_WARM_START_SECONDS = 10.0
_LONGEST_SOCKET_PATH = 100
"""In bytes; the limit is 104 on macOS and 108 on Linux."""
_MAX_LOG_BYTES = 1 << 20

_NOT_FOR_THE_ENGINE = (
    *("LD_", "DYLD_", "PYTHON", "GI_TYPELIB", "GIO_", "GTK_", "GDK_", "GST_", "GSETTINGS_"),
    *("GIMP", "GEGL_", "BABL_", "MYPAINT_", "FONTCONFIG_", "XDG_DATA_DIRS", "VIRTUAL_ENV"),
    *("CONDA_", "APPDIR", "APPIMAGE", "SNAP"),
)
"""Prefixes of variables that would make a process load GIMP's own libraries."""


def lead_own_group() -> None:
    """Make this process a group leader, so that GIMP's Cancel kills the engine as well."""
    if hasattr(os, "setpgid"):
        with contextlib.suppress(OSError):
            os.setpgid(0, 0)


def engine_python() -> Path:
    """Return the engine's Python: DEEPDREAM_PYTHON, or the one recorded by install.py.

    Raises `EngineMissing`.
    """
    override = os.environ.get("DEEPDREAM_PYTHON")
    if override:
        text = _("DEEPDREAM_PYTHON points to {python}, which does not exist.")
        return _existing(Path(override), text)
    record = PLUG_IN_FOLDER / "installation.json"
    try:
        python = json.loads(record.read_text("utf-8"))["python"]
    except (OSError, ValueError, KeyError, TypeError):
        raise EngineMissing(
            "no-engine",
            _("DeepDream's engine is not installed."),
            _("Run `python3 install.py` from the DeepDream folder."),
        ) from None
    return _existing(Path(python), _("The engine's Python, {python}, does not exist."))


def _existing(python: Path, text: str) -> Path:
    if not python.is_file():
        raise EngineMissing("no-engine", text.format(python=python), _reinstall_hint())
    return python


def _reinstall_hint() -> str:
    return _("Run `python3 install.py` from the DeepDream folder to install it again.")


class PrivateProcess:
    """A private engine: a child of this process, in its process group."""

    def __init__(self, python: Path) -> None:
        self._log = _open_log()
        self._log_start = self._log.tell()
        self._log.write(f"--- {time.strftime('%Y-%m-%d %H:%M:%S')} {python}\n".encode())
        self._log.flush()
        no_window = 0x08000000 if sys.platform == "win32" else 0
        try:
            self._child = subprocess.Popen(
                [str(python), "-I", "-m", "deepdream_core.engine", "--stdio"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._log,
                env=_environment(),
                creationflags=no_window,
            )
        except OSError as problem:
            raise EngineMissing(
                "no-engine",
                _("The engine could not be started ({reason}).").format(reason=problem),
                _reinstall_hint(),
            ) from None
        assert self._child.stdin and self._child.stdout
        self.stdin: IO[bytes] = self._child.stdin
        self.stdout: IO[bytes] = self._child.stdout

    def last_words(self) -> list[str]:
        """Return the last lines that this engine wrote to its log."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._child.wait(timeout=2.0)
        self._log.seek(self._log_start)
        lines = self._log.read().decode("utf-8", "replace").splitlines()[1:]
        return [line for line in lines if line.strip()][-20:]

    def end(self) -> None:
        """Kill the engine, which has nothing to clean up."""
        with contextlib.suppress(OSError):
            self._child.kill()
        self._child.wait()
        self._log.close()


def warm_socket() -> Path | None:
    """Return the path of the warm engine's socket, or None if this system does not support it."""
    path = warm_engine_socket()
    if not hasattr(socket, "AF_UNIX") or os.name == "nt":
        return None
    return path if len(os.fsencode(path)) <= _LONGEST_SOCKET_PATH else None


def connect_to_warm(path: Path) -> socket.socket | None:
    """Connect to the engine at `path`; return None if it does not answer."""
    stream = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        # Never send the picture to a socket of another user.
        if path.stat().st_uid != os.geteuid():
            raise PermissionError
        stream.connect(str(path))
    except OSError:
        stream.close()
        return None
    return stream


def start_warm(path: Path, python: Path) -> socket.socket | None:
    """Start a warm engine in its own session and connect to it; return None on failure."""
    command = [str(python), "-I", "-m", "deepdream_core.engine", "--socket", str(path)]
    with contextlib.suppress(OSError), _open_log() as log:
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=_environment(),
            start_new_session=True,
        )
        deadline = time.monotonic() + _WARM_START_SECONDS
        while time.monotonic() < deadline:
            if stream := connect_to_warm(path):
                return stream
            # Exit code 0 means that another engine is starting at the same time.
            if child.poll():
                return None
            time.sleep(0.01)
    return None


def _environment() -> dict[str, str]:
    """Return this process's environment without the variables that GIMP and its packages set."""
    return {k: v for k, v in os.environ.items() if not k.startswith(_NOT_FOR_THE_ENGINE)}


def _open_log() -> IO[bytes]:
    """Open the log for appending and reading; rename a long one first.

    If the log cannot be written (full disk, no permission), use a temporary file, so that the dream
    can go ahead without a log.
    """
    path = engine_log()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and path.stat().st_size > _MAX_LOG_BYTES:
            path.replace(path.with_suffix(".old.log"))
        return path.open("a+b")
    except OSError:
        return tempfile.TemporaryFile()
