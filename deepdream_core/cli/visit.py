"""Starting an engine only to see whether it answers and dreams."""

from __future__ import annotations

import subprocess
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import IO

from deepdream_core import __version__
from deepdream_core.shared.child_processes import NO_WINDOW
from deepdream_core.shared.other_computer import AfterNoise
from deepdream_core.shared.protocol import (
    PROTOCOL_VERSION,
    Frame,
    Picture,
    ProtocolError,
    receive,
    send,
)

_LONGEST_SECONDS = 120.0
_SIDE = 32
_SMALL_DREAM = {"octaves": 1, "steps": 1}


@dataclass
class Visit:
    """What came of starting an engine."""

    version: str = ""
    """Empty if it did not answer."""
    seconds: float = 0.0
    """From its start to its first answer."""
    device: str = ""
    """What it dreamed on, if it was asked to dream."""
    dream_seconds: float = 0.0
    problem: str = ""
    """Why it did not dream."""
    words: list[str] = field(default_factory=list)
    """What it wrote besides frames."""
    exit_code: int | None = None
    """If it ended by itself."""


def visit_engine(command: Sequence[str], dreaming: bool = False) -> Visit:
    """Start an engine, greet it, perhaps have it dream a tiny picture, and end it.

    Raises `OSError` if the command cannot be started.
    """
    visit = Visit()
    with tempfile.TemporaryFile() as written:
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=written,
            bufsize=0,
            creationflags=NO_WINDOW,
        )
        assert process.stdin and process.stdout
        # An engine that hangs must not hang the doctor.
        deadline = threading.Timer(_LONGEST_SECONDS, process.kill)
        deadline.start()
        frames = AfterNoise(process.stdout)
        try:
            _talk(process.stdin, frames, visit, dreaming)
            process.stdin.close()
            process.wait(10)
        except (OSError, ProtocolError, subprocess.TimeoutExpired):
            visit.exit_code = _code_of(process)
        finally:
            deadline.cancel()
            process.kill()
            process.wait()
        written.seek(0)
        output = frames.noise + b"\n" + written.read()
    lines = output.decode("utf-8", "replace").splitlines()
    visit.words = [line for line in lines if line.strip()]
    return visit


def _code_of(process: subprocess.Popen[bytes]) -> int | None:
    try:
        return process.wait(2)
    except subprocess.TimeoutExpired:
        return None


def _talk(stdin: IO[bytes], frames: AfterNoise, visit: Visit, dreaming: bool) -> None:
    """Raises `OSError` or `ProtocolError` if the engine is gone or says what it should not."""
    started = time.monotonic()
    send(stdin, Frame("hello", {"version": __version__, "protocol": PROTOCOL_VERSION}))
    hello = _next(frames)
    visit.version, visit.seconds = str(hello.fields.get("version")), time.monotonic() - started
    if not dreaming:
        return
    started = time.monotonic()
    gray = Picture(_SIDE, _SIDE, 3, b"\x80" * (3 * _SIDE * _SIDE), sample="uint8")
    send(stdin, Frame("dream", {"id": 1, "recipe": _SMALL_DREAM}, {"image": gray}))
    for frame in iter(lambda: _next(frames), None):
        if frame.kind == "error":
            visit.problem = str(frame.fields.get("message"))
            return
        if frame.kind == "result":
            visit.device = str(frame.fields.get("device"))
            visit.dream_seconds = time.monotonic() - started
            return


def _next(frames: AfterNoise) -> Frame:
    frame = receive(frames)
    if frame is None:
        raise ProtocolError("The engine ended.")
    return frame
