"""The syntax of objectives: `0.5*block4 + block10:42 - class:castle`.

    objective = ["+" | "-"] term { ("+" | "-") term }
    term      = [number "*"] target ["*" number]

Several classes, as in `class:lion/tiger`, compete for each area of the picture.

A target is one of the `KINDS`. Each kind is a class that knows everything about itself: how it is
read and written, which score of a network it stands for, its name for the artist, and its
equivalent in another network. To add a kind, write its class and list it in `KINDS`.
Layers and classes are looked up later, when the network is known.
"""

from __future__ import annotations

import math
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import reduce
from typing import Any, ClassVar, Protocol, TypeVar

from deepdream_core.shared.depths import DEPTHS, depth_of, nearest_depth
from deepdream_core.shared.messages import DreamError, Message
from deepdream_core.shared.quoting import marked

_NUMBER = re.compile(r"\d+\.?\d*|\.\d+")


class ObjectiveError(DreamError, ValueError):
    """The text is not an objective, or not one for this network; the message shows where."""

    def __init__(self, text: str, position: int, problem: str) -> None:
        self.position = position
        shown = marked(text, position)
        super().__init__("in-objective", problem=problem, position=position + 1, marked=shown)


class TargetError(DreamError, LookupError):
    """The network has no such layer, channel or class."""


Score = TypeVar("Score", covariant=True)


class Scores(Protocol[Score]):
    """The scores that a network offers. Each method raises `TargetError` for one it lacks."""

    def layer(self, layer: str) -> Score:
        """Return the score of a whole layer."""
        ...

    def channel(self, layer: str, channel: int) -> Score:
        """Return the score of one channel, wherever it is active."""
        ...

    def unit(self, layer: str, channel: int, x: float, y: float) -> Score:
        """Return the score of one channel at a relative position (0..1 from the upper left)."""
        ...

    def layers(self, patterns: Sequence[str]) -> Score:
        """Return the score of all layers whose names match any of the patterns (`*`, `?`)."""
        ...

    def mean(self, layer: str) -> Score:
        """Return the sum of a layer's activations, which raises all of them alike."""
        ...

    def strongest(self, layer: str, count: int) -> Score:
        """Return the score of the channels that the picture excites most."""
        ...

    def caricature(self, layer: str) -> Score:
        """Return the score that exaggerates what a layer sees in the picture, where it sees it."""
        ...

    def diversity(self, layer: str) -> Score:
        """Return the score that makes a layer see something else in each area."""
        ...

    def named(self, names: Sequence[str]) -> Score:
        """Return the score of a class, or of several that compete, found by name or number."""
        ...


class Target(ABC):
    """What a term raises or suppresses."""

    opening: ClassVar[re.Pattern[str]]
    """The text that a target of this kind starts with."""
    extends: ClassVar[type[Target] | None] = None
    """The kind of target that must come before the opening, if any."""
    example: ClassVar[str]
    """One such target, as an artist would type it."""
    placed: ClassVar[bool] = False
    """Whether it is about a place in the picture."""

    @classmethod
    @abstractmethod
    def read(cls, opening: str, reader: Reader, before: Any) -> Target:
        """Read what follows the opening; `before` is the target that this one extends, if any.

        Raises `ObjectiveError`.
        """

    @abstractmethod
    def __str__(self) -> str:
        """Return the target as typed; parsing that text gives an equal target."""

    @abstractmethod
    def bind(self, scores: Scores[Score]) -> Score:
        """Return the score of this target in a network. Raises `TargetError`."""

    @property
    @abstractmethod
    def wording(self) -> str:
        """Its name for the artist; a `Message` if it can be translated."""

    @abstractmethod
    def without_layer_name(self) -> Target:
        """Return the most similar target that every network has."""


