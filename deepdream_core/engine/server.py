"""Take requests from streams, dream them one after the other, answer."""

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
    """One GIMP's stream: its requests go into the queue, its answers come back."""

    def __init__(self, frames_in: IO[bytes], frames_out: IO[bytes], jobs: JobQueue) -> None:
        self._frames_in = frames_in
        self._frames_out = frames_out
        self._lock = threading.Lock()
        self._jobs = jobs
        self._mine: dict[object, DreamJob | WeightsDownload] = {}

    def send(self, kind: str, pictures: dict[str, Picture] | None = None, **fields: object) -> None:
        """Send a frame; if nobody is there any more, stop working for them."""
        if kind in ("result", "error", "fetched"):
            self._mine.pop(fields.get("id"), None)
        try:
            with self._lock:
                send(self._frames_out, Frame(kind, fields, pictures or {}))
        except (OSError, ValueError):
            self.drop()

    def listen(self) -> bool:
        """Take requests until the stream ends; return whether the engine was asked to quit."""
        quitting = False
        try:
            for frame in self._frames():
                self._take(frame)
                if quitting := frame.kind == "quit":
                    break
        except (ProtocolError, OSError, MemoryError):
            traceback.print_exc()
        self.drop()
        return quitting

    def _frames(self) -> Iterator[Frame]:
        """Yield what comes until the stream ends; what is too large for this machine is refused."""
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
        """Call off everything that was asked for over this stream."""
        for job in list(self._mine.values()):
            job.obey("cancel")

    def _take(self, frame: Frame) -> None:
        if frame.kind == "hello":
            self.send("hello", version=__version__, protocol=PROTOCOL_VERSION, pid=os.getpid())
        elif frame.kind == "dream":
            job = DreamJob(frame, self)
            self._mine[job.id] = job
            self._jobs.put(job)
        elif frame.kind == "models":
            self.send("models", id=frame.fields.get("id"), networks=network_list())
        elif frame.kind == "fetch":
            fetching = WeightsDownload(frame, self)
            self._mine[fetching.id] = fetching
            fetching.start()
        elif job := self._mine.get(frame.fields.get("id")):
            job.obey(frame.kind)


def serve_stream(frames_in: IO[bytes], frames_out: IO[bytes]) -> None:
    """Serve one stream; the process ends with it at once.

    A dream that is under way then is of no use to anybody: it is dropped with its memory.
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
