"""Small dreams that the engine makes while it has nothing else to do. Does not use GTK."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from deepdream_core.shared.protocol import Picture
from deepdream_core.shared.recipe import Recipe


@dataclass(frozen=True)
class Aside:
    """A small dream. Of two with the same key, only the newer one is dreamed."""

    key: str
    recipe: Recipe
    image: Picture
    on_done: Callable[[Picture], None]
    """Called with the dream, in the thread that talks to the engine."""


class Asides:
    """Wishes for small dreams, the newest first. For one thread at a time."""

    def __init__(self) -> None:
        self._waiting: list[Aside] = []

    def __len__(self) -> int:
        return len(self._waiting)

    def wish(self, dreams: Iterable[Aside]) -> None:
        """Put dreams before all others, in this order."""
        first = list(dreams)
        keys = {dream.key for dream in first}
        self._waiting = [*first, *(dream for dream in self._waiting if dream.key not in keys)]

    def take(self) -> Aside:
        """Return the next dream and forget it."""
        return self._waiting.pop(0)

    def put_back(self, dream: Aside) -> None:
        """Put back a dream that was interrupted, unless it was wished for again meanwhile."""
        if all(dream.key != other.key for other in self._waiting):
            self._waiting.insert(0, dream)

    def forget(self, prefix: str) -> None:
        """Forget the wishes whose keys begin with this."""
        self._waiting = [dream for dream in self._waiting if not dream.key.startswith(prefix)]

    def clear(self) -> None:
        """Forget all wishes."""
        self._waiting.clear()
