"""The progress of a dream: as text, and in GIMP's own progress bar."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gimpfu import gimp

from deepdream_core.shared.durations import spoken
from deepdream_core.shared.protocol import Frame
from deepdream_plugin.dreaming import Dreamed, Dreaming, Task
from deepdream_plugin.engine import Engine
from deepdream_plugin.texts import _, translated

_PAUSE = 0.05
"""Seconds between two updates of GIMP's progress bar."""


def progress_text(fields: Mapping[str, Any], left_out: int = 0) -> str:
    """Return the text for a `progress` frame: pass, octave, step and time left.

    `left_out` is the number of octaves that a preview omits.
    """
    text = _("Octave {octave} of {octaves}, step {step} of {steps}").format(
        octave=int(fields["octave"]) + 1,
        octaves=int(fields["octaves"]) + left_out,
        step=int(fields["step"]) + 1,
        steps=fields["steps"],
    )
    if fields.get("passes", 1) > 1:
        text = _("Pass {number} of {passes}: {progress}").format(
            number=int(fields["number"]) + 1, passes=fields["passes"], progress=text
        )
    left = fields.get("seconds_left")
    if left is None:
        return text
    time_left = translated(spoken(float(left)))
    return _("{progress}, {time} left").format(progress=text, time=time_left)


def frame_text(number: int, count: int, text: str) -> str:
    """Return the progress of one of the frames of an animation, numbered from 0."""
    return _("Frame {number} of {count}: {progress}").format(
        number=number + 1, count=count, progress=text
    )


def dream_with_bar(
    wake: Callable[[], Engine], tasks: Sequence[Task], title: str, notes_as_messages: bool
) -> list[Dreamed]:
    """Dream the tasks and show their progress in GIMP's progress bar. Raises `EngineError`.

    `wake` returns the engine, which is closed at the end. With `notes_as_messages`, GIMP shows the
    engine's notes about the dream as messages.
    """
    gimp.progress_init(f"{title}: " + _("waking the engine…"))
    with wake() as engine:
        dreamed = Dreaming(engine, tasks).run(_Bar(title, tasks, notes_as_messages))
    gimp.progress_end()
    return dreamed


class _Bar:
    """Updates GIMP's progress bar."""

    def __init__(self, title: str, tasks: Sequence[Task], notes_as_messages: bool) -> None:
        self._title = title
        self._tasks = tasks
        self._notes_as_messages = notes_as_messages
        self._updated = 0.0

    def __call__(self, number: int, frame: Frame) -> None:
        if frame.kind == "note" and self._notes_as_messages:
            gimp.message(translated(frame.fields["text"]))
        elif frame.kind == "progress" and time.monotonic() - self._updated > _PAUSE:
            count, text = len(self._tasks), progress_text(frame.fields)
            if self._tasks[number].film:
                text = frame_text(number, count, text)
            elif count > 1:
                text = f"{number + 1}/{count}: {text}"
            gimp.progress_set_text(f"{self._title}: {text}")
            gimp.progress_update((number + float(frame.fields["fraction"])) / count)
            self._updated = time.monotonic()
