"""Recipes near another one, to choose from by eye. Does not use GTK."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

from deepdream_core.shared.objective import Term, parse_objective, written
from deepdream_core.shared.recipe import PARAMETERS, Recipe

COUNT = 4
_SEEDS = 9999
_FACTORS = {"motif": (0.6, 1.7), "step_size": (0.7, 1.6)}
"""By how much a neighbouring recipe multiplies settings."""
_SHIFTS = {"strength": 0.15, "colourfulness": 0.3}
"""By how much it shifts others, up or down."""
_SHARES = (0.4, 0.7, 1.0)
"""Weights of a picture that is mixed in."""


SEED, SETTINGS, WITH, MIX = "seed", "settings", "with", "mix"


@dataclass(frozen=True)
class Surprise:
    """A recipe, and what is new about it: `SEED`, `SETTINGS`, a picture `WITH` it, or a `MIX`."""

    kind: str
    recipe: Recipe


def surprises(recipe: Recipe, pictures: Sequence[str], chance: random.Random) -> list[Surprise]:
    """Return recipes around `recipe`.

    `pictures` are objectives that can be mixed in; without any, only seeds and settings change.
    """
    if len(pictures) < COUNT:
        makers = [(SEED, _with_seed), (SETTINGS, _neighbour)] * 2
        return [Surprise(kind, make(recipe, chance)) for kind, make in makers]
    return [
        Surprise(SEED, _with_seed(recipe, chance)),
        Surprise(SETTINGS, _neighbour(recipe, chance)),
        Surprise(WITH, _mixed_with(recipe, chance.choice(pictures), chance)),
        Surprise(MIX, _of_two(recipe, chance.sample(pictures, 2), chance)),
    ]


def _with_seed(recipe: Recipe, chance: random.Random) -> Recipe:
    """Return another dream of the same kind."""
    others = [recipe.seed, chance.randint(1, _SEEDS)]
    while others[0] == others[1]:
        others[1] = chance.randint(1, _SEEDS)
    return recipe.changed(seed=others[1])


def _neighbour(recipe: Recipe, chance: random.Random) -> Recipe:
    """Return a recipe with somewhat other settings."""
    changed = {
        name: getattr(recipe, name) * chance.uniform(*limits) for name, limits in _FACTORS.items()
    }
    for name, most in _SHIFTS.items():
        changed[name] = getattr(recipe, name) + chance.uniform(-most, most)
    return recipe.changed(
        **{
            name: round(min(max(value, PARAMETERS[name].low), PARAMETERS[name].high), 2)
            for name, value in changed.items()
        }
    )


def _mixed_with(recipe: Recipe, picture: str, chance: random.Random) -> Recipe:
    """Return a recipe with a picture mixed into its objective."""
    (added,) = parse_objective(picture).terms
    kept = [term for term in recipe.expression.terms if term.target != added.target]
    return _dreaming(recipe, [*kept, replace(added, weight=chance.choice(_SHARES))])


def _of_two(recipe: Recipe, pictures: Sequence[str], chance: random.Random) -> Recipe:
    """Return a recipe with two pictures as its objective."""
    first, second = (parse_objective(picture).terms[0] for picture in pictures)
    return _dreaming(recipe, [first, replace(second, weight=chance.choice(_SHARES))])


def _dreaming(recipe: Recipe, terms: Sequence[Term]) -> Recipe:
    return recipe.changed(objective=written(terms))
