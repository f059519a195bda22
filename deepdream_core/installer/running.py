"""Running other programs."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from deepdream_core.installer.words import say


def clean_environment(folder: Path) -> dict[str, str]:
    """Return the environment for pip: nothing of another Python, big files on the same disk."""
    others = ("PYTHONPATH", "PYTHONHOME", "PIP_TARGET", "PIP_PREFIX", "VIRTUAL_ENV", "PIP_USER")
    kept = {name: value for name, value in os.environ.items() if name not in others}
    temporary = folder / "tmp"
    temporary.mkdir(parents=True, exist_ok=True)
    return {**kept, "PYTHONNOUSERSITE": "1", "PIP_USER": "0", "TMPDIR": str(temporary)}


def run_logged(
    command: Sequence[object], log: Path, env: Mapping[str, str] | None = None, keep: int = -1
) -> int:
    """Run a command with its output in `log`, showing time, disk and its last line meanwhile.

    `keep` is a descriptor that the command inherits. The command ends with the installer.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    on_terminal = sys.stdout.isatty()
    started, shown = time.monotonic(), 0.0
    with log.open("ab") as out:
        out.write(f"\n$ {' '.join(map(str, command))}\n".encode())
        out.flush()
        free_before = shutil.disk_usage(log.parent).free
        process = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            env=None if env is None else dict(env),
            pass_fds=[keep] if keep >= 0 and sys.platform != "win32" else [],
        )
        try:
            while True:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    code = process.wait(0.5)
                    break
                seconds = time.monotonic() - started
                if seconds - shown < (0.5 if on_terminal else 15.0):
                    continue
                shown = seconds
                gigabytes = max(0, free_before - shutil.disk_usage(log.parent).free) / 1e9
                line = f"    {seconds:4.0f} s, {gigabytes:.1f} GB: {last_line(log)}"
                print(f"\r{line[:78]:78}" if on_terminal else line[:100], end="", flush=True)
                if not on_terminal:
                    say()
        except BaseException:
            process.terminate()
            process.wait()
            raise
        finally:
            if on_terminal and shown:
                print(f"\r{'':78}\r", end="", flush=True)
    return code


def last_line(log: Path) -> str:
    with log.open("rb") as text:
        text.seek(max(0, log.stat().st_size - 2000))
        lines = text.read().decode("utf-8", "replace").split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "")


def answer_of(command: Sequence[object], timeout: float = 60.0) -> str:
    """Return what a command prints, empty if it fails."""
    done = _finished(command, timeout)
    return done.stdout.strip() if done and done.returncode == 0 else ""


def outcome_of(command: Sequence[object], timeout: float) -> tuple[int, str]:
    """Return a command's exit code and all that it said; 1 where it did not start or not end."""
    done = _finished(command, timeout)
    if done is None:
        return 1, f"{command[0]} did not start, or did not end within {timeout:g} seconds."
    return done.returncode, (done.stdout + done.stderr).strip()


def _finished(command: Sequence[object], timeout: float) -> subprocess.CompletedProcess[str] | None:
    try:
        return subprocess.run(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=timeout,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
