"""The plug-in's two procedures: choose what to dream, take the layers, dream, place the dreams.

`dream` and `dream_again` are called by scripts, with everything said. `choose` and `choose_again`
are called for an artist: they ask, and return the call that then dreams.
"""

from __future__ import annotations

import contextlib
import functools
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from gimpfu import RUN_INTERACTIVE, RUN_NONINTERACTIVE, CancelError, error, gimp
from gimpfu.dialog import has_gtk3
from gimpfu.objects.images import Drawable, Image, Layer

from deepdream_core.shared.atomic_files import write_text
from deepdream_core.shared.paths import last_error_file
from deepdream_core.shared.recipe import RecipeError
from deepdream_plugin.choice import (
    Choice,
    DialogAnswer,
    choice_from,
    forget_unfinished,
    load_last,
    load_unfinished,
    save_last,
    save_unfinished,
)
from deepdream_plugin.dreaming import Dreamed, Task
from deepdream_plugin.engine import Engine
from deepdream_plugin.engine_errors import EngineError
from deepdream_plugin.layers import (
    LayerError,
    SourceLayer,
    check_dreamable,
    guide_picture,
    layers_from,
    take_source,
)
from deepdream_plugin.placing import Placement, place_dreams
from deepdream_plugin.progress import dream_with_bar
from deepdream_plugin.recipe_parasite import origin_of
from deepdream_plugin.texts import sentence

DreamCall = Callable[[], list[Layer]]
"""Dreams what was chosen and returns the new layers."""


class Wanted(NamedTuple):
    """A layer of GIMP's, and what is to be dreamed of it."""

    layer: Layer
    choice: Choice


class Taken(NamedTuple):
    """The same once the layer's pixels are taken."""

    source: SourceLayer
    choice: Choice


def dream(image: Image, drawables: Sequence[Drawable], preset: str, settings: str) -> list[Layer]:
    """Dream each layer and return the new layers. Raises `error` with a sentence for the user."""
    with _problems_told(RUN_NONINTERACTIVE):
        choice = choice_from(preset, settings)
        wanted = [Wanted(layer, choice) for layer in layers_from(drawables)]
    return dream_wanted(image, wanted, RUN_NONINTERACTIVE)


def dream_again(image: Image, drawables: Sequence[Drawable], settings: str) -> list[Layer]:
    """Dream what dreamed layers were made of, with their recipes changed by `settings`.

    Raises `error` with a sentence for the user.
    """
    with _problems_told(RUN_NONINTERACTIVE):
        wanted = [
            Wanted(layer, choice.changed(settings)) for layer, choice in _origins(image, drawables)
        ]
    return dream_wanted(image, wanted, RUN_NONINTERACTIVE)


def choose(run_mode: int, image: Image, drawables: Sequence[Drawable]) -> DreamCall | None:
    """Let the artist choose, or take what was chosen last; None if the artist cancels."""
    with _problems_told(run_mode):
        layers = layers_from(drawables)
        answer: DialogAnswer | None = DialogAnswer(load_last())
        if run_mode == RUN_INTERACTIVE:
            answer = _ask(image, layers, load_unfinished() or load_last(), save_unfinished)
            forget_unfinished()
    if answer is None:
        return None
    save_last(answer.choice)
    wanted = [Wanted(layer, answer.choice) for layer in layers]
    return functools.partial(dream_wanted, image, wanted, run_mode, answer.engine)


def choose_again(run_mode: int, image: Image, drawables: Sequence[Drawable]) -> DreamCall | None:
    """Let the artist change the recipe of the first of some dreamed layers, for all of them.

    Without asking, each has its own. None if the artist cancels.
    """
    with _problems_told(run_mode):
        wanted = _origins(image, drawables)
        if run_mode != RUN_INTERACTIVE:
            return functools.partial(dream_wanted, image, wanted, run_mode)
        layers = [one.layer for one in wanted]
        answer = _ask(image, layers, wanted[0].choice)
    if answer is None:
        return None
    wanted = [Wanted(layer, answer.choice) for layer in layers]
    return functools.partial(dream_wanted, image, wanted, run_mode, answer.engine)


