"""Dreams that wait for their turn while the artist goes on choosing. Does not use GTK.

queue = DreamQueue(Engine.warm, on_change)     # on_change() is called in the queue's thread
queue.add(order)                               # as often as you like
for waiting in queue.dreams: …                 # waiting, dreaming, dreamed or failed
queue.take_away(waiting)                       # cancels it unless it has ended
queue.close()
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from deepdream_core.shared.protocol import Frame
from deepdream_plugin.dreaming import Dreamed, Dreaming, Order
from deepdream_plugin.engine import Engine
from deepdream_plugin.engine_errors import Cancelled


@dataclass(eq=False)
class QueuedDream:
    """An order and what has become of it. Compared by identity."""

    order: Order
    number: int = 0
    """The number of the task that is being dreamed, from 0."""
    progress: Mapping[str, Any] = field(default_factory=dict)
    """The fields of that task's last `progress` frame."""
    notes: list[str] = field(default_factory=list)
    """What the engine noted."""
    dreamed: Sequence[Dreamed] | None = None
    """The dreams, once all tasks have been dreamed."""
    is_placed: bool = False
    """Whether the dreams have been inserted into the image."""
    problem: Exception | None = None
    """Why it could not be dreamed or inserted, if so."""

    @property
    def has_begun(self) -> bool:
        return bool(self.progress)

    @property
    def has_ended(self) -> bool:
        return self.dreamed is not None or self.problem is not None

    @property
    def is_settled(self) -> bool:
        """Whether nothing remains to be done."""
        return self.is_placed or self.problem is not None

    @property
    def fraction(self) -> float:
        """0..1, over all its tasks."""
        of_task = float(self.progress.get("fraction", 0.0))
        return (self.number + of_task) / max(1, len(self.order.tasks))


class DreamQueue:
    """Dreams one order after the other on an engine of its own, in a thread."""

    def __init__(self, wake: Callable[[], Engine], on_change: Callable[[], None]) -> None:
        """`wake` returns the engine; it is called when there is something to dream."""
        self._wake = wake
        self._on_change = on_change
        self._changed = threading.Condition()
        self._dreams: list[QueuedDream] = []
        self._current: QueuedDream | None = None
        self._dreaming: Dreaming | None = None
        self._engine: Engine | None = None
        self._thread: threading.Thread | None = None
        self._closed = False

    @property
    def dreams(self) -> Sequence[QueuedDream]:
        """What was added and not taken away, in the order in which it is dreamed."""
        with self._changed:
            return tuple(self._dreams)

    def add(self, order: Order) -> None:
        """Dream this after everything else."""
        with self._changed:
            self._dreams.append(QueuedDream(order))
            self._changed.notify()
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, daemon=True, name="queue")
                self._thread.start()

    def take_away(self, dream: QueuedDream) -> None:
        """Remove an order that has ended, or cancel it."""
        with self._changed:
            if dream in self._dreams:
                self._dreams.remove(dream)
            if self._current is dream and self._dreaming:
                self._dreaming.cancel()

    def try_again(self, dream: QueuedDream) -> None:
        """Dream an order that failed, in its place, as if it had just been added."""
        with self._changed:
            dream.problem, dream.progress, dream.number = None, {}, 0
            dream.notes.clear()
            self._changed.notify()

    def put_earlier(self, dream: QueuedDream) -> None:
        """Let an order change places with the one before it, unless that has begun."""
        with self._changed:
            place = self._dreams.index(dream)
            if self.may_be_earlier(dream):
                self._dreams[place - 1 : place + 1] = [dream, self._dreams[place - 1]]

    def may_be_earlier(self, dream: QueuedDream) -> bool:
        with self._changed:
            place = self._dreams.index(dream)
            before = self._dreams[place - 1] if place else None
            waits = not dream.has_ended and dream is not self._current
            return bool(waits and before and not before.has_ended and before is not self._current)

    def close(self) -> None:
        """Cancel everything."""
        with self._changed:
            self._closed = True
            self._dreams.clear()
            self._changed.notify()
            engine, self._engine = self._engine, None
        if engine:
            engine.close()

    def _run(self) -> None:
        while (dream := self._next()) is not None:
            try:
                dream.dreamed = self._dream(dream)
            except Cancelled:
                pass
            except Exception as problem:
                dream.problem = problem
                self._drop_engine()
            with self._changed:
                self._current = self._dreaming = None
                if self._closed:
                    return
            self._on_change()

    def _next(self) -> QueuedDream | None:
        """Wait for the next order; return None once the queue is closed."""
        with self._changed:
            while not self._closed:
                waiting = [dream for dream in self._dreams if not dream.has_ended]
                if waiting:
                    self._current = waiting[0]
                    return self._current
                self._changed.wait()
        return None

    def _dream(self, dream: QueuedDream) -> Sequence[Dreamed]:
        """Dream an order. Raises `EngineError`."""
        engine = self._engine or self._wake()
        with self._changed:
            if self._closed:
                engine.close()
                raise Cancelled("cancelled", "")
            self._engine = engine
            if dream not in self._dreams:
                raise Cancelled("cancelled", "")
            self._dreaming = Dreaming(engine, dream.order.tasks)

        def watch(number: int, frame: Frame) -> None:
            dream.number = number
            if frame.kind == "progress":
                dream.progress = frame.fields
                self._on_change()
            elif frame.kind == "note":
                dream.notes.append(frame.fields["text"])

        return self._dreaming.run(watch)

    def _drop_engine(self) -> None:
        with self._changed:
            engine, self._engine = self._engine, None
        if engine:
            engine.close()
