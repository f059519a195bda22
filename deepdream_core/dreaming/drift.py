"""A dream of many passes that drifts: what its schedule makes of the recipe in each pass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from deepdream_core.shared.objective import parse_objective, written
from deepdream_core.shared.recipe import MAX_SEED, PARAMETERS, Recipe, Value
from deepdream_core.shared.schedules import parse_schedule

_DIGITS = 6


def at_pass(recipe: Recipe, number: int) -> Recipe:
    """Return the recipe of a pass, counted from 0; the first and the last have the outer values.

    Each pass has a seed of its own. Objectives fade into each other.
    """
    if not recipe.schedule:
        return recipe
    share = number / max(1, recipe.passes - 1)
    settings: dict[str, Value] = {"seed": (recipe.seed + number) % (MAX_SEED + 1)}
    for name, stops in parse_schedule(recipe.schedule).items():
        place = share * (len(stops) - 1)
        before = min(int(place), len(stops) - 2)
        settings[name] = _between(name, stops[before : before + 2], place - before)
    return recipe.changed(**settings)


def _between(name: str, stops: Sequence[str], share: float) -> Value:
    if name == "objective":
        return _faded(stops, share)
    low, high = (float(PARAMETERS[name].parse(stop)) for stop in stops)
    value = low + (high - low) * share
    return round(value) if PARAMETERS[name].kind == "int" else round(value, _DIGITS)


def _faded(stops: Sequence[str], share: float) -> str:
    weights = (round(1 - share, _DIGITS), round(share, _DIGITS))
    terms = [
        replace(term, weight=term.weight * weight)
        for stop, weight in zip(stops, weights, strict=True)
        if weight
        for term in parse_objective(stop).terms
    ]
    return written(terms)
