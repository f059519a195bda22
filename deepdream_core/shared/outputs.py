"""Where a dream goes: what it becomes in the image, and how settings say so.

What a kind of output needs is a row of `OUTPUT_KINDS`; adding a kind is adding a row. In settings,
files and notes an `Output` stands beside the recipe, under the names in `OUTPUT_PARAMETERS`.
Standard library only: GIMP's Python imports this module too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from deepdream_core.shared.objective import ObjectiveError, parse_objective
from deepdream_core.shared.recipe import Parameter, Recipe, RecipeError, Value, parse_settings

_MAX_LAYER_NUMBER = 2**31 - 1
_BETWEEN_FEATURES = "|"


@dataclass(frozen=True)
class OutputKind:
    """What a dream can become in the image."""

    name: str
    """As the setting `output` names it."""
    label: str
    explanation: str
    keep: str = ""
    """What the recipe's `keep` has to be, empty where it does not matter."""
    parameters: tuple[str, ...] = ()
    """The recipe's parameters that matter for this kind only."""
    is_group: bool = False
    """Whether several layers come in a group, each with a mask to paint between them."""
    is_animation: bool = False
    """Whether each pass becomes a frame."""
    for_each_feature: bool = False
    """Whether each of the chosen features is dreamed for itself."""
    beyond_selection: bool = False
    """Whether all of the layer is dreamed, whatever is selected."""


LAYER = OutputKind(
    "layer",
    "A new layer",
    "One layer above the source. If something is selected, only that is dreamed.",
)
MASKED = OutputKind(
    "masked",
    "A layer behind a mask",
    "All of the layer is dreamed; the selection becomes its mask, which can be painted "
    "wider later.",
    beyond_selection=True,
)
OCTAVES = OutputKind(
    "octaves",
    "A layer for each octave",
    "A group with the dream as it was after each octave, every layer with a mask to "
    "paint between them.",
    keep="octaves",
    is_group=True,
)
STEPS = OutputKind(
    "steps",
    "A layer for every few steps",
    "A group with the dream as it was after every few steps, every layer with a mask to "
    "paint between them.",
    keep="steps",
    parameters=("keep_every",),
    is_group=True,
)
FEATURES = OutputKind(
    "features",
    "A layer for each feature",
    "A group with one dream for each feature that you picked, to be mixed by opacity and masks.",
    is_group=True,
    for_each_feature=True,
)
FRAMES = OutputKind(
    "frames",
    "Frames of an animation",
    "The dream is dreamed again and again, moved a little each time; every pass becomes "
    "a layer, ready for Filters > Animation.",
    parameters=("passes", "zoom", "rotate", "shift_x", "shift_y"),
    is_animation=True,
)

OUTPUT_KINDS: dict[str, OutputKind] = {
    kind.name: kind for kind in (LAYER, MASKED, OCTAVES, STEPS, FEATURES, FRAMES)
}

OUTPUT_PARAMETERS: dict[str, Parameter] = {
    "output": Parameter(
        "output",
        "choice",
        LAYER.name,
        "Result",
        "What the dream becomes in the image.",
        "Result",
        choices={kind.name: kind.label for kind in OUTPUT_KINDS.values()},
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
        high=_MAX_LAYER_NUMBER,
    ),
}
"""Settings beside the recipe's own, in the same form."""


@dataclass(frozen=True)
class Output:
    """Where a dream goes, and the layer of this GIMP that steers it."""

    kind: OutputKind = LAYER
    features: tuple[str, ...] = ()
    """The objectives that get a layer each, where the kind asks for them."""
    guide_layer: int = 0
    """The number of a layer, in any open image, whose features steer the dream; 0 for none."""

    @classmethod
    def from_settings(cls, settings: Mapping[str, object], base: Output | None = None) -> Output:
        """Lay what is in `settings` over `base`; names that mean no output are ignored.

        Raises `RecipeError`.
        """
        written = {**(base or cls()).as_settings(), **settings}
        values = {name: row.parse(written[name]) for name, row in OUTPUT_PARAMETERS.items()}
        return cls(
            OUTPUT_KINDS[str(values["output"])],
            _parse_features(str(values["features"])),
            int(values["guide_layer"]),
        )

    def as_settings(self) -> dict[str, Value]:
        """Return it as `from_settings` reads it, ready for JSON."""
        return {
            "output": self.kind.name,
            "features": _BETWEEN_FEATURES.join(self.features),
            "guide_layer": self.guide_layer,
        }

    def recipes(self, recipe: Recipe) -> list[Recipe]:
        """Return what has to be dreamed of each layer."""
        if self.kind.for_each_feature:
            objectives = self.features or (recipe.objective,)
            return [recipe.changed(objective=objective) for objective in objectives]
        return [recipe.changed(keep=self.kind.keep) if self.kind.keep else recipe]


def split_settings(
    settings: str | Mapping[str, object], base: Output | None = None
) -> tuple[dict[str, object], Output]:
    """Part settings (text or mapping) into those of the recipe and an output, laid over `base`.

    Raises `RecipeError`; names and values of the recipe are checked when one is made of them.
    """
    given = parse_settings(settings) if isinstance(settings, str) else settings
    recipe = {name: value for name, value in given.items() if name not in OUTPUT_PARAMETERS}
    return recipe, Output.from_settings(given, base)


def _parse_features(text: str) -> tuple[str, ...]:
    features = tuple(filter(None, (part.strip() for part in text.split(_BETWEEN_FEATURES))))
    for objective in features:
        try:
            parse_objective(objective)
        except ObjectiveError as problem:
            raise RecipeError("in-setting", setting="features", problem=problem.message) from None
    return features
