"""Starting the engine: where its Python is, and a private process."""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from deepdream_core.shared.child_processes import NO_WINDOW, end_with_this_process
from deepdream_core.shared.log_files import open_log
from deepdream_core.shared.messages import Message
from deepdream_core.shared.other_computer import Computer
from deepdream_core.shared.paths import engine_folder, engine_log, python_in
from deepdream_plugin import PLUG_IN_FOLDER
from deepdream_plugin.engine_errors import EngineElsewhere, EngineMissing
from deepdream_plugin.texts import _, translated

_KILLED = (-9, 137)
"""Exit codes of a process that the system killed, as it does when memory runs out."""
_NO_MEMORY = (
    *("MemoryError", "Cannot allocate memory", "bad_alloc", "out of memory"),
    *("failed to map segment", "can't start new thread", "paging file is too small"),
)
"""What a process writes that ends for lack of memory."""

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
    """Return the engine's Python: DEEPDREAM_PYTHON, or the one that install.py has recorded.

    Where nothing is recorded, the engine is in the data folder. Raises `EngineMissing`.
    """
    override = os.environ.get("DEEPDREAM_PYTHON")
    if override:
        text = _("DEEPDREAM_PYTHON points to {python}, which does not exist.")
        return _existing(Path(override), text)
    recorded = _recorded_python()
    for python in filter(None, (recorded, python_in(engine_folder()))):
        if python.is_file():
            return python
    if recorded:
        return _existing(recorded, _("The engine's Python, {python}, does not exist."))
    raise EngineMissing(
        "no-engine",
        _("DeepDream's engine is not installed."),
        _("Install it in the dialog, or run `python3 install.py` from the DeepDream folder."),
    )


def _recorded_python() -> Path | None:
    record = PLUG_IN_FOLDER / "installation.json"
    try:
        python = json.loads(record.read_text("utf-8"))["python"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return Path(python) if python and isinstance(python, str) else None


def _existing(python: Path, text: str) -> Path:
    if not python.is_file():
        raise EngineMissing("no-engine", text.format(python=python), _reinstall_hint())
    return python


def _reinstall_hint() -> str:
    return _("Run `python3 install.py` from the DeepDream folder to install it again.")


def start_private(python: Path) -> PrivateProcess:
    """Start a private engine on this computer. Raises `EngineMissing`."""
    command = [str(python), "-I", "-m", "deepdream_core.engine", "--stdio"]
    try:
        return PrivateProcess(command, str(python))
    except OSError as problem:
        text = _("The engine could not be started ({reason}).").format(reason=problem)
        raise EngineMissing("no-engine", text, _reinstall_hint()) from None


def start_elsewhere(computer: Computer) -> PrivateProcess:
    """Start a private engine on another computer. Raises `EngineElsewhere`."""
    try:
        return PrivateProcess(computer.command, shlex.join(computer.command))
    except OSError as problem:
        reason = problem.strerror or str(problem)
        what = Message("computer-program-missing", program=computer.command[0], reason=reason)
        hint = translated(Message("check-program"))
        raise EngineElsewhere("no-program", translated(what), hint) from None


class PrivateProcess:
    """A private engine: a child of this process, in its process group."""

    def __init__(self, command: Sequence[str], title: str) -> None:
        """Start a command whose stdin and stdout carry frames. Raises `OSError`.

        `title` is the first line of what this engine writes to the log.
        """
        self._log = open_engine_log()
        heading = f"--- {time.strftime('%Y-%m-%d %H:%M:%S')} {title}\n"
        with contextlib.suppress(OSError):  # the disk is full
            os.write(self._log.fileno(), heading.encode("utf-8", "replace"))
        self._log_start = self._log.seek(0, os.SEEK_END)
        try:
            self._child = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._log,
                bufsize=0,
                env=clean_environment(),
                creationflags=NO_WINDOW,
            )
        except OSError:
            self._log.close()
            raise
        end_with_this_process(self._child)
        assert self._child.stdin and self._child.stdout
        self.stdin: IO[bytes] = self._child.stdin
        self.stdout: IO[bytes] = self._child.stdout

    @property
    def process(self) -> int:
        """The engine's process ID."""
        return self._child.pid

    def last_words(self) -> list[str]:
        """Return the last lines that this engine wrote to its log, once it has ended."""
        self.exit_code()
        # Shortened, the log is shorter than when this engine started. It is closed after `end`.
        with contextlib.suppress(OSError, ValueError):
            end = self._log.seek(0, os.SEEK_END)
            self._log.seek(self._log_start if self._log_start <= end else 0)
            lines = self._log.read().decode("utf-8", "replace").splitlines()
            return [line for line in lines if line.strip()][-20:]
        return []

    def lacked_memory(self) -> bool:
        """Return whether it seems to have ended because memory ran out."""
        return self.exit_code() in _KILLED or self.named_memory()

    def named_memory(self) -> bool:
        """Return whether its last words are about memory that ran out."""
        return any(phrase in line for line in self.last_words() for phrase in _NO_MEMORY)

    def kill(self) -> None:
        """Kill the engine, which has nothing to clean up. Wakes whoever waits for it."""
        with contextlib.suppress(OSError):
            self._child.kill()

    def end(self) -> None:
        """Kill the engine and close its log."""
        self.kill()
        self.exit_code()
        self._log.close()

    def exit_code(self) -> int | None:
        """Return the exit code, or None if the engine does not end, because a driver hangs."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self._child.wait(timeout=2.0)
        return None


def clean_environment() -> dict[str, str]:
    """Return this process's environment without the variables that GIMP and its packages set.

    No variable names a folder of an AppImage, which the warm engine may outlive.
    """
    kept = {k: v for k, v in os.environ.items() if not k.startswith(_NOT_FOR_THE_ENGINE)}
    mounted = os.environ.get("APPDIR")
    if not mounted:
        return kept
    lists = {k: [e for e in v.split(":") if not e.startswith(mounted)] for k, v in kept.items()}
    return {k: ":".join(entries) for k, entries in lists.items() if entries}


def open_engine_log() -> IO[bytes]:
    """Open the log for appending and reading.

    If the log cannot be written (full disk, no permission), use a temporary file, or nothing: the
    dream can go ahead without a log.
    """
    for opened in (lambda: open_log(engine_log()), tempfile.TemporaryFile):
        with contextlib.suppress(OSError):
            return opened()
    return Path(os.devnull).open("a+b")
