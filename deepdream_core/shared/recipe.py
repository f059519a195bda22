"""The table of all parameters of a dream.

The fields of `Recipe` are its rows. The command-line options, the `settings` argument of the GIMP
procedure, the dialog's widgets and the table in the README are all generated from it.
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
from deepdream_core.shared.quoting import listed, quoted, shortened
from deepdream_core.shared.schedules import gathered, may_change, parse_schedule
from deepdream_core.shared.suggestions import did_you_mean

Value = Union[int, float, str]
MAX_SEED = 2**31 - 1
MAX_TEXT = 10_000
"""Characters in a text; no file name and no objective written by a person is longer."""


class RecipeError(DreamError, ValueError):
    """An unknown parameter or a value that is not allowed; the message says what is allowed."""


@dataclass(frozen=True)
class Parameter:
    """One row of the table: a parameter's meaning, its allowed values and how to present it."""

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
    words: Mapping[str, float] = field(default_factory=dict)
    """For numbers: values that also have a name."""
    term: str = ""
    """What the field calls it, where that is not the label."""
    expert: bool = False
    """Whether the dialog shows it only after a click on "More"."""

    def allowed(self) -> str:
        """Return a description of the allowed values for a help text."""
        return ", ".join(self.choices) if self.kind == "choice" else self._expected()

    def _expected(self) -> Message:
        if self.kind == "choice":
            return Message("one-of", choices=", ".join(self.choices))
        if self.kind == "text":
            return Message("any-text")
        low, high = _plain(self.low), _plain(self.high)
        if self.words:
            return Message("word-or-number", words=", ".join(self.words), low=low, high=high)
        if self.kind == "float":
            return Message("number-from-to", low=low, high=high)
        return Message("whole-number-from-to", low=low, high=high)

    def parse(self, value: object) -> Value:
        """Return `value`, text or not, converted to this parameter's type.

        Raises `RecipeError`, which names the parameter and says what is allowed.
        """
        try:
            return self._parse(value)
        except RecipeError:
            raise
        except (TypeError, ValueError, OverflowError):
            raise RecipeError(
                "value-not-allowed",
                setting=self.name,
                value=quoted(value),
                expected=self._expected(),
            ) from None

    def _parse(self, value: object) -> Value:
        if self.kind == "text":
            if not isinstance(value, str):
                raise TypeError
            return self._checked(value).strip()
        if self.kind == "choice":
            if value not in self.choices:
                raise ValueError
            return str(value)
        if isinstance(value, bool) or not isinstance(value, (str, SupportsFloat, SupportsIndex)):
            raise TypeError
        word = isinstance(value, str) and value in self.words
        number = self.words[str(value)] if word else float(value)
        if not self.low <= number <= self.high:
            raise ValueError
        if self.kind == "int":
            if number != int(number):
                raise ValueError
            return int(number)
        return number

    def _checked(self, text: str) -> str:
        if len(text) > MAX_TEXT:
            raise RecipeError("text-too-long", setting=self.name, length=len(text), most=MAX_TEXT)
        try:
            # Python writes the bytes of a file name that is not UTF-8 as surrogates.
            text.encode("utf-8", "surrogateescape")
        except UnicodeEncodeError as error:
            wrong = error.start
        else:
            wrong = text.find("\0")
        if wrong >= 0:
            code = f"U+{ord(text[wrong]):04X}"
            raise RecipeError("text-has", setting=self.name, value=quoted(text), character=code)
        return text


def _plain(number: float) -> str:
    return str(int(number)) if float(number).is_integer() else str(number)


def _row(kind: str, default: Value, **row: Any) -> Any:
    return field(default=default, metadata={"row": {"kind": kind, "default": default, **row}})


FORMS, COLOUR, CALM, MOTION, MACHINE = GROUPS = ("Forms", "Colour", "Calm", "Motion", "Computer")
"""What a setting is about, in the order of the dialog."""


COMPOSING = ("strength", "colour")
"""What changes only how the last pass of a dream is laid over the picture, not what is dreamed."""


