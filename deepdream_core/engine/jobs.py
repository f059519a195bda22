"""Dreams requested from the engine, and their queue."""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import asdict
from typing import Protocol

from deepdream_core.engine.errors import Cancelled, explain
from deepdream_core.engine.films import Film
from deepdream_core.engine.log import log_error
from deepdream_core.shared.protocol import Frame, Picture

_LOOK_SECONDS = 0.1
"""How often a paused dream looks for an urgent job."""


class Answers(Protocol):
    """Sends a job's frames to its client."""

    def send(
        self, kind: str, pictures: dict[str, Picture] | None = None, **fields: object
    ) -> None: ...


class DreamJob:
    """A requested dream, which can be paused, cancelled or finished early."""

    def __init__(self, request: Frame, answers: Answers, film: Film) -> None:
        """`film`: the one that the client's dreams may be frames of."""
        self.request = request
        self._film = film
        self.id = request.fields.get("id")
        self.is_draft = bool(request.fields.get("draft"))
        self.answers = answers
        self._cancelled = threading.Event()
        self._cancelled_at: float | None = None
        self._started_at: float | None = None
        self._finish_early = threading.Event()
        self._may_run = threading.Event()
        self._may_run.set()
        self._recomposed: Frame | None = None

    def compose(self, wanted: Frame) -> None:
        """Compose the dream in another way from the next step on."""
        self._recomposed = wanted

    def control(self, command: str) -> None:
        """Carry out a command: cancel, finish, pause or resume."""
        if command == "pause":
            self._may_run.clear()
            return
        if command == "cancel":
            self._cancelled_at = self._cancelled_at or time.monotonic()
            self._cancelled.set()
        elif command == "finish":
            self._finish_early.set()
        self._may_run.set()

    @property
    def is_urgent(self) -> bool:
        """Whether it goes before other dreams: a draft is waited for, a cancelled job is done."""
        return self.is_draft or self._cancelled.is_set()

    def is_overdue(self, seconds: float) -> bool:
        """Return whether it has been running for longer than this since it was cancelled."""
        if self._cancelled_at is None or self._started_at is None:
            return False
        return time.monotonic() - max(self._cancelled_at, self._started_at) > seconds

    def send(self, kind: str, pictures: dict[str, Picture] | None = None, **fields: object) -> None:
        """Send a frame that belongs to this job."""
        self.answers.send(kind, pictures, id=self.id, **fields)

    def run(self, queue: JobQueue) -> None:
        """Dream, and answer with a result or an error. Urgent jobs of the queue go in between."""
        self._started_at = time.monotonic()
        try:
            self._dream(queue)
        except BaseException as error:
            failure = explain(error)
            if failure.code == "internal":
                log_error()
            self.send("error", **asdict(failure))

    def _dream(self, queue: JobQueue) -> None:
        # Imported here so that the engine can answer hello before torch is loaded.
        from deepdream_core.compute.devices import choose_device
        from deepdream_core.compute.machine_memory import peak_mib
        from deepdream_core.compute.process import STARTED_IN
        from deepdream_core.dreaming.dream import dream
        from deepdream_core.dreaming.kept import kept_dreams
        from deepdream_core.dreaming.progress import Progress, StopHere
        from deepdream_core.engine.frames import Reporter, array_of, picture_of, rounded
        from deepdream_core.models.precision import choose_precision
        from deepdream_core.pictures.picture import Pixels
        from deepdream_core.shared.recipe import recipe_from
        from deepdream_core.shared.recipe_files import with_absolute_files

        started = time.monotonic()
        fields, pictures = self.request.fields, self.request.pictures
        recipe = with_absolute_files(recipe_from(fields.get("recipe", {})), STARTED_IN)
        reporter = Reporter(self.send, int(fields.get("preview", 0)))
        composed_by = recipe

        def check() -> None:
            """Within a step, pause and end; a step is completed if an urgent job waits for it."""
            while not self._may_run.wait(_LOOK_SECONDS) and not self._lets_in(queue):
                pass
            if self._cancelled.is_set():
                raise Cancelled

        def between_steps() -> None:
            while True:
                if self._lets_in(queue):
                    queue.run_urgent()
                if self._may_run.wait(_LOOK_SECONDS):
                    break
            check()

        def watch(progress: Progress) -> None:
            nonlocal composed_by
            if wanted := self._recomposed:
                self._recomposed = None
                composed_by = recipe.as_composed_by(recipe_from(wanted.fields.get("recipe", {})))
                reporter.longest = int(wanted.fields.get("preview", 0))
            reporter.report(progress)
            between_steps()
            if self._finish_early.is_set():
                raise StopHere

        def send_frame(name: str, pixels: Pixels) -> None:
            picture = picture_of(rounded(pixels, levels), encoding)
            self.send("frame", {"frame": picture}, name=name)

        check()
        arrays = {name: array_of(picture) for name, picture in pictures.items()}
        encoding = pictures["image"].encoding
        levels = int(fields.get("levels", 0))
        given = {
            "linear": encoding == "linear",
            "guide": arrays.get("guide"),
            "palette": fields.get("palette"),
            "watch": watch,
            "note": lambda text: self.send("note", text=text),
            "check": check,
        }
        if film := fields.get("film"):
            result = self._film.next(arrays["image"], recipe, film, **given)
        else:
            result = dream(
                arrays["image"],
                recipe,
                mask=arrays.get("mask"),
                whole=arrays.get("whole"),
                place=fields.get("place"),
                on_frame=None if self.is_draft else send_frame,
                composed_by=lambda: composed_by,
                kept=kept_dreams() if self.is_draft else None,
                **given,
            )
        device = choose_device(recipe.device)
        precision = choose_precision(recipe.precision, recipe.model, device)
        self.send(
            "result",
            {"result": picture_of(rounded(result, levels), encoding)},
            seconds=time.monotonic() - started,
            device=str(device),
            precision=precision,
            peak_mib=peak_mib(device),
            recipe=composed_by.as_dict(),
            preview=reporter.longest,
        )

    def _lets_in(self, queue: JobQueue) -> bool:
        """Return whether an urgent job should be run between two steps of this one."""
        return not self.is_draft and queue.has_urgent()


