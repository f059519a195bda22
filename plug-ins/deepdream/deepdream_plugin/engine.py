"""The client of the engine, a process that receives requests and answers in frames.

    with Engine.start() as engine:
        request = engine.dream(recipe, {"image": picture})
        for event in request.events():          # progress, preview, note, frame, result
            …

`events` blocks; a dialog runs it in a thread. `request.cancel()` and similar methods may be called
from any thread. An `error` frame is raised as `EngineError`.
"""

from __future__ import annotations

import contextlib
import itertools
import socket
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from deepdream_core import __version__
from deepdream_core.shared.messages import Message
from deepdream_core.shared.other_computer import (
    AfterNoise,
    Computer,
    Trouble,
    fits,
    other_version,
    stopped_answering,
    why_it_ended,
    why_no_answer,
)
from deepdream_core.shared.paths import current_folder, engine_log, warm_engine_socket
from deepdream_core.shared.protocol import (
    PROTOCOL_VERSION,
    Frame,
    Picture,
    ProtocolError,
    receive,
    send,
)
from deepdream_core.shared.quoting import shortened
from deepdream_core.shared.recipe import Recipe
from deepdream_core.shared.recipe_files import files_named, with_absolute_files, without_files
from deepdream_plugin.computer import other_computer
from deepdream_plugin.engine_errors import (
    Cancelled,
    EngineDied,
    EngineElsewhere,
    EngineError,
    EngineMismatch,
    EngineSilent,
)
from deepdream_plugin.engine_processes import (
    PrivateProcess,
    engine_python,
    start_elsewhere,
    start_private,
)
from deepdream_plugin.engine_warm import connect_to_warm, end_warm, process_at, start_warm
from deepdream_plugin.engine_watch import RawStream, Watchdog, WatchedStream, seems_at_work
from deepdream_plugin.texts import _, translated

_ATTEMPTS = 3
"""Enough for an engine from before an update, and one that does not answer."""
_CLOSE_SECONDS = 2.0


