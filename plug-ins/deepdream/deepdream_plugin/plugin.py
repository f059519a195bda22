"""The procedure `python-fu-deepdream`: choose what to dream, dream it, put it above the layer."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from gimpfu import RUN_INTERACTIVE, CancelError, error, gimp
from gimpfu.dialog import has_gtk3

from deepdream_core.presets import make_recipe, presets
from deepdream_core.recipe import RecipeError
from deepdream_plugin.dreaming import Dreamed, Dreaming, Task
from deepdream_plugin.engine import Engine, EngineError
from deepdream_plugin.layers import (
    LayerError,
    check_dreamable,
    layers_of,
    recipe_note,
    take_source,
)
from deepdream_plugin.outputs import kind_of, recipes_for, split_settings
from deepdream_plugin.placing import Finished, place
from deepdream_plugin.progress import progress_text
from deepdream_plugin.settings import Choice, load_last, save_last
from deepdream_plugin.texts import _

_PROGRESS_PAUSE = 0.05
"""Seconds between two messages to GIMP's progress bar."""

_awake: Engine | None = None
"""The engine that dreamed the preview: the dream itself begins at once with it."""


def dream(image: Any, drawables: Sequence[Any], preset: str, settings: str) -> list[Any]:
    """Dream each layer and return the new layers. Raises `error` with a sentence for the user."""
    try:
        return _dream(image, drawables, preset, settings)
    except (RecipeError, EngineError, LayerError) as problem:
        raise error(str(problem)) from problem


def _dream(image: Any, drawables: Sequence[Any], preset: str, settings: str) -> list[Any]:
    output, rest = split_settings(settings)
    recipe = make_recipe(preset, rest)
    chosen = presets()[preset.strip() or Choice().preset]
    title = f"DeepDream {chosen.title}"
    kind = kind_of(output)
    recipes = recipes_for(recipe, output)
    sources = [take_source(image, layer) for layer in layers_of(drawables)]
    tasks = [Task(source, one, whole=kind == "masked") for source in sources for one in recipes]
    dreamed = _dream_all(tasks, title)
    finished = []
    for source in sources:
        note = recipe_note(recipe, chosen.name, source)
        dreams = [one for one in dreamed if one.task.source is source]
        if dreams:
            finished.append(Finished(source, dreams, note, title))
    return place(image, finished, kind)


def _dream_all(tasks: Sequence[Task], title: str) -> list[Dreamed]:
    global _awake
    engine, _awake = _awake, None
    if gimp.run_mode == RUN_INTERACTIVE and has_gtk3():
        from deepdream_plugin.dialog import progress_window

        answer = progress_window.dream(gimp, tasks, title, engine)
        if answer is None:
            raise CancelError
        dreamed, notes = answer
        for note in dict.fromkeys(notes):
            gimp.message(note)
        return dreamed
    gimp.progress_init(f"{title}: " + _("waking the engine…"))
    with engine or Engine.start() as awake:
        dreamed = Dreaming(awake, tasks).run(_Bar(title, len(tasks)))
    gimp.progress_end()
    return dreamed


class _Bar:
    """Tells GIMP's progress bar how far the dreams have come."""

    def __init__(self, title: str, count: int) -> None:
        self._title = title
        self._count = count
        self._shown = 0.0

    def __call__(self, number: int, frame: Any) -> None:
        if frame.kind == "note":
            gimp.message(str(frame.fields["text"]))
        elif frame.kind == "progress" and time.monotonic() - self._shown > _PROGRESS_PAUSE:
            which = f"{number + 1}/{self._count}: " if self._count > 1 else ""
            gimp.progress_set_text(f"{self._title}: {which}{progress_text(frame.fields)}")
            gimp.progress_update((number + float(frame.fields["fraction"])) / self._count)
            self._shown = time.monotonic()


def choose(run_mode: int, image: Any, drawables: Sequence[Any]) -> tuple[str, str] | None:
    """Return preset and settings: what was chosen last, or what the dialog says (None: cancel)."""
    choice: Choice | None = load_last()
    if run_mode == RUN_INTERACTIVE:
        choice = _ask(image, drawables, choice)
    if choice is None:
        return None
    save_last(choice)
    return choice.preset, choice.settings_text


def _ask(image: Any, drawables: Sequence[Any], last: Choice) -> Choice | None:
    global _awake
    try:
        layers = layers_of(drawables)
        for layer in layers:
            check_dreamable(image, layer)
    except LayerError as problem:
        raise error(str(problem)) from problem
    if not has_gtk3():
        from deepdream_plugin import plain_dialog

        return plain_dialog.ask(last)
    from deepdream_plugin.dialog import window

    answer = window.ask(gimp, image, layers, last)
    if answer is None:
        return None
    _awake = answer.engine
    return answer.choice
