"""Sending frames from a thread of its own, so that a slow client delays nobody else."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable

from deepdream_core.engine.log import log_error
from deepdream_core.shared.protocol import ALIVE_SECONDS, Frame, Sink, send

_REPLACEABLE = ("progress", "preview", "fetching", "alive")
"""Kinds of which only the newest matters to a client that lags behind."""
_FEW = 16
"""So many waiting frames are no lag; no frame is dropped for them."""
_MOST_FRAMES = 1000
_MOST_BYTES = 1 << 28
"""Bytes of pictures that may wait; a frame is accepted whatever its size if no other waits."""


class Outbox:
    """Frames on their way to a client; those that a newer one replaces are dropped.

    While `is_owed` says that the client waits for an answer and there is nothing to send, it sends
    `alive` frames.
    """

    def __init__(
        self,
        stream: Sink,
        is_owed: Callable[[], bool],
        on_lost: Callable[[], None],
        patience: float | None = None,
    ) -> None:
        """`on_lost` is called if the client is gone.

        `patience`: seconds that `put` may wait for a client that does not read; None is for ever.
        """
        self._stream = stream
        self._is_owed = is_owed
        self._on_lost = on_lost
        self._patience = patience
        self.packs = False
        """Whether pictures may be packed."""
        self._waiting: deque[Frame] = deque()
        self._sending = False
        self._closed = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, daemon=True, name="outbox")

    def start(self) -> None:
        """Start sending. Raises `RuntimeError` if there is no memory for a thread."""
        self._thread.start()

    def put(self, frame: Frame) -> None:
        """Send a frame soon; give up a client that lets too many pictures wait."""
        with self._changed:
            if frame.kind in _REPLACEABLE and len(self._waiting) >= _FEW:
                self._drop_older(frame)
            has_room = self._has_room(frame)
            if not has_room and frame.kind in _REPLACEABLE:
                return
            if not has_room:
                has_room = self._changed.wait_for(lambda: self._has_room(frame), self._patience)
            if has_room and not self._closed:
                self._waiting.append(frame)
                self._changed.notify_all()
        if not has_room:
            self._lose()

    def close(self, seconds: float = 0.0) -> None:
        """Accept no more frames; wait this long until those that are waiting have been sent."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
            self._changed.wait_for(lambda: not self._waiting and not self._sending, seconds)
            self._waiting.clear()

    def _drop_older(self, newer: Frame) -> None:
        self._waiting = deque(
            frame
            for frame in self._waiting
            if (frame.kind, frame.fields.get("id")) != (newer.kind, newer.fields.get("id"))
        )

    def _has_room(self, frame: Frame) -> bool:
        if self._closed or not self._waiting:
            return True
        count = sum(map(_picture_bytes, (*self._waiting, frame)))
        return len(self._waiting) < _MOST_FRAMES and count <= _MOST_BYTES

    def _run(self) -> None:
        try:
            while frame := self._next():
                send(self._stream, frame, self.packs)
                with self._changed:
                    self._sending = False
                    self._changed.notify_all()
        except (OSError, ValueError):  # the client is gone, or does not read
            self._lose()
        except BaseException:
            log_error()
            self._lose()

    def _next(self) -> Frame | None:
        """Wait for the next frame to send; return None once the outbox is closed and empty."""
        with self._changed:
            while not self._waiting and not self._closed:
                if not self._changed.wait(ALIVE_SECONDS) and self._is_owed():
                    self._waiting.append(Frame("alive"))
            self._sending = bool(self._waiting)
            self._changed.notify_all()
            return self._waiting.popleft() if self._waiting else None

    def _lose(self) -> None:
        with self._changed:
            self._closed = True
            self._sending = False
            self._waiting.clear()
            self._changed.notify_all()
        self._on_lost()


def _picture_bytes(frame: Frame) -> int:
    return sum(picture.byte_count for picture in frame.pictures.values())
