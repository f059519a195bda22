"""Dreams previews on a thread of its own: the newest wish counts, the dialog never waits.

previewer = Previewer(tell)           # tell(event) is called on the thread
previewer.show(wish)                  # as often as you like
engine = previewer.stop()             # the engine, awake, for the real dream
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from deepdream_core.shared.octaves import octave_sizes
from deepdream_core.shared.protocol import Picture
from deepdream_core.shared.recipe import Recipe
from deepdream_core.shared.sizes import pixel_steps
from deepdream_plugin.engine import Engine, Request
from deepdream_plugin.engine_errors import Cancelled, EngineError


@dataclass(frozen=True)
class Wish:
    """A preview that is wanted. `number` grows with each wish."""

    number: int
    recipe: Recipe
    pictures: Mapping[str, Picture]
    longest: int
    """Longest side of the pictures that come back, in pixels."""


@dataclass(frozen=True)
class Event:
    """What happened to a wish: `awake`, `picture`, `progress`, `note`, `done` or `failed`."""

    kind: str
    number: int = 0
    picture: Picture | None = None
    fields: Mapping[str, object] | None = None
    error: EngineError | None = None


class Previewer:
    """Owns the engine until the dialog closes."""

    def __init__(self, tell: Callable[[Event], None]) -> None:
        self._tell = tell
        self._changed = threading.Condition()
        self._wish: Wish | None = None
        self._request: Request | None = None
        self._stopped = False
        self._engine: Engine | None = None
        self.speed = 0.0
        """Pixel-steps per second, as measured; 0 while unknown."""
        self._thread = threading.Thread(target=self._run, daemon=True, name="preview")
        self._thread.start()

    def show(self, wish: Wish) -> None:
        """Dream this instead of whatever is being dreamed."""
        with self._changed:
            self._wish = wish
            self._changed.notify()
        self._call_off()

    def stop(self) -> Engine | None:
        """End the thread; return the engine if it is awake and idle within a moment."""
        with self._changed:
            self._stopped = True
            self._wish = None
            self._changed.notify()
        self._call_off()
        self._thread.join(timeout=0.2)
        engine = self._engine
        if self._thread.is_alive() and engine:
            # In the middle of a long step: a new engine is there sooner than its answer.
            engine.close()
            return None
        return engine

    def _call_off(self) -> None:
        request = self._request
        if request:
            try:
                request.cancel()
            except EngineError:
                return  # the thread will find out, and tell

    def _run(self) -> None:
        while (wish := self._next()) is not None:
            try:
                self._serve(wish)
            except Cancelled:
                continue
            except EngineError as problem:
                self._drop_engine()
                if not self._stopped:
                    self._tell(Event("failed", wish.number, error=problem))

    def _next(self) -> Wish | None:
        with self._changed:
            while self._wish is None and not self._stopped:
                self._changed.wait()
            wish, self._wish = self._wish, None
            return None if self._stopped else wish

    def _serve(self, wish: Wish) -> None:
        if self._engine is None:
            self._engine = Engine.warm()
            if self._stopped:
                self._drop_engine()
                return
            self._tell(Event("awake", wish.number))
        with self._changed:
            if self._wish is not None or self._stopped:
                return
            self._request = self._engine.dream(wish.recipe, wish.pictures, wish.longest, draft=True)
        began: tuple[float, float] | None = None
        try:
            for frame in self._request.events():
                if frame.kind == "progress":
                    began = self._measure(wish, began, float(frame.fields["fraction"]))
                    self._tell(Event("progress", wish.number, fields=frame.fields))
                elif frame.kind == "preview":
                    picture = frame.pictures["preview"]
                    self._tell(Event("picture", wish.number, picture, frame.fields))
                elif frame.kind == "note":
                    self._tell(Event("note", wish.number, fields=frame.fields))
                elif frame.kind == "result":
                    self._tell(Event("done", wish.number))
        finally:
            self._request = None

    def _measure(
        self, wish: Wish, began: tuple[float, float] | None, fraction: float
    ) -> tuple[float, float]:
        """Learn how fast this machine dreams, from the second step on."""
        now = time.monotonic()
        if began is None:
            return now, fraction
        if now > began[0] and fraction > began[1]:
            self.speed = (fraction - began[1]) * work_of(wish) / (now - began[0])
        return began

    def _drop_engine(self) -> None:
        if self._engine:
            self._engine.close()
            self._engine = None


def work_of(wish: Wish) -> float:
    """Return the pixel-steps of a wish."""
    recipe, image = wish.recipe, wish.pictures["image"]
    size = (image.height, image.width)
    sizes, _ = octave_sizes(size, recipe.octaves, recipe.octave_scale, recipe.largest_octave)
    return pixel_steps(sizes, max(1, recipe.steps))
