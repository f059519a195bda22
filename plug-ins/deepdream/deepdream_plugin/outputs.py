"""Where a dream goes: settings beside the recipe's own, in the same form."""

from __future__ import annotations

from collections.abc import Mapping

from deepdream_core.shared.objective import ObjectiveError, parse_objective
from deepdream_core.shared.recipe import Parameter, Recipe, RecipeError, Value, parse_settings

OUTPUTS: dict[str, Parameter] = {
    "output": Parameter(
        "output",
        "choice",
        "layer",
        "Result",
        "What the dream becomes in the image.",
        "Result",
        choices={
            "layer": "A new layer",
            "masked": "A layer behind a mask",
            "octaves": "A layer for each octave",
            "steps": "A layer for every few steps",
            "features": "A layer for each feature",
            "frames": "Frames of an animation",
        },
    ),
    "features": Parameter(
        "features",
        "text",
        "",
        "Features",
        "The objectives that get a layer each, separated by |.",
        "Result",
    ),
    "guide_layer": Parameter(
        "guide_layer",
        "int",
        0,
        "Guide layer",
        "The number of a layer, in any open image, whose features steer the dream; 0 for none.",
        "Result",
        low=0,
    ),
}

EXPLAINED = {
    "layer": "One layer above the source. If something is selected, only that is dreamed.",
    "masked": "All of the layer is dreamed; the selection becomes its mask, which can be painted "
    "wider later.",
    "octaves": "A group with the dream as it was after each octave, every layer with a mask to "
    "paint between them.",
    "steps": "A group with the dream as it was after every few steps, every layer with a mask to "
    "paint between them.",
    "features": "A group with one dream for each feature that you picked, to be mixed by opacity "
    "and masks.",
    "frames": "The dream is dreamed again and again, moved a little each time; every pass becomes "
    "a layer, ready for Filters > Animation.",
}


def split_settings(
    settings: str | Mapping[str, object],
) -> tuple[dict[str, Value], dict[str, object]]:
    """Part settings into where the dream goes and what it is. Raises `RecipeError`."""
    given = parse_settings(settings) if isinstance(settings, str) else settings
    output = {n: OUTPUTS[n].parse(v) for n, v in given.items() if n in OUTPUTS}
    return output, {n: v for n, v in given.items() if n not in OUTPUTS}


def kind_of(output: Mapping[str, Value]) -> str:
    """Return the value of `output`, its default if it is not given."""
    return str(output.get("output", OUTPUTS["output"].default))


def recipes_for(recipe: Recipe, output: Mapping[str, Value]) -> list[Recipe]:
    """Return what has to be dreamed for an output. Raises `RecipeError`."""
    kind = kind_of(output)
    if kind in ("octaves", "steps"):
        return [recipe.changed(keep=kind)]
    if kind == "features":
        objectives = [part.strip() for part in str(output.get("features", "")).split("|")]
        objectives = [part for part in objectives if part] or [recipe.objective]
        for objective in objectives:
            try:
                parse_objective(objective)
            except ObjectiveError as problem:
                raise RecipeError(f"features: {problem}") from None
        return [recipe.changed(objective=objective) for objective in objectives]
    return [recipe]
