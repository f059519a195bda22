"""A dream that drifts: what its schedule makes of the recipe in each pass and each octave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from deepdream_core.shared.objective import Target, Term, parse_objective, written
from deepdream_core.shared.recipe import MAX_SEED, PARAMETERS, Recipe, Value
from deepdream_core.shared.schedules import (
    OCTAVES,
    PASSES,
    SCHEDULE,
    Change,
    changes_over,
    parse_schedule,
    write_schedule,
)

_DIGITS = 6


def at_pass(recipe: Recipe, number: int) -> Recipe:
    """Return the recipe of a pass, counted from 0; the first and the last have the outer values.

    Each pass has a seed of its own. Objectives fade into each other. A recipe that does not change
    from pass to pass is returned as it is.
    """
    changes = changes_over(PASSES, recipe.schedule)
    if not changes:
        return recipe
    settings = _values_at(changes, number, recipe.passes)
    return recipe.changed(**settings, seed=(recipe.seed + number) % (MAX_SEED + 1))


def at_octave(recipe: Recipe, number: int, octaves: int) -> Recipe:
    """Return the recipe of an octave, counted from 0, from the smallest on.

    The first and the last have the outer values. A recipe that does not change from octave to
    octave is returned as it is.
    """
    changes = changes_over(OCTAVES, recipe.schedule)
    return recipe.changed(**_values_at(changes, number, octaves)) if changes else recipe


def in_first_octaves(recipe: Recipe, shown: int, octaves: int) -> Recipe:
    """Return the recipe for a dream of only the first octaves, where it changes as in the whole."""
    changes = changes_over(OCTAVES, recipe.schedule)
    if not changes or shown == octaves:
        return recipe
    each = [_values_at(changes, number, octaves) for number in range(shown)]
    schedule = parse_schedule(recipe.schedule)
    for name in changes:
        schedule[name] = Change(tuple(str(values[name]) for values in each), OCTAVES)
        if shown == 1:
            del schedule[name]
    return recipe.changed(**each[0], **{SCHEDULE: write_schedule(schedule)})


def _values_at(changes: Mapping[str, Sequence[str]], number: int, count: int) -> dict[str, Value]:
    """Return the settings at one of several places at equal distances."""
    settings: dict[str, Value] = {}
    for name, stops in changes.items():
        place = number / max(1, count - 1) * (len(stops) - 1)
        before = min(int(place), len(stops) - 2)
        settings[name] = _between(name, stops[before : before + 2], place - before)
    return settings


def _between(name: str, stops: Sequence[str], share: float) -> Value:
    if name == "objective":
        return _faded(stops, share)
    low, high = (float(PARAMETERS[name].parse(stop)) for stop in stops)
    value = low + (high - low) * share
    return round(value) if PARAMETERS[name].kind == "int" else round(value, _DIGITS)


def _faded(stops: Sequence[str], share: float) -> str:
    """Return the sum of two objectives; what is in both is one term."""
    weights: dict[Target, float] = {}
    for stop, part in zip(stops, (1 - share, share), strict=True):
        for term in parse_objective(stop).terms:
            weights[term.target] = weights.get(term.target, 0.0) + term.weight * part
    terms = [Term(round(weight, _DIGITS), target) for target, weight in weights.items()]
    return written([term for term in terms if term.weight] or terms)
