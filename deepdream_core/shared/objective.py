"""The language in which an objective is typed: `0.5*block4 + block10:42 - class:castle`.

    objective = ["+" | "-"] term { ("+" | "-") term }
    term      = [number "*"] target ["*" number]

A target is of one of the `KINDS`. Each kind says everything about itself: how it is read and
written, what it asks of a network, what the artist is told it is called, and what becomes of it in
another network. To add one, write its class and list it in `KINDS`.
Layers and classes are looked up later, when the network is known.
Standard library only: GIMP's Python imports this module too.
"""

from __future__ import annotations

import math
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from functools import reduce
from typing import Any, ClassVar, Protocol, TypeVar

from deepdream_core.shared.depths import DEPTHS, depth_of, nearest_depth
from deepdream_core.shared.messages import DreamError, Message

_NUMBER = re.compile(r"\d+\.?\d*|\.\d+")


class ObjectiveError(DreamError, ValueError):
    """The text is no objective, or none for this network; the message points at the character."""

    def __init__(self, text: str, position: int, problem: str) -> None:
        self.position = position
        marked = f"{text[:position]}▸{text[position:]}"
        super().__init__("in-objective", problem=problem, position=position + 1, marked=marked)


class TargetError(DreamError, LookupError):
    """What a target names does not exist."""


Score = TypeVar("Score", covariant=True)


class Scores(Protocol[Score]):
    """What a network can be asked to raise. Each method raises `TargetError` if it has no such."""

    def layer(self, layer: str) -> Score:
        """Return the score of a whole layer."""
        ...

    def channel(self, layer: str, channel: int) -> Score:
        """Return the score of one channel, wherever it is active."""
        ...

    def unit(self, layer: str, channel: int, x: float, y: float) -> Score:
        """Return the score of one channel at a relative position, from the upper left corner."""
        ...

    def named(self, name: str) -> Score:
        """Return the score of a class of the classifier, found by its name or number."""
        ...


class Target(ABC):
    """What a term raises or holds back."""

    opening: ClassVar[re.Pattern[str]]
    """How a target of this kind begins."""
    extends: ClassVar[type[Target] | None] = None
    """The kind that has to stand before the opening, if any."""
    example: ClassVar[str]
    """How one is typed."""

    @classmethod
    @abstractmethod
    def read(cls, opening: str, reader: Reader, before: Any) -> Target:
        """Read what follows the opening. `before` is the target of the kind `extends`, or None.

        Raises `ObjectiveError`.
        """

    @abstractmethod
    def __str__(self) -> str:
        """Return it as it is typed; what is read from that is equal to it."""

    @abstractmethod
    def bind(self, scores: Scores[Score]) -> Score:
        """Return the score that stands for it in a network. Raises `TargetError`."""

    @property
    @abstractmethod
    def wording(self) -> str:
        """What the artist is told it is called; a `Message` if it can be translated."""

    @abstractmethod
    def without_layer_name(self) -> Target:
        """Return the nearest target that every network has."""


@dataclass(frozen=True)
class Class(Target):
    """Something that the classifier can name: a number (0-999) or words of its ImageNet label."""

    name: str

    opening = re.compile(r"class\s*:")
    example = "class:castle"
    # A hyphen belongs to a label (black-footed ferret) unless a space stands before it.
    _name = re.compile(r"(?:[^+*\-]|(?<=\S)-(?=\w))+")

    @classmethod
    def read(cls, opening: str, reader: Reader, before: None) -> Class:
        return Class(reader.expect(cls._name, "expected-class").strip())

    def __str__(self) -> str:
        return f"class:{self.name}"

    def bind(self, scores: Scores[Score]) -> Score:
        return scores.named(self.name)

    @property
    def wording(self) -> str:
        return Message("class", number=self.name) if self.name.isdecimal() else self.name

    def without_layer_name(self) -> Class:
        return self


@dataclass(frozen=True)
class Layer(Target):
    """A whole layer, by its name or by a word for its depth."""

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
    """One channel of a layer at one place; x and y are relative (0..1), from the upper left."""

    layer: str
    channel: int
    x: float
    y: float

    extends = Channel
    opening = re.compile("@")
    example = "block10:42@0.3,0.6"
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


