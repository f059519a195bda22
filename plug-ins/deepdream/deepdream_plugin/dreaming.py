"""Having layers dreamed by the engine, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from deepdream_core.shared.protocol import Frame, Picture
from deepdream_core.shared.recipe import Recipe
from deepdream_plugin.engine import Engine, Request
from deepdream_plugin.layers import SourceLayer
from deepdream_plugin.texts import translated


@dataclass(frozen=True)
class Task:
    """One dream that is wanted."""

    source: SourceLayer
    recipe: Recipe
    guide: Picture | None = None
    whole: bool = False
    """Whether all of the layer is dreamed, whatever is selected."""

    @property
    def pictures(self) -> dict[str, Picture]:
        """The pictures of the request."""
        source = replace(self.source, mask=None) if self.whole else self.source
        return {**source.pictures, **({"guide": self.guide} if self.guide else {})}


@dataclass
class Dreamed:
    """A finished dream, with what was kept on the way: names and pictures."""

    task: Task
    result: Picture
    frames: list[tuple[str, Picture]] = field(default_factory=list)


Watch = Callable[[int, Frame], None]
"""Is told the number of the task and each frame but the pictures that are kept."""


class Dreaming:
    """Runs tasks on an engine; another thread may pause, resume and finish it."""

    def __init__(self, engine: Engine, tasks: Sequence[Task], preview: int = 0) -> None:
        self._engine = engine
        self._tasks = tasks
        self._preview = preview
        self._request: Request | None = None
        self._finishing = False

    def run(self, watch: Watch) -> list[Dreamed]:
        """Dream everything and return it. Raises `EngineError`."""
        return list(self._run(watch))

    def _run(self, watch: Watch) -> Iterable[Dreamed]:
        for number, task in enumerate(self._tasks):
            if self._finishing:
                return
            source = task.source
            request = self._engine.dream(
                task.recipe, task.pictures, self._preview, palette=source.palette
            )
            self._request = request
            frames: list[tuple[str, Picture]] = []
            for frame in request.events():
                if frame.kind == "frame":
                    name = translated(frame.fields.get("name", ""))
                    frames.append((name, frame.pictures["frame"]))
                elif frame.kind == "result":
                    yield Dreamed(task, frame.pictures["result"], frames)
                watch(number, frame)

    def pause(self) -> None:
        """Stop after this step until `resume`."""
        self._tell(Request.pause)

    def resume(self) -> None:
        self._tell(Request.resume)

    def finish(self) -> None:
        """End now, and keep what is there."""
        self._finishing = True
        self._tell(Request.finish)

    def _tell(self, what: Callable[[Request], None]) -> None:
        if self._request is not None:
            what(self._request)
