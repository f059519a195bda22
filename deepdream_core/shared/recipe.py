"""What to dream: one table of parameters.

The fields of `Recipe` are the table. Command-line options, the `settings` argument of the GIMP
procedure, the dialog's widgets and the table in the user guide are all drawn from it.
Standard library only: GIMP's Python imports this module too.
"""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, SupportsFloat, SupportsIndex, Union

from deepdream_core.shared.messages import DreamError, Message
from deepdream_core.shared.objective import Expression, ObjectiveError, parse_objective
from deepdream_core.shared.suggestions import did_you_mean

Value = Union[int, float, str]
MAX_SEED = 2**31 - 1


class RecipeError(DreamError, ValueError):
    """A parameter that does not exist, or a value that it cannot take; the text says what can."""


@dataclass(frozen=True)
class Parameter:
    """One row of the table: what a value means, which values are allowed, how to show it."""

    name: str
    kind: str
    """`int`, `float`, `choice` or `text`."""
    default: Value
    label: str
    help: str
    group: str
    low: float = -math.inf
    high: float = math.inf
    unit: str = ""
    choices: Mapping[str, str] = field(default_factory=dict)
    """For `choice`: each allowed value and its label."""
    expert: bool = False

    def allowed(self) -> str:
        """Return the allowed values in words, for a help text."""
        return ", ".join(self.choices) if self.kind == "choice" else self._expected()

    def _expected(self) -> Message:
        if self.kind == "choice":
            return Message("one-of", choices=", ".join(self.choices))
        if self.kind == "text":
            return Message("any-text")
        low, high = _plain(self.low), _plain(self.high)
        if self.kind == "float":
            return Message("number-from-to", low=low, high=high)
        return Message("whole-number-from-to", low=low, high=high)

    def parse(self, value: object) -> Value:
        """Return `value`, a text or an already typed value, as this parameter's type.

        Raises `RecipeError`, naming the parameter and what is allowed.
        """
        try:
            return self._parse(value)
        except (TypeError, ValueError, OverflowError):
            shown = json.dumps(value) if isinstance(value, str) else str(value)
            raise RecipeError(
                "value-not-allowed", setting=self.name, value=shown, expected=self._expected()
            ) from None

    def _parse(self, value: object) -> Value:
        if self.kind == "text":
            if not isinstance(value, str):
                raise TypeError
            return value.strip()
        if self.kind == "choice":
            if value not in self.choices:
                raise ValueError
            return str(value)
        if isinstance(value, bool) or not isinstance(value, (str, SupportsFloat, SupportsIndex)):
            raise TypeError
        number = float(value)
        if not self.low <= number <= self.high:
            raise ValueError
        if self.kind == "int":
            if number != int(number):
                raise ValueError
            return int(number)
        return number


def _plain(number: float) -> str:
    return str(int(number)) if float(number).is_integer() else str(number)


def _row(kind: str, default: Value, **row: Any) -> Any:
    return field(default=default, metadata={"row": {"kind": kind, "default": default, **row}})


WHAT, SCALES, STEPS, LOOK, FEEDBACK, MACHINE = (
    "What to dream",
    "Scales",
    "Steps",
    "Look",
    "Again and again",
    "Machine",
)


