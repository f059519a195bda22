"""Undo and redo in the dialog, and its finished previews. Does not use GTK."""

from __future__ import annotations

import base64
import contextlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from deepdream_core.shared.atomic_files import write_text
from deepdream_core.shared.paths import kept_previews_file
from deepdream_core.shared.recipe import read_json_object
from deepdream_plugin.choice import Choice, choice_from
from deepdream_plugin.dialog.state import State

_ONE_GESTURE = 0.7
"""Seconds within which changes are one step: a slider reports many."""
_MOST_PREVIEWS = 24
"""How many previews without a star are listed."""
_MOST_STARS = 100
"""How many previews are read from a file."""


class Steps:
    """The choices so far, to go back and forth between."""

    def __init__(self, state: State, now: Callable[[], float] = time.monotonic) -> None:
        self._state = state
        self._now = now
        self._choices = [state.choice]
        self._place = 0
        self._last = -_ONE_GESTURE
        self._quiet = False
        state.listen(self._note)
        state.listen_to_output(self._note)

    @property
    def can_undo(self) -> bool:
        return self._place > 0

    @property
    def can_redo(self) -> bool:
        return self._place + 1 < len(self._choices)

    def undo(self) -> None:
        self._go(self._place - 1)

    def redo(self) -> None:
        self._go(self._place + 1)

    def _note(self) -> None:
        choice = self._state.choice
        if self._quiet or choice == self._choices[self._place]:
            return
        del self._choices[self._place + 1 :]
        now = self._now()
        if self._place and now - self._last < _ONE_GESTURE:
            self._choices[self._place] = choice
        else:
            self._choices.append(choice)
            self._place += 1
        self._last = now

    def _go(self, place: int) -> None:
        if not 0 <= place < len(self._choices):
            return
        self._place = place
        self._last = self._now() - _ONE_GESTURE
        self._quiet = True
        self._state.restore(self._choices[place])
        self._quiet = False


@dataclass(frozen=True)
class Preview:
    """A finished preview: its settings and a small picture."""

    choice: Choice
    picture: bytes
    """A PNG file."""
    starred: bool = False


class Previews:
    """The finished previews, oldest first; those with a star are kept for the next time."""

    def __init__(self) -> None:
        self.all = load_stars()

    def add(self, choice: Choice, picture: bytes) -> None:
        """Add the preview that has just been finished."""
        if self._index(choice) is not None:
            return
        last = self.all[-1] if self.all else None
        if last and not last.starred and _is_composed_alike(last.choice, choice):
            self.all.pop()  # a slider that was dragged leaves one picture
        self.all.append(Preview(choice, picture))
        plain = [preview for preview in self.all if not preview.starred]
        for preview in plain[:-_MOST_PREVIEWS]:
            self.all.remove(preview)

    def star(self, choice: Choice, starred: bool) -> None:
        """Keep a preview, or no longer. Ignores a full or read-only disk."""
        found = self._index(choice)
        if found is None:
            return
        self.all[found] = replace(self.all[found], starred=starred)
        kept = [
            {
                "preset": preview.choice.preset,
                "settings": preview.choice.settings,
                "picture": base64.b64encode(preview.picture).decode(),
            }
            for preview in self.all
            if preview.starred
        ]
        with contextlib.suppress(OSError):
            write_text(kept_previews_file(), json.dumps({"previews": kept}))

    def _index(self, choice: Choice) -> int | None:
        alike = (i for i, preview in enumerate(self.all) if is_alike(preview.choice, choice))
        return next(alike, None)


def is_alike(one: Choice, other: Choice) -> bool:
    """Return whether two choices dream alike, whatever becomes of the dream."""
    return (one.preset, one.recipe) == (other.preset, other.recipe)


def _is_composed_alike(one: Choice, other: Choice) -> bool:
    same = one.recipe.as_composed_by(other.recipe) == other.recipe
    return one.preset == other.preset and same


def load_stars() -> list[Preview]:
    """Return the previews that were kept; what is wrong with the file is left out."""
    stars = []
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        for kept in read_json_object(kept_previews_file().read_text("utf-8"))["previews"]:
            with contextlib.suppress(ValueError, KeyError, TypeError):
                choice = choice_from(str(kept["preset"]), dict(kept["settings"]))
                stars.append(Preview(choice, base64.b64decode(kept["picture"]), True))
    return stars[:_MOST_STARS]