@dataclass(frozen=True)
class Class(Target):
    """A class of the classifier, by number (0-999) or by words from its ImageNet label.

    Several, with slashes between them, compete for each area of the picture.
    """

    name: str

    opening = re.compile(r"class\s*:")
    example = "class:castle"
    # A hyphen is part of a label (black-footed ferret) unless a space precedes it.
    _name = re.compile(r"(?:[^+*\-]|(?<=\S)-(?=\w))+")

    @classmethod
    def read(cls, opening: str, reader: Reader, before: None) -> Class:
        return Class(reader.expect(cls._name, "expected-class").strip())

    def __str__(self) -> str:
        return f"class:{self.name}"

    def bind(self, scores: Scores[Score]) -> Score:
        return scores.named([name.strip() for name in self.name.split("/")])

    @property
    def wording(self) -> str:
        return Message("class", number=self.name) if self.name.isdecimal() else self.name

    def without_layer_name(self) -> Class:
        return self


@dataclass(frozen=True)
class Layer(Target):
    """A whole layer, by name or by a word for its depth."""

    layer: str

    opening = re.compile(r"[A-Za-z_][\w./]*")
    example = "block10"

    @classmethod
    def read(cls, opening: str, reader: Reader, before: None) -> Layer:
        return Layer(opening)

    def __str__(self) -> str:
        return self.layer

    def bind(self, scores: Scores[Score]) -> Score:
        return scores.layer(self.layer)

    @property
    def wording(self) -> str:
        return self.layer

    def without_layer_name(self) -> Layer:
        return Layer(depth_of(self.layer))


@dataclass(frozen=True)
class Channel(Target):
    """One channel of a layer: one kind of pattern."""

    layer: str
    channel: int

    extends = Layer
    opening = re.compile(":")
    example = "block10:42"
    _number = re.compile(r"\d{1,9}(?!\d)")

    @classmethod
    def read(cls, opening: str, reader: Reader, before: Layer) -> Channel:
        return Channel(before.layer, int(reader.expect(cls._number, "expected-channel")))

    def __str__(self) -> str:
        return f"{self.layer}:{self.channel}"

    def bind(self, scores: Scores[Score]) -> Score:
        return scores.channel(self.layer, self.channel)

    @property
    def wording(self) -> str:
        return f"{self.layer}:{self.channel}"

    def without_layer_name(self) -> Layer:
        return Layer(self.layer).without_layer_name()


@dataclass(frozen=True)
class Unit(Target):
    """One channel of a layer at one position; x and y run from 0 to 1 from the upper left."""

    layer: str
    channel: int
    x: float
    y: float

    extends = Channel
    opening = re.compile("@")
    example = "block10:42@0.3,0.6"
    placed = True
    _comma = re.compile(",")

    @classmethod
    def read(cls, opening: str, reader: Reader, before: Channel) -> Unit:
        x = cls._coordinate(reader)
        reader.expect(cls._comma, "expected-comma")
        return Unit(before.layer, before.channel, x, cls._coordinate(reader))

    @staticmethod
    def _coordinate(reader: Reader) -> float:
        start = reader.position
        value = float(reader.expect(_NUMBER, "expected-position"))
        if value > 1.0:
            raise reader.error("expected-position", start)
        return value

    def __str__(self) -> str:
        return f"{self.layer}:{self.channel}@{_plain(self.x)},{_plain(self.y)}"

    def bind(self, scores: Scores[Score]) -> Score:
        return scores.unit(self.layer, self.channel, self.x, self.y)

    @property
    def wording(self) -> str:
        x, y = f"{self.x:.0%}", f"{self.y:.0%}"
        return Message("unit", layer=self.layer, channel=self.channel, x=x, y=y)

    def without_layer_name(self) -> Layer:
        return Layer(self.layer).without_layer_name()


@dataclass(frozen=True)
class Layers(Target):
    """Several whole layers with equal say, by their names or by patterns with `*` and `?`."""

    patterns: tuple[str, ...]

    opening = re.compile(r"layers\s*:")
    example = "layers:block8,block1?"
    _names = re.compile(r"[\w./*?]+(?:,[\w./*?]+)*")

    @classmethod
    def read(cls, opening: str, reader: Reader, before: None) -> Layers:
        return Layers(tuple(reader.expect(cls._names, "expected-layers").split(",")))

    def __str__(self) -> str:
        return f"layers:{','.join(self.patterns)}"

    def bind(self, scores: Scores[Score]) -> Score:
        return scores.layers(self.patterns)

    @property
    def wording(self) -> str:
        return str(self)

    def without_layer_name(self) -> Layer:
        return Layer(self.patterns[0]).without_layer_name()