KINDS: tuple[type[Target], ...] = (Class, Layer, Channel, Unit)
"""All kinds of targets. The first whose opening fits reads the text: a kind that begins with a word
of its own stands before `Layer`, which takes any word."""


@dataclass(frozen=True)
class Term:
    """A weighted target; a negative weight holds it back."""

    weight: float
    target: Target
    position: int = field(default=0, compare=False)
    """Where its target stands in the text, for errors that are found later."""


@dataclass(frozen=True)
class Expression:
    """An objective as it was typed, and what it says."""

    text: str
    terms: tuple[Term, ...]

    def __str__(self) -> str:
        return written(self.terms)

    def error(self, term: Term, problem: str) -> ObjectiveError:
        """Return an error that points at a term."""
        return ObjectiveError(self.text, term.position, problem)

    def without_layer_names(self) -> str:
        """Return what to type for the like of it in any network: words for depths, and classes.

        Terms that become the same add up. A word cannot be raised and held back at once: what is
        to be held back gives way to the nearest depth that is not raised.
        """
        terms = [Term(term.weight, term.target.without_layer_name()) for term in self.terms]
        raised = {term.target for term in terms if term.weight > 0}
        sums: dict[tuple[Target, bool], Decimal] = {}
        for term in terms:
            held_back = term.weight < 0
            target = _giving_way(term.target, raised) if held_back else term.target
            before = sums.get((target, held_back), Decimal(0))
            sums[target, held_back] = before + Decimal(repr(term.weight))
        if len(sums) == 1:
            # A single term has all the say, whatever its weight.
            sums = {target: Decimal((sum_ > 0) - (sum_ < 0)) for target, sum_ in sums.items()}
        return written(Term(float(sum_), target) for (target, _), sum_ in sums.items())


def _giving_way(target: Target, raised: Collection[Target]) -> Target:
    """Return what to hold back in place of a layer that is among those raised."""
    if target not in raised or not isinstance(target, Layer):
        return target
    free = [word for word in DEPTHS if Layer(word) not in raised] or DEPTHS[:1]
    return Layer(nearest_depth(target.layer, free))


def written(terms: Iterable[Term], target: Callable[[Target], str] = str) -> str:
    """Return terms as they are typed, or with other words for their targets."""
    text = ""
    for term in terms:
        sign = "-" if term.weight < 0 else "+" if text else ""
        text += f" {sign} " if text else sign
        factor = abs(term.weight)
        text += target(term.target) if factor == 1 else f"{_plain(factor)}*{target(term.target)}"
    return text


def _plain(number: float) -> str:
    """Return a number as it is typed, without an exponent; read again, it is the same."""
    return format(Decimal(repr(number)).normalize(), "f")


def parse_objective(text: str) -> Expression:
    """Read an objective. Raises `ObjectiveError`."""
    return Expression(text, tuple(Reader(text).terms()))


class Reader:
    """Reads a text from left to right; spaces between its parts mean nothing."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0
        self._skip_spaces()

    def terms(self) -> Iterable[Term]:
        """Read the text to its end."""
        if self.position == len(self.text):
            raise self.error("objective-missing")
        yield self._term(self.match(_SIGN))
        while self.position < len(self.text):
            yield self._term(self.expect(_SIGN, "expected-sign"))

    def match(self, pattern: re.Pattern[str]) -> str | None:
        """Read what matches and the spaces after it; None if nothing does."""
        found = pattern.match(self.text, self.position)
        if found is None:
            return None
        self.position = found.end()
        self._skip_spaces()
        return found.group()

    def expect(self, pattern: re.Pattern[str], problem: str) -> str:
        """Read what has to match. Raises `ObjectiveError`; `problem` is a message's code."""
        found = self.match(pattern)
        if found is None:
            raise self.error(problem)
        return found

    def error(self, problem: str, position: int | None = None, **arguments: str) -> ObjectiveError:
        """Return an error that points to where the reader is, or to an earlier position."""
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
