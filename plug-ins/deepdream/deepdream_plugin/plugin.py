"""The procedure `python-fu-deepdream`: choose what to dream, dream it, put it above the layer."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

from gimpfu import RUN_INTERACTIVE, RUN_NONINTERACTIVE, CancelError, error, gimp
from gimpfu.dialog import has_gtk3

from deepdream_core.shared.presets import Preset, make_recipe, presets
from deepdream_core.shared.recipe import Recipe, RecipeError
from deepdream_plugin.again import kept_with
from deepdream_plugin.dialog.pictures import name_of
from deepdream_plugin.dreaming import Dreamed, Dreaming, Task
from deepdream_plugin.engine import Engine, EngineError
from deepdream_plugin.engine_process import note_last_error
from deepdream_plugin.layers import (
    LayerError,
    check_dreamable,
    guide_picture,
    layers_of,
    recipe_note,
    take_source,
)
from deepdream_plugin.outputs import kind_of, recipes_for, split_settings
from deepdream_plugin.placing import Finished, place
from deepdream_plugin.progress import progress_text
from deepdream_plugin.settings import (
    Choice,
    forget_unfinished,
    load_last,
    load_unfinished,
    save_last,
    save_unfinished,
)
from deepdream_plugin.texts import _

_PROGRESS_PAUSE = 0.05
"""Seconds between two messages to GIMP's progress bar."""

_PROBLEMS = (RecipeError, EngineError, LayerError)

_awake: Engine | None = None
"""The engine that dreamed the preview: the dream itself begins at once with it."""


def dream(image: Any, drawables: Sequence[Any], preset: str, settings: str) -> list[Any]:
    """Dream each layer and return the new layers. Raises `error` with a sentence for the user."""
    try:
        return _dream(image, layers_of(drawables), preset, settings)
    except _PROBLEMS as problem:
        raise _told(problem) from problem


def dream_again(image: Any, drawables: Sequence[Any], settings: str) -> list[Any]:
    """Dream what dreamed layers were made of, with their recipes changed by `settings`.

    Raises `error` with a sentence for the user.
    """
    try:
        made = []
        for layer in layers_of(drawables):
            kept = kept_with(image, layer)
            output, rest = split_settings(settings)
            changed = {**kept.choice.settings, **rest, **kept.choice.output, **output}
            source = kept.source or layer
            made += _dream(image, [source], kept.choice.preset, json.dumps(changed))
        return made
    except _PROBLEMS as problem:
        raise _told(problem) from problem


def _told(problem: Exception) -> Exception:
    """Tell the artist in our own window where there is one, else leave it to GIMP."""
    note_last_error(str(problem))
    if gimp.run_mode == RUN_INTERACTIVE and has_gtk3():
        from deepdream_plugin.dialog import failure

        print(f"DeepDream: {problem}", file=sys.stderr)
        failure.show(gimp, problem)
        return CancelError()
    return error(str(problem))


def _dream(image: Any, layers: Sequence[Any], preset: str, settings: str) -> list[Any]:
    output, rest = split_settings(settings)
    recipe = make_recipe(preset, rest)
    chosen = presets()[preset.strip() or Choice().preset]
    title = _title(chosen, recipe)
    kind = kind_of(output)
    recipes = recipes_for(recipe, output)
    sources = [take_source(image, layer) for layer in layers]
    guide = guide_picture(int(output.get("guide_layer", 0)))
    whole = kind == "masked"
    tasks = [Task(source, one, guide, whole) for source in sources for one in recipes]
    dreamed = _dream_all(tasks, title)
    finished = []
    for source in sources:
        note = recipe_note(recipe, chosen.name, source, output)
        dreams = [one for one in dreamed if one.task.source is source]
        notes = [recipe_note(one.task.recipe, chosen.name, source, {}) for one in dreams]
        if dreams:
            finished.append(Finished(source, dreams, note, notes, title))
    return place(image, finished, kind)


def _title(preset: Preset, recipe: Recipe) -> str:
    """Name the dream after its preset, or after what was chosen instead."""
    own = make_recipe(preset.name).objective
    shown = _(preset.title) if recipe.objective == own else name_of(recipe.objective)
    return f"DeepDream {shown}"


def _dream_all(tasks: Sequence[Task], title: str) -> list[Dreamed]:
    global _awake
    engine, _awake = _awake, None
    if gimp.run_mode == RUN_INTERACTIVE and has_gtk3():
        from deepdream_plugin.dialog import progress_window

        dreamed = progress_window.dream(gimp, tasks, title, engine)
        if dreamed is None:
            raise CancelError
        return dreamed
    gimp.progress_init(f"{title}: " + _("waking the engine…"))
    # Without windows nothing of ours stays; repeated by Ctrl+F, a dream begins at once.
    start = Engine.start if gimp.run_mode == RUN_NONINTERACTIVE else Engine.warm
    with engine or start() as awake:
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
        # No window is worth it where somebody sees the dream.
        if frame.kind == "note" and gimp.run_mode == RUN_NONINTERACTIVE:
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
        choice = _ask(image, drawables, load_unfinished() or choice, save_unfinished)
        forget_unfinished()
    if choice is None:
        return None
    save_last(choice)
    return choice.preset, choice.settings_text


def choose_again(run_mode: int, image: Any, drawables: Sequence[Any]) -> tuple[str] | None:
    """Return the settings for dreaming a dreamed layer again (None: cancel)."""
    if run_mode != RUN_INTERACTIVE:
        return ("",)
    try:
        layer = layers_of(drawables)[0]
        kept = kept_with(image, layer)
    except LayerError as problem:
        raise _told(problem) from problem
    choice = _ask(image, [kept.source or layer], kept.choice)
    if choice is None:
        return None
    recipe = make_recipe(choice.preset, choice.settings).as_dict()
    return (json.dumps({**recipe, **choice.output}),)


def _ask(
    image: Any,
    drawables: Sequence[Any],
    last: Choice,
    keep: Callable[[Choice], None] = lambda choice: None,
) -> Choice | None:
    global _awake
    try:
        layers = layers_of(drawables)
        for layer in layers:
            check_dreamable(image, layer)
    except LayerError as problem:
        raise _told(problem) from problem
    if not has_gtk3():
        from deepdream_plugin import plain_dialog

        return plain_dialog.ask(last)
    from deepdream_plugin.dialog import window

    answer = window.ask(gimp, image, layers, last, keep)
    if answer is None:
        return None
    _awake = answer.engine
    return answer.choice