class Engine:
    """A connection to a running engine, one dream at a time."""

    def __init__(
        self,
        reader: RawStream,
        writer: RawStream,
        process: PrivateProcess | None = None,
        stream: socket.socket | None = None,
        computer: Computer | None = None,
    ) -> None:
        """`reader` and `writer` are unbuffered; `stream` is the socket of both, if any.

        `computer` is where the engine runs, if that is not this one.
        """
        self._reader = reader
        self._writer = writer
        self._process = process
        self._stream = stream
        self._served_by = process_at(stream, warm_engine_socket()) if stream else 0
        self._watchdog = Watchdog(self._seems_at_work, self._give_up)
        self._watched = WatchedStream(reader, writer, self._watchdog)
        self._computer = computer
        self._frames = AfterNoise(self._watched) if computer else self._watched
        self._packs = False
        """Whether pictures are packed."""
        self._has_dreamed = False
        self._write_lock = threading.Lock()
        self._ids = itertools.count(1)
        self.version = ""
        self.pid = 0

    @classmethod
    def start(cls, python: Path | None = None) -> Engine:
        """Start a private engine, which exits with this process. Raises `EngineError`.

        It runs on the computer that the artist chose, unless this computer's `python` is given.
        """
        computer = None if python else other_computer()
        process = (
            start_elsewhere(computer) if computer else start_private(python or engine_python())
        )
        engine = cls(process.stdout, process.stdin, process, computer=computer)
        try:
            engine._greet()
        except BaseException:
            engine.close()
            raise
        return engine

    @classmethod
    def warm(cls, python: Path | None = None) -> Engine:
        """Connect to the engine that keeps running between dreams, starting it if necessary.

        Replaces one that does not answer. Starts a private one where a warm one is impossible, as
        on another computer or in a data folder that cannot be written to. Raises `EngineError`.
        """
        if python is None and other_computer():
            return cls.start()
        python = python or engine_python()
        path = warm_engine_socket()
        for _attempt in range(_ATTEMPTS):
            stream = connect_to_warm(path) or start_warm(path, python)
            if stream is None:
                return cls.start(python)
            reader = stream.makefile("rb", buffering=0)
            engine = cls(reader, stream.makefile("wb", buffering=0), stream=stream)
            try:
                engine._greet()
                return engine
            except EngineMismatch:
                # From before an update: it exits once its last window has closed.
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
        """Return the file descriptor that becomes readable when a frame arrives."""
        return self._reader.fileno()

    def receive(self) -> Frame:
        """Wait for the next frame. Raises `EngineDied`, or `EngineError` for an `error` frame."""
        try:
            frame = receive(self._frames)
        except MemoryError:
            what, hint = Message("out-of-memory"), Message("free-memory")
            raise EngineError("out-of-memory", translated(what), translated(hint)) from None
        except (ProtocolError, OSError, ValueError):
            frame = None
        if frame is None or not _is_complete(frame):
            raise self._death()
        self._has_dreamed = self._has_dreamed or frame.kind == "progress"
        if frame.kind == "error":
            code = str(frame.fields.get("code", ""))
            texts = (_text_of(frame, name) for name in ("message", "hint"))
            raise (Cancelled if code == "cancelled" else EngineError)(code, *texts)
        return frame

    def send(self, frame: Frame) -> None:
        """Send a frame. May be called from any thread. Raises `EngineDied`."""
        try:
            with self._write_lock:
                send(self._watched, frame, self._packs)
        except (OSError, ValueError):
            raise self._death() from None

    def dream(
        self,
        recipe: Recipe,
        pictures: Mapping[str, Picture],
        preview: int = 0,
        palette: list[list[int]] | None = None,
        draft: bool = False,
        place: Sequence[float] | None = None,
        film: str = "",
        carry: float = 1.0,
        levels: int = 0,
    ) -> Request:
        """Request a dream of the picture "image", limited by the optional picture "mask".

        `preview` is the longest side of preview pictures in pixels, or 0 for none. `palette` lists
        the colours (0..255) that the result may use. `draft` marks a dream of which only the
        previews are shown; it takes precedence over other dreams. `place` says which part of the
        optional picture "whole" the image is: x, y, width and height, 0..1. `film` names the film
        whose next frame it is, to which `carry` (0..1) of the last dream moves on. Another computer
        gets no names of files: there, files of the recipe must be among the pictures. `levels` says
        how many steps above black the image keeps, if few: then less needs to travel. Raises
        `EngineDied`, or `EngineError` for a file that is not.
        """
        request = Request(self, next(self._ids))
        wanted = self._for_the_engine(recipe, pictures).as_dict()
        fields = {"id": request.id, "recipe": wanted, "preview": preview, "draft": draft}
        if palette is not None:
            fields["palette"] = palette
        if place is not None:
            fields["place"] = list(place)
        if film:
            fields["film"] = {"name": film, "carry": carry}
        if levels and self._packs:
            fields["levels"] = levels
        self.send(Frame("dream", fields, pictures))
        return request

    def _for_the_engine(self, recipe: Recipe, pictures: Mapping[str, Picture]) -> Recipe:
        """Return the recipe with files that the engine can find."""
        if not self._computer:
            return with_absolute_files(recipe, current_folder())
        for name, file in files_named(recipe.as_dict()).items():
            if name not in pictures:
                what = Message("file-stays-here", path=shortened(file), host=self._computer.host)
                hint = translated(Message("change-setting"))
                raise EngineError("file-stays-here", translated(what), hint)
        return without_files(recipe)

    def networks(self) -> list[dict[str, Any]]:
        """Return every network with `name`, `here`, `mib`, `licence`. Raises `EngineError`."""
        request = Request(self, next(self._ids))
        self.send(Frame("models", {"id": request.id}))
        return list(request.next_event().fields.get("networks", []))

    def fetch(self, name: str) -> Request:
        """Request a download of a network's weights; ends with `fetched`. Raises `EngineDied`."""
        request = Request(self, next(self._ids))
        self.send(Frame("fetch", {"id": request.id, "name": name}))
        return request

    def close(self) -> None:
        """Close the connection immediately, and stop a private engine."""
        self._watchdog.close()
        self._cut()
        # A thread that waits for the engine has been woken up; it may hold the lock for a moment.
        locked = self._write_lock.acquire(timeout=_CLOSE_SECONDS)
        with contextlib.suppress(OSError):
            self._writer.close()
        if locked:
            self._write_lock.release()
        with contextlib.suppress(OSError):
            self._reader.close()
        if self._stream:
            self._stream.close()
        if self._process:
            self._process.end()

    def _cut(self) -> None:
        """Wake all threads that wait for the engine."""
        if self._process:
            self._process.kill()
        if self._stream:
            with contextlib.suppress(OSError):
                self._stream.shutdown(socket.SHUT_RDWR)

    def _greet(self) -> None:
        about = {"version": __version__, "protocol": PROTOCOL_VERSION}
        if self._computer:
            about["packs"] = True
        self.send(Frame("hello", about))
        hello = self.receive()
        if hello.kind != "hello":
            raise self._death()
        self.version, self.pid = str(hello.fields.get("version")), hello.fields["pid"]
        self._packs = bool(self._computer) and hello.fields.get("packs") is True
        understood = hello.fields.get("protocol") == PROTOCOL_VERSION
        if self._computer:
            if not understood or not fits(self.version, __version__):
                raise _elsewhere(other_version(self._computer, self.version, __version__))
        elif not understood or self.version != __version__:
            raise EngineMismatch(
                "other-version",
                _("The engine is version {engine}, but the plug-in is version {plug_in}.").format(
                    engine=self.version, plug_in=__version__
                ),
                _("Run `python3 install.py` again to bring both to the same version."),
            )

    def _seems_at_work(self) -> bool:
        if self._computer:
            # Only while it loads its libraries can it be silent. Its process is out of sight.
            return not self._has_dreamed
        if self._process:
            return seems_at_work(self._process.process)
        return seems_at_work(self._served_by)

    def _give_up(self) -> None:
        """End the engine, which does not answer, so that the next dream gets a new one."""
        if self._stream:
            end_warm(warm_engine_socket(), self._served_by)
        self._cut()

    def _death(self) -> EngineDied:
        if self._computer and self._process:
            return _elsewhere(self._trouble(self._computer, self._process))
        if self._watchdog.gave_up():
            what = _("The engine stopped answering, so it was ended.")
            return EngineSilent("engine-silent", what, _("Dream again; a new engine will start."))
        log = _("Its log is {path}.").format(path=engine_log())
        if not self.version and self._process and self._process.lacked_memory():
            what = _("The engine did not start because there was not enough memory.")
            hint = _("Close other programs and dream again.")
            return EngineDied("engine-died", what, f"{hint} {log}")
        if self.version and self._process and self._process.named_memory():
            what, hint = translated(Message("out-of-memory")), translated(Message("free-memory"))
            return EngineDied("engine-died", what, f"{hint} {log}")
        lines = self._process.last_words() if self._process else []
        quote = _('Its last words were: "{words}".').format(words=lines[-1]) if lines else ""
        if not self.version:
            what = _("The engine did not start.")
            hint = _("Run `python3 install.py` from the DeepDream folder to repair it.")
        else:
            what = _("The engine stopped unexpectedly during the dream.")
            hint = _("If it ran out of memory, dream a smaller layer or a selection.")
        return EngineDied("engine-died", f"{what} {quote}".strip(), f"{hint} {log}")

    def _trouble(self, computer: Computer, process: PrivateProcess) -> Trouble:
        if self._watchdog.gave_up():
            return stopped_answering(computer)
        words, code = process.last_words(), process.exit_code()
        if self.version:
            return why_it_ended(computer, words, code)
        noise = self._frames.noise if isinstance(self._frames, AfterNoise) else b""
        return why_no_answer(
            computer, [*noise.decode("utf-8", "replace").splitlines(), *words], code
        )


