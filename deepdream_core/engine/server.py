"""Serving requests from streams of frames."""

from __future__ import annotations

import os
import sys
import threading
import traceback
from collections.abc import Iterator
from dataclasses import asdict
from typing import IO

from deepdream_core import __version__
from deepdream_core.engine.errors import OUT_OF_MEMORY
from deepdream_core.engine.jobs import DreamJob, JobQueue
from deepdream_core.engine.networks import WeightsDownload, network_list
from deepdream_core.shared.protocol import (
    PROTOCOL_VERSION,
    Frame,
    NoRoom,
    Picture,
    ProtocolError,
    receive,
    send,
)


class Connection:
    """A client's stream: requests go into the queue, answers come back."""

    def __init__(self, frames_in: IO[bytes], frames_out: IO[bytes], jobs: JobQueue) -> None:
        self._frames_in = frames_in
        self._frames_out = frames_out
        self._lock = threading.Lock()
        self._jobs = jobs
        self._mine: dict[object, DreamJob | WeightsDownload] = {}

    def send(self, kind: str, pictures: dict[str, Picture] | None = None, **fields: object) -> None:
        """Send a frame; if the client is gone, cancel its requests."""
        if kind in ("result", "error", "fetched"):
            self._mine.pop(fields.get("id"), None)
        try:
            with self._lock:
                send(self._frames_out, Frame(kind, fields, pictures or {}))
        except (OSError, ValueError):
            self.drop()

    def listen(self) -> bool:
        """Accept requests until the stream ends; return whether the engine was asked to quit."""
        quitting = False
        try:
            for frame in self._frames():
                self._handle(frame)
                if quitting := frame.kind == "quit":
                    break
        except (ProtocolError, OSError, MemoryError):
            traceback.print_exc()
        self.drop()
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

    def _handle(self, frame: Frame) -> None:
        if frame.kind == "hello":
            self.send("hello", version=__version__, protocol=PROTOCOL_VERSION, pid=os.getpid())
        elif frame.kind == "dream":
            job = DreamJob(frame, self)
            self._mine[job.id] = job
            self._jobs.put(job)
        elif frame.kind == "models":
            self.send("models", id=frame.fields.get("id"), networks=network_list())
        elif frame.kind == "fetch":
            download = WeightsDownload(frame, self)
            self._mine[download.id] = download
            download.start()
        elif job := self._mine.get(frame.fields.get("id")):
            job.control(frame.kind)


def serve_stream(frames_in: IO[bytes], frames_out: IO[bytes]) -> None:
    """Serve one stream, and exit the process as soon as it ends.

    A dream still running then has no client any more, so it is dropped.
    """
    jobs = JobQueue()
    connection = Connection(frames_in, frames_out, jobs)

    def listen() -> None:
        connection.listen()
        sys.stderr.flush()
        os._exit(0)

    threading.Thread(target=listen, daemon=True).start()
    while True:
        if job := jobs.get(timeout=60):
            job.run()