@dataclass(frozen=True)
class Recipe:
    """Everything that determines how a dream looks, and the machine settings that made it."""

    model: str = _row(
        "text",
        "efficientnet_lite0",
        label="Network",
        group=FORMS,
        help="The trained network whose memories surface; `deepdream models` lists them all.",
    )
    objective: str = _row(
        "text",
        "block10",
        label="Objective",
        group=FORMS,
        help="What to bring out: a layer (block10, or a depth: edges, textures, patterns, parts, "
        "objects), several (layers:block8,block1?), a channel (block10:42), a unit "
        "(block10:42@0.3,0.6), a layer's mean (block10:mean), the channels that this picture "
        "excites most (block10:strongest3), a caricature (block10:caricature), something else in "
        "each area (block10:diversity), a class (class:castle), several that compete "
        "(class:lion/tiger), or a sum (0.5*block4 + block10).",
    )
    source: str = _row(
        "choice",
        "photo",
        choices={"photo": "The layer", "noise": "Noise"},
        label="Start from",
        group=FORMS,
        help="The picture itself, or noise: then only the picture's size is used, and the result "
        "shows what excites the objective most.",
    )
    guide: str = _row(
        "text",
        "",
        label="Guide picture",
        group=FORMS,
        help="File name of a picture whose features steer the dream.",
    )
    guide_mode: str = _row(
        "choice",
        "match",
        choices={"match": "Form by form", "statistics": "As a whole"},
        label="Follow the guide",
        term="guide mode",
        group=FORMS,
        expert=True,
        help="Form by form (match): each spot grows towards the most similar spot in the guide. As "
        "a whole (statistics): features appear in the same mixture as in the guide.",
    )
    mask: str = _row(
        "text",
        "",
        label="Mask picture",
        group=FORMS,
        expert=True,
        help="File name of a grayscale picture that limits the dream: white areas dream, black "
        "areas stay as they are.",
    )
    motif: float = _row(
        "float",
        0.25,
        low=0.02,
        high=1.0,
        words={"giant": 0.5, "large": 0.33, "medium": 0.25, "small": 0.16, "fine": 0.1},
        label="Motif size",
        group=FORMS,
        help="How much of the short side of the picture, or of the selection, a large motif fills; "
        "the dream is composed alike at every size. Giant, large, medium, small, fine, or a "
        "number.",
    )
    octaves: int = _row(
        "int",
        0,
        low=0,
        high=12,
        label="Number of sizes",
        term="octaves",
        group=FORMS,
        expert=True,
        help="Number of sizes at which the picture is dreamed, up to its own. 0: as many as the "
        "motif size asks for.",
    )
    octave_scale: float = _row(
        "float",
        1.4,
        low=1.05,
        high=3.0,
        unit="x",
        label="Spacing of sizes",
        term="octave scale",
        group=FORMS,
        expert=True,
        help="How much larger each octave is than the previous one.",
    )
    largest_octave: float = _row(
        "float",
        0.0,
        low=0.0,
        high=4.0,
        words={"auto": 0.0, "quarter": 0.25, "half": 0.5, "full": 1.0},
        unit="x",
        label="Finest detail",
        term="largest octave",
        group=FORMS,
        help="Size of the last octave relative to the picture. Auto (0) is the picture's own size "
        "up to 8 megapixels; beyond, the finest dreamed detail, which is seen only at 1:1, is "
        "left out. Above 1: finer than the picture.",
    )
    steps: int = _row(
        "int",
        10,
        low=0,
        high=1000,
        label="Steps",
        group=FORMS,
        help="Number of steps in each octave.",
    )
    fine_steps: float = _row(
        "float",
        0.7,
        low=0.0,
        high=1.0,
        label="Steps at fine sizes",
        term="steps in fine octaves",
        group=FORMS,
        expert=True,
        help="From the sixth octave on, each octave takes this share of the steps of the one "
        "before, at least one: in large pictures, small motifs then leave the large ones visible. "
        "1: every octave takes all steps.",
    )
    step_size: float = _row(
        "float",
        1.5,
        low=0.0,
        high=50.0,
        label="Growth per step",
        term="step size",
        group=FORMS,
        help="How far the average pixel moves in one step, in 255ths of the full range.",
    )
    jitter: int = _row(
        "int",
        32,
        low=0,
        high=512,
        unit="px",
        label="Random shift",
        term="jitter",
        group=CALM,
        expert=True,
        help="Each step shifts the picture randomly by up to this much, which hides the "
        "network's grid.",
    )
    random_turn: float = _row(
        "float",
        0.0,
        low=0.0,
        high=180.0,
        unit="°",
        label="Random turn",
        group=FORMS,
        expert=True,
        help="Each step shows the network the picture turned at random by up to this much; what "
        "grows then fits more than one direction. From noise, 0 means 5.",
    )
    random_zoom: float = _row(
        "float",
        0.0,
        low=0.0,
        high=1.0,
        label="Random zoom",
        group=FORMS,
        expert=True,
        help="Each step shows the network the picture enlarged or shrunk at random by up to this "
        "share; what grows then fits more than one size. From noise, 0 means 0.1.",
    )
    normalise: str = _row(
        "choice",
        "mean",
        choices={
            "mean": "Average",
            "rms": "Root mean square",
            "std": "Spread",
            "none": "The first step only",
        },
        label="Growth measured by",
        term="gradient normalisation",
        group=FORMS,
        expert=True,
        help="What the gradient is divided by before each step; this decides how strongly peaks "
        "stand out: the mean of its absolute values (mean), its root mean square (rms), its "
        "standard deviation (std), or only the size of the octave's first gradient (none).",
    )
    smooth: float = _row(
        "float",
        0.0,
        low=0.0,
        high=16.0,
        unit="px",
        label="Softness",
        term="gradient blur",
        group=CALM,
        expert=True,
        help="Gaussian blur of the gradient, for a painterly dream without fine grain.",
    )
    laplacian: int = _row(
        "int",
        0,
        low=0,
        high=8,
        unit="levels",
        label="Coarse and fine",
        term="Laplacian pyramid",
        group=CALM,
        expert=True,
        help="Number of Laplacian pyramid levels used to balance coarse and fine changes.",
    )
    natural: str = _row(
        "choice",
        "auto",
        choices={"auto": "For classes", "yes": "Always", "no": "Never"},
        label="Natural look",
        term="natural gradient",
        group=CALM,
        help="The gradient gets the frequencies and colours of photographs, for calmer, larger, "
        "clearer forms. Without it, classes are little more than coloured noise.",
    )
    crispness: float = _row(
        "float",
        0.6,
        low=0.05,
        high=1.0,
        label="Crispness",
        group=CALM,
        help="How much of the finest detail a natural look brings: 1 is as crisp as wire, less is "
        "smoother, as if painted.",
    )
    balance: str = _row(
        "choice",
        "octave",
        choices={"octave": "At every size", "start": "Once"},
        label="Balance a mix",
        group=FORMS,
        expert=True,
        help="When the terms of a sum are scaled so that equal weights have equal say.",
    )
    headroom: float = _row(
        "float",
        2.0,
        low=0.0,
        high=4.0,
        label="Headroom",
        group=COLOUR,
        expert=True,
        help="How far dark areas are lifted and light areas lowered where they would leave the "
        "dream no room; 0 leaves them as they are.",
    )
    tv: float = _row(
        "float",
        0.0,
        low=0.0,
        high=1.0,
        label="Less noise",
        term="total variation",
        group=CALM,
        help="Smooths out noise between neighbouring pixels of the dream without weakening it; the "
        "picture's own noise stays.",
    )
    pull: float = _row(
        "float",
        0.0,
        low=0.0,
        high=1.0,
        label="Stay near the picture",
        term="pull towards the source",
        group=CALM,
        expert=True,
        help="Fraction of the change so far that is undone at each step.",
    )
    optimiser: str = _row(
        "choice",
        "ascent",
        choices={"ascent": "By importance", "adam": "All alike"},
        label="Way of growing",
        term="optimiser",
        group=FORMS,
        expert=True,
        help="By importance (gradient ascent): a pixel moves further the more it matters. All "
        "alike (Adam): they move about alike, and almost twice as far with the same step size.",
    )
    colour: str = _row(
        "choice",
        "free",
        choices={
            "free": "Free",
            "keep": "Keep the picture's colours",
            "luminance": "Keep the picture's brightness",
            "histogram": "Match the picture's histogram",
            "guide": "Take the guide's colours",
        },
        label="Colour",
        group=COLOUR,
        help="What happens to the picture's own colours; the guide's can be taken where there is a "
        "guide picture.",
    )
    colourfulness: float = _row(
        "float",
        0.6,
        low=0.0,
        high=1.0,
        label="Colourfulness",
        group=COLOUR,
        help="How many colours of its own a natural look brings: 0 as many as a photograph, 1 all "
        "of them.",
    )
    plain_areas: float = _row(
        "float",
        1.0,
        low=0.0,
        high=1.0,
        label="Dream in plain areas",
        group=CALM,
        help="How strongly plain areas, such as walls and clear skies, dream: 1 like everything "
        "else, 0 hardly at all. Dreams from noise have no plain areas.",
    )
    strength: float = _row(
        "float",
        1.0,
        low=0.0,
        high=2.0,
        label="Strength",
        group=FORMS,
        help="How much of the dream is mixed in: 0 is the picture, 1 the dream, 2 twice the "
        "change.",
    )
    seed: int = _row(
        "int",
        1,
        low=0,
        high=MAX_SEED,
        label="Seed",
        group=FORMS,
        help="A different number gives a different dream of the same kind; the same number "
        "repeats it.",
    )
    passes: int = _row(
        "int",
        1,
        low=1,
        high=10000,
        label="Passes",
        group=MOTION,
        expert=True,
        help="How many times to dream, each time on the previous result; each pass gives a frame.",
    )
    zoom: float = _row(
        "float",
        1.0,
        low=0.5,
        high=2.0,
        unit="x",
        label="Zoom per pass",
        group=MOTION,
        expert=True,
        help="How much to enlarge the picture before each further pass.",
    )
    rotate: float = _row(
        "float",
        0.0,
        low=-180.0,
        high=180.0,
        unit="°",
        label="Turn per pass",
        group=MOTION,
        expert=True,
        help="How far to turn the picture, counter-clockwise, before each further pass.",
    )
    tones: str = _row(
        "choice",
        "hold",
        choices={"hold": "Hold those of the first pass", "free": "Let them change"},
        label="Tones over passes",
        group=MOTION,
        expert=True,
        help="Whether each pass of a moving dream keeps the brightness and contrast of the first; "
        "otherwise, they grow until much is black or white.",
    )
    schedule: str = _row(
        "text",
        "",
        label="Drift",
        term="schedule",
        group=MOTION,
        expert=True,
        help="What changes on the way: from pass to pass, such as zoom=1.02 -> 1.06, or from the "
        "smallest octave to the largest, such as step_size=3 -> 1 over octaves; several are "
        "separated by |. The command line takes each by itself, too.",
    )
    shift_x: float = _row(
        "float",
        0.0,
        low=-1000.0,
        high=1000.0,
        unit="px",
        label="Shift right per pass",
        group=MOTION,
        expert=True,
        help="How far to move the picture to the right before each further pass.",
    )
    shift_y: float = _row(
        "float",
        0.0,
        low=-1000.0,
        high=1000.0,
        unit="px",
        label="Shift down per pass",
        group=MOTION,
        expert=True,
        help="How far to move the picture down before each further pass.",
    )
    keep: str = _row(
        "choice",
        "result",
        choices={"result": "Only the result", "octaves": "Each octave", "steps": "Every few steps"},
        label="Keep",
        group=MOTION,
        expert=True,
        help="Which intermediate pictures to keep besides the result.",
    )
    keep_every: int = _row(
        "int",
        5,
        low=1,
        high=1000,
        unit="steps",
        label="Keep every",
        group=MOTION,
        expert=True,
        help="Number of steps from one kept picture to the next.",
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
        label="Compute on",
        term="device",
        group=MACHINE,
        expert=True,
        help="What to compute the dream on.",
    )
    precision: str = _row(
        "choice",
        "auto",
        choices={
            "auto": "The fastest that looks the same",
            "float32": "32 bit",
            "tf32": "32 bit (TF32)",
            "bfloat16": "16 bit",
        },
        label="Precision",
        group=MACHINE,
        expert=True,
        help="Number format of the network's arithmetic; the picture itself always stays in "
        "32 bits.",
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
        help="Side of the square tiles in which large pictures are computed; 0 adapts it to the "
        "computer's memory.",
    )

    def __post_init__(self) -> None:
        for parameter in PARAMETERS.values():
            object.__setattr__(self, parameter.name, parameter.parse(getattr(self, parameter.name)))
        objectives: list[str] = []
        for name, change in parse_schedule(self.schedule).items():
            if not change.may_be_of(name):
                text, names = shortened(self.schedule), listed(may_change(change.over))
                raise RecipeError("schedule-wrong", text=text, names=names)
            for stop in change.stops:
                PARAMETERS[name].parse(stop)
            if name == "objective":
                objectives += change.stops
        try:
            _ = self.expression
            for objective in objectives:
                parse_objective(objective)
        except ObjectiveError as error:
            raise RecipeError("in-setting", setting="objective", problem=error.message) from None

    @cached_property
    def expression(self) -> Expression:
        """The parsed objective."""
        return parse_objective(self.objective)

    def as_dict(self) -> dict[str, Value]:
        """Return all parameters and their values, ready for JSON."""
        return dataclasses.asdict(self)

    def as_composed_by(self, other: Recipe) -> Recipe:
        """Return a copy whose dream is composed in the way of another recipe (`COMPOSING`)."""
        return self.changed(**{name: getattr(other, name) for name in COMPOSING})

    def changed(self, **settings: Value) -> Recipe:
        """Return a copy with some parameters replaced. Raises `RecipeError`."""
        return recipe_from(settings, base=self)


