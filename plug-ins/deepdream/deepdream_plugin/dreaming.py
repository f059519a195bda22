"""Running dreams on the engine, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from gimpfu.objects.items import Layer

from deepdream_core.shared.protocol import Frame, Picture
from deepdream_core.shared.recipe import Recipe
from deepdream_plugin.engine import Engine, Request
from deepdream_plugin.layers import SourceLayer, without_grades
from deepdream_plugin.texts import translated


@dataclass(frozen=True)
class Task:
    """A dream to request from the engine."""

    source: SourceLayer
    recipe: Recipe
    guide: Picture | None = None
    beyond_selection: bool = False
    """Whether to dream the whole layer, ignoring the selection."""
    limited: bool = False
    """Whether to dream only what the layer's own mask shows."""
    is_masked: bool = False
    """Whether the dream gets what limits it as its mask, whose grades then need not be dreamed."""
    files: Mapping[str, Picture] = field(default_factory=dict)
    """Those of the recipe's files that the engine cannot see."""
    film: str = ""
    """The name of the film whose next frame this is, if it is one."""
    carry: float = 1.0
    """How much of that film's last dream moves on to this frame, 0..1."""

    @property
    def limit(self) -> Picture | None:
        """What limits the dream, with its grades; None if nothing does."""
        return self.source.limit(not self.beyond_selection, self.limited)

    @property
    def pictures(self) -> dict[str, Picture]:
        """The pictures to send with the request."""
        mask = self.limit
        if mask is not None and self.is_masked:
            mask = without_grades(mask)
        pictures = {"image": self.source.picture, "mask": mask, "guide": self.guide}
        there = {name: picture for name, picture in pictures.items() if picture is not None}
        return {**self.files, **there}


@dataclass(frozen=True)
class KeptPicture:
    """An intermediate state of a dream: after an octave, some steps or a pass."""

    name: str
    picture: Picture


@dataclass(frozen=True)
class Dreamed:
    """A finished dream."""

    task: Task
    result: Picture
    kept: Sequence[KeptPicture] = ()
    """The intermediate states that the recipe keeps, in order."""
    precision: str = ""
    """The precision that the engine chose, or "" if it did not say."""


Place = Callable[[Sequence[Dreamed]], list[Layer]]
"""Inserts dreams into the image; returns the new layers. Raises `LayerError`."""


@dataclass(frozen=True)
class Order:
    """What the artist wants dreamed at once, of one layer or several that have been read."""

    title: str
    tasks: Sequence[Task]
    place: Place


Watch = Callable[[int, Frame], None]
"""Called with the number of the task and each frame from the engine."""


class Dreaming:
    """Runs tasks on an engine. Other threads may pause, resume, finish and cancel it."""

    def __init__(self, engine: Engine, tasks: Sequence[Task], preview: int = 0) -> None:
        """Use `preview` as the longest side of preview pictures, in pixels; 0 for none."""
        self._engine = engine
        self._tasks = tasks
        self._preview = preview
        self._request: Request | None = None
        self._ending: Callable[[Request], None] | None = None
        """How the dreams were ended, if they were."""

    def run(self, watch: Watch) -> list[Dreamed]:
        """Dream the tasks until `finish` is called; return the dreams. Raises `EngineError`."""
        dreamed = []
        for number, task in enumerate(self._tasks):
            if self._ending:
                break
            dreamed.append(self._dream(number, task, watch))
        return dreamed

    def _dream(self, number: int, task: Task, watch: Watch) -> Dreamed:
        palette = task.source.palette
        request = self._engine.dream(
            task.recipe,
            task.pictures,
            self._preview,
            palette,
            film=task.film,
            carry=task.carry,
            levels=task.source.levels,
        )
        self._request = request
        if self._ending:  # while the pictures were being sent
            self._ending(request)
        kept: list[KeptPicture] = []
        while True:
            frame = request.next_event()
            watch(number, frame)
            if frame.kind == "frame":
                name = translated(frame.fields.get("name", ""))
                kept.append(KeptPicture(name, frame.pictures["frame"]))
            elif frame.kind == "result":
                precision = frame.fields.get("precision", "")
                return Dreamed(task, frame.pictures["result"], kept, str(precision))

    def pause(self) -> None:
        """Pause after the current step until `resume` is called."""
        self._tell(Request.pause)

    def resume(self) -> None:
        self._tell(Request.resume)

    def finish(self) -> None:
        """Stop now and keep the dream so far."""
        self._end(Request.finish)

    def cancel(self) -> None:
        """Stop now; `run` raises `Cancelled`, or returns what had been dreamed before."""
        self._end(Request.cancel)

    def _end(self, how: Callable[[Request], None]) -> None:
        self._ending = how
        self._tell(how)

    def _tell(self, what: Callable[[Request], None]) -> None:
        if self._request is not None:
            what(self._request)