@dataclass(frozen=True)
class LayerAspect(Target):
    """Something that can be raised in a whole layer, written as a word after its name."""

    layer: str

    extends = Layer
    word: ClassVar[str]

    @classmethod
    def read(cls, opening: str, reader: Reader, before: Layer) -> Target:
        return cls(before.layer)

    def __str__(self) -> str:
        return f"{self.layer}:{self.word}"

    @property
    def wording(self) -> str:
        return Message(self.word, layer=self.layer)

    def without_layer_name(self) -> Layer:
        return Layer(self.layer).without_layer_name()


class Mean(LayerAspect):
    """A layer's activations alike, rather than the strong ones more."""

    word = "mean"
    opening = re.compile(r":\s*mean\b")
    example = "block10:mean"

    def bind(self, scores: Scores[Score]) -> Score:
        return scores.mean(self.layer)


class Caricature(LayerAspect):
    """What a layer sees in this picture, exaggerated where it sees it."""

    word = "caricature"
    opening = re.compile(r":\s*caricature\b")
    example = "block10:caricature"

    def bind(self, scores: Scores[Score]) -> Score:
        return scores.caricature(self.layer)


class Diversity(LayerAspect):
    """Something else in each area of the picture, as a layer sees it."""

    word = "diversity"
    opening = re.compile(r":\s*diversity\b")
    example = "block10:diversity"

    def bind(self, scores: Scores[Score]) -> Score:
        return scores.diversity(self.layer)


@dataclass(frozen=True)
class Strongest(LayerAspect):
    """The channels of a layer that this picture excites most."""

    count: int

    word = "strongest"
    opening = re.compile(r":\s*strongest")
    example = "block10:strongest3"
    _count = re.compile(r"[1-9]\d{0,3}(?!\d)")

    @classmethod
    def read(cls, opening: str, reader: Reader, before: Layer) -> Strongest:
        return Strongest(before.layer, int(reader.expect(cls._count, "expected-count")))

    def __str__(self) -> str:
        return f"{self.layer}:{self.word}{self.count}"

    def bind(self, scores: Scores[Score]) -> Score:
        return scores.strongest(self.layer, self.count)

    @property
    def wording(self) -> str:
        return Message("strongest", layer=self.layer, count=self.count)


KINDS: tuple[type[Target], ...] = (
    *(Class, Layers, Layer),
    *(Mean, Caricature, Diversity, Strongest),
    *(Channel, Unit),
)
"""All kinds of targets. The first one whose opening matches reads the text, so one that starts with
a keyword must come before `Layer`, which accepts any word, or before `Channel`."""


@dataclass(frozen=True)
class Term:
    """A weighted target; a negative weight suppresses it."""

    weight: float
    target: Target
    position: int = field(default=0, compare=False)
    """Index of the target in the text, for errors that are found later."""


@dataclass(frozen=True)
class Expression:
    """An objective: the text as typed, and its parsed terms."""

    text: str
    terms: tuple[Term, ...]

    def __str__(self) -> str:
        return written(self.terms)

    @property
    def placed(self) -> bool:
        """Whether any term is about a place in the picture."""
        return any(term.target.placed for term in self.terms)

    def error(self, term: Term, problem: str) -> ObjectiveError:
        """Return an error that points at a term."""
        return ObjectiveError(self.text, term.position, problem)

    def without_layer_names(self) -> str:
        """Return a similar objective for any network, made of depth words and classes only.

        Terms that become equal are added up. The same word cannot be both raised and suppressed:
        a suppressed one moves to the nearest depth that is not raised.
        """
        terms = [Term(term.weight, term.target.without_layer_name()) for term in self.terms]
        raised = {term.target for term in terms if term.weight > 0}
        sums: dict[tuple[Target, bool], Decimal] = {}
        for term in terms:
            suppressed = term.weight < 0
            target = _moved_away(term.target, raised) if suppressed else term.target
            before = sums.get((target, suppressed), Decimal(0))
            sums[target, suppressed] = before + Decimal(repr(term.weight))
        if len(sums) == 1:
            # The weight of a single term makes no difference.
            sums = {target: Decimal((sum_ > 0) - (sum_ < 0)) for target, sum_ in sums.items()}
        return written(Term(float(sum_), target) for (target, _), sum_ in sums.items())