def _origins(image: Image, drawables: Sequence[Drawable]) -> list[Wanted]:
    """Return what to dream again: for each dream its source, itself where that is gone."""
    origins = [(layer, origin_of(image, layer)) for layer in layers_from(drawables)]
    return [Wanted(origin.source or layer, origin.choice) for layer, origin in origins]


def _ask(
    image: Image,
    layers: Sequence[Layer],
    last: Choice,
    keep: Callable[[Choice], None] = lambda choice: None,
) -> DialogAnswer | None:
    for layer in layers:
        check_dreamable(image, layer)
    if not has_gtk3():
        from deepdream_plugin import plain_dialog

        return plain_dialog.choose_in_plain_dialog(last)
    from deepdream_plugin.dialog import window

    return window.choose_in_window(gimp, image, layers, last, keep)


def dream_wanted(
    image: Image,
    wanted: Sequence[Wanted],
    run_mode: int,
    engine: Engine | None = None,
) -> list[Layer]:
    """Take the wanted layers, dream them and place the dreams; return the new layers.

    `engine` dreams if it is there; it is closed at the end, whatever happens.
    """
    with _problems_told(run_mode), engine or contextlib.nullcontext():
        taken = [Taken(take_source(image, layer), choice) for layer, choice in wanted]
        wake = functools.partial(_wake, engine, run_mode)
        dreamed = _dream_all(_tasks(taken), _title(taken), run_mode, wake)
        return place_dreams(image, _placements(taken, dreamed))


def _tasks(taken: Sequence[Taken]) -> list[Task]:
    guide_layers = {one.choice.output.guide_layer for one in taken}
    guides = {number: guide_picture(number) for number in guide_layers}
    return [
        Task(source, recipe, guides[choice.output.guide_layer], choice.output.kind.beyond_selection)
        for source, choice in taken
        for recipe in choice.output.recipes(choice.recipe)
    ]


def _title(taken: Sequence[Taken]) -> str:
    titles = {one.choice.title for one in taken}
    return titles.pop() if len(titles) == 1 else "DeepDream"


def _wake(engine: Engine | None, run_mode: int) -> Engine:
    """Return the engine that is awake already, or wake one. Raises `EngineError`."""
    if engine:
        return engine
    # Without windows nothing of ours stays; repeated by Ctrl+F, a dream begins at once.
    return Engine.start() if run_mode == RUN_NONINTERACTIVE else Engine.warm()


def _dream_all(
    tasks: Sequence[Task], title: str, run_mode: int, wake: Callable[[], Engine]
) -> list[Dreamed]:
    if run_mode != RUN_INTERACTIVE or not has_gtk3():
        # No window is worth it where somebody sees the dream.
        return dream_with_bar(wake, tasks, title, run_mode == RUN_NONINTERACTIVE)
    from deepdream_plugin.dialog import progress_window

    dreamed = progress_window.dream_in_window(gimp, wake, tasks, title)
    if dreamed is None:
        raise CancelError
    return dreamed


def _placements(taken: Sequence[Taken], dreamed: Sequence[Dreamed]) -> list[Placement]:
    """Return what goes above which layer; nothing where the artist had enough before its turn."""
    placements = []
    for source, choice in taken:
        dreams = [one for one in dreamed if one.task.source == source]
        if dreams:
            placements.append(Placement(source, choice, dreams))
    return placements


@contextlib.contextmanager
def _problems_told(run_mode: int) -> Iterator[None]:
    """Tell the artist in our own window what stood in the way, or leave it to GIMP."""
    try:
        yield
    except (RecipeError, EngineError, LayerError) as problem:
        words = sentence(problem)
        _note_for_doctor(words)
        if run_mode != RUN_INTERACTIVE or not has_gtk3():
            raise error(words) from problem
        from deepdream_plugin.dialog import failure

        print(f"DeepDream: {words}", file=sys.stderr)
        failure.show_failure(gimp, problem)
        raise CancelError from problem


def _note_for_doctor(problem: str) -> None:
    """Keep what went wrong last, for `deepdream doctor`."""
    with contextlib.suppress(OSError):
        write_text(last_error_file(), f"{time.strftime('%Y-%m-%d %H:%M:%S')} {problem}\n")
