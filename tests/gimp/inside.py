"""Running a Python file inside a real GIMP, through the test plug-in `runfile`."""

from __future__ import annotations

import contextlib
import json
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hosts import PLUG_INS, GimpHost, Result

SCRIPTS = Path(__file__).resolve().parent / "scripts"
TEST_PLUG_INS = Path(__file__).resolve().parent / "plug-ins"

_GIMPS_OWN_NOISE = re.compile(
    # What these GIMPs always print without a display, with a fresh profile or in a chroot.
    r"scriptfu-WARNING|Gtk-WARNING.*display|Glycin|INFO: argument '|stale context|"
    r"list of contexts not empty|g_object_unref: assertion|gimp_flush\(\): error|tag cache|"
    r"gimp_wire_read\(\): unexpected EOF|Welcome to GIMP|batch command executed|Zombie plug-in|"
    r"Buffers? leaked|gegl_tile_cache_destroy|stray image|^\s*$|file-rawtherapee|"
    r"^\(.*\): GEGL|Failed to execute child process"
)


def run_inside(
    host: GimpHost,
    folder: Path,
    script: str,
    *,
    engine: SharedEngine | None = None,
    env: Mapping[str, str] | None = None,
    files: Mapping[str, str] | None = None,
    plug_ins: Sequence[Path] = (),
    fonts: bool = False,
    timeout: float = 300.0,
) -> tuple[dict[str, Any], Result]:
    """Run `scripts/SCRIPT` in `folder`; return its report and GIMP's result.

    Writes `files` (name to content) next to the script first. With `engine`, all dreams use that
    engine instead of starting their own; PYTHON_WITH_THE_ENGINE is then this interpreter. Fails if
    the script fails.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path, report = folder / script, folder / "report.json"
    shutil.copy(SCRIPTS / script, path)
    for name, text in (files or {}).items():
        (folder / name).write_text(text, "utf-8")
    if host.is_gimp2:
        code = f'(python-fu-run-file RUN-NONINTERACTIVE "{path}" "{report}")'
    else:
        code = f'(python-fu-run-file #:path "{path}" #:report-path "{report}")'
        code = f"(script-fu-use-v3) {code}"
    if engine:
        python = {
            "DEEPDREAM_PYTHON": str(engine.stand_in),
            "PYTHON_WITH_THE_ENGINE": sys.executable,
        }
        env = {**python, **(env or {})}
    result = host.batch(
        code,
        folder,
        plug_ins=[PLUG_INS, TEST_PLUG_INS, *plug_ins],
        env=env,
        binds=[engine.folder] if engine else [],
        fonts=fonts,
        timeout=timeout,
    )
    assert report.exists(), result.output
    told = json.loads(report.read_text("utf-8"))
    assert "error" not in told, told["error"] + result.output
    return told, result


@dataclass(frozen=True)
class SharedEngine:
    """An engine for the dreams of many tests, which need not start their own."""

    folder: Path
    """Must be visible to GIMP; its path is short enough for a socket."""
    socket: Path
    stand_in: Path
    """The program that the plug-in uses as the engine's Python."""

    def log(self) -> str:
        """Return everything that it has written to stderr so far."""
        return (self.folder / "log").read_text("utf-8")


@contextlib.contextmanager
def shared_engine() -> Iterator[SharedEngine]:
    """Run an engine during the block."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        place = folder / "own" / "socket"
        command = [sys.executable, "-I", "-m", "deepdream_core.engine", "--socket", str(place)]
        with (folder / "log").open("wb") as log:
            engine = subprocess.Popen([*command, "--idle", "3600"], stderr=log)
        try:
            until = time.monotonic() + 60
            while not place.exists():
                assert engine.poll() is None and time.monotonic() < until
                time.sleep(0.05)
            program = stand_in(folder, "engine_elsewhere.py", str(place))
            yield SharedEngine(folder, place, program)
        finally:
            engine.kill()
            engine.wait()


def stand_in(folder: Path, script: str, *arguments: str) -> Path:
    """Create a program in `folder` that runs `scripts/SCRIPT` in place of the engine."""
    program = folder / "engine"
    # The plug-in runs `-I -m deepdream_core.engine`, followed by the engine's own arguments.
    call = shlex.join([sys.executable, "-I", str(SCRIPTS / script), *arguments])
    program.write_text(f'#!/bin/sh\nshift 3\nexec {call} "$@"\n', "utf-8")
    program.chmod(0o755)
    return program


def script_fu_line(
    host: GimpHost, preset: str, settings: str = "steps=0", run_mode: str = "RUN-NONINTERACTIVE"
) -> str:
    """Return the Script-Fu code to dream a new image; it shows "made it" at the end."""
    if host.is_gimp2:
        return f"""
            (let* ((image (car (gimp-image-new 32 32 RGB)))
                   (layer (car (gimp-layer-new image 32 32 RGB-IMAGE "p" 100 LAYER-MODE-NORMAL))))
              (gimp-image-insert-layer image layer 0 0)
              (python-fu-deepdream {run_mode} image layer "{preset}" "{settings}")
              (gimp-message "made it"))"""
    return f"""
        (script-fu-use-v3)
        (let* ((image (gimp-image-new 32 32 RGB))
               (layer (gimp-layer-new image "p" 32 32 RGB-IMAGE 100 LAYER-MODE-NORMAL)))
          (gimp-image-insert-layer image layer 0 0)
          (python-fu-deepdream #:run-mode {run_mode} #:image image
            #:drawables (vector layer) #:preset "{preset}" #:settings "{settings}")
          (gimp-message "made it"))"""


def complaints(result: Result) -> list[str]:
    """Return the lines on stderr that GIMP does not always print."""
    lines = result.stderr.splitlines()
    return [line for line in lines if not _GIMPS_OWN_NOISE.search(line)]
