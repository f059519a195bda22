"""Dreaming previews in a thread, so that the dialog never waits. A new preview replaces the last.

previewer = Previewer(on_event)       # on_event(event) is called in the thread
previewer.dream(preview)              # as often as you like
previewer.wish([aside])               # small dreams for when there is nothing else to do
engine = previewer.stop()             # the running engine, for the real dream
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from deepdream_core.shared.octaves import octave_sizes, octave_steps
from deepdream_core.shared.protocol import Frame, Picture
from deepdream_core.shared.recipe import COMPOSING, Recipe
from deepdream_core.shared.sizes import pixel_steps
from deepdream_plugin.dialog.aside import Aside, Asides
from deepdream_plugin.engine import Engine, Request
from deepdream_plugin.engine_errors import Cancelled, EngineDied, EngineError


@dataclass(frozen=True)
class WantedPreview:
    """A preview to dream. `number` increases from one preview to the next."""

    number: int
    recipe: Recipe
    pictures: Mapping[str, Picture]
    longest: int
    """The longest side of the preview pictures, in pixels."""
    place: tuple[float, float, float, float] | None = None
    """Where the image lies in the picture "whole", if it is only a part: x, y, width, height, 0..1.
    """

    def is_composed_by(self, other: WantedPreview) -> bool:
        """Return whether the other one is only composed in another way, or of another size."""
        if self.recipe != other.recipe.as_composed_by(self.recipe):
            return False
        if other.recipe.colour == "guide" != self.recipe.colour:
            return False  # the guide's colours are known only if asked for at the beginning
        return (self.pictures, self.place) == (other.pictures, other.place)


@dataclass(frozen=True)
class PreviewEvent:
    """An event of kind `awake`, `picture`, `progress`, `note`, `done` or `failed`."""

    kind: str
    number: int = 0
    picture: Picture | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)
    """The fields of the engine's frame."""
    error: EngineError | None = None