def _elsewhere(trouble: Trouble) -> EngineElsewhere:
    log = _("Its log is {path}.").format(path=engine_log())
    hint = f"{translated(trouble.hint)} {log}"
    return EngineElsewhere(trouble.code, translated(trouble.what), hint)


_PICTURES = ("result", "frame", "preview")
"""Kinds of frames that have a picture of the same name."""
_NUMBERS = {
    "hello": ("pid",),
    "progress": ("fraction", "octave", "octaves", "step", "steps"),
    "fetching": ("done",),
}
_LISTS = {"models": ("networks",)}
"""Fields that frames of a kind must have."""


def _is_complete(frame: Frame) -> bool:
    """Return whether a frame has what its readers rely on."""
    fields = frame.fields
    numbers = (fields.get(name) for name in _NUMBERS.get(frame.kind, ()))
    lists = (fields.get(name) for name in _LISTS.get(frame.kind, ()))
    return (
        (frame.kind not in _PICTURES or frame.kind in frame.pictures)
        and all(isinstance(value, (int, float)) for value in numbers)
        and all(isinstance(value, list) for value in lists)
    )


def _text_of(frame: Frame, name: str) -> str:
    text = frame.fields.get(name)
    return translated(text) if isinstance(text, str) else ""


class Request:
    """A request to an engine, for a dream or a download."""

    def __init__(self, engine: Engine, identifier: int) -> None:
        self._engine = engine
        self.id = identifier

    def events(self) -> Iterator[Frame]:
        """Yield its frames as they arrive; the last is the result. Raises `EngineError`."""
        while True:
            frame = self.next_event()
            yield frame
            if frame.kind in ("result", "fetched"):
                return

    def next_event(self) -> Frame:
        """Wait for its next frame. Raises `EngineError`."""
        while True:
            frame = self._engine.receive()
            if frame.fields.get("id") == self.id:
                return frame

    def cancel(self) -> None:
        """Cancel it; `events` then raises `Cancelled`."""
        self._send("cancel")

    def finish(self) -> None:
        """Stop early and return the dream so far as the result."""
        self._send("finish")

    def compose(self, recipe: Recipe, preview: int) -> None:
        """Go on with the recipe's ways to compose and with previews of this size."""
        fields = {"id": self.id, "recipe": recipe.as_dict(), "preview": preview}
        self._engine.send(Frame("compose", fields))

    def pause(self) -> None:
        self._send("pause")

    def resume(self) -> None:
        self._send("resume")

    def _send(self, kind: str) -> None:
        self._engine.send(Frame(kind, {"id": self.id}))
