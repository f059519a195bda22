"""The plug-in's two procedures: choose what to dream, read the layers, dream, insert the dreams.

Scripts call `dream` and `dream_again` with all their arguments. For an artist, GIMP calls `choose`
and `choose_again`, which show the dialog and return the function that dreams.
"""

from __future__ import annotations

import contextlib
import functools
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from gimpfu import RUN_INTERACTIVE, RUN_NONINTERACTIVE, CancelError, error, gimp
from gimpfu.dialog import has_gtk3
from gimpfu.objects.images import Image
from gimpfu.objects.items import Drawable, Layer

from deepdream_core.shared.atomic_files import write_text
from deepdream_core.shared.outputs import NEW_IMAGE, Output
from deepdream_core.shared.paths import last_error_file
from deepdream_core.shared.recipe import RecipeError, parse_settings
from deepdream_core.shared.recipe_files import FILE_SETTINGS
from deepdream_plugin.again import Again, OldDream, old_dream, why_kept
from deepdream_plugin.animation import check_frames, order_of_frames
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
from deepdream_plugin.computer import stay_here
from deepdream_plugin.dreaming import Dreamed, Order, Task
from deepdream_plugin.engine import Engine
from deepdream_plugin.engine_errors import EngineElsewhere, EngineError
from deepdream_plugin.foreign_files import agreed, refuse_files
from deepdream_plugin.in_place import gets_a_mask
from deepdream_plugin.layers import (
    LayerError,
    SourceLayer,
    check_dreamable,
    guide_picture,
    layers_from,
    take_source,
)
from deepdream_plugin.pictures_in_files import file_pictures
from deepdream_plugin.placing import Placement, place_dreams
from deepdream_plugin.progress import dream_with_bar
from deepdream_plugin.recipe_parasite import origin_of
from deepdream_plugin.texts import sentence

DreamCall = Callable[[], list[Layer]]
"""Dreams what was chosen and returns the new layers."""


class Wanted(NamedTuple):
    """A layer in GIMP, and how to dream it."""

    layer: Layer
    choice: Choice
    old: OldDream | None = None
    """Its old dream, if that is dreamed again."""


class Taken(NamedTuple):
    """A layer whose pixels have been read, and how to dream it."""

    source: SourceLayer
    choice: Choice
    old: OldDream | None = None
    why_kept: str = ""
    """Why the old dream cannot be replaced; "" if it can."""


def dream(image: Image, drawables: Sequence[Drawable], preset: str, settings: str) -> list[Layer]:
    """Dream each layer; return the new layers. Raises `error` with a message for the user."""
    with _problems_shown(RUN_NONINTERACTIVE):
        choice = choice_from(preset, settings)
        wanted = [Wanted(layer, choice) for layer in layers_from(drawables)]
    return dream_wanted(image, wanted, RUN_NONINTERACTIVE)


def dream_again(image: Image, drawables: Sequence[Drawable], settings: str) -> list[Layer]:
    """Dream the sources of dreamed layers again, with their recipes changed by `settings`.

    The new layers are above the dreams or, with "again=replace", in their place. Raises `error`
    with a message for the user.
    """
    with _problems_shown(RUN_NONINTERACTIVE):
        origins = _origins(image, drawables, parse_settings(settings))
        wanted = [one._replace(choice=one.choice.changed(settings)) for one in origins]
    return dream_wanted(image, wanted, RUN_NONINTERACTIVE)


def dream_frames(image: Image, drawables: Sequence[Drawable], preset: str, settings: str) -> Image:
    """Dream every layer as a frame of an animation; return a new image of the dreamed frames.

    Raises `error` with a message for the user.
    """
    with _problems_shown(RUN_NONINTERACTIVE):
        choice = choice_from(preset, settings)
    return _dream_frames(image, choice, RUN_NONINTERACTIVE)


def choose_frames(
    run_mode: int, image: Image, drawables: Sequence[Drawable]
) -> Callable[[], Image] | None:
    """Let the artist choose, or use the last choice; return None if the artist cancels."""
    with _problems_shown(run_mode):
        last = load_last()
        recipe = last.recipe.changed(passes=1, source="photo")
        choice = replace(last, recipe=recipe, output=Output(NEW_IMAGE, carry=last.output.carry))
        answer: DialogAnswer | None = DialogAnswer(choice)
        if run_mode == RUN_INTERACTIVE:
            check_frames(image)
            answer = _ask(image, layers_from(drawables)[:1], choice, frames=True)
    if answer is None:
        return None
    remembered = replace(last.output, carry=answer.choice.output.carry)
    save_last(replace(answer.choice, output=remembered))
    return functools.partial(_dream_frames, image, answer.choice, run_mode, answer.engine)


def _dream_frames(
    image: Image, choice: Choice, run_mode: int, engine: Engine | None = None
) -> Image:
    """Dream an animation into a new image. Uses `engine` if given, and always closes it."""
    with _problems_shown(run_mode), engine or contextlib.nullcontext():
        order = order_of_frames(image, choice, shown=run_mode != RUN_NONINTERACTIVE)
        return order.place(_dream_somewhere(order, run_mode, engine))[0].image


