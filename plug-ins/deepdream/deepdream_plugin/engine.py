"""The engine as the plug-in sees it: a process that is asked for a dream and answers in frames.

    with Engine.start() as engine:
        job = engine.dream(recipe, {"image": picture})
        for event in job.events():          # progress, preview, note, frame, result
            …

`events` waits; a dialog watches `engine.fileno()` instead, or runs `events` in a thread, and may
call `job.cancel()` and its like at any time. An `error` frame is raised as `EngineError`.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from deepdream_core import __version__
from deepdream_core.shared.protocol import (
    PROTOCOL_VERSION,
    Frame,
    Picture,
    ProtocolError,
    receive,
    send,
)
from deepdream_core.shared.recipe import Recipe
from deepdream_plugin import warm_engine
from deepdream_plugin.engine_process import engine_environment, log_path, open_log
from deepdream_plugin.texts import _, translated

PLUG_IN_FOLDER = Path(__file__).resolve().parents[1]
_START_SECONDS = 60.0


class EngineError(Exception):
    """The dream failed; the text tells the artist what happened and what to do.

    `code` is for programs.
    """

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        self.code = code
        self.message = message
        self.hint = hint
        super().__init__(f"{message} {hint}".strip())


class EngineMissing(EngineError):
    """No engine is installed, or it is not where it was."""


class EngineMismatch(EngineError):
    """The engine is of another version than the plug-in."""


class EngineDied(EngineError):
    """The engine ended in the middle of its work."""


class Cancelled(EngineError):
    """The dream was called off with `Request.cancel`."""


def engine_python() -> Path:
    """Return the Python that has the engine: DEEPDREAM_PYTHON, or what install.py noted.

    Raises `EngineMissing`.
    """
    override = os.environ.get("DEEPDREAM_PYTHON")
    if override:
        words = _("DEEPDREAM_PYTHON names {python}, where there is nothing.")
        return _existing(Path(override), words)
    note = PLUG_IN_FOLDER / "installation.json"
    try:
        python = json.loads(note.read_text("utf-8"))["python"]
    except (OSError, ValueError, KeyError, TypeError):
        raise EngineMissing(
            "no-engine",
            _("DeepDream's engine is not installed."),
            _("Run `python3 install.py` from the DeepDream folder."),
        ) from None
    return _existing(Path(python), _("The engine should be at {python}, where there is nothing."))


def _existing(python: Path, else_say: str) -> Path:
    if not python.is_file():
        raise EngineMissing("no-engine", else_say.format(python=python), _install_again())
    return python


def _install_again() -> str:
    return _("Run `python3 install.py` from the DeepDream folder to install it again.")


class Engine:
    """A connection to a running engine, one dream at a time."""

    def __init__(
        self,
        reader: BinaryIO,
        writer: BinaryIO,
        process: _Process | None = None,
        stream: socket.socket | None = None,
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._process = process
        self._stream = stream
        self._write_lock = threading.Lock()
        self._ids = itertools.count(1)
        self.version = ""
        self.pid = 0

    @classmethod
    def start(cls, python: Path | None = None) -> Engine:
        """Start a private engine, which ends with this process. Raises `EngineError`."""
        process = _Process(python or engine_python())
        engine = cls(process.stdout, process.stdin, process)
        try:
            engine._greet()
        except BaseException:
            engine.close()
            raise
        return engine

    @classmethod
    def warm(cls, python: Path | None = None) -> Engine:
        """Connect to the engine that stays between dreams, starting it if it is not there.

        Where there is none (Windows, a home that holds no sockets) a private one is started.
        Raises `EngineError`.
        """
        python = python or engine_python()
        path = warm_engine.socket_path()
        if path is None:
            return cls.start(python)
        for _attempt in range(2):
            stream = warm_engine.connect(path) or warm_engine.start(path, python)
            if stream is None:
                return cls.start(python)
            engine = cls(stream.makefile("rb"), stream.makefile("wb"), stream=stream)
            try:
                engine._greet()
                return engine
            except EngineMismatch:
                # Left over from before an update: it ends when its last window is done with it.
                with contextlib.suppress(EngineError):
                    engine.send(Frame("quit"))
                engine.close()
            except EngineDied:
                engine.close()
        return cls.start(python)

    def __enter__(self) -> Engine:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def fileno(self) -> int:
        """Return the descriptor that becomes readable when a frame arrives."""
        return self._reader.fileno()

    def receive(self) -> Frame:
        """Wait for the next frame. Raises `EngineDied`, or the `EngineError` that it holds."""
        try:
            frame = receive(self._reader)
        except (ProtocolError, OSError, ValueError):
            frame = None
        if frame is None:
            raise self._death()
        if frame.kind == "error":
            code = str(frame.fields.get("code", ""))
            words = (translated(frame.fields.get(name, "")) for name in ("message", "hint"))
            raise (Cancelled if code == "cancelled" else EngineError)(code, *words)
        return frame

    def send(self, frame: Frame) -> None:
        """Send a frame; may be called from any thread. Raises `EngineDied`."""
        try:
            with self._write_lock:
                send(self._writer, frame)
        except (OSError, ValueError):
            raise self._death() from None

    def dream(
        self,
        recipe: Recipe,
        pictures: Mapping[str, Picture],
        preview: int = 0,
        palette: list[list[int]] | None = None,
        draft: bool = False,
    ) -> Request:
        """Ask for a dream of the picture "image", limited by "mask" if there is one.

        `preview` is the longest side of preview pictures in pixels, 0 for none; `palette` the
        colours (0..255) that the result may have; `draft` says that only its previews are looked
        at, so that it goes before other dreams. Raises `EngineDied`.
        """
        job = Request(self, next(self._ids))
        fields = {"id": job.id, "recipe": recipe.as_dict(), "preview": preview, "draft": draft}
        if palette is not None:
            fields["palette"] = palette
        self.send(Frame("dream", fields, pictures))
        return job

    def networks(self) -> list[dict[str, Any]]:
        """Return every network: `name`, `here`, `mib`, `licence`. Raises `EngineError`."""
        job = Request(self, next(self._ids))
        self.send(Frame("models", {"id": job.id}))
        return list(job.next_event().fields["networks"])

    def fetch(self, name: str) -> Request:
        """Have a network's weights fetched; its events end in `fetched`. Raises `EngineDied`."""
        job = Request(self, next(self._ids))
        self.send(Frame("fetch", {"id": job.id, "name": name}))
        return job

    def close(self) -> None:
        """End the connection, and a private engine with it, at once."""
        if self._stream:
            # A thread that waits for a frame holds the reader; this makes it let go.
            with contextlib.suppress(OSError):
                self._stream.shutdown(socket.SHUT_RDWR)
            self._stream.close()
        with contextlib.suppress(OSError):
            self._writer.close()
        if self._process:
            self._process.end()
        with contextlib.suppress(OSError):
            self._reader.close()

    def _greet(self) -> None:
        self.send(Frame("hello", {"version": __version__, "protocol": PROTOCOL_VERSION}))
        # The first start after an installation compiles; a hanging one must not hang GIMP.
        deadline = threading.Timer(_START_SECONDS, self._give_up)
        deadline.start()
        try:
            hello = self.receive()
        finally:
            deadline.cancel()
        self.version, self.pid = str(hello.fields.get("version")), int(hello.fields.get("pid", 0))
        if hello.fields.get("protocol") != PROTOCOL_VERSION or self.version != __version__:
            raise EngineMismatch(
                "other-version",
                _("The engine is version {engine}, the plug-in {plug_in}.").format(
                    engine=self.version, plug_in=__version__
                ),
                _("Run `python3 install.py` again, so that both are of the same version."),
            )

    def _give_up(self) -> None:
        if self._process:
            self._process.end()

    def _death(self) -> EngineDied:
        lines = self._process.last_words() if self._process else []
        said = _('Its last words were: "{words}".').format(words=lines[-1]) if lines else ""
        log = _("Its log is {path}.").format(path=log_path())
        if not self.version:
            what = _("The engine did not start.")
            hint = _("Run `python3 install.py` from the DeepDream folder to repair it.")
        else:
            what = _("The engine ended in the middle of the dream.")
            hint = _("If memory ran out, dream a smaller layer or a selection.")
        return EngineDied("engine-died", f"{what} {said}".strip(), f"{hint} {log}")


