"""What a dream becomes in the image: a layer, a group of layers or an animation.

Each kind of output is a row of `OUTPUT_KINDS`; to add a kind, add a row. In settings, files and
parasites, an `Output` is stored next to the recipe under the names in `OUTPUT_PARAMETERS`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from deepdream_core.shared.objective import ObjectiveError, parse_objective
from deepdream_core.shared.recipe import Parameter, Recipe, RecipeError, Value, parse_settings

_MAX_LAYER_NUMBER = 2**31 - 1
_BETWEEN_FEATURES = "|"
_ABOVE, _REPLACE = "above", "replace"
_COPY, _LIMIT = "copy", "limit"


@dataclass(frozen=True)
class OutputKind:
    """What a dream can become in the image."""

    name: str
    """The value of the setting `output`."""
    label: str
    explanation: str
    keep: str = ""
    """The value that the recipe's `keep` must have; empty if any will do."""
    parameters: tuple[str, ...] = ()
    """The recipe parameters that matter only for this kind."""
    is_group: bool = False
    """Whether the result is a group of layers, each with a mask for painting between them."""
    is_animation: bool = False
    """Whether each pass becomes a frame."""
    for_each_feature: bool = False
    """Whether each of the chosen features gets a dream of its own."""
    beyond_selection: bool = False
    """Whether the whole layer is dreamed, even if only a part is selected."""
    is_in_place: bool = False
    """Whether the source layer itself is changed."""
    is_own_image: bool = False
    """Whether the result is an image of its own."""

    @property
    def is_beside_source(self) -> bool:
        """Whether the result is laid over its source, with a mask, a mode and an opacity."""
        return not (self.is_in_place or self.is_own_image)


LAYER = OutputKind(
    "layer",
    "A new layer",
    "One layer above the source. If something is selected, only that is dreamed.",
)
MASKED = OutputKind(
    "masked",
    "A layer with a mask",
    "The whole layer is dreamed; the selection becomes its mask, which you can paint wider later.",
    beyond_selection=True,
)
OCTAVES = OutputKind(
    "octaves",
    "A layer for each octave",
    "A group with the dream as it was after each octave; paint between them with the layer masks.",
    keep="octaves",
    is_group=True,
)
STEPS = OutputKind(
    "steps",
    "A layer for every few steps",
    "A group with the dream as it was every few steps; paint between them with the layer masks.",
    keep="steps",
    parameters=("keep_every",),
    is_group=True,
)
FEATURES = OutputKind(
    "features",
    "A layer for each chosen picture",
    "A group with one dream for each picture; mix them later with opacity and masks.",
    is_group=True,
    for_each_feature=True,
)
FRAMES = OutputKind(
    "frames",
    "Frames of an animation",
    "The result is dreamed again and again, moved a little each time; every pass becomes "
    "a layer, ready for Filters > Animation.",
    parameters=("passes", "zoom", "rotate", "shift_x", "shift_y"),
    is_animation=True,
)
IN_PLACE = OutputKind(
    "in-place",
    "The layer itself",
    "The layer's own pixels are changed, if something is selected only those; "
    "Edit > Undo brings them back.",
    is_in_place=True,
)
NEW_IMAGE = OutputKind(
    "image",
    "A new image",
    "The dream opens as an image of its own; this one stays as it is.",
    is_own_image=True,
)

