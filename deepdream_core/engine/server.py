"""Take requests from a stream, dream them one after the other, answer."""

from __future__ import annotations

import os
import queue
import sys
import threading
import time
import traceback
from typing import BinaryIO

from deepdream_core import __version__
from deepdream_core.engine.errors import Cancelled, explain
from deepdream_core.protocol import PROTOCOL_VERSION, Frame, Picture, ProtocolError, receive, send

_PREVIEW_PAUSE = 0.1
"""Seconds between two preview pictures, so that looking does not slow the dream down."""


class Job:
    """A dream that was asked for, with the wishes that come in while it runs."""

    def __init__(self, request: Frame) -> None:
        self.request = request
        self.id = request.fields.get("id")
        self.cancelled = threading.Event()
        self.finish_early = threading.Event()
        self.may_run = threading.Event()
        self.may_run.set()

    def obey(self, wish: str) -> None:
        """Take a wish: cancel, finish, pause or resume."""
        if wish == "pause":
            self.may_run.clear()
            return
        if wish == "cancel":
            self.cancelled.set()
        elif wish == "finish":
            self.finish_early.set()
        self.may_run.set()


def serve(frames_in: BinaryIO, frames_out: BinaryIO) -> None:
    """Answer frames until the stream ends or a `quit` comes; then the process ends at once.

    A dream that is under way then is of no use to anybody: it is dropped with its memory.
    """
    hello = receive(frames_in)
    if hello is None:
        return
    out = _Sender(frames_out)
    out.send("hello", version=__version__, protocol=PROTOCOL_VERSION, pid=os.getpid())
    jobs: queue.Queue[Job] = queue.Queue()
    threading.Thread(target=_listen, args=(frames_in, jobs), daemon=True).start()
    while True:
        _run(jobs.get(), out)


def _listen(frames_in: BinaryIO, jobs: queue.Queue[Job]) -> None:
    known: dict[object, Job] = {}
    try:
        while (frame := receive(frames_in)) is not None and frame.kind != "quit":
            if frame.kind == "dream":
                job = Job(frame)
                known[job.id] = job
                jobs.put(job)
            elif job := known.get(frame.fields.get("id")):
                job.obey(frame.kind)
    except (ProtocolError, OSError):
        traceback.print_exc()
    sys.stderr.flush()
    os._exit(0)


class _Sender:
    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def send(self, kind: str, pictures: dict[str, Picture] | None = None, **fields: object) -> None:
        try:
            send(self._stream, Frame(kind, fields, pictures or {}))
        except OSError:
            os._exit(0)


def _run(job: Job, out: _Sender) -> None:
    try:
        _dream(job, out)
    except BaseException as error:
        failure = explain(error)
        if failure.code == "internal":
            traceback.print_exc()
        out.send("error", id=job.id, code=failure.code, message=failure.message, hint=failure.hint)


def _dream(job: Job, out: _Sender) -> None:
    # Imported here, so that the engine says hello before torch is loaded.
    from deepdream_core.devices import choose_device, peak_mib
    from deepdream_core.dream import Moment, StopHere, dream
    from deepdream_core.engine.pixels import array_of, picture_of
    from deepdream_core.recipe import recipe_from

    started = time.monotonic()
    fields, pictures = job.request.fields, job.request.pictures
    recipe = recipe_from(fields.get("recipe", {}))
    longest = int(fields.get("preview", 0))
    last_preview = 0.0

    def watch(moment: Moment) -> None:
        nonlocal last_preview
        out.send(
            "progress",
            id=job.id,
            text=f"Octave {moment.octave + 1} of {moment.octaves}, "
            f"step {moment.step + 1} of {moment.steps}",
            fraction=moment.fraction,
            octave=moment.octave,
            octaves=moment.octaves,
            step=moment.step,
            steps=moment.steps,
            seconds_left=moment.seconds_left,
        )
        now = time.monotonic()
        if longest and (now - last_preview > _PREVIEW_PAUSE or moment.fraction == 1.0):
            shown = picture_of(moment.picture(longest))
            out.send(
                "preview", {"preview": shown}, id=job.id, octave=moment.octave, step=moment.step
            )
            last_preview = time.monotonic()
        job.may_run.wait()
        if job.cancelled.is_set():
            raise Cancelled
        if job.finish_early.is_set():
            raise StopHere

    if job.cancelled.is_set():
        raise Cancelled
    image = pictures["image"]
    mask = pictures.get("mask")
    result = dream(
        array_of(image),
        recipe,
        linear=image.encoding == "linear",
        mask=None if mask is None else array_of(mask),
        palette=fields.get("palette"),
        watch=watch,
        note=lambda text: out.send("note", id=job.id, text=text),
    )
    device = choose_device(recipe.device)
    out.send(
        "result",
        {"result": picture_of(result, image.encoding)},
        id=job.id,
        seconds=time.monotonic() - started,
        device=str(device),
        peak_mib=peak_mib(device),
        recipe=recipe.as_dict(),
    )