PARAMETERS: dict[str, Parameter] = {
    f.name: Parameter(name=f.name, **f.metadata["row"]) for f in dataclasses.fields(Recipe)
}


def recipe_from(settings: Mapping[str, object], base: Recipe | None = None) -> Recipe:
    """Return `base` (the defaults if None) with `settings` applied. Raises `RecipeError`."""
    if not isinstance(settings, Mapping):
        raise RecipeError("settings-not-json", reason=quoted(settings))
    for name in settings:
        if name not in PARAMETERS:
            known = allowed_names(str(name), PARAMETERS)
            raise RecipeError("unknown-setting", name=shortened(str(name)), help=known)
    settings = gathered(settings, base.schedule if base else "")
    values: dict[str, Any] = {**(base.as_dict() if base else {}), **settings}
    return Recipe(**values)


def parse_settings(text: str) -> dict[str, object]:
    """Parse `name=value` pairs separated by `;`, or a JSON object.

    Names and values are not checked here, but by `recipe_from`. Raises `RecipeError`.
    """
    text = text.strip()
    if text.startswith("{"):
        return read_json_object(text)
    settings = {}
    for pair in filter(None, (part.strip() for part in text.split(";"))):
        name, equals, value = pair.partition("=")
        if not equals:
            raise RecipeError("settings-not-pairs", pair=shortened(pair))
        settings[name.strip()] = value.strip()
    return settings


def read_json_object(text: str | bytes) -> dict[str, Any]:
    """Parse a JSON object. Raises `RecipeError` for anything else, however it is nested."""
    try:
        found = json.loads(text)
    except RecursionError:
        raise RecipeError("settings-not-json", reason=Message("nested-too-deeply")) from None
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise RecipeError("settings-not-json", reason=shortened(str(error), 120)) from None
    except ValueError:
        raise RecipeError("settings-not-json", reason=Message("number-too-long")) from None
    if not isinstance(found, dict):
        raise RecipeError("settings-not-json", reason=quoted(found))
    return found


def allowed_names(name: str, known: Mapping[str, object]) -> Message:
    """Return a hint for an unknown name: the most similar known name, and all known names."""
    return did_you_mean(name, known, Message("allowed", names=listed(known)))