def choose(run_mode: int, image: Image, drawables: Sequence[Drawable]) -> DreamCall | None:
    """Let the artist choose, or use the last choice; return None if the artist cancels."""
    with _problems_shown(run_mode):
        layers = layers_from(drawables)
        answer: DialogAnswer | None = DialogAnswer(load_last())
        made: list[Layer] = []
        if run_mode == RUN_INTERACTIVE:
            apply = functools.partial(_order_and_remember, image, layers, made)
            last = load_unfinished() or load_last()
            answer = _ask(image, layers, last, save_unfinished, apply=apply)
            forget_unfinished()
    if answer is None:
        return None
    if answer.is_dreamed:
        return lambda: [layer for layer in made if layer.is_valid()]
    save_last(answer.choice)
    wanted = [Wanted(layer, answer.choice) for layer in layers]
    return functools.partial(dream_wanted, image, wanted, run_mode, answer.engine, made)


def _order_and_remember(
    image: Image, layers: Sequence[Layer], made: list[Layer], choice: Choice
) -> Order:
    """Read the layers for a dream that will be dreamed while the dialog is open.

    Its new layers are added to `made`. Raises `LayerError`.
    """
    wanted = [Wanted(layer, choice) for layer in layers]
    order = _order(image, wanted, RUN_INTERACTIVE, made)
    save_last(choice)

    def place(dreamed: Sequence[Dreamed]) -> list[Layer]:
        new = order.place(dreamed)
        made.extend(new)
        return new

    return replace(order, place=place)


def choose_again(run_mode: int, image: Image, drawables: Sequence[Drawable]) -> DreamCall | None:
    """Let the artist change the recipe of the first dreamed layer and use it for all of them.

    In a non-interactive run, each layer keeps its own. Old dreams are replaced, unless the artist
    chooses otherwise. Returns None if the artist cancels.
    """
    with _problems_shown(run_mode):
        if run_mode != RUN_INTERACTIVE:
            wanted = [_replacing(one) for one in _origins(image, drawables)]
            return functools.partial(dream_wanted, image, wanted, run_mode)
        wanted = _origins(image, drawables, FILE_SETTINGS)
        reasons = [_why_kept(image, one) for one in wanted]
        choice = agreed(wanted[0].choice, _may_open)
        if not all(reasons):
            choice = replace(choice, output=replace(choice.output, replaces=True))
        names = [one.old.name for one in wanted if one.old]
        again = Again(names, reasons[0] if all(reasons) else "")
        answer = _ask(image, [one.layer for one in wanted], choice, again=again)
    if answer is None:
        return None
    wanted = [one._replace(choice=answer.choice) for one in wanted]
    return functools.partial(dream_wanted, image, wanted, run_mode, answer.engine)


def _replacing(wanted: Wanted) -> Wanted:
    choice = wanted.choice
    return wanted._replace(choice=replace(choice, output=replace(choice.output, replaces=True)))


def _why_kept(image: Image, wanted: Wanted) -> str:
    return why_kept(image, wanted.old, wanted.layer) if wanted.old else ""


def _may_open(files: Sequence[str]) -> bool:
    """Return whether the artist agrees. Raises `CancelError`."""
    if not has_gtk3():
        return False
    from deepdream_plugin.dialog import foreign_files

    return foreign_files.may_open(gimp, files)


def _origins(
    image: Image, drawables: Sequence[Drawable], given: Iterable[str] = ()
) -> list[Wanted]:
    """Return what to dream again: each dream's source or, if it no longer exists, the dream.

    Raises `LayerError` if a recipe names files, except in the settings that are `given` otherwise.
    """
    wanted: list[Wanted] = []
    for layer in layers_from(drawables):
        origin = origin_of(image, layer)
        refuse_files(layer.name, origin.choice, given)
        old = old_dream(image, layer, origin.choice, whole=origin.source is not None)
        # Several frames of an animation, or a group and a layer in it, are one dream.
        if all(one.old != old for one in wanted):
            wanted.append(Wanted(origin.source or layer, origin.choice, old))
    return wanted


def _ask(
    image: Image,
    layers: Sequence[Layer],
    last: Choice,
    keep: Callable[[Choice], None] = lambda choice: None,
    again: Again | None = None,
    apply: Callable[[Choice], Order] | None = None,
    frames: bool = False,
) -> DialogAnswer | None:
    for layer in layers:
        check_dreamable(image, layer)
    if not has_gtk3():
        from deepdream_plugin import plain_dialog

        return plain_dialog.choose_in_plain_dialog(last)
    from deepdream_plugin.dialog import window

    return window.choose_in_window(gimp, image, layers, last, keep, again, apply, frames)