def _moved_away(target: Target, raised: Collection[Target]) -> Target:
    """Return the target to suppress, moved to another depth if `raised` contains it."""
    if target not in raised or not isinstance(target, Layer):
        return target
    free = [word for word in DEPTHS if Layer(word) not in raised] or DEPTHS[:1]
    return Layer(nearest_depth(target.layer, free))


def written(terms: Iterable[Term], target: Callable[[Target], str] = str) -> str:
    """Return terms as an artist would type them; `target` formats the targets."""
    text = ""
    for term in terms:
        sign = "-" if term.weight < 0 else "+" if text else ""
        text += f" {sign} " if text else sign
        factor = abs(term.weight)
        text += target(term.target) if factor == 1 else f"{_plain(factor)}*{target(term.target)}"
    return text


def _plain(number: float) -> str:
    """Return a number without an exponent; parsing the text gives the same number."""
    return format(Decimal(repr(number)).normalize(), "f")


def parse_objective(text: str) -> Expression:
    """Parse an objective. Raises `ObjectiveError`."""
    return Expression(text, tuple(Reader(text).terms()))


class Reader:
    """Reads the text of an objective from left to right, ignoring spaces between its parts."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0
        self._skip_spaces()

    def terms(self) -> Iterable[Term]:
        """Read the whole text."""
        if self.position == len(self.text):
            raise self.error("objective-missing")
        yield self._term(self.match(_SIGN))
        while self.position < len(self.text):
            yield self._term(self.expect(_SIGN, "expected-sign"))

    def match(self, pattern: re.Pattern[str]) -> str | None:
        """Read what matches `pattern` and any spaces after it; return None if nothing does."""
        found = pattern.match(self.text, self.position)
        if found is None:
            return None
        self.position = found.end()
        self._skip_spaces()
        return found.group()

    def expect(self, pattern: re.Pattern[str], problem: str) -> str:
        """Read what matches `pattern`, or raise `ObjectiveError` with the message `problem`."""
        found = self.match(pattern)
        if found is None:
            raise self.error(problem)
        return found

    def error(self, problem: str, position: int | None = None, **arguments: str) -> ObjectiveError:
        """Return an error at the reader's position, or at an earlier one."""
        at = self.position if position is None else position
        return ObjectiveError(self.text, at, Message(problem, **arguments))

    def _term(self, sign: str | None) -> Term:
        weight, start = -1.0 if sign == "-" else 1.0, self.position
        if (factor := self.match(_NUMBER)) is not None:
            self.expect(_TIMES, "expected-times")
            weight *= float(factor)
        position = self.position
        target = self._target()
        if self.match(_TIMES):
            weight *= float(self.expect(_NUMBER, "expected-weight"))
        if not math.isfinite(weight):
            raise self.error("weight-too-large", start)
        return Term(weight, target, position)

    def _target(self) -> Target:
        target = self._target_after(None)
        if target is None:
            raise self.error("expected-target", examples=_examples())
        while (longer := self._target_after(target)) is not None:
            target = longer
        return target

    def _target_after(self, before: Target | None) -> Target | None:
        kind_before = type(before) if before else None
        for kind in KINDS:
            if kind.extends is kind_before and (opening := self.match(kind.opening)):
                return kind.read(opening, self, before)
        return None

    def _skip_spaces(self) -> None:
        while self.position < len(self.text) and self.text[self.position].isspace():
            self.position += 1


_SIGN = re.compile(r"[+-]")
_TIMES = re.compile(r"\*")


def _examples() -> str:
    examples = [kind.example for kind in KINDS if kind.extends is None]
    return reduce(lambda one, other: Message("either", first=one, second=other), examples)
