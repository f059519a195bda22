"""The procedure `python-fu-deepdream`: choose what to dream, dream it, put it above the layer."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from gimpfu import PF_OPTION, PF_SLIDER, PF_SPINNER, RUN_INTERACTIVE, error, gimp
from gimpfu.params import Param

from deepdream_core.presets import make_recipe, presets
from deepdream_core.protocol import Picture
from deepdream_core.recipe import PARAMETERS, Recipe, RecipeError
from deepdream_plugin.engine import Engine, EngineError
from deepdream_plugin.layers import (
    LayerError,
    Source,
    add_dreams,
    layers_of,
    recipe_note,
    take_source,
)
from deepdream_plugin.progress import progress_text
from deepdream_plugin.settings import Choice, load_last, save_last

_SHOWN = ("strength", "octaves", "steps")
_PROGRESS_PAUSE = 0.05
"""Seconds between two messages to GIMP's progress bar."""


def dream(image: Any, drawables: Sequence[Any], preset: str, settings: str) -> list[Any]:
    """Dream each layer and return the new layers. Raises `error` with a sentence for the user."""
    try:
        recipe = make_recipe(preset, settings)
        chosen = presets()[preset.strip() or Choice().preset]
        sources = [take_source(image, layer) for layer in layers_of(drawables)]
        dreams = _dream_all(sources, recipe, f"DeepDream {chosen.title}")
        notes = [recipe_note(recipe, chosen.name, source) for source in sources]
        return add_dreams(image, dreams, f"DeepDream {chosen.title}", notes)
    except (RecipeError, EngineError, LayerError) as problem:
        raise error(str(problem)) from problem


def _dream_all(
    sources: Sequence[Source], recipe: Recipe, title: str
) -> list[tuple[Source, Picture]]:
    gimp.progress_init(f"{title}: waking the engine…")
    dreams = []
    with Engine.start() as engine:
        for i, source in enumerate(sources):
            which = f"layer {i + 1} of {len(sources)}: " if len(sources) > 1 else ""
            job = engine.dream(recipe, source.pictures, palette=source.palette)
            shown = 0.0
            for event in job.events():
                if event.kind == "progress" and time.monotonic() - shown > _PROGRESS_PAUSE:
                    gimp.progress_set_text(f"{title}: {which}{progress_text(event.fields)}")
                    gimp.progress_update((i + float(event.fields["fraction"])) / len(sources))
                    shown = time.monotonic()
                elif event.kind == "note":
                    gimp.message(str(event.fields["text"]))
                elif event.kind == "result":
                    dreams.append((source, event.pictures["result"]))
    gimp.progress_end()
    return dreams


def choose(run_mode: int, image: Any, drawables: Sequence[Any]) -> tuple[str, str] | None:
    """Return preset and settings: what was chosen last, or what the dialog says (None: cancel)."""
    last = load_last()
    choice = _ask(last) if run_mode == RUN_INTERACTIVE else last
    if choice is None:
        return None
    save_last(choice)
    return choice.preset, choice.settings_text


def _ask(last: Choice) -> Choice | None:
    from gimpfu import dialog

    known = list(presets().values())
    names = [preset.name for preset in known]
    recipe = make_recipe(last.preset, last.settings).as_dict()
    params = [
        Param(
            PF_OPTION,
            "preset",
            "_Preset",
            extra=tuple(f"{preset.title}: {preset.description}" for preset in known),
        )
    ]
    for name in _SHOWN:
        row = PARAMETERS[name]
        kind, step = (PF_SPINNER, 1) if row.kind == "int" else (PF_SLIDER, 0.05)
        params.append(Param(kind, name, row.label, extra=(row.low, row.high, step), help=row.help))
    values = [names.index(last.preset), *(recipe[name] for name in _SHOWN)]
    chosen = dialog.ask(gimp, "DeepDream", "Let a network dream on this layer.", params, values)
    if chosen is None:
        return None
    preset = known[int(chosen[0])]
    base = make_recipe(preset.name).as_dict()
    settings = {n: PARAMETERS[n].parse(v) for n, v in zip(_SHOWN, chosen[1:])}
    return Choice(preset.name, {n: v for n, v in settings.items() if v != base[n]})