class Previewer:
    """Owns the engine until the dialog closes."""

    def __init__(self, on_event: Callable[[PreviewEvent], None]) -> None:
        self._on_event = on_event
        self._changed = threading.Condition()
        self._wanted: WantedPreview | None = None
        self._served: WantedPreview | None = None
        """What the engine dreams at present."""
        self._request: Request | None = None
        self._asides = Asides()
        self._stopped = self._is_stale = False
        self._engine: Engine | None = None
        self.speed = 0.0
        """Pixel-steps per second, or 0 until measured."""
        self.device = ""
        """What the engine computes on, such as "cpu"; "" until the first preview is finished."""
        self._thread = threading.Thread(target=self._run, daemon=True, name="preview")
        self._thread.start()

    def dream(self, preview: WantedPreview) -> None:
        """Dream this preview: cancel the current one, unless it can go on, composed anew."""
        with self._changed:
            served, request = self._served, self._request
            if served and request and self._wanted is None and served.is_composed_by(preview):
                self._served = preview
            else:
                request = None
                self._wanted = preview
                self._changed.notify()
        if request is None:
            self._cancel_request()
            return
        with contextlib.suppress(EngineError):  # the thread notices and reports it
            request.compose(preview.recipe, preview.longest)

    def change_engine(self) -> None:
        """Let go of the engine; the next preview starts another, such as on another computer."""
        with self._changed:
            self._is_stale = True
            self._changed.notify()
        self._cancel_request()

    def wish(self, dreams: Sequence[Aside]) -> None:
        """Dream these while there is nothing else to do, before what was wished for earlier."""
        with self._changed:
            self._asides.wish(dreams)
            self._changed.notify()

    def wish_nothing(self) -> None:
        """Forget the wishes."""
        with self._changed:
            self._asides.clear()

    def forget(self, prefix: str) -> None:
        """Forget the wishes whose keys begin with this."""
        with self._changed:
            self._asides.forget(prefix)

    def stop(self) -> Engine | None:
        """Stop the thread; return the engine if it is running and idle within a moment."""
        with self._changed:
            self._stopped = True
            self._wanted = None
            self._changed.notify()
        self._cancel_request()
        self._thread.join(timeout=0.2)
        engine = self._engine
        if self._thread.is_alive() and engine:
            # In the middle of a long step: starting a new engine is faster than waiting for it.
            engine.close()
            return None
        if self._is_stale:
            self._drop_engine()
        return self._engine

    def _cancel_request(self) -> None:
        request = self._request
        if request:
            try:
                request.cancel()
            except EngineError:
                return  # the thread notices and reports it

    def _run(self) -> None:
        while (wanted := self._next()) is not None:
            if isinstance(wanted, Aside):
                self._dream_aside(wanted)
                continue
            try:
                self._serve(wanted)
            except Cancelled:
                continue
            except EngineError as problem:
                self._drop_engine()
                if not self._stopped:
                    self._on_event(PreviewEvent("failed", wanted.number, error=problem))

    def _next(self) -> WantedPreview | Aside | None:
        with self._changed:
            while not (self._wanted or self._stopped or self._may_dream_aside):
                if self._is_stale:
                    self._drop_engine()
                self._changed.wait()
            if self._stopped:
                return None
            if self._wanted is None:
                return self._asides.take()
            preview, self._wanted = self._wanted, None
            return preview

    @property
    def _may_dream_aside(self) -> bool:
        """Whether small dreams are wished for. No engine is woken only for them."""
        return bool(self._engine and self._asides)

    def _dream_aside(self, aside: Aside) -> None:
        """Dream a small picture; if something else is wanted meanwhile, later."""
        try:
            with self._changed:
                if self._wanted is not None or self._stopped or self._engine is None:
                    self._asides.put_back(aside)
                    return
                self._request = self._engine.dream(aside.recipe, {"image": aside.image})
            for frame in self._request.events():
                if frame.kind == "result" and not self._stopped:
                    aside.on_done(frame.pictures["result"])
        except Cancelled:
            with self._changed:
                self._asides.put_back(aside)
        except EngineDied:
            self._drop_engine()
        except EngineError:
            pass  # such as a network that is not installed: the picture stays as it is
        finally:
            with self._changed:
                self._request = None

    def _serve(self, preview: WantedPreview) -> None:
        if self._is_stale:
            self._is_stale, self.speed, self.device = False, 0.0, ""
            self._drop_engine()
        if self._engine is None:
            self._engine = Engine.warm()
            if self._stopped:
                self._drop_engine()
                return
            self._on_event(PreviewEvent("awake", preview.number))
        with self._changed:
            if self._wanted is not None or self._stopped:
                return
            self._request = self._engine.dream(
                *(preview.recipe, preview.pictures, preview.longest),
                draft=True,
                place=preview.place,
            )
            self._served = preview
        start: tuple[float, float] | None = None
        try:
            for frame in self._request.events():
                preview = self._served or preview
                if frame.kind == "progress":
                    start = self._measure(preview, start, float(frame.fields["fraction"]))
                    self._on_event(PreviewEvent("progress", preview.number, fields=frame.fields))
                elif frame.kind == "preview":
                    picture = frame.pictures["preview"]
                    self._on_event(PreviewEvent("picture", preview.number, picture, frame.fields))
                elif frame.kind == "note":
                    self._on_event(PreviewEvent("note", preview.number, fields=frame.fields))
                elif frame.kind == "result":
                    self._finish(frame)
        finally:
            with self._changed:
                self._request = self._served = None

    def _finish(self, result: Frame) -> None:
        """Report the end of a preview, or want it again if it was composed differently."""
        self.device = str(result.fields.get("device", ""))
        with self._changed:
            preview, self._served = self._served, None
            if preview is None:
                return
            used, wanted = result.fields.get("recipe", {}), preview.recipe.as_dict()
            is_shown = all(used.get(name) == wanted[name] for name in COMPOSING)
            if not is_shown or result.fields.get("preview") != preview.longest:
                # What was asked for last came too late. The engine keeps what it has dreamed.
                self._wanted = self._wanted or preview
                return
        self._on_event(PreviewEvent("done", preview.number))

    def _measure(
        self, preview: WantedPreview, start: tuple[float, float] | None, fraction: float
    ) -> tuple[float, float]:
        """Measure this machine's speed from the second step on, since the first is slower.

        `start` is the time and fraction after the first step, which this returns.
        """
        now = time.monotonic()
        if start is None:
            return now, fraction
        if now > start[0] and fraction > start[1]:
            self.speed = (fraction - start[1]) * work_of(preview) / (now - start[0])
        return start

    def _drop_engine(self) -> None:
        if self._engine:
            self._engine.close()
            self._engine = None


def work_of(preview: WantedPreview) -> float:
    """Return the pixel-steps of a preview."""
    recipe, image = preview.recipe, preview.pictures["image"]
    size = (image.height, image.width)
    sizes, _ = octave_sizes(size, recipe)
    return max(1, pixel_steps(sizes, octave_steps(recipe, len(sizes))))
