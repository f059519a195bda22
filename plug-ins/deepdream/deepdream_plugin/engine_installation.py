"""Installing, updating and removing the engine: runs the installer in a process of its own.

work = Installation(INSTALL, on_report, on_end)   # both are called in another thread
work.cancel()                                     # what was downloaded is kept
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from deepdream_core.shared.child_processes import NO_WINDOW, end_with_this_process
from deepdream_core.shared.messages import Message
from deepdream_plugin import PLUG_IN_FOLDER
from deepdream_plugin.engine_processes import clean_environment, open_engine_log
from deepdream_plugin.texts import _, translated

PLAN = ("engine", "--dry-run")
INSTALL = ("engine",)
REMOVE = ("uninstall", "--engine-alone")
"""What the installer can be asked for."""

_CANCEL_SECONDS = 20.0


def installer() -> Path | None:
    """Return the installer: beside the plug-in or, in a checkout, at its top; None without one."""
    for folder in (PLUG_IN_FOLDER, PLUG_IN_FOLDER.parents[1]):
        if (found := folder / "install.py").is_file():
            return found
    return None


class Installation:
    """A run of the installer."""

    def __init__(
        self,
        wanted: Sequence[str],
        on_report: Callable[[Mapping[str, Any]], None],
        on_end: Callable[[bool, str], None],
    ) -> None:
        """Start it.

        `on_report` receives what the installer reports, see `deepdream_core.installer.reports`,
        with texts in the artist's language; `on_end` whether it is complete, and if not, why: an
        empty string if it was cancelled.
        """
        self._wanted, self._on_report, self._on_end = wanted, on_report, on_end
        self._process: subprocess.Popen[str] | None = None
        self._cancelled = threading.Event()
        threading.Thread(target=self._run, daemon=True, name="installation").start()

    def cancel(self) -> None:
        """Stop the installer and everything that it has started."""
        self._cancelled.set()
        if process := self._process:
            _stop(process)

    def _run(self) -> None:
        finished, problem = False, ""
        try:
            with open_engine_log() as log:
                process = self._process = self._start(log.fileno())
                if self._cancelled.is_set():
                    _stop(process)
                assert process.stdout
                for line in process.stdout:
                    told = _read(line)
                    finished = finished or told.get("kind") == "finished"
                    problem = told["text"] if told.get("kind") == "failed" else problem
                    self._on_report(told)
                code = process.wait()
            if not finished and not problem:
                problem = _(
                    "The installer ended without an explanation (exit code {code})."
                ).format(code=code)
        except OSError as error:
            problem = _("The installer could not be started ({reason}).").format(reason=error)
        self._on_end(finished, "" if self._cancelled.is_set() else problem)

    def _start(self, log: int) -> subprocess.Popen[str]:
        script = installer()
        if script is None:
            raise FileNotFoundError("install.py")
        process = subprocess.Popen(
            [sys.executable, "-I", "-B", str(script), *self._wanted, "--report"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            encoding="utf-8",
            errors="replace",
            # An AppImage's Python needs what that has set; the installer keeps it from others.
            env=dict(os.environ) if os.environ.get("APPDIR") else clean_environment(),
            # A group of its own, so that pip can be stopped with the installer, and GIMP's Cancel
            # reaches neither while they replace files.
            start_new_session=True,
            creationflags=NO_WINDOW,
        )
        end_with_this_process(process)
        return process


def _read(line: str) -> Mapping[str, Any]:
    """Return what the installer reports in a line, with its text in the artist's language."""
    try:
        told = json.loads(line)
    except ValueError:
        return {}
    if not isinstance(told, dict):
        return {}
    text = told.get("text", "")
    said = Message.from_json(text) if isinstance(text, dict) else str(text)
    return {**told, "text": translated(said)}


def _stop(process: subprocess.Popen[str]) -> None:
    """Ask the installer to stop, which cleans up; kill it if it does not."""
    with contextlib.suppress(OSError):
        process.terminate()

    def make_sure() -> None:
        try:
            process.wait(_CANCEL_SECONDS)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(OSError):
                if sys.platform == "win32":
                    process.kill()
                else:
                    os.killpg(process.pid, signal.SIGKILL)

    threading.Thread(target=make_sure, daemon=True, name="stop").start()