def dream_wanted(
    image: Image,
    wanted: Sequence[Wanted],
    run_mode: int,
    engine: Engine | None = None,
    earlier: Sequence[Layer] = (),
) -> list[Layer]:
    """Read the wanted layers, dream them and insert the dreams; return the new layers.

    Uses `engine` if given, and always closes it. `earlier`: see `Placement`.
    """
    with _problems_shown(run_mode), engine or contextlib.nullcontext():
        order = _order(image, wanted, run_mode, earlier)
        return order.place(_dream_somewhere(order, run_mode, engine))


def _dream_somewhere(order: Order, run_mode: int, engine: Engine | None) -> list[Dreamed]:
    """Dream on the computer that was chosen or, if the artist agrees, on this one instead."""
    try:
        return _dream_all(order, run_mode, functools.partial(_wake, engine, run_mode))
    except EngineElsewhere as problem:
        if not _may_dream_here(problem, run_mode):
            raise
    stay_here()
    return _dream_all(order, run_mode, functools.partial(_wake, None, run_mode))


def _may_dream_here(problem: EngineElsewhere, run_mode: int) -> bool:
    """Return whether the artist agrees that this computer dreams; nobody asks in a batch."""
    if run_mode == RUN_NONINTERACTIVE or not has_gtk3():
        return False
    from deepdream_plugin.dialog import failure

    return failure.may_dream_here(gimp, problem)


def _order(
    image: Image, wanted: Sequence[Wanted], run_mode: int, earlier: Sequence[Layer] = ()
) -> Order:
    """Read the wanted layers. `earlier`: see `Placement`. Raises `LayerError`."""
    taken = [
        Taken(take_source(image, one.layer), one.choice, one.old, _why_kept(image, one))
        for one in wanted
    ]

    def place(dreamed: Sequence[Dreamed]) -> list[Layer]:
        placements = [replace(one, earlier=tuple(earlier)) for one in _placements(taken, dreamed)]
        return place_dreams(image, placements, shown=run_mode != RUN_NONINTERACTIVE)

    return Order(_title(taken), _tasks(taken), place)


def _tasks(taken: Sequence[Taken]) -> list[Task]:
    guide_layers = {one.choice.output.guide_layer for one in taken}
    guides = {number: guide_picture(number) for number in guide_layers}
    return [
        Task(
            source,
            recipe,
            guides[choice.output.guide_layer],
            choice.output.kind.beyond_selection,
            choice.output.limited,
            gets_a_mask(choice.output, source.layer),
            file_pictures(recipe),
        )
        for source, choice, *_ in taken
        for recipe in choice.output.recipes(choice.recipe)
    ]


def _title(taken: Sequence[Taken]) -> str:
    titles = {one.choice.title for one in taken}
    return titles.pop() if len(titles) == 1 else "DeepDream"


def _wake(engine: Engine | None, run_mode: int) -> Engine:
    """Return the engine that is already running, or start one. Raises `EngineError`."""
    if engine:
        return engine
    # A script leaves no process behind; an artist's next dream (Ctrl+F) starts immediately.
    return Engine.start() if run_mode == RUN_NONINTERACTIVE else Engine.warm()


def _dream_all(order: Order, run_mode: int, wake: Callable[[], Engine]) -> list[Dreamed]:
    if run_mode != RUN_INTERACTIVE or not has_gtk3():
        # A repeated dream (Ctrl+F) needs no window of its own: GIMP's progress bar is enough.
        return dream_with_bar(wake, order.tasks, order.title, run_mode == RUN_NONINTERACTIVE)
    from deepdream_plugin.dialog import progress_window

    dreamed = progress_window.dream_in_window(gimp, wake, order.tasks, order.title)
    if dreamed is None:
        raise CancelError
    return dreamed


def _placements(taken: Sequence[Taken], dreamed: Sequence[Dreamed]) -> list[Placement]:
    """Group the dreams by source; skip layers that were not dreamed because the artist stopped."""
    placements = []
    for source, choice, old, why in taken:
        dreams = [one for one in dreamed if one.task.source == source]
        if dreams:
            choice = choice.dreamed_in(dreams[0].precision)
            placements.append(Placement(source, choice, dreams, old, why))
    return placements


@contextlib.contextmanager
def _problems_shown(run_mode: int) -> Iterator[None]:
    """Show problems to the artist in our own window, or raise `error` for GIMP to show."""
    try:
        yield
    except (RecipeError, EngineError, LayerError) as problem:
        message = sentence(problem)
        _record_for_doctor(message)
        if run_mode != RUN_INTERACTIVE or not has_gtk3():
            raise error(message) from problem
        from deepdream_plugin.dialog import failure

        print(f"DeepDream: {message}", file=sys.stderr)
        failure.show_failure(gimp, problem)
        raise CancelError from problem


def _record_for_doctor(problem: str) -> None:
    """Record the last error for `deepdream doctor`."""
    with contextlib.suppress(OSError):
        write_text(last_error_file(), f"{time.strftime('%Y-%m-%d %H:%M:%S')} {problem}\n")