@dataclass(frozen=True)
class Recipe:
    """Everything that decides how a dream looks, and the machine settings it was made with."""

    model: str = _row(
        "text",
        "efficientnet_lite0",
        label="Network",
        group=WHAT,
        help="The trained network whose memories are dreamed; `deepdream models` lists them.",
    )
    objective: str = _row(
        "text",
        "block10",
        label="Objective",
        group=WHAT,
        help="What to bring out: a layer (block10, or a depth: edges, textures, patterns, parts, "
        "objects), a channel (block10:42), a unit (block10:42@0.3,0.6), a class (class:castle), "
        "or a sum (0.5*block4 + block10).",
    )
    source: str = _row(
        "choice",
        "photo",
        choices={"photo": "The layer", "noise": "Noise"},
        label="Begin with",
        group=WHAT,
        help="The picture itself, or noise: then the picture gives nothing but its size, and the "
        "result is what excites the objective most.",
    )
    guide: str = _row(
        "text",
        "",
        label="Guide picture",
        group=WHAT,
        help="File name of a picture whose features steer the dream.",
    )
    guide_mode: str = _row(
        "choice",
        "match",
        choices={"match": "Best match", "statistics": "Same statistics"},
        label="Guide by",
        group=WHAT,
        expert=True,
        help="Best match: each place grows towards the most similar place of the guide. "
        "Same statistics: the picture's features are mixed as in the guide.",
    )
    mask: str = _row(
        "text",
        "",
        label="Mask picture",
        group=WHAT,
        expert=True,
        help="File name of a gray picture that grades the dream: white dreams, black stays.",
    )
    octaves: int = _row(
        "int",
        4,
        low=1,
        high=12,
        label="Octaves",
        group=SCALES,
        help="At how many sizes the picture is dreamed; more octaves give larger motifs.",
    )
    octave_scale: float = _row(
        "float",
        1.4,
        low=1.05,
        high=3.0,
        unit="x",
        label="Octave scale",
        group=SCALES,
        help="How much larger each octave is than the one before.",
    )
    largest_octave: float = _row(
        "float",
        1.0,
        low=0.1,
        high=4.0,
        unit="x",
        label="Largest octave",
        group=SCALES,
        expert=True,
        help="Size of the last octave beside the picture; below 1 gives larger, softer motifs, "
        "above 1 finer ones.",
    )
    steps: int = _row(
        "int",
        10,
        low=0,
        high=1000,
        label="Steps",
        group=STEPS,
        help="Steps taken in each octave.",
    )
    step_size: float = _row(
        "float",
        1.5,
        low=0.0,
        high=50.0,
        unit="/255",
        label="Step size",
        group=STEPS,
        help="How far the average pixel moves in one step, in 255ths of the full range.",
    )
    jitter: int = _row(
        "int",
        32,
        low=0,
        high=512,
        unit="px",
        label="Jitter",
        group=STEPS,
        expert=True,
        help="Each step sees the picture shifted by up to this much; hides the network's grid.",
    )
    normalise: str = _row(
        "choice",
        "mean",
        choices={
            "mean": "Mean absolute value",
            "rms": "Root mean square",
            "std": "Standard deviation",
            "none": "Not at all",
        },
        label="Normalise gradient by",
        group=STEPS,
        expert=True,
        help="What the gradient is divided by before a step; decides how strongly peaks stand out. "
        "Not at all: by the size of the octave's first gradient, so that the step size keeps its "
        "meaning.",
    )
    smooth: float = _row(
        "float",
        0.0,
        low=0.0,
        high=16.0,
        unit="px",
        label="Gradient blur",
        group=STEPS,
        expert=True,
        help="Gaussian blur of the gradient: a painterly dream without fine grain.",
    )
    laplacian: int = _row(
        "int",
        0,
        low=0,
        high=8,
        unit="levels",
        label="Laplacian levels",
        group=STEPS,
        expert=True,
        help="Levels of the Laplacian pyramid in which coarse and fine change weigh the same.",
    )
    natural: str = _row(
        "choice",
        "auto",
        choices={"auto": "For classes", "yes": "Always", "no": "Never"},
        label="Natural gradient",
        group=STEPS,
        expert=True,
        help="Gives the gradient the frequencies and colours of photographs: calmer, larger, "
        "clearer forms. Without it, classes are but coloured noise.",
    )
    tv: float = _row(
        "float",
        0.0,
        low=0.0,
        high=1.0,
        label="Calm (total variation)",
        group=STEPS,
        expert=True,
        help="Holds back noise between neighbouring pixels in the dream, not in the picture.",
    )
    pull: float = _row(
        "float",
        0.0,
        low=0.0,
        high=1.0,
        label="Pull to the source",
        group=STEPS,
        expert=True,
        help="Share of the change that is taken back at each step.",
    )
    optimiser: str = _row(
        "choice",
        "ascent",
        choices={"ascent": "Gradient ascent", "adam": "Adam"},
        label="Optimiser",
        group=STEPS,
        expert=True,
        help="Ascent leaves calm places calm; Adam moves every pixel: texture grows all over.",
    )
    colour: str = _row(
        "choice",
        "free",
        choices={
            "free": "Free",
            "keep": "Keep the picture's colours",
            "luminance": "Keep the picture's luminance",
            "histogram": "Match the picture's histogram",
        },
        label="Colour",
        group=LOOK,
        help="What happens to the picture's own colours.",
    )
    strength: float = _row(
        "float",
        1.0,
        low=0.0,
        high=2.0,
        label="Strength",
        group=LOOK,
        help="How much of the dream is laid over the picture: 0 is the picture, 1 the dream, "
        "2 twice its change.",
    )
    seed: int = _row(
        "int",
        1,
        low=0,
        high=MAX_SEED,
        label="Seed",
        group=LOOK,
        help="Another number gives another dream of the same kind; the same number repeats it.",
    )
    passes: int = _row(
        "int",
        1,
        low=1,
        high=10000,
        label="Passes",
        group=FEEDBACK,
        expert=True,
        help="How many times the result is dreamed again; each pass gives a frame.",
    )
    zoom: float = _row(
        "float",
        1.0,
        low=0.5,
        high=2.0,
        unit="x",
        label="Zoom per pass",
        group=FEEDBACK,
        expert=True,
        help="How much the picture is enlarged before each further pass.",
    )
    rotate: float = _row(
        "float",
        0.0,
        low=-180.0,
        high=180.0,
        unit="°",
        label="Turn per pass",
        group=FEEDBACK,
        expert=True,
        help="How far the picture is turned, counter-clockwise, before each further pass.",
    )
    shift_x: float = _row(
        "float",
        0.0,
        low=-1000.0,
        high=1000.0,
        unit="px",
        label="Shift right per pass",
        group=FEEDBACK,
        expert=True,
        help="How far the picture is moved to the right before each further pass.",
    )
    shift_y: float = _row(
        "float",
        0.0,
        low=-1000.0,
        high=1000.0,
        unit="px",
        label="Shift down per pass",
        group=FEEDBACK,
        expert=True,
        help="How far the picture is moved down before each further pass.",
    )
    keep: str = _row(
        "choice",
        "result",
        choices={"result": "The result", "octaves": "Each octave", "steps": "Every few steps"},
        label="Keep",
        group=FEEDBACK,
        expert=True,
        help="Which pictures are handed over besides the result.",
    )
    keep_every: int = _row(
        "int",
        5,
        low=1,
        high=1000,
        unit="steps",
        label="Keep every",
        group=FEEDBACK,
        expert=True,
        help="How many steps lie between two kept pictures.",
    )
    device: str = _row(
        "choice",
        "auto",
        choices={
            "auto": "The fastest",
            "cpu": "Processor",
            "cuda": "NVIDIA or AMD GPU",
            "mps": "Apple GPU",
        },
        label="Device",
        group=MACHINE,
        expert=True,
        help="What computes the dream.",
    )
    precision: str = _row(
        "choice",
        "auto",
        choices={
            "auto": "The fastest that looks the same",
            "float32": "32 bit",
            "bfloat16": "16 bit",
        },
        label="Precision",
        group=MACHINE,
        expert=True,
        help="How exactly the network computes; the picture itself is always kept in 32 bit.",
    )
    tile: int = _row(
        "int",
        0,
        low=0,
        high=8192,
        unit="px",
        label="Tile size",
        group=MACHINE,
        expert=True,
        help="Side of the squares in which large pictures are computed; 0 chooses by free memory.",
    )

    def __post_init__(self) -> None:
        for parameter in PARAMETERS.values():
            object.__setattr__(self, parameter.name, parameter.parse(getattr(self, parameter.name)))
        try:
            _ = self.expression
        except ObjectiveError as error:
            raise RecipeError("in-setting", setting="objective", problem=error.message) from None

    @cached_property
    def expression(self) -> Expression:
        """What the objective says."""
        return parse_objective(self.objective)

    def as_dict(self) -> dict[str, Value]:
        """Return every parameter and its value, ready for JSON."""
        return dataclasses.asdict(self)

    def changed(self, **settings: Value) -> Recipe:
        """Return a copy with some parameters replaced. Raises `RecipeError`."""
        return recipe_from(settings, base=self)


