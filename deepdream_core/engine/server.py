"""Serving requests from streams of frames."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import IO

from deepdream_core import __version__
from deepdream_core.engine.errors import OUT_OF_MEMORY
from deepdream_core.engine.films import Film
from deepdream_core.engine.jobs import DreamJob, JobQueue
from deepdream_core.engine.log import flush_log, log_error
from deepdream_core.engine.networks import WeightsDownload, network_list
from deepdream_core.engine.outbox import Outbox
from deepdream_core.shared.protocol import (
    PROTOCOL_VERSION,
    Frame,
    NoRoom,
    Picture,
    ProtocolError,
    Sink,
    receive,
)

_LAST_SECONDS = 1.0
"""How long answers may still be sent after a stream's end."""


class Connection:
    """A client's stream: requests go into the queue, answers come back."""

    def __init__(
        self,
        frames_in: IO[bytes],
        frames_out: Sink,
        jobs: JobQueue,
        patience: float | None = None,
        on_lost: Callable[[], None] = lambda: None,
    ) -> None:
        """`patience`: see `Outbox`; `on_lost` is called if the client does not read its frames."""
        self._frames_in = frames_in
        self._jobs = jobs
        self._mine: dict[object, DreamJob | WeightsDownload] = {}
        self._film = Film()
        self._on_lost = on_lost
        self._outbox = Outbox(frames_out, lambda: bool(self._mine), self._lost, patience)

    def send(self, kind: str, pictures: dict[str, Picture] | None = None, **fields: object) -> None:
        """Send a frame soon; if the client is gone, its requests are cancelled."""
        if kind in ("result", "error", "fetched"):
            self._mine.pop(fields.get("id"), None)
        self._outbox.put(Frame(kind, fields, pictures or {}))

    def listen(self) -> bool:
        """Accept requests until the stream ends; return whether the engine was asked to quit.

        Raises nothing, whatever arrives.
        """
        quitting = False
        try:
            self._outbox.start()
            for frame in self._frames():
                self._handle(frame)
                if quitting := frame.kind == "quit":
                    break
        except Exception:
            log_error()
        self.drop()
        self._outbox.close(_LAST_SECONDS)
        return quitting

    def _frames(self) -> Iterator[Frame]:
        """Yield frames until the stream ends; refuse those that do not fit into memory."""
        while True:
            try:
                frame = receive(self._frames_in)
            except NoRoom as problem:
                self.send("error", id=problem.fields.get("id"), **asdict(OUT_OF_MEMORY))
                continue
            if frame is None:
                return
            yield frame

    def drop(self) -> None:
        """Cancel everything that was requested over this stream."""
        for job in list(self._mine.values()):
            job.control("cancel")

    def _lost(self) -> None:
        self.drop()
        self._on_lost()

    def _handle(self, frame: Frame) -> None:
        if frame.kind == "hello":
            about = {"version": __version__, "protocol": PROTOCOL_VERSION, "packs": True}
            self.send("hello", **about, pid=os.getpid())
            self._outbox.packs = frame.fields.get("packs") is True
        elif frame.kind == "dream":
            job = DreamJob(frame, self, self._film)
            self._keep(job)
            self._jobs.put(job)
        elif frame.kind == "models":
            self.send("models", id=frame.fields.get("id"), networks=network_list())
        elif frame.kind == "fetch":
            download = WeightsDownload(frame, self)
            self._keep(download)
            download.start()
        elif job := self._mine.get(frame.fields.get("id")):
            if frame.kind == "compose" and isinstance(job, DreamJob):
                job.compose(frame)
            else:
                job.control(frame.kind)

    def _keep(self, request: DreamJob | WeightsDownload) -> None:
        if request.id in self._mine:
            raise ProtocolError(f"The request {request.id!r} has not been answered yet.")
        self._mine[request.id] = request


def serve_stream(frames_in: IO[bytes], frames_out: IO[bytes]) -> None:
    """Serve one stream, and exit the process as soon as it ends.

    A dream still running then has no client any more, so it is dropped.
    """
    jobs = JobQueue()
    connection = Connection(frames_in, frames_out, jobs)

    def listen() -> None:
        try:
            connection.listen()
        finally:
            flush_log()
            os._exit(0)

    threading.Thread(target=listen, daemon=True).start()
    while True:
        jobs.run_next(timeout=60)