class Request:
    """One dream that an engine was asked for."""

    def __init__(self, engine: Engine, identifier: int) -> None:
        self._engine = engine
        self.id = identifier

    def events(self) -> Iterator[Frame]:
        """Give the job's frames as they come; the last is the answer. Raises `EngineError`."""
        while True:
            frame = self.next_event()
            yield frame
            if frame.kind in ("result", "fetched"):
                return

    def next_event(self) -> Frame:
        """Wait for the job's next frame. Raises `EngineError`."""
        while True:
            frame = self._engine.receive()
            if frame.fields.get("id") == self.id:
                return frame

    def cancel(self) -> None:
        """Call the dream off; `events` then raises `Cancelled`."""
        self._tell("cancel")

    def finish(self) -> None:
        """Stop early and hand over what is there."""
        self._tell("finish")

    def pause(self) -> None:
        self._tell("pause")

    def resume(self) -> None:
        self._tell("resume")

    def _tell(self, kind: str) -> None:
        self._engine.send(Frame(kind, {"id": self.id}))


class _Process:
    """A private engine: a child of this process, in its process group."""

    def __init__(self, python: Path) -> None:
        self._log = open_log()
        self._log_start = self._log.tell()
        self._log.write(f"--- {time.strftime('%Y-%m-%d %H:%M:%S')} {python}\n".encode())
        self._log.flush()
        no_window = {"creationflags": 0x08000000} if sys.platform == "win32" else {}
        try:
            self._child = subprocess.Popen(
                [str(python), "-I", "-m", "deepdream_core.engine", "--stdio"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._log,
                env=engine_environment(),
                **no_window,
            )
        except OSError as problem:
            raise EngineMissing(
                "no-engine",
                _("The engine could not be started ({reason}).").format(reason=problem),
                _install_again(),
            ) from None
        self.stdin: BinaryIO = self._child.stdin  # type: ignore[assignment]
        self.stdout: BinaryIO = self._child.stdout  # type: ignore[assignment]

    def last_words(self) -> list[str]:
        """Return the last lines that this engine wrote to its log."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._child.wait(timeout=2.0)
        self._log.seek(self._log_start)
        lines = self._log.read().decode("utf-8", "replace").splitlines()[1:]
        return [line for line in lines if line.strip()][-20:]

    def end(self) -> None:
        """Kill the engine: it has nothing to tidy up."""
        with contextlib.suppress(OSError):
            self._child.kill()
        self._child.wait()
        self._log.close()


def lead_own_group() -> None:
    """Make this process the leader of a group: GIMP's Cancel then kills the engine with it."""
    if hasattr(os, "setpgid"):
        with contextlib.suppress(OSError):
            os.setpgid(0, 0)