PARAMETERS: dict[str, Parameter] = {
    f.name: Parameter(name=f.name, **f.metadata["row"]) for f in dataclasses.fields(Recipe)
}


def recipe_from(settings: Mapping[str, object], base: Recipe | None = None) -> Recipe:
    """Lay `settings` over `base` (the defaults if none). Raises `RecipeError`."""
    for name in settings:
        if name not in PARAMETERS:
            raise RecipeError("unknown-setting", name=name, help=allowed_names(name, PARAMETERS))
    values: dict[str, Any] = {**(base.as_dict() if base else {}), **settings}
    return Recipe(**values)


def parse_settings(text: str) -> dict[str, object]:
    """Read `name=value` pairs separated by `;`, or a JSON object.

    Names and values are checked when a recipe is made of them. Raises `RecipeError`.
    """
    text = text.strip()
    if text.startswith("{"):
        try:
            settings = json.loads(text)
        except ValueError as error:
            raise RecipeError("settings-not-json", reason=str(error)) from None
        return settings
    settings = {}
    for pair in filter(None, (part.strip() for part in text.split(";"))):
        name, equals, value = pair.partition("=")
        if not equals:
            raise RecipeError("settings-not-pairs", pair=pair)
        settings[name.strip()] = value.strip()
    return settings


def allowed_names(name: str, known: Mapping[str, object]) -> Message:
    """Return what helps after a name that does not exist: the nearest one, and all there are."""
    return did_you_mean(name, known, Message("allowed", names=", ".join(known)))