OUTPUT_KINDS: dict[str, OutputKind] = {
    kind.name: kind
    for kind in (LAYER, MASKED, OCTAVES, STEPS, FEATURES, FRAMES, IN_PLACE, NEW_IMAGE)
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
        "The objectives that each get a layer, separated by |.",
        "Result",
    ),
    "guide_layer": Parameter(
        "guide_layer",
        "int",
        0,
        "Guide layer",
        "The ID of a layer, in any open image, whose features steer the dream; 0 for none.",
        "Result",
        low=0,
        high=_MAX_LAYER_NUMBER,
    ),
    "again": Parameter(
        "again",
        "choice",
        _ABOVE,
        "Dreamed again",
        "Whether a dream that is dreamed again is replaced or stays below the new one.",
        "Result",
        choices={_ABOVE: "A new layer right above it", _REPLACE: "Replace this dream"},
    ),
    "layer_mask": Parameter(
        "layer_mask",
        "choice",
        _COPY,
        "The layer's mask",
        "Whether the whole layer is dreamed and the dream gets a copy of the layer's mask, or only "
        "what the mask shows is dreamed. A selection counts as well.",
        "Result",
        choices={_COPY: "Copy it to the dream", _LIMIT: "Dream only what it shows"},
    ),
    "layer_mode": Parameter(
        "layer_mode",
        "choice",
        "normal",
        "Mode",
        "How the new layer is laid over what is below it: GIMP's layer mode.",
        "Result",
        choices={
            "normal": "Normal",
            "lighten": "Lighten only",
            "screen": "Screen",
            "darken": "Darken only",
            "multiply": "Multiply",
            "overlay": "Overlay",
            "soft-light": "Soft light",
            "hard-light": "Hard light",
            "difference": "Difference",
            "grain-merge": "Grain merge",
            "colour": "LCh colour",
            "lightness": "LCh lightness",
            "luminance": "Luminance",
        },
    ),
    "opacity": Parameter(
        "opacity",
        "float",
        100.0,
        "Opacity",
        "How opaque the new layer is.",
        "Result",
        low=0.0,
        high=100.0,
        unit="%",
    ),
    "carry": Parameter(
        "carry",
        "float",
        1.0,
        "Carry to the next frame",
        "How much of a frame's dream moves on to the next frame of an animation, along what moves "
        "in it. Less: the forms change faster. 0: each frame is dreamed by itself, and flickers.",
        "Result",
        low=0.0,
        high=1.0,
    ),
}
"""Settings that go with a recipe but are not part of it, described in the same way."""


@dataclass(frozen=True)
class Output:
    """What a dream becomes, and the layer in this GIMP that guides it."""

    kind: OutputKind = LAYER
    features: tuple[str, ...] = ()
    """The objectives that each get a layer, if `kind.for_each_feature`."""
    guide_layer: int = 0
    """The ID of a layer, in any open image, whose features steer the dream; 0 for none."""
    replaces: bool = False
    """Whether a dream that is dreamed again is replaced."""
    limited: bool = False
    """Whether only what the layer's own mask shows is dreamed."""
    mode: str = "normal"
    """How the new layer is laid over what is below it."""
    opacity: float = 100.0
    """How opaque the new layer is, in percent."""
    carry: float = 1.0
    """How much of a frame's dream moves on to the next, 0..1, where frames are dreamed."""

    @classmethod
    def from_settings(cls, settings: Mapping[str, object], base: Output | None = None) -> Output:
        """Return `base` with `settings` applied; names that are not about output are ignored.

        Raises `RecipeError`.
        """
        written = {**(base or cls()).as_settings(), **settings}
        values = {name: row.parse(written[name]) for name, row in OUTPUT_PARAMETERS.items()}
        return cls(
            OUTPUT_KINDS[str(values["output"])],
            _parse_features(str(values["features"])),
            int(values["guide_layer"]),
            values["again"] == _REPLACE,
            values["layer_mask"] == _LIMIT,
            str(values["layer_mode"]),
            float(values["opacity"]),
            float(values["carry"]),
        )

    def as_settings(self) -> dict[str, Value]:
        """Return what `from_settings` reads, ready for JSON."""
        return {
            "output": self.kind.name,
            "features": _BETWEEN_FEATURES.join(self.features),
            "guide_layer": self.guide_layer,
            "again": _REPLACE if self.replaces else _ABOVE,
            "layer_mask": _LIMIT if self.limited else _COPY,
            "layer_mode": self.mode,
            "opacity": self.opacity,
            "carry": self.carry,
        }

    def recipes(self, recipe: Recipe) -> list[Recipe]:
        """Return the recipes to dream for each source layer."""
        if self.kind.for_each_feature:
            objectives = self.features or (recipe.objective,)
            return [recipe.changed(objective=objective) for objective in objectives]
        return [recipe.changed(keep=self.kind.keep) if self.kind.keep else recipe]


def split_settings(
    settings: str | Mapping[str, object], base: Output | None = None
) -> tuple[dict[str, object], Output]:
    """Split settings (text or mapping) into those of the recipe and an `Output` based on `base`.

    Raises `RecipeError` for a bad output; `recipe_from` checks the recipe's names and values.
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