class JobQueue:
    """Runs jobs one at a time; the newest draft goes first, as an artist is waiting for it.

    It even goes between the steps of a dream, which may be paused.
    """

    def __init__(self) -> None:
        self._waiting: deque[DreamJob] = deque()
        self._changed = threading.Condition()
        self._running: DreamJob | None = None

    @property
    def running(self) -> DreamJob | None:
        """The job whose steps are being taken."""
        return self._running

    def put(self, job: DreamJob) -> None:
        with self._changed:
            self._waiting.append(job)
            self._changed.notify()

    def run_next(self, timeout: float) -> bool:
        """Run the next job; return False if none arrives within `timeout` seconds."""
        with self._changed:
            if not self._waiting:
                self._changed.wait(timeout)
            if not self._waiting:
                return False
            job = self._urgent() or self._waiting[0]
            self._waiting.remove(job)
        self._run(job)
        return True

    def has_urgent(self) -> bool:
        with self._changed:
            return self._urgent() is not None

    def run_urgent(self) -> None:
        """Run the urgent jobs that are waiting."""
        while True:
            with self._changed:
                job = self._urgent()
                if job is None:
                    return
                self._waiting.remove(job)
            self._run(job)

    def _urgent(self) -> DreamJob | None:
        urgent = [job for job in self._waiting if job.is_urgent]
        return urgent[-1] if urgent else None

    def _run(self, job: DreamJob) -> None:
        interrupted, self._running = self._running, job
        try:
            job.run(self)
        finally:
            self._running = interrupted
